"""The service on a set clock, with both platforms connected to the emulators.

What is drawn was really sent: the record's figures through the real watch, outbox and clients.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random

from alerts.clock import SetClock
from alerts.evidence import Evidence
from alerts.indicators import catalogue
from alerts.outbox import Outbox
from alerts.platform import Platform
from alerts.sources.record import Record
from alerts.store import schema
from alerts.store.database import Database, sqlite_url
from alerts.watch import Watch
from bot.charts.alert_picture import AlertPictures
from bot.charts.drawer import Drawer
from bot.commands import Services
from bot.compose import Composer
from bot.platforms import Context
from bot.platforms.discord.platform import DiscordPlatform
from bot.platforms.slack.platform import SlackPlatform
from bot.presence import Presence
from bot.replay import PastSource
from bot.settings import Settings
from tests.emulators.discord import DiscordEmulator
from tests.emulators.slack import SlackEmulator, Team

BEFORE = datetime(2025, 10, 28, 21, tzinfo=UTC)
THE_DAY = datetime(2025, 10, 29, 21, tzinfo=UTC)
"""Nvidia closed at 5.03 trillion dollars."""
LATER = datetime(2025, 11, 18, 21, tzinfo=UTC)


@dataclass
class Stage:
    discord: DiscordEmulator
    slack: SlackEmulator
    team: Team
    clock: SetClock
    watch: Watch
    outbox: Outbox
    chat: DiscordPlatform

    async def until(self, moment: datetime) -> None:
        """Time goes on; what is new is told."""
        self.clock.set(moment)
        await self.watch.tick()
        await self.outbox.drain()


@asynccontextmanager
async def staged(folder: Path) -> AsyncIterator[Stage]:
    clock = SetClock(BEFORE)
    evidence = Record().evidence
    database = Database(sqlite_url(folder / "bubblewatch.db"))
    await schema.upgrade(database)
    with DiscordEmulator() as discord, SlackEmulator() as slack:
        team = slack.add_team("Fund")
        settings = Settings.model_validate(
            {
                "data_dir": folder,
                "discord_token": discord.token,
                "discord_api_url": discord.api_url,
                "slack_bot_token": team.bot_token,
                "slack_app_token": slack.app_token,
                "slack_api_url": slack.api_url,
            }
        )
        by_name: dict[str, Platform] = {}
        outbox = Outbox(database, by_name, clock, Random(1))
        source = PastSource(evidence, clock)
        watch = Watch(
            database,
            catalogue(),
            (source,),
            Evidence(),
            clock,
            tells_staleness=False,
            editing=("discord", "slack"),
        )
        services = Services(database, catalogue(), clock, watch, outbox.wake)
        drawer = Drawer(folder)
        compose = Composer(database, catalogue(), clock, AlertPictures(database, drawer))
        presence = Presence(database, clock, outbox.wake)
        context = Context(settings, clock, Random(1), services, compose, presence)
        chat = DiscordPlatform(context, discord.token, servers_wait_s=0.05)
        office = SlackPlatform(context)
        by_name.update({chat.name: chat, office.name: office})
        running = [asyncio.create_task(one.run()) for one in (chat, office)]
        try:
            await watch.tick()
            await discord.ready()
            await slack.connected()
            yield Stage(discord, slack, team, clock, watch, outbox, chat)
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)
            await drawer.close()
            await database.close()
