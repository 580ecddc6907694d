"""The bot as it runs: a real database and outbox, the platform, and Discord on the loopback."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from random import Random

from pydantic import HttpUrl, SecretStr
from sqlalchemy import select

from alerts.clock import SetClock
from alerts.indicators import catalogue
from alerts.outbox import Outbox
from alerts.platform import Message
from alerts.quantity import Unit
from alerts.rules import Kind, Level
from alerts.sources.record import Record
from alerts.store import destinations, schema, telling, workspaces
from alerts.store.alerts import NewAlert
from alerts.store.database import Database, sqlite_url
from alerts.store.destinations import Destination, Place
from alerts.store.models import DeliveryRow
from alerts.watch import Watch
from bot.commands import Services
from bot.platforms import Context
from bot.platforms.discord.platform import DiscordPlatform
from bot.presence import Presence
from bot.replies import Paragraph, Reply, Tone
from bot.settings import Settings
from tests.emulators.discord import Channel, DiscordEmulator, Guild, Json, Permission, User

# A day after the record's last session: its figures are fresh.
NOW = datetime(2025, 11, 29, 12, tzinfo=UTC)
AWAY = timedelta(days=1)


def said(message: Message) -> Reply:
    """Names its alerts by their values: tests tell them apart by these."""
    values = ", ".join(str(alert.value) for alert in message.alerts)
    return Reply((Paragraph(f"news {values}", Tone.WARN),))


@dataclass(frozen=True)
class NoticedPresence(Presence):
    """Tells when a coming or going has been stored."""

    changed: asyncio.Event

    async def joined(self, channel: Place | None, place: Place, language: str | None) -> None:
        await Presence.joined(self, channel, place, language)
        self.changed.set()

    async def left(self, platform: str, workspace: str, reason: str) -> None:
        await Presence.left(self, platform, workspace, reason)
        self.changed.set()

    async def back(self, platform: str, workspace: str) -> None:
        await Presence.back(self, platform, workspace)
        self.changed.set()

    async def channel_gone(self, place: Place, reason: str, person: Place | None = None) -> None:
        await Presence.channel_gone(self, place, reason, person)
        self.changed.set()


@dataclass
class Home:
    """One server with a channel; Ada manages it, Bob is a member."""

    discord: DiscordEmulator
    database: Database
    services: Services
    clock: SetClock
    platform: DiscordPlatform
    outbox: Outbox
    guild: Guild
    channel: Channel
    ada: User
    bob: User
    presence: NoticedPresence
    words: list[Callable[[Message], Reply]]
    running: asyncio.Task[None] | None = None
    told: int = field(default=0)

    def place(self, channel: Channel | None = None) -> Place:
        where = channel or self.channel
        if where.guild is None:
            assert where.recipient is not None
            return Place("discord", "@me", where.recipient.id)
        return Place("discord", where.guild.id, where.id)

    def compose(self, words: Callable[[Message], Reply]) -> None:
        self.words.append(words)

    def set(self, seconds: float) -> None:
        self.clock.set(NOW + timedelta(seconds=seconds))

    async def alert(self, channel: Channel | None = None) -> int:
        """One alert for a channel; returns its value."""
        now = self.clock.now()
        self.told += 1
        async with self.database.write() as connection:
            home = await destinations.find_or_make(connection, self.place(channel), now)
            news = NewAlert(
                rule_id=None,
                observation_id=None,
                destination_id=home.id,
                reachable=True,
                indicator="level",
                kind=Kind.STALE,
                level=Level.WARN,
                as_of=now + timedelta(days=self.told),
                happened_at=now,
                value=self.told,
                unit=Unit.USD,
            )
            await telling.enqueue(connection, [news], now, now - AWAY)
        return self.told

    async def post(self, reply: Reply, channel: Channel | None = None) -> Json:
        """What the platform makes of a reply, past the outbox."""
        async with self.database.write() as connection:
            place = self.place(channel)
            home = await destinations.find_or_make(connection, place, self.clock.now())
        self.compose(lambda _: reply)
        self.told += 1
        await self.platform.post(Message(f"{self.told:024}", home, ()))
        return (channel or self.channel).latest()

    async def drain(self, seconds: float | None = None) -> None:
        if seconds is not None:
            self.set(seconds)
        await self.outbox.drain()

    async def destination(self, channel: Channel | None = None) -> Destination:
        async with self.database.read() as connection:
            found = await destinations.find(connection, self.place(channel))
        assert found is not None
        return found

    async def off_reason(self, channel: Channel | None = None) -> str | None:
        return (await self.destination(channel)).off_reason

    async def deliveries(self) -> list[tuple[str, str | None]]:
        """State and reason of each."""
        async with self.database.read() as connection:
            rows = (await connection.execute(select(DeliveryRow).order_by(DeliveryRow.id))).all()
        return [(row.state.value, row.reason) for row in rows]

    async def states(self) -> list[str]:
        return [state for state, _ in await self.deliveries()]

    async def due_in(self) -> float:
        """Seconds until the one that waits is tried again."""
        async with self.database.read() as connection:
            rows = (await connection.execute(select(DeliveryRow))).all()
        [waiting] = [row for row in rows if row.state.value == "retry"]
        return float((waiting.due_at - self.clock.now()).total_seconds())

    def texts(self, channel: Channel | None = None) -> list[str]:
        """What stands in a channel, oldest first, without the small print of references."""
        return [text_of(one) for one in reversed((channel or self.channel).newest_first())]

    async def ask(
        self, line: str, options: dict[str, str | int | bool] | None = None, by: User | None = None
    ) -> Json:
        """Says a command in the channel; gives the answer."""
        asked = self.discord.slash(self.channel, by or self.ada, f"bubble {line}", options or {})
        return await asked.answered()

    async def eventually(self, seen: Callable[[], Awaitable[object]], what: str) -> None:
        """Until the database says so. Raises AssertionError with `what` after a while."""
        try:
            async with asyncio.timeout(15):
                while not await seen():
                    await self.presence.changed.wait()
                    self.presence.changed.clear()
        except TimeoutError as error:
            raise AssertionError(what) from error

    async def wait_for(self, seen: Callable[[], object], what: str = "") -> None:
        await self.discord.until(lambda: bool(seen()), 15, what)


def text_of(message: Json) -> str:
    """All the words of a message but its reference."""
    words = [message["content"]]
    for embed in message["embeds"]:
        words += [embed.get("title", ""), embed.get("description", "")]
    return "\n".join(word for word in words if word)


def labels_of(message: Json) -> list[str]:
    """Its buttons and menus, as people read them."""
    rows = [item for row in message["components"] for item in row["components"]]
    return [item.get("label") or item.get("placeholder") or "" for item in rows]


def new_platform(
    discord: DiscordEmulator,
    services: Services,
    compose: Callable[[Message], Reply],
    presence: Presence,
    silence_s: float = 60.0,
) -> DiscordPlatform:
    """The platform as `make` makes it, but that it waits less for the last server."""
    settings = Settings(
        discord_token=SecretStr(discord.token), discord_api_url=HttpUrl(discord.api_url)
    )

    async def composed(message: Message) -> Reply:
        return compose(message)

    context = Context(settings, services.clock, Random(7), services, composed, presence)
    return DiscordPlatform(context, discord.token, servers_wait_s=0.05, silence_s=silence_s)


@cache
def record() -> Record:
    return Record()


async def fill(path: Path) -> None:
    """A database with the record's figures in it, to be copied by every test."""
    database = Database(sqlite_url(path))
    await schema.upgrade(database)
    await Watch(database, catalogue(), (), record().evidence, SetClock(NOW)).tick(())
    await database.close()


