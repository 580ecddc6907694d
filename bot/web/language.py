"""Which language a visitor reads: `?lang=`, else what the browser prefers."""

from __future__ import annotations

from aiohttp import web

from bot.locales import LANGUAGES, Translator, known_language, translator

TAGS = {"en": "en", "zh_Hant": "zh-Hant", "zh_Hans": "zh-Hans"}
"""Our languages as BCP 47 names them."""
OWN_NAMES = {"en": "English", "zh_Hant": "繁體中文", "zh_Hans": "简体中文"}


def chosen(request: web.Request) -> str | None:
    """The language in the address, if it is one of ours."""
    return known_language(request.query.get("lang", "")[:40])


def translator_of(request: web.Request) -> Translator:
    language = chosen(request) or preferred(request.headers.get("Accept-Language", ""))
    return translator(language)


def preferred(header: str) -> str:
    """The best of ours in an Accept-Language header (RFC 9110, 12.5.4); English otherwise."""
    wishes: list[tuple[float, int, str]] = []
    for place, wish in enumerate(header[:400].split(",")):
        tag, _, parameters = wish.partition(";")
        language = known_language(tag)
        quality = _quality(parameters)
        if language is not None and quality > 0:
            wishes.append((-quality, place, language))
    return min(wishes)[2] if wishes else LANGUAGES[0]


def _quality(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return min(1.0, max(0.0, float(value)))
    except ValueError:
        return 0.0
