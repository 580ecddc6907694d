"""Preset lines in the three levels in which the catalogue gives them: watch, warn, critical."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from alerts.indicators import PresetLine
from alerts.measures import VALUE, Measure, MeasureKind, Window
from alerts.rules import Direction, Level

# A year between two filings is 52 weeks give or take two: so far back stands the quarter of the
# year before, and never the one after it.
YEAR_ON_YEAR = Measure(MeasureKind.PERCENT_CHANGE, Window(350, "d"))
YEARLY_CHANGE = Measure(MeasureKind.CHANGE, Window(350, "d"))
QUARTER_ON_QUARTER = Measure(MeasureKind.PERCENT_CHANGE, Window(80, "d"))

A_QUARTER_AND_ITS_REPORT = timedelta(days=135)
"""40 days after a quarter's end, 60 after a year's; then a new quarter passes."""
A_YEAR_AND_ITS_REPORT = timedelta(days=430)
A_WEEKEND = timedelta(days=5)


def above(
    preset: str, *lines: str, measure: Measure = VALUE, level: Level | None = None
) -> tuple[PresetLine, ...]:
    """Up to three lines, from watch to critical; one line alone takes `level`, or warn."""
    return _lines(preset, Direction.ABOVE, lines, measure, level)


def below(
    preset: str, *lines: str, measure: Measure = VALUE, level: Level | None = None
) -> tuple[PresetLine, ...]:
    return _lines(preset, Direction.BELOW, lines, measure, level)


def _lines(
    preset: str,
    direction: Direction,
    lines: tuple[str, ...],
    measure: Measure,
    level: Level | None,
) -> tuple[PresetLine, ...]:
    levels = (level or Level.WARN,) if len(lines) == 1 else tuple(Level)
    return tuple(
        PresetLine(preset, direction, amount(line), one, measure)
        for line, one in zip(lines, levels, strict=False)
    )


def amount(text: str) -> Decimal:
    """`30%` is 0.30, `5T`, `95B` and `130M` are dollars, all else is a plain number."""
    if text.endswith("%"):
        return Decimal(text[:-1]) / 100
    powers = {"T": 12, "B": 9, "M": 6}
    if text[-1] in powers:
        return Decimal(text[:-1]).scaleb(powers[text[-1]])
    return Decimal(text)
