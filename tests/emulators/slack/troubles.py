"""What the Web API is told to do wrong: errors, 429, 5xx, silence, lines that are cut."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any, Literal

from tests.emulators.slack.bell import Bell

What = Literal["error", "limit", "status", "hang", "cut_before", "cut_after"]


@dataclass(eq=False)
class Trouble:
    """Met by calls of `method` (of that team and channel, where named), after `after` good ones."""

    what: What
    method: str
    team: str | None = None
    channel: str | None = None
    times: int | None = 1
    after: int = 0
    error: str = ""
    more: dict[str, Any] = field(default_factory=dict)
    status: int = 500
    retry_after: int = 1
    met: int = 0

    def meets(self, method: str, team: str | None, channel: str | None) -> bool:
        """Whether this call gets into it; counts it."""
        if method != self.method or self.times == 0:
            return False
        if self.team not in (None, team) or self.channel not in (None, channel):
            return False
        if self.after > 0:
            self.after -= 1
            return False
        if self.times is not None:
            self.times -= 1
        self.met += 1
        return True


@dataclass
class Troubles:
    bell: Bell
    planned: list[Trouble] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._released = asyncio.Event()

    def plan(self, trouble: Trouble) -> Trouble:
        self.planned.append(trouble)
        return trouble

    def of(self, method: str, team: str | None, channel: str | None) -> Trouble | None:
        for trouble in list(self.planned):
            if trouble.meets(method, team, channel):
                self.bell.ring()
                return trouble
        return None

    def clear(self) -> None:
        self.planned.clear()

    async def silence(self) -> None:
        """Until `release`."""
        await self._released.wait()

    def release(self) -> None:
        self._released.set()
