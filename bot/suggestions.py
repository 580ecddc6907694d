"""What a person may mean while typing: for autocompletion and searched lists."""

from __future__ import annotations

from collections.abc import Iterable
from zoneinfo import available_timezones

from alerts.indicators import presets
from alerts.store import destinations
from bot import words
from bot.answer import translator_for
from bot.commands import ParamKind, Request, Services
from bot.locales import LANGUAGES, Translator
from bot.naming import ALIASES, folded
from bot.replies import Choice
from bot.rule_text import LONGEST_LABEL, numbered
from bot.tickers import seen_from

MOST = 25
_LANGUAGE_NAMES = {"en": "English", "zh_Hant": "繁體中文", "zh_Hans": "简体中文"}


async def suggestions(
    services: Services, request: Request, kind: ParamKind, typed: str
) -> tuple[Choice, ...]:
    """At most 25, the best first. Kinds that cannot be guessed give none."""
    t = await translator_for(services, request)
    match kind:
        case ParamKind.INDICATOR:
            found = _indicators(await seen_from(services, request.place), typed, t)
        case ParamKind.PRESET:
            found = [Choice(name, name) for name in presets() if folded(typed) in name]
        case ParamKind.RULE | ParamKind.RULES:
            found = await _rules(services, request, typed, t)
        case ParamKind.LANGUAGE:
            found = [Choice(code, _LANGUAGE_NAMES[code]) for code in LANGUAGES]
        case ParamKind.TIMEZONE:
            found = _timezones(typed)
        case _:
            found = []
    return tuple(found[:MOST])


def language_choices() -> tuple[Choice, ...]:
    return tuple(Choice(code, _LANGUAGE_NAMES[code]) for code in LANGUAGES)


def _indicators(services: Services, typed: str, t: Translator) -> list[Choice]:
    """By key, name in any language and nickname; those that begin like it come first."""
    wanted = folded(typed)
    ranked: list[tuple[int, Choice]] = []
    for key, indicator in services.indicators.items():
        names = indicator.names
        known = [key, names.en, names.zh_hant, names.zh_hans, *ALIASES.get(key, ())]
        rank = _rank(wanted, map(folded, known))
        if rank is not None:
            ranked.append((rank, Choice(key, words.name_of(indicator, t)[:LONGEST_LABEL])))
    return [choice for _, choice in sorted(ranked, key=lambda pair: pair[0])]


def _rank(wanted: str, known: Iterable[str]) -> int | None:
    best = None
    for name in known:
        rank = 0 if name.startswith(wanted) else 1 if wanted in name else None
        if rank is not None and (best is None or rank < best):
            best = rank
    return best


async def _rules(services: Services, request: Request, typed: str, t: Translator) -> list[Choice]:
    async with services.database.read() as connection:
        place = await destinations.find(connection, request.place)
        mine = await destinations.rules_of(connection, place.id) if place else []
    labelled = [Choice(str(rule.number), numbered(rule, services, t)) for rule in mine]
    wanted = typed.strip().casefold().lstrip("#")
    return [
        choice for choice in labelled if choice.value == wanted or wanted in choice.label.casefold()
    ]


def _timezones(typed: str) -> list[Choice]:
    wanted = folded(typed)
    names = sorted(name for name in available_timezones() if "/" in name or name == "UTC")
    found = [name for name in names if wanted in folded(name)]
    return [Choice(name, name) for name in found]
