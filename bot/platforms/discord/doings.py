"""What is being done for people: owned, so that a stop lets it finish and leaves nothing behind."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

FINISH_WITHIN_S = 3.0

Handler = Callable[..., Coroutine[Any, Any, None]]
"""What discord.py calls when something happens; it is known by its name."""


class Doings:
    """The tasks in which the library calls us."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()

    @contextmanager
    def one(self) -> Iterator[None]:
        """The current task is one of them until the end of the block."""
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("nothing is done outside of a task")
        self._tasks.add(task)
        try:
            yield
        finally:
            self._tasks.discard(task)

    def owned(self, handler: Handler) -> Handler:
        @wraps(handler)
        async def known(*given: Any) -> None:
            with self.one():
                await handler(*given)

        return known

    async def end(self) -> None:
        """Let what is in hand finish; what takes too long is cut off."""
        if not self._tasks:
            return
        _, late = await asyncio.wait(set(self._tasks), timeout=FINISH_WITHIN_S)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
