"""The child process with yfinance in it, as the source asks it: paced, with an end to waiting."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Protocol, TypeVar, TypeVarTuple, Unpack

from alerts.child import Child, ChildGone, Room
from alerts.sources import SourceUnavailable
from alerts.sources.yahoo_worker import Wire

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

NAME = "yahoo"
SHORTEST_PAUSE, LONGEST_PAUSE = timedelta(seconds=0.5), timedelta(seconds=2)
IDLE_S, IDLE_WITHOUT_ROOM_S = 300.0, 5.0
"""So long the child that has yfinance in it stays when there is nothing to ask."""


class Run(Protocol):
    """How blocking work is done away from the event loop."""

    async def __call__(self, work: Callable[[Unpack[Ts]], T], *args: *Ts) -> T: ...


class YahooChild:
    """Runs the worker's functions. `patience` is for one piece of work.

    `pause` is the time between two requests for figures: of Yahoo itself two seconds, and less
    where a batch is so long that it would not be over in time. `base_url` replaces all its hosts.
    """

    def __init__(
        self,
        base_url: str | None,
        cache_dir: Path,
        random: Random,
        *,
        pause: timedelta | None,
        timeout: timedelta,
        patience: timedelta,
        run: Run | None,
        room: Room | None,
    ) -> None:
        # Without room for two it makes way as soon as it has asked.
        self._child = Child(IDLE_S if room is None else IDLE_WITHOUT_ROOM_S, room=room)
        self._run = self._child if run is None else run
        self._patience = patience
        self._random = random
        usual = SHORTEST_PAUSE if base_url else LONGEST_PAUSE
        self._wire = Wire(
            base_url or None,
            str(cache_dir / "yfinance"),
            (usual if pause is None else pause).total_seconds(),
            timeout.total_seconds(),
        )

    def paced(self, requests: int) -> Wire:
        """As slow as the catalogue wants it (section 4), while so many requests allow it."""
        allowed = self._patience.total_seconds() / 2 / max(requests, 1)
        shortest = min(self._wire.pause, SHORTEST_PAUSE.total_seconds())
        pause = max(shortest, min(self._wire.pause, allowed))
        return replace(self._wire, pause=pause, seed=self._random.getrandbits(32))

    async def work(self, work: Callable[[Unpack[Ts]], T], *args: *Ts, patience: float = 1) -> T:
        """Do it within that part of the patience.

        Raises SourceUnavailable when it takes longer, or the process breaks off.
        """
        within_s = self._patience.total_seconds() * patience
        try:
            async with asyncio.timeout(within_s):
                return await self._run(work, *args)
        except TimeoutError as error:
            seconds = f"{within_s:g}"
            raise SourceUnavailable(NAME, f"Yahoo did not answer within {seconds} s") from error
        except ChildGone as error:
            raise SourceUnavailable(
                NAME, "the process that asks Yahoo broke off; it is started again"
            ) from error

    async def close(self) -> None:
        await self._child.close()
