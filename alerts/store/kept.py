"""What was read of a database, and made of it, for as long as nobody commits anything."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, field
from typing import TypeVar, cast

MOST = 1024
"""So many things are kept; those that nobody asked for longest go first."""

T = TypeVar("T")


@dataclass(slots=True)
class _Entry:
    """`mark`: the database's when the value began to be found; at first one that none has."""

    mark: Hashable = field(default_factory=object)
    value: object = None
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)


class Kept:
    """Never older than the database: before anything that is kept is given out, the database is
    asked whether anything was committed since it was found, by this process or another.
    """

    def __init__(self, mark: Callable[[], Awaitable[Hashable]]) -> None:
        """`mark`: two are equal only when nothing was committed between them."""
        self._mark = mark
        self._entries: OrderedDict[Hashable, _Entry] = OrderedDict()

    def __len__(self) -> int:
        return len(self._entries)

    async def get(self, key: Hashable, find: Callable[[T | None], Awaitable[T]]) -> T:
        """What `find` found last under this key, or finds now.

        It is given what it found before, which may still be right: not every change of a database
        concerns everything that was read of it. Those who ask for the same wait for one of them.
        """
        entry = self._entries.setdefault(key, _Entry())
        self._entries.move_to_end(key)
        while len(self._entries) > MOST:
            self._entries.popitem(last=False)
        if entry.mark != await self._mark():
            async with entry.turn:
                # Taken before anything is read: what is found can be newer than it, never older.
                mark = await self._mark()
                if entry.mark != mark:
                    entry.value = await find(cast("T | None", entry.value))
                    entry.mark = mark
        return cast("T", entry.value)
