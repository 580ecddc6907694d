"""The way in for every platform that speaks in text: a line of words to a reply. Never raises."""

from __future__ import annotations

import logging

from alerts.indicators import presets
from alerts.store import destinations
from bot.commands import BadInput, Request, Services, commands
from bot.grammar import parse
from bot.locales import Translator, translator
from bot.replies import Paragraph, Reply, Tone

log = logging.getLogger(__name__)


async def answer(services: Services, request: Request, text: str) -> Reply:
    """Read a command and carry it out. What cannot be done changes nothing and says why."""
    t = translator("en")
    try:
        t = await translator_for(services, request)
        parsed = parse(text, commands(), services.indicators, list(presets()), t)
        if parsed.command.changes and not request.may_change:
            raise BadInput(t("Only those who manage this place may change that."))
        return await parsed.command.run(request, services, parsed.arguments)
    except BadInput as mistake:
        return refusal(str(mistake))
    except Exception:
        log.exception("the command %r failed", text[:200])
        return refusal(
            t("That failed, and nothing was changed. The reason is in the operator's log.")
        )


def refusal(sentence: str) -> Reply:
    return Reply((Paragraph(sentence, Tone.WARN),), {"error": sentence}, ok=False)


async def translator_for(services: Services, request: Request) -> Translator:
    """The language asked for, else that of the place."""
    if request.language is not None:
        return translator(request.language)
    async with services.database.read() as connection:
        place = await destinations.find(connection, request.place)
    return translator(place.language if place else "en")
