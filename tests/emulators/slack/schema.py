"""The words in which Slack complains of a block, and how a description of one is read.

A check looks at a value and adds complaints, each with a JSON pointer to the place.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

Check = Callable[[Any, str, list[str]], None]


def complain(problems: list[str], what: str, at: str) -> None:
    problems.append(f"{what} [json-pointer:{at}]")


def string(most: int, least: int = 1, matching: str | None = None) -> Check:
    def check(value: Any, at: str, problems: list[str]) -> None:
        if not isinstance(value, str):
            complain(problems, "must provide a string", at)
        elif len(value) > most:
            complain(problems, f"must be less than {most + 1} characters", at)
        elif len(value) < least:
            complain(problems, f"must be more than {least - 1} characters", at)
        elif matching is not None and re.fullmatch(matching, value) is None:
            complain(problems, "must match the expected format", at)

    return check


def whole(least: int, most: int) -> Check:
    def check(value: Any, at: str, problems: list[str]) -> None:
        if isinstance(value, bool) or not isinstance(value, int):
            complain(problems, "must provide an integer", at)
        elif not least <= value <= most:
            complain(problems, f"must be between {least} and {most}", at)

    return check


def flag(value: Any, at: str, problems: list[str]) -> None:
    if not isinstance(value, bool):
        complain(problems, "must provide a boolean", at)


def anything(value: Any, at: str, problems: list[str]) -> None:
    """Not looked at."""


def one_of(*allowed: str) -> Check:
    def check(value: Any, at: str, problems: list[str]) -> None:
        if value not in allowed:
            complain(problems, "must be a valid enum value", at)

    return check


def listing(item: Check, most: int, least: int = 1) -> Check:
    def check(value: Any, at: str, problems: list[str]) -> None:
        if not isinstance(value, list):
            complain(problems, "must provide an array", at)
            return
        if len(value) > most:
            complain(problems, f"no more than {most} items allowed", at)
        if len(value) < least:
            complain(problems, f"no less than {least} items allowed", at)
        for place, part in enumerate(value):
            item(part, f"{at}/{place}", problems)

    return check


@dataclass(frozen=True)
class Shape:
    """An object: what it must have, what it may have, and what no single part can tell."""

    must: Mapping[str, Check]
    may: Mapping[str, Check]
    whole: Check = anything

    def __call__(self, value: Any, at: str, problems: list[str]) -> None:
        if not isinstance(value, dict):
            complain(problems, "must provide an object", at)
            return
        for name in self.must:
            if name not in value:
                complain(problems, f"missing required field: {name}", at)
        for name, part in value.items():
            if name == "type":
                continue
            check = self.must.get(name) or self.may.get(name)
            if check is None:
                complain(problems, f"invalid additional property: {name}", at)
            elif part is not None or name in self.must:
                check(part, f"{at}/{name}", problems)
        self.whole(value, at, problems)


def typed(shapes: Mapping[str, Check], allowed: Collection[str] | None = None) -> Check:
    """One of several objects, told apart by `type`."""

    def check(value: Any, at: str, problems: list[str]) -> None:
        if not isinstance(value, dict):
            complain(problems, "must provide an object", at)
        elif value.get("type") not in shapes or (
            allowed is not None and value.get("type") not in allowed
        ):
            complain(problems, f"unsupported type: {value.get('type')}", f"{at}/type")
        else:
            shapes[value["type"]](value, at, problems)

    return check


def text(most: int, *kinds: str) -> Check:
    """A text object; plain_text only, unless kinds are named."""
    allowed = kinds or ("plain_text",)
    plain = Shape({"text": string(most)}, {"emoji": flag})
    marked = Shape({"text": string(most)}, {"verbatim": flag})

    def check(value: Any, at: str, problems: list[str]) -> None:
        found: list[str] = []
        typed({"plain_text": plain, "mrkdwn": marked}, allowed)(value, at, found)
        if found and len(allowed) > 1:
            complain(problems, "failed to match all allowed schemas", at)
        problems += found

    return check
