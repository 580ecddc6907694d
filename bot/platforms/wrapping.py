"""Where a line of a terminal may end, also in Chinese, which has no spaces."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.platforms.tables import is_wide, width

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult
    from rich.measure import Measurement

_CLOSING = frozenset("。，、；：？！）」』】》〉〕”’…％.,;:?!)]%")
"""No line begins with one of these."""
_OPENING = frozenset("（「『【《〈〔“‘([$")
"""No line ends with one of these."""


def lines_of(text: str, cells: int) -> list[str]:
    """The text in lines of so many cells; a piece that is wider than that is alone on its line."""
    return [line for whole in text.split("\n") for line in _wrapped(whole, cells)]


def _wrapped(text: str, cells: int) -> list[str]:
    lines, line, used = [], "", 0
    for piece in _pieces(text):
        if line and used + width(piece.rstrip()) > cells:
            lines.append(line.rstrip())
            line, used = "", 0
        line += piece
        used += width(piece)
    return [*lines, line.rstrip()]


def _pieces(text: str) -> list[str]:
    """What must stay on one line: words with the spaces after them, Chinese letter by letter."""
    pieces, begin = [], 0
    for i in range(1, len(text)):
        if _may_end_between(text[i - 1], text[i]):
            pieces.append(text[begin:i])
            begin = i
    return [*pieces, text[begin:]]


def _may_end_between(before: str, after: str) -> bool:
    if after == " " or before == " ":
        return before == " " and after != " "
    if after in _CLOSING or before in _OPENING:
        return False
    # A number stays with its unit: 5.03兆.
    return is_wide(before) and (is_wide(after) or before in _CLOSING)


class Wrapped:
    """A text for rich, which by itself ends lines at spaces only."""

    def __init__(self, text: str, style: str = "") -> None:
        self._text = text
        self._style = style

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        from rich.text import Text

        text = self._text
        if not options.no_wrap:
            text = "\n".join(lines_of(text, options.max_width))
        yield Text(text, style=self._style)

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        from rich.measure import Measurement

        least = max(width(piece.rstrip()) for piece in _pieces(self._text))
        most = max(width(line) for line in self._text.split("\n"))
        return Measurement(least, most).with_maximum(options.max_width)