@asynccontextmanager
async def at_home(path: Path, discord: DiscordEmulator) -> AsyncIterator[Home]:
    """Everything in place, on a database that was filled; nothing is connected yet."""
    clock = SetClock(NOW)
    database = Database(sqlite_url(path))
    watch = Watch(database, catalogue(), (), record().evidence, clock)
    guild = discord.add_guild("Fund")
    channel = discord.add_channel(guild, "alerts")
    ada, bob = discord.add_user("Ada"), discord.add_user("Bob")
    discord.add_member(guild, ada, permissions=Permission.MANAGE_GUILD)
    discord.add_member(guild, bob)
    async with database.write() as connection:
        # The greeting has tests of its own.
        await workspaces.greet_once(connection, "discord", guild.id, NOW)
    platforms: dict[str, DiscordPlatform] = {}
    outbox = Outbox(database, platforms, clock, Random(7))
    services = Services(database, catalogue(), clock, watch, outbox.wake)
    words: list[Callable[[Message], Reply]] = [said]
    presence = NoticedPresence(database, clock, outbox.wake, asyncio.Event())
    platform = new_platform(discord, services, lambda message: words[-1](message), presence)
    platforms["discord"] = platform
    try:
        yield Home(
            discord,
            database,
            services,
            clock,
            platform,
            outbox,
            guild,
            channel,
            ada,
            bob,
            presence,
            words,
        )
    finally:
        await database.close()


@asynccontextmanager
async def connected(home: Home) -> AsyncIterator[None]:
    """The platform runs until the end of the block, and is signed in."""
    home.running = asyncio.create_task(home.platform.run())
    try:
        ready = asyncio.create_task(home.discord.ready())
        await asyncio.wait({home.running, ready}, return_when=asyncio.FIRST_COMPLETED)
        if home.running.done():
            ready.cancel()
            await home.running
        await ready
        await home.wait_for(home.platform.hears, "never ready")
        yield
    finally:
        home.running.cancel()
        await asyncio.gather(home.running, return_exceptions=True)
