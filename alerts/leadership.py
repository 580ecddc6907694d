"""Duties that one process has at a time: the schedule, each platform's connection.

On SQLite one process runs and has them all. On PostgreSQL several may run: each tries for the
duties with advisory locks, and when the process that has one dies, another goes on within seconds.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from sqlalchemy.exc import SQLAlchemyError

from alerts.clock import Clock
from alerts.outbox import Outbox
from alerts.store.database import Database
from alerts.store.locks import Locks, Seen

log = logging.getLogger(__name__)

LOOK_EVERY_S = 2.0
LOOK_WITHIN_S = 4.0
"""A database that answers later than this may have given our locks to others."""
DEAD_AFTER_LOOKS = 3
"""A worker that so many looks in a row did not see is dead."""

_NOTHING = Seen(frozenset(), frozenset())


@dataclass
class _Duty:
    mine: asyncio.Event = field(default_factory=asyncio.Event)
    lost: asyncio.Event = field(default_factory=asyncio.Event)


class Leadership:
    """One process's part. Nothing is tried for until `kept` is entered."""

    def __init__(
        self, database: Database, clock: Clock, *, look_every_s: float = LOOK_EVERY_S
    ) -> None:
        self.alone = database.is_sqlite
        self.worker: int | None = None if self.alone else secrets.randbelow(2**31 - 1) + 1
        """Our name among the workers; None where there is only one."""
        self._locks = None if self.worker is None else Locks(database, self.worker)
        self._clock = clock
        self.look_every_s = look_every_s
        self._duties: dict[str, _Duty] = {}
        self._looks: deque[frozenset[int]] = deque(maxlen=DEAD_AFTER_LOOKS)
        self._wanted = asyncio.Event()

    @asynccontextmanager
    async def kept(self) -> AsyncIterator[None]:
        """Try for duties and hold them; at the end others may have them at once."""
        if self._locks is None:
            yield
            return
        looking = asyncio.create_task(self._look_for_ever(self._locks))
        try:
            yield
        finally:
            looking.cancel()
            await asyncio.gather(looking, return_exceptions=True)
            self._settle(_NOTHING)
            await self._locks.drop()

    def has(self, duty: str) -> bool:
        """Whether this process has a duty that it works on in `while_mine`."""
        return self.alone or (duty in self._duties and self._duties[duty].mine.is_set())

    def living(self) -> frozenset[int] | None:
        """The workers seen in the last few looks; None before there were enough of them."""
        if len(self._looks) < DEAD_AFTER_LOOKS:
            return None
        return frozenset().union(*self._looks)

    async def while_mine(self, duty: str, work: Callable[[], Awaitable[None]]) -> None:
        """Wait for the duty and do its work; when the duty is lost, stop and wait again.

        Returns when the work ends by itself; its errors go through.
        """
        if self.alone:
            await work()
            return
        own = self._duties.setdefault(duty, _Duty())
        self._wanted.set()
        try:
            while True:
                await own.mine.wait()
                log.info("this process has the duty «%s»", duty)
                if await _until_lost(work, own.lost):
                    return
                log.warning("the duty «%s» was lost; waiting for it", duty)
        finally:
            del self._duties[duty]

    async def _look_for_ever(self, locks: Locks) -> None:
        while True:
            self._wanted.clear()
            try:
                async with asyncio.timeout(LOOK_WITHIN_S):
                    seen = await locks.look(tuple(self._duties))
            except (SQLAlchemyError, OSError, TimeoutError) as error:
                log.warning("the database does not answer; duties are given up: %s", error)
                self._settle(_NOTHING)
                self._looks.clear()
                await locks.drop()
            else:
                self._settle(seen)
                self._looks.append(seen.living)
            await self._pause()

    async def _pause(self) -> None:
        """Until the next look; a new wish is looked after at once."""
        pausing = asyncio.ensure_future(self._clock.sleep(self.look_every_s))
        wanting = asyncio.ensure_future(self._wanted.wait())
        try:
            await asyncio.wait({pausing, wanting}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            pausing.cancel()
            wanting.cancel()
            await asyncio.gather(pausing, wanting, return_exceptions=True)

    def _settle(self, seen: Seen) -> None:
        for name, duty in self._duties.items():
            if name in seen.mine:
                duty.lost.clear()
                duty.mine.set()
            elif duty.mine.is_set():
                duty.mine.clear()
                duty.lost.set()


async def release_leases_of_dead(leadership: Leadership, outbox: Outbox, clock: Clock) -> None:
    """Until cancelled: what workers had in hand that died is there for others."""
    while True:
        living = leadership.living()
        if living is not None:
            try:
                released = await outbox.release_leases_of_dead(living)
            except SQLAlchemyError as error:
                log.warning("leases of dead workers could not be ended; trying again: %s", error)
            else:
                if released:
                    log.warning("%d deliveries of a dead worker are taken over", released)
        await clock.sleep(leadership.look_every_s)


async def _until_lost(work: Callable[[], Awaitable[None]], lost: asyncio.Event) -> bool:
    """True when the work ended by itself, False when it was cut off."""
    working = asyncio.ensure_future(work())
    losing = asyncio.ensure_future(lost.wait())
    try:
        await asyncio.wait({working, losing}, return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            await working
            return True
        return False
    finally:
        for task in (working, losing):
            task.cancel()
        await asyncio.gather(working, losing, return_exceptions=True)
