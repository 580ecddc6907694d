"""`indicator define|list|remove`: indicators of one's own, made of others."""

from __future__ import annotations

import asyncio
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from alerts.indicators import Indicator, catalogue
from alerts.own.formula import KEY, BadFormula
from alerts.own.listing import MOST, listing_of, made_of, users_of
from alerts.own.settings_file import FILE, LONGEST_NAME, Entry, fault_of
from alerts.reading import Missing, Reading
from alerts.store import own
from alerts.store.own import Defined
from bot import words
from bot.answer import translator_for
from bot.commands import Arguments, BadInput, Command, Param, ParamKind, Request, Services
from bot.formula_text import mistake
from bot.locales import Translator
from bot.naming import ALIASES, folded
from bot.operators import check_operator, signature
from bot.replies import Block, Button, Buttons, Cell, Column, Paragraph, Reply, Table, Tone


async def define(request: Request, services: Services, arguments: Arguments) -> Reply:
    """Read it, try it on what is known, and only then keep it."""
    t = await translator_for(services, request)
    check_operator(request, services, t)
    key = _checked_key(str(arguments["key"]), t)
    formula = " ".join(str(arguments["formula"]).split())
    name = str(arguments.get("name", key))[:LONGEST_NAME]
    now = services.clock.now()
    wanted = Defined(key, formula, name, signature(request), now)
    async with services.database.read() as connection:
        made = await _made(connection, wanted, t)
    blocks = [await _value(services, made, now, t)]
    async with services.database.write() as connection:
        await _made(connection, wanted, t)
        await own.define(connection, wanted)
    if listing := listing_of(services.indicators):
        await listing.renew()
    said = t("Defined: {key} = {formula}.", key=key, formula=formula)
    hint = t("Its history is there after the next look; lines can be drawn on it already.")
    blocks = [Paragraph(said, Tone.GOOD), *blocks, Paragraph(hint, Tone.MUTED)]
    buttons = Buttons((Button(t("Draw a line …"), f"alert add {key}", opens=True),))
    return Reply((*blocks, buttons), {"indicator": key, "unit": made.unit.value})


def _checked_key(text: str, t: Translator) -> str:
    key = folded(text)
    if KEY.fullmatch(key) is None:
        raise BadInput(
            t("“{text}” cannot be a name: small letters, digits and _, 3 to 60.", text=text[:60])
        )
    nicknames = {folded(one) for names in ALIASES.values() for one in names}
    if key in nicknames or key in catalogue():
        raise BadInput(t("“{text}” is the name of another indicator already.", text=key))
    return key


async def _made(connection: AsyncConnection, wanted: Defined, t: Translator) -> Indicator:
    """Raises BadInput with what is wrong, and where."""
    kept = {one.key: one for one in await own.definitions(connection, removed=True)}
    living = [one for one in kept.values() if one.removed_at is None and one.key != wanted.key]
    if len(living) >= MOST:
        raise BadInput(t("There are {n} definitions already, and no more are kept.", n=MOST))
    entry = Entry(wanted.key, wanted.formula, wanted.name)
    fault = await fault_of(connection, entry, kept.get(wanted.key), catalogue())
    if isinstance(fault, BadFormula):
        raise BadInput(mistake(fault, catalogue(), t))
    if fault is not None:
        raise BadInput(
            t("“{key}” was another formula before, and its history is kept; take a new name.",
              key=wanted.key)
        )  # fmt: skip
    known = [*catalogue(), *(one.key for one in living)]
    try:
        made = made_of(wanted, catalogue(), [*living, wanted])
        for user in users_of(wanted.key, living):
            # What stands on it must still stand.
            one = next(other for other in living if other.key == user)
            made_of(one, catalogue(), [*living, wanted])
    except BadFormula as error:
        raise BadInput(mistake(error, known, t)) from error
    return made


