"""`settings`: language and time zone of this place."""

from __future__ import annotations

from zoneinfo import available_timezones

from alerts.store import destinations
from bot.answer import translator_for
from bot.commands import Arguments, BadInput, Command, Param, ParamKind, Request, Services
from bot.locales import LANGUAGES, Translator, known_language, translator
from bot.naming import nearest
from bot.replies import Block, Fields, Paragraph, Reply, Tone


async def run(request: Request, services: Services, arguments: Arguments) -> Reply:
    t = await translator_for(services, request)
    language = _language(arguments, t)
    timezone = _timezone(arguments, t)
    if language or timezone:
        if not await request.may_change():
            raise BadInput(t("Only those who manage this place may change that."))
        async with services.database.write() as connection:
            place = await destinations.find_or_make(connection, request.place, services.clock.now())
            if language:
                await destinations.set_language(connection, place.id, language)
            if timezone:
                await destinations.set_timezone(connection, place.id, timezone)
        t = translator(language) if language else t
    async with services.database.read() as connection:
        found = await destinations.find(connection, request.place)
        mine = await destinations.presets_of(connection, found.id) if found else []
    now_language = found.language if found else "en"
    now_timezone = found.timezone if found else "UTC"
    blocks: list[Block] = []
    if language or timezone:
        blocks.append(Paragraph(t("Changed."), Tone.GOOD))
    pairs = (
        (t("language"), now_language),
        (t("time zone"), now_timezone),
        (t("presets"), ", ".join(mine) or t("none")),
    )
    blocks.append(Fields(pairs))
    return Reply(
        tuple(blocks), {"language": now_language, "timezone": now_timezone, "presets": list(mine)}
    )


def _language(arguments: Arguments, t: Translator) -> str | None:
    if "language" not in arguments:
        return None
    text = str(arguments["language"])
    language = known_language(text)
    if language is None:
        raise BadInput(
            t(
                "“{text}” is not a language I speak: {choices}.",
                text=text[:40],
                choices=", ".join(LANGUAGES),
            )
        )
    return language


def _timezone(arguments: Arguments, t: Translator) -> str | None:
    if "timezone" not in arguments:
        return None
    text = str(arguments["timezone"]).strip().replace(" ", "_")
    known = {name.casefold(): name for name in available_timezones()}
    if text.casefold() in known:
        return known[text.casefold()]
    cities = {name.rpartition("/")[2].casefold(): name for name in sorted(available_timezones())}
    if text.casefold() in cities:
        return cities[text.casefold()]
    near = nearest(text, sorted([*known, *cities]))
    if near:
        name = known.get(near) or cities[near]
        raise BadInput(
            t("There is no time zone “{text}”; did you mean {near}?", text=text[:40], near=name)
        )
    raise BadInput(t("There is no time zone “{text}”. Write it like Asia/Taipei.", text=text[:40]))


COMMANDS = (
    Command(
        ("settings",),
        "language and time zone of this place",
        run,
        (
            Param(
                "language",
                ParamKind.TEXT,
                "en, zh_Hant, zh_Hans",
                required=False,
                keywords=("language", "lang"),
            ),
            Param(
                "timezone",
                ParamKind.TEXT,
                "like Asia/Taipei",
                required=False,
                keywords=("timezone", "tz"),
            ),
        ),
        examples=("/bubble settings language zh_Hant timezone Asia/Taipei",),
    ),
)
