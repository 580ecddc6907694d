"""`history`: what was told here, or what was observed of an indicator."""

from __future__ import annotations

from alerts.indicators import Indicator
from alerts.store import alerts as alert_store
from alerts.store import destinations, observations
from bot import words
from bot.alert_text import as_json, sentence
from bot.answer import translator_for
from bot.commands import Arguments, Command, Param, ParamKind, Request, Services
from bot.locales import Translator
from bot.reading_text import reading_data
from bot.replies import Cell, Column, Heading, Paragraph, Reply, Table, Tone

DEFAULT_COUNT, MOST = 15, 100


async def run(request: Request, services: Services, arguments: Arguments) -> Reply:
    t = await translator_for(services, request)
    count = max(1, min(MOST, int(str(arguments.get("count", DEFAULT_COUNT)))))
    if "indicator" in arguments:
        indicator = services.indicators[str(arguments["indicator"])]
        return await _observed(services, indicator, count, t)
    return await _told(request, services, count, t)


async def _observed(services: Services, indicator: Indicator, count: int, t: Translator) -> Reply:
    async with services.database.read() as connection:
        found = await observations.since(connection, indicator.key, None, count)
    if not found:
        said = t("Nothing has been observed of {name} yet.", name=words.name_of(indicator, t))
        return Reply((Paragraph(said),), [])
    columns = (
        Column(t("as of")),
        Column(t("value"), right=True),
        Column(t("period"), rank=2),
        Column(t("status"), rank=1),
        Column(t("source"), rank=3),
    )
    rows = tuple(
        (
            Cell(words.day(one.as_of.date(), t)),
            Cell(words.amount(one.reading.value, indicator.unit, t)),
            Cell(words.day(one.reading.period_end, t)),
            Cell(_status(one, t)),
            Cell(one.reading.source, Tone.MUTED),
        )
        for one in found
    )
    blocks = (Heading(words.name_of(indicator, t)), Table(columns, rows))
    return Reply(blocks, [reading_data(one.reading) for one in found])


def _status(one: observations.Observation, t: Translator) -> str:
    said = t(one.reading.status.value)
    return said if one.version == 1 else said + t(", version {n}", n=one.version)


async def _told(request: Request, services: Services, count: int, t: Translator) -> Reply:
    async with services.database.read() as connection:
        place = await destinations.find(connection, request.place)
        found = await alert_store.recent(connection, place.id, count) if place else []
    if not found:
        return Reply((Paragraph(t("Nothing has been told here yet.")),), [])
    columns = (Column(t("date")), Column(t("what"), wraps=True), Column(t("told"), rank=1))
    rows = tuple(
        (
            Cell(words.day(alert.as_of.date(), t)),
            Cell(sentence(alert, services.indicators, t)),
            Cell(_fate(alert, t), Tone.MUTED),
        )
        for alert in found
    )
    return Reply((Table(columns, rows),), [as_json(a, services.indicators, t) for a in found])


def _fate(alert: alert_store.Alert, t: Translator) -> str:
    if alert.withheld is not None:
        return t("held back: {why}", why=t(alert.withheld.value))
    return t("yes") if alert.delivery_id is not None else t("no: this place was off")


COMMANDS = (
    Command(
        ("history",),
        "what was told here, or what was observed of one indicator",
        run,
        (
            Param("indicator", ParamKind.INDICATOR, "which one", required=False),
            Param(
                "count",
                ParamKind.COUNT,
                "how many, 15 by default",
                required=False,
                keywords=("last", "count"),
            ),
        ),
        examples=("/bubble history", "/bubble history oracle_debt last 5"),
    ),
)
