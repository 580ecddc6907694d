"""Charts of what is stored: histories, rules and readings into what can be drawn."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import TypeVar

from alerts.indicators import Cadence, Indicator
from alerts.measures import Point
from alerts.quantity import Unit
from alerts.reading import Reading
from alerts.rules import Direction, Rule
from bot import words
from bot.charts.kinds import (
    AgainstChart,
    AlignedTrace,
    AnalogueChart,
    Caption,
    Line,
    Look,
    Mark,
    Part,
    Points,
    SeriesChart,
    StackedChart,
    Theme,
    Trace,
    TwoSeriesChart,
)
from bot.locales import Translator

T = TypeVar("T")

Dated = tuple[date, Decimal]
"""A value and the day that it describes."""

_DAYS_A_YEAR = 365.25
_LABELLED = 3
"""So many crossings are labelled with their day; more would cover each other."""


def default_span(cadence: Cadence) -> timedelta:
    """How far back a picture goes: so far that there is a course to see."""
    years = {Cadence.SESSION: 1, Cadence.YEAR: 15, Cadence.OCCASION: 5}.get(cadence, 3)
    return timedelta(days=365 * years)


def latest(history: Sequence[Point], span: timedelta) -> Sequence[Point]:
    """The part of a history that lies within `span` of its end."""
    if not history:
        return history
    start = history[-1].as_of - span
    return [point for point in history if point.as_of >= start]


def trace_of(indicator: Indicator, history: Sequence[Point], t: Translator) -> Trace:
    unit = indicator.unit
    last = words.amount(history[-1].value, unit, t) if history else ""
    gap = indicator.cadence.longest_gap.days
    return Trace(words.name_of(indicator, t), unit, drawn(history), gap, last)


def drawn(history: Sequence[Point]) -> Points:
    return tuple((point.as_of.date(), float(point.value)) for point in history)


def indicator_chart(
    indicator: Indicator,
    history: Sequence[Point],
    t: Translator,
    *,
    rules: Sequence[Rule] = (),
    crossings: Sequence[Point] = (),
    source: str = "",
    theme: Theme = Theme.LIGHT,
) -> SeriesChart:
    """One indicator with its lines, and where it crossed them: for `chart` and `backtest`.

    `rules` are those on its plain value. `history` is what is to be seen of it.
    """
    trace = trace_of(indicator, history, t)
    seen = [one for one in crossings if history and history[0].as_of <= one.as_of]
    few = len(seen) <= _LABELLED
    marks = tuple(
        Mark(at, float(one.value), words.day(at, t) if few else "")
        for one in seen
        for at in (one.as_of.date(),)
    )
    lines = tuple(line for rule in rules for line in lines_of(rule, indicator.unit, t)[:1])
    return SeriesChart(_look(t, theme), _caption(trace, source, t), trace, lines, marks)


def two_chart(
    first: Trace, second: Trace, t: Translator, *, source: str = "", theme: Theme = Theme.LIGHT
) -> TwoSeriesChart:
    days = [day for trace in (first, second) for day, _ in trace.points]
    title = t("{first} and {second}", first=first.name, second=second.name)
    span = _span(min(days), max(days), t) if days else ""
    caption = Caption(title, span, footer=source)
    return TwoSeriesChart(_look(t, theme), caption, first, second)


def stacked_chart(
    indicator: Indicator,
    readings: Sequence[Reading],
    names: Mapping[str, str],
    t: Translator,
    *,
    source: str = "",
    theme: Theme = Theme.LIGHT,
) -> StackedChart:
    """A sum by its parts, one reading a quarter. `readings` are oldest first.

    `names` says which parts, in which order, and how people call them.
    """
    quarters = _quarters((reading.period_end, reading) for reading in readings)
    values: dict[str, list[float | None]] = {key: [] for key in names}
    for reading in quarters.values():
        for key, column in values.items():
            part = reading.part(key)
            column.append(None if part is None else float(part.value))
    parts = tuple(Part(names[key], tuple(column)) for key, column in values.items())
    newest = list(quarters.values())[-1:]
    value = "".join(words.amount(one.value, one.unit, t) for one in newest)
    on = "".join(words.day(one.period_end, t) for one in newest)
    caption = Caption(words.name_of(indicator, t), t("by quarter"), value, on, source)
    return StackedChart(_look(t, theme), caption, indicator.unit, tuple(quarters), parts)


def against_chart(
    spent: tuple[str, Sequence[Dated]],
    earned: tuple[str, Sequence[Dated]],
    unit: Unit,
    t: Translator,
    *,
    source: str = "",
    theme: Theme = Theme.LIGHT,
) -> AgainstChart:
    """What is spent against what is earned, each a name and values by the ends of quarters."""
    columns = [_quarters(values) for _, values in (spent, earned)]
    periods = tuple(sorted({*columns[0], *columns[1]}))
    parts = [
        Part(name, tuple(float(column[p]) if p in column else None for p in periods))
        for (name, _), column in zip((spent, earned), columns, strict=True)
    ]
    title = t("{spent} against {earned}", spent=spent[0], earned=earned[0])
    share = _share(parts[0].values[-1:], parts[1].values[-1:], t)
    caption = Caption(title, t("by quarter"), share, t("of it spent") if share else "", source)
    return AgainstChart(_look(t, theme), caption, unit, periods, *parts)


def analogue_chart(
    then: tuple[str, Sequence[Dated]],
    now: tuple[str, Sequence[Dated]],
    t: Translator,
    *,
    value: str = "",
    source: str = "",
    theme: Theme = Theme.LIGHT,
) -> AnalogueChart:
    """Two names with their prices, laid on one another at their highest days."""
    traces = []
    for name, prices in (then, now):
        peak = highest_day(prices)
        course = () if peak is None else aligned(prices, peak)
        traces.append(AlignedTrace(name, course, "" if peak is None else words.day(peak, t)))
    title = t("{now} over {then}", now=now[0], then=then[0])
    subtitle = t("multiples of the price three years before the peak")
    caption = Caption(title, subtitle, value, footer=source)
    return AnalogueChart(_look(t, theme), caption, *traces)


def aligned(prices: Sequence[Dated], peak: date, years: int = 3) -> tuple[tuple[float, float], ...]:
    """(years from `peak`, multiple of the first value) from `years` before it to `years` after.

    Empty when there is no value within the first month of that span: the multiple would be that
    of a later start.
    """
    start = peak - timedelta(days=round(years * _DAYS_A_YEAR))
    end = peak + timedelta(days=round(years * _DAYS_A_YEAR))
    within = [(day, price) for day, price in prices if start <= day <= end and price > 0]
    if not within or within[0][0] - start > timedelta(days=31):
        return ()
    base = within[0][1]
    return tuple(((day - peak).days / _DAYS_A_YEAR, float(price / base)) for day, price in within)


def highest_day(prices: Sequence[Dated]) -> date | None:
    """The day of the highest value; the first of them if there are several."""
    return max(prices, key=lambda one: one[1])[0] if prices else None


def lines_of(rule: Rule, unit: Unit, t: Translator) -> tuple[Line, ...]:
    """A rule's line, and the one at which it re-arms if that is another."""
    line, rearm = unit.from_fixed(rule.line), unit.from_fixed(rule.rearm)
    first = Line(
        float(line),
        t("line {line}", line=words.drawn(line, unit, t)),
        above=rule.direction is Direction.ABOVE,
    )
    if rearm == line:
        return (first,)
    said = t("re-arms at {line}", line=words.amount(rearm, unit, t, line=line))
    return first, Line(float(rearm), said, faint=True)


def _look(t: Translator, theme: Theme) -> Look:
    return Look(t.language, theme)


def _span(first: date, last: date, t: Translator) -> str:
    return t("{first} to {last}", first=words.day(first, t), last=words.day(last, t))


def _caption(trace: Trace, source: str, t: Translator) -> Caption:
    if not trace.points:
        return Caption(trace.name, footer=source)
    first, last = trace.points[0][0], trace.points[-1][0]
    return Caption(trace.name, _span(first, last, t), trace.last, words.day(last, t), source)


def _quarters(dated: Iterable[tuple[date, T]]) -> dict[date, T]:
    """The first of each calendar quarter, under its own day.

    Of a sum that is the one in which the last company's figures of that quarter arrived.
    """
    found: dict[tuple[int, int], tuple[date, T]] = {}
    for day, one in dated:
        found.setdefault((day.year, (day.month - 1) // 3), (day, one))
    return dict(sorted(found.values(), key=lambda pair: pair[0]))


def _share(spent: Sequence[float | None], earned: Sequence[float | None], t: Translator) -> str:
    if not spent or not earned or spent[0] is None or not earned[0] or earned[0] < 0:
        return ""
    return words.amount(Decimal(repr(spent[0] / earned[0])), Unit.FRACTION, t)
