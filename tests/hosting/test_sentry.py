"""Sentry is asked for by a setting, and gets the words of the code and no others."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from alerts import correlation
from alerts.clock import SetClock
from bot import sentry
from bot.logs import HIDDEN, Hiding
from bot.settings import Settings
from tests.emulators.discord import DiscordEmulator
from tests.emulators.sentry import SentryEmulator
from tests.service.conftest import Service, StartService

START = datetime(2025, 11, 3, 21, tzinfo=UTC)
Begin = Callable[[SentryEmulator], tuple[Service, DiscordEmulator]]


def test_without_the_setting_nothing_is_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sentry_sdk", None)
    assert sentry.begin(Settings(), SetClock(START)) is False


def test_with_the_setting_and_without_the_package_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "sentry_sdk", None)
    with pytest.raises(sentry.SentryMissing, match=f"{sys.executable} -m pip install 'sentry-sdk"):
        sentry.begin(
            Settings(sentry_dsn=SecretStr("https://key@sentry.example/1")), SetClock(START)
        )


@pytest.fixture
def begin(start: StartService, data: Path) -> Iterator[Begin]:
    """A service whose first message breaks in the library: Discord answers with no message."""
    with DiscordEmulator() as discord:
        discord.add_channel(discord.add_guild("Fund"), "alerts")
        discord.answer_with(200, "[]", content_type="application/json", where="/messages")

        def begun(there: SentryEmulator) -> tuple[Service, DiscordEmulator]:
            env = {
                "BUBBLEWATCH_DISCORD_TOKEN": discord.token,
                "BUBBLEWATCH_DISCORD_API_URL": discord.api_url,
                "BUBBLEWATCH_SENTRY_DSN": there.dsn,
            }
            return start(data, env=env), discord

        yield begun


async def test_an_error_arrives_with_its_correlation_and_without_anybodys_names(
    begin: Begin,
) -> None:
    with SentryEmulator() as there:
        service, discord = begin(there)
        failed = json.loads(service.wait_for("failed unexpectedly", 60))
        await discord.until(there.items, 20)
        assert service.stop()[0] == 0
        [(kind, event)] = there.items()
    assert kind == "event"
    assert event["tags"] == {"correlation": failed["correlation"]}
    assert event["logentry"] == {"message": "posting to %s failed unexpectedly"}
    [error] = event["exception"]["values"]
    assert error["stacktrace"]["frames"][-1]["function"]
    [channel], [guild] = discord.channels.values(), discord.guilds.values()
    told = json.dumps(event)
    assert channel.id in failed["message"]
    for private in (channel.id, guild.id, discord.token, str(Path.home()), "Fund"):
        assert private not in told
    # Nothing but what is named: no host, no command line, no variables.
    assert set(event) <= {*sentry._PLAIN, "logentry", "exception", "tags"}
    # Nor does anything of it travel with what is asked of others.
    assert not any("baggage" in {name.lower() for name in one.headers} for one in discord.requests)


async def test_a_sentry_that_does_not_answer_holds_nothing_up(begin: Begin) -> None:
    with SentryEmulator() as there:
        there.hang()
        service, discord = begin(there)
        service.wait_for("failed unexpectedly", 60)
        await discord.until(lambda: there.requests, 20)
        await discord.until(lambda: discord.commands.of(None), 20)
        code, seconds = service.stop()
    assert code == 0
    assert seconds < sentry.SHUTDOWN_S + 8
    assert "Sentry" not in service.output


async def test_a_sentry_that_is_not_there_holds_nothing_up(begin: Begin) -> None:
    with SentryEmulator() as there:
        pass
    service, discord = begin(there)
    service.wait_for("failed unexpectedly", 60)
    await discord.until(lambda: discord.commands.of(None), 20)
    assert service.stop()[0] == 0


def an_event(*, line: int = 1, message: str = "it failed for %s") -> dict[str, Any]:
    frame = {"filename": "bot/x.py", "lineno": line, "vars": {"note": "'sell it all'"}}
    value = "no C0123456789 of 123456789012345678, with a-very-secret-token"
    return {
        "logger": "bot.x",
        "logentry": {"message": message, "params": ["sell it all"], "formatted": "… sell it all"},
        "exception": {
            "values": [{"type": "KeyError", "value": value, "stacktrace": {"frames": [frame]}}]
        },
        "extra": {"sys.argv": ["bubblewatch"]},
        "server_name": "adas-laptop",
    }


def test_an_event_is_made_anew_of_what_may_leave() -> None:
    with correlation.begun("0a1b2c3d"):
        told = sentry.told(an_event(), Hiding(["a-very-secret-token"]))
    assert told == {
        "logger": "bot.x",
        "logentry": {"message": "it failed for %s"},
        "exception": {
            "values": [
                {
                    "type": "KeyError",
                    "module": None,
                    "mechanism": None,
                    "value": f"no [identifier] of [identifier], with {HIDDEN}",
                    "stacktrace": {"frames": [{"filename": "bot/x.py", "lineno": 1}]},
                }
            ]
        },
        "tags": {"correlation": "0a1b2c3d"},
    }


def test_the_same_error_ten_thousand_times_is_sent_once_in_a_quarter_of_an_hour() -> None:
    clock = SetClock(START)
    seldom = sentry.Seldom(clock)
    assert sum(seldom.lets(an_event()) for _ in range(10_000)) == 1
    assert seldom.lets(an_event(line=2))
    clock.set(START + timedelta(minutes=15))
    assert seldom.lets(an_event())


def test_errors_of_ever_new_kinds_are_no_storm_either() -> None:
    clock = SetClock(START)
    seldom = sentry.Seldom(clock)
    assert sum(seldom.lets(an_event(line=line)) for line in range(1000)) == sentry.MOST
    clock.set(START + sentry.APART)
    assert seldom.lets(an_event(line=2000))