async def _value(services: Services, made: Indicator, now: datetime, t: Translator) -> Paragraph:
    """What it is by what is known."""
    evidence = (await services.evidence.evidence()).known_by(now)
    series = await asyncio.to_thread(made.series, evidence)
    last = series[-1] if series else None
    if isinstance(last, Reading):
        value = words.amount(last.value, last.unit, t)
        return Paragraph(
            t("It is {value}, as of {on}.", value=value, on=words.day(last.as_of.date(), t))
        )
    reason = last.reason if isinstance(last, Missing) else t("nothing is known of its parts")
    return Paragraph(t("It has no value yet: {reason}.", reason=t.told(reason)), Tone.WARN)


async def list_(request: Request, services: Services, arguments: Arguments) -> Reply:
    t = await translator_for(services, request)
    async with services.database.read() as connection:
        defined = await own.definitions(connection)
    listing = listing_of(services.indicators)
    troubles = {} if listing is None else listing.troubles
    blocks: list[Block] = []
    if defined:
        columns = (
            Column(t("indicator")),
            Column(t("formula"), wraps=True),
            Column(t("name"), rank=1),
            Column(t("defined by"), rank=2),
        )
        rows = tuple(
            (Cell(one.key), Cell(one.formula), Cell(one.name), Cell(one.defined_by, Tone.MUTED))
            for one in defined
        )
        blocks.append(Table(columns, rows))
    else:
        said = t(
            "Nobody has defined an indicator here. “indicator define NAME as FORMULA” does, and "
            "so does the file {file} beside the database.",
            file=FILE,
        )
        blocks.append(Paragraph(said))
    for key, trouble in troubles.items():
        said = trouble if isinstance(trouble, str) else mistake(trouble, services.indicators, t)
        blocks.append(Paragraph(t("{key} is not used: {reason}", key=key, reason=said), Tone.WARN))
    data = [{"indicator": one.key, "formula": one.formula, "name": one.name} for one in defined]
    return Reply(tuple(blocks), data)


async def remove(request: Request, services: Services, arguments: Arguments) -> Reply:
    t = await translator_for(services, request)
    check_operator(request, services, t)
    key = folded(str(arguments["key"]))
    async with services.database.write() as connection:
        defined = await own.definitions(connection)
        mine = next((one for one in defined if one.key == key), None)
        if mine is None:
            raise BadInput(t("Nobody has defined “{key}” here.", key=key[:60]))
        if mine.defined_by == FILE:
            raise BadInput(t("“{key}” stands in {file}; take it out there.", key=key, file=FILE))
        if users := users_of(key, defined):
            raise BadInput(t("{users} stands on it; remove that first.", users=t(", ").join(users)))
        if lines := await own.lines_on(connection, key):
            raise BadInput(t("{n} lines look at it; they must be removed first.", n=lines))
        await own.remove(connection, key, signature(request), services.clock.now())
    if listing := listing_of(services.indicators):
        await listing.renew()
    said = t("Removed: {key}. Its history stays.", key=key)
    return Reply((Paragraph(said, Tone.GOOD),), {"removed": key})


_KEY = Param("key", ParamKind.TEXT, "its name: small letters, digits and _")

COMMANDS = (
    Command(("indicator", "list"), "indicators that were defined here", list_),
    Command(
        ("indicator", "define"),
        "make an indicator of others (operators)",
        define,
        (
            _KEY,
            Param(
                "formula",
                ParamKind.TEXT,
                "+ - * /, sum, share, ratio, price(TSM), market_cap(TSM)",
                keywords=("as", "="),
            ),
            Param(
                "name",
                ParamKind.TEXT,
                "how people read it",
                required=False,
                keywords=("named",),
            ),
        ),
        examples=(
            "/bubble indicator define debt_to_capex as hyperscaler_debt / hyperscaler_capex",
        ),
    ),
    Command(
        ("indicator", "remove"),
        "take a definition away (operators)",
        remove,
        (_KEY,),
    ),
)
