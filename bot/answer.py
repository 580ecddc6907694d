"""The way in for every platform that speaks in text: a line of words to a reply. Never raises."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from alerts import correlation
from alerts.indicators import presets
from alerts.store import destinations
from alerts.store.database import Database
from alerts.store.destinations import Place
from bot.commands import BadInput, Command, ParamKind, Request, Services, commands
from bot.grammar import parse, path_in
from bot.locales import Translator, translator
from bot.replies import Button, Buttons, Form, Paragraph, Reply, Tone
from bot.tickers import seen_from

LONGEST_PRESSED = 90
"""Characters of a line that a button can carry on every platform."""

log = logging.getLogger(__name__)


async def answer(
    services: Services, request: Request, line: str, fields: Mapping[str, str] | None = None
) -> Reply:
    """Read a command and carry it out. What cannot be done changes nothing and says why.

    `fields` are arguments by name, from typed options or a form, beside those in the line.
    """
    with correlation.begun():
        return await _answered(services, request, line, fields)


async def _answered(
    services: Services, request: Request, line: str, fields: Mapping[str, str] | None
) -> Reply:
    t = translator("en")
    try:
        t = await translator_for(services, request)
        _count(services, request, t)
        services = await seen_from(services, request.place)
        parsed = parse(line, commands(), services.indicators, list(presets()), t, fields)
        if parsed.command.changes and not await request.may_change():
            raise BadInput(t("Only those who manage this place may change that."))
        reply = await parsed.command.run(request, services, parsed.arguments)
        # Its words may hold a note, which is nobody else's business.
        log.info("the command “%s” was answered", " ".join(parsed.command.path))
        return _shareable(reply, request, parsed.command, line, fields, t)
    except BadInput as mistake:
        return refusal(str(mistake), mistake.parameter)
    except Exception:
        log.exception("the command “%s” failed", _named(line))
        return refusal(
            t("That failed, and nothing was changed. The reason is in the operator's log.")
        )


async def form(services: Services, request: Request, line: str) -> Form | Reply:
    """The questions that complete a line; a refusal when they may not be asked."""
    t = translator("en")
    try:
        t = await translator_for(services, request)
        _count(services, request, t)
        known = commands()
        services = await seen_from(services, request.place)
        parsed = parse(line, known, services.indicators, list(presets()), t, whole=False)
        if parsed.command.changes and not await request.may_change():
            raise BadInput(t("Only those who manage this place may change that."))
        if parsed.command.form is None:
            raise BadInput(t("“{command}” has no form.", command=" ".join(parsed.command.path)))
        return await parsed.command.form(request, services, parsed.arguments)
    except BadInput as mistake:
        return refusal(str(mistake), mistake.parameter)
    except Exception:
        log.exception("the form for “%s” failed", _named(line))
        return refusal(
            t("That failed, and nothing was changed. The reason is in the operator's log.")
        )


def _named(line: str) -> str:
    """The command in a line, without the rest: that may hold a note, which is nobody's business."""
    return " ".join(path_in(line, commands()))


def _count(services: Services, request: Request, t: Translator) -> None:
    """Raises BadInput for who gives more commands than are answered."""
    too_many = services.limits.take(request.place, request.user, services.clock.now())
    if too_many is None:
        return
    wait = too_many.wait_s
    if too_many.alone:
        raise BadInput(
            t("You ask faster than I may answer; wait {count} s and say it again.", count=wait)
        )
    raise BadInput(
        t("So much is asked here that I must pause; wait {count} s and say it again.", count=wait)
    )


def _shareable(
    reply: Reply,
    request: Request,
    command: Command,
    line: str,
    fields: Mapping[str, str] | None,
    t: Translator,
) -> Reply:
    """A private answer that only reads can be shown to everyone by a button."""
    if not request.private or request.direct or command.changes or not reply.ok:
        return reply
    said = line_with(command, line, fields or {})
    if command.changes_if_told:
        # To show it must not do it again.
        said = " ".join(command.path)
    if not is_pressable(said):
        return reply
    button = Button(t("Show to everyone"), said, public=True)
    return replace(reply, blocks=(*reply.blocks, Buttons((button,))))


def is_pressable(line: str) -> bool:
    return len(line) <= LONGEST_PRESSED


def line_with(command: Command, line: str, fields: Mapping[str, str]) -> str:
    """A line and fields as one line that reads the same."""
    said = [line.strip() or " ".join(command.path)]
    for param in command.params:
        text = fields.get(param.name, "").strip()
        if text:
            quoted = f"“{text}”" if param.kind is ParamKind.TEXT else text
            said += [*param.keywords[:1], quoted] if param.keywords else [quoted]
    return " ".join(said)


def refusal(sentence: str, parameter: str | None = None) -> Reply:
    """`parameter`: what a form shows the sentence at."""
    about = {} if parameter is None else {"parameter": parameter}
    return Reply((Paragraph(sentence, Tone.WARN),), {"error": sentence} | about, ok=False)


async def translator_for(services: Services, request: Request) -> Translator:
    """The language asked for, else that of the place."""
    if request.language is not None:
        return translator(request.language)
    chosen = await services.database.kept.get(
        ("language", request.place), partial(_language_of, services.database, request.place)
    )
    return translator(chosen or request.place_language or "en")


async def _language_of(database: Database, place: Place, before: str | None) -> str | None:
    async with database.read() as connection:
        found = await destinations.find(connection, place)
    return found.language if found else None
