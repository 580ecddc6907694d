"""Deliveries: claim, send, settle, retry (RULES.md R15, R20 to R24).

The outbox knows a platform only by its Protocol. What is claimed and never settled comes back
when its lease ends, and is looked for on the platform before it is sent again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Coroutine, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from random import Random
from typing import Any

from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection

from alerts.clock import Clock
from alerts.messages import Prepared, prepare
from alerts.platform import Editor, Message, Platform
from alerts.sending import Ended, Lost, Sender
from alerts.store import deliveries, destinations
from alerts.store.database import Database
from alerts.store.deliveries import Claim, Outcome
from alerts.store.models import DeliveryState
from alerts.turns import bits

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=90)
IN_HAND = 500
"""So many messages at once on each platform: a platform that is slow delays no other."""
FOLD_AFTER = timedelta(hours=24)
FOLD_EVERY = timedelta(minutes=1)
GATHER_S = 0.01
"""What ends within this time is settled in one transaction."""
GATHER_MORE_S = 0.2
"""While others are under way, few that ended wait so long for more: a transaction for each message
would cost more than to send it."""
MANY = 250
BEGUN_AT_ONCE = 25
"""What is begun together ends together, and would hold up the loop for as long at its end."""
DATABASE_PAUSE_S = 5.0
LOOK_AROUND_S = 1.0
"""So often a worker among several looks for work that others made."""


class Outbox:
    """Sends what is due. Several may run on one database."""

    def __init__(
        self,
        database: Database,
        platforms: Mapping[str, Platform],
        clock: Clock,
        random: Random,
        on_outcome: Callable[[str, Outcome], None] = lambda platform, outcome: None,
        *,
        worker: int | None = None,
        speaks_for: Callable[[str], bool] = lambda platform: True,
    ) -> None:
        """`on_outcome` is told how each try on a platform ended. Where several workers share the
        database, `worker` is this one's number, and `speaks_for` says which platforms are its own
        at the moment.
        """
        self._database = database
        self._platforms = platforms
        self._clock = clock
        self._sender = Sender(clock, random)
        self._on_outcome = on_outcome
        self._worker = worker
        self._speaks_for = speaks_for
        self._signal = asyncio.Event()
        self._hurry = asyncio.Event()
        self._in_hand: dict[str, set[asyncio.Task[None]]] = {}
        self._ended: list[Ended] = []
        self._settled = 0
        self._folded_at: datetime | None = None

    def wake(self) -> None:
        """There may be something to send."""
        self._folded_at = None
        self._signal.set()
        self._hurry.set()

    async def run(self) -> None:
        """Send whenever something is due, until cancelled.

        Each message is on its own: what is due next for one destination does not wait for a slow
        or broken one (R21).
        """
        try:
            while True:
                self._signal.clear()
                self._hurry.clear()
                try:
                    await self._round()
                    await self._wait_for_work()
                except OperationalError as error:
                    # Locked for long, or the disk is full: what was sent stays in mind meanwhile.
                    log.error("the database does not answer; trying again: %s", error)
                    await self._clock.sleep(DATABASE_PAUSE_S)
        finally:
            await self._let_go()

    async def drain(self) -> int:
        """Send everything that is due now; returns how many deliveries were settled."""
        before = self._settled
        self._folded_at = None
        try:
            while await self._round() or self._is_busy():
                if not self._ended:
                    await self._signal.wait()
                await self._clock.sleep(GATHER_S)
                self._signal.clear()
        finally:
            await self._let_go()
        return self._settled - before

    async def release_leases(self) -> None:
        """Whatever was claimed was claimed by a process that is gone. For a sole process only."""
        async with self._database.write() as connection:
            await deliveries.release(connection, self._clock.now())

    async def release_leases_of_dead(self, living: Collection[int]) -> int:
        """Whatever was claimed by workers other than these comes back now; returns how much."""
        async with self._database.write(beside=True) as connection:
            return await deliveries.release_of_dead(connection, living, self._clock.now())

    def _is_busy(self) -> bool:
        return bool(self._ended) or any(self._in_hand.values())

    def _room(self, platform: str) -> int:
        return IN_HAND - len(self._in_hand.get(platform, ()))

    async def _round(self) -> int:
        """One transaction that settles what ended and claims what is due, then sends the latter.

        Returns how many deliveries were claimed.
        """
        ended, self._ended = self._ended, []
        try:
            claims = await self._settle_and_claim(ended)
        except OperationalError:
            self._ended = [*ended, *self._ended]
            raise
        except Exception:
            if not ended:
                raise
            log.exception("a transaction failed; each delivery is settled by itself")
            for one in ended:
                await self._settle_alone(one)
            claims = await self._settle_and_claim([])
        self._settled += len(ended)
        for platform, mine in claims.items():
            await self._take_in_hand(self._platforms[platform], mine)
        return sum(map(len, claims.values()))

    async def _settle_and_claim(self, ended: Sequence[Ended]) -> dict[str, list[Claim]]:
        free = self._free()
        if not ended and not free:
            return {}
        folds = self._folded_at is None or self._clock.now() - self._folded_at >= FOLD_EVERY
        # What touches more than the deliveries in our own hand takes its turn among the writers.
        alone = folds or any(one.lost is not None for one in ended)
        async with self._database.write(beside=not alone) as connection:
            now = self._clock.now()
            await self._settle(connection, ended, now)
            if folds:
                self._folded_at = now
                await deliveries.fold(connection, now - FOLD_AFTER)
            return {
                name: await deliveries.claim(
                    connection, name, now, now + LEASE, self._room(name), self._worker
                )
                for name in free
            }

    def _free(self) -> list[str]:
        """The platforms for which this worker speaks and has a hand free."""
        return [name for name in self._platforms if self._room(name) > 0 and self._speaks_for(name)]

    async def _settle(
        self, connection: AsyncConnection, ended: Sequence[Ended], now: datetime
    ) -> None:
        for one in ended:
            if one.lost is not None:
                await _switch_off(connection, one.lost, now)
        await deliveries.settle(connection, [one.outcome for one in ended], now)

    async def _settle_alone(self, ended: Ended) -> None:
        """What could not be settled comes back when its lease ends."""
        try:
            async with self._database.write() as connection:
                await self._settle(connection, [ended], self._clock.now())
        except Exception:
            log.exception("delivery %s could not be settled", ended.outcome.claim.id)

    async def _take_in_hand(self, platform: Platform, claims: Sequence[Claim]) -> None:
        if not claims:
            return
        editor = isinstance(platform, Editor)
        async with self._database.read() as connection:
            prepared = await prepare(connection, claims, self._clock.now(), editor=editor)
        async for some in bits(prepared, BEGUN_AT_ONCE):
            for one in some:
                self._begin(platform, one)

    def _begin(self, platform: Platform, prepared: Prepared) -> None:
        claim, message = prepared.claim, prepared.message
        if message is None:
            self._end(Ended(Outcome(claim, DeliveryState.FOLDED, prepared.idle)))
            return
        mine = self._in_hand.setdefault(platform.name, set())
        task = asyncio.create_task(self._deliver(platform, message, claim))
        mine.add(task)
        task.add_done_callback(partial(self._left, mine))

    def _left(self, mine: set[asyncio.Task[None]], task: asyncio.Task[None]) -> None:
        mine.discard(task)
        if not any(self._in_hand.values()):
            self._hurry.set()

    async def _deliver(self, platform: Platform, message: Message, claim: Claim) -> None:
        ended = await self._sender.send(platform, message, claim)
        self._on_outcome(platform.name, ended.outcome)
        self._end(ended)

    def _end(self, ended: Ended) -> None:
        self._ended.append(ended)
        self._signal.set()
        if len(self._ended) >= MANY:
            self._hurry.set()

    async def _wait_for_work(self) -> None:
        """Until something is due, something new is there, or messages in hand have ended."""
        if not self._signal.is_set():
            due_at = await self._next_due()
            waits: list[Coroutine[Any, Any, object]] = [self._signal.wait()]
            if due_at is not None:
                seconds = max(0.05, (due_at - self._clock.now()).total_seconds())
                waits.append(self._clock.sleep(seconds))
            # What other processes make due wakes nobody here.
            await _first_of(waits, None if self._worker is None else LOOK_AROUND_S)
        await self._clock.sleep(GATHER_S)
        if any(self._in_hand.values()):
            await _first_of([self._hurry.wait(), self._clock.sleep(GATHER_MORE_S)])

    async def _next_due(self) -> datetime | None:
        async with self._database.read() as connection:
            return await deliveries.next_due(connection, self._free(), self._clock.now())

    async def _let_go(self) -> None:
        """What has ended is settled; what is under way comes back when its lease ends."""
        tasks = [task for mine in self._in_hand.values() for task in mine]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        ended, self._ended = self._ended, []
        if not ended:
            return
        try:
            async with self._database.write() as connection:
                await self._settle(connection, ended, self._clock.now())
        except Exception:
            log.exception("%d deliveries could not be settled at the end", len(ended))


async def _first_of(
    waits: Sequence[Coroutine[Any, Any, object]], longest: float | None = None
) -> None:
    """Until one of them is over, or so many seconds are; the others are given up."""
    tasks = [asyncio.ensure_future(wait) for wait in waits]
    try:
        await asyncio.wait(tasks, timeout=longest, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _switch_off(connection: AsyncConnection, lost: Lost, now: datetime) -> None:
    """R24: the whole workspace at once, or the one destination with word to its owner (R30)."""
    place = lost.destination.place
    if lost.whole_workspace:
        await destinations.workspace_gone(connection, place.platform, place.workspace, lost.reason)
    else:
        await destinations.lose(connection, lost.destination, lost.reason, lost.person, now)
