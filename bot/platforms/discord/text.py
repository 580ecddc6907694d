"""Words as Discord shows them: nothing in them is markup, and they fit."""

from __future__ import annotations

import re
from functools import lru_cache

from bot.wrapping import width

# What stands after an address, like a closing bracket or a full stop, is no part of it.
_ADDRESS = re.compile(
    r"(https?://[^\s<>\"|*\[\]`「」（），。；]*[^\s<>\"|*\[\]`().,;:!?’”»「」（），。；])"
)
# A colon means something only in `:name:`, a picture.
_MARKUP = re.compile(r"([\\*_~`|<>\[\]()#@]|:(?=\w+:))")
_LIST_MARK = re.compile(r"^(\s*)([-+])(?=\s)")
MORE = "…"


# A board says the same words to everyone.
@lru_cache(maxsize=4096)
def escaped(text: str) -> str:
    """The text with every sign that Discord would take for markup, a link or a mention disarmed.

    Web addresses stay as they are: a backslash would break them, and they mark up nothing.
    """
    return "\n".join(_line(line) for line in text.split("\n"))


def _line(line: str) -> str:
    parts = _ADDRESS.split(line)
    # Every second part is an address.
    parts[::2] = [_MARKUP.sub(r"\\\1", part) for part in parts[::2]]
    return _LIST_MARK.sub(r"\1\\\2", "".join(parts))


def has_address(text: str) -> bool:
    return _ADDRESS.search(text) is not None


def in_code(text: str) -> str:
    """Text inside a block of code: only the fence itself has a meaning there."""
    return text.replace("`", "ˋ").replace("\n", " ")


def padded(text: str, columns: int, *, right: bool) -> str:
    space = " " * max(0, columns - width(text))
    return space + text if right else text + space


def cut(text: str, most: int) -> str:
    """At most so many characters. What is cut off shows as an ellipsis."""
    if len(text) <= most:
        return text
    kept = text[: most - len(MORE)].rstrip()
    # Half an escape would disarm what comes next.
    if (len(kept) - len(kept.rstrip("\\"))) % 2:
        kept = kept[:-1]
    return kept + MORE
