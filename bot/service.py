"""`bubblewatch run`: the service on the terminal, from the first prompt to the last tick."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
import threading
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from datetime import date
from random import Random
from typing import TYPE_CHECKING

from alerts.clock import Clock
from alerts.platform import Platform
from alerts.schedule import FINISH_WITHIN_S, Schedule
from alerts.store import destinations
from alerts.watch import TickReport
from bot import words
from bot.answer import answer
from bot.app import TERMINAL, App, Composer, open_app, sole_process
from bot.commands import Request
from bot.locales import Translator, language_of_locale, translator
from bot.platforms.terminal import TerminalPlatform, render
from bot.replay import replay
from bot.replies import Reply
from bot.settings import Settings

if TYPE_CHECKING:
    from rich.console import Console

log = logging.getLogger(__name__)

# The weeks around the article: short enough to play in seconds, and Nvidia passes $5T in them.
REPLAY_FROM, REPLAY_TO = date(2025, 10, 22), date(2025, 11, 28)
REPLAY_DAYS_PER_SECOND = 8.0
# The board appears after this long whether the sources have answered or not.
BOARD_AFTER_S = 20.0
REQUEST = Request(TERMINAL, "terminal")


async def run(settings: Settings, clock: Clock, console: Console, *, plays: bool) -> int:
    """Until SIGTERM or SIGINT. Returns the exit code."""
    language = settings.language or language_of_locale()

    def platforms(composer: Composer) -> Sequence[Platform]:
        return (TerminalPlatform(settings.transcript_path, console, composer),)

    with sole_process(settings.data_dir):
        async with open_app(settings, clock, platforms, Random()) as app:
            stop = asyncio.Event()
            loop = asyncio.get_running_loop()
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.add_signal_handler(number, stop.set)
            t = translator(language)
            await _Terminal(app, console, settings, t, language).run(stop, plays)
    return 0


class _Terminal:
    """One run of the service in front of a person."""

    def __init__(
        self, app: App, console: Console, settings: Settings, t: Translator, language: str
    ) -> None:
        self._app = app
        self._console = console
        self._settings = settings
        self._t = t
        self._language = language

    async def run(self, stop: asyncio.Event, plays: bool) -> None:
        """From greeting to farewell.

        1. On a first start: play the autumn of 2025.
        2. Look at all sources meanwhile; show the board.
        3. On a first start: subscribe this terminal, and say to what.
        4. Watch, deliver and answer until `stop`.
        """
        first = await self._is_first_start()
        self._say(self._t("bubblewatch is watching. Stop it with Ctrl-C."))
        self._console.print(str(self._settings.database_path), style="dim", highlight=False)
        await self._app.outbox.release_leases()
        async with asyncio.TaskGroup() as group:
            looking = group.create_task(self._first_look())
            stopping = group.create_task(stop.wait())
            if first and plays and not stop.is_set():
                await self._until(stopping, self._play())
            await self._until(stopping, self._wait_for(looking))
            if not stop.is_set():
                await self._show_board()
                if first:
                    await self._subscribe()
            serving = group.create_task(self._serve(stop, looking))
            await stopping
            await self._leave(looking, serving)
        self._say(self._t("Stopped. Everything is kept."))

    async def _leave(self, *tasks: asyncio.Task[None]) -> None:
        """Give what is in hand its time; a tick that must be cut off commits nothing."""
        await asyncio.wait(tasks, timeout=FINISH_WITHIN_S)
        for task in tasks:
            task.cancel()

    async def _until(self, stopping: asyncio.Task[bool], work: Coroutine[None, None, None]) -> None:
        task = asyncio.ensure_future(work)
        await asyncio.wait({stopping, task}, return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            task.cancel()
        with suppress(asyncio.CancelledError):
            await task

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
            lambda composer: TerminalPlatform(None, self._console, composer, self._t("replay")),
            language=self._language,
            days_per_second=REPLAY_DAYS_PER_SECOND,
        )

    async def _first_look(self) -> None:
        try:
            report = await self._app.desk.watch.tick()
        except Exception:
            log.exception("the first look failed; the schedule goes on")
            return
        for reason in _whys(report):
            log.info("%s", reason)

    async def _wait_for(self, looking: asyncio.Task[None]) -> None:
        with self._console.status(self._t("Asking the sources …")):
            await asyncio.wait({looking}, timeout=BOARD_AFTER_S)
        if not looking.done():
            self._say(self._t("The sources are slow; this is what is known so far."))

    async def _show_board(self) -> None:
        await self._answer("status")

    async def _subscribe(self) -> None:
        await self._answer(f"settings language {self._language}", quiet=True)
        await self._answer("subscribe article")
        self._say(self._t("Type a command, like “show nvidia_market_cap” or “help”."))

    async def _answer(self, text: str, *, quiet: bool = False) -> None:
        reply: Reply = await answer(self._app.desk.services, REQUEST, text)
        if not quiet or not reply.ok:
            render(reply, self._console)

    async def _serve(self, stop: asyncio.Event, looking: asyncio.Task[None]) -> None:
        schedule = Schedule(self._app.desk.watch, self._app.hours, Random())
        async with asyncio.TaskGroup() as group:
            sending = group.create_task(self._app.outbox.run())
            answering = group.create_task(self._converse())
            await schedule.run(stop)
            sending.cancel()
            answering.cancel()

    async def _converse(self) -> None:
        """Answer the lines that a person types; without a terminal there are none."""
        if not sys.stdin.isatty():
            return
        lines: asyncio.Queue[str] = asyncio.Queue()
        loop = asyncio.get_running_loop()
        # A thread of its own: reading a terminal cannot be interrupted, and must not hold the exit.
        threading.Thread(target=_read_lines, args=(loop, lines), daemon=True).start()
        while True:
            text = (await lines.get()).strip()
            if text:
                await self._answer(text)

    def _say(self, text: str) -> None:
        self._console.print(text, style="bold", highlight=False)


def _read_lines(loop: asyncio.AbstractEventLoop, lines: asyncio.Queue[str]) -> None:
    for line in sys.stdin:
        try:
            loop.call_soon_threadsafe(lines.put_nowait, line)
        except RuntimeError:
            # The loop has ended; so does the conversation.
            return


def _whys(report: TickReport) -> list[str]:
    return [*report.rejected, *(f"{need}: {why}" for need, why in report.troubles.items())]
