"""How wide a text is in a terminal, and where its lines may end, also in Chinese without spaces.

The help of the command line waits for this module: it imports nothing that takes time.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

_QUOTES = frozenset("\"'")
"""They may open or close: a line neither begins nor ends beside one that touches a letter."""
_CLOSING = _QUOTES | frozenset("。，、；：？！）」』】》〉〕”’…·％‰,;:?!)]}%/")
"""No line begins with one of these."""
_OPENING = _QUOTES | frozenset("（「『【《〈〔“‘([{")
"""No line ends with one of these."""
_SIGNS = ("≥ ", "≤ ")
"""They stay with the number behind them."""


# A board says the same words to everyone.
@lru_cache(maxsize=4096)
def width(text: str) -> int:
    """Columns of fixed-width letters: East Asian ones take two, combining ones none."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(letter) else 2 if is_wide(letter) else 1 for letter in text
    )


def is_wide(letter: str) -> bool:
    return unicodedata.east_asian_width(letter) in "WF"


def lines_of(text: str, cells: int) -> list[str]:
    """The text in lines of at most so many cells; its own line breaks stay."""
    return [line for whole in text.split("\n") for line in _wrapped(whole, cells)]


def narrowest(text: str) -> int:
    """Cells that its widest piece takes: in fewer, a word is broken."""
    return max(width(piece.rstrip()) for piece in _pieces(text))


def _wrapped(text: str, cells: int) -> list[str]:
    lines, line, used = [], "", 0
    for piece in _pieces(text):
        for part in _parts(piece, cells):
            if line and used + width(part.rstrip()) > cells:
                lines.append(line.rstrip())
                line, used = "", 0
            line += part
            used += width(part)
    return [*lines, line.rstrip()]


def _pieces(text: str) -> list[str]:
    """What should stay on one line: words with the spaces after them, Chinese letter by letter."""
    pieces, begin = [], 0
    for i in range(1, len(text)):
        if _may_end_between(text[i - 1], text[i]) and text[i - 2 : i] not in _SIGNS:
            pieces.append(text[begin:i])
            begin = i
    return [*pieces, text[begin:]]


def _may_end_between(before: str, after: str) -> bool:
    if after == " " or before == " ":
        return before == " " and after != " "
    if after in _CLOSING or before in _OPENING or _joins(before) or _joins(after):
        return False
    if before.isdigit():
        # A number stays with its unit: 5.03兆.
        return after in _OPENING
    return is_wide(before) or is_wide(after)


def _joins(letter: str) -> bool:
    """It belongs to its neighbour: accents, variation selectors, joiners, a no-break space."""
    return letter == "\N{NO-BREAK SPACE}" or unicodedata.category(letter) in ("Mn", "Me", "Cf")


def _parts(piece: str, cells: int) -> list[str]:
    """A piece that is longer than a line is broken where the line ends."""
    if width(piece.rstrip()) <= cells:
        return [piece]
    parts, used = [""], 0
    for letter in piece:
        used += width(letter)
        if used > cells and not letter.isspace():
            parts.append("")
            used = width(letter)
        parts[-1] += letter
    return parts
