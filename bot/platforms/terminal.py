"""The terminal: a transcript that keeps what was told, and a screen that shows it."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from alerts.platform import Message, TemporaryFailure
from bot.locales import translator
from bot.platforms.wrapping import Wrapped
from bot.replies import (
    Buttons,
    Column,
    Fields,
    Heading,
    Json,
    Paragraph,
    Picture,
    Reply,
    Table,
    Tone,
    colon_after,
)

if TYPE_CHECKING:
    from rich.console import Console

Compose = Callable[[Message], Awaitable[Reply]]

_STYLES = {
    Tone.PLAIN: "",
    Tone.MUTED: "dim",
    Tone.GOOD: "green",
    Tone.WATCH: "cyan",
    Tone.WARN: "yellow",
    Tone.CRITICAL: "bold red",
    Tone.HEADING: "bold",
}


# Wider than anything we print: a file or a pipe has no edge at which to cut.
_NO_EDGE = 1000
_NARROW, _NARROWEST, _GAP = 16, 12, 3
"""Columns: as far as a text that wraps shrinks, and as far as it may so that no column of rank 0
is left out; the space between two columns."""


def make_console(file: TextIO | None = None) -> Console:
    """The screen: colours on a terminal, plain text elsewhere and with NO_COLOR."""
    from rich.console import Console

    class Screen(Console):
        def on_broken_pipe(self) -> None:
            """Whoever reads has seen enough, as `| head` does: rich would call that a failure."""
            try:
                super().on_broken_pipe()
            except SystemExit:
                raise SystemExit(0) from None

    stream = file or sys.stdout
    return Screen(
        file=stream,
        highlight=False,
        markup=False,
        emoji=False,
        width=None if stream.isatty() else _NO_EDGE,
    )


def render(reply: Reply, console: Console) -> None:
    """Show a reply. Tables lose their least important columns where the screen is narrow."""
    for block in reply.blocks:
        match block:
            case Heading(text):
                console.print(Wrapped(text, "bold"))
            case Paragraph(text, tone):
                console.print(Wrapped(text, _STYLES[tone]))
            case Fields(pairs):
                _print_fields(pairs, console)
            case Table():
                _print_table(block, console)
            case Buttons() | Picture():
                # Nothing here can be pressed, and what a picture shows is in the words.
                pass


def plain_text(reply: Reply) -> str:
    """A reply as lines of plain text, without tables' alignment."""
    lines: list[str] = []
    for block in reply.blocks:
        match block:
            case Heading(text) | Paragraph(text, _):
                lines.append(text)
            case Fields(pairs):
                lines += [f"{name}{colon_after(name)}{value}" for name, value in pairs]
            case Table(_, rows):
                lines += [" ".join(cell.text for cell in row) for row in rows]
            case Buttons() | Picture():
                pass
    return "\n".join(lines)


def _print_fields(pairs: tuple[tuple[str, str], ...], console: Console) -> None:
    from rich.table import Table as Grid

    grid = Grid.grid(padding=(0, 2))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    for name, value in pairs:
        grid.add_row(name, Wrapped(value))
    console.print(grid)


def _print_table(table: Table, console: Console) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.cells import cell_len
    from rich.table import Table as Grid
    from rich.text import Text

    widths = [
        max([cell_len(column.title), *(cell_len(row[i].text) for row in table.rows)])
        for i, column in enumerate(table.columns)
    ]
    kept = _kept(table.columns, widths, console.width)
    grid = Grid(box=SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=(0, 1))
    for i in kept:
        column = table.columns[i]
        grid.add_column(
            Text(column.title),
            justify="right" if column.right else "left",
            no_wrap=not column.wraps,
            min_width=None if column.wraps else widths[i],
            overflow="fold",
        )
    for row in table.rows:
        grid.add_row(*(Wrapped(row[i].text, _STYLES[row[i].tone]) for i in kept))
    console.print(grid)


def _kept(columns: Sequence[Column], widths: Sequence[int], screen: int) -> list[int]:
    """Those that a line of the screen holds; those of the highest rank are left out first."""

    def fit(kept: Sequence[int], narrowest: int) -> bool:
        needed = (min(widths[i], narrowest) if columns[i].wraps else widths[i] for i in kept)
        return sum(needed) + _GAP * (len(kept) - 1) <= screen

    kept = list(range(len(columns)))
    while len(kept) > 2 and not fit(kept, _NARROW):
        last = max(kept, key=lambda i: (columns[i].rank, i))
        if columns[last].rank == 0 and fit(kept, _NARROWEST):
            break
        kept.remove(last)
    return kept


class Transcript:
    """What was told, one JSON object a line. A message is in it wholly or not at all."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def append(self, nonce: str, at: datetime | None, text: str, data: Json) -> None:
        """One write and one sync a message. Raises OSError, for instance on a full disk."""
        self._mend()
        moment = at.isoformat() if at else None
        line = {"nonce": nonce, "at": moment, "text": text, "alerts": data}
        content = (json.dumps(line, ensure_ascii=False) + "\n").encode()
        handle = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            if os.write(handle, content) != len(content):
                raise OSError(f"{self._path}: the disk is full")
            os.fsync(handle)
        finally:
            os.close(handle)

    def find(self, nonce: str) -> bool:
        mark = json.dumps(nonce)
        try:
            with self._path.open(encoding="utf-8") as lines:
                return any(mark in line and line.endswith("\n") for line in lines)
        except FileNotFoundError:
            return False

    def _mend(self) -> None:
        """Cut off a last line that a full disk or a crash left unfinished: it was not told."""
        try:
            with self._path.open("rb+") as file:
                content_end = file.seek(0, os.SEEK_END)
                if content_end == 0:
                    return
                file.seek(content_end - 1)
                if file.read(1) == b"\n":
                    return
                file.seek(0)
                whole = file.read().rfind(b"\n") + 1
                file.truncate(whole)
        except FileNotFoundError:
            return


class TerminalPlatform:
    """Posts into the transcript, then onto the screen.

    The transcript decides what was told: after a crash a message that stands in it is not told
    again. Without a path nothing is kept (replays).
    """

    name = "terminal"

    def __init__(
        self, transcript: Path | None, console: Console, compose: Compose, label: str = ""
    ) -> None:
        self._transcript = Transcript(transcript) if transcript else None
        self._console = console
        self._compose = compose
        self._label = label

    async def post(self, message: Message) -> str:
        reply = await self._compose(message)
        if self._transcript is not None:
            text = plain_text(reply)
            at = max((alert.created_at for alert in message.alerts), default=None)
            try:
                await asyncio.to_thread(
                    self._transcript.append, message.nonce, at, text, reply.data
                )
            except OSError as error:
                raise TemporaryFailure(f"the transcript cannot be written: {error}") from error
        self.show(reply, message)
        return message.nonce

    async def find(self, message: Message) -> str | None:
        if self._transcript is None:
            return None
        known = await asyncio.to_thread(self._transcript.find, message.nonce)
        return message.nonce if known else None

    def show(self, reply: Reply, message: Message) -> None:
        marks = [self._label] if self._label else []
        t = translator(message.destination.language)
        marks += [t(alert.level.value) for alert in message.alerts[:1]] or [t(message.kind.value)]
        self._console.print(f"─ {' · '.join(marks)} ", style="dim")
        render(reply, self._console)
