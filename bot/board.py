"""The board: where every indicator stands, as a table."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from operator import is_not

from sqlalchemy.ext.asyncio import AsyncConnection

from alerts.indicators import Cadence, Indicator, Section, presets
from alerts.measures import MeasureKind, Point
from alerts.quantity import Unit
from alerts.reading import Reading
from alerts.rules import Direction, State
from alerts.store import observations
from alerts.store.database import Database
from alerts.store.destinations import OwnRule
from alerts.store.observations import IndicatorState
from bot import words
from bot.locales import Translator
from bot.replies import Button, Buttons, Cell, Column, Json, Menu, Reply, Table, Tone

TREND = 16
KEPT_POINTS = 64
"""More than a week of sessions: as far back as a change on a board reaches."""
MOST_OPTIONS, MOST_MENUS = 25, 3
"""Of a menu, and of a message that has other rows to press as well."""
MOST_DRAWN = 64


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an indicator stands; `newest` may be one that rules do not look at."""

    indicator: Indicator
    newest: Reading | None
    history: Sequence[Point]
    trouble: str | None


@dataclass(frozen=True, slots=True)
class Line:
    """A line on an indicator's value, for the distance."""

    value: Decimal
    direction: Direction


def section_name(section: Section, t: Translator) -> str:
    return {
        Section.ACCOUNTING: t("Accounting and Nvidia itself"),
        Section.CIRCULAR_FINANCING: t("Circular financing"),
        Section.DEBT: t("Debt-funded expansion"),
        Section.CONCENTRATION: t("Concentration"),
        Section.FUNDAMENTALS: t("Fundamentals"),
    }[section]


@dataclass(frozen=True, slots=True)
class _Drawn:
    """What was drawn at a moment, and when it would look different: a value grows older."""

    reply: Reply
    at: datetime
    until: datetime


class Standings:
    """Where the indicators stand until something new is observed, and the boards drawn of that.

    `newest` and `history` are by key, `troubles` what is wrong where something is.
    """

    def __init__(
        self,
        mark: tuple[object, ...],
        newest: Mapping[str, Reading],
        history: Mapping[str, Sequence[Point]],
        troubles: Mapping[str, str | None],
    ) -> None:
        self.mark = mark
        self._newest = newest
        self._history = history
        self._troubles = troubles
        self._found: list[Standing] = []
        self._drawn: OrderedDict[Hashable, _Drawn] = OrderedDict()

    def of(self, indicators: Mapping[str, Indicator]) -> list[Standing]:
        """In the order of these indicators; each must be known by its key."""
        known = [standing.indicator for standing in self._found]
        if len(known) != len(indicators) or any(map(is_not, known, indicators.values())):
            self._drawn.clear()
            self._found = [
                Standing(one, self._newest.get(key), self._history[key], self._troubles.get(key))
                for key, one in indicators.items()
            ]
        return self._found

    def drawn(self, key: Hashable, now: datetime, draw: Callable[[], Reply]) -> Reply:
        """What `draw` makes of these standings, made anew only when it would look different.

        `key`: all else that it depends on.
        """
        known = self._drawn.get(key)
        if known is None or not known.at <= now < known.until:
            known = self._drawn[key] = _Drawn(draw(), now, _looks_until(self._found, now))
        self._drawn.move_to_end(key)
        if len(self._drawn) > MOST_DRAWN:
            self._drawn.popitem(last=False)
        return known.reply


def _looks_until(found: Sequence[Standing], now: datetime) -> datetime:
    """When the first value will be called older, or stale."""
    until = datetime.max.replace(tzinfo=now.tzinfo)
    for standing in found:
        if standing.newest is not None:
            as_of, limit = standing.newest.as_of, standing.indicator.stale_after
            until = min(until, now + words.same_span_for(now - as_of))
            if now <= as_of + limit:
                until = min(until, as_of + limit)
    return until


async def standings(database: Database, indicators: Mapping[str, Indicator]) -> list[Standing]:
    """All indicators, from one consistent view of the database."""
    return (await stand(database, indicators)).of(indicators)


