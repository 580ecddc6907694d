"""The watch, the outbox and both platforms in one process, under a clock that is put where a fault
wants it. What stands in the channels is reckoned against what had to be told.
"""

from __future__ import annotations

import asyncio
import resource
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from unittest.mock import patch

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware
from pydantic import HttpUrl, SecretStr
from sqlalchemy import event, select
from sqlalchemy.exc import OperationalError

from alerts.indicators import Indicator
from alerts.outbox import Outbox
from alerts.platform import Message, Platform
from alerts.quantity import Unit
from alerts.store import deliveries, destinations
from alerts.store.database import Database, sqlite_url
from alerts.store.destinations import Place
from alerts.store.models import AlertRow, DeliveryKind, DeliveryRow, DeliveryState
from alerts.watch import Watch
from bot.commands import Services
from bot.platforms import Compose, Connected, Context
from bot.platforms.discord.platform import REFERENCE_DIGITS, DiscordPlatform
from bot.platforms.slack.pace import Pace
from bot.platforms.slack.platform import SlackPlatform
from bot.presence import Presence
from bot.replies import Paragraph, Reply
from bot.settings import Settings
from tests.alerts.world import START, World
from tests.emulators.discord import Channel, DiscordEmulator
from tests.emulators.server import Emulator
from tests.emulators.slack import Channel as Room
from tests.emulators.slack import SlackEmulator, Team
from tests.faults.reckoning import Reckoning, reckon
from tests.faults.town import references_of

Act = Callable[[], object]


@dataclass
class SlowDiscord(DiscordEmulator):
    """Does what it is asked and keeps the answer to itself while `is_slow`. `on_post` is done once,
    before the next message."""

    is_slow: bool = False
    on_post: Act | None = None

    def _middleware(self) -> Middleware:
        return _slowly(self, super()._middleware())


@dataclass
class SlowSlack(SlackEmulator):
    """As `SlowDiscord`."""

    is_slow: bool = False
    on_post: Act | None = None

    def _middleware(self) -> Middleware:
        return _slowly(self, super()._middleware())


def _slowly(emulator: SlowDiscord | SlowSlack, inner: Middleware) -> Middleware:
    @web.middleware
    async def slow(request: web.Request, handler: Handler) -> web.StreamResponse:
        posts = request.method == "POST" and ("message" in request.path or "chat." in request.path)
        if posts and emulator.on_post is not None:
            act, emulator.on_post = emulator.on_post, None
            act()
        response = await inner(request, handler)
        if emulator.is_slow and posts:
            await _end_of(emulator)
        return response

    return slow


async def _end_of(emulator: Emulator) -> None:
    assert emulator._ended is not None
    await emulator._ended.wait()


async def _said(message: Message) -> Reply:
    words = [f"{alert.kind.value} {alert.value}" for alert in message.alerts]
    return Reply(tuple(Paragraph(word) for word in words or [message.kind.value]))


