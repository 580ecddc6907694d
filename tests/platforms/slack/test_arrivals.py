"""Comings and goings: greeted once, switched off at once, told elsewhere (R24, R25, R30)."""

from __future__ import annotations

import pytest

from bot.platforms.slack.workspaces import PLATFORM
from tests.emulators.slack import SlackEmulator
from tests.emulators.slack.interactions import Interaction
from tests.platforms.slack.conftest import Acme
from tests.platforms.slack.office import Office, texts

pytestmark = pytest.mark.usefixtures("quick_posts")


async def off_reason(office: Office, acme: Acme, channel: str) -> str | None:
    return (await office.destination(acme.team, channel)).off_reason


async def off_because(office: Office, acme: Acme, channel: str) -> str:
    """The reason, once all that Slack told is worked on."""
    await office.platform.at_rest()
    reason = await off_reason(office, acme, channel)
    assert reason is not None
    return reason


async def test_who_invites_the_bot_is_greeted_once(
    office: Office, slack: SlackEmulator, acme: Acme
) -> None:
    async with office.connected(), office.delivering():
        await slack.join(acme.team, acme.general).acknowledged()
        await slack.until(lambda: acme.general.messages, 5)
        await slack.join(acme.team, acme.random).acknowledged()
        await slack.join(acme.team, acme.general, acme.ben).acknowledged()
    assert "greeting" in texts(acme.general)[0]
    assert len(acme.general.messages) + len(acme.random.messages) == 1


async def test_r25_an_app_that_is_removed_is_silent_at_once(
    office: Office, slack: SlackEmulator, acme: Acme
) -> None:
    for channel in (acme.general, acme.random):
        await office.home(acme.team, channel.id)
    async with office.connected():
        for told in slack.uninstall(acme.team):
            await told.acknowledged()
        for channel in (acme.general, acme.random):
            assert "Install it again" in await off_because(office, acme, channel.id)
    await office.alert(acme.team, acme.general.id)
    await office.outbox.drain()
    assert slack.calls_of("chat.postMessage") == []


async def test_r25_a_token_that_slack_takes_again_switches_everything_on_again(
    office: Office, slack: SlackEmulator, acme: Acme
) -> None:
    await office.home(acme.team, acme.general.id)
    slack.refuse_token(acme.team, "account_inactive")
    await office.alert(acme.team, acme.general.id)
    await office.outbox.drain()
    assert await off_reason(office, acme, acme.general.id) is not None
    slack.refuse_token(acme.team, None)
    async with office.connected():
        assert await off_reason(office, acme, acme.general.id) is None
    await office.outbox.drain()
    assert "value 1" in texts(acme.general)[0]


async def test_r25_a_token_that_is_revoked_counts_as_removal_and_a_persons_token_does_not(
    office: Office, slack: SlackEmulator, acme: Acme
) -> None:
    await office.home(acme.team, acme.general.id)
    async with office.connected():
        other = {"type": "tokens_revoked", "tokens": {"oauth": [acme.ann.id], "bot": []}}
        await slack.event(acme.team, other).acknowledged()
        await slack.revoke_tokens(acme.team).acknowledged()
        await off_because(office, acme, acme.general.id)


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ("archive", "archived"),
        ("delete_channel", "deleted"),
        ("leave", "taken out"),
    ],
)
async def test_r30_a_channel_that_is_lost_keeps_its_rules_and_its_owner_is_told_alone(
    office: Office, slack: SlackEmulator, acme: Acme, what: str, words: str
) -> None:
    await office.home(acme.team, acme.general.id, owner=acme.ben.id)
    async with office.connected(), office.delivering():
        told: Interaction = getattr(slack, what)(acme.team, acme.general)
        await told.acknowledged()
        assert words in await off_because(office, acme, acme.general.id)
        direct = acme.team.direct(acme.ben)
        await slack.until(lambda: direct.messages, 5, "the owner was not told")
    assert acme.general.id in texts(direct)[0]


async def test_r30_what_happens_to_channels_without_rules_is_nothing_to_us(
    office: Office, slack: SlackEmulator, acme: Acme
) -> None:
    async with office.connected():
        await slack.archive(acme.team, acme.random).acknowledged()
        await slack.leave(acme.team, acme.general, acme.cai).acknowledged()
    assert PLATFORM == "slack"
    assert await office.deliveries() == []
