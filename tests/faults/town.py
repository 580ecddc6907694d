"""Twenty servers, twenty workspaces, and two crossings that all their channels asked for.

The first crossing was found before anything connects; the second lies in the ledger of facts, and
the first look of the service finds it.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import signal
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import ExitStack, closing, contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware
from sqlalchemy import insert

from alerts.clock import SystemClock
from alerts.indicators import catalogue
from alerts.measures import VALUE
from alerts.published import StatedFact
from alerts.rules import Direction, Level, State
from alerts.sources.ledger import FactLedger
from alerts.sources.record import Record
from alerts.store import credentials, facts, rules, schema, workspaces
from alerts.store.database import Database, sqlite_url
from alerts.store.models import DestinationRow, RuleRow
from alerts.watch import Watch
from bot.platforms.discord.platform import REFERENCE_DIGITS
from bot.platforms.slack.workspaces import Installation
from bot.sealing import Seal
from tests.emulators.discord import DiscordEmulator
from tests.emulators.slack import SlackEmulator
from tests.faults.reckoning import Reckoning, reckon

GROUPS = 20
"""Servers, and workspaces."""
PLATFORMS = ("discord", "slack")
SECRET_KEY = "a key for the sealed tokens of the town"
CROSSINGS = {
    "the first line": ("openai_annualised_revenue", Decimal("26e9"), Decimal("25e9")),
    "the second line": ("corporate_ai_budget", Decimal("160e6"), Decimal("150e6")),
}
"""The note of the rule, and its indicator, the new figure and the line."""
_SIGNATURE = re.compile(r"bubblewatch · ([0-9a-f]{16})")


@dataclass
class Trap:
    """Kills the process whose number `pid` becomes, when this request arrives or is done."""

    kind: str
    number: int
    pid: Future[int] = field(default_factory=Future)

    async def meets(self, kind: str) -> bool:
        if kind != self.kind:
            return False
        self.number -= 1
        if self.number != 0:
            return False
        os.kill(await asyncio.wrap_future(self.pid), signal.SIGKILL)
        return True


@dataclass
class TrappedDiscord(DiscordEmulator):
    trap: Trap | None = None

    def _middleware(self) -> Middleware:
        return _trapping(self, "discord", super()._middleware())


@dataclass
class TrappedSlack(SlackEmulator):
    trap: Trap | None = None

    def _middleware(self) -> Middleware:
        return _trapping(self, "slack", super()._middleware())


def _trapping(
    emulator: TrappedDiscord | TrappedSlack, platform: str, inner: Middleware
) -> Middleware:
    @web.middleware
    async def trapped(request: web.Request, handler: Handler) -> web.StreamResponse:
        trap = emulator.trap
        if trap is not None:
            await request.read()
            if await trap.meets(f"{platform}: before it is done"):
                # It got lost on its last way.
                return web.Response(status=503)
        response = await inner(request, handler)
        if trap is not None:
            await trap.meets(f"{platform}: before it is answered")
        return response

    return trapped


@dataclass
class Town:
    """The emulators and a database that every fan-out begins with a copy of."""

    discord: TrappedDiscord
    slack: TrappedSlack
    seeded: Path
    due: Mapping[str, Sequence[str]]
    """By channel: what has to be told there, in order."""

    @property
    def messages(self) -> int:
        return sum(map(len, self.due.values()))

    def environment(self, data: Path) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(data),
            "LANG": "C.UTF-8",
            "BUBBLEWATCH_DATA_DIR": str(data),
            "BUBBLEWATCH_LOG_LEVEL": "INFO",
            "BUBBLEWATCH_PORT": "0",
            "BUBBLEWATCH_DISCORD_TOKEN": self.discord.token,
            "BUBBLEWATCH_DISCORD_API_URL": self.discord.api_url,
            "BUBBLEWATCH_SLACK_API_URL": self.slack.api_url,
            "BUBBLEWATCH_SLACK_SIGNING_SECRET": self.slack.signing_secret,
            "BUBBLEWATCH_SLACK_CLIENT_ID": self.slack.client_id,
            "BUBBLEWATCH_SLACK_CLIENT_SECRET": self.slack.client_secret,
            "BUBBLEWATCH_SECRET_KEY": SECRET_KEY,
            "BUBBLEWATCH_PUBLIC_URL": "https://bubblewatch.example.org",
        }

    def addresses(self) -> dict[str, str]:
        return {"discord": self.discord.url, "slack": self.slack.url}

    def begin(self, data: Path) -> None:
        """Empty channels, and the database as it was at first."""
        shutil.rmtree(data, ignore_errors=True)
        shutil.copytree(self.seeded, data)
        for channel in self.discord.channels.values():
            channel.messages.clear()
        for team in self.slack.teams.values():
            for room in team.channels.values():
                room.messages.clear()
        self.discord.nonces.clear()
        for emulator in (self.discord, self.slack):
            emulator.requests.clear()
            emulator.interactions.clear()
        self.slack.calls.clear()

    def set_trap(self, trap: Trap | None) -> None:
        self.discord.trap = self.slack.trap = trap

    def held(self) -> dict[str, list[str]]:
        """By channel: the words of every message there, oldest first."""
        here = {
            channel.id: [str(one) for one in reversed(channel.newest_first())]
            for channel in self.discord.channels.values()
        }
        rooms = [room for team in self.slack.teams.values() for room in team.channels.values()]
        return here | {room.id: [str(one) for one in list(room.messages)] for room in rooms}

    def told(self) -> dict[str, list[str]]:
        """By channel: the notes of the rules that its messages tell of."""
        return {
            channel: [note for text in texts for note in CROSSINGS if note in text]
            for channel, texts in self.held().items()
            if texts
        }

    def reckoned(self) -> Reckoning:
        return reckon(self.due, self.told())

    def references(self) -> list[str]:
        """The beginning of the nonce of every message that arrived, as often as it stands there."""
        there = references_of(self.discord, self.slack)
        return [one for found in there.values() for one in found]


def references_of(discord: DiscordEmulator, slack: SlackEmulator) -> dict[str, list[str]]:
    """By channel: the beginning of the nonce of every message there, oldest first."""
    found: dict[str, list[str]] = {}
    for channel in list(discord.channels.values()):
        for message in reversed(channel.newest_first()):
            words = f"{message['content']} {message['embeds']}"
            found.setdefault(channel.id, []).extend(_SIGNATURE.findall(words)[:1])
    for team in list(slack.teams.values()):
        for room in list(team.channels.values()):
            for message in list(room.messages):
                nonce = str(message["metadata"]["event_payload"]["nonce"])
                found.setdefault(room.id, []).append(nonce[:REFERENCE_DIGITS])
    return found


def sent(data: Path) -> list[str]:
    """The beginning of the nonce of every delivery that the database calls sent."""
    address = f"file:{data}/bubblewatch.db?mode=ro"
    with closing(sqlite3.connect(address, uri=True, timeout=10)) as connection:
        rows = connection.execute("SELECT nonce FROM delivery WHERE state = 'sent'").fetchall()
    return [str(nonce)[:REFERENCE_DIGITS] for (nonce,) in rows]


@contextmanager
def town(folder: Path, channels: int) -> Iterator[Town]:
    """`channels` in all, half of them on either platform."""
    with ExitStack() as stack:
        discord = stack.enter_context(TrappedDiscord())
        slack = stack.enter_context(TrappedSlack())
        # A process that is started anew every second asks more often than a hosted one may.
        discord.rates.buckets |= {"gateway": (1000, 1.0), "commands": (1000, 1.0)}
        slack.rates.per_minute.clear()
        guilds = [discord.add_guild(f"guild {n}") for n in range(GROUPS)]
        teams = [slack.add_team(f"team {n}") for n in range(GROUPS)]
        places: list[tuple[str, str, str]] = []
        for n in range(channels // 2):
            guild, team = guilds[n % GROUPS], teams[n % GROUPS]
            places.append(("discord", guild.id, discord.add_channel(guild, f"c{n}").id))
            places.append(("slack", team.id, team.add_channel(f"c{n}").id))
        seeded = folder / "seeded"
        seeded.mkdir()
        tokens = {team.id: (team.bot_token, team.bot.id) for team in teams}
        guild_ids = [guild.id for guild in guilds]
        asyncio.run(_seed(seeded / "bubblewatch.db", places, guild_ids, tokens))
        due = {channel: list(CROSSINGS) for _, _, channel in places}
        yield Town(discord, slack, seeded, due)


async def _seed(
    path: Path,
    places: Sequence[tuple[str, str, str]],
    guilds: Sequence[str],
    tokens: Mapping[str, tuple[str, str]],
) -> None:
    clock = SystemClock()
    database = Database(sqlite_url(path))
    try:
        await schema.upgrade(database)
        editing = set(PLATFORMS)
        ledger = FactLedger(database)
        evidence = Record().evidence
        watch = Watch(database, catalogue(), (ledger,), evidence, clock, editing=editing)
        await watch.tick()
        await _settle_in(database, clock.now(), places, guilds, tokens)
        first, second = CROSSINGS.values()
        await _enter(database, clock.now(), first)
        report = await watch.tick()
        if report.deliveries != len(places):
            raise RuntimeError(f"{report.deliveries} of {len(places)} were told")
        await _enter(database, clock.now(), second)
    finally:
        await database.close()


async def _enter(database: Database, now: datetime, crossing: tuple[str, Decimal, Decimal]) -> None:
    key, value, _ = crossing
    fact = StatedFact(
        key, value, now.date(), "https://example.org", "faults", now.date() + timedelta(300), ""
    )
    async with database.write() as connection:
        await facts.enter(connection, fact, now)


async def _settle_in(
    database: Database,
    now: datetime,
    places: Sequence[tuple[str, str, str]],
    guilds: Sequence[str],
    tokens: Mapping[str, tuple[str, str]],
) -> None:
    """The workspaces have installed us and were greeted; every channel has a rule a crossing."""
    seal = Seal(SECRET_KEY, "slack tokens")
    async with database.write() as connection:
        for guild in guilds:
            await workspaces.greet_once(connection, "discord", guild, now)
        for team, (token, bot) in tokens.items():
            installed = json.dumps(asdict(Installation(team, token, bot, bot)))
            sealed = seal.seal(installed.encode(), now)
            await credentials.save(connection, "slack", team, sealed, now)
            await workspaces.greet_once(connection, "slack", team, now)
        homes = [
            {
                "id": n,
                "platform": platform,
                "workspace": workspace,
                "channel": channel,
                "created_at": now,
            }
            for n, (platform, workspace, channel) in enumerate(places, 1)
        ]
        await connection.execute(insert(DestinationRow), homes)
        for number, (note, (key, _, line)) in enumerate(CROSSINGS.items(), 1):
            indicator = catalogue()[key]
            measure = await rules.measure_of(connection, key, VALUE, indicator.unit)
            fixed = indicator.unit.to_fixed(line)
            drawn = [
                {
                    "destination_id": home["id"],
                    "number": number,
                    "measure_id": measure.id,
                    "level": Level.WARN,
                    "note": note,
                    "created_by": "faults",
                    "created_at": now,
                    "direction": Direction.ABOVE,
                    "line": fixed,
                    "rearm": fixed - fixed // 50,
                    "state": State.ARMED,
                    "primed": True,
                }
                for home in homes
            ]
            await connection.execute(insert(RuleRow), drawn)
