"""A local Yahoo, and a source that asks it in a thread, for the wire tests of Yahoo."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import date, timedelta
from random import Random

import pytest

from alerts.clock import SetClock
from alerts.evidence import Answer, Evidence, Need, prices
from alerts.market_hours import MarketHours
from alerts.sources import Collected
from alerts.sources.yahoo import YahooSource
from tests.emulators.yahoo import Listed, YahooEmulator, every_day
from tests.sources.conftest import in_thread, utc

AFTER_HOURS = utc("2025-11-18 22:00")
NOVEMBER = [date(2025, 11, day) for day in (3, 4, 5, 6, 7, 10, 11, 12, 13, 14, 17, 18)]


@pytest.fixture
def yahoo() -> Iterator[YahooEmulator]:
    emulator = YahooEmulator(
        closes={
            "NVDA": every_day(NOVEMBER, 200.5, -1),
            "^GSPC": every_day(NOVEMBER, 6800.0, -10.25),
        },
        companies={"NVDA": Listed(24_300_000_000), "GOOGL": Listed(12_077_000_000)},
        funds={"SPY": {"NVDA": 0.0782, "AAPL": 0.0702, "GOOGL": 0.0292}},
    )
    with emulator:
        yield emulator


@pytest.fixture
def clock() -> SetClock:
    return SetClock(AFTER_HOURS)


@pytest.fixture
async def source(
    yahoo: YahooEmulator,
    clock: SetClock,
    hours: MarketHours,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[YahooSource]:
    source = YahooSource(
        yahoo.url,
        tmp_path_factory.getbasetemp() / "yfinance",
        clock,
        hours,
        Random(0),
        pause=timedelta(0),
        timeout=timedelta(seconds=0.5),
        run=in_thread,
    )
    yield source
    await source.close()


async def collect(
    source: YahooSource, *needs: Need[Answer], known: Evidence | None = None
) -> Collected:
    return await source.collect(needs or [prices("NVDA")], known or Evidence())
