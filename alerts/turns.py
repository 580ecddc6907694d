"""Long work in the event loop, bit by bit: between two bits everything else has its turn."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Iterable
from itertools import islice
from typing import TypeVar

T = TypeVar("T")

A_BIT = 250
"""Rules, alerts or deliveries: some milliseconds of work."""
IN_MIND = 2_500
"""So many rules or places are held in memory at once, however many a crossing moves."""


async def bits(many: Collection[T], most: int = A_BIT) -> AsyncIterator[tuple[T, ...]]:
    """All of them in their order, at most so many at a time."""
    rest = iter(many)
    async for _ in in_turns(range(0, len(many), most)):
        yield tuple(islice(rest, most))


async def in_turns(parts: Iterable[T]) -> AsyncIterator[T]:
    """One part after the other."""
    first = True
    for part in parts:
        if not first:
            await asyncio.sleep(0)
        first = False
        yield part
