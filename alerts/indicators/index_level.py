"""The S&P 500 against its own past (CATALOGUE A32, A33)."""

from __future__ import annotations

import functools
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

from dateutil.relativedelta import relativedelta

from alerts.evidence import Close, Evidence, PriceHistory, prices
from alerts.indicators import (
    Cadence,
    Claim,
    Guard,
    Indicator,
    Meaning,
    Names,
    Section,
)
from alerts.indicators.preset_lines import A_WEEKEND, above, below
from alerts.quantity import Unit
from alerts.reading import Missing, Part, Reading, Status
from alerts.rules import Level

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


YEAR_TO_DATE = "sp500_year_to_date"
FIVE_YEARS = "sp500_five_year"
# New Year and a weekend lie between a year's last session and its last day.
YEAR_END_GAP = timedelta(days=6)
LONG_WEEKEND = timedelta(days=4)


def since_year_end(close: Close, history: PriceHistory) -> Close | None:
    return history.last_by(date(close.session.year - 1, 12, 31), YEAR_END_GAP)


def since_five_years(close: Close, history: PriceHistory) -> Close | None:
    return history.last_by(close.session - relativedelta(years=5), LONG_WEEKEND)


def gain(
    indicator: str, base_of: Callable[[Close, PriceHistory], Close | None], evidence: Evidence
) -> list[Reading | Missing]:
    """Close over an earlier close, less one."""
    history = evidence.of(INDEX) or PriceHistory(())
    found: list[Reading | Missing] = []
    for close in history.closes[history.first :]:
        base = base_of(close, history)
        if base is None:
            reason = "the close of the S&P 500 to compare with is not known"
            found.append(Missing(indicator, close.at, reason))
            continue
        found.append(_gain(indicator, close, base))
    return found


def _gain(indicator: str, close: Close, base: Close) -> Reading:
    return Reading(
        indicator,
        close.price / base.price - 1,
        Unit.FRACTION,
        close.at,
        close.session,
        close.origin.source,
        close.origin.url,
        close.origin.fetched_at,
        Status.CONFIRMED,
        "price index, without dividends",
        parts=tuple(
            Part(name, end.price, Unit.POINTS, end.session, end.origin.source, end.origin.url)
            for name, end in (("price", close), ("base", base))
        ),
    )


PRICE_GUARD = Guard({"price": Decimal("0.40")})

INDICATORS = (
    Indicator(
        key=YEAR_TO_DATE,
        names=Names("S&P 500 this year", "標普500今年漲幅", "标普500今年涨幅"),
        section=Section.CONCENTRATION,
        unit=Unit.FRACTION,
        cadence=Cadence.SESSION,
        meaning=Meaning.HOTTER,
        needs=(INDEX,),
        series=functools.partial(gain, YEAR_TO_DATE, since_year_end),
        formula="close of the S&P 500 ÷ its last close of the year before − 1",
        caveat="A year begins on no special day for a market.",
        stale_after=A_WEEKEND,
        guard=PRICE_GUARD,
        claim=Claim("16% so far this year", date(2025, 11, 30)),
    ),
    Indicator(
        key=FIVE_YEARS,
        names=Names("S&P 500 over five years", "標普500五年漲幅", "标普500五年涨幅"),
        section=Section.CONCENTRATION,
        unit=Unit.FRACTION,
        cadence=Cadence.SESSION,
        meaning=Meaning.HOTTER,
        needs=(INDEX,),
        series=functools.partial(gain, FIVE_YEARS, since_five_years),
        formula="close of the S&P 500 ÷ its close five years before − 1",
        caveat="It grows as well when a crash drops out at the beginning of the five years.",
        stale_after=A_WEEKEND,
        guard=PRICE_GUARD,
        claim=Claim("95% within five years", date(2025, 11, 30)),
        lines=(*above("article", "95%"), *above("heat", "80%", "100%", "120%")),
    ),
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
        claim=Claim("scenarios of a fall by 25% and by 50%", date(2025, 11, 30)),
        lines=(
            *below("article", "-25%"),
            *below("article", "-50%", level=Level.CRITICAL),
            *below("crack", "-10%", "-25%", "-50%"),
        ),
    ),
)
