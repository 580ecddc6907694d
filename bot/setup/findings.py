"""What a check found: a tick, or what is wrong and the exact repair."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from bot.locales import Translator
from bot.replies import Json
from bot.wrapping import lines_of

if TYPE_CHECKING:
    from rich.console import Console


class State(StrEnum):
    GOOD = "good"
    WARNING = "warning"
    """It works, but less well than it could."""
    BAD = "bad"


_TO_COPY = re.compile(r"://|[“「]|\b(?:bubblewatch|chown)\b|/invite")
"""Addresses and commands."""
_INDENT = "  "
"""As wide as a mark and what stands behind it."""
_MARKS = {State.GOOD: ("✓", "green"), State.WARNING: ("!", "yellow"), State.BAD: ("✗", "red")}


@dataclass(frozen=True, slots=True)
class Finding:
    """`part` is what was looked at, `said` one line of what was found; `repair` is what to do.

    All in the reader's language.
    """

    part: str
    state: State
    said: str
    repair: str = ""

    @property
    def data(self) -> Json:
        return {
            "part": self.part,
            "state": self.state.value,
            "found": self.said,
            "repair": self.repair or None,
        }


def good(part: str, said: str) -> Finding:
    return Finding(part, State.GOOD, said)


def warning(part: str, said: str, repair: str) -> Finding:
    return Finding(part, State.WARNING, said, repair)


def bad(part: str, said: str, repair: str) -> Finding:
    return Finding(part, State.BAD, said, repair)


def show(findings: Iterable[Finding], console: Console, t: Translator) -> None:
    from rich.text import Text

    for one in findings:
        mark, colour = _MARKS[one.state]
        part = f"{one.part}{t(': ')}"
        first, *more = lines_of(f"{part}{one.said}", console.width - len(_INDENT))
        line = Text.assemble((f"{mark} ", colour), first)
        line.stylize("bold", len(_INDENT), len(_INDENT) + len(part))
        console.print(line, soft_wrap=True)
        for rest in more:
            console.print(Text(f"{_INDENT}{rest}"), soft_wrap=True)
        for rest in _repair(one, console.width):
            console.print(Text(rest), soft_wrap=True)


def _repair(one: Finding, width: int) -> list[str]:
    """In lines of that width, but for what holds something to be copied: that is never broken."""
    if not one.repair:
        return []
    if _TO_COPY.search(one.repair):
        return [f"  → {one.repair}"]
    first, *more = lines_of(one.repair, width - len("  → "))
    return [f"  → {first}", *(f"    {rest}" for rest in more)]


def all_well(findings: Iterable[Finding]) -> bool:
    """Warnings are no failure."""
    return all(one.state is not State.BAD for one in findings)
