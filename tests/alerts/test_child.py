"""Work in a child process: what comes back, and where there is room for one child only."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator

import pytest

from alerts.child import Child, ChildGone, Room


class Odd(Exception):
    """Cannot travel: it wants two words and tells pickle of one."""

    def __init__(self, one: str, two: str) -> None:
        super().__init__(one)


def double(number: int) -> int:
    return number * 2


def refuse(word: str) -> None:
    raise ValueError(word)


def oddly() -> None:
    raise Odd("one", "two")


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def own_pid() -> int:
    return os.getpid()


@pytest.fixture
async def child() -> AsyncIterator[Child]:
    made = Child(60)
    yield made
    await made.close()


async def test_work_is_done_elsewhere_and_one_process_does_all(child: Child) -> None:
    assert await child(double, 21) == 42
    assert await child(own_pid) == child.pid != os.getpid()


async def test_what_work_raises_is_raised_here_and_the_child_stays(child: Child) -> None:
    with pytest.raises(ValueError, match="not this"):
        await child(refuse, "not this")
    first = child.pid
    with pytest.raises(RuntimeError, match="Odd: one"):
        await child(oddly)
    assert (await child(double, 2), child.pid) == (4, first)


async def test_work_that_ends_its_process_is_tried_once_more_and_then_told(child: Child) -> None:
    with pytest.raises(ChildGone, match="ended by itself"):
        await child(die)
    assert await child(double, 3) == 6


async def test_a_child_that_is_warm_is_the_one_that_works(child: Child) -> None:
    child.warm()
    child.warm()
    at_work = await child(own_pid)
    assert at_work == child.pid


async def test_a_child_that_leaves_at_once_waits_for_its_first_work() -> None:
    hasty = Child(0)
    hasty.warm()
    # By the time that another Python has come and gone, it would have left.
    another = await asyncio.create_subprocess_exec(sys.executable, "-c", "")
    await another.wait()
    begun = hasty.pid
    at_work = await hasty(own_pid)
    # On a busy machine it may not have begun before.
    assert begun in (None, at_work)
    await hasty.close()


async def test_closing_ends_a_child_that_is_still_warming_up(child: Child) -> None:
    child.warm()
    await child.close()
    assert child.pid is None


async def test_without_room_for_two_the_idle_one_goes_home_first() -> None:
    room = Room()
    one, other = Child(60, room=room), Child(60, room=room)
    try:
        first = await one(own_pid)
        assert await other(own_pid) == other.pid
        assert one.pid is None
        with pytest.raises(ProcessLookupError):
            os.kill(first, 0)
    finally:
        await one.close()
        await other.close()


async def test_without_room_for_two_work_waits_for_the_other_child() -> None:
    room = Room()
    children = [Child(60, room=room) for _ in range(3)]
    try:
        done = await asyncio.gather(*(each(double, n) for n, each in enumerate(children)))
        assert done == [0, 2, 4]
        assert sum(each.pid is not None for each in children) == 1
    finally:
        for each in children:
            await each.close()


async def test_without_room_for_two_nobody_warms_up() -> None:
    alone = Child(60, room=Room())
    alone.warm()
    assert alone.pid is None
    await alone.close()
