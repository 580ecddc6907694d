"""Play a span of history through the very same watch, rules, outbox and platform."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from alerts.clock import SetClock
from alerts.evidence import Answer, Evidence, Need
from alerts.indicators import catalogue
from alerts.outbox import Outbox
from alerts.platform import Platform
from alerts.reading import Reading
from alerts.sources import Collected
from alerts.store import schema
from alerts.store.database import Database, sqlite_url
from alerts.watch import Watch
from bot.answer import answer
from bot.app import TERMINAL
from bot.commands import Request, Services
from bot.compose import Composer


class PastSource:
    """Everything that is known today, cut to what could be known at the clock's time."""

    name = "past"

    def __init__(self, evidence: Evidence, clock: SetClock) -> None:
        self._evidence = evidence
        self._clock = clock

    def supplies(self, need: Need[Answer]) -> bool:
        return need in self._evidence

    async def collect(self, needs: Collection[Need[Answer]], known: Evidence) -> Collected:
        wanted = Evidence({need: self._evidence[need] for need in needs})
        return Collected(wanted.known_by(self._clock.now()))

    async def close(self) -> None:
        """Nothing is held open."""


def moments(evidence: Evidence, start: datetime, end: datetime) -> list[datetime]:
    """Every instant within (start, end] at which some indicator has a new value."""
    found: set[datetime] = set()
    for indicator in catalogue().values():
        found.update(
            reading.as_of
            for reading in indicator.series(evidence)
            if isinstance(reading, Reading) and start < reading.as_of <= end
        )
    return sorted(found)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)


def end_of(day: date) -> datetime:
    """The last second of a day, in UTC."""
    return _midnight(day + timedelta(days=1)) - timedelta(seconds=1)


MakePlatform = Callable[[Composer], Platform]


@asynccontextmanager
async def _stage(
    evidence: Evidence, clock: SetClock, make_platform: MakePlatform
) -> AsyncIterator[tuple[Watch, Outbox, Services]]:
    """A service of its own in a folder that goes away, with nobody subscribed."""
    with TemporaryDirectory(prefix="bubblewatch-replay-") as folder:
        database = Database(sqlite_url(Path(folder) / "replay.db"))
        try:
            await schema.upgrade(database)
            indicators = catalogue()
            platform = make_platform(Composer(database, indicators, clock))
            outbox = Outbox(database, {platform.name: platform}, clock, Random(0))
            source = PastSource(evidence, clock)
            watch = Watch(database, indicators, (source,), Evidence(), clock, tells_staleness=False)
            yield watch, outbox, Services(database, indicators, clock, watch, outbox.wake)
        finally:
            await database.close()


async def replay(
    evidence: Evidence,
    first: date,
    last: date,
    make_platform: MakePlatform,
    *,
    presets: Sequence[str] = ("article",),
    language: str | None = None,
    days_per_second: float | None = None,
    on_day: Callable[[date], None] = lambda day: None,
) -> int:
    """Play the days from `first` to `last`, both included; returns the number of alerts.

    `make_platform` gives what takes the place of the terminal. Without `days_per_second` it runs
    as fast as it can. The clock is set: every message is told as on its own day.
    """
    start, end = _midnight(first), end_of(last)
    clock = SetClock(start)
    alerts = 0
    async with _stage(evidence, clock, make_platform) as (watch, outbox, services):
        # What was known before the span is history; nobody is told of it.
        await watch.tick()
        request = Request(TERMINAL, "replay", language)
        if language is not None:
            await answer(services, request, f"settings language {language}")
        for preset in presets:
            await answer(services, request, f"subscribe {preset}")
        for moment in moments(evidence, start, end):
            if days_per_second is not None:
                gap = (moment - clock.now()) / timedelta(days=1)
                await asyncio.sleep(gap / days_per_second)
            clock.set(moment)
            on_day(moment.date())
            alerts += (await watch.tick()).alerts
            await outbox.drain()
    return alerts
