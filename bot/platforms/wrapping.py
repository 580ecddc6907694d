"""Texts for rich, whose lines end where `bot.wrapping` says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.wrapping import lines_of, narrowest, width

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult
    from rich.measure import Measurement


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

        least = narrowest(self._text)
        most = max(width(line) for line in self._text.split("\n"))
        return Measurement(least, most).with_maximum(options.max_width)
