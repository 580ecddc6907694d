"""Measures: what a rule looks at in an indicator's history (RULES.md R6, R28).

Histories hold one value a period (a session, a filing), oldest first: polls in between do not
count. A window without enough history gives None, never a guess.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise

from dateutil.relativedelta import relativedelta

from alerts.quantity import Unit


class MeasureKind(StrEnum):
    VALUE = "value"
    CHANGE = "change"
    PERCENT_CHANGE = "percent_change"
    DRAWDOWN = "drawdown"
    PERCENTILE = "percentile"
    HIGH = "high"
    LOW = "low"


@dataclass(frozen=True, slots=True)
class Window:
    """`30d`, `4mo`, `1y` or `all`: an amount of one calendar unit."""

    amount: int
    unit: str

    _FORM = re.compile(r"(\d{1,4})\s*(d|w|mo|y)")

    @classmethod
    def parse(cls, text: str) -> Window:
        """Raises ValueError with a sentence for people."""
        cleaned = text.strip().lower()
        if cleaned == "all":
            return ALL
        match = cls._FORM.fullmatch(cleaned)
        if match is None or int(match[1]) == 0:
            raise ValueError(f"“{text}” is not a window; write 30d, 4mo, 1y or all")
        amount, unit = int(match[1]), match[2]
        if unit == "w":
            amount, unit = amount * 7, "d"
        if amount > {"d": 36500, "mo": 1200, "y": 100}[unit]:
            raise ValueError(f"“{text}” is longer than 100 years; write all")
        return cls(amount, unit)

    def start(self, end: datetime) -> datetime | None:
        """The instant at which the window begins; None for `all`."""
        if self.unit == "all":
            return None
        if self.unit == "d":
            return end - timedelta(days=self.amount)
        if self.unit == "mo":
            return end - relativedelta(months=self.amount)
        return end - relativedelta(years=self.amount)

    def __str__(self) -> str:
        return "all" if self.unit == "all" else f"{self.amount}{self.unit}"


ALL = Window(0, "all")


@dataclass(frozen=True, slots=True)
class Measure:
    """A kind and, for all but `value`, a window."""

    kind: MeasureKind
    window: Window | None = None

    def unit(self, of: Unit) -> Unit:
        """The unit of this measure of an indicator with unit `of`."""
        match self.kind:
            case MeasureKind.VALUE | MeasureKind.CHANGE:
                return of
            case MeasureKind.PERCENT_CHANGE | MeasureKind.DRAWDOWN:
                return Unit.FRACTION
            case MeasureKind.PERCENTILE:
                return Unit.POINTS
            case MeasureKind.HIGH | MeasureKind.LOW:
                return Unit.COUNT

    def __str__(self) -> str:
        return self.kind.value if self.window is None else f"{self.kind.value} {self.window}"


VALUE = Measure(MeasureKind.VALUE)


@dataclass(frozen=True, slots=True)
class Point:
    as_of: datetime
    value: Decimal


def compute(measure: Measure, history: Sequence[Point], longest_gap: timedelta) -> Decimal | None:
    """The measure on the last point of `history`.

    `longest_gap` is the longest time that may pass between two values of the indicator when
    nothing is missing; a larger hole inside the window, or at its start, makes it missing. So does
    a history that begins within the window.
    """
    if not history:
        return None
    last = history[-1]
    if measure.kind is MeasureKind.VALUE or measure.window is None:
        return last.value
    start = measure.window.start(last.as_of)
    if measure.kind in (MeasureKind.CHANGE, MeasureKind.PERCENT_CHANGE):
        return _change(measure.kind, history, start, longest_gap)
    window = _window(history, start, longest_gap)
    if window is None:
        return None
    return _extreme(measure.kind, [point.value for point in window])


def _change(
    kind: MeasureKind, history: Sequence[Point], start: datetime | None, longest_gap: timedelta
) -> Decimal | None:
    last = history[-1]
    if start is None:
        base = history[0]
    else:
        at = _after(history, start)
        if at == 0 or start - history[at - 1].as_of > longest_gap:
            return None
        base = history[at - 1]
    if base is last:
        return None
    if kind is MeasureKind.CHANGE:
        return last.value - base.value
    return None if base.value <= 0 else last.value / base.value - 1


def _after(history: Sequence[Point], start: datetime) -> int:
    """Where the days after `start` begin.

    Days, not instants: the session of the starting day belongs before the window whether it closed
    at 18:00, 20:00 or 21:00 UTC.
    """
    return bisect_right(history, start.date(), key=lambda point: point.as_of.date())


def _window(
    history: Sequence[Point], start: datetime | None, longest_gap: timedelta
) -> Sequence[Point] | None:
    if start is None:
        return history if len(history) >= 2 else None
    first = _after(history, start)
    window = history[first:]
    if first == 0 or len(window) < 2:
        return None
    holes = pairwise((start, *(point.as_of for point in window)))
    return window if all(later - earlier <= longest_gap for earlier, later in holes) else None


def _extreme(kind: MeasureKind, values: Sequence[Decimal]) -> Decimal | None:
    last, before = values[-1], values[:-1]
    match kind:
        case MeasureKind.DRAWDOWN:
            peak = max(values)
            return None if peak <= 0 else last / peak - 1
        case MeasureKind.PERCENTILE:
            at_or_below = sum(1 for value in values if value <= last)
            return Decimal(100 * at_or_below) / len(values)
        case MeasureKind.HIGH:
            return Decimal(1 if last > max(before) else 0)
        case MeasureKind.LOW:
            return Decimal(1 if last < min(before) else 0)
        case _:
            return None
