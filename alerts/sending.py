"""One try at one delivery: what the platform said becomes an outcome (RULES.md R22 to R24, R26)."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, replace
from datetime import timedelta
from random import Random

from alerts import correlation
from alerts.clock import Clock
from alerts.platform import (
    DestinationGone,
    Editor,
    Message,
    MessageGone,
    MessageRefused,
    Platform,
    TemporaryFailure,
)
from alerts.store.deliveries import Claim, Outcome
from alerts.store.destinations import Destination, Place
from alerts.store.models import DeliveryKind, DeliveryState

log = logging.getLogger(__name__)

POST_TIMEOUT_S = 60
FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 15 * 60.0
GIVE_UP_AFTER = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Lost:
    """A destination, or its whole workspace, that takes nothing any more.

    `person`: where its owner is told alone.
    """

    destination: Destination
    reason: str
    whole_workspace: bool
    person: Place | None


@dataclass(frozen=True, slots=True)
class Ended:
    """How a try ended, and what was lost with it."""

    outcome: Outcome
    lost: Lost | None = None


class _Doubt:
    """Whether the message may be there already. Only an answer to that question, or a clear
    refusal, takes the doubt away.
    """

    def __init__(self, doubt: bool) -> None:
        self.there = doubt


class Sender:
    """Sends messages through their platform; never fails but by cancellation."""

    def __init__(self, clock: Clock, random: Random) -> None:
        self._clock = clock
        self._random = random

    async def send(self, platform: Platform, message: Message, claim: Claim) -> Ended:
        """One delivery, in steps that can be said aloud.

        1. Edit, where an earlier message is to be edited; that may be done twice.
        2. If an earlier try ended unseen, ask the platform whether the message is there.
        3. Otherwise post it.
        4. Say how it ended: sent, retry at a later time, or dead with a reason.
        """
        with correlation.begun(correlation.of_nonce(message.nonce)):
            ended = await self._tried(platform, message, claim)
            log.info(
                "delivery %s to destination %s on %s: %s",
                claim.id,
                claim.destination_id,
                message.destination.place.platform,
                ": ".join(filter(None, (ended.outcome.state.value, ended.outcome.reason))),
            )
            return ended

    async def _tried(self, platform: Platform, message: Message, claim: Claim) -> Ended:
        doubt = _Doubt(claim.uncertain)
        try:
            async with asyncio.timeout(POST_TIMEOUT_S):
                posted = await _send(platform, message, doubt)
        except DestinationGone as gone:
            return self._gone(platform, message, claim, gone, doubt)
        except MessageRefused as refused:
            return self._refused(claim, str(refused))
        except TemporaryFailure as failure:
            uncertain = doubt.there or not failure.never_arrived
            return self._retry(claim, failure.reason, failure.retry_after, uncertain=uncertain)
        except TimeoutError:
            # It may or may not have arrived: the next try looks first (R22).
            return self._retry(claim, f"no answer within {POST_TIMEOUT_S} s", None, uncertain=True)
        except Exception as error:
            log.exception("posting to %s failed unexpectedly", message.destination.place)
            reason = f"failed unexpectedly ({type(error).__name__})"
            return self._retry(claim, reason, None, uncertain=True)
        return Ended(Outcome(claim, DeliveryState.SENT, message=posted))

    def _gone(
        self,
        platform: Platform,
        message: Message,
        claim: Claim,
        gone: DestinationGone,
        doubt: _Doubt,
    ) -> Ended:
        """The message stays: it is sent when the destination is on again."""
        home, reason = message.destination, str(gone)
        log.error("destination %s is switched off: %s", home.id, reason)
        person = None
        if isinstance(platform, Editor) and home.owner is not None and not home.direct:
            person = platform.person(home.place, home.owner)
        outcome = Outcome(
            claim,
            DeliveryState.PARKED,
            reason,
            due_at=self._clock.now(),
            uncertain=doubt.there,
        )
        return Ended(outcome, Lost(home, reason, gone.whole_workspace, person))

    def _refused(self, claim: Claim, reason: str) -> Ended:
        """Once more as plain text, then dead (R24)."""
        if claim.plain:
            log.error("delivery %s is dead: %s", claim.id, reason)
            return Ended(Outcome(claim, DeliveryState.DEAD, reason))
        now = self._clock.now()
        return Ended(Outcome(claim, DeliveryState.RETRY, reason, due_at=now, plain=True))

    def _retry(
        self, claim: Claim, reason: str, retry_after: float | None, *, uncertain: bool
    ) -> Ended:
        now = self._clock.now()
        if now - claim.first_tried_at >= GIVE_UP_AFTER:
            given_up = f"given up after {GIVE_UP_AFTER.days * 24} h: {reason}"
            log.error(
                "delivery %s to destination %s is dead: %s",
                claim.id,
                claim.destination_id,
                given_up,
            )
            return Ended(Outcome(claim, DeliveryState.DEAD, given_up))
        pause = self._pause(claim.attempts)
        if retry_after is not None:
            pause = max(FIRST_PAUSE_S, retry_after)
        due_at = now + timedelta(seconds=pause)
        outcome = Outcome(claim, DeliveryState.RETRY, reason, due_at=due_at, uncertain=uncertain)
        return Ended(outcome)

    def _pause(self, attempts: int) -> float:
        """Doubling from one second to fifteen minutes, with up to as much again by chance."""
        longest = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2.0 ** min(attempts, 20))
        return longest * (1 - self._random.random() / 2)


async def _send(platform: Platform, message: Message, doubt: _Doubt) -> str | None:
    """The platform's name of what was posted; None when an earlier message was edited."""
    if message.edits is not None and isinstance(platform, Editor):
        try:
            await platform.edit(message)
            return None
        except MessageGone:
            message = _anew(message)
    posted = await platform.find(message) if doubt.there else None
    if posted is None:
        doubt.there = False
        posted = await platform.post(message)
    return posted


def _anew(message: Message) -> Message:
    """A message that cannot be edited gets a new one that links to it (R26)."""
    follows = message.edits if message.kind is DeliveryKind.EDIT else None
    return replace(message, edits=None, follows=follows)
