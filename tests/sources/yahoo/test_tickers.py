"""A ticker that somebody asked for, from the wire to the store."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from alerts.clock import SetClock
from alerts.evidence import Evidence
from alerts.own.listing import Listing
from alerts.sources.yahoo import YahooSource
from alerts.store import destinations, observations, own, schema
from alerts.store.database import Database, sqlite_url
from alerts.store.destinations import Place
from alerts.watch import Watch
from tests.emulators.yahoo import Listed, YahooEmulator, every_day
from tests.sources.yahoo.conftest import NOVEMBER

# Warnings of pandas to yfinance; not ours to mend.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


async def test_what_a_place_asked_for_is_looked_up_with_the_rest_and_stored(
    source: YahooSource, yahoo: YahooEmulator, clock: SetClock, tmp_path: Path
) -> None:
    yahoo.closes = {
        "TSM": every_day(NOVEMBER, 290.0, -1.5),
        "AMD": every_day(NOVEMBER, 250.0, 1),
    }
    yahoo.companies = {
        "AMD": Listed(1_628_000_000),
        "TSM": Listed(5_186_000_000, 1_418_371_000_000, 273.5, financial_currency="TWD"),
    }
    database = Database(sqlite_url(tmp_path / "tickers.db"))
    await schema.upgrade(database)
    async with database.write() as connection:
        home = await destinations.find_or_make(connection, Place("t", "w", "c"), clock.now())
        wanted = ["price(TSM)", "market_cap(TSM)", "market_cap(AMD)", "price(ZZZZ)"]
        await own.ask_for(connection, home.id, wanted, clock.now())
    listing = Listing({}, database, clock)
    watch = Watch(
        database, await listing.renew(), (source,), Evidence(), clock, renew=listing.renew
    )
    report = await watch.tick()
    async with database.read() as connection:
        price = await observations.newest(connection, "price(TSM)")
        cap = await observations.newest(connection, "market_cap(AMD)")
        receipts = await observations.newest(connection, "market_cap(TSM)")
        states = await observations.states(connection)
    assert price is not None
    assert price.reading.value == Decimal("273.5")
    assert price.reading.source == "yahoo"
    assert cap is not None
    assert cap.reading.value == Decimal(261) * 1_628_000_000
    assert receipts is not None
    assert receipts.reading.value == Decimal("273.5") * 5_186_000_000
    assert states["price(ZZZZ)"].trouble
    assert any("ZZZZ" in need for need in report.troubles)

    # Nobody draws a line on them: after a month they are not asked for any more.
    clock.set(clock.now() + timedelta(days=31))
    assert await listing.renew() == {}
    await database.close()