async def stand(database: Database, indicators: Mapping[str, Indicator]) -> Standings:
    """Reading all histories takes a tenth of a second, and many boards show the same ones."""
    keys = tuple(indicators)

    async def find(before: Standings | None) -> Standings:
        async with database.read() as connection:
            states = await observations.states(connection)
            newest = await observations.newest_id(connection)
            mark = (newest, frozenset(states.values()))
            if before is not None and before.mark == mark:
                return before
            return await _read(connection, indicators, mark, states)

    return await database.kept.get(("standings", keys), find)


async def _read(
    connection: AsyncConnection,
    indicators: Mapping[str, Indicator],
    mark: tuple[object, ...],
    states: Mapping[str, IndicatorState],
) -> Standings:
    newest: dict[str, Reading] = {}
    history: dict[str, Sequence[Point]] = {}
    for key, indicator in indicators.items():
        last = await observations.newest(connection, key)
        if last is None:
            last = await observations.newest(connection, key, moving=False)
        if last is not None:
            newest[key] = last.reading
        points = await observations.history(
            connection,
            key,
            by_session=indicator.cadence is Cadence.SESSION,
            unit=indicator.unit,
        )
        history[key] = points[-KEPT_POINTS:]
    troubles = {key: state.trouble for key, state in states.items()}
    return Standings(mark, newest, history, troubles)


def lines_of(own: Sequence[OwnRule]) -> dict[str, list[Line]]:
    """The lines on values of a place; without any rule, those of the preset `article`."""
    lines: dict[str, list[Line]] = {}
    for rule in own:
        if rule.measure.kind is MeasureKind.VALUE and rule.rule.state is not State.DONE:
            line = Line(rule.unit.from_fixed(rule.rule.line), rule.rule.direction)
            lines.setdefault(rule.indicator, []).append(line)
    if not own:
        for indicator, preset in presets().get("article", ()):
            if preset.measure.kind is MeasureKind.VALUE:
                line = Line(preset.line, preset.direction)
                lines.setdefault(indicator.key, []).append(line)
    return lines


def watched(found: Sequence[Standing], own: Sequence[OwnRule]) -> list[Standing]:
    """What a place has lines on, and what the article names: a board that fits a message."""
    keys = {rule.indicator for rule in own}
    keys |= {indicator.key for indicator, _ in presets().get("article", ())}
    return [standing for standing in found if standing.indicator.key in keys]


def board(
    found: Sequence[Standing],
    lines: Mapping[str, Sequence[Line]],
    now: datetime,
    t: Translator,
    since: datetime | None = None,
) -> Table:
    """One row an indicator, by section. The change is that since `since`, or the last period's."""
    change = t("change") if since is None else t("since {day}", day=words.day(since.date(), t))
    columns = (
        Column(t("indicator"), wraps=True),
        Column(t("value"), right=True),
        Column(change, right=True, rank=2),
        Column(t("trend"), rank=4),
        Column(t("nearest line"), rank=1),
        Column(t("age"), right=True, rank=3),
        Column(t("source"), rank=5),
    )
    rows: list[tuple[Cell, ...]] = []
    for section in Section:
        here = [standing for standing in found if standing.indicator.section is section]
        if here:
            title = Cell(section_name(section, t), Tone.HEADING)
            rows.append((title, *(Cell("") for _ in columns[1:])))
        rows += [_row(s, lines.get(s.indicator.key, []), now, t, since) for s in here]
    return Table(columns, tuple(rows))


def leading(found: Sequence[Standing], lines: Mapping[str, Sequence[Line]]) -> list[Standing]:
    """Without the members of groups that have no line: a sum stands for its companies."""
    return [s for s in found if s.indicator.key in lines or not is_member(s)]


def is_member(standing: Standing) -> bool:
    """`hyperscaler_debt.MSFT` is a member of `hyperscaler_debt`."""
    return "." in standing.indicator.key


def to_look_closer(found: Collection[Standing], t: Translator) -> tuple[Buttons, ...]:
    """Menus of all indicators on a board; companies have one of their own."""
    menus = [
        *_menus(t("Look closer …"), [one for one in found if not is_member(one)], t),
        *_menus(t("One company …"), [one for one in found if is_member(one)], t),
    ]
    add = Button(t("Draw a line …"), "alert add", opens=True)
    return (*(Buttons((menu,)) for menu in menus[:MOST_MENUS]), Buttons((add,)))


