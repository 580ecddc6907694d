"""A bubblewatch that is connected to the emulated Slack: real Bolt, real slack-sdk, real SQLite."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from pydantic import SecretStr
from sqlalchemy import Row, select

from alerts.clock import Clock
from alerts.indicators import catalogue
from alerts.outbox import Outbox
from alerts.platform import Message, Platform
from alerts.quantity import Unit
from alerts.rules import Kind, Level
from alerts.sources.record import Record
from alerts.store import destinations, telling
from alerts.store.alerts import NewAlert
from alerts.store.database import Database, sqlite_url
from alerts.store.destinations import Destination, Place
from alerts.store.models import AttemptRow, DeliveryRow
from alerts.watch import AWAY, Watch
from bot.commands import Services
from bot.platforms import Context
from bot.platforms.slack.platform import SlackPlatform
from bot.presence import Presence
from bot.replies import Button, Buttons, Menu, Paragraph, Reply, Tone
from bot.settings import Settings
from tests.emulators.slack import Channel, Json, SlackEmulator, Team

RECORD_END = datetime(2025, 11, 29, 12, tzinfo=UTC)
"""A day after the record's last session: its figures are fresh."""
SECRET = "a secret of more than thirty-two characters"


class RecordClock:
    """Runs as fast as the machine's, from the end of the record on, and can be put forward."""

    def __init__(self) -> None:
        self._behind = datetime.now(UTC) - RECORD_END

    def forward(self, seconds: float) -> None:
        self._behind -= timedelta(seconds=seconds)

    def now(self) -> datetime:
        return datetime.now(UTC) - self._behind

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


def said(message: Message) -> Reply:
    """What the messages of these tests say: one line an alert, buttons, and whom it calls."""
    lines = [Paragraph(f"value {alert.value}", Tone.WARN) for alert in message.alerts]
    lines += [Paragraph(f"{name}: {fact}") for name, fact in message.notice.items()]
    if not lines:
        lines = [Paragraph(message.kind.value)]
    row = Buttons(
        (
            Button("Acknowledge", "alert acknowledge 1", Tone.GOOD),
            Menu(
                "More …", (Button("Snooze 1 hour", "snooze 1 1h"), Button("Show", "alert show 1"))
            ),
        )
    )
    return Reply((*lines, row))