class Both(World):
    """Two channels on each platform. Times are hours after `beginning`."""

    def __init__(
        self,
        database: Database,
        discord: SlowDiscord,
        slack: SlowSlack,
        indicators: Sequence[Indicator] = (),
        beginning: datetime = START,
    ) -> None:
        self.beginning = beginning
        self.discord, self.slack = discord, slack
        guild = discord.add_guild("Fund")
        self.team: Team = slack.add_team("Acme")
        self.guild = guild
        self.channels: list[Channel] = [discord.add_channel(guild, name) for name in ("a", "b")]
        self.rooms: list[Room] = [self.team.add_channel(name) for name in ("a", "b")]
        self.platforms: dict[str, Platform] = {}
        self.running: dict[str, asyncio.Task[None]] = {}
        self.compose: Compose = _said
        super().__init__(database, indicators)
        self.clock.set(beginning)
        self.outbox = Outbox(database, self.platforms, self.clock, Random(7))
        self.services = Services(
            database, self.indicators, self.clock, self.watch, self.outbox.wake
        )
        self.make_platforms()
        self._committed = asyncio.Event()
        self._refused = asyncio.Event()
        engine = database.engine.sync_engine
        # A connection that comes back to the pool has committed.
        event.listen(engine, "checkin", lambda *_: self._committed.set())
        event.listen(engine, "handle_error", lambda _: self._refused.set())

    def at(self, hours: float) -> datetime:
        return self.beginning + timedelta(hours=hours)

    def start_again(self, *, tells_staleness: bool = False) -> None:
        self.watch = Watch(
            self.database,
            self.indicators,
            self.sources,
            self.background,
            self.clock,
            self._wake,
            tells_staleness=tells_staleness,
            editing={"discord", "slack"},
        )

    def make_platforms(self) -> None:
        """As at a start, with the tokens of the moment."""
        settings = Settings(
            discord_token=SecretStr(self.discord.token),
            discord_api_url=HttpUrl(self.discord.api_url),
            slack_bot_token=SecretStr(self.team.bot_token),
            slack_app_token=SecretStr(self.slack.app_token),
            slack_api_url=HttpUrl(self.slack.api_url),
        )
        presence = Presence(self.database, self.clock, self.outbox.wake)
        context = Context(settings, self.clock, Random(7), self.services, self._composed, presence)
        token = self.discord.token
        made: tuple[Platform, ...] = (
            DiscordPlatform(context, token, servers_wait_s=0.05, silence_s=1.0),
            SlackPlatform(context),
        )
        self.platforms.update({one.name: one for one in made})

    async def _composed(self, message: Message) -> Reply:
        return await self.compose(message)

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[None]:
        self.running = {
            name: asyncio.create_task(one.run())
            for name, one in self.platforms.items()
            if isinstance(one, Connected)
        }
        try:
            await self.discord.ready()
            discord = self.platforms["discord"]
            assert isinstance(discord, DiscordPlatform)
            await self.discord.until(discord.hears, 15, "Discord was never ready")
            await self.slack.connected()
            yield
        finally:
            for task in self.running.values():
                task.cancel()
            await asyncio.gather(*self.running.values(), return_exceptions=True)

    @property
    def places(self) -> list[Place]:
        here = [Place("discord", self.guild.id, channel.id) for channel in self.channels]
        return here + [Place("slack", self.team.id, room.id) for room in self.rooms]

    async def draw_everywhere(self, line: int = 100, key: str = "level") -> None:
        for place in self.places:
            await self.draw(line, place=place, key=key)

    async def choose_everywhere(self, **chosen: object) -> None:
        now = self.clock.now()
        async with self.database.write() as connection:
            for place in self.places:
                home = await destinations.find_or_make(connection, place, now)
                await destinations.choose(connection, home.id, now, **chosen)  # type: ignore[arg-type]

    async def told_at(self, hours: float, value: int) -> None:
        await self.see(hours, value)
        await self.outbox.drain()

    async def settled(self, within: timedelta = timedelta(hours=12)) -> None:
        """Send until nothing is open; the clock goes on to each time at which something is due."""
        ends = self.clock.now() + within
        while True:
            await self.outbox.drain()
            async with self.database.read() as connection:
                now = self.clock.now()
                due = await deliveries.next_due(connection, list(self.platforms), now)
            if due is None or due > ends:
                return
            self.clock.set(max(due, now + timedelta(seconds=1)))

    async def told_there(self) -> dict[str, list[str]]:
        """By channel: the alerts of each message, by its reference, in the order of arrival.

        A message that was edited carries the reference of its edit, and counts as what it was.
        """
        async with self.database.read() as connection:
            posted = (await connection.execute(select(DeliveryRow))).all()
            alerts = (await connection.execute(select(AlertRow).order_by(AlertRow.id))).all()
        words: dict[int, list[str]] = {}
        for row in alerts:
            said = f"{row.kind.value} {_written(row.value, row.unit)}"
            words.setdefault(row.delivery_id, []).append(said)
        known = {
            row.nonce[:REFERENCE_DIGITS]: words.get(
                row.edits_id or row.id, [f"{row.kind.value} of {row.created_at:%Y-%m-%d}"]
            )
            for row in posted
        }
        there = references_of(self.discord, self.slack)
        return {
            channel: [word for one in found for word in known.get(one, [one])]
            for channel, found in there.items()
        }

    async def reckoned(self, *due: str) -> Reckoning:
        """`due`: what each of the four channels had to be told, such as `fired 105`.

        Greetings and words that we are back, which only one channel gets, are not counted.
        """
        wanted = {place.channel: list(due) for place in self.places}
        told = await self.told_there()
        counted = {
            channel: [word for word in words if not word.startswith(DeliveryKind.NOTICE.value)]
            for channel, words in told.items()
        }
        return reckon(wanted, counted)

    # -- troubles

    async def tick_in_trouble(self) -> None:
        """A look whose transaction the database refuses; the schedule would log it and go on."""
        try:
            await self.watch.tick()
        except OperationalError:
            return
        raise AssertionError("the database refused nothing")

    async def outbox_in_trouble(self) -> None:
        """The outbox runs while the database refuses it, and is still there."""
        self._refused.clear()
        async with self.delivering() as running:
            await asyncio.wait_for(self._refused.wait(), 10)
            assert not running.done()

    @asynccontextmanager
    async def delivering(self) -> AsyncIterator[asyncio.Task[None]]:
        running = asyncio.create_task(self.outbox.run())
        try:
            yield running
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

    def lose_answers(self) -> None:
        """Of the next message in each channel: it is taken, and the connection breaks."""
        self.discord.cut(taken=True, where="/messages", method="POST", times=len(self.channels))
        for _ in self.rooms:
            self.slack.cut_after("chat.postMessage")

    async def stands_everywhere(self, count: int) -> None:
        """Until so many messages are in each channel."""

        def there() -> bool:
            here = [len(channel.messages) for channel in self.channels]
            return min(*here, *(len(room.messages) for room in self.rooms)) >= count

        await self.discord.until(there, 15, "not everything was posted")

    async def until(self, seen: Callable[[], Awaitable[bool]], what: str) -> None:
        """Looked at after every commit."""
        try:
            async with asyncio.timeout(15):
                while not await seen():
                    await self._committed.wait()
                    self._committed.clear()
        except TimeoutError as error:
            raise AssertionError(what) from error

    async def gave_up(self, platform: str) -> None:
        """Until its connection is given up, because only the operator can help."""
        await asyncio.wait([self.running[platform]], timeout=15)
        assert self.running[platform].done()

    async def nothing_is_open(self) -> bool:
        async with self.database.read() as connection:
            found = (await connection.execute(select(DeliveryRow.state))).scalars().all()
        return set(found) == {DeliveryState.SENT}

    async def all_are_on(self) -> bool:
        async with self.database.read() as connection:
            homes = [await destinations.find(connection, place) for place in self.places]
        return all(home is not None and home.off_reason is None for home in homes)


@contextmanager
def no_room() -> Iterator[None]:
    """No file of this process can grow."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def _written(fixed: int | None, unit: Unit) -> str:
    if fixed is None:
        return "nothing"
    value = unit.from_fixed(fixed)
    return f"{value:.2%}" if unit is Unit.FRACTION else f"{value:.0f}"


async def _at_once(*_: object) -> None:
    """Everybody's turn."""


@asynccontextmanager
async def both(
    database_file: Path, indicators: Sequence[Indicator] = (), beginning: datetime = START
) -> AsyncIterator[Both]:
    """`database_file`: migrated, and one's own. The pace on the wire goes by the machine's time,
    which a clock that is set leaves behind: nobody counts here how often we ask.
    """
    database = Database(sqlite_url(database_file))
    at_once = patch.object(Pace, "turn", _at_once)
    with at_once, SlowDiscord() as discord, SlowSlack() as slack:
        discord.rates.buckets["gateway"] = (1000, 1.0)
        slack.rates.posts_per_second = 0
        slack.rates.per_minute.clear()
        slack.sockets.ping_every = 0.2
        try:
            yield Both(database, discord, slack, indicators, beginning)
        finally:
            await database.close()