def _menus(placeholder: str, of: Sequence[Standing], t: Translator) -> list[Menu]:
    options = [Button(words.name_of(s.indicator, t), f"show {s.indicator.key}") for s in of]
    return [
        Menu(placeholder, tuple(options[n : n + MOST_OPTIONS]))
        for n in range(0, len(options), MOST_OPTIONS)
    ]


def _row(
    standing: Standing,
    lines: Sequence[Line],
    now: datetime,
    t: Translator,
    since: datetime | None,
) -> tuple[Cell, ...]:
    name = Cell(words.name_of(standing.indicator, t))
    reading = standing.newest
    if reading is None:
        why = t.told(standing.trouble or "") or words.awaited(standing.indicator, t)
        return (
            name,
            Cell(t("missing"), Tone.MUTED),
            Cell(""),
            Cell(""),
            Cell(""),
            Cell(""),
            Cell(why, Tone.MUTED),
        )
    age = now - reading.as_of
    stale = age > standing.indicator.stale_after
    doubtful = not reading.status.moves_rules
    tone = Tone.MUTED if stale or doubtful else Tone.PLAIN
    marks = [t("stale")] if stale else []
    marks += [t("unconfirmed")] if doubtful else []
    line = nearest_line(reading.value, lines)
    shown = words.amount(reading.value, reading.unit, t, line=line.value if line else None)
    if marks:
        # Beside the name: age and source are the first columns that a narrow screen loses.
        name = Cell(words.explained(name.text, t(", ").join(marks), t))
    return (
        name,
        Cell(shown, tone),
        _change(standing, since, t),
        Cell(words.trend([point.value for point in standing.history], TREND), Tone.MUTED),
        _distance(reading, line, t),
        Cell(words.span(age, t), Tone.WARN if stale else Tone.PLAIN),
        Cell(reading.source, Tone.MUTED),
    )


def _change(standing: Standing, since: datetime | None, t: Translator) -> Cell:
    """Since a moment, or since the previous period."""
    history = standing.history
    if len(history) < 2:
        return Cell("")
    before = history[-2]
    if since is not None:
        known = [point for point in history if point.as_of <= since]
        if not known:
            return Cell("")
        before = known[-1]
    return Cell(words.difference(history[-1].value - before.value, standing.indicator.unit, t))


def nearest_line(value: Decimal, lines: Sequence[Line]) -> Line | None:
    return min(lines, key=lambda line: abs(line.value - value), default=None)


def _distance(reading: Reading, line: Line | None, t: Translator) -> Cell:
    if line is None:
        return Cell("")
    at = words.drawn(line.value, reading.unit, t)
    above = line.direction is Direction.ABOVE
    beyond = reading.value >= line.value if above else reading.value <= line.value
    sign = "≥" if above else "≤"
    if beyond:
        return Cell(t("{sign} {line} reached", sign=sign, line=at), Tone.WARN)
    gap = abs(line.value - reading.value)
    if reading.unit is Unit.COUNT:
        away = words.amount(gap, reading.unit, t)
    elif reading.unit is Unit.FRACTION:
        away = t("{points} pp", points=f"{gap * 100:.1f}")
    elif reading.value > 0 and gap < reading.value:
        away = f"{gap / reading.value:.1%}"
    else:
        away = words.amount(gap, reading.unit, t)
    return Cell(t("{sign} {line}, {away} off", sign=sign, line=at, away=away))


def standing_data(standing: Standing) -> Json:
    reading = standing.newest
    if reading is None:
        return {
            "indicator": standing.indicator.key,
            "value": None,
            "status": "missing",
            "reason": standing.trouble,
        }
    return {
        "indicator": reading.indicator,
        "value": f"{reading.value:f}",
        "unit": reading.unit.value,
        "as_of": reading.as_of.isoformat(),
        "period_end": reading.period_end.isoformat(),
        "source": reading.source,
        "source_url": reading.source_url,
        "status": reading.status.value,
        "definition": reading.definition,
    }
