"""A place to talk to: a migrated database with the record in it, and a clock at its last day."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url

from alerts.clock import SetClock
from alerts.indicators import catalogue
from alerts.sources.record import Record
from alerts.store import schema
from alerts.store.database import Database, sqlite_url
from alerts.watch import Watch
from bot.answer import answer, form
from bot.app import TERMINAL
from bot.commands import Request, Services
from bot.platforms.terminal import plain_text
from bot.replies import Button, Buttons, Form, Menu, Reply
from tests.bot.stories import Story, begin, begun_story
from tests.databases import PostgresServer

# A day after the record's last session: its figures are fresh.
NOW = datetime(2025, 11, 29, 12, 0, tzinfo=UTC)


@dataclass
class Talk:
    """Says lines to the commands and gives back the replies."""

    services: Services
    clock: SetClock
    watch: Watch
    request: Request = field(default_factory=lambda: Request(TERMINAL, "someone"))

    async def __call__(self, line: str, fields: Mapping[str, str] | None = None) -> Reply:
        return await answer(self.services, self.request, line, fields)

    async def form(self, line: str) -> Form:
        """The form for a line that has one."""
        asked = await form(self.services, self.request, line)
        assert isinstance(asked, Form), plain_text(asked)
        return asked

    async def asks(self, line: str) -> str | None:
        """Why a line's form is not shown; None when it is."""
        asked = await form(self.services, self.request, line)
        return None if isinstance(asked, Form) else plain_text(asked)

    async def text(self, line: str) -> str:
        """The reply to a line that must be understood."""
        reply = await self(line)
        assert reply.ok, plain_text(reply)
        return plain_text(reply)

    async def refusal(self, line: str) -> str:
        """The one sentence with which a line is refused; nothing may change by it."""
        before = await self.everything()
        reply = await self(line)
        assert not reply.ok, plain_text(reply)
        assert await self.everything() == before
        return plain_text(reply)

    async def everything(self) -> list[object]:
        """What people can change, as it stands."""
        tables = (
            "destination",
            "subscription",
            "rule",
            "condition",
            "delivery",
            "alert",
            "act",
            "workspace",
        )
        async with self.services.database.read() as connection:
            return [
                (await connection.execute(text(f"SELECT * FROM {table}"))).all() for table in tables
            ]


def pressable(reply: Reply) -> list[Button]:
    """Everything in a reply that can be pressed, menus opened."""
    found: list[Button] = []
    for block in reply.blocks:
        for item in block.items if isinstance(block, Buttons) else ():
            found += item.options if isinstance(item, Menu) else (item,)
    return found


def lines(reply: Reply) -> dict[str, str]:
    """What each button says, by its label."""
    return {button.label: button.line for button in pressable(reply)}


@pytest.fixture(scope="session")
def record() -> Record:
    return Record()


async def _observe(url: str, record: Record) -> None:
    database = Database(url)
    try:
        await schema.upgrade(database)
        await Watch(database, catalogue(), (), record.evidence, SetClock(NOW)).tick(())
    finally:
        await database.close()


@pytest.fixture(scope="session")
def observed(tmp_path_factory: pytest.TempPathFactory, record: Record) -> Path:
    """A database with the record in it, made once and copied for each test."""
    path = tmp_path_factory.mktemp("observed") / "bubblewatch.db"
    asyncio.run(_observe(sqlite_url(path), record))
    return path


@pytest.fixture(scope="session")
def observed_postgres(postgres: PostgresServer, record: Record) -> str:
    """The same on PostgreSQL: the name of the database that others are made from."""
    url = postgres.create()
    asyncio.run(_observe(url, record))
    return make_url(url).database or ""


@pytest.fixture
def talk_address(
    tmp_path: Path, database_kind: str, request: pytest.FixtureRequest
) -> Iterator[str]:
    """A database of one's own with the record in it."""
    if database_kind == "postgresql":
        server: PostgresServer = request.getfixturevalue("postgres")
        url = server.create(request.getfixturevalue("observed_postgres"))
        yield url
        server.drop(url)
    else:
        copied = shutil.copy(request.getfixturevalue("observed"), tmp_path / "bubblewatch.db")
        yield sqlite_url(Path(copied))


@asynccontextmanager
async def talking(address: str, record: Record) -> AsyncIterator[Talk]:
    """A talk over a database that was made before."""
    clock = SetClock(NOW)
    database = Database(address)
    watch = Watch(database, catalogue(), (), record.evidence, clock)
    yield Talk(Services(database, catalogue(), clock, watch, lambda: None), clock, watch)
    await database.close()


@pytest.fixture
async def talk(talk_address: str, record: Record) -> AsyncIterator[Talk]:
    async with talking(talk_address, record) as made:
        yield made


@pytest.fixture(scope="session")
def begun(tmp_path_factory: pytest.TempPathFactory, record: Record) -> Path:
    """A database on the eve of Nvidia's five trillion, made once and copied for each story."""
    path = tmp_path_factory.mktemp("begun") / "bubblewatch.db"
    asyncio.run(begin(sqlite_url(path), record))
    return path


@pytest.fixture
async def story(tmp_path: Path, begun: Path, record: Record) -> AsyncIterator[Story]:
    own = Path(shutil.copy(begun, tmp_path / "bubblewatch.db"))
    async with talking(sqlite_url(own), record) as talk:
        yield begun_story(talk, record)
