"""Discord's limit of requests a second for the whole bot, kept ahead of time (RULES.md R23)."""

from __future__ import annotations

import asyncio
from collections import deque
from types import SimpleNamespace

import aiohttp

from bot.platforms import waiting

PER_SECOND = 50
_WINDOW_S = 1.001
"""A second, and what two clocks may differ by in one."""
_UNCOUNTED = ("/interactions/", "/webhooks/")
"""Answers to people do not count towards the limit."""


class GlobalLimit:
    """At most `per_second` requests arrive in any second, however long they travel.

    A request holds its place from before it leaves until a second after its answer is here. It
    arrived in between; so those that arrived in the last second are among those that hold a place.
    They are also spaced out: a burst every second would make everyone else wait for it.

    It measures with the loop's clock, which never jumps; only Discord's time counts here.
    """

    def __init__(self, per_second: int = PER_SECOND) -> None:
        self._per_second = per_second
        self._gap_s = 0.9 / per_second
        self._under_way = 0
        self._answered: deque[float] = deque()
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._not_before = 0.0
        self._timer: asyncio.TimerHandle | None = None

    async def take(self) -> None:
        """Wait for a place; first come, first served."""
        loop = asyncio.get_running_loop()
        asked = loop.time()
        turn = loop.create_future()
        self._waiting.append(turn)
        self._let_in()
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.give_back()
            raise
        waiting.waited("discord", loop.time() - asked)

    def give_back(self) -> None:
        """The request of a place taken was answered, or will never be."""
        self._under_way -= 1
        self._answered.append(asyncio.get_running_loop().time())
        self._let_in()

    def _let_in(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting:
            now = loop.time()
            wait_s = self._wait_s(now)
            if wait_s is None:
                return
            if wait_s > 0:
                if self._timer is not None:
                    self._timer.cancel()
                self._timer = loop.call_later(wait_s, self._let_in)
                return
            turn = self._waiting.popleft()
            if not turn.done():
                self._under_way += 1
                self._not_before = max(self._not_before, now - 5 * self._gap_s) + self._gap_s
                turn.set_result(None)

    def _wait_s(self, now: float) -> float | None:
        """Seconds until the next may go; None when that depends on an answer."""
        while self._answered and self._answered[0] <= now - _WINDOW_S:
            self._answered.popleft()
        if self._under_way + len(self._answered) >= self._per_second:
            return self._answered[0] + _WINDOW_S - now if self._answered else None
        return max(0.0, self._not_before - now)

    def trace(self) -> aiohttp.TraceConfig:
        """Counts every request of an HTTP session, the library's own repetitions too."""
        trace = aiohttp.TraceConfig()

        async def before(
            _: aiohttp.ClientSession, own: SimpleNamespace, asked: aiohttp.TraceRequestStartParams
        ) -> None:
            if asked.url.scheme in {"ws", "wss"} or any(p in asked.url.path for p in _UNCOUNTED):
                return
            await self.take()
            own.counted = True

        async def after(_: aiohttp.ClientSession, own: SimpleNamespace, __: object) -> None:
            if getattr(own, "counted", False):
                own.counted = False
                self.give_back()

        trace.on_request_start.append(before)
        trace.on_request_end.append(after)
        trace.on_request_exception.append(after)
        return trace
