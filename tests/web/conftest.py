"""The web side as a whole: the real server on a free port, over a real database."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest

from alerts.clock import SetClock
from alerts.indicators import catalogue
from alerts.sources.record import Record
from alerts.store import schema
from alerts.store.database import Database, sqlite_url
from alerts.watch import Watch
from bot.charts.drawer import Drawer
from bot.vitals import Vitals
from bot.web.server import listening
from bot.web.site import Site

NOW = datetime(2025, 11, 29, 12, 0, tzinfo=UTC)
"""A day after the record's last session: its figures are fresh."""


@dataclass
class House:
    """A running server, and what stands behind it."""

    url: str
    http: aiohttp.ClientSession
    site: Site
    clock: SetClock

    async def read(self, path: str, **headers: str) -> tuple[aiohttp.ClientResponse, str]:
        """An answer with its whole text."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        async with self.http.get(self.url + path, headers=given) as answer:
            return answer, await answer.text()

    def later(self, **how: float) -> None:
        self.clock.set(self.clock.now() + timedelta(**how))


@pytest.fixture(scope="session")
def observed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the record in it, made once and copied for each test."""
    path = tmp_path_factory.mktemp("observed") / "bubblewatch.db"

    async def make() -> None:
        database = Database(sqlite_url(path))
        try:
            await schema.upgrade(database)
            await Watch(database, catalogue(), (), Record().evidence, SetClock(NOW)).tick(())
        finally:
            await database.close()

    asyncio.run(make())
    return path


@pytest.fixture
async def site(tmp_path: Path, observed: Path) -> AsyncIterator[Site]:
    copy = tmp_path / "bubblewatch.db"
    shutil.copy(observed, copy)
    database = Database(sqlite_url(copy))
    clock = SetClock(NOW)
    async with Drawer(tmp_path / "cache") as drawer:
        yield Site(database, catalogue(), clock, drawer, Vitals(clock))
    await database.close()


OpenHouse = Callable[..., Awaitable[House]]


@pytest.fixture
async def open_house(site: Site) -> AsyncIterator[OpenHouse]:
    """Opens a server; what is given by name replaces parts of the site."""
    async with AsyncExitStack() as stack:

        async def opened(**changes: object) -> House:
            mine = replace(site, **changes)  # type: ignore[arg-type]
            port = await stack.enter_async_context(listening(mine, 0, "127.0.0.1"))
            session = await stack.enter_async_context(aiohttp.ClientSession())
            clock = mine.clock
            assert isinstance(clock, SetClock)
            return House(f"http://127.0.0.1:{port}", session, mine, clock)

        yield opened


@pytest.fixture
async def house(open_house: OpenHouse) -> House:
    return await open_house()
