"""Block Kit as it is documented: every block and element with its limits.

https://docs.slack.dev/reference/block-kit/ (blocks, block elements, composition objects, views)
"""

from __future__ import annotations

from typing import Any

from tests.emulators.slack.elements import elements_of, options_in
from tests.emulators.slack.schema import (
    Check,
    Shape,
    anything,
    complain,
    flag,
    listing,
    one_of,
    string,
    text,
    typed,
    whole,
)

MOST_IN_MESSAGE = 50
MOST_IN_VIEW = 100
_BOTH = ("plain_text", "mrkdwn")

_confirm = Shape(
    {
        "title": text(100),
        "text": text(300, *_BOTH),
        "confirm": text(30),
        "deny": text(30),
    },
    {"style": one_of("primary", "danger")},
)


def _option(*kinds: str, url: bool = False) -> Check:
    more: dict[str, Check] = {"description": text(75, *kinds)}
    if url:
        more["url"] = string(3000)
    return Shape({"text": text(75, *kinds), "value": string(150)}, more)


def _options_of() -> dict[str, Check]:
    group = Shape({"label": text(75), "options": listing(_option(), 100)}, {})
    return {"options": listing(_option(), 100), "option_groups": listing(group, 100)}


def _one_kind_of_options(value: Any, at: str, problems: list[str]) -> None:
    if ("options" in value) == ("option_groups" in value):
        complain(problems, "must provide either options or option_groups", at)
    _initial_is_offered(value, at, problems)


def _initial_is_offered(value: Any, at: str, problems: list[str]) -> None:
    offered = options_in(value)
    initial = value.get("initial_option")
    if initial is not None and initial not in offered:
        complain(problems, "initial_option must match one of the options", at)
    for option in value.get("initial_options") or []:
        if option not in offered:
            complain(problems, "initial_options must match the options", at)


_ACTION: dict[str, Check] = {"action_id": string(255)}
_PICK: dict[str, Check] = _ACTION | {
    "confirm": _confirm,
    "focus_on_load": flag,
    "placeholder": text(150),
}
_MANY: dict[str, Check] = {"max_selected_items": whole(1, 1000)}
_WRITE: dict[str, Check] = _ACTION | {
    "placeholder": text(150),
    "focus_on_load": flag,
    "dispatch_action_config": anything,
}


def _picture_is_somewhere(value: Any, at: str, problems: list[str]) -> None:
    if ("image_url" in value) == ("slack_file" in value):
        complain(problems, "must provide either image_url or slack_file", at)


def _lengths_agree(value: Any, at: str, problems: list[str]) -> None:
    initial = value.get("initial_value")
    most = value.get("max_length")
    if isinstance(initial, str) and isinstance(most, int) and len(initial) > most:
        complain(problems, f"must be less than {most + 1} characters", f"{at}/initial_value")


_slack_file = Shape({}, {"id": string(255), "url": string(3000)})
_image: dict[str, Check] = {"image_url": string(3000), "slack_file": _slack_file}
_chosen = _option(*_BOTH)

