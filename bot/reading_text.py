"""A reading in words, and for machines."""

from __future__ import annotations

from datetime import datetime

from alerts.reading import Part, Reading
from bot import words
from bot.locales import Translator
from bot.replies import Cell, Column, Json, Table, Tone


def dated(reading: Reading, now: datetime, t: Translator) -> str:
    known = words.day(reading.as_of.date(), t)
    age = t("{age} ago", age=words.span(now - reading.as_of, t))
    dated = words.explained(known, age, t)
    if reading.period_end == reading.as_of.date():
        return dated
    period = t("for the period to {end}", end=words.day(reading.period_end, t))
    return t("{dated}, {period}", dated=dated, period=period)


def parts_table(parts: tuple[Part, ...], t: Translator) -> Table:
    columns = (
        Column(t("part")),
        Column(t("value"), right=True),
        Column(t("of"), rank=1),
        Column(t("source"), rank=2),
    )
    rows = tuple(
        (
            Cell(t.told(part.name)),
            Cell(words.amount(part.value, part.unit, t)),
            Cell(words.day(part.as_of, t)),
            Cell(f"{part.source} {part.source_url}".strip(), Tone.MUTED),
        )
        for part in parts
    )
    return Table(columns, rows)


def reading_data(reading: Reading) -> dict[str, Json]:
    """A reading for machines: exact decimals as text, ISO dates."""

    def part(one: Part) -> Json:
        return {
            "name": one.name,
            "value": f"{one.value:f}",
            "unit": one.unit.value,
            "as_of": one.as_of.isoformat(),
            "source": one.source,
            "source_url": one.source_url,
        }

    return {
        "indicator": reading.indicator,
        "value": f"{reading.value:f}",
        "unit": reading.unit.value,
        "as_of": reading.as_of.isoformat(),
        "period_end": reading.period_end.isoformat(),
        "status": reading.status.value,
        "definition": reading.definition,
        "source": reading.source,
        "source_url": reading.source_url,
        "confirmed_by": reading.confirmed_by,
        "note": reading.note,
        "views": [part(view) for view in reading.views],
        "parts": [part(one) for one in reading.parts],
    }
