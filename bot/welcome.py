"""What a person at a terminal sees when the service starts, and the lines they type."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from alerts.store import destinations
from bot import words
from bot.answer import answer
from bot.app import TERMINAL, App
from bot.commands import Request
from bot.locales import translator
from bot.platforms.terminal import TerminalPlatform, render
from bot.platforms.wrapping import Wrapped
from bot.replay import replay
from bot.replies import Reply

if TYPE_CHECKING:
    from rich.console import Console

# The weeks around the article: short enough to play in seconds, and Nvidia passes $5T in them.
REPLAY_FROM, REPLAY_TO = date(2025, 10, 22), date(2025, 11, 28)
REPLAY_DAYS_PER_SECOND = 8.0
# The board appears after this long whether the sources have answered or not.
BOARD_AFTER_S = 20.0
REQUEST = Request(TERMINAL, "terminal")


class TerminalSession:
    """One run of the service in front of a person, in the terminal's language."""

    def __init__(self, app: App, console: Console, language: str) -> None:
        self._app = app
        self._console = console
        self._language = language
        self._t = translator(language)

    async def welcome(
        self, stopping: asyncio.Task[bool], looking: asyncio.Task[None], *, plays: bool
    ) -> None:
        """From greeting to the first prompt; cut short when the service is to stop.

        1. On a first start: play the autumn of 2025, while the sources are asked.
        2. Show the board.
        3. On a first start: subscribe this terminal, and say to what.
        """
        first = await self._is_first_start()
        if first and plays and not stopping.done():
            await _until(stopping, self._play())
        await _until(stopping, self._wait_for(looking))
        if not stopping.done():
            # A place that is not there yet speaks no language of its own.
            await self._answer("status", language=self._language if first else None)
            if first:
                await self._subscribe()

    async def converse(self) -> None:
        """Answer the lines that a person types; without a terminal there are none."""
        if not _is_typed_to():
            return
        lines: asyncio.Queue[str] = asyncio.Queue()
        loop = asyncio.get_running_loop()
        # A thread of its own: reading a terminal cannot be interrupted, and must not hold the exit.
        threading.Thread(target=_read_lines, args=(loop, lines), daemon=True).start()
        while True:
            text = (await lines.get()).strip()
            if text:
                await self._answer(text)

    async def _is_first_start(self) -> bool:
        async with self._app.desk.database.read() as connection:
            return await destinations.find(connection, TERMINAL) is None

    async def _play(self) -> None:
        self._say(
            self._t(
                "While the sources answer, a replay of real figures, {first} to {last}:",
                first=words.day(REPLAY_FROM, self._t),
                last=words.day(REPLAY_TO, self._t),
            )
        )
        await replay(
            self._app.desk.record.evidence,
            REPLAY_FROM,
            REPLAY_TO,
            lambda compose: TerminalPlatform(None, self._console, compose, self._t("replay")),
            language=self._language,
            days_per_second=REPLAY_DAYS_PER_SECOND,
        )

    async def _wait_for(self, looking: asyncio.Task[None]) -> None:
        with self._console.status(self._t("Asking the sources …")):
            await asyncio.wait({looking}, timeout=BOARD_AFTER_S)
        if not looking.done():
            self._say(self._t("The sources are slow; this is what is known so far."))

    async def _subscribe(self) -> None:
        await self._answer(f"settings language {self._language}", quiet=True)
        await self._answer("subscribe article")
        if _is_typed_to():
            self._say(self._t("Type a command, like “show nvidia_market_cap” or “help”."))

    async def _answer(self, text: str, *, quiet: bool = False, language: str | None = None) -> None:
        request = replace(REQUEST, language=language)
        reply: Reply = await answer(self._app.desk.services, request, text)
        if not quiet or not reply.ok:
            render(reply, self._console)

    def _say(self, text: str) -> None:
        self._console.print(Wrapped(text, "bold"))


def _is_typed_to() -> bool:
    return sys.stdin.isatty()


async def _until(stopping: asyncio.Task[bool], work: Coroutine[None, None, None]) -> None:
    """Do it, unless the service is to stop meanwhile."""
    task = asyncio.ensure_future(work)
    await asyncio.wait({stopping, task}, return_when=asyncio.FIRST_COMPLETED)
    if not task.done():
        task.cancel()
    with suppress(asyncio.CancelledError):
        await task


def _read_lines(loop: asyncio.AbstractEventLoop, lines: asyncio.Queue[str]) -> None:
    for line in sys.stdin:
        try:
            loop.call_soon_threadsafe(lines.put_nowait, line)
        except RuntimeError:
            # The loop has ended; so does the conversation.
            return
