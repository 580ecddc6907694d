"""What is wrong with a setting, in a sentence that says how to write it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from pydantic import ValidationError
from pydantic_settings import SettingsError

from bot.locales import Translator

_PREFIX = "BUBBLEWATCH_"
_APPRISE = '{"mail": "mailto://…"}'


def complaints(error: ValidationError | SettingsError, t: Translator) -> Iterator[str]:
    """One sentence for each setting. No value is repeated that could be a secret."""
    if isinstance(error, SettingsError):
        # It names the field of what is no JSON, and nothing else that helps.
        found = re.search(r'field "(\w+)"', str(error))
        yield _about(
            found[1] if found else "…", t("it is to be JSON, like {text}", text=_APPRISE), t
        )
        return
    for problem in error.errors(include_url=False, include_input=False):
        said = _said(problem["type"], problem["msg"], problem.get("ctx", {}), t)
        yield _about(str(problem["loc"][0]), said, t)


def _about(name: str, said: str, t: Translator) -> str:
    name = _PREFIX + name.upper().removeprefix(_PREFIX)
    return t("setting {name}: {said}", name=name, said=said)


def _said(kind: str, text: str, given: Mapping[str, object], t: Translator) -> str:
    """By the kinds of pydantic's errors; its own words where it has one that none of ours makes."""
    match kind:
        case "value_error":
            return t.told(str(given["error"]))
        case "int_parsing":
            return t("it is to be a whole number")
        case "less_than_equal":
            return t("it is to be {n} at most", n=given["le"])
        case "greater_than_equal":
            return t("it is to be {n} at least", n=given["ge"])
        case "url_parsing" | "url_scheme":
            return t("it is to be an address that begins with https:// or http://")
        case "dict_type" | "string_type":
            return t("it is to be JSON, like {text}", text=_APPRISE)
    return text
