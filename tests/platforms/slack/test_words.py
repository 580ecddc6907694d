"""What the program really says, through Slack: every kind of message and every reading command."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from alerts.indicators import catalogue
from alerts.store.models import DeliveryKind
from bot.compose import Composer
from bot.locales import LANGUAGES, translator
from bot.platforms.slack.blocks import fallback, render
from tests.emulators.slack import SlackEmulator
from tests.emulators.slack.block_kit import problems_of_message
from tests.platforms.slack.conftest import Acme
from tests.platforms.slack.office import Office, words


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("kind", "notice"),
    [
        (DeliveryKind.NOTICE, {"notice": "greeting"}),
        (DeliveryKind.NOTICE, {"notice": "lost", "channel": "C1", "reason": "it was deleted"}),
        (DeliveryKind.NOTICE, {"notice": "back"}),
        (DeliveryKind.BOARD, {}),
        (DeliveryKind.DIGEST, {}),
    ],
)
async def test_every_kind_of_message_is_within_slacks_limits(
    office: Office, acme: Acme, kind: DeliveryKind, notice: Mapping[str, str], language: str
) -> None:

    composer = Composer(office.database, catalogue(), office.clock)
    await office.home(acme.team, acme.general.id, language=language)
    message = await office.message(acme.team, acme.general.id, kind=kind, notice=notice)
    reply = await composer(message)
    blocks = render(reply, translator(language))
    assert blocks
    assert problems_of_message(blocks) == []
    assert fallback(reply)


@pytest.mark.parametrize(
    "line",
    [
        "help",
        "status",
        "sources",
        "show nvda",
        "why nvda",
        "alert list",
        "log",
        "history",
        "help show",
    ],
)
async def test_every_answer_is_within_slacks_limits(
    office: Office, slack: SlackEmulator, acme: Acme, line: str
) -> None:
    """The fixture says what was against the limits."""
    async with office.connected():
        await slack.slash(acme.team, acme.general, acme.ann, "subscribe article").answered()
        for person in (acme.ann, acme.cai):
            asked = slack.slash(acme.team, acme.general, person, line)
            assert words(await asked.answered())
