"""Deliveries: claim, send, settle, retry (RULES.md R15, R20 to R24, R29).

The outbox knows a platform only by its Protocol. What is claimed and never settled comes back
when its lease ends, and is looked for on the platform before it is sent again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any

from alerts.clock import Clock
from alerts.platform import (
    DestinationGone,
    Message,
    MessageRefused,
    Platform,
    TemporaryFailure,
)
from alerts.store import alerts as alert_store
from alerts.store import deliveries, destinations
from alerts.store.alerts import Alert
from alerts.store.database import Database
from alerts.store.deliveries import Claim
from alerts.store.destinations import Destination
from alerts.store.models import DeliveryState

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=90)
POST_TIMEOUT_S = 60
IN_HAND = 200
"""So many messages at once."""
FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 15 * 60.0
GIVE_UP_AFTER = timedelta(hours=24)
LATE_AFTER = timedelta(minutes=5)
FOLD_AFTER = timedelta(hours=24)


class Outbox:
    """Sends what is due. Several may run on one database."""

    def __init__(
        self,
        database: Database,
        platforms: Mapping[str, Platform],
        clock: Clock,
        random: Random,
    ) -> None:
        self._database = database
        self._platforms = platforms
        self._clock = clock
        self._random = random
        self._signal = asyncio.Event()
        self._in_hand: set[asyncio.Task[None]] = set()

    def wake(self) -> None:
        """There may be something to send."""
        self._signal.set()

    async def run(self) -> None:
        """Send whenever something is due, until cancelled.

        Each message is on its own: what is due next for one destination does not wait for a slow
        or broken one (R21).
        """
        try:
            while True:
                self._signal.clear()
                await self._take_in_hand()
                await self._wait_for_work()
        finally:
            await self._let_go()

    async def drain(self) -> int:
        """Send everything that is due now; returns how many deliveries were settled."""
        settled = 0
        try:
            while await self._take_in_hand() or self._in_hand:
                await asyncio.wait(self._in_hand, return_when=asyncio.FIRST_COMPLETED)
                settled += self._put_away()
        finally:
            await self._let_go()
        return settled

    async def _take_in_hand(self) -> int:
        room = IN_HAND - len(self._in_hand)
        claims = await self._claim(room) if room > 0 else []
        if claims:
            for message, claim in await self._messages(claims):
                self._in_hand.add(asyncio.create_task(self._deliver(message, claim)))
        return len(claims)

    def _put_away(self) -> int:
        """Forget what has ended. What could not be settled comes back when its lease ends."""
        ended = {task for task in self._in_hand if task.done()}
        self._in_hand -= ended
        for task in ended:
            error = None if task.cancelled() else task.exception()
            if error is not None:
                log.error("a delivery could not be settled", exc_info=error)
        return len(ended)

    async def _let_go(self) -> None:
        for task in self._in_hand:
            task.cancel()
        await asyncio.gather(*self._in_hand, return_exceptions=True)
        self._put_away()

    async def release_leases(self) -> None:
        """Whatever was claimed was claimed by a process that is gone. For a sole process only."""
        async with self._database.write() as connection:
            await deliveries.release(connection, self._clock.now())

    async def _wait_for_work(self) -> None:
        """Until something is due, something new is there, or a message in hand has ended."""
        async with self._database.read() as connection:
            due_at = await deliveries.next_due(connection, list(self._platforms))
        own: list[asyncio.Future[Any]] = [asyncio.ensure_future(self._signal.wait())]
        if due_at is not None and len(self._in_hand) < IN_HAND:
            seconds = max(0.05, (due_at - self._clock.now()).total_seconds())
            own.append(asyncio.ensure_future(self._clock.sleep(seconds)))
        try:
            await asyncio.wait([*own, *self._in_hand], return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in own:
                wait.cancel()
            await asyncio.gather(*own, return_exceptions=True)
        self._put_away()

    async def _claim(self, room: int) -> list[Claim]:
        now = self._clock.now()
        async with self._database.write() as connection:
            await deliveries.fold(connection, now - FOLD_AFTER)
            return await deliveries.claim(connection, list(self._platforms), now, now + LEASE, room)

    async def _messages(self, claims: Sequence[Claim]) -> list[tuple[Message, Claim]]:
        async with self._database.read() as connection:
            alerts = await alert_store.of_deliveries(connection, [claim.id for claim in claims])
            places = await destinations.by_ids(
                connection, {claim.destination_id for claim in claims}
            )
        now = self._clock.now()
        return [
            (_message(claim, places[claim.destination_id], alerts.get(claim.id, []), now), claim)
            for claim in claims
        ]

    async def _deliver(self, message: Message, claim: Claim) -> None:
        """One delivery, in steps that can be said aloud.

        1. If an earlier try ended unseen, ask the platform whether the message is there.
        2. Otherwise post it.
        3. Settle: sent, retry at a later time, or dead with a reason.
        """
        platform = self._platforms[message.destination.place.platform]
        # Only an answer to the question, or a clear refusal, takes the doubt away.
        doubt = claim.uncertain
        try:
            async with asyncio.timeout(POST_TIMEOUT_S):
                posted = await platform.find(message) if doubt else None
                if posted is None:
                    doubt = False
                    posted = await platform.post(message)
        except DestinationGone as gone:
            await self._switch_off(claim, str(gone), uncertain=doubt)
        except MessageRefused as refused:
            await self._refused(claim, str(refused))
        except TemporaryFailure as failure:
            doubt = doubt or not failure.never_arrived
            await self._retry(claim, failure.reason, failure.retry_after, uncertain=doubt)
        except TimeoutError:
            # It may or may not have arrived: the next try looks first (R22).
            reason = f"no answer within {POST_TIMEOUT_S} s"
            await self._retry(claim, reason, None, uncertain=True)
        except Exception as error:
            log.exception("posting to %s failed unexpectedly", message.destination.place)
            reason = f"failed unexpectedly ({type(error).__name__})"
            await self._retry(claim, reason, None, uncertain=True)
        else:
            await self._settle(claim, DeliveryState.SENT, message=posted)

    async def _settle(
        self,
        claim: Claim,
        state: DeliveryState,
        *,
        reason: str | None = None,
        message: str | None = None,
        due_at: datetime | None = None,
        plain: bool = False,
        uncertain: bool = False,
    ) -> None:
        async with self._database.write() as connection:
            await deliveries.settle(
                connection,
                claim,
                state,
                self._clock.now(),
                reason=reason,
                message=message,
                due_at=due_at,
                plain=plain,
                uncertain=uncertain,
            )

    async def _retry(
        self, claim: Claim, reason: str, retry_after: float | None, *, uncertain: bool
    ) -> None:
        now = self._clock.now()
        if now - claim.first_tried_at >= GIVE_UP_AFTER:
            given_up = f"given up after {GIVE_UP_AFTER.days * 24} h: {reason}"
            log.error(
                "delivery %s to destination %s is dead: %s",
                claim.id,
                claim.destination_id,
                given_up,
            )
            await self._settle(claim, DeliveryState.DEAD, reason=given_up)
            return
        pause = self._pause(claim.attempts)
        if retry_after is not None:
            pause = max(FIRST_PAUSE_S, retry_after)
        await self._settle(
            claim,
            DeliveryState.RETRY,
            reason=reason,
            due_at=now + timedelta(seconds=pause),
            uncertain=uncertain,
        )

    def _pause(self, attempts: int) -> float:
        """Doubling from one second to fifteen minutes, with up to as much again by chance."""
        longest = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2.0 ** min(attempts, 20))
        return longest * (1 - self._random.random() / 2)

    async def _refused(self, claim: Claim, reason: str) -> None:
        if claim.plain:
            await self._settle(claim, DeliveryState.DEAD, reason=reason)
            return
        now = self._clock.now()
        await self._settle(claim, DeliveryState.RETRY, reason=reason, due_at=now, plain=True)

    async def _switch_off(self, claim: Claim, reason: str, *, uncertain: bool) -> None:
        """The message stays: it is sent when a person has switched the destination on again."""
        log.error("destination %s is switched off: %s", claim.destination_id, reason)
        now = self._clock.now()
        async with self._database.write() as connection:
            await destinations.set_off(connection, claim.destination_id, reason)
            await deliveries.settle(
                connection,
                claim,
                DeliveryState.RETRY,
                now,
                reason=reason,
                due_at=now,
                uncertain=uncertain,
            )


_SEVERITY = {"critical": 0, "warn": 1, "watch": 2}


def _message(
    claim: Claim, destination: Destination, alerts: Sequence[Alert], now: datetime
) -> Message:
    ordered = sorted(alerts, key=lambda alert: (_SEVERITY[alert.level.value], alert.id))
    lateness = now - claim.created_at
    return Message(
        claim.nonce,
        destination,
        tuple(ordered),
        claim.away,
        claim.plain,
        lateness if lateness > LATE_AFTER else None,
    )
