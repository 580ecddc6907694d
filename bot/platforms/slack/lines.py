"""What a button carries: the line that it says and how, in its value, so that no button is stale.

A button's whole meaning travels with it; a restart forgets nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.replies import Button

_OPENS, _REPLACES, _PUBLIC = "o", "r", "p"
_PREFIX = "1"
"""The version of this writing."""


@dataclass(frozen=True, slots=True)
class Pressed:
    line: str
    opens: bool
    replaces: bool
    public: bool


def pressed_value(button: Button) -> str:
    """For instance `1r:alert list`."""
    flags = (_OPENS, button.opens), (_REPLACES, button.replaces), (_PUBLIC, button.public)
    return f"{_PREFIX}{''.join(flag for flag, on in flags if on)}:{button.line}"


def pressed(value: str) -> Pressed | None:
    """None for a value that another version of the program wrote."""
    head, colon, line = value.partition(":")
    if not colon or not head.startswith(_PREFIX) or not line.strip():
        return None
    return Pressed(line, _OPENS in head, _REPLACES in head, _PUBLIC in head)
