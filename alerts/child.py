"""Blocking work in a child process of its own: what weighs much is imported there alone.

Pickles pass only between a process and the child that it started.
"""

from __future__ import annotations

import asyncio
import logging
import os
import pickle
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, nullcontext, suppress
from typing import TypeVar, TypeVarTuple, cast

from alerts.child_work import LENGTH

log = logging.getLogger(__name__)

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


class ChildGone(Exception):
    """The child ended by itself, or could not be started; the message says which."""


class Room:
    """For machines that have room for one child: whoever works has it alone, and the others go
    home first."""

    def __init__(self) -> None:
        self._turn = asyncio.Lock()
        self._children: list[Child] = []

    def join(self, child: Child) -> None:
        self._children.append(child)

    @asynccontextmanager
    async def alone(self, child: Child) -> AsyncIterator[None]:
        async with self._turn:
            for other in self._children:
                if other is not child:
                    await other.close()
            yield


class Child:
    """Does one piece of work after another in a process that starts with the first.

    It leaves when nothing was asked for `idle_s` seconds, or when we are gone; one that was killed
    is replaced. `first` is a module that it imports while it waits for work. Where there is little
    memory, `room` is shared with the other children.
    """

    def __init__(
        self,
        idle_s: float,
        *,
        first: str = "",
        env: Mapping[str, str] | None = None,
        room: Room | None = None,
    ) -> None:
        self._idle_s = idle_s
        self._first = first
        self._env = dict(env or {})
        self._room = room
        self._turn = asyncio.Lock()
        self._process: Process | None = None
        self._warming: asyncio.Task[None] | None = None
        if room is not None:
            room.join(self)

    @property
    def pid(self) -> int | None:
        """The number of the process, if there is one now."""
        alive = self._process is not None and self._process.returncode is None
        return self._process.pid if self._process is not None and alive else None

    async def __call__(self, work: Callable[[*Ts], T], *args: *Ts) -> T:
        """What the work returns, or raises. Raises ChildGone. A cancelled piece of work ends with
        its process."""
        body = pickle.dumps((work, args))
        alone = nullcontext() if self._room is None else self._room.alone(self)
        async with alone, self._turn:
            fine, answer = await self._answered(body)
        said = pickle.loads(answer)
        if not fine:
            raise cast("Exception", said)
        return cast("T", said)

    def warm(self) -> None:
        """Work will come at once: the process may begin to start meanwhile. Not where it would
        drive another child home."""
        idle = self._warming is None or self._warming.done()
        if self._room is None and self.pid is None and idle:
            self._warming = asyncio.create_task(self._warmed())

    async def close(self) -> None:
        """The process ends as soon as it has no work; the next work starts another."""
        if self._warming is not None:
            await self._warming
        async with self._turn:
            await self._end()

    async def _warmed(self) -> None:
        try:
            async with self._turn:
                await self._started()
        except OSError as error:
            log.warning("a child process cannot be started: %s", error)

    async def _answered(self, body: bytes) -> tuple[bool, bytes]:
        """One that has just gone home is replaced once."""
        try:
            known = self._process is not None
            try:
                return await self._ask(body)
            except (BrokenPipeError, ConnectionResetError, asyncio.IncompleteReadError):
                await self._end()
                if not known:
                    raise
                return await self._ask(body)
        except asyncio.IncompleteReadError as gone:
            await self._end()
            raise ChildGone("the child process ended by itself") from gone
        except OSError as error:
            await self._end()
            raise ChildGone(f"the child process cannot be started: {error}") from error
        except asyncio.CancelledError:
            # What it would still say belongs to nobody, and would be taken for the next answer.
            await self._end()
            raise

    async def _ask(self, body: bytes) -> tuple[bool, bytes]:
        child = await self._started()
        if child.stdin is None or child.stdout is None:
            raise ChildGone("the child process has no pipes")
        child.stdin.write(LENGTH.pack(True, len(body)) + body)
        await child.stdin.drain()
        fine, length = LENGTH.unpack(await child.stdout.readexactly(LENGTH.size))
        return fine, await child.stdout.readexactly(length)

    async def _started(self) -> Process:
        if self._process is not None and self._process.returncode is None:
            return self._process
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "alerts.child_work",
            str(self._idle_s),
            self._first,
            stdin=PIPE,
            stdout=PIPE,
            env={**os.environ, **self._env},
            # Ctrl-C in the terminal is for the parent, which then closes us.
            start_new_session=True,
        )
        return self._process

    async def _end(self) -> None:
        child, self._process = self._process, None
        if child is None:
            return
        if child.returncode is None:
            # It may have gone by itself in between.
            with suppress(ProcessLookupError):
                child.kill()
        await child.wait()
