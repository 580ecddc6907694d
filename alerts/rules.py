"""The rule state machine: (rule, what is seen, now) -> (rule', transition). Pure, no clock, no I/O.

Values and lines are integers of the unit's quantum (`Unit.to_fixed`), so that 5.00T is 5.00T.
Section numbers in comments are RULES.md's.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypedDict, Unpack

FLAP_WINDOW = timedelta(hours=24)
FLAP_LIMIT = 4


class State(StrEnum):
    ARMED = "armed"
    PENDING = "pending"
    FIRED = "fired"
    DONE = "done"


class Direction(StrEnum):
    ABOVE = "above"
    BELOW = "below"


class Level(StrEnum):
    WATCH = "watch"
    WARN = "warn"
    CRITICAL = "critical"


class Kind(StrEnum):
    """What an alert tells. The first four come from the machine, the others from the watch."""

    FIRED = "fired"
    CLEARED = "cleared"
    REMINDER = "reminder"
    EXPIRED = "expired"
    FLAPPING = "flapping"
    STALE = "stale"
    RESUMED = "resumed"


class Withheld(StrEnum):
    """Why an alert is recorded and not delivered."""

    COOLDOWN = "cooldown"
    SNOOZED = "snoozed"
    FLAPPING = "flapping"


@dataclass(frozen=True, slots=True)
class Seen:
    """A measure's value on its newest observation."""

    value: int
    as_of: datetime


@dataclass(frozen=True, slots=True)
class Rule:
    """A line, how it is to be told, and where the story stands (R8).

    `primed` is False until the first value after creation is known. `since` is the as-of at which
    a pending rule went beyond; `told_at` the as-of of the last delivered `fired`; `recent` the
    as-of of the transitions of the last day; `quiet_until` the end of the silence after flapping.
    """

    direction: Direction
    line: int
    rearm: int
    hold: timedelta = timedelta(0)
    once: bool = False
    remind: timedelta | None = None
    cooldown: timedelta = timedelta(0)
    expires_at: datetime | None = None
    snoozed_until: datetime | None = None
    state: State = State.ARMED
    primed: bool = True
    since: datetime | None = None
    told_at: datetime | None = None
    remind_at: datetime | None = None
    held_back: int = 0
    recent: tuple[datetime, ...] = ()
    quiet_until: datetime | None = None

    def beyond(self, value: int) -> bool:
        """R9: the value is at the line or past it."""
        return value >= self.line if self.direction is Direction.ABOVE else value <= self.line

    def back(self, value: int) -> bool:
        """R9: the value has come back past the re-arm line."""
        return value < self.rearm if self.direction is Direction.ABOVE else value > self.rearm


@dataclass(frozen=True, slots=True)
class Transition:
    """An alert to record. `withheld` is None when it is also to be delivered.

    `held_back` counts the crossings that a cooldown swallowed before this message (R12).
    `flapping` asks for the one notice that silence begins (R14).
    """

    kind: Kind
    withheld: Withheld | None = None
    held_back: int = 0
    flapping: bool = False


def default_rearm(direction: Direction, line: int) -> int:
    """2% of the line back from it, away from the direction (R8)."""
    back = abs(line) * 2 // 100
    return line - back if direction is Direction.ABOVE else line + back


def begin(rule: Rule, seen: Seen | None, now: datetime | None = None) -> Rule:
    """A new or resumed rule: already beyond its line means `fired` without an alert (R11).

    With `now`, a rule that begins fired and has reminders speaks for the first time when `remind`
    has passed; without it, at its next crossing.
    """
    fresh = replace(rule, state=State.ARMED, since=None, remind_at=None, primed=seen is not None)
    if seen is None or not rule.beyond(seen.value):
        return fresh
    return replace(fresh, state=State.FIRED, remind_at=_next_reminder(rule, now))


def observe(rule: Rule, seen: Seen, now: datetime) -> tuple[Rule, Transition | None]:
    """A new observation arrives (R10).

    1. What is over stays over; a rule without a first value takes its place silently.
    2. Armed or pending, and beyond for long enough: fired.
    3. Fired, and back past the re-arm line: cleared.
    4. Anything else moves no line; time may still have passed for it (`elapse`).
    """
    if rule.state is State.DONE:
        return rule, None
    if rule.expires_at is not None and now >= rule.expires_at:
        return elapse(rule, seen, now)
    if not rule.primed:
        return begin(rule, seen, now), None

    if rule.state is State.ARMED and rule.beyond(seen.value):
        if rule.hold > timedelta(0):
            return replace(rule, state=State.PENDING, since=seen.as_of), None
        return _fire(rule, seen, now)

    if rule.state is State.PENDING and rule.since is not None:
        if not rule.beyond(seen.value):
            return replace(rule, state=State.ARMED, since=None), None
        if seen.as_of - rule.since >= rule.hold:
            return _fire(rule, seen, now)

    if rule.state is State.FIRED and rule.back(seen.value):
        state = State.DONE if rule.once else State.ARMED
        return _tell(rule, Kind.CLEARED, seen.as_of, now, state=state, since=None, remind_at=None)

    return elapse(rule, seen, now)


