"""What technology does to America's growth, and who owns its stocks (CATALOGUE A36 to A38)."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from dateutil.relativedelta import relativedelta

from alerts.evidence import Evidence, Figures, Need, published
from alerts.indicators import Cadence, Claim, Guard, Indicator, Meaning, Names, PresetLine, Section
from alerts.indicators.preset_lines import A_QUARTER_AND_ITS_REPORT, above, below
from alerts.published import Figure
from alerts.quantity import Unit
from alerts.reading import Missing, Part, Reading, Status

GROWTH = published("A191RL1Q225SBEA")
"""Real GDP, percent change from the quarter before at a yearly rate."""
EQUIPMENT = published("Y034RY2Q224SBEA")
"""Percentage points that information-processing equipment contributed to it."""
SOFTWARE = published("B985RY2Q224SBEA")
TOP_PERCENT = published("WFRBST01122")
"""Percent of corporate equities and mutual funds held by the richest hundredth."""
NEXT_NINE = published("WFRBSN09149")
LARGEST_SHARE = Decimal(2)
PART_NAMES = {
    GROWTH: "growth of the economy",
    EQUIPMENT: "information-processing equipment",
    SOFTWARE: "software",
    TOP_PERCENT: "the richest 1%",
    NEXT_NINE: "the next 9%",
}

Quarter = Mapping[Need[Figures], Figure]
Quarters = Sequence[Quarter]
"""The newest quarters of which all series are known, newest last."""


class TooFew(Exception):
    """Not enough quarters, or a figure of which no share can be told."""


def released(
    indicator: str,
    needs: tuple[Need[Figures], ...],
    work: Callable[[Quarters], tuple[Decimal, str]],
    evidence: Evidence,
) -> list[Reading | Missing]:
    """A reading for each day on which a series was published or revised."""
    series = {need: evidence.of(need) or Figures(()) for need in needs}
    days = sorted({day for figures in series.values() for day in figures.release_days()})
    found: list[Reading | Missing] = []
    for day in days:
        at = datetime.combine(day, datetime.min.time(), UTC)
        quarters = _known(series, at)
        try:
            value, definition = work(quarters)
        except TooFew as few:
            found.append(Missing(indicator, at, str(few)))
            continue
        found.append(_reading(indicator, value, at, quarters, definition))
    return found


def _known(series: Mapping[Need[Figures], Figures], at: datetime) -> Quarters:
    known = {need: figures.known_by(at).current for need, figures in series.items()}
    days = set.intersection(*(set(figures) for figures in known.values()))
    return [{need: known[need][day] for need in known} for day in sorted(days)]


def _reading(
    indicator: str, value: Decimal, at: datetime, quarters: Quarters, definition: str
) -> Reading:
    newest = quarters[-1]
    first = next(iter(newest.values()))
    return Reading(
        indicator,
        value,
        Unit.FRACTION,
        at,
        _end_of_quarter(first.day),
        first.origin.source,
        first.origin.url,
        max(figure.origin.fetched_at for figure in newest.values()),
        Status.CONFIRMED,
        definition,
        parts=tuple(
            Part(
                PART_NAMES[need],
                figure.value / 100,
                Unit.FRACTION,
                _end_of_quarter(figure.day),
                figure.origin.source,
                figure.origin.url,
            )
            for need, figure in newest.items()
        ),
    )


def _end_of_quarter(first_day: date) -> date:
    """FRED dates a quarter by its first day."""
    return first_day + relativedelta(months=3, days=-1)


def _last(quarters: Quarters, count: int) -> Quarters:
    last = quarters[-count:]
    if len(last) < count or last[0][GROWTH].day != last[-1][GROWTH].day - relativedelta(
        months=3 * (count - 1)
    ):
        raise TooFew(f"fewer than {count} quarters in a row are known")
    return last


def tech_share(quarters: Quarters) -> tuple[Decimal, str]:
    year = _last(quarters, 4)
    tech = sum((q[EQUIPMENT].value + q[SOFTWARE].value for q in year), Decimal(0))
    growth = sum((q[GROWTH].value for q in year), Decimal(0))
    if growth == 0 or abs(tech / growth) > LARGEST_SHARE:
        points = f"{tech / 4:.2f} of {growth / 4:.2f} points"
        raise TooFew(f"the economy hardly grew ({points}): no share of that can be told")
    definition = "contribution over growth, four quarters"
    return tech / growth, definition


def growth_without_tech(quarters: Quarters) -> tuple[Decimal, str]:
    half = _last(quarters, 2)
    rest = [q[GROWTH].value - q[EQUIPMENT].value - q[SOFTWARE].value for q in half]
    definition = "mean of two quarters, at a yearly rate"
    return sum(rest, Decimal(0)) / 2 / 100, definition


def top_decile(quarters: Quarters) -> tuple[Decimal, str]:
    if not quarters:
        raise TooFew("no quarter is known")
    newest = quarters[-1]
    definition = "corporate equities and mutual funds"
    return (newest[TOP_PERCENT].value + newest[NEXT_NINE].value) / 100, definition


NO_GUARD = Guard({})
"""Growth turns over within a quarter: no move of it is a slip by its size."""


def _macro(
    key: str,
    names: Names,
    meaning: Meaning,
    needs: tuple[Need[Figures], ...],
    work: Callable[[Quarters], tuple[Decimal, str]],
    formula: str,
    caveat: str,
    claim: Claim,
    lines: tuple[PresetLine, ...],
    guard: Guard = NO_GUARD,
) -> Indicator:
    return Indicator(
        key=key,
        names=names,
        section=Section.CONCENTRATION,
        unit=Unit.FRACTION,
        cadence=Cadence.RELEASE,
        meaning=meaning,
        needs=needs,
        series=functools.partial(released, key, needs, work),
        formula=formula,
        caveat=caveat,
        stale_after=A_QUARTER_AND_ITS_REPORT,
        guard=guard,
        claim=claim,
        lines=lines,
    )


ACCOUNTS = (GROWTH, EQUIPMENT, SOFTWARE)

INDICATORS = (
    _macro(
        "tech_share_of_gdp_growth",
        Names(
            "Tech investment's share of GDP growth", "科技投資占 GDP 成長", "科技投资占 GDP 增长"
        ),
        Meaning.HOTTER,
        ACCOUNTS,
        tech_share,
        "contribution of information-processing equipment and software to real GDP growth ÷ "
        "that growth, summed over four quarters",
        "Not all of it is AI, and what is imported for it is not taken off.",
        Claim("more than 40% of growth", date(2025, 10, 6)),
        (*above("article", "40%"), *above("heat", "25%", "40%", "60%")),
    ),
    _macro(
        "gdp_growth_without_tech",
        Names("GDP growth without tech", "扣除科技投資的 GDP 成長", "扣除科技投资的 GDP 增长"),
        Meaning.SUPPORTIVE,
        ACCOUNTS,
        growth_without_tech,
        "real GDP growth − contribution of information-processing equipment and software, "
        "mean of the last two quarters",
        "Without the boom other things would have been built: it is not what would have been.",
        Claim(
            "0.1% a year in the first half of 2025",
            date(2025, 9, 27),
            "https://fortune.com/2025/10/07/data-centers-gdp-growth-zero-first-half-2025-"
            "jason-furman-harvard-economist/",
        ),
        below("heat", "1.0%", "0.5%", "0%"),
    ),
    _macro(
        "top_decile_stock_share",
        Names("Top-10% share of US stocks", "最富 10% 持股比重", "最富 10% 持股比重"),
        Meaning.HOTTER,
        (TOP_PERCENT, NEXT_NINE),
        top_decile,
        "stocks and funds held by the richest hundredth + by the next nine",
        "Pension claims are left out, and they are spread more widely.",
        Claim("the richest tenth own 85% of stocks", date(2025, 10, 6)),
        above("heat", "87%", "88%", "90%"),
        Guard({}, Decimal("0.10"), reach=timedelta(days=200)),
    ),
)
