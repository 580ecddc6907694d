"""How the watch is left: what still asks is broken off, what decides is finished (R19)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

import pytest

from alerts.evidence import Answer, Evidence, Need
from alerts.market_hours import MarketHours
from alerts.reading import Missing, Reading
from alerts.schedule import FINISH_WITHIN_S, MarketHoursTrigger, Schedule
from alerts.sources import Collected
from alerts.store.database import Database
from alerts.store.models import ObservationRow
from tests.alerts.world import Figures, World, level

LONG_BEFORE_IT_WOULD_BE_CUT_OFF_S = FINISH_WITHIN_S - 2


class Silent(Figures):
    """A source that never answers."""

    def __init__(self) -> None:
        super().__init__()
        self.is_asked = asyncio.Event()

    async def collect(self, needs: Collection[Need[Answer]], known: Evidence) -> Collected:
        self.is_asked.set()
        await asyncio.Event().wait()
        raise AssertionError("nobody ever sets that event")


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The market is looked at when the schedule begins, and not again."""

    def once(self: MarketHoursTrigger, previous: datetime | None, now: datetime) -> datetime:
        return now + (timedelta(0) if previous is None else timedelta(days=1))

    monkeypatch.setattr(MarketHoursTrigger, "get_next_fire_time", once)


@asynccontextmanager
async def scheduled(world: World) -> AsyncIterator[asyncio.Event]:
    """A schedule that runs until the event is set, and must then be over in time."""
    stop = asyncio.Event()
    schedule = Schedule(world.watch, MarketHours(()), Random(0))
    running = asyncio.create_task(schedule.run(stop))
    try:
        yield stop
        async with asyncio.timeout(LONG_BEFORE_IT_WOULD_BE_CUT_OFF_S):
            await running
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


def asks(world: World) -> bool:
    return world.watch.asking


async def test_a_look_that_still_asks_holds_nobody_up(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    world = World(database, [level()])
    world.say(0, 90)
    silent = Silent()
    silent.answers = world.figures.answers
    world.sources = (silent,)
    world.start_again()
    with caplog.at_level(logging.WARNING):
        async with scheduled(world) as stop:
            await silent.is_asked.wait()
            assert asks(world)
            stop.set()
    assert not asks(world)
    assert caplog.records == []
    assert await world.rows(ObservationRow) == []


async def test_a_look_that_decides_is_finished(database: Database) -> None:
    loop, decides = asyncio.get_running_loop(), asyncio.Event()
    indicator = level()

    def series(evidence: Evidence) -> Sequence[Reading | Missing]:
        loop.call_soon_threadsafe(decides.set)
        return indicator.series(evidence)

    world = World(database, [replace(indicator, series=series)])
    world.say(0, 90)
    async with scheduled(world) as stop:
        async with database.write():
            await decides.wait()
            stop.set()
        assert not asks(world)
    assert len(await world.rows(ObservationRow)) == 1
