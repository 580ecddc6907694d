"""How much of the index five companies are (CATALOGUE A29)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from alerts.evidence import Evidence, FundHoldings, Weights, holdings
from alerts.indicators import (
    Cadence,
    Claim,
    Guard,
    Indicator,
    Meaning,
    Names,
    PresetLine,
    Section,
)
from alerts.market_hours import closing_bell
from alerts.measures import Measure, MeasureKind, Window
from alerts.quantity import Unit
from alerts.reading import Missing, Part, Reading, Status
from alerts.rules import Direction, Level

KEY = "top5_weight"
# The five companies are fixed (the user's list), not the five largest of the day. Weights of both
# Alphabet classes are added: unlike market caps, an index counts each class once.
MEMBERS = ("NVDA", "AAPL", "MSFT", "AMZN", "GOOGL", "GOOG")
FUND = holdings("IVV")
FALLBACK = holdings("SPY")
# A fund publishes each session's holdings on the next. After a long weekend without IVV's file
# that of SPY stands in; a week without either is a failing source.
STAND_IN_AFTER = timedelta(days=4)
FALLBACK_AFTER = timedelta(days=7)
# The two funds hold the same index; a day's cash and rounding make some hundredths of a point.
AGREEMENT = Decimal("0.01")
ESTIMATE_TICKER = "TOP5"


def series(evidence: Evidence) -> list[Reading | Missing]:
    """One reading a published day.

    1. IVV's, which SPY's file of the same day confirms or contradicts.
    2. SPY's own, where IVV has been silent for days.
    3. SPY's ten largest without a date, where both have been silent for a week.
    """
    days = (evidence.of(FUND) or FundHoldings(())).days
    others = (evidence.of(FALLBACK) or FundHoldings(())).days
    dated = {day.as_of: day for day in others if day.dated}
    found = [_compared(_sum(day), dated.get(day.as_of)) for day in days]
    silent_since = days[-1].as_of + STAND_IN_AFTER if days else date.min
    standing_in = [day for day in dated.values() if day.as_of > silent_since]
    found += [_sum(day) for day in standing_in]
    last = (*days, *standing_in)[-1:]
    silent_since = last[0].as_of + FALLBACK_AFTER if last else date.min
    return found + [_sum(day) for day in others if not day.dated and day.as_of > silent_since]


def _compared(reading: Reading | Missing, other: Weights | None) -> Reading | Missing:
    """The reading with what the other fund's file of that day says of it."""
    if other is None or not isinstance(reading, Reading) or reading.status is not Status.CONFIRMED:
        return reading
    second = _sum(other)
    if not isinstance(second, Reading):
        return reading
    differs = abs(second.value / reading.value - 1)
    if differs <= AGREEMENT:
        return replace(reading, confirmed_by=second.source)
    return replace(reading, note=f"{reading.source} and {second.source} differ by {differs:.1%}")


def _known_at(day: Weights) -> datetime:
    if day.dated:
        return closing_bell(day.as_of)
    return datetime.combine(day.as_of, datetime.min.time(), UTC)


def _sum(day: Weights) -> Reading | Missing:
    at = _known_at(day)
    if day.estimate:
        total = day.fractions[ESTIMATE_TICKER]
        definition = "estimate from full market caps, about 0.5 pp under the index's own weights"
        return _reading(day, at, total, (), definition, "an estimate moves no rule")
    absent = [ticker for ticker in MEMBERS if ticker not in day.fractions]
    if absent:
        return Missing(KEY, at, f"{', '.join(absent)} not among the published holdings")
    parts = tuple(
        Part(
            ticker,
            day.fractions[ticker],
            Unit.FRACTION,
            day.as_of,
            day.origin.source,
            day.origin.url,
        )
        for ticker in MEMBERS
    )
    total = sum((part.value for part in parts), Decimal(0))
    if not day.dated:
        definition = "top holdings of SPY, published without a date"
        return _reading(day, at, total, parts, definition, "undated: it may be weeks old")
    return _reading(
        day, at, total, parts, "weight in an S&P 500 fund, from the fund's own holdings file", None
    )


def _reading(
    day: Weights,
    at: datetime,
    total: Decimal,
    parts: tuple[Part, ...],
    definition: str,
    doubt: str | None,
) -> Reading:
    return Reading(
        KEY,
        total,
        Unit.FRACTION,
        at,
        day.as_of,
        day.origin.source,
        day.origin.url,
        day.origin.fetched_at,
        Status.CONFIRMED if doubt is None else Status.UNCONFIRMED,
        definition,
        parts,
        note=doubt,
    )


def _above(preset: str, fraction: str, level: Level) -> PresetLine:
    return PresetLine(preset, Direction.ABOVE, Decimal(fraction), level)


INDICATORS = (
    Indicator(
        key=KEY,
        names=Names("Top-5 weight in the S&P 500", "五大股占標普500權重", "五大股占标普500权重"),
        section=Section.CONCENTRATION,
        unit=Unit.FRACTION,
        cadence=Cadence.SESSION,
        meaning=Meaning.HOTTER,
        needs=(FUND, FALLBACK),
        series=series,
        formula="weights of NVDA + AAPL + MSFT + AMZN + GOOGL + GOOG in the fund IVV",
        caveat="Indexes have been as narrow before without falling soon after; "
        "the weight says how much depends on five companies, not what they are worth.",
        stale_after=timedelta(days=6),
        guard=Guard(
            dict.fromkeys(MEMBERS, Decimal("0.30")),
            Decimal("0.15"),
            second_source_suffices=True,
        ),
        claim=Claim("five companies are 30% of the S&P 500", date(2025, 10, 17)),
        lines=(
            _above("article", "0.30", Level.WARN),
            _above("heat", "0.27", Level.WATCH),
            _above("heat", "0.30", Level.WARN),
            _above("heat", "0.33", Level.CRITICAL),
            PresetLine(
                "crack",
                Direction.BELOW,
                Decimal("-0.02"),
                Level.WARN,
                Measure(MeasureKind.CHANGE, Window(28, "d")),
            ),
        ),
    ),
)
