"""A platform that records what is posted, and a place to post from."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import Row, select

from alerts.clock import SetClock
from alerts.outbox import Outbox
from alerts.platform import Message, MessageGone
from alerts.quantity import Unit
from alerts.rules import Kind, Level
from alerts.store import destinations, telling
from alerts.store.alerts import NewAlert
from alerts.store.database import Database
from alerts.store.destinations import Destination, Place
from alerts.store.models import AttemptRow, DeliveryRow
from alerts.watch import AWAY

START = datetime(2025, 11, 3, 21, tzinfo=UTC)


class Recorder:
    """Posts succeed, unless a channel has troubles in store or is held."""

    name = "test"

    def __init__(self) -> None:
        self.posted: list[Message] = []
        self.asked: list[str] = []
        self.there: dict[str, str] = {}
        self.troubles: dict[str, list[Exception]] = {}
        self.blind: list[Exception] = []
        self.slow: dict[str, asyncio.Event] = {}
        self.arrived = asyncio.Event()
        self.begun = asyncio.Event()

    async def post(self, message: Message) -> str:
        channel = message.destination.place.channel
        self.begun.set()
        if channel in self.slow:
            await self.slow[channel].wait()
        if self.troubles.get(channel):
            raise self.troubles[channel].pop(0)
        self.posted.append(message)
        self.there[message.nonce] = f"m{len(self.posted)}"
        self.arrived.set()
        return self.there[message.nonce]

    async def find(self, message: Message) -> str | None:
        self.asked.append(message.nonce)
        if self.blind:
            raise self.blind.pop(0)
        return self.there.get(message.nonce)

    def channels(self) -> list[str]:
        return [message.destination.place.channel for message in self.posted]

    def texts(self) -> list[list[int | None]]:
        """The values that each message tells."""
        return [[alert.value for alert in message.alerts] for message in self.posted]


class Editing(Recorder):
    """A recorder whose messages live on; `gone` are those that cannot be edited any more."""

    def __init__(self) -> None:
        super().__init__()
        self.edited: list[Message] = []
        self.gone: set[str] = set()

    async def edit(self, message: Message) -> None:
        channel = message.destination.place.channel
        self.begun.set()
        if channel in self.slow:
            await self.slow[channel].wait()
        if self.troubles.get(channel):
            raise self.troubles[channel].pop(0)
        if message.edits in self.gone:
            raise MessageGone
        self.edited.append(message)
        self.arrived.set()

    def person(self, place: Place, user: str) -> Place:
        return Place(self.name, "@me", user)

    def edits(self) -> list[str | None]:
        return [message.edits for message in self.edited]

    def follows(self) -> list[str | None]:
        return [message.follows for message in self.posted]


class Office:
    """An outbox, its platform and its clock; times are seconds after START."""

    def __init__(self, database: Database, recorder: Recorder | None = None) -> None:
        self.database = database
        self.recorder = recorder or Recorder()
        self.clock = SetClock(START)
        self.outbox = self.another_worker()
        self.count = 0

    def another_worker(self, database: Database | None = None) -> Outbox:
        platforms = {"test": self.recorder}
        return Outbox(database or self.database, platforms, self.clock, Random(7))

    def set(self, seconds: float) -> None:
        self.clock.set(START + timedelta(seconds=seconds))

    async def alert(
        self, channel: str = "#a", *levels: Level, happened: float = 0, platform: str = "test"
    ) -> list[int]:
        """One tick's alerts for a channel; returns their values, which are told apart."""
        now = self.clock.now()
        async with self.database.write() as connection:
            place = Place(platform, "server", channel)
            home = await destinations.find_or_make(connection, place, now)
            news = []
            for level in levels or (Level.WARN,):
                self.count += 1
                news.append(self._news(home.id, level, now + timedelta(seconds=happened)))
            await telling.enqueue(connection, news, now, now - AWAY)
        return [alert.value or 0 for alert in news]

    def _news(self, home: int, level: Level, happened: datetime) -> NewAlert:
        moment = START + timedelta(days=self.count)
        return NewAlert(
            None,
            None,
            home,
            True,
            "level",
            Kind.STALE,
            level,
            moment,
            happened,
            self.count,
            Unit.USD,
        )

    async def drain(self, seconds: float | None = None) -> int:
        if seconds is not None:
            self.set(seconds)
        return await self.outbox.drain()

    async def deliveries(self) -> Sequence[Row[Any]]:
        async with self.database.read() as connection:
            return (await connection.execute(select(DeliveryRow).order_by(DeliveryRow.id))).all()

    async def states(self) -> list[str]:
        return [row.state.value for row in await self.deliveries()]

    async def due_in(self) -> list[float]:
        """Seconds until each waiting delivery is tried again."""
        now = self.clock.now()
        rows = await self.deliveries()
        return [(row.due_at - now).total_seconds() for row in rows if row.state.value == "retry"]

    async def attempts(self) -> list[tuple[str, str | None]]:
        async with self.database.read() as connection:
            rows = await connection.execute(select(AttemptRow).order_by(AttemptRow.id))
            return [(row.outcome, row.detail) for row in rows]

    async def switch_on(self, channel: str) -> None:
        async with self.database.write() as connection:
            home = await destinations.find(connection, Place("test", "server", channel))
            assert home is not None
            await destinations.switch_on(connection, home.id)

    async def home(self, channel: str, **chosen: Any) -> Destination:
        """The destination, with what was chosen there."""
        now = self.clock.now()
        async with self.database.write() as connection:
            place = Place("test", "server", channel)
            home = await destinations.find_or_make(connection, place, now)
            await destinations.choose(connection, home.id, now, **chosen)
            found = await destinations.find(connection, place)
        assert found is not None
        return found

    async def off_reason(self, channel: str) -> str | None:
        async with self.database.read() as connection:
            home = await destinations.find(connection, Place("test", "server", channel))
        return None if home is None else home.off_reason
