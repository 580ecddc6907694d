"""The parts of blocks that people press, choose in and type into."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from tests.emulators.slack.world import Json, new_id

SEARCHED = {"external_select", "multi_external_select"}
_TEXTS = {"plain_text_input", "number_input", "email_text_input", "url_text_input"}
_LISTS = {"static_select", "external_select", "overflow", "radio_buttons"}
_SEVERAL = {"multi_static_select", "multi_external_select", "checkboxes"}
_IDS = {
    "users_select": ("selected_user", "initial_user"),
    "channels_select": ("selected_channel", "initial_channel"),
    "conversations_select": ("selected_conversation", "initial_conversation"),
    "datepicker": ("selected_date", "initial_date"),
    "timepicker": ("selected_time", "initial_time"),
    "datetimepicker": ("selected_date_time", "initial_date_time"),
}
CHOOSABLE = _LISTS | _SEVERAL | set(_IDS) | _TEXTS


def blocks_of(surface: Json) -> Iterator[Json]:
    yield from surface.get("blocks") or []
    for attachment in surface.get("attachments") or []:
        yield from attachment.get("blocks") or []


def elements_of(block: Json) -> list[Json]:
    """The parts of a block that a person can press, choose in or type into."""
    inside = [block.get("accessory"), block.get("element")]
    if block.get("type") in ("actions", "context_actions"):
        inside += block.get("elements") or []
    return [part for part in inside if isinstance(part, dict) and part.get("type") != "image"]


def all_of(surface: Json) -> Iterator[tuple[Json, Json]]:
    for block in blocks_of(surface):
        for element in elements_of(block):
            yield block, element


def find(surface: Json, what: str, kinds: set[str]) -> tuple[Json, Json]:
    """The element that is called so: by action_id, else value, else words, else block."""
    there = [pair for pair in all_of(surface) if pair[1].get("type") in kinds]
    for name in _NAMES:
        for block, element in there:
            if name(block, element) == what:
                return block, element
    seen = [f"{element.get('action_id')} «{_words(block, element)}»" for block, element in there]
    raise AssertionError(f"{what!r} is not there to be used; there is: {', '.join(seen) or '–'}")


def _words(block: Json, element: Json) -> str:
    for part in (element.get("text"), element.get("placeholder"), block.get("label")):
        if isinstance(part, dict):
            return str(part.get("text"))
    return ""


def _label(block: Json, element: Json) -> str:
    return str((block.get("label") or {}).get("text", ""))


_NAMES = (
    lambda block, element: element.get("action_id"),
    lambda block, element: element.get("value"),
    _words,
    _label,
    lambda block, element: block.get("block_id"),
)


def named(block: Json, element: Json, what: str) -> bool:
    return any(name(block, element) == what for name in _NAMES)


def options_in(element: Json) -> list[Json]:
    found = list(element.get("options") or [])
    for group in element.get("option_groups") or []:
        found += group.get("options") or []
    return found


def pressed(button: Json) -> Json:
    return {name: button[name] for name in ("text", "value", "style", "url") if name in button}


def chosen(element: Json, answer: object, offered: Sequence[Json] = ()) -> Json:
    """What Slack reports when a person answers so; AssertionError when that cannot be answered."""
    kind = str(element["type"])
    if kind in _TEXTS:
        return _typed(element, str(answer))
    if kind in _IDS:
        return {_IDS[kind][0]: answer}
    options = [*options_in(element), *offered]
    if kind in _SEVERAL:
        several = [answer] if isinstance(answer, (str, dict)) else list(answer)  # type: ignore[call-overload]
        return {"selected_options": [_option(options, one, element) for one in several]}
    if answer in ("", None):
        return {"selected_option": None}
    return {"selected_option": _option(options, answer, element)}


def _option(options: Sequence[Json], answer: object, element: Json) -> Json:
    if isinstance(answer, dict):
        return answer
    already = element.get("initial_option")
    for option in [*options, *([already] if already else [])]:
        if answer in (option.get("value"), option["text"]["text"]):
            return {name: option[name] for name in ("text", "value") if name in option}
    offered = [option.get("value") for option in options]
    raise AssertionError(f"{answer!r} is not among what can be chosen: {offered}")


def _typed(element: Json, text: str) -> Json:
    if len(text) > int(element.get("max_length", 3000)):
        raise AssertionError(f"Slack lets nobody type more than {element.get('max_length', 3000)}")
    if text and len(text) < int(element.get("min_length", 0)):
        raise AssertionError(f"Slack wants at least {element['min_length']} characters")
    if "\n" in text and not element.get("multiline"):
        raise AssertionError("nobody can type a new line into a field of one line")
    return {"value": text or None}


def first_state(element: Json) -> Json | None:
    """What it holds before anybody touches it; None for what holds nothing."""
    kind = str(element["type"])
    if kind in _TEXTS:
        return {"type": kind, "value": element.get("initial_value")}
    if kind in _IDS:
        reported, initial = _IDS[kind]
        return {"type": kind, reported: element.get(initial)}
    if kind in _SEVERAL:
        return {"type": kind, "selected_options": element.get("initial_options") or []}
    if kind in _LISTS - {"overflow"}:
        return {"type": kind, "selected_option": element.get("initial_option")}
    return None


def is_empty(state: Json | None) -> bool:
    return state is None or not any(value for name, value in state.items() if name != "type")


def state_of(surface: Json) -> dict[str, dict[str, Any]]:
    """By block_id and action_id: what people put in since, else what stands there at first."""
    touched = surface.get("_touched") or {}
    values: dict[str, dict[str, Any]] = {}
    for block, element in all_of(surface):
        held = touched.get((block.get("block_id"), element.get("action_id")))
        if held is None or held["type"] != element["type"]:
            held = first_state(element)
        if held is not None:
            values.setdefault(str(block["block_id"]), {})[str(element["action_id"])] = held
    return values


def touch(surface: Json, block: Json, element: Json, answer: Json) -> None:
    if first_state(element) is None:
        return
    key = (block.get("block_id"), element.get("action_id"))
    surface.setdefault("_touched", {})[key] = {"type": element["type"], **answer}


def name_blocks(blocks: list[Json]) -> None:
    """Slack gives a block_id and an action_id to what has none."""
    for block in blocks:
        block.setdefault("block_id", new_id("b"))
        for element in elements_of(block):
            element.setdefault("action_id", new_id("a"))
