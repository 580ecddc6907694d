"""`show`: one indicator with everything it rests on, now or as it was known on a date."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, time, timedelta

from alerts.indicators import Indicator
from alerts.reading import Missing, Part, Reading
from alerts.store import destinations, observations
from bot import words
from bot.answer import translator_for
from bot.commands import Arguments, BadInput, Command, Param, ParamKind, Request, Services
from bot.locales import Translator
from bot.quantities import day as read_day
from bot.replies import Block, Cell, Column, Fields, Heading, Json, Paragraph, Reply, Table, Tone


async def run(request: Request, services: Services, arguments: Arguments) -> Reply:
    t = await translator_for(services, request)
    indicator = services.indicators[str(arguments["indicator"])]
    if "as_of" in arguments:
        on = read_day(str(arguments["as_of"]), t)
        return await _as_known_on(services, indicator, on, t)
    async with services.database.read() as connection:
        newest = await observations.newest(connection, indicator.key)
        doubtful = await observations.newest(connection, indicator.key, moving=False)
        place = await destinations.find(connection, request.place)
        own = await destinations.rules_of(connection, place.id) if place else []
    if newest is None and doubtful is None:
        return await _as_known_on(services, indicator, services.clock.now().date(), t)
    found = newest or doubtful
    if found is None:
        raise LookupError(indicator.key)
    reply = reading_reply(indicator, found.reading, services.clock.now(), t)
    extra: list[Block] = []
    if newest and doubtful and doubtful.as_of > newest.as_of:
        value = words.amount(doubtful.reading.value, indicator.unit, t)
        on_day = words.day(doubtful.reading.period_end, t)
        extra.append(
            Paragraph(
                t(
                    "Held back: {value} of {on}, {reason}.",
                    value=value,
                    on=on_day,
                    reason=doubtful.reading.note or t("unconfirmed"),
                ),
                Tone.WARN,
            )
        )
    mine = [rule for rule in own if rule.indicator == indicator.key]
    if mine:
        from bot.commands.alert import rule_sentence

        extra.append(Heading(t("Rules here")))
        extra += [Paragraph(rule_sentence(rule, services, t)) for rule in mine]
    return Reply((*reply.blocks, *extra), reply.data)


async def _as_known_on(services: Services, indicator: Indicator, on: date, t: Translator) -> Reply:
    """Computed anew, only from what was known by the end of that day."""
    end = datetime.combine(on + timedelta(days=1), time.min, UTC) - timedelta(seconds=1)
    if on > services.clock.now().date():
        raise BadInput(t("{on} is still to come.", on=on.isoformat()))
    evidence = (await services.evidence.evidence()).known_by(end)
    series = await asyncio.to_thread(indicator.series, evidence)
    found = series[-1] if series else None
    if isinstance(found, Reading):
        return reading_reply(indicator, found, end, t)
    reason = found.reason if isinstance(found, Missing) else t("nothing was known by then")
    name = words.name_of(indicator, t)
    sentence = t(
        "{name} on {on}: missing, {reason}.", name=name, on=words.day(on, t), reason=reason
    )
    data: Json = {"indicator": indicator.key, "value": None, "status": "missing", "reason": reason}
    return Reply((Paragraph(sentence, Tone.WARN),), data, ok=False)


def reading_reply(indicator: Indicator, reading: Reading, now: datetime, t: Translator) -> Reply:
    """A reading with its parts, dates, sources and caveat."""
    value = words.amount(reading.value, reading.unit, t)
    pairs = [
        (t("value"), f"{value}  ({words.definition(reading.definition, t)})"),
        (t("as of"), _dated(reading, now, t)),
        (t("formula"), t(indicator.formula)),
        (t("source"), f"{reading.source}  {reading.source_url}"),
        (t("status"), _status(indicator, reading, now, t)),
    ]
    blocks: list[Block] = [Heading(words.name_of(indicator, t)), Fields(tuple(pairs))]
    if reading.views:
        blocks.append(Fields(tuple(_view(view, t) for view in reading.views)))
    if reading.parts:
        blocks.append(_parts(reading.parts, t))
    if indicator.claim is not None:
        claim = indicator.claim
        blocks.append(
            Paragraph(
                t(
                    "The article: {says} ({on}; {url})",
                    says=t(claim.says),
                    on=words.day(claim.on, t),
                    url=claim.url,
                )
            )
        )
    blocks.append(Paragraph(t("But: {caveat}", caveat=t(indicator.caveat)), Tone.MUTED))
    return Reply(tuple(blocks), reading_data(reading))


def _dated(reading: Reading, now: datetime, t: Translator) -> str:
    known = words.day(reading.as_of.date(), t)
    age = t("{age} ago", age=words.span(now - reading.as_of, t))
    if reading.period_end == reading.as_of.date():
        return f"{known} ({age})"
    period = t("for the period to {end}", end=words.day(reading.period_end, t))
    return f"{known} ({age}), {period}"


def _status(indicator: Indicator, reading: Reading, now: datetime, t: Translator) -> str:
    words_ = [t(reading.status.value)]
    if now - reading.as_of > indicator.stale_after:
        words_.append(t("stale"))
    if reading.confirmed_by:
        words_.append(t("confirmed by {what}", what=reading.confirmed_by))
    if reading.note:
        words_.append(reading.note)
    return ", ".join(words_)


def _view(view: Part, t: Translator) -> tuple[str, str]:
    return words.definition(view.name, t), words.amount(
        view.value, view.unit, t, signed=view.name == "percent"
    )


def _parts(parts: tuple[Part, ...], t: Translator) -> Table:
    columns = (
        Column(t("part")),
        Column(t("value"), right=True),
        Column(t("of"), rank=1),
        Column(t("source"), rank=2),
    )
    rows = tuple(
        (
            Cell(part.name),
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


COMMANDS = (
    Command(
        ("show",),
        "one indicator with its parts, dates, sources and caveat",
        run,
        (
            Param("indicator", ParamKind.INDICATOR, "which one"),
            Param(
                "as_of",
                ParamKind.DATE,
                "as it was known on that day",
                required=False,
                keywords=("on", "asof", "as-of", "as_of"),
            ),
        ),
        examples=("/bubble show nvidia_market_cap", "/bubble show oracle_debt on 2025-11-30"),
    ),
)
