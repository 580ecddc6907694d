"""The fund's holdings file, over a real HTTP client."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from alerts.clock import SetClock
from alerts.evidence import Evidence, Weights, holdings
from alerts.market_hours import MarketHours
from alerts.sources import Collected, SourceUnavailable
from alerts.sources.holdings import ISHARES, HoldingsSource, read_holdings
from tests.emulators.holdings import Held, HoldingsEmulator, fund_of, holdings_file
from tests.sources.conftest import utc

NEED = holdings("IVV")
TOP_FIVE = ("NVDA", "AAPL", "MSFT", "AMZN", "GOOGL", "GOOG")
REAL_FILE = Path(__file__).parents[3] / "shared" / "data" / "ivv_holdings_2025-11-18.csv"


@pytest.fixture
def fund() -> Iterator[HoldingsEmulator]:
    with HoldingsEmulator() as emulator:
        yield emulator


@pytest.fixture
def clock() -> SetClock:
    return SetClock(utc("2025-11-19 14:00"))


@pytest.fixture
async def source(
    fund: HoldingsEmulator, clock: SetClock, hours: MarketHours, tmp_path: Path
) -> AsyncIterator[HoldingsSource]:
    source = HoldingsSource(
        ISHARES, fund.url, tmp_path, clock, hours, timeout=timedelta(seconds=0.3)
    )
    yield source
    await source.close()


def only_day(collected: Collected) -> Weights:
    answer = collected.evidence.of(NEED)
    assert answer is not None
    (day,) = answer.days
    return day


async def collect(source: HoldingsSource, known: Evidence | None = None) -> Collected:
    return await source.collect([NEED], known or Evidence())


async def test_weights_are_fractions_with_the_files_own_date_and_the_public_address(
    source: HoldingsSource, clock: SetClock
) -> None:
    collected = await collect(source)
    day = only_day(collected)
    assert (day.as_of, day.dated, day.estimate) == (date(2025, 11, 18), True, False)
    assert day.fractions["NVDA"] == Decimal("0.0782")
    assert sum(day.fractions[ticker] for ticker in TOP_FIVE) == Decimal("0.3042")
    assert day.origin.source == "ishares"
    assert day.origin.url.startswith("https://www.ishares.com/us/products/239726/")
    assert day.origin.fetched_at == clock.now()
    assert collected.rejected == ()


async def test_cash_with_the_ticker_of_a_bank_is_not_the_bank(source: HoldingsSource) -> None:
    day = only_day(await collect(source))
    assert "JPM" not in day.fractions
    assert "ESZ5" not in day.fractions


async def test_it_supplies_this_fund_only(source: HoldingsSource) -> None:
    assert source.supplies(NEED)
    assert not source.supplies(holdings("SPY"))


async def test_an_unchanged_day_brings_nothing_new(
    source: HoldingsSource, clock: SetClock, fund: HoldingsEmulator
) -> None:
    known = (await collect(source)).evidence
    clock.set(utc("2025-11-20 14:00"))
    collected = await collect(source, known)
    assert len(fund.requests) == 2
    assert not collected.evidence
    assert not collected.unmet


async def test_nothing_is_asked_once_the_last_trading_days_weights_are_known(
    source: HoldingsSource, clock: SetClock, fund: HoldingsEmulator
) -> None:
    known = (await collect(source)).evidence
    clock.set(utc("2025-11-19 20:59"))
    await collect(source, known)
    assert len(fund.requests) == 1
    clock.set(utc("2025-11-19 21:00"))
    fund.set_day(date(2025, 11, 19))
    collected = await collect(source, known)
    assert only_day(collected).as_of == date(2025, 11, 19)


async def test_an_unchanged_file_is_not_sent_twice(
    source: HoldingsSource, clock: SetClock, fund: HoldingsEmulator
) -> None:
    fund.etag = '"18-nov"'
    known = (await collect(source)).evidence
    clock.set(utc("2025-11-20 14:00"))
    collected = await collect(source, known)
    assert fund.requests[-1].headers["If-None-Match"] == '"18-nov"'
    assert not collected.evidence


async def test_a_file_whose_figures_were_lost_is_fetched_in_full(
    source: HoldingsSource, fund: HoldingsEmulator
) -> None:
    fund.etag = '"18-nov"'
    await collect(source)
    again = await collect(source, Evidence())
    assert "If-None-Match" not in fund.requests[-1].headers
    assert only_day(again).fractions


async def test_a_corrected_file_for_the_same_day_is_new(
    source: HoldingsSource, clock: SetClock, fund: HoldingsEmulator
) -> None:
    known = (await collect(source)).evidence
    fund.rows = fund_of({"NVDA": "7.80"})
    clock.set(utc("2025-11-20 14:00"))
    assert only_day(await collect(source, known)).fractions["NVDA"] == Decimal("0.078")


@pytest.mark.parametrize("content_type", ["text/html", "text/csv"])
async def test_a_web_page_served_in_place_of_the_file_is_told(
    source: HoldingsSource, fund: HoldingsEmulator, content_type: str
) -> None:
    fund.answer_with_web_page(content_type=content_type)
    with pytest.raises(SourceUnavailable, match="a web page came in its place"):
        await collect(source)


@pytest.mark.parametrize(
    ("as_of", "reason"),
    [
        ("Nov 20, 2025", "dated 2025-11-20, which is still to come"),
        ("-", "its date '-' cannot be read"),
        ("18.11.2025", "cannot be read"),
        ("Nov 31, 2025", "cannot be read"),
    ],
)
async def test_a_file_with_an_impossible_date_is_refused(
    source: HoldingsSource, fund: HoldingsEmulator, as_of: str, reason: str
) -> None:
    fund.as_of = as_of
    with pytest.raises(SourceUnavailable, match=reason):
        await collect(source)


async def test_an_empty_file_is_refused(source: HoldingsSource, fund: HoldingsEmulator) -> None:
    fund.answer_with(200, content_type="text/csv")
    with pytest.raises(SourceUnavailable, match="it is empty"):
        await collect(source)


async def test_weights_that_are_no_whole_are_refused(
    source: HoldingsSource, fund: HoldingsEmulator
) -> None:
    fund.rows = (Held("NVDA", "7.82"), Held("AAPL", "7.02"))
    with pytest.raises(SourceUnavailable, match=r"add up to 14\.84% instead of a whole"):
        await collect(source)


async def test_a_file_cut_off_anywhere_in_its_table_gives_no_number(
    hours: MarketHours,
) -> None:
    whole = holdings_file("Nov 18, 2025", fund_of({"NVDA": "7.82", "AAPL": "7.02"}))
    table_ends = whole.index(b'"REST"')
    for length in range(table_ends + 60):
        with pytest.raises(ValueError, match=r"."):
            read_holdings(whole[:length], "text/csv", date(2025, 11, 19))
    assert read_holdings(whole, "text/csv", date(2025, 11, 19)).fractions["NVDA"]


async def test_a_weight_that_is_no_number_and_a_ticker_listed_twice_are_left_out_with_a_reason(
    source: HoldingsSource, fund: HoldingsEmulator
) -> None:
    fund.rows = (
        *fund_of({"NVDA": "7.82", "MSFT": "6.49"}),
        Held("ORCL", "-"),
        Held("MSFT", "0.01"),
        Held("-", "0.01"),
    )
    collected = await collect(source)
    assert set(only_day(collected).fractions) == {"NVDA", "REST"}
    assert collected.rejected == (
        "IVV 2025-11-18: ORCL left out: its weight is '-'",
        "IVV 2025-11-18: MSFT left out: it is listed 2 times",
    )


async def test_a_failure_is_remembered_and_tried_again_after_half_an_hour(
    source: HoldingsSource, clock: SetClock, fund: HoldingsEmulator
) -> None:
    fund.answer_with(500, times=1)
    with pytest.raises(SourceUnavailable, match=r"in trouble \(500\)"):
        await collect(source)
    with pytest.raises(SourceUnavailable, match="in trouble") as caught:
        await collect(source)
    assert caught.value.retry_at == clock.now() + timedelta(minutes=30)
    assert len(fund.requests) == 1
    clock.set(clock.now() + timedelta(minutes=30))
    collected = await collect(source)
    assert only_day(collected).fractions
    assert not collected.unmet


async def test_a_refusal_leaves_the_server_alone_for_longer_each_time(
    source: HoldingsSource, clock: SetClock, fund: HoldingsEmulator
) -> None:
    fund.answer_with(429)
    pauses = []
    for _ in range(4):
        with pytest.raises(SourceUnavailable) as caught:
            await collect(source)
        assert caught.value.retry_at is not None
        pauses.append((caught.value.retry_at - clock.now()) / timedelta(minutes=1))
        clock.set(max(caught.value.retry_at, clock.now() + timedelta(minutes=30)))
    assert pauses == [15, 60, 240, 240]
    assert len(fund.requests) == 4
    fund.behave()
    known = (await collect(source)).evidence
    fund.answer_with(429)
    clock.set(clock.now() + timedelta(days=1))
    with pytest.raises(SourceUnavailable) as caught:
        await collect(source, known)
    assert caught.value.retry_at == clock.now() + timedelta(minutes=15)


async def test_a_retry_after_longer_than_our_pause_is_honoured(
    source: HoldingsSource, clock: SetClock, fund: HoldingsEmulator
) -> None:
    fund.answer_with(503, headers={"Retry-After": "Wed, 19 Nov 2025 18:00:00 GMT"})
    with pytest.raises(SourceUnavailable) as caught:
        await collect(source)
    assert caught.value.retry_at == datetime(2025, 11, 19, 18, tzinfo=UTC)


async def test_silence_and_absence_are_told_in_one_sentence(
    source: HoldingsSource,
    clock: SetClock,
    fund: HoldingsEmulator,
    hours: MarketHours,
    tmp_path: Path,
) -> None:
    fund.hang()
    with pytest.raises(SourceUnavailable, match=r"did not answer within 0\.3 s"):
        await collect(source)
    nowhere = HoldingsSource(ISHARES, "http://127.0.0.1:9", tmp_path, clock, hours)
    with pytest.raises(SourceUnavailable, match=r"127\.0\.0\.1 cannot be reached"):
        await collect(nowhere)
    await nowhere.close()


@pytest.mark.skipif(not REAL_FILE.exists(), reason="../shared/data is not beside this checkout")
def test_the_real_file_gives_the_published_top_five() -> None:
    sheet = read_holdings(REAL_FILE.read_bytes(), "text/csv;charset=utf-8", date(2025, 11, 30))
    assert sheet.as_of == date(2025, 11, 18)
    assert len(sheet.fractions) == 503
    assert sum(sheet.fractions[ticker] for ticker in TOP_FIVE) == Decimal("0.3042")
    assert sheet.rejected == ()
