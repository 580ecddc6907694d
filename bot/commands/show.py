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
from bot.fact_desk import overdue
from bot.locales import Translator
from bot.quantities import day as read_day
from bot.reading_text import dated, parts_table, reading_data
from bot.replies import (
    Block,
    Button,
    Buttons,
    Fields,
    Heading,
    Json,
    Paragraph,
    Reply,
    Tone,
)
from bot.rule_text import rule_sentence
from bot.tickers import not_looked_up_yet


async def run(request: Request, services: Services, arguments: Arguments) -> Reply:
    t = await translator_for(services, request)
    indicator = services.indicators[str(arguments["indicator"])]
    if "as_of" in arguments:
        on = read_day(str(arguments["as_of"]), t)
        return await _as_known_on(services, indicator, on, t)
    if (waiting := await not_looked_up_yet(request, services, indicator, t)) is not None:
        return waiting
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
        extra.append(_held_back(doubtful.reading, t))
    extra += await _overdue(services, indicator, t)
    timezone = place.timezone if place else "UTC"
    mine = [rule for rule in own if rule.indicator == indicator.key]
    if mine:
        extra.append(Heading(t("Rules here")))
        extra += [Paragraph(rule_sentence(rule, services, timezone, t)) for rule in mine]
    return Reply((*reply.blocks, *extra, _buttons(indicator, t)), reply.data)


def _held_back(reading: Reading, t: Translator) -> Paragraph:
    """A newer reading that nobody would sign yet (R3)."""
    said = t(
        "Held back: {value} of {on}, {reason}.",
        value=words.amount(reading.value, reading.unit, t),
        on=words.day(reading.period_end, t),
        reason=t.told(reading.note or "") or t("unconfirmed"),
    )
    return Paragraph(said, Tone.WARN)


def _buttons(indicator: Indicator, t: Translator) -> Buttons:
    return Buttons(
        (
            Button(t("Why it matters"), f"why {indicator.key}"),
            Button(t("History"), f"history {indicator.key}"),
            Button(t("Draw a line …"), f"alert add {indicator.key}", opens=True),
        )
    )


async def _overdue(services: Services, indicator: Indicator, t: Translator) -> list[Block]:
    """A fact past its review date is shown as old."""
    if not any(need.kind == "stated" for need in indicator.needs):
        return []
    evidence = await services.evidence.evidence()
    due = overdue(indicator, evidence, services.clock.now().date())
    if due is None:
        return []
    said = t(
        "Old: a fact in it was to be looked at again after {day}; see “fact list”.",
        day=words.day(due, t),
    )
    return [Paragraph(said, Tone.WARN)]


async def _as_known_on(services: Services, indicator: Indicator, on: date, t: Translator) -> Reply:
    """Computed anew, only from what was known by the end of that day.

    As on that day, what moves no rule is not the value while something that does is known.
    """
    end = datetime.combine(on + timedelta(days=1), time.min, UTC) - timedelta(seconds=1)
    if on > services.clock.now().date():
        raise BadInput(t("{on} is still to come.", on=on.isoformat()))
    evidence = (await services.evidence.evidence()).known_by(end)
    series = await asyncio.to_thread(indicator.series, evidence)
    async with services.database.read() as connection:
        held = await observations.waiting(connection, indicator.key, None)
    # What the guard holds to this day was not signed on that day either (R3).
    fixed = indicator.unit.to_fixed
    doubted = {(one.as_of, fixed(one.reading.value)) for one in held}
    found = series[-1] if series else None
    if isinstance(found, Reading):
        sure = (
            r
            for r in reversed(series)
            if isinstance(r, Reading)
            and r.status.moves_rules
            and (r.as_of, fixed(r.value)) not in doubted
        )
        signed = next(sure, found)
        reply = reading_reply(indicator, signed, end, t)
        doubt = () if signed is found else (_held_back(found, t),)
        return Reply((*reply.blocks, *doubt), reply.data)
    reason = found.reason if isinstance(found, Missing) else t("nothing was known by then")
    name = words.name_of(indicator, t)
    sentence = t(
        "{name} on {on}: missing, {reason}.",
        name=name,
        on=words.day(on, t),
        reason=t.told(reason),
    )
    data: Json = {"indicator": indicator.key, "value": None, "status": "missing", "reason": reason}
    return Reply((Paragraph(sentence, Tone.WARN),), data, ok=False)


def reading_reply(indicator: Indicator, reading: Reading, now: datetime, t: Translator) -> Reply:
    """A reading with its parts, dates, sources and caveat."""
    value = words.amount(reading.value, reading.unit, t)
    pairs = [
        (t("value"), words.explained(value, words.definition(reading.definition, t), t)),
        (t("as of"), dated(reading, now, t)),
        (t("formula"), t(indicator.formula)),
        (t("source"), f"{reading.source}  {reading.source_url}"),
        (t("status"), _status(indicator, reading, now, t)),
    ]
    blocks: list[Block] = [Heading(words.name_of(indicator, t)), Fields(tuple(pairs))]
    if reading.views:
        blocks.append(Fields(tuple(_view(view, t) for view in reading.views)))
    if reading.parts:
        blocks.append(parts_table(reading.parts, t))
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


def _status(indicator: Indicator, reading: Reading, now: datetime, t: Translator) -> str:
    words_ = [t(reading.status.value)]
    if now - reading.as_of > indicator.stale_after:
        words_.append(t("stale"))
    if reading.confirmed_by:
        words_.append(t("confirmed by {what}", what=t.told(reading.confirmed_by)))
    if reading.note:
        words_.append(t.told(reading.note))
    return words.clauses(words_, t)


def _view(view: Part, t: Translator) -> tuple[str, str]:
    return words.definition(view.name, t), words.amount(
        view.value, view.unit, t, signed=view.name == "percent"
    )


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
