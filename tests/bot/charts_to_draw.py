"""One of each kind of chart, in every language, of made-up numbers."""

from __future__ import annotations

import math
from datetime import date, timedelta

from alerts.quantity import Unit
from bot.charts.kinds import (
    AgainstChart,
    AlignedTrace,
    AnalogueChart,
    Caption,
    Chart,
    Line,
    Look,
    Mark,
    Part,
    Points,
    SeriesChart,
    StackedChart,
    Stand,
    StandsChart,
    Theme,
    Trace,
    TwoSeriesChart,
)

FIRST = date(2024, 10, 29)
QUARTERS = tuple(date(2023 + n // 4, 3 * (n % 4) + 3, 28) for n in range(11))
_NAMES = {
    "en": ("Nvidia market cap", "Top-5 weight", "line $5.00T"),
    "zh_Hant": ("輝達市值", "標普五大權重", "線 5.00兆美元"),
    "zh_Hans": ("英伟达市值", "标普五大权重", "线 5.00万亿美元"),
}


def walk(days: int = 250, scale: float = 4e12) -> Points:
    """A course that rises and swings."""
    return tuple(
        (FIRST + timedelta(days=n * 7 // 5), scale * (0.8 + n / 900 + 0.06 * math.sin(n / 9)))
        for n in range(days)
    )


def series(
    points: Points, *, look: Look | None = None, lines: tuple[Line, ...] = (), unit: Unit = Unit.USD
) -> SeriesChart:
    caption = Caption("Nvidia market cap", "a year", footer="source record")
    return SeriesChart(look or Look(), caption, Trace("cap", unit, points, 8), lines)


def one_of_each(language: str, theme: Theme) -> dict[str, Chart]:
    look = Look(language, theme)
    cap, weight, line = _NAMES[language]
    caption = Caption(cap, weight, "$5.03T", "29 Oct 2025", f"{cap} · {weight}")
    points = walk()
    trace = Trace(cap, Unit.USD, points, 8, "$5.03T")
    share = Trace(weight, Unit.FRACTION, walk(scale=0.28), 8, "30.42%")
    years = tuple((n / 100 - 3, 1 + 12 * math.exp(-((n / 100 - 3) ** 2))) for n in range(600))
    values = tuple(4e10 + 2e9 * n for n in range(11))
    unknown = (*values[:5], None, *values[6:])
    return {
        "series": SeriesChart(
            look,
            caption,
            trace,
            (Line(5e12, line, above=True), Line(4.9e12, line, faint=True)),
            (Mark(*points[200], label="2025-08-05"), Mark(*points[-1])),
        ),
        "two": TwoSeriesChart(look, caption, trace, share),
        "two of a kind": TwoSeriesChart(look, caption, trace, trace),
        "analogue": AnalogueChart(
            look,
            caption,
            AlignedTrace(weight, years, "2000-03-27"),
            AlignedTrace(cap, years[:300], "2025-10-29"),
        ),
        "stacked": StackedChart(
            look, caption, Unit.USD, QUARTERS, (Part(cap, values), Part(weight, unknown))
        ),
        "against": AgainstChart(
            look, caption, Unit.USD, QUARTERS, Part(cap, unknown), Part(weight, values)
        ),
        "stands": StandsChart(
            look,
            caption,
            (
                Stand(cap, "$5.03T", 97, 99, heading=weight),
                Stand(weight, "30.42%", None),
                Stand(cap, "$4.30T", 20, old=True),
            ),
        ),
    }
