"""When a rule would have spoken: the past through the very state machine that runs live.

Pure. The past is one value a period, as `observations.history` gives it: what came and went
within a session is not in it, and restated values are the later ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from alerts.measure_course import points
from alerts.measures import Measure, Point
from alerts.quantity import Unit
from alerts.rules import Kind, Rule, Seen, State, begin, observe


@dataclass(frozen=True, slots=True)
class Firing:
    """A message that would have gone out, and when the story was over; None: it still goes on."""

    at: Point
    cleared: Point | None = None


@dataclass(frozen=True, slots=True)
class Past:
    """What a rule would have done from `first` to `last`; both None when nothing is known.

    `course` is the measure on every day. `began_beyond`: the line was behind it already on the
    first day, which is no message (R11). `held_back`: crossings that its own cooldown, or the
    silence after flapping, would have swallowed.
    """

    course: tuple[Point, ...]
    firings: tuple[Firing, ...] = ()
    began_beyond: bool = False
    held_back: int = 0

    @property
    def first(self) -> datetime | None:
        return self.course[0].as_of if self.course else None

    @property
    def last(self) -> datetime | None:
        return self.course[-1].as_of if self.course else None


def backtest(
    rule: Rule,
    measure: Measure,
    unit: Unit,
    history: Sequence[Point],
    longest_gap: timedelta,
    since: datetime | None = None,
) -> Past:
    """Draw the line on the first day from `since` on, and let the days pass.

    `unit` is the indicator's; `rule` has its line in the measure's unit. Where the rule stands
    now, and when it is to end, do not matter.
    """
    course = tuple(
        point
        for point in points(measure, history, longest_gap)
        if since is None or point.as_of >= since
    )
    seen = [_seen(point, measure.unit(unit)) for point in course]
    if not seen:
        return Past(())
    fresh = replace(
        rule, expires_at=None, snoozed_until=None, told_at=None, recent=(), held_back=0,
        quiet_until=None, remind=None,
    )  # fmt: skip
    standing = begin(fresh, seen[0])
    began_beyond = standing.state is State.FIRED
    firings: list[Firing] = []
    held_back = 0
    for point, one in zip(course[1:], seen[1:], strict=True):
        standing, transition = observe(standing, one, one.as_of)
        if transition is None:
            continue
        if transition.kind is Kind.FIRED:
            if transition.withheld is None:
                firings.append(Firing(point))
            else:
                held_back += 1
        elif transition.kind is Kind.CLEARED and firings and firings[-1].cleared is None:
            firings[-1] = Firing(firings[-1].at, point)
    return Past(course, tuple(firings), began_beyond, held_back)


def _seen(point: Point, unit: Unit) -> Seen:
    return Seen(unit.to_fixed(point.value), point.as_of)
