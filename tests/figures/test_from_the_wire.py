"""From local servers that speak the sources' wire, through the watch, into the store and back."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from alerts.clock import SetClock
from alerts.evidence import Evidence
from alerts.indicators import catalogue, filing_tags
from alerts.market_hours import MarketHours, Session
from alerts.reading import Status
from alerts.sources import Source
from alerts.sources.fred import FredSource
from alerts.sources.screener import ScreenerSource
from alerts.sources.sec import CIKS, SecSource
from alerts.sources.world_bank import WorldBankSource
from alerts.store import observations, schema
from alerts.store.database import Database, sqlite_url
from alerts.watch import Watch
from tests.emulators.fred import SPREAD, FredEmulator
from tests.emulators.screener import ScreenerEmulator
from tests.emulators.sec import Filed, SecEmulator
from tests.emulators.world_bank import WorldBankEmulator
from tests.sources.conftest import utc

KEYS = (
    "high_yield_spread",
    "nvidia_gdp_rank",
    "nvidia_market_cap",
    "nvidia_quarterly_revenue",
    "hyperscaler_free_cash_flow.ORCL",
)


@dataclass
class Wire:
    """The local servers, and everything needed to make the sources that ask them."""

    fred: FredEmulator
    bank: WorldBankEmulator
    screener: ScreenerEmulator
    sec: SecEmulator
    clock: SetClock
    folder: Path

    def sources(self) -> tuple[Source, ...]:
        days = [date(2025, 10, 30), date(2025, 10, 31), date(2025, 11, 3)]
        hours = MarketHours(
            tuple(Session(day, utc(f"{day} 13:30"), utc(f"{day} 20:00")) for day in days)
        )
        return (
            FredSource(self.fred.url, self.folder, self.clock),
            WorldBankSource(self.bank.url, self.folder, self.clock),
            ScreenerSource(self.screener.url, self.folder, self.clock, hours),
            SecSource(self.sec.url, "a@example.org", filing_tags(), self.folder, self.clock),
        )


@pytest.fixture
def wire(tmp_path: Path) -> Iterator[Wire]:
    with ExitStack() as stack:
        found = Wire(
            stack.enter_context(FredEmulator(series={"BAMLH0A0HYM2": SPREAD})),
            stack.enter_context(WorldBankEmulator()),
            stack.enter_context(ScreenerEmulator()),
            stack.enter_context(SecEmulator()),
            SetClock(utc("2025-11-03 15:00")),
            tmp_path,
        )
        found.screener.quote("NVDA", "$202.49", "4920507000000.00")
        yield found


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    made = Database(sqlite_url(tmp_path / "wire.db"))
    await schema.upgrade(made)
    yield made
    await made.close()


def file_statements(wire: Wire) -> None:
    def flow(tag: str, start: date, end: date, value: int, filed: date) -> Filed:
        return Filed(f"us-gaap:{tag}", end, value, filed, start=start)

    cash = "NetCashProvidedByUsedInOperatingActivities"
    april, july, filed = date(2025, 4, 28), date(2025, 7, 27), date(2025, 8, 27)
    wire.sec.set_facts(
        CIKS["NVDA"],
        (
            flow("Revenues", april, july, 46_743_000_000, filed),
            flow(cash, date(2025, 1, 27), july, 42_779_000_000, filed),
        ),
    )
    june, may = date(2024, 6, 1), date(2025, 5, 31)
    capex = "PaymentsToAcquirePropertyPlantAndEquipment"
    wire.sec.set_facts(
        CIKS["ORCL"],
        (
            flow(cash, june, may, 20_821_000_000, date(2025, 6, 18)),
            flow(capex, june, may, 21_215_000_000, date(2025, 6, 18)),
        ),
    )


async def values(database: Database) -> dict[str, tuple[Decimal, Status, str]]:
    async with database.read() as connection:
        found = {key: await observations.newest(connection, key) for key in KEYS}
    return {
        key: (one.reading.value, one.reading.status, one.reading.source)
        for key, one in found.items()
        if one is not None
    }


async def look(wire: Wire, database: Database) -> int:
    """A new process looks once; returns how many observations it stored."""
    sources = wire.sources()
    indicators = {key: catalogue()[key] for key in KEYS}
    report = await Watch(database, indicators, sources, Evidence(), wire.clock).tick()
    for source in sources:
        await source.close()
    return len(report.stored)


async def test_figures_arrive_are_stored_and_are_known_after_a_restart(
    wire: Wire, database: Database
) -> None:
    file_statements(wire)
    assert await look(wire, database) == 6
    expected = {
        "high_yield_spread": (Decimal("0.0281"), Status.CONFIRMED, "fred"),
        "nvidia_gdp_rank": (Decimal(3), Status.CONFIRMED, "nasdaq"),
        "nvidia_market_cap": (Decimal(4_920_507_000_000), Status.CONFIRMED, "nasdaq"),
        "nvidia_quarterly_revenue": (Decimal(46_743_000_000), Status.CONFIRMED, "sec"),
        "hyperscaler_free_cash_flow.ORCL": (Decimal(-394_000_000), Status.CONFIRMED, "sec"),
    }
    assert await values(database) == expected
    asked = len(wire.fred.requests) + len(wire.bank.requests) + len(wire.sec.requests)
    assert await look(wire, database) == 0
    assert await values(database) == expected
    assert len(wire.fred.requests) + len(wire.bank.requests) + len(wire.sec.requests) > asked


async def test_a_revised_figure_is_told_on_the_day_it_is_seen(
    wire: Wire, database: Database
) -> None:
    await look(wire, database)
    wire.fred.publish("BAMLH0A0HYM2", {date(2025, 11, 3): "2.90"})
    wire.clock.set(wire.clock.now() + timedelta(days=1))
    await look(wire, database)
    assert (await values(database))["high_yield_spread"][0] == Decimal("0.029")
