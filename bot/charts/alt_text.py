"""What a picture shows, in words, for those who do not see it."""

from __future__ import annotations

from decimal import Decimal

from alerts.quantity import Unit
from bot import words
from bot.charts.kinds import (
    AgainstChart,
    AnalogueChart,
    Chart,
    SeriesChart,
    StackedChart,
    StandsChart,
    Trace,
    TwoSeriesChart,
)
from bot.locales import Translator

LONGEST = 1000
"""Characters; Discord takes 1024, Slack 2000."""
_LISTED = 20


def alt_text(chart: Chart, t: Translator) -> str:
    """One sentence, two where there are lines."""
    said = _said(chart, t)
    return said if len(said) <= LONGEST else said[: LONGEST - 1] + "…"


def _said(chart: Chart, t: Translator) -> str:
    title = chart.caption.title
    match chart:
        case SeriesChart(trace=trace):
            return _series(chart, trace, t)
        case TwoSeriesChart():
            both = t("; ").join(_course(trace, t) for trace in (chart.first, chart.second))
            return t("Chart of two indicators: {both}.", both=both)
        case AnalogueChart():
            return t(
                "Chart: {now} laid over {then}, peak on peak ({now_peak} and {then_peak}), as "
                "multiples of the value at the start.",
                now=chart.now.name,
                then=chart.then.name,
                now_peak=chart.now.peak,
                then_peak=chart.then.peak,
            )
        case StackedChart():
            parts = t(", ").join(
                t("{name} {value}", name=part.name, value=_newest(part.values, chart.unit, t))
                for part in chart.parts
            )
            return t("Chart of {title} by quarter; the newest: {parts}.", title=title, parts=parts)
        case AgainstChart():
            return t(
                "Chart by quarter: {spent} {spent_value} against {earned} {earned_value} at the "
                "end.",
                spent=chart.spent.name,
                spent_value=_newest(chart.spent.values, chart.unit, t),
                earned=chart.earned.name,
                earned_value=_newest(chart.earned.values, chart.unit, t),
            )
        case StandsChart():
            listed = t(", ").join(
                t("{name} {percentile}", name=stand.name, percentile=f"{stand.percentile:.0f}")
                for stand in chart.stands[:_LISTED]
                if stand.percentile is not None
            )
            return t(
                "Chart: where each number stands in its own history, from 0 (lowest) to 100 "
                "(highest): {listed}.",
                listed=listed or t("unknown"),
            )


def _series(chart: SeriesChart, trace: Trace, t: Translator) -> str:
    said = [t("Chart: {course}.", course=_course(trace, t))]
    lines = t(", ").join(line.label for line in chart.lines if line.label and not line.faint)
    if lines:
        said.append(t("Drawn across it: {lines}.", lines=lines))
    if chart.marks:
        days = [words.day(mark.on, t) for mark in chart.marks]
        shown = t(", ").join(days[-5:])
        said.append(t("Marked: {days}.", days=shown if len(days) <= 5 else f"… {shown}"))
    return words.in_a_row(said, t)


def _course(trace: Trace, t: Translator) -> str:
    if not trace.points:
        return t("{name}, no values yet", name=trace.name)
    (first, _), (last, value) = trace.points[0], trace.points[-1]
    return t(
        "{name} from {first} to {last}, between {low} and {high}, {value} at the end",
        name=trace.name,
        first=words.day(first, t),
        last=words.day(last, t),
        low=_amount(min(value for _, value in trace.points), trace.unit, t),
        high=_amount(max(value for _, value in trace.points), trace.unit, t),
        value=trace.last or _amount(value, trace.unit, t),
    )


def _newest(values: tuple[float | None, ...], unit: Unit, t: Translator) -> str:
    last = values[-1] if values else None
    return t("unknown") if last is None else _amount(last, unit, t)


def _amount(value: float, unit: Unit, t: Translator) -> str:
    return words.amount(Decimal(repr(value)), unit, t)
