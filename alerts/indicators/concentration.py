"""How much of the index five companies are (CATALOGUE A29)."""

from __future__ import annotations

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
# The fund publishes each session's holdings on the next; a week without is a failing source.
FALLBACK_AFTER = timedelta(days=7)
ESTIMATE_TICKER = "TOP5"


def series(evidence: Evidence) -> list[Reading | Missing]:
    """One reading a published day; the undated fallback only where the fund is silent."""
    days = (evidence.of(FUND) or FundHoldings(())).days
    found = [_sum(day) for day in days]
    silent_since = days[-1].as_of + FALLBACK_AFTER if days else date.min
    fallback = (evidence.of(FALLBACK) or FundHoldings(())).days
    return found + [_sum(day) for day in fallback if day.as_of > silent_since]


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
        guard=Guard(dict.fromkeys(MEMBERS, Decimal("0.30")), Decimal("0.15")),
        claim=Claim(
            "five companies are 30% of the S&P 500",
            date(2025, 10, 17),
            "https://www.ishares.com/us/products/239726/ishares-core-sp-500-etf",
        ),
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
