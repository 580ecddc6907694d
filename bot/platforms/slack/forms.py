"""Forms as modals: a form's fields as inputs, and what people put in as fields again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from bot.commands import ParamKind, commands
from bot.locales import Translator
from bot.platforms.slack.blocks import SlackJson, plain, render
from bot.replies import Choice, Form, FormField, Json, Reply

CALLBACK = "form"
_LONGEST_TITLE = 24
_LONGEST_TYPED = 3000
_MOST_FIELDS = 90
_MOST_OPTIONS = 100


@dataclass(frozen=True, slots=True)
class Asked:
    """What a modal carries until it is sent: the line to complete, for which place, and where the
    answer goes. `home`: to the App Home of the person."""

    line: str
    channel: str
    direct: bool
    response_url: str = ""
    home: bool = False

    def as_text(self) -> str:
        return json.dumps(asdict(self))


def asked_of(text: Json) -> Asked | None:
    """None for a modal that carries nothing or comes from another version."""
    try:
        return Asked(**json.loads(str(text or "")))
    except (ValueError, TypeError):
        return None


def form_view(form: Form, asked: Asked, labels: Mapping[str, str], t: Translator) -> SlackJson:
    """`labels` are how the values that stand in searched fields are read."""
    blocks: list[Json] = [
        _input(field, labels.get(field.name, field.value), t)
        for field in form.fields[:_MOST_FIELDS]
    ]
    return {
        "type": "modal",
        "callback_id": CALLBACK,
        "title": plain(form.title, _LONGEST_TITLE),
        "submit": plain(form.submit, _LONGEST_TITLE),
        "close": plain(t("Cancel"), _LONGEST_TITLE),
        "private_metadata": asked.as_text(),
        "blocks": blocks,
    }


def words_view(title: str, reply: Reply, t: Translator) -> SlackJson:
    """A modal that only says something."""
    return {
        "type": "modal",
        "title": plain(title, _LONGEST_TITLE),
        "close": plain(t("Close"), _LONGEST_TITLE),
        "blocks": render(reply, t, most=100),
    }


def fields_of(state: Json) -> dict[str, str]:
    """What was put in, by field; a field left empty is an empty text."""
    values = state.get("values") if isinstance(state, dict) else None
    fields: dict[str, str] = {}
    for block in values.values() if isinstance(values, dict) else ():
        for name, said in block.items() if isinstance(block, dict) else ():
            if isinstance(said, dict):
                fields[name] = _said(said)
    return fields


def _said(said: Mapping[str, Json]) -> str:
    option = said.get("selected_option")
    if isinstance(option, dict):
        return str(option.get("value") or "")
    for name in ("value", "selected_conversation", "selected_date"):
        if said.get(name):
            return str(said[name])
    return ""


def kind_of(line: str, name: str) -> ParamKind | None:
    """What the field `name` of the command in `line` means."""
    words = tuple(line.split())
    for length in range(min(len(words), 3), 0, -1):
        command = commands().get(words[:length])
        if command is not None:
            return next((p.kind for p in command.params if p.name == name), None)
    return None


def field_at_fault(data: Json, sentence: str, fields: Mapping[str, str]) -> str | None:
    """The field that a refusal is about; else the one that it quotes, else the first."""
    named = data.get("parameter") if isinstance(data, Mapping) else None
    if isinstance(named, str) and named in fields:
        return named
    for name, text in fields.items():
        if text and any(f"{a}{text[:40]}{b}" in sentence for a, b in ("“”", "「」")):
            return name
    return next(iter(fields), None)


def options(choices: tuple[Choice, ...]) -> list[SlackJson]:
    return [option(choice) for choice in choices[:_MOST_OPTIONS]]


def option(choice: Choice) -> SlackJson:
    return {"text": plain(choice.label, 75), "value": choice.value}


def _input(field: FormField, label: str, t: Translator) -> SlackJson:
    block: SlackJson = {
        "type": "input",
        "block_id": field.name,
        "label": plain(field.label, 2000),
        "optional": not field.required,
        "element": _element(field, label, t),
    }
    return block | ({"hint": plain(field.hint, 2000)} if field.hint else {})


def _element(field: FormField, label: str, t: Translator) -> SlackJson:
    element: SlackJson = {"action_id": field.name}
    if field.searched:
        element |= {"type": "external_select", "min_query_length": 0}
        element["placeholder"] = plain(t("Type to search"), 150)
        if field.value:
            element["initial_option"] = option(Choice(field.value, label))
        return element
    if field.choices:
        element |= {"type": "static_select", "options": options(field.choices)}
        chosen = next((c for c in field.choices if c.value == field.value), None)
        if chosen is not None:
            element["initial_option"] = option(chosen)
        return element
    element |= {"type": "plain_text_input", "multiline": field.long, "max_length": _LONGEST_TYPED}
    if field.value:
        element["initial_value"] = field.value[:_LONGEST_TYPED]
    return element
