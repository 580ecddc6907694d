"""A measure on every day of a history, in one pass: the same numbers as `measures.compute`.

`compute` looks at one day. Asked for each day of twenty years it would go through every window
again; here the windows slide.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections import deque
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from itertools import accumulate

from alerts.measures import Measure, MeasureKind, Point, Window


def course(
    measure: Measure, history: Sequence[Point], longest_gap: timedelta
) -> list[Decimal | None]:
    """For each point, `compute(measure, history up to it, longest_gap)`."""
    if measure.kind is MeasureKind.VALUE or measure.window is None:
        return [point.value for point in history]
    starts = _starts(measure.window, history)
    if measure.kind in (MeasureKind.CHANGE, MeasureKind.PERCENT_CHANGE):
        return _changes(measure, history, starts, longest_gap)
    whole = _whole_windows(measure.window, history, starts, longest_gap)
    values = [point.value for point in history]
    if measure.kind is MeasureKind.PERCENTILE:
        found = _percentiles(values, starts)
    else:
        found = _extremes(measure.kind, values, starts)
    return [value if fine else None for value, fine in zip(found, whole, strict=True)]


def points(measure: Measure, history: Sequence[Point], longest_gap: timedelta) -> list[Point]:
    """The days on which the measure is known."""
    values = course(measure, history, longest_gap)
    return [
        Point(point.as_of, value)
        for point, value in zip(history, values, strict=True)
        if value is not None
    ]


def _starts(window: Window, history: Sequence[Point]) -> list[int]:
    """For each point, where the days of its window begin."""
    if window.unit == "all":
        return [0] * len(history)
    days = [point.as_of.date() for point in history]
    found: list[int] = []
    for at, point in enumerate(history):
        start = window.start(point.as_of)
        found.append(0 if start is None else bisect_right(days, start.date(), hi=at + 1))
    return found


def _changes(
    measure: Measure, history: Sequence[Point], starts: Sequence[int], longest_gap: timedelta
) -> list[Decimal | None]:
    found: list[Decimal | None] = []
    for at, (last, first) in enumerate(zip(history, starts, strict=True)):
        start = None if measure.window is None else measure.window.start(last.as_of)
        if start is None:
            base = history[0] if at else None
        else:
            base = history[first - 1] if 0 < first <= at else None
            if base is not None and start - base.as_of > longest_gap:
                base = None
        if base is None:
            found.append(None)
        elif measure.kind is MeasureKind.CHANGE:
            found.append(last.value - base.value)
        else:
            found.append(None if base.value <= 0 else last.value / base.value - 1)
    return found


def _whole_windows(
    window: Window, history: Sequence[Point], starts: Sequence[int], longest_gap: timedelta
) -> list[bool]:
    """Whether nothing is missing in each window, at its start least of all."""
    if window.unit == "all":
        return [at > 0 for at in range(len(history))]
    instants = [point.as_of for point in history]
    holes = list(
        accumulate(
            (
                at > 0 and instants[at] - instants[at - 1] > longest_gap
                for at in range(len(instants))
            ),
            initial=0,
        )
    )
    found: list[bool] = []
    for at, first in enumerate(starts):
        start = window.start(instants[at])
        found.append(
            start is not None
            and 0 < first < at
            and instants[first] - start <= longest_gap
            and holes[at + 1] == holes[first + 1]
        )
    return found


def _percentiles(values: Sequence[Decimal], starts: Sequence[int]) -> list[Decimal | None]:
    ranked: list[Decimal] = []
    gone = 0
    found: list[Decimal | None] = []
    for at, value in enumerate(values):
        insort(ranked, value)
        while gone < min(starts[at], at):
            del ranked[bisect_left(ranked, values[gone])]
            gone += 1
        found.append(Decimal(100 * bisect_right(ranked, value)) / len(ranked))
    return found


def _extremes(
    kind: MeasureKind, values: Sequence[Decimal], starts: Sequence[int]
) -> list[Decimal | None]:
    """Kept is whoever may still be the extreme once those before it have left the window."""
    lowest = kind is MeasureKind.LOW
    kept: deque[int] = deque()
    found: list[Decimal | None] = []
    for at, value in enumerate(values):
        while kept and kept[0] < starts[at]:
            kept.popleft()
        before = values[kept[0]] if kept else None
        while kept and (values[kept[-1]] >= value if lowest else values[kept[-1]] <= value):
            kept.pop()
        kept.append(at)
        found.append(_extreme(kind, value, before))
    return found


def _extreme(kind: MeasureKind, value: Decimal, before: Decimal | None) -> Decimal | None:
    """`before`: the extreme of the window without its last value."""
    if kind is MeasureKind.DRAWDOWN:
        peak = value if before is None else max(value, before)
        return None if peak <= 0 else value / peak - 1
    if before is None:
        return None
    new = value < before if kind is MeasureKind.LOW else value > before
    return Decimal(1 if new else 0)
