"""Long work in the event loop, bit by bit: between two bits everything else has its turn."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection
from itertools import islice
from typing import TypeVar

T = TypeVar("T")

A_BIT = 250
"""Rules, alerts or deliveries: some milliseconds of work."""


async def bits(many: Collection[T], most: int = A_BIT) -> AsyncIterator[tuple[T, ...]]:
    """All of them in their order, at most so many at a time."""
    rest = iter(many)
    for start in range(0, len(many), most):
        if start:
            await asyncio.sleep(0)
        yield tuple(islice(rest, most))
