"""Pictures for the page: an indicator's last years, the public lines, and where it crossed them."""

from __future__ import annotations

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from alerts.indicators import Cadence
from alerts.measures import MeasureKind, Point
from alerts.rules import Kind
from bot import words
from bot.board import Standing
from bot.charts.alt_text import alt_text
from bot.charts.drawer import Drawer
from bot.charts.kinds import Caption, Line, Look, Mark, SeriesChart, Theme, Trace
from bot.locales import Translator
from bot.web.crossings import Crossing, public_lines

SPAN_OF_SESSIONS = timedelta(days=365)
KEPT = 160
"""So many pictures are kept: three languages on two grounds of a good two dozen indicators."""
_MARKS = 4
_LINES = 4
"""The nearest ones: more of them hide the course."""
_REACH = Decimal("0.6")
"""Lines further away than this share of the values' own range would flatten the course."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A picture and the words for those who do not see it."""

    png: bytes
    alt: str


def chart_of(
    standing: Standing, crossed: Sequence[Crossing], t: Translator, theme: Theme
) -> SeriesChart | None:
    """None without any value."""
    indicator, reading = standing.indicator, standing.newest
    shown = _shown(standing)
    if not shown or reading is None:
        return None
    unit = indicator.unit
    name = words.name_of(indicator, t)
    first, last = (words.day(shown[end].as_of.date(), t) for end in (0, -1))
    value = words.amount(shown[-1].value, unit, t)
    definition = words.definition(reading.definition, t)
    grounds = t("{definition}; source {source}", definition=definition, source=reading.source)
    return SeriesChart(
        Look(t.language, theme),
        Caption(
            name,
            t("{first} to {last}", first=first, last=last),
            value,
            last,
            t("; ").join((grounds, t("as of {on}", on=last))),
        ),
        Trace(
            name,
            unit,
            tuple((point.as_of.date(), float(point.value)) for point in shown),
            indicator.cadence.longest_gap.days,
            value,
        ),
        _lines(standing, shown, t),
        _marks(crossed, shown, t),
    )


def _shown(standing: Standing) -> Sequence[Point]:
    """A year of sessions; of what comes rarely, everything."""
    history = standing.history
    if standing.indicator.cadence is not Cadence.SESSION or not history:
        return history
    start = history[-1].as_of - SPAN_OF_SESSIONS
    return [point for point in history if point.as_of >= start]


def _lines(standing: Standing, shown: Sequence[Point], t: Translator) -> tuple[Line, ...]:
    values = [point.value for point in shown]
    low, high = min(values), max(values)
    reach = max((high - low) * _REACH, abs(shown[-1].value) * Decimal("0.1"))
    found: dict[Decimal, str] = {}
    for line in public_lines(standing.indicator):
        at = line.unit.from_fixed(line.line)
        if line.measure.kind is MeasureKind.VALUE and low - reach <= at <= high + reach:
            found[at] = f"{t(line.level.value)} {words.amount(at, line.unit, t)}"
    nearest = sorted(found, key=lambda at: abs(at - values[-1]))[:_LINES]
    return tuple(Line(float(at), found[at]) for at in sorted(nearest))


def _marks(crossed: Sequence[Crossing], shown: Sequence[Point], t: Translator) -> tuple[Mark, ...]:
    values = {point.as_of: point.value for point in shown}
    fired = [
        one
        for one in crossed
        if one.kind is Kind.FIRED
        and one.line.measure.kind is MeasureKind.VALUE
        and one.as_of in values
    ]
    days = list(dict.fromkeys(one.as_of for one in fired))[-_MARKS:]
    return tuple(Mark(at.date(), float(values[at]), words.day(at.date(), t)) for at in days)


def stamp(standing: Standing) -> str:
    """Changes whenever the picture does."""
    last = standing.history[-1] if standing.history else None
    status = standing.newest.status.value if standing.newest else ""
    said = f"{last} {len(standing.history)} {status} {standing.indicator.lines}"
    return hashlib.sha256(said.encode()).hexdigest()[:12]


class PagePictures:
    """Draws each picture once for as long as its indicator stands where it stands."""

    def __init__(self, drawer: Drawer) -> None:
        self._drawer = drawer
        self._kept: OrderedDict[tuple[str, str, str, Theme], Drawn] = OrderedDict()
        self._turn = asyncio.Lock()

    async def of(
        self, standing: Standing, crossed: Sequence[Crossing], t: Translator, theme: Theme
    ) -> Drawn | None:
        """None when there is nothing to draw. Raises ChartFailed."""
        key = standing.indicator.key, stamp(standing), t.language, theme
        async with self._turn:
            if key not in self._kept:
                chart = chart_of(standing, crossed, t, theme)
                if chart is None:
                    return None
                self._kept[key] = Drawn(await self._drawer.draw(chart), alt_text(chart, t))
            self._kept.move_to_end(key)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
            return self._kept[key]
