"""The child process that draws: started when needed, replaced when lost, gone when idle."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from bot.charts.drawer import ChartFailed, Drawer
from bot.charts.kinds import Theme
from tests.bot.charts_to_draw import one_of_each, series, walk

CHART = series(walk(30))
BROKEN = series((*walk(5), (walk(6)[5][0], float("inf"))))


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One list of fonts for all: making it takes matplotlib a second."""
    return tmp_path_factory.mktemp("matplotlib")


@pytest.fixture
async def drawer(cache: Path) -> AsyncIterator[Drawer]:
    async with Drawer(cache) as made:
        yield made


def size(png: bytes) -> tuple[int, int]:
    return Image.open(BytesIO(png)).size


async def ended(pid: int) -> None:
    """Wait until a process has ended."""
    handle = os.pidfd_open(pid)
    gone = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_reader(handle, gone.set)
    try:
        async with asyncio.timeout(30):
            await gone.wait()
    finally:
        loop.remove_reader(handle)
        os.close(handle)


async def test_no_child_before_the_first_picture_and_one_for_all(drawer: Drawer) -> None:
    assert drawer.pid is None
    assert size(await drawer.draw(CHART)) == (1600, 840)
    first = drawer.pid
    stands = one_of_each("zh_Hant", Theme.DARK)["stands"]
    both = await asyncio.gather(drawer.draw(CHART), drawer.draw(stands))
    assert [size(png)[1] for png in both] == [840, size(both[1])[1]]
    assert size(both[1])[1] != 840
    assert drawer.pid == first is not None


async def test_an_idle_child_goes_home_and_another_comes(cache: Path) -> None:
    async with Drawer(cache, idle_s=0.05) as drawer:
        for _ in range(2):
            before = await drawer.draw(CHART)
            assert drawer.pid is not None
            await ended(drawer.pid)
            assert await drawer.draw(CHART) == before


async def test_a_child_that_was_killed_is_replaced(drawer: Drawer) -> None:
    before = await drawer.draw(CHART)
    assert drawer.pid is not None
    os.kill(drawer.pid, signal.SIGKILL)
    assert await drawer.draw(CHART) == before


async def test_what_cannot_be_drawn_says_why_and_the_next_is_drawn(drawer: Drawer) -> None:
    await drawer.draw(CHART)
    child = drawer.pid
    with pytest.raises(ChartFailed, match="could not be drawn"):
        await drawer.draw(BROKEN)
    await drawer.draw(CHART)
    assert drawer.pid == child


async def test_a_picture_that_takes_too_long_is_given_up_with_its_child(cache: Path) -> None:
    async with Drawer(cache, timeout_s=0.2) as drawer:
        # matplotlib alone takes longer to import.
        with pytest.raises(ChartFailed, match=r"no picture within 0\.2 s"):
            await drawer.draw(CHART)
        assert drawer.pid is None


async def test_a_cancelled_picture_is_not_taken_for_the_next(drawer: Drawer) -> None:
    expected = await drawer.draw(CHART)
    other = replace(CHART, trace=replace(CHART.trace, points=walk(5000)))
    first = asyncio.create_task(drawer.draw(other))
    await asyncio.sleep(0)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    assert await drawer.draw(CHART) == expected


async def test_closing_ends_the_child(cache: Path) -> None:
    drawer = Drawer(cache)
    await drawer.draw(CHART)
    pid = drawer.pid
    assert pid is not None
    await drawer.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    await drawer.close()


PARENT = """
import asyncio, sys
from pathlib import Path
from bot.charts.drawer import Drawer
from tests.bot.charts_to_draw import series, walk

async def main():
    async with Drawer(Path(sys.argv[1])) as drawer:
        await drawer.draw(series(walk(30)))
        print(drawer.pid, "matplotlib" in sys.modules, "numpy" in sys.modules, flush=True)
        sys.stdin.readline()

asyncio.run(main())
"""


async def test_the_parent_never_imports_matplotlib_and_its_death_ends_the_child(
    cache: Path,
) -> None:
    root = Path(__file__).parents[2]
    parent = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        PARENT,
        str(cache),
        cwd=root,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert parent.stdout is not None
    child, *imported = (await parent.stdout.readline()).decode().split()
    assert imported == ["False", "False"]
    # As the kernel does when memory is short: nothing can be tidied up.
    parent.kill()
    await parent.wait()
    await ended_or_gone(int(child))


async def ended_or_gone(pid: int) -> None:
    try:
        await ended(pid)
    except ProcessLookupError:
        # It was quicker than we were.
        return
