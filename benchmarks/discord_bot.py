"""The bot that `benchmarks.discord` measures, in a process of its own.

`python -m benchmarks.discord_bot DATABASE API_URL TOKEN`: connects, says `ready`, and at the first
line of its input delivers all that is due, says `delivered` with its CPU seconds, and stays.
"""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path
from random import Random

from pydantic import HttpUrl, SecretStr

from alerts.clock import SystemClock
from alerts.indicators import catalogue
from alerts.outbox import Outbox
from alerts.platform import Message
from alerts.sources.record import Record
from alerts.store.database import Database, sqlite_url
from alerts.watch import Watch
from bot.commands import Services
from bot.platforms import Context
from bot.platforms.discord.platform import DiscordPlatform
from bot.presence import Presence
from bot.replies import Paragraph, Reply, Tone
from bot.settings import Settings

_LOOK_EVERY_S = 0.05


async def _compose(message: Message) -> Reply:
    return Reply((Paragraph(f"news {message.alerts[0].value}", Tone.WARN),))


async def serve(path: Path, api_url: str, token: str) -> None:
    clock, random = SystemClock(), Random(0)
    database = Database(sqlite_url(path))
    watch = Watch(database, catalogue(), (), Record().evidence, clock)
    platforms: dict[str, DiscordPlatform] = {}
    outbox = Outbox(database, platforms, clock, random)
    services = Services(database, catalogue(), clock, watch, outbox.wake)
    settings = Settings(discord_token=SecretStr(token), discord_api_url=HttpUrl(api_url))
    presence = Presence(database, clock, outbox.wake)
    context = Context(settings, clock, random, services, _compose, presence)
    platform = platforms["discord"] = DiscordPlatform(context, token, servers_wait_s=0.2)
    async with asyncio.TaskGroup() as group:
        running = group.create_task(platform.run())
        while not platform.hears():
            await clock.sleep(_LOOK_EVERY_S)
        print("ready", flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        began = time.process_time()
        await outbox.drain()
        print(f"delivered {time.process_time() - began:.1f}", flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        running.cancel()
    await database.close()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1]), sys.argv[2], sys.argv[3]))