ELEMENTS: dict[str, Check] = {
    "button": Shape(
        {"text": text(75)},
        _ACTION
        | {
            "url": string(3000),
            "value": string(2000),
            "style": one_of("primary", "danger"),
            "confirm": _confirm,
            "accessibility_label": string(75),
        },
    ),
    "static_select": Shape(
        {}, _PICK | _options_of() | {"initial_option": _chosen}, _one_kind_of_options
    ),
    "multi_static_select": Shape(
        {},
        _PICK | _MANY | _options_of() | {"initial_options": listing(_chosen, 100)},
        _one_kind_of_options,
    ),
    "external_select": Shape(
        {}, _PICK | {"min_query_length": whole(0, 75), "initial_option": _chosen}
    ),
    "multi_external_select": Shape(
        {},
        _PICK
        | _MANY
        | {"min_query_length": whole(0, 75), "initial_options": listing(_chosen, 100)},
    ),
    "users_select": Shape({}, _PICK | {"initial_user": string(255)}),
    "channels_select": Shape(
        {}, _PICK | {"initial_channel": string(255), "response_url_enabled": flag}
    ),
    "conversations_select": Shape(
        {},
        _PICK
        | {
            "initial_conversation": string(255),
            "default_to_current_conversation": flag,
            "response_url_enabled": flag,
            "filter": anything,
        },
    ),
    "overflow": Shape(
        {"options": listing(_option(*_BOTH, url=True), 5)}, _ACTION | {"confirm": _confirm}
    ),
    "checkboxes": Shape(
        {"options": listing(_option(*_BOTH), 10)},
        _ACTION
        | {
            "initial_options": listing(_chosen, 10),
            "confirm": _confirm,
            "focus_on_load": flag,
        },
        _initial_is_offered,
    ),
    "radio_buttons": Shape(
        {"options": listing(_option(*_BOTH), 10)},
        _ACTION | {"initial_option": _chosen, "confirm": _confirm, "focus_on_load": flag},
        _initial_is_offered,
    ),
    "datepicker": Shape({}, _PICK | {"initial_date": string(10, 10, r"\d{4}-\d\d-\d\d")}),
    "timepicker": Shape(
        {}, _PICK | {"initial_time": string(5, 5, r"[0-2]\d:[0-5]\d"), "timezone": string(255)}
    ),
    "datetimepicker": Shape(
        {},
        _ACTION
        | {
            "initial_date_time": whole(0, 9_999_999_999),
            "confirm": _confirm,
            "focus_on_load": flag,
        },
    ),
    "plain_text_input": Shape(
        {},
        _WRITE
        | {
            "initial_value": string(3000, 0),
            "multiline": flag,
            "min_length": whole(0, 3000),
            "max_length": whole(1, 3000),
        },
        _lengths_agree,
    ),
    "number_input": Shape(
        {"is_decimal_allowed": flag},
        _WRITE | {"initial_value": string(100), "min_value": string(100), "max_value": string(100)},
    ),
    "email_text_input": Shape({}, _WRITE | {"initial_value": string(3000)}),
    "url_text_input": Shape({}, _WRITE | {"initial_value": string(3000)}),
    "image": Shape({"alt_text": string(2000)}, _image, _picture_is_somewhere),
}

_SELECTS = {
    kind for kind in ELEMENTS if kind.endswith("_select") or kind in ("checkboxes", "radio_buttons")
}
_PICKERS = {"datepicker", "timepicker", "datetimepicker"}
_INPUTS = {"plain_text_input", "number_input", "email_text_input", "url_text_input"}
_BLOCK: dict[str, Check] = {"block_id": string(255)}


def _section_says_something(value: Any, at: str, problems: list[str]) -> None:
    if not value.get("text") and not value.get("fields"):
        complain(problems, "must provide either text or fields", at)


def _rich_text(value: Any, at: str, problems: list[str]) -> None:
    kinds = {"rich_text_section", "rich_text_list", "rich_text_preformatted", "rich_text_quote"}
    for place, part in enumerate(value.get("elements") or []):
        kind = part.get("type") if isinstance(part, dict) else None
        if kind not in kinds:
            complain(problems, f"unsupported type: {kind}", f"{at}/elements/{place}/type")
        elif not isinstance(part.get("elements"), list):
            complain(problems, "missing required field: elements", f"{at}/elements/{place}")


_cell = typed({"raw_text": Shape({"text": string(10_000)}, {}), "rich_text": anything})
_context_part = typed(
    {
        "plain_text": Shape({"text": string(3000)}, {"emoji": flag}),
        "mrkdwn": Shape({"text": string(3000)}, {"verbatim": flag}),
        "image": ELEMENTS["image"],
    }
)

