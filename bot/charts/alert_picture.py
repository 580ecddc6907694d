"""The picture that goes with an alert: the last year, the line, and the crossing marked."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Mapping, Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from alerts.indicators import Cadence, Indicator
from alerts.measures import Measure, MeasureKind, Point, compute
from alerts.reading import Reading
from alerts.rules import Kind, Rule
from alerts.store import observations
from alerts.store.alerts import Alert
from alerts.store.database import Database
from bot import words
from bot.charts.alt_text import alt_text
from bot.charts.drawer import ChartFailed, Drawer
from bot.charts.from_history import default_span, drawn, lines_of
from bot.charts.kinds import Caption, Look, Mark, SeriesChart, Theme, Trace
from bot.locales import Translator
from bot.replies import Picture

log = logging.getLogger(__name__)

KEPT = 64
"""So many pictures are kept: one crossing is told to many places at once."""
WAIT_S = 20.0
"""Longer than this no alert waits for its picture."""

_DRAWN = frozenset({Kind.FIRED, Kind.CLEARED, Kind.REMINDER, Kind.FLAPPING})
_PLAIN = frozenset({MeasureKind.HIGH, MeasureKind.LOW})
"""Measures that are yes or no: the value itself is drawn, without a line."""

_Key = tuple[object, ...]
_Grounds = tuple[list[Point], Reading | None]
"""The history up to an alert, and the reading that it rests on."""


def theme_for(platform: str) -> Theme:
    """The ground that most people have behind their messages there."""
    return Theme.DARK if platform == "discord" else Theme.LIGHT


class AlertPictures:
    """Loads what was known at an alert, and has it drawn; keeps the last ones."""

    def __init__(self, database: Database, drawer: Drawer) -> None:
        self._database = database
        self._drawer = drawer
        self._kept: OrderedDict[_Key, Picture | None] = OrderedDict()
        self._turn = asyncio.Lock()
        self._ahead: tuple[_Key, asyncio.Task[Picture | None]] | None = None
        self._drawing: set[asyncio.Task[Picture | None]] = set()

    async def of(
        self,
        alert: Alert,
        indicators: Mapping[str, Indicator],
        t: Translator,
        theme: Theme = Theme.LIGHT,
    ) -> Picture | None:
        """None when there is nothing to draw, or drawing failed: the words go without it.

        What failed once is not tried again for the other places that hear of the same crossing.
        """
        indicator = indicators.get(alert.indicator)
        if indicator is None or alert.kind not in _DRAWN or alert.rule is None:
            return None
        key = _key(alert, alert.rule, t, theme)
        try:
            # Those who wait for the same picture find it there when it is their turn.
            async with asyncio.timeout(WAIT_S), self._turn:
                if key not in self._kept:
                    begun = self._begun(key)
                    self._kept[key] = await (
                        begun or self._made(alert, alert.rule, indicator, t, theme)
                    )
        except TimeoutError:
            log.warning("the alert about %s goes without its picture: no turn", indicator.key)
            return None
        self._kept.move_to_end(key)
        picture = self._kept[key]
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return picture

    async def ahead(
        self,
        connection: AsyncConnection,
        alert: Alert,
        indicators: Mapping[str, Indicator],
        t: Translator,
        theme: Theme = Theme.LIGHT,
    ) -> None:
        """Begin to draw for an alert that is not recorded yet, by what its transaction sees; `of`
        finds it there. Only the last one is kept in mind."""
        self.forget_ahead()
        indicator = indicators.get(alert.indicator)
        if indicator is None or alert.kind not in _DRAWN or alert.rule is None:
            return
        key = _key(alert, alert.rule, t, theme)
        grounds = await _grounds(connection, indicator, alert)
        drawing = asyncio.create_task(self._drawn(alert, alert.rule, indicator, grounds, t, theme))
        self._ahead = key, drawing
        self._drawing.add(drawing)
        drawing.add_done_callback(self._drawing.discard)

    def forget_ahead(self) -> None:
        """What was drawn ahead is for nobody."""
        if self._ahead is not None:
            self._ahead[1].cancel()
            self._ahead = None

    async def close(self) -> None:
        """Nobody asks any more."""
        self.forget_ahead()
        await asyncio.gather(*self._drawing, return_exceptions=True)

    def _begun(self, key: _Key) -> asyncio.Task[Picture | None] | None:
        if self._ahead is None or self._ahead[0] != key:
            return None
        begun, self._ahead = self._ahead[1], None
        return begun

    async def _made(
        self, alert: Alert, rule: Rule, indicator: Indicator, t: Translator, theme: Theme
    ) -> Picture | None:
        async with self._database.read() as connection:
            grounds = await _grounds(connection, indicator, alert)
        return await self._drawn(alert, rule, indicator, grounds, t, theme)

    async def _drawn(
        self,
        alert: Alert,
        rule: Rule,
        indicator: Indicator,
        grounds: _Grounds,
        t: Translator,
        theme: Theme,
    ) -> Picture | None:
        history, reading = grounds
        # A measure of a long history, on each day of a year, takes a moment.
        chart = await asyncio.to_thread(
            alert_chart, alert, rule, indicator, history, reading, t, theme
        )
        if chart is None:
            return None
        try:
            png = await self._drawer.draw(chart)
        except ChartFailed as failure:
            log.warning("the alert about %s goes without its picture: %s", indicator.key, failure)
            return None
        return Picture(png, alt_text(chart, t), f"{indicator.key}.png")


async def _grounds(connection: AsyncConnection, indicator: Indicator, alert: Alert) -> _Grounds:
    own = set() if alert.observation_id is None else {alert.observation_id}
    values = await observations.values(connection, indicator.key, indicator.unit)
    found = await observations.by_ids(connection, own)
    by_session = indicator.cadence is Cadence.SESSION
    history = observations.history_at(values, alert.as_of, by_session=by_session)
    return history, next((one.reading for one in found.values()), None)


def _key(alert: Alert, rule: Rule, t: Translator, theme: Theme) -> _Key:
    """What a picture depends on; the observation stands for the history before it."""
    drawn = rule.direction, rule.line, rule.rearm, str(alert.measure), rule.told_at, alert.kind
    moment = alert.observation_id, alert.as_of, alert.value
    return alert.indicator, moment, drawn, t.language, theme


def alert_chart(
    alert: Alert,
    rule: Rule,
    indicator: Indicator,
    history: Sequence[Point],
    reading: Reading | None,
    t: Translator,
    theme: Theme = Theme.LIGHT,
) -> SeriesChart | None:
    """What is drawn; None without any value.

    `history` ends with the alert's own observation, `reading` is what that one says of itself.
    """
    measure = alert.measure
    yes_or_no = measure is not None and measure.kind in _PLAIN
    unit = indicator.unit if yes_or_no else alert.unit
    course = _measured(None if yes_or_no else measure, indicator, history)
    if not course:
        return None
    name = words.name_of(indicator, t)
    if measure is not None and not yes_or_no:
        name = words.measured(name, measure, t)
    first, last = course[0], course[-1]
    line = None if yes_or_no else unit.from_fixed(rule.line)
    value = words.amount(last.value, unit, t, line=line)
    points = drawn(course)
    on = words.day(last.as_of.date(), t)
    return SeriesChart(
        Look(t.language, theme),
        Caption(
            name,
            t("{first} to {last}", first=words.day(first.as_of.date(), t), last=on),
            value,
            on,
            _footer(reading, on, t),
            struck=alert.kind is not Kind.CLEARED,
        ),
        Trace(name, unit, points, indicator.cadence.longest_gap.days, value),
        () if line is None else lines_of(rule, unit, t),
        _marks(rule, course, t),
    )


def _footer(reading: Reading | None, on: str, t: Translator) -> str:
    as_of = t("as of {on}", on=on)
    if reading is None:
        return as_of
    definition = words.definition(reading.definition, t)
    grounds = t("{definition}; source {source}", definition=definition, source=reading.source)
    return t("; ").join((grounds, as_of))


def _marks(rule: Rule, course: Sequence[Point], t: Translator) -> tuple[Mark, ...]:
    """What the alert tells, and before it the crossing that began the story."""
    last = course[-1]
    marks = [Mark(last.as_of.date(), float(last.value))]
    for point in course[:-1]:
        if point.as_of == rule.told_at:
            day = point.as_of.date()
            marks.insert(0, Mark(day, float(point.value), words.day(day, t)))
    return tuple(marks)


def _measured(
    measure: Measure | None, indicator: Indicator, history: Sequence[Point]
) -> list[Point]:
    """The measure on each day of the last year; the value itself without one."""
    if not history:
        return []
    start = history[-1].as_of - default_span(indicator.cadence)
    shown = [n for n, point in enumerate(history) if point.as_of >= start]
    if measure is None or measure.kind is MeasureKind.VALUE:
        return [history[n] for n in shown]
    gap = indicator.cadence.longest_gap
    found: list[Point] = []
    for n in shown:
        value = compute(measure, history[: n + 1], gap)
        if value is not None:
            found.append(Point(history[n].as_of, value))
    return found
