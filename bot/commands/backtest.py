"""`backtest`: when a line would have spoken, by the very machine that runs live."""

from __future__ import annotations

import re
from datetime import date

from alerts.backtest import Firing, Past
from alerts.indicators import presets
from alerts.measures import VALUE, Window
from alerts.store import destinations
from bot import words
from bot.answer import translator_for
from bot.charts.from_history import drawn, lines_of
from bot.charts.kinds import Caption, Look, Mark, SeriesChart, Trace
from bot.charts.shown import shown, theme_of
from bot.commands import (
    Arguments,
    BadInput,
    Command,
    Param,
    ParamKind,
    Request,
    Services,
    commands,
)
from bot.grammar import read_words
from bot.locales import Translator
from bot.past import Asked, in_one, past_of
from bot.places import rule_of
from bot.replies import (
    Block,
    Button,
    Buttons,
    Cell,
    Column,
    Heading,
    Json,
    Paragraph,
    Reply,
    Table,
    Tone,
)
from bot.rule_text import line_title
from bot.wishes import wish_of

LISTED = 10
"""So many messages are listed, the newest ones."""
LABELLED, APART = 4, 8
"""So many are labelled in the picture, an eighth of its width apart."""
_NUMBER = re.compile(r"#?(\d{1,6})", re.ASCII)


async def run(request: Request, services: Services, arguments: Arguments) -> Reply:
    """Read the line, go through the past, tell and draw it."""
    t = await translator_for(services, request)
    text = str(arguments["line"])
    asked = await _asked(request, services, text, t)
    within = arguments.get("within")
    past = await past_of(services, asked, within if isinstance(within, Window) else None)
    title = _title(services, asked, t)
    if past.first is None or past.last is None:
        raise BadInput(t("{line}: nothing is known yet of what this line looks at.", line=title))
    said = in_one(past.first, past.last, past, t)
    blocks: list[Block] = [Heading(title), Paragraph(said), *_notes(past, t)]
    if past.firings:
        blocks.append(_table(asked, past, t))
    chart = _chart(request, asked, past, t)
    blocks += await shown(request, services, chart, f"backtest-{asked.indicator.key}", t)
    if _NUMBER.fullmatch(text.strip()) is None and len(text) <= 60:
        blocks.append(Buttons((Button(t("Draw this line"), f"alert add {text}"),)))
    return Reply(tuple(blocks), _data(asked, past))


async def _asked(request: Request, services: Services, text: str, t: Translator) -> Asked:
    """A rule of this place by its number, or the words of one. Raises BadInput."""
    number = _NUMBER.fullmatch(text.strip())
    async with services.database.read() as connection:
        if number is not None:
            _, own = await rule_of(connection, request, int(number[1]), t)
            indicator = services.indicators.get(own.indicator)
            if indicator is None:
                raise BadInput(t("A count of signs has no past to go through; try its conditions."))
            return Asked(indicator, own.measure, own.rule)
        place = await destinations.find(connection, request.place)
    said = read_words(commands()["alert", "add"], text, services.indicators, list(presets()), t)
    wish = wish_of(services, said, place.timezone if place else "UTC", t)
    return Asked(wish.indicator, wish.measure, wish.rule)


def _title(services: Services, asked: Asked, t: Translator) -> str:
    unit = asked.measure.unit(asked.indicator.unit)
    line = words.drawn(unit.from_fixed(asked.rule.line), unit, t)
    return line_title(
        services.indicators, asked.indicator.key, asked.measure, asked.rule.direction, line, t
    )


def _notes(past: Past, t: Translator) -> list[Paragraph]:
    notes = [t("From {n} values.", n=len(past.course))]
    if past.began_beyond:
        notes.append(t("It was beyond the line on the first day already: that is no message."))
    if past.held_back:
        notes.append(t("{n} more crossings would have been held back.", n=past.held_back))
    return [Paragraph(note, Tone.MUTED) for note in notes]


def _table(asked: Asked, past: Past, t: Translator) -> Table:
    unit = asked.measure.unit(asked.indicator.unit)
    line = unit.from_fixed(asked.rule.line)
    columns = (
        Column(t("spoken on")),
        Column(t("value"), right=True),
        Column(t("over on"), rank=1),
        Column(t("after"), right=True, rank=2),
    )

    def row(firing: Firing) -> tuple[Cell, ...]:
        over = firing.cleared
        return (
            Cell(words.day(firing.at.as_of.date(), t)),
            Cell(words.amount(firing.at.value, unit, t, line=line)),
            Cell(t("not yet") if over is None else words.day(over.as_of.date(), t)),
            Cell("" if over is None else words.span(over.as_of - firing.at.as_of, t)),
        )

    return Table(columns, tuple(row(firing) for firing in reversed(past.firings[-LISTED:])))


def _chart(request: Request, asked: Asked, past: Past, t: Translator) -> SeriesChart:
    """The measure over the whole span, its line, and every message marked."""
    unit = asked.measure.unit(asked.indicator.unit)
    name = words.measured(words.name_of(asked.indicator, t), asked.measure, t)
    first, last = past.course[0], past.course[-1]
    value = words.amount(last.value, unit, t, line=unit.from_fixed(asked.rule.line))
    on = words.day(last.as_of.date(), t)
    labelled = _labelled(past)
    marks = tuple(
        Mark(day, float(firing.at.value), words.day(day, t) if day in labelled else "")
        for firing in past.firings
        for day in (firing.at.as_of.date(),)
    )
    span = t("{first} to {last}", first=words.day(first.as_of.date(), t), last=on)
    gap = asked.indicator.cadence.longest_gap.days
    return SeriesChart(
        Look(t.language, theme_of(request)),
        Caption(name, span, value, on, in_one(first.as_of, last.as_of, past, t)),
        Trace(name, unit, drawn(past.course), gap, value),
        lines_of(asked.rule, unit, t)[:1],
        marks,
    )


def _labelled(past: Past) -> set[date]:
    """The days that are written beside their marks: the newest ones, none beside another."""
    chosen: list[date] = []
    apart = (past.course[-1].as_of - past.course[0].as_of) / APART
    for firing in reversed(past.firings):
        day = firing.at.as_of.date()
        if len(chosen) < LABELLED and (not chosen or chosen[-1] - day > apart):
            chosen.append(day)
    return set(chosen)


def _data(asked: Asked, past: Past) -> Json:
    unit = asked.measure.unit(asked.indicator.unit)
    return {
        "indicator": asked.indicator.key,
        "measure": "value" if asked.measure == VALUE else str(asked.measure),
        "direction": asked.rule.direction.value,
        "line": f"{unit.from_fixed(asked.rule.line).normalize():f}",
        "first": past.first.isoformat() if past.first else None,
        "last": past.last.isoformat() if past.last else None,
        "began_beyond": past.began_beyond,
        "held_back": past.held_back,
        "firings": [
            {
                "at": firing.at.as_of.isoformat(),
                "value": f"{firing.at.value:f}",
                "cleared": firing.cleared.as_of.isoformat() if firing.cleared else None,
            }
            for firing in past.firings
        ],
    }


COMMANDS = (
    Command(
        ("backtest",),
        "when a line would have spoken in the past",
        run,
        (
            Param("line", ParamKind.TEXT, "a line as for “alert add”, or the number of one"),
            Param(
                "within",
                ParamKind.WINDOW,
                "how far back: 5y; otherwise all that is known",
                required=False,
                keywords=("within", "last"),
            ),
        ),
        examples=(
            "/bubble backtest nvda above 4.5T",
            "/bubble backtest nvda drawdown 30d below -10% within 1y",
        ),
    ),
)
