"""Discord's documented limits of application commands and of what completes them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from tests.emulators.discord.errors import Problem
from tests.emulators.discord.world import Json

LOCALES = frozenset(
    {"id", "da", "de", "en-GB", "en-US", "es-ES", "es-419", "fr", "hr", "it", "lt", "hu", "nl"}
    | {"no", "pl", "pt-BR", "ro", "fi", "sv-SE", "vi", "tr", "cs", "el", "bg", "ru", "uk", "hi"}
    | {"th", "zh-CN", "ja", "zh-TW", "ko"}
)

# Letters, digits, - _ ' of any script, and the marks of Devanagari and Thai.
_NAME = re.compile(r"[-_'\w\u0900-\u097f\u0e00-\u0e7f]{1,32}")
_LARGEST = 8000
_DEEPEST = 2


def length(text: Any, least: int, most: int, at: str) -> Iterator[Problem]:
    if text is None or text == "":
        if least > 0:
            yield at, "BASE_TYPE_REQUIRED", "This field is required"
    elif not isinstance(text, str):
        yield at, "STRING_TYPE_CONVERT", f'Could not interpret "{text}" as string.'
    elif len(text) > most:
        told = f"Must be between {least} and {most} in length."
        if least == 0:
            told = f"Must be {most} or fewer in length."
        yield at, "BASE_TYPE_BAD_LENGTH" if least else "BASE_TYPE_MAX_LENGTH", told


def problems_of_command(command: Json, at: str) -> list[Problem]:
    where = f"{at}." if at else ""
    found = [*_named(command, where)]
    if command.get("type", 1) == 1:
        found += _described(command, where)
        found += _options(command, where, 0)
    size = _size(command)
    if size > _LARGEST:
        told = f"Command exceeds maximum size ({size}/{_LARGEST})"
        found.append((at or "_root", "APPLICATION_COMMAND_TOO_LARGE", told))
    return found


def problems_of_choices(choices: Any, at: str) -> Iterator[Problem]:
    """Of an option, or in answer to autocompletion."""
    if len(choices) > 25:
        yield at, "BASE_TYPE_MAX_LENGTH", "Must be 25 or fewer in length."
    for number, choice in enumerate(choices):
        here = f"{at}.{number}"
        yield from length(choice.get("name"), 1, 100, f"{here}.name")
        value = choice.get("value")
        if isinstance(value, str):
            yield from length(value, 1, 100, f"{here}.value")
        elif value is None:
            yield f"{here}.value", "BASE_TYPE_REQUIRED", "This field is required"
        yield from _localised(choice, "name", 100, f"{here}.")


def _named(thing: Json, where: str) -> Iterator[Problem]:
    name = thing.get("name")
    yield from length(name, 1, 32, f"{where}name")
    if isinstance(name, str) and thing.get("type") not in (2, 3):
        yield from _spelt(name, f"{where}name")
    yield from _localised(thing, "name", 32, where)


def _spelt(name: str, at: str) -> Iterator[Problem]:
    if not _NAME.fullmatch(name) or name != name.lower():
        yield at, "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid"


def _described(thing: Json, where: str) -> Iterator[Problem]:
    yield from length(thing.get("description"), 1, 100, f"{where}description")
    yield from _localised(thing, "description", 100, where)


def _localised(thing: Json, what: str, most: int, where: str) -> Iterator[Problem]:
    for locale, text in (thing.get(f"{what}_localizations") or {}).items():
        at = f"{where}{what}_localizations.{locale}"
        if locale not in LOCALES:
            yield at, "ENUM_TYPE_COERCE", f'Value "{locale}" is not a valid enum value.'
        yield from length(text, 1, most, at)
        if what == "name" and most == 32 and isinstance(text, str):
            yield from _spelt(text, at)


def _options(thing: Json, where: str, depth: int) -> Iterator[Problem]:
    options = thing.get("options") or []
    if len(options) > 25:
        yield f"{where}options", "BASE_TYPE_MAX_LENGTH", "Must be 25 or fewer in length."
    seen: set[str] = set()
    optional = False
    kinds = {option.get("type") in (1, 2) for option in options}
    if len(kinds) > 1:
        told = "Sub-command and sub-command group option types are mutually exclusive to others"
        yield f"{where}options", "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", told
    for number, option in enumerate(options):
        here = f"{where}options.{number}."
        yield from _option(option, here, depth)
        name = str(option.get("name"))
        if name in seen:
            told = "Option names must be unique"
            yield f"{here}name", "APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS", told
        seen.add(name)
        if option.get("type") not in (1, 2):
            if option.get("required") and optional:
                told = "Required options must be placed before non-required options"
                yield f"{here}required", "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", told
            optional = optional or not option.get("required")


def _option(option: Json, here: str, depth: int) -> Iterator[Problem]:
    kind = option.get("type")
    yield from _described(option, here)
    yield from length(option.get("name"), 1, 32, f"{here}name")
    if isinstance(option.get("name"), str):
        yield from _spelt(option["name"], f"{here}name")
    yield from _localised(option, "name", 32, here)
    if kind not in range(1, 12):
        yield f"{here}type", "BASE_TYPE_CHOICES", "Value must be one of {1, …, 11}."
    elif kind in (1, 2):
        if depth + (kind == 2) >= _DEEPEST:
            told = "Sub-commands and groups nest no deeper"
            yield f"{here}type", "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", told
        yield from _options(option, here, depth + 1)
    choices = option.get("choices") or []
    yield from problems_of_choices(choices, f"{here}choices")
    if choices and option.get("autocomplete"):
        told = "Choices and autocomplete exclude each other"
        yield f"{here}autocomplete", "APPLICATION_COMMAND_AUTOCOMPLETE_INVALID", told


def _size(thing: Any) -> int:
    """Names, descriptions and values of a command with all its parts, in the longest language."""
    if isinstance(thing, list):
        return sum(_size(one) for one in thing)
    total = 0
    for what in ("name", "description"):
        texts = [thing.get(what), *(thing.get(f"{what}_localizations") or {}).values()]
        total += max((len(text) for text in texts if isinstance(text, str)), default=0)
    if isinstance(thing.get("value"), str):
        total += len(thing["value"])
    return total + _size(thing.get("options") or []) + _size(thing.get("choices") or [])
