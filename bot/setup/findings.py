"""What a check found: a tick, or what is wrong and the exact repair."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from bot.locales import Translator
from bot.replies import Json

if TYPE_CHECKING:
    from rich.console import Console


class State(StrEnum):
    GOOD = "good"
    WARNING = "warning"
    """It works, but less well than it could."""
    BAD = "bad"


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
        console.print(
            Text.assemble((f"{mark} ", colour), (f"{one.part}{t(': ')}", "bold"), one.said)
        )
        if one.repair:
            # Never broken by us: addresses and commands are there to be copied.
            console.print(Text(f"  → {one.repair}"), soft_wrap=True)


def all_well(findings: Iterable[Finding]) -> bool:
    """Warnings are no failure."""
    return all(one.state is not State.BAD for one in findings)
