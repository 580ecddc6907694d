"""Waiting for what happens inside the emulator, from any loop and from threads without one."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

# What a test waits for may also change outside the emulator; nobody rings for that.
_GLANCE = 0.05


class Bell:
    """Rung at every event; whoever waits then looks whether it was the one."""

    def __init__(self, above: Bell | None = None) -> None:
        """`above` rings along."""
        self.above = above
        self._changed = threading.Condition()
        self._asleep: set[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = set()

    def ring(self) -> None:
        with self._changed:
            self._changed.notify_all()
            for loop, event in list(self._asleep):
                if not loop.is_closed() and not event.is_set():
                    loop.call_soon_threadsafe(event.set)
        if self.above is not None:
            self.above.ring()

    async def until(self, seen: Callable[[], T], within: float, what: str = "") -> T:
        """What `seen` gives as soon as it is true; TimeoutError says what did not happen."""
        ends = time.monotonic() + within
        rung = asyncio.Event()
        sleeper = (asyncio.get_running_loop(), rung)
        with self._changed:
            self._asleep.add(sleeper)
        try:
            while not (result := seen()):
                left = ends - time.monotonic()
                if left <= 0:
                    raise TimeoutError(what or f"not within {within} s")
                try:
                    await asyncio.wait_for(rung.wait(), min(left, _GLANCE))
                except TimeoutError:
                    continue
                rung.clear()
            return result
        finally:
            with self._changed:
                self._asleep.discard(sleeper)

    def wait_until(self, seen: Callable[[], T], within: float, what: str = "") -> T:
        """The same for a thread that may block."""
        ends = time.monotonic() + within
        while not (result := seen()):
            left = ends - time.monotonic()
            if left <= 0:
                raise TimeoutError(what or f"not within {within} s")
            with self._changed:
                self._changed.wait(min(left, _GLANCE))
        return result