def elapse(rule: Rule, seen: Seen | None, now: datetime) -> tuple[Rule, Transition | None]:
    """Time passes without a new line being crossed: expiry, the end of a snooze, reminders.

    `seen` is the newest known value, None when there is none.
    """
    if rule.state is State.DONE:
        return rule, None
    if rule.expires_at is not None and now >= rule.expires_at:
        return _tell(rule, Kind.EXPIRED, now, now, state=State.DONE, since=None, remind_at=None)

    woken = rule.snoozed_until is not None and now >= rule.snoozed_until
    if woken:
        rule = replace(rule, snoozed_until=None)
    if rule.state is not State.FIRED or seen is None:
        return rule, None
    due = rule.remind_at is not None and now >= rule.remind_at and rule.beyond(seen.value)
    if not (woken or due):
        return rule, None
    return _tell(rule, Kind.REMINDER, now, now, remind_at=_next_reminder(rule, now))


def _next_reminder(rule: Rule, now: datetime | None) -> datetime | None:
    return None if rule.remind is None or now is None else now + rule.remind


def _fire(rule: Rule, seen: Seen, now: datetime) -> tuple[Rule, Transition]:
    remind_at = _next_reminder(rule, now)
    return _tell(
        rule, Kind.FIRED, seen.as_of, now, state=State.FIRED, since=None, remind_at=remind_at
    )


class _Step(TypedDict, total=False):
    """What a transition changes of the story by itself."""

    state: State
    since: None
    remind_at: datetime | None


def _tell(
    rule: Rule, kind: Kind, at: datetime, now: datetime, **step: Unpack[_Step]
) -> tuple[Rule, Transition]:
    """Take a step, record the transition and decide whether it is delivered (R12, R13, R14).

    `at` is when it came about: the as-of of a crossing, and now for what time alone brings.
    """
    # What happens after the snooze is told by itself; a reminder on top would say it twice.
    over = rule.snoozed_until is not None and now >= rule.snoozed_until
    snoozed_until = None if over else rule.snoozed_until
    recent, quiet_until, notice = rule.recent, rule.quiet_until, False
    if kind in (Kind.FIRED, Kind.CLEARED):
        recent, quiet_until, notice = _flapping(rule, at, snoozed=snoozed_until is not None)

    withheld: Withheld | None = None
    if snoozed_until is not None:
        withheld = Withheld.SNOOZED
    elif quiet_until is not None and at < quiet_until:
        withheld = Withheld.FLAPPING
    elif kind is Kind.FIRED and rule.told_at is not None and at - rule.told_at < rule.cooldown:
        withheld = Withheld.COOLDOWN

    held_back, told_at = rule.held_back + (withheld is Withheld.COOLDOWN), rule.told_at
    transition = Transition(kind, withheld, flapping=notice)
    if withheld is None:
        transition = Transition(kind, held_back=rule.held_back)
        held_back, told_at = 0, at if kind is Kind.FIRED else rule.told_at
    # One copy: a crossing moves hundreds of rules at once.
    moved = replace(
        rule,
        snoozed_until=snoozed_until,
        recent=recent,
        quiet_until=quiet_until,
        held_back=held_back,
        told_at=told_at,
        **step,
    )
    return moved, transition


def _flapping(
    rule: Rule, at: datetime, *, snoozed: bool
) -> tuple[tuple[datetime, ...], datetime | None, bool]:
    """(recent transitions, end of the silence, whether it begins here).

    It never begins in a snooze: its notice would not be delivered.
    """
    recent = (*(earlier for earlier in rule.recent if at - earlier < FLAP_WINDOW), at)
    quiet = rule.quiet_until is not None and at < rule.quiet_until
    begins = len(recent) > FLAP_LIMIT and not quiet and not snoozed
    # Five are enough to know; a longer list would grow with the flapping.
    return recent[-(FLAP_LIMIT + 1) :], at + FLAP_WINDOW if quiet or begins else None, begins
