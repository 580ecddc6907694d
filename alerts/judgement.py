"""What a new reading is worth: used, held, or the proof of one that was held (RULES.md R2, R3)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from alerts import guard
from alerts.indicators import Cadence, Indicator
from alerts.reading import Reading, Status
from alerts.store.observations import Draft, Newest, Observation

TWO_LOOKS = "two later looks"
SECOND_SOURCE = "a second source"
_NEW = 0
"""Stands for the number of an observation that is not stored yet."""

Versions = dict[datetime, Newest]
"""For each as-of what is stored last."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What to store; which held observations are confirmed, and by what; which were seen again."""

    drafts: list[Draft] = field(default_factory=list)
    confirmed: dict[int, str] = field(default_factory=dict)
    seen_again: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Sifted:
    """Readings by what the store has of them (R2), each oldest first.

    `fresh`: not there, or with another value. `again`: there, but not signed until now.
    `vouched`: there and confirmed, and now a second source has spoken of it.
    """

    fresh: tuple[Reading, ...] = ()
    again: tuple[Reading, ...] = ()
    vouched: tuple[Reading, ...] = ()

    @property
    def nothing(self) -> bool:
        return not (self.fresh or self.again or self.vouched)


def sift(series: Iterable[Reading], versions: Versions) -> Sifted:
    fresh: list[Reading] = []
    again: list[Reading] = []
    vouched: list[Reading] = []
    for reading in series:
        stored = versions.get(reading.as_of)
        if stored is None or stored.value != reading.unit.to_fixed(reading.value):
            fresh.append(reading)
        elif stored.status is Status.UNCONFIRMED and reading.status.moves_rules:
            again.append(reading)
        elif stored.status is reading.status is Status.CONFIRMED and _said_since(reading, stored):
            vouched.append(reading)
    return Sifted(tuple(fresh), tuple(again), tuple(vouched))


def _said_since(reading: Reading, stored: Newest) -> bool:
    """A second source agrees with what was stored, or contradicts it in a note."""
    if stored.confirmed_by is not None:
        return False
    return reading.confirmed_by is not None or reading.note not in {None, stored.note}


def judge(
    indicator: Indicator,
    sifted: Sifted,
    last: Observation | None,
    waiting: Sequence[Observation],
    versions: Versions,
    asked_at: datetime | None,
) -> Judgement:
    """Let each reading past the guard, or hold it.

    1. What waits and is there again may be confirmed by now.
    2. What is new is compared with the last value that rules may look at.

    `last` is that value's observation, `waiting` are the unconfirmed ones after it, `asked_at` is
    when the sources gave their answer, None when they gave none.
    """
    found = Judgement()
    previous = last.reading if last else None
    looks = list(waiting)
    repeated = {reading.as_of: reading for reading in sifted.again}
    for observation in waiting:
        reading = repeated.get(observation.as_of)
        if reading is None:
            continue
        proof = _proof(indicator, previous, observation, reading, asked_at)
        if proof is not None:
            found.confirmed[observation.id] = proof
            previous = reading
            looks = [other for other in looks if other.as_of > observation.as_of]
        elif observation.seen_again_at is None and _later_look(observation, indicator, asked_at):
            found.seen_again.append(observation.id)
    held = [(o.id, o.reading) for o in looks if o.held]
    _judge_new(indicator, sifted.fresh, previous, held, versions, found, first_look=last is None)
    return found


def _proof(
    indicator: Indicator,
    previous: Reading | None,
    observation: Observation,
    reading: Reading,
    asked_at: datetime | None,
) -> str | None:
    if guard.suspicion(indicator.guard, previous, reading) is None:
        return reading.confirmed_by or SECOND_SOURCE
    seen_again = observation.seen_again_at is not None
    return TWO_LOOKS if seen_again and _later_look(observation, indicator, asked_at) else None


def _later_look(observation: Observation, indicator: Indicator, asked_at: datetime | None) -> bool:
    """A filing has no later as-of until the next quarter: looking it up again is a look.

    A session's figure is not: a vendor repeats its bad close until the next session.
    """
    if indicator.cadence is Cadence.SESSION or asked_at is None:
        return False
    before = observation.seen_again_at or observation.reading.fetched_at
    return asked_at - before >= guard.APART


def _judge_new(
    indicator: Indicator,
    readings: Sequence[Reading],
    previous: Reading | None,
    waiting: list[tuple[int, Reading]],
    versions: Mapping[datetime, Newest],
    found: Judgement,
    *,
    first_look: bool,
) -> None:
    for reading in readings:
        version = versions[reading.as_of].version + 1 if reading.as_of in versions else 1
        past = previous is not None and reading.as_of < previous.as_of
        if past or reading.status is not Status.CONFIRMED:
            found.drafts.append((reading, version, False))
            continue
        doubt = guard.suspicion(indicator.guard, previous, reading)
        if doubt is None:
            found.drafts.append((reading, version, False))
            previous, waiting = reading, []
            continue
        looks = [earlier for _, earlier in waiting]
        if not guard.agreed(indicator.guard, looks, reading, by_as_of=first_look):
            found.drafts.append((reading.held(doubt), version, True))
            waiting = [*waiting, (_NEW, reading)]
            continue
        agreeing = [(i, r) for i, r in waiting if guard.near(indicator.guard, r, reading)]
        found.confirmed.update({i: TWO_LOOKS for i, _ in agreeing if i != _NEW})
        _accept(found, {r.as_of for i, r in agreeing if i == _NEW})
        found.drafts.append((replace(reading, confirmed_by=TWO_LOOKS), version, False))
        previous, waiting = reading, []


def _accept(found: Judgement, instants: set[datetime]) -> None:
    """What was held a moment ago, in the same look at history, is confirmed after all."""
    for at, (reading, version, _) in enumerate(found.drafts):
        if reading.as_of in instants:
            accepted = replace(reading, status=Status.CONFIRMED, confirmed_by=TWO_LOOKS, note=None)
            found.drafts[at] = accepted, version, False
