"""A channel in which Nvidia's value passes five trillion and comes back."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from random import Random

from alerts.evidence import Evidence
from alerts.outbox import Outbox
from alerts.platform import Message
from alerts.sources.record import Record
from alerts.store.destinations import Place
from alerts.watch import Watch
from bot import messages
from bot.replay import PastSource
from bot.replies import Reply
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


async def begun_story(talk: Talk, record: Record) -> Story:
    """The clock stands at 28 October 2025, and nothing later is known."""
    talk.clock.set(BEFORE)
    database = talk.services.database
    async with database.write() as connection:
        for table in ("observation", "indicator", "evidence"):
            await connection.exec_driver_sql(f"DELETE FROM {table}")
    source = PastSource(record.evidence, talk.clock)
    watch = Watch(
        database,
        talk.services.indicators,
        (source,),
        Evidence(),
        talk.clock,
        tells_staleness=False,
        editing=("chat",),
    )
    await watch.tick()
    chat = Chat(talk)
    outbox = Outbox(database, {"chat": chat}, talk.clock, Random(0))
    talk.request = replace(talk.request, place=CHANNEL, user="U1", name="Ada")
    return Story(talk, chat, watch, outbox)
