"""What can be drawn. Words and numbers for people are in the reader's language already.

Values are floats in their unit, only to be drawn; what is written beside them is text made from
the exact values.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from alerts.quantity import Unit


class Theme(StrEnum):
    LIGHT = "light"
    DARK = "dark"


@dataclass(frozen=True, slots=True)
class Look:
    """The language decides letters, numbers and dates of the axes."""

    language: str = "en"
    theme: Theme = Theme.LIGHT


@dataclass(frozen=True, slots=True)
class Caption:
    """Words around the picture.

    `value` stands large at the right with `value_note` below it; `struck`: in the colour of the
    line that it has crossed. `footer` is the small print: source and date.
    """

    title: str
    subtitle: str = ""
    value: str = ""
    value_note: str = ""
    footer: str = ""
    struck: bool = False


Points = tuple[tuple[date, float], ...]
"""Oldest first."""


@dataclass(frozen=True, slots=True)
class Trace:
    """One indicator's values. More than `longest_gap` days between two of them are a hole."""

    name: str
    unit: Unit
    points: Points
    longest_gap: int
    last: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A line across the picture. `faint`: of second rank, like a re-arm line.

    `above`: values from the line upwards are beyond it; False: downwards; None: neither.
    """

    value: float
    label: str
    faint: bool = False
    above: bool | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that happened on a day."""

    on: date
    value: float
    label: str = ""


@dataclass(frozen=True, slots=True)
class SeriesChart:
    """One indicator, the lines drawn across it, and what happened."""

    look: Look
    caption: Caption
    trace: Trace
    lines: tuple[Line, ...] = ()
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True, slots=True)
class TwoSeriesChart:
    """Two indicators over the same days: on one scale if they share it, else each on its own."""

    look: Look
    caption: Caption
    first: Trace
    second: Trace


@dataclass(frozen=True, slots=True)
class AlignedTrace:
    """Multiples of the value at the start, by years from the peak."""

    name: str
    points: tuple[tuple[float, float], ...]
    peak: str
    """What is written at the peak: its day."""


@dataclass(frozen=True, slots=True)
class AnalogueChart:
    """Courses with their peaks on one another: Nvidia over Cisco."""

    look: Look
    caption: Caption
    then: AlignedTrace
    now: AlignedTrace


@dataclass(frozen=True, slots=True)
class Part:
    """One company's values, one a period; None where it is not known."""

    name: str
    values: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class StackedChart:
    """A sum and its parts, period by period. A period with an unknown part has no bar (R4)."""

    look: Look
    caption: Caption
    unit: Unit
    periods: tuple[date, ...]
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class AgainstChart:
    """What is spent against what is earned, period by period."""

    look: Look
    caption: Caption
    unit: Unit
    periods: tuple[date, ...]
    spent: Part
    earned: Part


@dataclass(frozen=True, slots=True)
class Stand:
    """Where a value stands in its own history: a percentile from 0 to 100, None if not known.

    `claim`: the percentile of the article's figure. `old`: the value is past its time.
    `heading`: the section that begins with it.
    """

    name: str
    value: str
    percentile: float | None
    claim: float | None = None
    old: bool = False
    heading: str = ""


@dataclass(frozen=True, slots=True)
class StandsChart:
    """The scorecard: each indicator on a strip from the lowest to the highest it ever was."""

    look: Look
    caption: Caption
    stands: tuple[Stand, ...]


Chart = SeriesChart | TwoSeriesChart | AnalogueChart | StackedChart | AgainstChart | StandsChart
