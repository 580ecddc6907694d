"""The article's argument as numbers: how far each sign has gone, and one composite. Pure.

A sign is an indicator of the catalogue with a scale: the lines of the preset `heat`, or where it
has none those of `crack`. On its scale the line for `watch` is 50, that for `warn` 75 and that for
`critical` 100; between and below them it is linear, and it ends at 0 and 100. A section's score is
the mean of its fresh signs; the composite is the weighted mean of the sections.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from alerts.indicators import Cadence, Indicator, Section
from alerts.measure_course import points
from alerts.measures import VALUE, Measure, Point
from alerts.rules import Direction

WEIGHTS: Mapping[Section, int] = {
    Section.ACCOUNTING: 15,
    Section.CIRCULAR_FINANCING: 20,
    Section.DEBT: 25,
    Section.CONCENTRATION: 25,
    Section.FUNDAMENTALS: 15,
}
"""What each section counts for, in percent. Debt and concentration are measured best."""

NOT_TWICE = frozenset({"hyperscaler_capex_with_oracle"})
"""Signs that say again what another one says; those of single companies are left out as well."""

LEAST_FRESH = Decimal(2) / 3
LEAST_FRESH_OF_A_SECTION = Decimal(1) / 3
"""Without this share of fresh signs there is no composite: half a picture is no number."""

SHORTEST = {Cadence.SESSION: 60}
SHORTEST_OTHERWISE = 6
"""So many values make a history in which a percentile means something."""

_STEPS = (Decimal(50), Decimal(75), Decimal(100))
_PRESETS = ("heat", "crack")


@dataclass(frozen=True, slots=True)
class Scale:
    """Two or three lines from `watch` on, in the unit of the measure."""

    measure: Measure
    direction: Direction
    lines: tuple[Decimal, ...]

    def score(self, value: Decimal) -> Decimal:
        """0 to 100."""
        sign = 1 if self.direction is Direction.ABOVE else -1
        at = [sign * line for line in self.lines]
        seen = sign * value
        upper = next((n for n in range(1, len(at)) if seen < at[n]), len(at) - 1)
        low, high = at[upper - 1], at[upper]
        share = (seen - low) / (high - low)
        score = _STEPS[upper - 1] + share * (_STEPS[upper] - _STEPS[upper - 1])
        return max(Decimal(0), min(Decimal(100), score))


@dataclass(frozen=True, slots=True)
class Sign:
    """An indicator where it stands. `value` is that of the scale's measure.

    `score` is None when the indicator has no scale, or no value; `fresh` says that its newest
    value is not older than its time. `percentile` is where the plain value stands in its own
    history, from 0 to 100, None for a short one; `claimed` is the percentile of the article's line.
    """

    indicator: Indicator
    value: Decimal | None
    newest: Point | None
    scale: Scale | None
    score: Decimal | None
    fresh: bool
    percentile: Decimal | None
    claimed: Decimal | None

    @property
    def counts(self) -> bool:
        return self.scale is not None and self.fresh and self.score is not None

    @property
    def beyond(self) -> bool | None:
        """At its first line or past it; None when that is not known."""
        return self.score >= _STEPS[0] if self.score is not None and self.fresh else None


@dataclass(frozen=True, slots=True)
class Scorecard:
    """`composite` is None when too little is fresh; `lacking` are the signs that it lacks."""

    signs: tuple[Sign, ...]
    sections: Mapping[Section, Decimal | None]
    composite: Decimal | None
    coverage: Decimal
    lacking: tuple[Indicator, ...]

    def of(self, section: Section) -> tuple[Sign, ...]:
        return tuple(sign for sign in self.signs if sign.indicator.section is section)


def scale_of(indicator: Indicator) -> Scale | None:
    for preset in _PRESETS:
        lines = [line for line in indicator.lines if line.preset == preset]
        for line in lines:
            like = [
                one for one in lines
                if one.measure == line.measure and one.direction is line.direction
            ]  # fmt: skip
            if len(like) >= 2:
                return Scale(line.measure, line.direction, tuple(one.line for one in like))
    return None


def is_sign(indicator: Indicator) -> bool:
    return "." not in indicator.key and indicator.key not in NOT_TWICE


def draw_up(
    indicators: Iterable[Indicator], histories: Mapping[str, Sequence[Point]], now: datetime
) -> Scorecard:
    """The scorecard from what was observed until `now`."""
    signs = tuple(
        _sign(indicator, histories.get(indicator.key, ()), now)
        for indicator in indicators
        if is_sign(indicator)
    )
    scored = [(one.indicator, one.score if one.counts else None) for one in signs if one.scale]
    sections, composite, coverage = _weighed(scored)
    lacking = tuple(indicator for indicator, score in scored if score is None)
    return Scorecard(signs, sections, composite, coverage, lacking)


def _sign(indicator: Indicator, history: Sequence[Point], now: datetime) -> Sign:
    scale = scale_of(indicator)
    newest = history[-1] if history else None
    measure = VALUE if scale is None else scale.measure
    course = points(measure, history, indicator.cadence.longest_gap)
    known = bool(course) and newest is not None and course[-1].as_of == newest.as_of
    value = course[-1].value if known else None
    score = None if scale is None or value is None else scale.score(value)
    fresh = newest is not None and now - newest.as_of <= indicator.stale_after
    percentile = claimed = None
    if newest is not None and len(history) >= SHORTEST.get(indicator.cadence, SHORTEST_OTHERWISE):
        ranked = sorted(point.value for point in history)
        percentile = _rank(ranked, newest.value)
        line = article_line(indicator)
        claimed = None if line is None else _rank(ranked, line)
    return Sign(indicator, value, newest, scale, score, fresh, percentile, claimed)


def article_line(indicator: Indicator) -> Decimal | None:
    """The article's own figure, where it is a line on the plain value."""
    return next(
        (one.line for one in indicator.lines if one.preset == "article" and one.measure == VALUE),
        None,
    )


