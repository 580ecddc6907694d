"""Pictures without waiting: a child process draws, the event loop goes on."""

from __future__ import annotations

import asyncio
import logging
import os
import pickle
import sys
from asyncio.subprocess import PIPE, Process
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from bot.charts.kinds import Chart
from bot.charts.worker import LENGTH

TIMEOUT_S = 20.0
"""For one picture, the wait for its turn and the start of the child included."""
IDLE_S = 60.0
"""So long the child stays when nothing is to be drawn."""


log = logging.getLogger(__name__)


class ChartFailed(Exception):
    """There is no picture; the message says why, for the operator's log."""


class Drawer:
    """Draws one picture after another in a child process, which starts with the first.

    `cache_dir` is where matplotlib keeps its list of fonts.
    """

    def __init__(
        self, cache_dir: Path, *, idle_s: float = IDLE_S, timeout_s: float = TIMEOUT_S
    ) -> None:
        self._cache_dir = cache_dir
        self._idle_s = idle_s
        self._timeout_s = timeout_s
        self._turn = asyncio.Lock()
        self._child: Process | None = None
        self._warming: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int | None:
        """The number of the child's process, if there is one now."""
        alive = self._child is not None and self._child.returncode is None
        return self._child.pid if self._child is not None and alive else None

    async def draw(self, chart: Chart) -> bytes:
        """The PNG. Raises ChartFailed."""
        body = pickle.dumps(chart)
        try:
            async with asyncio.timeout(self._timeout_s), self._turn:
                return await self._drawn(body)
        except TimeoutError as error:
            raise ChartFailed(f"no picture within {self._timeout_s:g} s") from error
        except OSError as error:
            raise ChartFailed(f"the drawing process cannot be started: {error}") from error

    def warm(self) -> None:
        """A picture will be asked for at once: the child may begin to start meanwhile."""
        if self.pid is None and (self._warming is None or self._warming.done()):
            self._warming = asyncio.create_task(self._warmed())

    async def _warmed(self) -> None:
        try:
            async with self._turn:
                await self._started()
        except OSError as error:
            log.warning("the drawing process cannot be started: %s", error)

    async def close(self) -> None:
        """End the child and wait for its end."""
        if self._warming is not None:
            await self._warming
        async with self._turn:
            await self._end()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def _drawn(self, body: bytes) -> bytes:
        """Ask the child; one that has just gone home is replaced once."""
        try:
            known = self._child is not None
            try:
                return await self._ask(body)
            except (BrokenPipeError, ConnectionResetError, asyncio.IncompleteReadError) as gone:
                await self._end()
                if not known:
                    raise ChartFailed("the drawing process ended by itself") from gone
                return await self._ask(body)
        except asyncio.IncompleteReadError as gone:
            await self._end()
            raise ChartFailed("the drawing process ended by itself") from gone
        except (asyncio.CancelledError, OSError):
            # What it would still say belongs to nobody, and would be taken for the next answer.
            await self._end()
            raise

    async def _ask(self, body: bytes) -> bytes:
        child = await self._started()
        if child.stdin is None or child.stdout is None:
            raise ChartFailed("the drawing process has no pipes")
        child.stdin.write(LENGTH.pack(True, len(body)) + body)
        await child.stdin.drain()
        fine, length = LENGTH.unpack(await child.stdout.readexactly(LENGTH.size))
        answer = await child.stdout.readexactly(length)
        if not fine:
            raise ChartFailed(f"the picture could not be drawn: {answer.decode()}")
        return answer

    async def _started(self) -> Process:
        if self._child is not None and self._child.returncode is None:
            return self._child
        self._child = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bot.charts.worker",
            str(self._idle_s),
            stdin=PIPE,
            stdout=PIPE,
            env={
                **os.environ,
                "MPLCONFIGDIR": str(self._cache_dir),
                # One picture at a time: threads for linear algebra would only cost memory.
                "OPENBLAS_NUM_THREADS": "1",
            },
            # Ctrl-C in the terminal is for the parent, which then closes us.
            start_new_session=True,
        )
        return self._child

    async def _end(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        if child.returncode is None:
            # It may have gone by itself in between.
            with suppress(ProcessLookupError):
                child.kill()
        await child.wait()
