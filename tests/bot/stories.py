"""A channel in which Nvidia's value passes five trillion and comes back."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING

from alerts.clock import SetClock
from alerts.evidence import Evidence
from alerts.indicators import catalogue
from alerts.outbox import Outbox
from alerts.platform import Message
from alerts.sources.record import Record
from alerts.store import schema
from alerts.store.database import Database
from alerts.store.destinations import Place
from alerts.watch import Watch
from bot import messages
from bot.replay import PastSource
from bot.replies import Reply

if TYPE_CHECKING:
    from tests.bot.conftest import Talk

CHANNEL = Place("chat", "W1", "C1")
BEFORE = datetime(2025, 10, 28, 22, tzinfo=UTC)


@dataclass
class Chat:
    """A platform that can edit, and keeps what each message says."""

    talk: Talk
    name: str = "chat"
    posted: list[Message] = field(default_factory=list)
    said: dict[str, Reply] = field(default_factory=dict)

    async def _words(self, message: Message) -> Reply:
        services = self.talk.services
        return await messages.compose(
            message, services.database, services.indicators, services.clock.now()
        )

    async def post(self, message: Message) -> str:
        self.posted.append(message)
        self.said[message.nonce] = await self._words(message)
        return message.nonce

    async def find(self, message: Message) -> str | None:
        return None

    async def edit(self, message: Message) -> None:
        assert message.edits is not None
        self.said[message.edits] = await self._words(message)

    def person(self, place: Place, user: str) -> Place:
        return replace(place, channel=user)

    def replies(self) -> list[Reply]:
        return list(self.said.values())


@dataclass
class Story:
    """A channel in which Nvidia's value passes five trillion and comes back."""

    talk: Talk
    chat: Chat
    watch: Watch
    outbox: Outbox

    async def go_on(self, days: int = 0) -> list[Reply]:
        """What the messages say after some more days of the record."""
        for _ in range(days):
            self.talk.clock.set(self.talk.clock.now() + timedelta(days=1))
            await self.watch.tick()
            await self.outbox.drain()
        await self.outbox.drain()
        return self.chat.replies()


def _watch(database: Database, record: Record, clock: SetClock) -> Watch:
    return Watch(
        database,
        catalogue(),
        (PastSource(record.evidence, clock),),
        Evidence(),
        clock,
        tells_staleness=False,
        editing=("chat",),
    )


async def begin(url: str, record: Record) -> None:
    """Make a database that stands at 28 October 2025, and knows nothing later."""
    database = Database(url)
    try:
        await schema.upgrade(database)
        await _watch(database, record, SetClock(BEFORE)).tick()
    finally:
        await database.close()


def begun_story(talk: Talk, record: Record) -> Story:
    """Goes on from a database that has begun."""
    talk.clock.set(BEFORE)
    database = talk.services.database
    chat = Chat(talk)
    outbox = Outbox(database, {"chat": chat}, talk.clock, Random(0))
    talk.request = replace(talk.request, place=CHANNEL, user="U1", name="Ada")
    return Story(talk, chat, _watch(database, record, talk.clock), outbox)