def _rank(ranked: Sequence[Decimal], value: Decimal) -> Decimal:
    return Decimal(100 * bisect_right(ranked, value)) / len(ranked)


def _weighed(
    scored: Sequence[tuple[Indicator, Decimal | None]],
) -> tuple[dict[Section, Decimal | None], Decimal | None, Decimal]:
    """(score by section, composite, share of the weight that is fresh)."""
    sections: dict[Section, Decimal | None] = {}
    coverage, total, fits = Decimal(0), Decimal(0), True
    for section, weight in WEIGHTS.items():
        all_of_it = [score for one, score in scored if one.section is section]
        fresh = [score for score in all_of_it if score is not None]
        sections[section] = sum(fresh, Decimal(0)) / len(fresh) if fresh else None
        share = Decimal(len(fresh)) / len(all_of_it) if all_of_it else Decimal(0)
        coverage += share * weight
        total += (sections[section] or Decimal(0)) * weight
        fits = fits and share >= LEAST_FRESH_OF_A_SECTION and bool(fresh)
    whole = sum(WEIGHTS.values())
    coverage /= whole
    enough = fits and coverage >= LEAST_FRESH
    return sections, total / whole if enough else None, coverage


def past(
    indicators: Iterable[Indicator],
    histories: Mapping[str, Sequence[Point]],
    first: datetime,
    last: datetime,
    step: timedelta = timedelta(days=7),
) -> list[Point]:
    """The composite from `first` to `last`, each time from what was known then.

    Moments at which too little was fresh are left out.
    """
    courses = [
        (one, scale, points(scale.measure, histories.get(one.key, ()), one.cadence.longest_gap))
        for one in indicators
        if is_sign(one) and (scale := scale_of(one)) is not None
    ]
    instants = {one.key: [point.as_of for point in course] for one, _, course in courses}
    found: list[Point] = []
    at = last
    while at >= first:
        scored = [
            (one, _score_at(one, scale, course, instants[one.key], at))
            for one, scale, course in courses
        ]
        _, composite, _ = _weighed(scored)
        if composite is not None:
            found.append(Point(at, composite))
        at -= step
    return found[::-1]


def _score_at(
    indicator: Indicator,
    scale: Scale,
    course: Sequence[Point],
    instants: Sequence[datetime],
    at: datetime,
) -> Decimal | None:
    known = bisect_right(instants, at)
    if not known or at - instants[known - 1] > indicator.stale_after:
        return None
    return scale.score(course[known - 1].value)
