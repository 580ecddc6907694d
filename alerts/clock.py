"""The one clock. Nothing else in the project asks the machine for the time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Where the time comes from; always timezone-aware UTC."""

    def now(self) -> datetime: ...

    async def sleep(self, seconds: float) -> None: ...


class SystemClock:
    """The machine's own time."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class SteadyClock:
    """The machine's time at the start, and from then on what has passed since: it does not jump
    when somebody sets the machine's."""

    def __init__(self, start: datetime, passed: Callable[[], float] = time.monotonic) -> None:
        """`passed`: seconds since any moment."""
        self._passed = passed
        self._zero = start - timedelta(seconds=passed())

    def now(self) -> datetime:
        return self._zero + timedelta(seconds=self._passed())

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class SetClock:
    """A clock that stands where it is put: for replays and tests."""

    def __init__(self, at: datetime) -> None:
        self._at = at

    def now(self) -> datetime:
        return self._at

    def set(self, at: datetime) -> None:
        self._at = at

    async def sleep(self, seconds: float) -> None:
        """Let others run; a standing clock never makes anyone wait."""
        await asyncio.sleep(0)