_ANYWHERE: dict[str, Check] = {
    "section": Shape(
        {},
        _BLOCK
        | {
            "text": text(3000, *_BOTH),
            "fields": listing(text(2000, *_BOTH), 10),
            "accessory": typed(
                ELEMENTS, _SELECTS | {"button", "overflow", "datepicker", "timepicker", "image"}
            ),
            "expand": flag,
        },
        _section_says_something,
    ),
    "divider": Shape({}, _BLOCK),
    "header": Shape({"text": text(150)}, _BLOCK | {"level": whole(1, 4)}),
    "image": Shape(
        {"alt_text": string(2000)}, _BLOCK | _image | {"title": text(2000)}, _picture_is_somewhere
    ),
    "context": Shape({"elements": listing(_context_part, 10)}, _BLOCK),
    "actions": Shape(
        {"elements": listing(typed(ELEMENTS, _SELECTS | _PICKERS | {"button", "overflow"}), 25)},
        _BLOCK,
    ),
    "rich_text": Shape({"elements": listing(anything, 1000)}, _BLOCK, _rich_text),
    "input": Shape(
        {"label": text(2000), "element": typed(ELEMENTS, _SELECTS | _PICKERS | _INPUTS)},
        _BLOCK | {"hint": text(2000), "optional": flag, "dispatch_action": flag},
    ),
}
_IN_MESSAGES: dict[str, Check] = _ANYWHERE | {
    "markdown": Shape({"text": string(12_000)}, _BLOCK),
    "table": Shape(
        {"rows": listing(listing(_cell, 20), 100)},
        _BLOCK | {"column_settings": listing(anything, 20)},
    ),
}


def problems_of_message(blocks: Any, at: str = "/blocks") -> list[str]:
    problems: list[str] = []
    listing(typed(_IN_MESSAGES), MOST_IN_MESSAGE, 0)(blocks, at, problems)
    if not isinstance(blocks, list):
        return problems
    _ids_differ(blocks, at, problems)
    there = [block for block in blocks if isinstance(block, dict)]
    if len([block for block in there if block.get("type") == "table"]) > 1:
        complain(problems, "only one table allowed in a message", at)
    if sum(len(str(b.get("text"))) for b in there if b.get("type") == "markdown") > 12_000:
        complain(problems, "must be less than 12001 characters", at)
    return problems


def problems_of_view(view: Any, kind: str) -> list[str]:
    """`kind`: modal or home, whichever the method takes."""
    problems: list[str] = []
    blocks = listing(typed(_ANYWHERE), MOST_IN_VIEW, 0)
    shared: dict[str, Check] = {
        "private_metadata": string(3000, 0),
        "callback_id": string(255, 0),
        "external_id": string(255, 0),
    }
    modal: dict[str, Check] = {
        "close": text(24),
        "submit": text(24),
        "clear_on_close": flag,
        "notify_on_close": flag,
        "submit_disabled": flag,
    }
    shapes: dict[str, Check] = {
        "modal": Shape({"title": text(24), "blocks": blocks}, shared | modal, _modal),
        "home": Shape({"blocks": blocks}, shared),
    }
    typed(shapes, {kind})(view, "/view", problems)
    if isinstance(view, dict) and isinstance(view.get("blocks"), list):
        _ids_differ(view["blocks"], "/view/blocks", problems)
    return problems


def _modal(view: Any, at: str, problems: list[str]) -> None:
    blocks = [block for block in view.get("blocks") or [] if isinstance(block, dict)]
    if any(block.get("type") == "input" for block in blocks) and not view.get("submit"):
        complain(problems, "must define `submit` to use an `input` block in modals", at)
    focused = [
        element
        for block in blocks
        for element in elements_of(block)
        if element.get("focus_on_load") is True
    ]
    if len(focused) > 1:
        complain(problems, "only one element may have focus_on_load", at)


def _ids_differ(blocks: list[Any], at: str, problems: list[str]) -> None:
    seen: set[object] = set()
    for place, block in enumerate(blocks):
        if not isinstance(block, dict):
            continue
        name = block.get("block_id")
        if name is not None and name in seen:
            complain(problems, f"block_id already exists: {name}", f"{at}/{place}/block_id")
        seen.add(name)
        actions = [e["action_id"] for e in elements_of(block) if e.get("action_id") is not None]
        for action in sorted({a for a in actions if actions.count(a) > 1}):
            complain(problems, f'`action_id` "{action}" already exists', f"{at}/{place}")


def problems_of_suggestions(answer: Any) -> list[str]:
    """What a block_suggestion was answered with."""
    problems: list[str] = []
    if not isinstance(answer, dict) or ("options" in answer) == ("option_groups" in answer):
        complain(problems, "must provide either options or option_groups", "")
        return problems
    group = Shape({"label": text(75), "options": listing(_option(), 100, 0)}, {})
    if "options" in answer:
        listing(_option(), 100, 0)(answer["options"], "/options", problems)
    else:
        listing(group, 100, 0)(answer["option_groups"], "/option_groups", problems)
    return problems