@dataclass
class Office:
    """Settings, database, platform and outbox. `compose` may be replaced before `connected`."""

    slack: SlackEmulator
    database: Database
    settings: Settings
    clock: Clock
    compose: Callable[[Message], Reply] = said
    count: int = 0
    watch: Watch = field(init=False)
    services: Services = field(init=False)
    outbox: Outbox = field(init=False)
    platform: SlackPlatform = field(init=False)

    def __post_init__(self) -> None:
        self._platforms: dict[str, Platform] = {}
        self._made: list[SlackPlatform] = []
        self.outbox = Outbox(self.database, self._platforms, self.clock, Random(7))
        self.watch = Watch(self.database, catalogue(), (), Record().evidence, self.clock)
        self.services = Services(
            self.database, catalogue(), self.clock, self.watch, self.outbox.wake
        )
        self.platform = self.another_platform()
        self._platforms[self.platform.name] = self.platform

    def another_platform(self) -> SlackPlatform:
        """As after a restart."""

        async def compose(message: Message) -> Reply:
            return self.compose(message)

        presence = Presence(self.database, self.clock, self.outbox.wake)
        context = Context(self.settings, self.clock, Random(7), self.services, compose, presence)
        self._made.append(SlackPlatform(context))
        return self._made[-1]

    async def close(self) -> None:
        for platform in self._made:
            await platform.close()
        await self.database.close()

    @asynccontextmanager
    async def connected(self, sockets: int = 1) -> AsyncIterator[None]:
        """The platform runs; with sockets, one is open."""
        running = asyncio.create_task(self.platform.run())
        try:
            waiting = asyncio.create_task(self.slack.connected(sockets))
            done, _ = await asyncio.wait({running, waiting}, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
            yield
        finally:
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running

    @asynccontextmanager
    async def delivering(self) -> AsyncIterator[None]:
        """The outbox runs too."""
        sending = asyncio.create_task(self.outbox.run())
        try:
            yield
        finally:
            sending.cancel()
            with suppress(asyncio.CancelledError):
                await sending

    async def home(self, team: Team, channel: str, **more: Any) -> Destination:
        place = Place("slack", team.id, channel)
        async with self.database.write() as connection:
            return await destinations.find_or_make(connection, place, self.clock.now(), **more)

    async def destination(self, team: Team, channel: str) -> Destination:
        async with self.database.read() as connection:
            found = await destinations.find(connection, Place("slack", team.id, channel))
        assert found is not None
        return found

    async def alert(self, team: Team, channel: str, note: str | None = None) -> int:
        """An alert that is due; returns the value that it tells."""
        home = await self.home(team, channel)
        now = self.clock.now()
        self.count += 1
        news = NewAlert(
            None,
            None,
            home.id,
            True,
            "level",
            Kind.STALE,
            Level.WARN,
            now + timedelta(seconds=self.count),
            now,
            self.count,
            Unit.USD,
        )
        async with self.database.write() as connection:
            await telling.enqueue(connection, [news], now, now - AWAY)
        return self.count

    async def message(self, team: Team, channel: str, **more: Any) -> Message:
        """A message that no outbox holds, for a platform's own methods."""
        home = await self.home(team, channel)
        self.count += 1
        return Message(f"nonce{self.count}", home, (), **more)

    async def deliveries(self) -> Sequence[Row[Any]]:
        async with self.database.read() as connection:
            return (await connection.execute(select(DeliveryRow).order_by(DeliveryRow.id))).all()

    async def states(self) -> list[str]:
        return [row.state.value for row in await self.deliveries()]

    async def attempts(self) -> list[tuple[str, str | None]]:
        async with self.database.read() as connection:
            rows = await connection.execute(select(AttemptRow).order_by(AttemptRow.id))
            return [(row.outcome, row.detail) for row in rows]

    async def due_in(self) -> list[float]:
        """Seconds until each waiting delivery is tried again."""
        now = self.clock.now()
        rows = await self.deliveries()
        return [(row.due_at - now).total_seconds() for row in rows if row.state.value == "retry"]

    async def settled(self) -> list[str]:
        """Send until nothing is open any more; the clock is put forward to each retry."""
        await self.outbox.drain()
        while waits := await self.due_in():
            assert isinstance(self.clock, RecordClock)
            self.clock.forward(max(0.0, min(waits)))
            await self.outbox.drain()
        return await self.states()


def settings_of(slack: SlackEmulator, team: Team | None, **more: Any) -> Settings:
    """Socket Mode for one workspace, unless `more` says otherwise."""
    chosen: dict[str, Any] = {"slack_api_url": slack.api_url, "secret_key": SecretStr(SECRET)}
    if team is not None:
        chosen["slack_bot_token"] = SecretStr(team.bot_token)
    if "slack_signing_secret" not in more:
        chosen["slack_app_token"] = SecretStr(slack.app_token)
    return Settings.model_validate({**chosen, **more})


def database_at(path: Path) -> Database:
    return Database(sqlite_url(path))


def texts(channel: Channel) -> list[str]:
    """What the bot's messages in a channel say."""
    return [words(message) for message in channel.messages]


def words(message: Json) -> str:
    """All that a person reads in a message, line by line."""
    return "\n".join(_words_in(message.get("blocks") or []) or [str(message.get("text"))])


def _words_in(node: Any) -> list[str]:
    if isinstance(node, list):
        return [text for part in node for text in _words_in(part)]
    if not isinstance(node, dict):
        return []
    own = [node["text"]] if isinstance(node.get("text"), str) else []
    inside = [value for name, value in node.items() if name != "metadata"]
    return own + [text for value in inside for text in _words_in(value)]
