"""The S&P 500 against its own past (CATALOGUE A33)."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from alerts.evidence import Close, Evidence, PriceHistory, prices
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
from alerts.quantity import Unit
from alerts.reading import Missing, Part, Reading, Status
from alerts.rules import Direction, Level

INDEX = prices("^GSPC")


def drawdown(evidence: Evidence) -> list[Reading | Missing]:
    """Close over the highest close so far, less one: 0 at a peak, −0.25 a quarter below it."""
    history = evidence.of(INDEX) or PriceHistory(())
    return [
        Reading(
            "sp500_drawdown",
            close.price / peak.price - 1,
            Unit.FRACTION,
            close.at,
            close.session,
            close.origin.source,
            close.origin.url,
            close.origin.fetched_at,
            Status.CONFIRMED,
            "price index, close against the highest close",
            parts=tuple(
                Part(name, end.price, Unit.POINTS, end.session, end.origin.source, end.origin.url)
                for name, end in (("price", close), ("peak", peak))
            ),
        )
        for close, peak in _from(history)
    ]


def _from(history: PriceHistory) -> list[tuple[Close, Close]]:
    """Every close for which a reading is wanted, with its peak."""
    return list(zip(history.closes, history.peaks, strict=True))[history.first :]


def _below(preset: str, fraction: str, level: Level) -> PresetLine:
    return PresetLine(preset, Direction.BELOW, Decimal(fraction), level)


INDICATORS = (
    Indicator(
        key="sp500_drawdown",
        names=Names("S&P 500 drawdown from its peak", "標普500距高點回落", "标普500距高点回落"),
        section=Section.CONCENTRATION,
        unit=Unit.FRACTION,
        cadence=Cadence.SESSION,
        meaning=Meaning.CRACKING,
        needs=(INDEX,),
        series=drawdown,
        formula="close of the S&P 500 ÷ its highest close so far − 1",
        caveat="Falls of a tenth come in most years and say nothing of a bubble.",
        stale_after=timedelta(days=5),
        guard=Guard({"price": Decimal("0.40")}),
        claim=Claim(
            "scenarios of a fall by 25% and by 50%",
            date(2025, 11, 30),
            "https://fred.stlouisfed.org/series/SP500",
        ),
        lines=(
            _below("article", "-0.25", Level.WARN),
            _below("article", "-0.50", Level.CRITICAL),
            _below("crack", "-0.10", Level.WATCH),
            _below("crack", "-0.25", Level.WARN),
            _below("crack", "-0.50", Level.CRITICAL),
        ),
    ),
)
