"""`fact list|add|retire`: figures that no feed gives, entered by hand."""

from __future__ import annotations

from collections.abc import Sequence

from alerts.published import StatedFact
from bot import fact_desk, words
from bot.answer import translator_for
from bot.commands import Arguments, Command, Param, ParamKind, Request, Services
from bot.fact_desk import Kept, Told, fact_keys, known_key, unit_of
from bot.locales import Translator
from bot.operators import check_operator, signature
from bot.quantities import day as read_day
from bot.replies import Block, Cell, Column, Json, Paragraph, Reply, Table, Tone
from bot.tokens import cleaned


async def list_(request: Request, services: Services, arguments: Arguments) -> Reply:
    """All standing facts, or the whole story of one."""
    t = await translator_for(services, request)
    one = str(arguments["key"]) if "key" in arguments else None
    keys = (
        fact_keys(services.indicators) if one is None else [known_key(one, services.indicators, t)]
    )
    found = await fact_desk.kept(services, keys)
    if one is None:
        newest = {kept.fact.key: kept for kept in found if not kept.retired}
        found = list(newest.values())
    if not found:
        return Reply((Paragraph(t("No such fact was ever entered.")),), [])
    hint = t("“fact list KEY” shows all of one fact, with who entered and who retired it.")
    blocks: list[Block] = [_table(found, services, t, whole=one is not None)]
    if one is None:
        blocks.append(Paragraph(hint, Tone.MUTED))
    return Reply(tuple(blocks), [_data(kept) for kept in found])


def _table(found: Sequence[Kept], services: Services, t: Translator, *, whole: bool) -> Table:
    columns = (
        Column(t("fact")),
        Column(t("value"), right=True),
        Column(t("of")),
        Column(t("review after"), rank=1),
        Column(t("entered by"), rank=3),
        Column(t("where it stands"), rank=4, wraps=True),
        Column(t("note"), rank=2, wraps=True),
    )
    today = services.clock.now().date()

    def row(kept: Kept) -> tuple[Cell, ...]:
        fact = kept.fact
        tone = Tone.MUTED if kept.retired else Tone.WARN if kept.is_old(today) else Tone.PLAIN
        review = words.day(fact.review_after, t)
        return (
            Cell(fact.key, tone),
            Cell(words.amount(fact.value, unit_of(fact.key, services.indicators), t), tone),
            Cell(words.day(fact.day, t)),
            Cell(t("{day}, old", day=review) if kept.is_old(today) else review, tone),
            Cell(fact.entered_by, Tone.MUTED),
            Cell(fact.source_url, Tone.MUTED),
            Cell(_note(kept, t) if whole else t.told(fact.note), Tone.MUTED),
        )

    return Table(columns, tuple(row(kept) for kept in found))


def _note(kept: Kept, t: Translator) -> str:
    entry = kept.entry
    if entry is None or entry.retired_at is None:
        return t.told(kept.fact.note)
    on = words.day(entry.retired_at.date(), t)
    gone = t("retired by {who} on {day}", who=entry.retired_by or "?", day=on)
    return t("; ").join(filter(None, (gone, t.told(kept.fact.note))))


async def add(request: Request, services: Services, arguments: Arguments) -> Reply:
    t = await translator_for(services, request)
    check_operator(request, services, t)
    review = arguments.get("review")
    told = Told(
        str(arguments["key"]),
        str(arguments["value"]),
        read_day(str(arguments["day"]), t),
        str(arguments["source"]),
        None if review is None else read_day(str(review), t),
        cleaned(str(arguments.get("note", ""))),
    )
    fact = fact_desk.read(told, signature(request), services, t)
    others, retired = await fact_desk.enter(services, fact, instead="instead" in arguments)
    said = t(
        "Entered: {fact}, to be reviewed after {day}. It counts from the next look on.",
        fact=_short(fact, services, t),
        day=words.day(fact.review_after, t),
    )
    blocks = [Paragraph(said, Tone.GOOD)]
    blocks += [
        Paragraph(t("Retired: {fact}.", fact=_short(one, services, t)), Tone.MUTED)
        for one in retired
    ]
    if others:
        listed = t("; ").join(_short(one, services, t) for one in others)
        hint = t(
            "Of the same day there is also: {facts}. If this one replaces it: fact retire {key} "
            "on {day}.",
            facts=listed,
            key=fact.key,
            day=fact.day.isoformat(),
        )
        blocks.append(Paragraph(hint, Tone.WARN))
    return Reply(tuple(blocks), {"entered": fact.key, "value": f"{fact.value:f}"})


def _short(fact: StatedFact, services: Services, t: Translator) -> str:
    value = words.amount(fact.value, unit_of(fact.key, services.indicators), t)
    return t("{key} {value} of {day}", key=fact.key, value=value, day=words.day(fact.day, t))


async def retire(request: Request, services: Services, arguments: Arguments) -> Reply:
    t = await translator_for(services, request)
    check_operator(request, services, t)
    key = known_key(str(arguments["key"]), services.indicators, t)
    day = read_day(str(arguments["day"]), t)
    about = str(arguments.get("about", ""))
    gone = await fact_desk.retire(services, key, day, about, signature(request), t)
    said = t(
        "Retired: {fact}. It is kept with your name; from the next look on nothing counts it.",
        fact=_short(gone, services, t),
    )
    return Reply((Paragraph(said, Tone.GOOD),), {"retired": key, "day": day.isoformat()})


def _data(kept: Kept) -> Json:
    fact, entry = kept.fact, kept.entry
    return {
        "key": fact.key,
        "value": f"{fact.value:f}",
        "date": fact.day.isoformat(),
        "source_url": fact.source_url,
        "entered_by": fact.entered_by,
        "review_after": fact.review_after.isoformat(),
        "note": fact.note,
        "retired_by": entry.retired_by if entry else None,
        "retired_at": entry.retired_at.isoformat() if entry and entry.retired_at else None,
    }


_KEY = Param("key", ParamKind.TEXT, "a fact's name, from “fact list”")
_DAY = Param("day", ParamKind.DATE, "the day of the fact: 2026-01-31", keywords=("on", "date"))

COMMANDS = (
    Command(
        ("fact", "list"),
        "figures that were entered by hand",
        list_,
        (Param("key", ParamKind.TEXT, "all of one fact", required=False),),
    ),
    Command(
        ("fact", "add"),
        "enter a figure by hand (operators)",
        add,
        (
            _KEY,
            Param("value", ParamKind.QUANTITY, "500B, 80%, 13"),
            _DAY,
            Param(
                "source",
                ParamKind.TEXT,
                "the https address where it stands",
                keywords=("from", "source"),
            ),
            Param(
                "review",
                ParamKind.DATE,
                "when to look again; otherwise in half a year",
                required=False,
                keywords=("review",),
            ),
            Param("note", ParamKind.TEXT, "your own words", required=False, keywords=("note",)),
            Param(
                "instead",
                ParamKind.FLAG,
                "retire the others of that day",
                required=False,
                keywords=("instead",),
            ),
        ),
        examples=(
            "/bubble fact add openai_valuation 500B on 2025-10-31 from https://openai.com/news/",
        ),
    ),
    Command(
        ("fact", "retire"),
        "take a figure out of use (operators)",
        retire,
        (
            _KEY,
            _DAY,
            Param(
                "about",
                ParamKind.TEXT,
                "words of its note, where a day has several",
                required=False,
                keywords=("about",),
            ),
        ),
    ),
)
