"""Discord's documented limits of what can be pressed, chosen and filled in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from tests.emulators.discord.command_limits import length
from tests.emulators.discord.errors import Problem
from tests.emulators.discord.payloads import parts_of
from tests.emulators.discord.world import Json

COMPONENTS_V2 = 1 << 15
ROW, BUTTON, MENU, INPUT, SECTION, TEXT, LABEL, CONTAINER = 1, 2, 3, 4, 9, 10, 18, 17
THUMBNAIL, GALLERY, FILE, SEPARATOR = 11, 12, 13, 14
MENUS = (3, 5, 6, 7, 8)
LINK, PREMIUM = 5, 6


def problems_of_components(components: Sequence[Json], *, v2: bool) -> Iterator[Problem]:
    if v2:
        yield from _second_kind(components)
    else:
        if len(components) > 5:
            yield "components", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 5 in length."
        for number, one in enumerate(components):
            if one.get("type") != ROW:
                told = 'Value of field "type" must be one of (1,).'
                yield f"components.{number}", "UNION_TYPE_CHOICES", told
    for at, one in _located(components, "components"):
        yield from _one(one, at)
    yield from _unique(components)


def _second_kind(components: Sequence[Json]) -> Iterator[Problem]:
    every = list(parts_of(components))
    if len(every) > 40:
        told = "Total number of components must be 40 or fewer."
        yield "components", "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED", told
    if sum(len(one.get("content", "")) for one in every if one.get("type") == TEXT) > 4000:
        told = "Total of displayable text must be 4000 or fewer in length."
        yield "components", "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED", told
    for number, one in enumerate(components):
        if one.get("type") not in (ROW, SECTION, TEXT, GALLERY, FILE, SEPARATOR, CONTAINER):
            told = 'Value of field "type" must be one of (1, 9, 10, 12, 13, 14, 17).'
            yield f"components.{number}", "UNION_TYPE_CHOICES", told


def _located(components: Any, at: str) -> Iterator[tuple[str, Json]]:
    for number, part in enumerate(components or ()):
        here = f"{at}.{number}"
        yield here, part
        yield from _located(part.get("components"), f"{here}.components")
        for name in ("accessory", "component"):
            if name in part:
                yield f"{here}.{name}", part[name]


def _unique(components: Sequence[Json]) -> Iterator[Problem]:
    seen: set[str] = set()
    for at, one in _located(components, "components"):
        own = one.get("custom_id")
        if own is not None and own in seen:
            told = "Component custom id cannot be duplicated"
            yield f"{at}.custom_id", "COMPONENT_CUSTOM_ID_DUPLICATED", told
        seen.add(str(own))


def _one(part: Json, at: str) -> Iterator[Problem]:
    match part.get("type"):
        case 1:
            yield from _row(part, at)
        case 2:
            yield from _button(part, at)
        case 3 | 5 | 6 | 7 | 8:
            yield from _menu(part, at)
        case 4:
            yield from _input(part, at)
        case 9:
            if not 1 <= len(part.get("components") or ()) <= 3:
                told = "Must be between 1 and 3 in length."
                yield f"{at}.components", "BASE_TYPE_BAD_LENGTH", told
            if "accessory" not in part:
                yield f"{at}.accessory", "BASE_TYPE_REQUIRED", "This field is required"
        case 10:
            yield from length(part.get("content"), 1, 4000, f"{at}.content")
        case 12:
            if not 1 <= len(part.get("items") or ()) <= 10:
                yield f"{at}.items", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 10 in length."
            for number, item in enumerate(part.get("items") or ()):
                where = f"{at}.items.{number}.description"
                yield from length(item.get("description"), 0, 1024, where)
        case 11 | 13 | 14 | 17:
            yield from length(part.get("description"), 0, 1024, f"{at}.description")
        case 18:
            yield from length(part.get("label"), 1, 45, f"{at}.label")
            yield from length(part.get("description"), 0, 100, f"{at}.description")
        case kind:
            yield f"{at}.type", "UNION_TYPE_CHOICES", f"{kind} is no type of component."


def _row(part: Json, at: str) -> Iterator[Problem]:
    inner = part.get("components") or []
    menus = sum(one.get("type") in MENUS for one in inner)
    buttons = sum(one.get("type") == BUTTON for one in inner)
    if not inner or len(inner) > 5:
        yield f"{at}.components", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 5 in length."
    elif menus * 5 + buttons > 5 or (menus and len(inner) > 1):
        told = "Component layout width exceeded"
        yield f"{at}.components", "COMPONENT_LAYOUT_WIDTH_EXCEEDED", told


def _button(part: Json, at: str) -> Iterator[Problem]:
    yield from length(part.get("label"), 0, 80, f"{at}.label")
    style = part.get("style")
    if style not in range(1, 7):
        yield f"{at}.style", "BASE_TYPE_CHOICES", "Value must be one of {1, 2, 3, 4, 5, 6}."
    if style in (LINK, PREMIUM):
        if "custom_id" in part:
            told = "A custom id and url cannot both be specified"
            yield at, "BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE", told
        if style == LINK:
            yield from length(part.get("url"), 1, 512, f"{at}.url")
    else:
        yield from length(part.get("custom_id"), 1, 100, f"{at}.custom_id")
    if style != PREMIUM and not part.get("label") and not part.get("emoji"):
        told = "A button needs a label or an emoji"
        yield at, "BUTTON_COMPONENT_INVALID_EMOJI_LABEL", told


def _menu(part: Json, at: str) -> Iterator[Problem]:
    yield from length(part.get("custom_id"), 1, 100, f"{at}.custom_id")
    yield from length(part.get("placeholder"), 0, 150, f"{at}.placeholder")
    for name, least in (("min_values", 0), ("max_values", 1)):
        value = part.get(name)
        if value is not None and not least <= value <= 25:
            told = f"int value should be between {least} and 25."
            yield f"{at}.{name}", "NUMBER_TYPE_MAX", told
    yield from _numbers_agree(part, at)
    if part["type"] != MENU:
        return
    options = part.get("options") or []
    if not 1 <= len(options) <= 25:
        yield f"{at}.options", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 25 in length."
    values: set[str] = set()
    for number, option in enumerate(options):
        here = f"{at}.options.{number}"
        yield from length(option.get("label"), 1, 100, f"{here}.label")
        yield from length(option.get("value"), 1, 100, f"{here}.value")
        yield from length(option.get("description"), 0, 100, f"{here}.description")
        if option.get("value") in values:
            told = "The specified option value is already used"
            yield f"{here}.value", "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", told
        values.add(str(option.get("value")))


def _numbers_agree(part: Json, at: str) -> Iterator[Problem]:
    """How many may be chosen, must be, and are at first."""
    least = 1 if part.get("min_values") is None else part["min_values"]
    most = 1 if part.get("max_values") is None else part["max_values"]
    if least > most:
        told = f"int value should be less than or equal to {most}."
        yield f"{at}.min_values", "NUMBER_TYPE_MAX", told
    name = "options" if part["type"] == MENU else "default_values"
    chosen = part.get("default_values") or []
    if part["type"] == MENU:
        chosen = [one for one in part.get("options") or () if one.get("default")]
    if len(chosen) > most:
        told = f"Must be {most} or fewer in length."
        yield f"{at}.{name}", "BASE_TYPE_MAX_LENGTH", told


def _input(part: Json, at: str) -> Iterator[Problem]:
    yield from length(part.get("custom_id"), 1, 100, f"{at}.custom_id")
    yield from length(part.get("placeholder"), 0, 100, f"{at}.placeholder")
    yield from length(part.get("value"), 0, part.get("max_length") or 4000, f"{at}.value")
    least, most = part.get("min_length") or 0, part.get("max_length") or 4000
    if not 0 <= least <= most <= 4000:
        told = "min_length and max_length must be between 0 and 4000, in this order."
        yield f"{at}.min_length", "NUMBER_TYPE_MAX", told
    if part.get("style") not in (1, 2):
        yield f"{at}.style", "BASE_TYPE_CHOICES", "Value must be one of {1, 2}."


def problems_of_modal(modal: Json) -> Iterator[Problem]:
    """Paths as in the callback that carries it."""
    yield from length(modal.get("custom_id"), 1, 100, "data.custom_id")
    yield from length(modal.get("title"), 1, 45, "data.title")
    parts = modal.get("components") or []
    if not 1 <= len(parts) <= 5:
        yield "data.components", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 5 in length."
    for number, part in enumerate(parts):
        at = f"data.components.{number}"
        inner = part.get("components") or []
        if part.get("type") not in (ROW, TEXT, LABEL):
            yield at, "UNION_TYPE_CHOICES", 'Value of field "type" must be one of (1, 10, 18).'
        elif part["type"] == ROW:
            if len(inner) != 1 or inner[0].get("type") != INPUT:
                told = "A row of a form holds one text input"
                yield f"{at}.components", "BASE_TYPE_BAD_LENGTH", told
            for one in inner:
                yield from length(one.get("label"), 1, 45, f"{at}.components.0.label")
        elif part["type"] == LABEL and "component" not in part:
            yield f"{at}.component", "BASE_TYPE_REQUIRED", "This field is required"
    for at, one in _located(parts, "data.components"):
        if one.get("type") != ROW:
            yield from _one(one, at)
        if one.get("disabled"):
            yield f"{at}.disabled", "BASE_TYPE_CHOICES", "Nothing in a form can be disabled."
    for at, code, told in _unique(parts):
        yield f"data.{at}", code, told
