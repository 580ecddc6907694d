"""Pictures without waiting: a child process draws, the event loop goes on."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import TracebackType
from typing import Self

from alerts.child import Child, ChildGone, Room
from bot.charts.drawn import drawn
from bot.charts.kinds import Chart

TIMEOUT_S = 20.0
"""For one picture, the wait for its turn and the start of the child included."""
IDLE_S = 60.0
"""So long the child stays when nothing is to be drawn."""


class ChartFailed(Exception):
    """There is no picture; the message says why, for the operator's log."""


class Drawer:
    """Draws one picture after another in a child process, which starts with the first.

    `cache_dir` is where matplotlib keeps its list of fonts. matplotlib weighs 86 MiB and is
    imported in the child alone.
    """

    def __init__(
        self,
        cache_dir: Path,
        *,
        idle_s: float = IDLE_S,
        timeout_s: float = TIMEOUT_S,
        room: Room | None = None,
    ) -> None:
        self._timeout_s = timeout_s
        self._child = Child(
            idle_s,
            first="bot.charts.drawing",
            env={
                "MPLCONFIGDIR": str(cache_dir),
                # One picture at a time: threads for linear algebra would only cost memory.
                "OPENBLAS_NUM_THREADS": "1",
            },
            room=room,
        )

    @property
    def pid(self) -> int | None:
        """The number of the child's process, if there is one now."""
        return self._child.pid

    def warm(self) -> None:
        """A picture will be asked for at once."""
        self._child.warm()

    async def draw(self, chart: Chart) -> bytes:
        """The PNG. Raises ChartFailed."""
        try:
            async with asyncio.timeout(self._timeout_s):
                return await self._child(drawn, chart)
        except TimeoutError as error:
            raise ChartFailed(f"no picture within {self._timeout_s:g} s") from error
        except ChildGone as gone:
            raise ChartFailed(str(gone)) from gone
        except Exception as error:
            raise ChartFailed(f"the picture could not be drawn: {error!r}") from error

    async def close(self) -> None:
        """End the child and wait for its end."""
        await self._child.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()
