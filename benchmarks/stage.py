"""What the benches on the wire share: a market that crosses a line when told, and many places.

Nothing of the service is replaced. It runs as people start it, in a process of its own, and asks
local servers instead of the Federal Reserve Bank, Discord and Slack.
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from aiohttp import web
from sqlalchemy import insert

from alerts.indicators import catalogue
from alerts.measures import VALUE
from alerts.quantity import Unit
from alerts.rules import Direction, Level, State
from alerts.store import credentials, rules, schema
from alerts.store.database import Database, sqlite_url
from alerts.store.destinations import Place
from alerts.store.models import DestinationRow, RuleRow
from bot.platforms.slack.workspaces import Installation
from bot.sealing import Seal
from tests.emulators.fred import FredEmulator

INDICATOR = catalogue()["high_yield_spread"]
SERIES = "BAMLH0A0HYM2"
BEFORE, AFTER = "3.85", "4.10"
"""Percent: the spread of the days before, and of the last one."""
LINE, REARM = (Unit.FRACTION.to_fixed(Decimal(value)) for value in ("0.04", "0.039"))
DAYS = 400
HELD_S = 60.0
SECRET = "a key that only these benches know and long enough"
_AT_ONCE = 2_000


@dataclass
class Market(FredEmulator):
    """One series of a year. It is told when it is let go, so that the crossing comes while
    everything is connected; all other sources are out of reach."""

    let_go: threading.Event = field(default_factory=threading.Event, init=False)

    async def _file(self, request: web.Request) -> web.StreamResponse:
        if request.query.get("id") == SERIES:
            await asyncio.to_thread(self.let_go.wait, HELD_S)
        return await super()._file(request)

    def urls(self) -> dict[str, str]:
        return {"fred": self.url}

    def cross(self) -> None:
        """From now on the service may learn that the line was crossed."""
        self.let_go.set()


@contextmanager
def open_market() -> Iterator[Market]:
    today = datetime.now(UTC).date()
    # What is public today was measured yesterday.
    days = [today - timedelta(days=back) for back in range(DAYS, 1, -1)]
    days = [day for day in days if day.weekday() < 5]
    series: dict[date, str] = dict.fromkeys(days, BEFORE)
    with Market(series={SERIES: series | {today - timedelta(days=1): AFTER}}) as market:
        yield market


def furnish(folder: Path, places: Sequence[Place]) -> None:
    """A database with a rule on the spread in every place."""
    asyncio.run(_furnish(folder / "bubblewatch.db", places))


async def _furnish(path: Path, places: Sequence[Place]) -> None:
    database = Database(sqlite_url(path))
    now = datetime.now(UTC)
    try:
        await schema.upgrade(database)
        async with database.write() as connection:
            measure = await rules.measure_of(connection, INDICATOR.key, VALUE, INDICATOR.unit)
            for start in range(0, len(places), _AT_ONCE):
                some = list(enumerate(places[start : start + _AT_ONCE], start + 1))
                homes = [
                    {
                        "id": number,
                        "platform": place.platform,
                        "workspace": place.workspace,
                        "channel": place.channel,
                        "created_at": now,
                    }
                    for number, place in some
                ]
                await connection.execute(insert(DestinationRow), homes)
                lines = [_rule(number, measure.id, now) for number, _ in some]
                await connection.execute(insert(RuleRow), lines)
    finally:
        await database.close()


def _rule(destination: int, measure: int, now: datetime) -> dict[str, object]:
    return {
        "destination_id": destination,
        "number": 1,
        "measure_id": measure,
        "level": Level.WATCH,
        "created_by": "bench",
        "created_at": now,
        "direction": Direction.ABOVE,
        "line": LINE,
        "rearm": REARM,
        "state": State.ARMED,
        "primed": True,
    }


async def install(path: Path, tokens: Mapping[str, str]) -> None:
    """As workspaces that have installed the app by OAuth."""
    database, now = Database(sqlite_url(path)), datetime.now(UTC)
    seal = Seal(SECRET, "slack tokens")
    try:
        async with database.write() as connection:
            for team, token in tokens.items():
                kept = Installation(team, token, "U0BOT", "B0BOT")
                facts = {name: getattr(kept, name) for name in kept.__slots__}
                sealed = seal.seal(json.dumps(facts).encode(), now)
                await credentials.save(connection, "slack", team, sealed, now)
    finally:
        await database.close()


def slack_settings(api_url: str, signing_secret: str, port: int) -> dict[str, str]:
    """Many workspaces, over HTTP."""
    return {
        "slack_api_url": api_url,
        "slack_signing_secret": signing_secret,
        "port": str(port),
        "slack_client_id": "1.1",
        "slack_client_secret": "secret",
        "public_url": "http://127.0.0.1:9",
        "secret_key": SECRET,
    }
