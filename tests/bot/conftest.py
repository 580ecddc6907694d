"""A place to talk to: a migrated database with the record in it, and a clock at its last day."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from alerts.clock import SetClock
from alerts.indicators import catalogue
from alerts.sources.record import Record
from alerts.store import schema
from alerts.store.database import Database, sqlite_url
from alerts.watch import Watch
from bot.answer import answer
from bot.app import TERMINAL
from bot.commands import Request, Services
from bot.platforms.terminal import plain_text
from bot.replies import Reply

# A day after the record's last session: its figures are fresh.
NOW = datetime(2025, 11, 29, 12, 0, tzinfo=UTC)


@dataclass
class Talk:
    """Says lines to the commands and gives back the replies."""

    services: Services
    clock: SetClock
    watch: Watch
    request: Request = field(default_factory=lambda: Request(TERMINAL, "someone"))

    async def __call__(self, line: str) -> Reply:
        return await answer(self.services, self.request, line)

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
        tables = ("destination", "subscription", "rule", "condition", "delivery", "alert")
        async with self.services.database.read() as connection:
            return [
                (await connection.execute(text(f"SELECT * FROM {table}"))).all() for table in tables
            ]


@pytest.fixture
async def talk(tmp_path: Path) -> AsyncIterator[Talk]:
    clock = SetClock(NOW)
    database = Database(sqlite_url(tmp_path / "bubblewatch.db"))
    await schema.upgrade(database)
    watch = Watch(database, catalogue(), (), Record().evidence, clock)
    await watch.tick(())
    yield Talk(Services(database, catalogue(), clock, watch, lambda: None), clock, watch)
    await database.close()
