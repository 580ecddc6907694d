"""When the watch looks: APScheduler in the same event loop."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from random import Random

from apscheduler.events import (
    EVENT_JOB_ERROR,
    EVENT_JOB_MAX_INSTANCES,
    EVENT_JOB_MISSED,
    JobEvent,
)
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.cron import CronTrigger

from alerts.indicators import Cadence
from alerts.market_hours import MarketHours
from alerts.retention import Retention
from alerts.watch import Watch

log = logging.getLogger(__name__)

WHILE_TRADING = timedelta(minutes=5)
OTHERWISE = timedelta(hours=1)
# The market source counts a session's close as final twenty minutes after the bell.
AFTER_THE_BELL = timedelta(minutes=21)
FILINGS_EVERY = timedelta(hours=6)
FILINGS_JITTER = timedelta(minutes=30)
# APScheduler cancels what is still running; a tick needs at most a few seconds to commit.
FINISH_WITHIN_S = 8.0


class MarketHoursTrigger(BaseTrigger):  # type: ignore[misc]
    """Every five minutes while New York trades, soon after each close, and hourly otherwise."""

    def __init__(self, hours: MarketHours) -> None:
        self._hours = hours

    def get_next_fire_time(self, previous: datetime | None, now: datetime) -> datetime:
        return next_look(self._hours, now)


def next_look(hours: MarketHours, now: datetime) -> datetime:
    """The first moment to look at the market after `now`."""
    now = now.astimezone(UTC)
    hourly = _next_multiple(now, OTHERWISE)
    running = hours.running_session(now)
    if running is not None:
        return min(_next_multiple(now, WHILE_TRADING), running.closes)
    moments = [hourly]
    coming = hours.next_close(now)
    if coming is not None:
        moments.append(coming.opens)
    last = hours.last_session(now.date())
    if last is not None and now < last.closes + AFTER_THE_BELL:
        moments.append(last.closes + AFTER_THE_BELL)
    return min(moment for moment in moments if moment > now)


def _next_multiple(now: datetime, step: timedelta) -> datetime:
    seconds = int(step.total_seconds())
    return datetime.fromtimestamp((int(now.timestamp()) // seconds + 1) * seconds, UTC)


class FilingsTrigger(BaseTrigger):  # type: ignore[misc]
    """A few times a day, never on the minute: many programs ask the SEC at full hours."""

    def __init__(self, random: Random) -> None:
        self._random = random

    def get_next_fire_time(self, previous: datetime | None, now: datetime) -> datetime:
        jitter = FILINGS_JITTER * self._random.random()
        return (previous or now.astimezone(UTC)) + FILINGS_EVERY + jitter


class Schedule:
    """Runs the watch at its times; `run` owns everything it starts."""

    def __init__(
        self,
        watch: Watch,
        hours: MarketHours,
        random: Random,
        retention: Retention | None = None,
    ) -> None:
        self._watch = watch
        self._hours = hours
        self._random = random
        self._retention = retention
        self._running: set[asyncio.Task[object]] = set()
        self._breaks_off = False

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop` is set; then a tick in hand is finished, unless it still asks."""
        scheduler = AsyncIOScheduler(timezone=UTC)
        scheduler.add_listener(
            _report, EVENT_JOB_ERROR | EVENT_JOB_MISSED | EVENT_JOB_MAX_INSTANCES
        )
        jobs: list[tuple[str, BaseTrigger, Cadence]] = [
            ("market", MarketHoursTrigger(self._hours), Cadence.SESSION),
            ("filings", FilingsTrigger(self._random), Cadence.FILING),
        ]
        for name, trigger, cadence in jobs:
            scheduler.add_job(
                self._tick,
                trigger,
                args=[(cadence,)],
                id=name,
                coalesce=True,
                max_instances=1,
                # The default of one second drops a run in silence when the machine was busy.
                misfire_grace_time=None,
            )
        scheduler.add_job(
            self._watch.digest,
            CronTrigger(second=0, timezone=UTC),
            id="digests",
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,
        )
        if self._retention is not None:
            scheduler.add_job(
                self._retention.clear_up,
                # Any minute will do, when New York and Europe are asleep.
                CronTrigger(hour=5, minute=self._random.randrange(60), timezone=UTC),
                id="clearing up",
                coalesce=True,
                max_instances=1,
                misfire_grace_time=None,
            )
        scheduler.start()
        try:
            await stop.wait()
        finally:
            scheduler.pause()
            await self._finish()
            scheduler.shutdown(wait=False)

    async def _tick(self, cadences: Collection[Cadence]) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._running.add(task)
        try:
            await self._watch.tick(cadences)
        except asyncio.CancelledError:
            # APScheduler would tell of a failure.
            if not self._breaks_off:
                raise
        finally:
            if task is not None:
                self._running.discard(task)

    async def _finish(self) -> None:
        running = set(self._running)
        if self._watch.asking:
            self._breaks_off = True
            for task in running:
                task.cancel()
        if running:
            await asyncio.wait(running, timeout=FINISH_WITHIN_S)


def _report(event: JobEvent) -> None:
    """No run is lost in silence."""
    if event.code == EVENT_JOB_ERROR:
        log.error("job %s failed", event.job_id, exc_info=event.exception)
    elif event.code == EVENT_JOB_MISSED:
        log.error("job %s missed its run at %s", event.job_id, event.scheduled_run_time)
    else:
        log.warning("job %s is still running; this run is left out", event.job_id)
