"""Stories of one rule, row by row, for RULES.md R8 to R14 (see test_rules_table.py).

Each row is what is observed or what time passes, and what the rule says each time. «fired» is
delivered, «fired (cooldown)» is recorded only, «cleared +2» tells of two held back.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from alerts.rules import Direction, Rule, State

START = datetime(2025, 11, 3, 21, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def at(hours: float) -> datetime:
    return START + timedelta(hours=hours)


@dataclass(frozen=True)
class Step:
    """An observation, or with `value` None the mere passing of time."""

    hours: float
    value: int | None = None
    now: float | None = None


def see(hours: float, value: int, now: float | None = None) -> Step:
    return Step(hours, value, now)


def wait(hours: float) -> Step:
    return Step(hours)


@dataclass(frozen=True)
class Story:
    number: str
    says: str
    rule: Rule
    steps: tuple[Step, ...]
    told: tuple[str | None, ...]
    state: State

    def __str__(self) -> str:
        return f"{self.number}: {self.says}"


ABOVE = Rule(Direction.ABOVE, line=100, rearm=98)
BELOW = Rule(Direction.BELOW, line=100, rearm=102)


def flips(count: int, every: float = 1.0) -> tuple[Step, ...]:
    """Beyond, back, beyond, back … one crossing each time."""
    return tuple(see(i * every, 100 if i % 2 == 0 else 90) for i in range(count))


STORIES = [
    Story(
        "R9",
        "at the line is beyond it",
        ABOVE,
        (see(0, 99), see(1, 100)),
        (None, "fired"),
        State.FIRED,
    ),
    Story(
        "R9",
        "below: at the line is beyond it",
        BELOW,
        (see(0, 101), see(1, 100)),
        (None, "fired"),
        State.FIRED,
    ),
    Story(
        "R9",
        "at the re-arm line is not back",
        ABOVE,
        (see(0, 100), see(1, 98), see(2, 97)),
        ("fired", None, "cleared"),
        State.ARMED,
    ),
    Story(
        "R9",
        "below: at the re-arm line is not back",
        BELOW,
        (see(0, 100), see(1, 102), see(2, 103)),
        ("fired", None, "cleared"),
        State.ARMED,
    ),
    Story(
        "R9",
        "between the two lines nothing changes",
        ABOVE,
        (see(0, 100), see(1, 99), see(2, 101), see(3, 98)),
        ("fired", None, None, None),
        State.FIRED,
    ),
    Story(
        "R10",
        "every crossing is told again after a clearance",
        ABOVE,
        (see(0, 100), see(30, 90), see(60, 100), see(90, 90)),
        ("fired", "cleared", "fired", "cleared"),
        State.ARMED,
    ),
    Story(
        "R10",
        "once: cleared is the end",
        replace(ABOVE, once=True),
        (see(0, 100), see(1, 90), see(2, 100), wait(99)),
        ("fired", "cleared", None, None),
        State.DONE,
    ),
    Story(
        "R10",
        "hold: fires when it has been beyond for long enough",
        replace(ABOVE, hold=3 * DAY),
        (see(0, 100), see(24, 101), see(71, 100), see(72, 100)),
        (None, None, None, "fired"),
        State.FIRED,
    ),
    Story(
        "R10",
        "hold: not beyond begins anew, even between the lines",
        replace(ABOVE, hold=3 * DAY),
        (see(0, 100), see(48, 99), see(49, 100), see(72, 100), see(121, 100)),
        (None, None, None, None, "fired"),
        State.FIRED,
    ),
    Story(
        "R28",
        "hold counts the indicator's own time, not that of the polls",
        replace(ABOVE, hold=3 * DAY),
        (see(0, 100), see(1, 100, now=500), wait(600)),
        (None, None, None),
        State.PENDING,
    ),
    Story(
        "R10",
        "a reminder while still beyond, each time `remind` has passed",
        replace(ABOVE, remind=DAY),
        (see(0, 100), wait(23), wait(24), wait(25), wait(48)),
        ("fired", None, "reminder", None, "reminder"),
        State.FIRED,
    ),
    Story(
        "R10",
        "no reminder between the lines; the next one as soon as it is beyond again",
        replace(ABOVE, remind=DAY),
        (see(0, 100), see(20, 99), wait(30), see(31, 100)),
        ("fired", None, None, "reminder"),
        State.FIRED,
    ),
    Story(
        "R10",
        "no reminder after a clearance",
        replace(ABOVE, remind=DAY),
        (see(0, 100), see(20, 90), wait(24), wait(60)),
        ("fired", "cleared", None, None),
        State.ARMED,
    ),
    Story(
        "R10",
        "expiry ends an armed rule with one line",
        replace(ABOVE, expires_at=at(10)),
        (see(0, 90), wait(10), see(11, 100), wait(12)),
        (None, "expired", None, None),
        State.DONE,
    ),
    Story(
        "R10",
        "expiry ends a pending and a fired rule too, before what is observed then",
        replace(ABOVE, hold=DAY, expires_at=at(10)),
        (see(0, 100), see(10, 200)),
        (None, "expired"),
        State.DONE,
    ),
    Story(
        "R10",
        "what was observed before the expiry and is heard of after it comes too late",
        replace(ABOVE, expires_at=at(10)),
        (see(9, 100, now=11),),
        ("expired",),
        State.DONE,
    ),
    Story(
        "R11",
        "the first value after creation takes its place in silence",
        replace(ABOVE, primed=False),
        (see(0, 100), see(1, 90), see(2, 100)),
        (None, "cleared", "fired"),
        State.FIRED,
    ),
    Story(
        "R11",
        "a first value short of the line arms",
        replace(ABOVE, primed=False),
        (see(0, 99), see(1, 100)),
        (None, "fired"),
        State.FIRED,
    ),
    Story(
        "R11",
        "born fired, its reminders begin when `remind` has passed",
        replace(ABOVE, primed=False, remind=DAY),
        (see(0, 100), wait(23), wait(24)),
        (None, None, "reminder"),
        State.FIRED,
    ),
    Story(
        "R12",
        "inside the cooldown a crossing is recorded; the next message counts it",
        replace(ABOVE, cooldown=7 * DAY),
        (see(0, 100), see(24, 90), see(48, 100), see(72, 90)),
        ("fired", "cleared", "fired (cooldown)", "cleared +1"),
        State.ARMED,
    ),
    Story(
        "R12",
        "the cooldown ends with its last moment",
        replace(ABOVE, cooldown=2 * DAY),
        (see(0, 100), see(24, 90), see(47, 100), see(47.5, 90), see(48, 100)),
        ("fired", "cleared", "fired (cooldown)", "cleared +1", "fired"),
        State.FIRED,
    ),
    Story(
        "R12",
        "a swallowed crossing does not prolong the cooldown",
        replace(ABOVE, cooldown=2 * DAY),
        (see(0, 100), see(10, 90), see(40, 100), see(47, 90), see(60, 100)),
        ("fired", "cleared", "fired (cooldown)", "cleared +1", "fired"),
        State.FIRED,
    ),
    Story(
        "R12",
        "the last line of an expired rule says what was held back",
        replace(ABOVE, cooldown=7 * DAY, expires_at=at(60)),
        (see(0, 100), see(24, 90), see(48, 100), wait(60)),
        ("fired", "cleared", "fired (cooldown)", "expired +1"),
        State.DONE,
    ),
    Story(
        "R13",
        "snoozed: transitions go on in silence; one reminder at the end if still fired",
        replace(ABOVE, snoozed_until=at(50)),
        (see(0, 100), see(10, 90), see(20, 100), wait(49), wait(50), wait(60)),
        ("fired (snoozed)", "cleared (snoozed)", "fired (snoozed)", None, "reminder", None),
        State.FIRED,
    ),
    Story(
        "R13",
        "no reminder at the end of a snooze when it has cleared",
        replace(ABOVE, snoozed_until=at(50)),
        (see(0, 100), see(10, 90), wait(50), see(51, 100), wait(52)),
        ("fired (snoozed)", "cleared (snoozed)", None, "fired", None),
        State.FIRED,
    ),
    Story(
        "R13",
        "what fires after the end of a snooze is told once, not also as a reminder",
        replace(ABOVE, snoozed_until=at(50)),
        (see(0, 90), see(51, 100), wait(51)),
        (None, "fired", None),
        State.FIRED,
    ),
    Story(
        "R13",
        "what clears after the end of a snooze is told as cleared",
        replace(ABOVE, snoozed_until=at(50)),
        (see(0, 100), see(51, 90), wait(51)),
        ("fired (snoozed)", "cleared", None),
        State.ARMED,
    ),
    Story(
        "R13",
        "nothing at all is delivered in a snooze: no reminder, no expiry",
        replace(ABOVE, remind=DAY, snoozed_until=at(90), expires_at=at(80)),
        (see(0, 100), wait(24), wait(80), wait(95)),
        ("fired (snoozed)", "reminder (snoozed)", "expired (snoozed)", None),
        State.DONE,
    ),
    Story(
        "R13",
        "a crossing that a snooze hid starts no cooldown",
        replace(ABOVE, cooldown=7 * DAY, snoozed_until=at(5)),
        (see(0, 100), see(4, 90), see(6, 100)),
        ("fired (snoozed)", "cleared (snoozed)", "fired"),
        State.FIRED,
    ),
    Story(
        "R14",
        "four transitions in a day are told, the fifth brings one notice, then silence",
        ABOVE,
        flips(8),
        (
            "fired",
            "cleared",
            "fired",
            "cleared",
            "fired (flapping) and a notice",
            "cleared (flapping)",
            "fired (flapping)",
            "cleared (flapping)",
        ),
        State.ARMED,
    ),
    Story(
        "R14",
        "five transitions in more than a day are no flapping",
        ABOVE,
        flips(9, every=6.0),
        ("fired", "cleared") * 4 + ("fired",),
        State.FIRED,
    ),
    Story(
        "R14",
        "it speaks again after it was stable for 24 hours",
        ABOVE,
        (*flips(5), see(20, 100), see(27.9, 90), see(51.9, 100)),
        (
            "fired",
            "cleared",
            "fired",
            "cleared",
            "fired (flapping) and a notice",
            None,
            "cleared (flapping)",
            "fired",
        ),
        State.FIRED,
    ),
    Story(
        "R14",
        "reminders keep the silence until 24 hours have passed, though nothing new is observed",
        replace(ABOVE, remind=20 * HOUR),
        (*flips(5), wait(24), wait(44)),
        (
            "fired",
            "cleared",
            "fired",
            "cleared",
            "fired (flapping) and a notice",
            "reminder (flapping)",
            "reminder",
        ),
        State.FIRED,
    ),
    Story(
        "R14",
        "in a snooze no silence begins, since its notice would be lost; it begins after",
        replace(ABOVE, snoozed_until=at(5.5)),
        flips(7),
        (
            *("fired (snoozed)", "cleared (snoozed)") * 3,
            "fired (flapping) and a notice",
        ),
        State.FIRED,
    ),
    Story(
        "R14",
        "transitions that a cooldown hides count as well",
        replace(ABOVE, cooldown=7 * DAY),
        flips(5),
        (
            "fired",
            "cleared",
            "fired (cooldown)",
            "cleared +1",
            "fired (flapping) and a notice",
        ),
        State.FIRED,
    ),
]
