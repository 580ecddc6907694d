"""The catalogue: what is measured. Every module of this package adds its `INDICATORS`.

An indicator is a pure function of evidence. To add one, write a file here with an `INDICATORS`
tuple; nothing else needs to know.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import cache

from alerts.evidence import Answer, Evidence, Need
from alerts.measures import VALUE, Measure
from alerts.quantity import Unit
from alerts.reading import Missing, Reading
from alerts.rules import Direction, Level


class Cadence(StrEnum):
    """How often an indicator has a value of its own (RULES.md R28)."""

    SESSION = "session"
    FILING = "filing"
    RELEASE = "release"
    """A statistics office's quarter, and each revision of it."""
    YEAR = "year"
    OCCASION = "occasion"
    """Whenever a person enters a fact."""

    @property
    def longest_gap(self) -> timedelta:
        """The longest time between two values when none is missing."""
        # A week holds the longest closure of New York since 1990 (four sessions in 2001).
        days = {Cadence.SESSION: 8, Cadence.YEAR: 400, Cadence.OCCASION: 3650}
        return timedelta(days=days.get(self, 135))


class Section(StrEnum):
    """The article's five parts."""

    ACCOUNTING = "accounting"
    CIRCULAR_FINANCING = "circular_financing"
    DEBT = "debt"
    CONCENTRATION = "concentration"
    FUNDAMENTALS = "fundamentals"


class Meaning(StrEnum):
    """What a rise says."""

    HOTTER = "hotter"
    CRACKING = "cracking"
    SUPPORTIVE = "supportive"


@dataclass(frozen=True, slots=True)
class Names:
    en: str
    zh_hant: str
    zh_hans: str


ARTICLE = "https://zh.wenxuecity.com/news/2025/11/30/126431290.html"
"""Hu Yong: are we watching an AI bubble? 30 November 2025, in traditional Chinese."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What the article said: the words of the claim in short, its number's day, and where.

    `url` is the article, or where it has the number from.
    """

    says: str
    on: date
    url: str = ARTICLE


@dataclass(frozen=True, slots=True)
class PresetLine:
    """One line of a preset. `line` is in the unit of the measure."""

    preset: str
    direction: Direction
    line: Decimal
    level: Level
    measure: Measure = VALUE


@dataclass(frozen=True, slots=True)
class Guard:
    """Beyond these moves between neighbouring values a reading is held (R3).

    `part_limits` gives the largest relative move of a named part; `value_limit` that of the value.
    `second_source_tolerance` is the relative difference within which a second source agrees.
    Values further apart in time than `reach` are no neighbours: a large move is ordinary there.
    `second_source_suffices`: a reading that a second source confirms is not held at all.
    """

    part_limits: Mapping[str, Decimal]
    value_limit: Decimal | None = None
    second_source_tolerance: Decimal = Decimal("0.03")
    reach: timedelta = timedelta(days=6)
    second_source_suffices: bool = False


@dataclass(frozen=True, slots=True)
class Indicator:
    """One number of the catalogue.

    `series` computes every value that the evidence supports, oldest first, each only from what
    was known at its own `as_of`: no look-ahead. `tags` are the filing tags that it reads.
    `seconds` are asked for too, to confirm or to show beside; a value never waits for them. `own`:
    people here added it, and what they look at is told to nobody else.
    """

    key: str
    names: Names
    section: Section
    unit: Unit
    cadence: Cadence
    meaning: Meaning
    needs: tuple[Need[Answer], ...]
    series: Callable[[Evidence], Sequence[Reading | Missing]]
    formula: str
    caveat: str
    stale_after: timedelta
    guard: Guard
    claim: Claim | None = None
    lines: tuple[PresetLine, ...] = ()
    tags: tuple[str, ...] = ()
    seconds: tuple[Need[Answer], ...] = ()
    own: bool = False


@cache
def catalogue() -> Mapping[str, Indicator]:
    """All indicators by key, in the order of the modules' names and of their own listing."""
    found: dict[str, Indicator] = {}
    for module in sorted(info.name for info in pkgutil.iter_modules(__path__)):
        loaded = importlib.import_module(f"{__name__}.{module}")
        for indicator in getattr(loaded, "INDICATORS", ()):
            if indicator.key in found:
                raise ValueError(f"two indicators are called {indicator.key}")
            found[indicator.key] = indicator
    return found


def presets() -> Mapping[str, Sequence[tuple[Indicator, PresetLine]]]:
    """Preset name to its lines, in the order of the catalogue."""
    lines: dict[str, list[tuple[Indicator, PresetLine]]] = {}
    for indicator in catalogue().values():
        for line in indicator.lines:
            lines.setdefault(line.preset, []).append((indicator, line))
    return dict(sorted(lines.items()))


def needs_of(indicators: Iterable[Indicator]) -> frozenset[Need[Answer]]:
    return frozenset(
        need for indicator in indicators for need in (*indicator.needs, *indicator.seconds)
    )


def filing_tags() -> frozenset[str]:
    """Every filing tag that any indicator reads."""
    return frozenset(tag for indicator in catalogue().values() for tag in indicator.tags)
