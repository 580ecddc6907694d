"""How every source behaves towards the server that it asks: wired as the service wires it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from pydantic import HttpUrl

from alerts.clock import SetClock
from alerts.evidence import (
    Answer,
    Evidence,
    Need,
    holdings,
    listed_caps,
    national_gdp,
    published,
    statements,
)
from alerts.market_hours import MarketHours
from alerts.sources import Source, SourceUnavailable
from bot.app import live_sources
from bot.settings import Settings
from tests.emulators.fred import SPREAD, FredEmulator
from tests.emulators.holdings import HoldingsEmulator
from tests.emulators.screener import ScreenerEmulator
from tests.emulators.sec import SecEmulator
from tests.emulators.server import Emulator
from tests.emulators.ssga import SsgaEmulator
from tests.emulators.world_bank import WorldBankEmulator
from tests.sources.conftest import utc

# Each by the setting that has its address.
NEEDS: Mapping[str, tuple[Need[Answer], ...]] = {
    "sec_url": (statements("ORCL"), statements("NVDA")),
    "holdings_url": (holdings("IVV"),),
    "ssga_url": (holdings("SPY"),),
    "fred_url": (published("BAMLH0A0HYM2"), published("BAA10Y")),
    "world_bank_url": (national_gdp(),),
    "screener_url": (listed_caps("NVDA"),),
}
PAUSE = timedelta(hours=7)


class CountingClock(SetClock):
    """A standing clock that remembers for how long one wanted to wait."""

    def __init__(self, at: datetime) -> None:
        super().__init__(at)
        self.waits: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        await super().sleep(seconds)


@dataclass
class Asked:
    server: Emulator
    source: Source
    needs: tuple[Need[Answer], ...]
    clock: CountingClock

    async def ask(self, known: Evidence | None = None) -> Evidence:
        """What came; nothing when the server refused."""
        try:
            return (await self.source.collect(self.needs, known or Evidence())).evidence
        except SourceUnavailable:
            return Evidence()


@pytest.fixture(params=NEEDS)
async def asked(
    request: pytest.FixtureRequest, hours: MarketHours, tmp_path: Path
) -> AsyncIterator[Asked]:
    servers: Mapping[str, Emulator] = {
        "sec_url": SecEmulator(),
        "holdings_url": HoldingsEmulator(),
        "ssga_url": SsgaEmulator(),
        "fred_url": FredEmulator(series={"BAMLH0A0HYM2": SPREAD, "BAA10Y": SPREAD}),
        "world_bank_url": WorldBankEmulator(),
        "screener_url": ScreenerEmulator(),
    }
    name: str = request.param
    clock = CountingClock(utc("2025-11-19 14:00"))
    with ExitStack() as stack:
        server = stack.enter_context(servers[name])
        address = {name: HttpUrl(server.url)}
        settings = Settings(data_dir=tmp_path, contact="a@example.org").model_copy(update=address)
        needs = NEEDS[name]
        sources = live_sources(settings, clock, hours, Random(0))
        (source,) = (s for s in sources if s.supplies(needs[0]) and s.name != "yahoo")
        yield Asked(server, source, needs, clock)
        for one in sources:
            await one.close()


async def test_it_goes_to_the_address_of_its_setting_and_says_who_asks(asked: Asked) -> None:
    await asked.ask()
    assert asked.server.requests
    for seen in asked.server.requests:
        assert "bubblewatch" in seen.headers["User-Agent"]
        assert "gzip" in seen.headers["Accept-Encoding"]


async def test_requests_to_one_server_leave_time_between_them(asked: Asked) -> None:
    await asked.ask()
    assert len(asked.clock.waits) >= len(asked.server.requests) - 1
    assert all(wait >= 0.5 for wait in asked.clock.waits)


async def test_a_refusal_leaves_the_server_alone_as_long_as_it_asks_for(asked: Asked) -> None:
    asked.server.answer_with(429, headers={"Retry-After": str(int(PAUSE.total_seconds()))})
    await asked.ask()
    refused = len(asked.server.requests)
    assert refused == 1
    asked.server.behave()
    asked.clock.set(asked.clock.now() + PAUSE - timedelta(minutes=1))
    await asked.ask()
    assert len(asked.server.requests) == refused
    asked.clock.set(asked.clock.now() + timedelta(days=1))
    await asked.ask()
    assert len(asked.server.requests) > refused


async def test_a_page_that_never_ends_or_breaks_off_gives_no_figure(asked: Asked) -> None:
    asked.server.cut_off(keep=0.3)
    found = await asked.ask()
    assert not found or "fred" in asked.source.name
