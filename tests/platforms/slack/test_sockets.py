"""Sockets that drop, go deaf, are refused or told to go: they come back, and nothing is lost."""

from __future__ import annotations

import asyncio

import pytest
from pydantic import SecretStr

from bot.platforms import PlatformRefused
from bot.platforms.slack import sockets
from tests.emulators.slack import SlackEmulator
from tests.platforms.slack.conftest import Acme
from tests.platforms.slack.office import Office, words


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch, slack: SlackEmulator) -> None:
    """Pings and pauses of a tenth of their length. Slack's one socket address a minute is off."""
    monkeypatch.setattr(sockets, "PING_EVERY_S", 0.3)
    monkeypatch.setattr(sockets, "FIRST_PAUSE_S", 0.05)
    monkeypatch.setattr(sockets, "LINGER_S", 0.3)
    slack.rates.per_minute.pop("apps.connections.open")


async def works(office: Office, slack: SlackEmulator, acme: Acme) -> bool:
    asked = slack.slash(acme.team, acme.general, acme.ben, "show nvda")
    await asked.acknowledged()
    return "Nvidia" in words(await asked.answered())


async def test_a_socket_that_is_to_be_refreshed_is_replaced_before_it_ends(
    office: Office, slack: SlackEmulator, acme: Acme
) -> None:
    async with office.connected():
        await slack.disconnect("warning")
        # Throughout, some socket is there to take a command.
        for _ in range(5):
            assert await works(office, slack, acme)
        await slack.until(lambda: slack.sockets.opened >= 2, 5)
        await slack.until(lambda: len(slack.sockets.live()) == 1, 5)
        assert await works(office, slack, acme)


@pytest.mark.parametrize("reason", ["refresh_requested", "link_disabled"])
async def test_a_socket_that_slack_closes_comes_back(
    office: Office, slack: SlackEmulator, acme: Acme, reason: str
) -> None:
    async with office.connected():
        await slack.disconnect(reason)  # type: ignore[arg-type]
        await slack.until(lambda: slack.sockets.opened >= 2, 5)
        assert await works(office, slack, acme)


async def test_a_socket_that_drops_comes_back(
    office: Office, slack: SlackEmulator, acme: Acme
) -> None:
    async with office.connected():
        slack.drop_sockets()
        await slack.until(lambda: slack.sockets.opened >= 2, 5)
        assert await works(office, slack, acme)


async def test_a_socket_that_goes_deaf_is_noticed_and_replaced(
    office: Office, slack: SlackEmulator, acme: Acme
) -> None:
    async with office.connected():
        slack.go_deaf()
        await slack.until(lambda: slack.sockets.opened >= 2, 10)
        assert await works(office, slack, acme)


async def test_refused_sockets_are_tried_again_with_a_new_address_each_time(
    office: Office, slack: SlackEmulator, acme: Acme
) -> None:
    slack.refuse_sockets(3)
    async with office.connected():
        assert slack.sockets.refused == 3
        assert len(slack.calls_of("apps.connections.open")) == 4
        assert await works(office, slack, acme)


async def test_a_slack_that_cannot_be_reached_is_waited_for(
    office: Office, slack: SlackEmulator, acme: Acme
) -> None:
    slack.break_with("apps.connections.open", 503, times=2)
    async with office.connected():
        assert await works(office, slack, acme)


async def test_a_spare_socket_takes_over_without_a_gap(
    office: Office, slack: SlackEmulator, acme: Acme, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sockets, "SPARE_AFTER_S", 0.1)
    async with office.connected(2):
        slack.on_loop(slack.sockets.live()[0].drop)
        await slack.until(lambda: len(slack.sockets.live()) == 1, 5)
        assert await works(office, slack, acme)
        await slack.until(lambda: len(slack.sockets.live()) == 2, 5)


async def test_a_command_in_hand_is_answered_though_its_socket_is_gone(
    office: Office, slack: SlackEmulator, acme: Acme
) -> None:
    async with office.connected():
        asked = slack.slash(acme.team, acme.general, acme.ben, "show nvda")
        await asked.acknowledged()
        slack.drop_sockets()
        assert "Nvidia" in words(await asked.answered())


async def test_an_event_that_was_not_acknowledged_comes_again_and_is_done_once(
    office: Office, slack: SlackEmulator, acme: Acme
) -> None:
    slack.deadline = 0.5
    slack.event_retries = (0.2, 0.5, 1.0)
    async with office.connected():
        slack.go_deaf()
        told = slack.join(acme.team, acme.general)
        await slack.until(lambda: told.ack, 10, "the event was not told again")
        assert len(told.attempts) >= 2
        await office.platform.at_rest()
    assert len(await office.deliveries()) == 1


@pytest.mark.parametrize(
    ("setting", "sentence"),
    [
        ("slack_bot_token", "does not take the bot token"),
        ("slack_app_token", "does not take the app token"),
    ],
)
async def test_a_token_that_is_wrong_is_told_to_the_operator(
    office: Office, setting: str, sentence: str
) -> None:
    setattr(office.settings, setting, SecretStr("xoxb-wrong"))
    platform = office.another_platform()
    with pytest.raises(PlatformRefused, match=sentence):
        await asyncio.wait_for(platform.run(), 5)


async def test_what_is_missing_in_the_settings_is_named(office: Office) -> None:
    office.settings.slack_app_token = None
    with pytest.raises(PlatformRefused, match="SLACK_APP_TOKEN, or BUBBLEWATCH_SLACK_SIGNING"):
        await office.another_platform().run()
