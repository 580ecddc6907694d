"""What the service tells of itself: looks, deliveries and connections, as they happen."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Iterator
from contextlib import suppress
from io import StringIO
from random import Random

import pytest
import structlog
from pydantic import BaseModel
from sqlalchemy import text

from alerts.clock import SetClock
from alerts.indicators import Cadence, catalogue
from alerts.outbox import Outbox
from alerts.platform import DestinationGone, Message, TemporaryFailure
from alerts.sources.record import Record
from alerts.watch import Watch
from bot.app import TERMINAL
from bot.connections import keep_connected
from bot.logs import configure
from bot.platforms import PlatformRefused
from bot.vitals import LinkState, Vitals
from tests.bot.conftest import NOW, Talk


class Place:
    """A platform that does what it is told."""

    name = TERMINAL.platform

    def __init__(self) -> None:
        self.troubles: list[Exception] = []
        self.nonces: list[str] = []

    async def post(self, message: Message) -> str:
        self.nonces.append(message.nonce)
        if self.troubles:
            raise self.troubles.pop(0)
        return message.nonce

    async def find(self, message: Message) -> str | None:
        return None


def counted(vitals: Vitals, name: str, **labels: str) -> float:
    return vitals.registry.get_sample_value(name, labels) or 0.0


@pytest.fixture
def vitals(talk: Talk) -> Vitals:
    return Vitals(talk.clock)


async def test_a_look_tells_how_it_ended_and_one_that_asks_nobody_tells_nothing(
    talk: Talk, vitals: Vitals, record: Record
) -> None:
    database = talk.services.database
    watch = Watch(database, catalogue(), (), record.evidence, talk.clock, on_tick=vitals.tick)
    await watch.tick(())
    assert vitals.last_tick is None

    await watch.tick((Cadence.SESSION,))
    assert await vitals.next_sign()
    assert vitals.last_good_tick_at == NOW

    async with database.write() as connection:
        await connection.execute(text("ALTER TABLE source RENAME TO gone"))
    with pytest.raises(Exception, match="source"):
        await watch.tick((Cadence.SESSION,))
    assert not await vitals.next_sign()
    assert counted(vitals, "bubblewatch_ticks_total", outcome="good") == 1
    assert counted(vitals, "bubblewatch_ticks_total", outcome="failed") == 1


async def test_each_try_at_a_delivery_tells_how_it_ended(talk: Talk, vitals: Vitals) -> None:
    await talk.text("pin")
    place = Place()
    place.troubles = [TemporaryFailure("busy", 2.0), DestinationGone("it is gone")]
    outbox = Outbox(
        talk.services.database, {place.name: place}, talk.clock, Random(1), vitals.outcome
    )
    for outcome in ("retry", "parked"):
        await outbox.drain()
        name = "bubblewatch_deliveries_total"
        assert counted(vitals, name, platform=place.name, outcome=outcome) == 1
        talk.clock.set(talk.clock.now().replace(hour=talk.clock.now().hour + 1))


class Held:
    """A connection whose fate a test decides."""

    def __init__(self, *fates: Exception | None) -> None:
        self._fates = list(fates)

    async def run(self) -> None:
        if self._fates:
            fate = self._fates.pop(0)
            if fate is not None:
                raise fate
            return
        await asyncio.Event().wait()


async def test_a_connection_tells_when_it_runs_breaks_and_is_refused(vitals: Vitals) -> None:
    seen: list[LinkState] = []

    def told(name: str, state: LinkState) -> None:
        vitals.link(name, state)
        seen.append(state)

    clock = SetClock(NOW)
    held = Held(OSError("lost"), None, PlatformRefused("a bad token"))
    await keep_connected("chat", held, clock, Random(1), told)
    running, broken = LinkState.RUNNING, LinkState.BROKEN
    assert seen == [running, broken, running, broken, running, LinkState.REFUSED]
    assert vitals.links["chat"].state is LinkState.REFUSED
    assert counted(vitals, "bubblewatch_connection_losses_total", platform="chat") == 2


async def test_a_connection_that_holds_is_running(vitals: Vitals) -> None:
    task = asyncio.create_task(
        keep_connected("chat", Held(), SetClock(NOW), Random(1), vitals.link)
    )
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert vitals.links["chat"].state is LinkState.RUNNING
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    assert vitals.links == {}, "another replica may hold it now"


class NoSecrets(BaseModel):
    """Settings without any."""


@pytest.fixture
def logged() -> Iterator[StringIO]:
    """The log as machines read it."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    out = StringIO()
    configure(NoSecrets(), "INFO", out)
    yield out
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


async def test_a_delivery_says_which_command_it_came_from(talk: Talk, logged: StringIO) -> None:
    await talk.text("status")
    await talk.text("pin")
    place = Place()
    await Outbox(talk.services.database, {place.name: place}, talk.clock, Random(1)).drain()
    events = [json.loads(line) for line in logged.getvalue().splitlines()]
    by_command = {
        event["message"]: event["correlation"] for event in events if "command" in event["message"]
    }
    [delivered] = [event for event in events if event["message"].startswith("delivery")]
    assert delivered["message"].endswith(": sent")
    assert delivered["correlation"] == by_command["the command “pin” was answered"]
    assert by_command["the command “status” was answered"] != delivered["correlation"]
    assert place.nonces[0].startswith(delivered["correlation"])


async def test_a_note_is_nobody_elses_business(talk: Talk, logged: StringIO) -> None:
    await talk.text('alert add top5 above 50% note "between us"')
    assert "alert add" in logged.getvalue()
    assert "between us" not in logged.getvalue()
