"""`status`: every indicator on one board."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from alerts.indicators import Cadence, Indicator, Section, presets
from alerts.measures import MeasureKind, Point
from alerts.quantity import Unit
from alerts.reading import Reading
from alerts.rules import Direction, State
from alerts.store import destinations, observations
from alerts.store.destinations import OwnRule
from bot import words
from bot.answer import translator_for
from bot.commands import Arguments, Command, Request, Services
from bot.locales import Translator
from bot.replies import Cell, Column, Json, Paragraph, Reply, Table, Tone

TREND = 16


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


async def standings(services: Services) -> list[Standing]:
    """All indicators, from one consistent view of the database."""
    found = []
    async with services.database.read() as connection:
        states = await observations.states(connection)
        for key, indicator in services.indicators.items():
            newest = await observations.newest(connection, key)
            if newest is None:
                newest = await observations.newest(connection, key, moving=False)
            history = await observations.history(
                connection,
                key,
                by_session=indicator.cadence is Cadence.SESSION,
                unit=indicator.unit,
            )
            state = states.get(key)
            found.append(
                Standing(
                    indicator,
                    newest.reading if newest else None,
                    history,
                    state.trouble if state else None,
                )
            )
    return found


async def _lines(request: Request, services: Services) -> dict[str, list[Line]]:
    """The lines of this place; without any, those of the preset `article`."""
    async with services.database.read() as connection:
        place = await destinations.find(connection, request.place)
        own: list[OwnRule] = await destinations.rules_of(connection, place.id) if place else []
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


async def run(request: Request, services: Services, arguments: Arguments) -> Reply:
    t = await translator_for(services, request)
    lines = await _lines(request, services)
    columns = (
        Column(t("indicator"), wraps=True),
        Column(t("value"), right=True),
        Column(t("change"), right=True, rank=2),
        Column(t("trend"), rank=4),
        Column(t("nearest line"), rank=1),
        Column(t("age"), right=True, rank=3),
        Column(t("source"), rank=5),
    )
    found = await standings(services)
    rows: list[tuple[Cell, ...]] = []
    data: list[Json] = []
    for section in Section:
        here = [standing for standing in found if standing.indicator.section is section]
        if here:
            title = Cell(section_name(section, t), Tone.HEADING)
            rows.append((title, *(Cell("") for _ in columns[1:])))
        rows += [_row(s, lines.get(s.indicator.key, []), services, t) for s in here]
        data += [_data(standing) for standing in here]
    blocks: list[Paragraph | Table] = [Table(columns, tuple(rows))]
    if any(s.newest is not None and s.newest.source == "record" for s in found):
        blocks.append(
            Paragraph(
                t("“record”: figures that travel with the program, for when no source answers."),
                Tone.MUTED,
            )
        )
    return Reply(tuple(blocks), data)


def _row(
    standing: Standing, lines: Sequence[Line], services: Services, t: Translator
) -> tuple[Cell, ...]:
    name = Cell(words.name_of(standing.indicator, t))
    reading = standing.newest
    if reading is None:
        why = standing.trouble or t("no source has answered yet")
        return (
            name,
            Cell(t("missing"), Tone.MUTED),
            Cell(""),
            Cell(""),
            Cell(""),
            Cell(""),
            Cell(why, Tone.MUTED),
        )
    age = services.clock.now() - reading.as_of
    stale = age > standing.indicator.stale_after
    doubtful = not reading.status.moves_rules
    tone = Tone.MUTED if stale or doubtful else Tone.PLAIN
    marks = [t("stale")] if stale else []
    marks += [t("unconfirmed")] if doubtful else []
    source = " ".join([reading.source, *(f"({mark})" for mark in marks)])
    line = nearest_line(reading.value, lines)
    shown = words.amount(reading.value, reading.unit, t, line=line.value if line else None)
    return (
        name,
        Cell(shown, tone),
        _change(standing, t),
        Cell(words.trend([point.value for point in standing.history], TREND), Tone.MUTED),
        _distance(reading, line, t),
        Cell(words.span(age, t), Tone.WARN if stale else Tone.PLAIN),
        Cell(source, Tone.WARN if stale or doubtful else Tone.MUTED),
    )


def _change(standing: Standing, t: Translator) -> Cell:
    """Since the previous period."""
    if len(standing.history) < 2:
        return Cell("")
    before, now = standing.history[-2].value, standing.history[-1].value
    return Cell(words.difference(now - before, standing.indicator.unit, t))


def nearest_line(value: Decimal, lines: Sequence[Line]) -> Line | None:
    return min(lines, key=lambda line: abs(line.value - value), default=None)


def _distance(reading: Reading, line: Line | None, t: Translator) -> Cell:
    if line is None:
        return Cell("")
    at = words.amount(line.value, reading.unit, t)
    above = line.direction is Direction.ABOVE
    beyond = reading.value >= line.value if above else reading.value <= line.value
    sign = "≥" if above else "≤"
    if beyond:
        return Cell(t("{sign} {line} reached", sign=sign, line=at), Tone.WARN)
    gap = abs(line.value - reading.value)
    if reading.unit is Unit.FRACTION:
        away = t("{points} pp", points=f"{gap * 100:.1f}")
    elif reading.value > 0 and gap < reading.value:
        away = f"{gap / reading.value:.1%}"
    else:
        away = words.amount(gap, reading.unit, t)
    return Cell(t("{sign} {line}, {away} off", sign=sign, line=at, away=away))


def _data(standing: Standing) -> Json:
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


COMMANDS = (
    Command(
        ("status",),
        "the board: where every indicator stands",
        run,
        examples=("/bubble status",),
    ),
)
