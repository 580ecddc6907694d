"""Long work lets everything else have its turn."""

from __future__ import annotations

import asyncio

from alerts.turns import bits


async def test_all_come_in_their_order_at_most_so_many_at_a_time() -> None:
    assert [some async for some in bits(range(7), 3)] == [(0, 1, 2), (3, 4, 5), (6,)]
    nothing: list[int] = []
    assert [some async for some in bits(nothing, 3)] == []


async def test_between_two_bits_others_have_their_turn() -> None:
    seen: list[object] = []

    async def long_work() -> None:
        async for some in bits("abc", 1):
            seen.extend(some)

    async def other() -> None:
        seen.append("other")

    await asyncio.gather(long_work(), other())
    assert seen == ["a", "other", "b", "c"]
