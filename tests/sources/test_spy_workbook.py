"""SPY's workbook of holdings, over a real HTTP client."""

from __future__ import annotations

import zipfile
from collections.abc import AsyncIterator, Iterator
from datetime import date
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import pytest

from alerts.clock import SetClock
from alerts.evidence import Evidence, Weights, holdings
from alerts.market_hours import MarketHours
from alerts.sources import Collected, SourceUnavailable
from alerts.sources.holdings import HoldingsSource
from alerts.sources.spy_workbook import LARGEST, SSGA, read_workbook
from tests.emulators.ssga import TOP_FIVE, XLSX, Row, SsgaEmulator, english, fund_of, workbook
from tests.sources.conftest import utc

SPY = holdings("SPY")
TODAY = date(2025, 11, 19)


@pytest.fixture
def fund() -> Iterator[SsgaEmulator]:
    with SsgaEmulator() as emulator:
        yield emulator


@pytest.fixture
def clock() -> SetClock:
    return SetClock(utc("2025-11-19 14:00"))


@pytest.fixture
async def source(
    fund: SsgaEmulator, clock: SetClock, hours: MarketHours, tmp_path: Path
) -> AsyncIterator[HoldingsSource]:
    source = HoldingsSource(SSGA, fund.url, tmp_path, clock, hours)
    yield source
    await source.close()


async def collect(source: HoldingsSource, known: Evidence | None = None) -> Collected:
    return await source.collect([SPY], known or Evidence())


def only_day(collected: Collected) -> Weights:
    answer = collected.evidence.of(SPY)
    assert answer is not None
    (day,) = answer.days
    return day


async def test_weights_are_fractions_with_the_workbooks_own_date_and_the_public_address(
    source: HoldingsSource, clock: SetClock
) -> None:
    collected = await collect(source)
    day = only_day(collected)
    assert (day.as_of, day.dated, day.estimate) == (date(2025, 11, 18), True, False)
    assert day.fractions["NVDA"] == Decimal("0.07828213")
    assert round(sum(day.fractions[ticker] for ticker, _ in TOP_FIVE), 4) == Decimal("0.3045")
    assert (day.origin.source, day.origin.fetched_at) == ("ssga", clock.now())
    assert day.origin.url.startswith("https://www.ssga.com/us/en/intermediary/")
    assert collected.rejected == ()


async def test_cash_and_the_disclaimer_are_no_companies(source: HoldingsSource) -> None:
    assert set(only_day(await collect(source)).fractions) == {*dict(TOP_FIVE), "REST"}


async def test_nothing_is_asked_once_the_last_trading_days_weights_are_known(
    source: HoldingsSource, fund: SsgaEmulator, clock: SetClock
) -> None:
    known = (await collect(source)).evidence
    clock.set(utc("2025-11-19 20:59"))
    await collect(source, known)
    assert len(fund.requests) == 1
    clock.set(utc("2025-11-19 21:00"))
    fund.as_of = english(date(2025, 11, 19))
    assert only_day(await collect(source, known)).as_of == date(2025, 11, 19)


async def test_it_supplies_spy_only(source: HoldingsSource) -> None:
    assert source.supplies(SPY)
    assert not source.supplies(holdings("IVV"))


@pytest.mark.parametrize("content_type", ["text/html", "text/csv", XLSX])
async def test_a_web_page_served_in_place_of_the_workbook_is_refused(
    source: HoldingsSource, fund: SsgaEmulator, content_type: str
) -> None:
    fund.answer_with_web_page(content_type=content_type)
    with pytest.raises(SourceUnavailable, match="a web page came in its place"):
        await collect(source)


@pytest.mark.parametrize(
    ("as_of", "reason"),
    [
        ("As of 20-Nov-2025", "dated 2025-11-20, which is still to come"),
        ("As of 31-Nov-2025", "its date 'As of 31-Nov-2025' cannot be read"),
        ("As of 18-Foo-2025", "cannot be read"),
        ("-", "its date '-' cannot be read"),
        (None, "its date '' cannot be read"),
        (45979, "cannot be read"),
    ],
)
async def test_a_workbook_with_an_impossible_date_is_refused(
    source: HoldingsSource, fund: SsgaEmulator, as_of: object, reason: str
) -> None:
    fund.as_of = as_of
    with pytest.raises(SourceUnavailable, match=reason):
        await collect(source)


async def test_a_workbook_cut_off_is_refused(source: HoldingsSource, fund: SsgaEmulator) -> None:
    fund.cut_off()
    with pytest.raises(SourceUnavailable, match="cut off or broken"):
        await collect(source)


def test_a_workbook_cut_off_anywhere_gives_no_number() -> None:
    whole = workbook(english(date(2025, 11, 18)), fund_of(TOP_FIVE))
    for length in range(0, len(whole), 97):
        with pytest.raises(ValueError, match=r"."):
            read_workbook(whole[:length], XLSX, TODAY)


@pytest.mark.parametrize("at", range(0, 100, 3))
def test_a_damaged_byte_never_gives_another_number(at: int) -> None:
    whole = workbook(english(date(2025, 11, 18)), fund_of(TOP_FIVE))
    place = len(whole) * at // 100
    damaged = whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :]
    try:
        sheet = read_workbook(damaged, XLSX, TODAY)
    except ValueError:
        return
    assert sheet == read_workbook(whole, XLSX, TODAY)


def archive(**members: bytes) -> bytes:
    with BytesIO() as written:
        with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as packed:
            for name, body in members.items():
                packed.writestr(name, body)
        return written.getvalue()


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b" \n", "it is empty"),
        (b"Name,Ticker,Weight\n", "cut off or broken"),
        (archive(readme=b"no workbook"), "cut off or broken"),
        (archive(bomb=bytes(LARGEST + 1)), "endless"),
        (workbook(english(date(2025, 11, 18)), (), ("Name", "Symbol")), "no table with Name"),
        (workbook(english(date(2025, 11, 18)), ()), "its table has no rows"),
        (workbook(english(date(2025, 11, 18)), TOP_FIVE), "instead of a whole"),
    ],
    ids=["empty", "text", "zip", "bomb", "other columns", "no rows", "a part"],
)
def test_what_is_no_whole_workbook_is_refused_with_the_reason(body: bytes, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        read_workbook(body, XLSX, TODAY)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (("ORCL", "n/a"), "ORCL left out: its weight is 'n/a'"),
        (("ORCL", None), "ORCL left out: its weight is ''"),
        (("ORCL", -0.5), "ORCL left out: its weight is '-0.5'"),
        (("ORCL", "nan"), "ORCL left out: its weight is 'nan'"),
    ],
)
async def test_r4_a_weight_that_is_no_number_is_left_out_with_a_reason(
    source: HoldingsSource, fund: SsgaEmulator, row: Row, reason: str
) -> None:
    fund.rows = (row, *fund_of(TOP_FIVE), ("NVDA", 0.01))
    collected = await collect(source)
    assert not {"ORCL", "NVDA"} & set(only_day(collected).fractions)
    assert collected.rejected == (
        f"SPY 2025-11-18: {reason}",
        "SPY 2025-11-18: NVDA left out: it is listed 2 times",
    )
