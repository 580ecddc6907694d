"""Prices of Yahoo through the real yfinance, against a local server.

Most tests run the worker's functions in a thread; a few at the end in its real child process.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Never, cast

import pytest

from alerts.clock import SetClock
from alerts.evidence import (
    Close,
    Evidence,
    Need,
    PriceHistory,
    Split,
    holdings,
    prices,
    shares,
)
from alerts.market_hours import NEW_YORK, MarketHours
from alerts.sources import Collected, SourceUnavailable
from alerts.sources.yahoo import YahooSource
from alerts.sources.yahoo_child import Run
from alerts.sources.yahoo_worker import Wire
from tests.emulators.yahoo import YahooEmulator
from tests.sources.conftest import utc
from tests.sources.yahoo.conftest import AFTER_HOURS, NOVEMBER, collect

# Warnings of pandas to yfinance; not ours to mend.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

NVDA, GSPC, SPY = prices("NVDA"), prices("^GSPC"), holdings("SPY")
NVDA_SHARES, GOOGL_SHARES = shares("NVDA"), shares("GOOGL")


def history_of(collected: Collected, need: Need[PriceHistory] = NVDA) -> PriceHistory:
    answer = collected.evidence.of(need)
    assert answer is not None
    return answer


def closes_of(collected: Collected, need: Need[PriceHistory] = NVDA) -> dict[date, Close]:
    return {close.session: close for close in history_of(collected, need).closes}


# -- prices


async def test_closes_come_unadjusted_for_dividends_with_the_sessions_close_as_their_instant(
    source: YahooSource, clock: SetClock
) -> None:
    collected = await collect(source, NVDA, GSPC)
    closes = closes_of(collected)
    assert list(closes) == NOVEMBER
    last = closes[date(2025, 11, 18)]
    assert last.price == Decimal("189.5")
    assert last.at == utc("2025-11-18 21:00")
    assert last.origin.source == "yahoo"
    assert last.origin.url == "https://finance.yahoo.com/quote/NVDA/history"
    assert last.origin.fetched_at == clock.now()
    assert closes_of(collected, GSPC)[date(2025, 11, 18)].price == Decimal("6687.25")
    assert collected.rejected == ()
    assert collected.unmet == {}


async def test_a_price_is_the_one_that_was_meant_without_the_noise_of_a_32_bit_float(
    source: YahooSource, yahoo: YahooEmulator
) -> None:
    yahoo.set_close("NVDA", date(2025, 11, 18), 181.36000061035156)
    closes = closes_of(await collect(source))
    assert closes[date(2025, 11, 18)].price == Decimal("181.36")


async def test_a_new_symbol_is_asked_for_in_full_and_a_known_one_from_ten_days_before(
    source: YahooSource, yahoo: YahooEmulator, clock: SetClock, hours: MarketHours
) -> None:
    known = (await collect(source)).evidence
    clock.set(clock.now() + timedelta(hours=8))
    await collect(source, known=known)
    spans = [
        datetime.fromtimestamp(int(query["period1"]), NEW_YORK).date()
        for query in yahoo.chart_requests()
    ]
    assert spans == [hours.sessions[0].day, date(2025, 11, 8)]
    await collect(source, NVDA, GSPC, known=known)
    assert len(yahoo.chart_requests("NVDA")) == 2
    assert len(yahoo.chart_requests("^GSPC")) == 1


async def test_what_is_known_already_is_not_new(
    source: YahooSource, yahoo: YahooEmulator, clock: SetClock
) -> None:
    known = (await collect(source)).evidence
    assert not (await collect(source, known=known)).evidence
    clock.set(utc("2025-11-20 01:00"))
    yahoo.set_close("NVDA", date(2025, 11, 17), 190.0)
    yahoo.set_close("NVDA", date(2025, 11, 19), 186.52)
    collected = await collect(source, known=known)
    assert {day: close.price for day, close in closes_of(collected).items()} == {
        date(2025, 11, 17): Decimal("190.0"),
        date(2025, 11, 19): Decimal("186.52"),
    }


@pytest.mark.parametrize(
    ("now", "at"),
    [
        ("2025-11-18 14:29", None),
        ("2025-11-18 14:30:59", "2025-11-18 14:30"),
        ("2025-11-18 20:59:30", "2025-11-18 20:59"),
        ("2025-11-18 21:00", None),
        ("2025-11-18 21:19", None),
        ("2025-11-18 21:20", "2025-11-18 21:00"),
    ],
)
async def test_the_running_bar_stands_for_its_minute_and_is_final_twenty_minutes_after_the_bell(
    source: YahooSource, yahoo: YahooEmulator, clock: SetClock, now: str, at: str | None
) -> None:
    clock.set(utc(now))
    yahoo.newest_twice = True
    newest = closes_of(await collect(source)).get(date(2025, 11, 18))
    assert (newest and newest.at) == (utc(at) if at else None)


async def test_an_early_close_is_final_earlier(
    source: YahooSource, yahoo: YahooEmulator, clock: SetClock
) -> None:
    yahoo.closes = {"NVDA": {date(2025, 11, 26): 180.26, date(2025, 11, 28): 177.0}}
    clock.set(utc("2025-11-28 18:20"))
    newest = closes_of(await collect(source))[date(2025, 11, 28)]
    assert newest.at == utc("2025-11-28 18:00")


async def test_bars_that_cannot_be_are_left_out_with_a_reason(
    source: YahooSource, yahoo: YahooEmulator
) -> None:
    yahoo.set_close("NVDA", date(2025, 11, 9), 190.0)
    yahoo.set_close("NVDA", date(2025, 11, 12), 0.0)
    yahoo.set_close("NVDA", date(2025, 11, 13), -1.0)
    yahoo.set_close("NVDA", date(2025, 11, 14), None)
    collected = await collect(source)
    kept = set(NOVEMBER) - {date(2025, 11, day) for day in (12, 13, 14)}
    assert set(closes_of(collected)) == kept
    assert collected.rejected == (
        "NVDA: 2025-11-09 left out: no trading day in New York",
        "NVDA: 2025-11-12 left out: the price is 0",
        "NVDA: 2025-11-13 left out: the price is -1",
        "NVDA: no price for the session of 2025-11-14",
    )


async def test_a_bar_from_the_future_is_left_out(
    source: YahooSource, yahoo: YahooEmulator, clock: SetClock
) -> None:
    clock.set(utc("2025-11-18 03:00"))
    collected = await collect(source)
    assert date(2025, 11, 18) not in closes_of(collected)


async def test_a_whole_missing_session_is_told_and_healed_by_a_later_fetch(
    source: YahooSource, yahoo: YahooEmulator, clock: SetClock
) -> None:
    price = yahoo.closes["^GSPC"][date(2025, 11, 17)]
    for symbol in ("NVDA", "^GSPC"):
        yahoo.drop_close(symbol, date(2025, 11, 17))
    collected = await collect(source, NVDA, GSPC)
    assert set(collected.rejected) == {
        "NVDA: no price for the session of 2025-11-17",
        "^GSPC: no price for the session of 2025-11-17",
    }
    yahoo.set_close("^GSPC", date(2025, 11, 17), price)
    clock.set(clock.now() + timedelta(hours=1))
    await collect(source, NVDA, known=collected.evidence)
    healed = await collect(source, NVDA, GSPC, known=collected.evidence)
    assert list(closes_of(healed, GSPC)) == [date(2025, 11, 17)]


async def test_a_split_brings_the_older_closes_along(
    source: YahooSource, yahoo: YahooEmulator, clock: SetClock
) -> None:
    known = (await collect(source)).evidence
    yahoo.set_split("NVDA", date(2025, 11, 19), 10, 1)
    yahoo.set_close("NVDA", date(2025, 11, 19), 18.65)
    clock.set(utc("2025-11-19 22:00"))
    collected = await collect(source, known=known)
    history = history_of(collected)
    assert history.splits == (Split(date(2025, 11, 19), Decimal(10)),)
    merged = known.merge(collected.evidence).of(NVDA)
    assert merged is not None
    assert merged.closes[0].price == Decimal("20.05")
    assert merged.closes[-2].price == Decimal("18.95")
    assert not (await collect(source, known=known.merge(collected.evidence))).evidence


async def test_an_uneven_split_keeps_its_exact_ratio(
    source: YahooSource, yahoo: YahooEmulator
) -> None:
    yahoo.splits = {"NVDA": {date(2025, 11, 10): (1, 3), date(2025, 11, 12): (3, 2)}}
    assert history_of(await collect(source)).splits == (
        Split(date(2025, 11, 10), Decimal(1) / Decimal(3)),
        Split(date(2025, 11, 12), Decimal("1.5")),
    )


# -- prices that do not come


async def test_an_unknown_symbol_is_unmet_alone_and_not_asked_again_the_same_day(
    source: YahooSource, yahoo: YahooEmulator, clock: SetClock
) -> None:
    lost = prices("TWTR")
    collected = await collect(source, NVDA, lost)
    assert closes_of(collected)
    assert collected.unmet == {lost: "Yahoo does not know TWTR"}
    asked = len(yahoo.paths("TWTR"))
    clock.set(clock.now() + timedelta(hours=1))
    collected = await collect(source, NVDA, lost, known=collected.evidence)
    assert collected.unmet == {lost: "Yahoo does not know TWTR"}
    assert len(yahoo.paths("TWTR")) == asked
    clock.set(clock.now() + timedelta(days=1))
    yahoo.set_close("TWTR", date(2025, 11, 19), 53.7)
    collected = await collect(source, NVDA, lost)
    assert closes_of(collected, lost)
    assert not collected.unmet


async def test_a_refusal_opens_the_circuit_and_asks_no_other_symbol(
    source: YahooSource, yahoo: YahooEmulator, clock: SetClock
) -> None:
    yahoo.answer_with(429, "Edge: Too Many Requests", where="/v8/")
    pauses = []
    for _ in range(4):
        before = len(yahoo.paths("/v8/"))
        with pytest.raises(SourceUnavailable, match=r"fewer requests \(429\)") as caught:
            await collect(source, NVDA, GSPC, prices("AAPL"), prices("MSFT"))
        # yfinance asks a second time, with another cookie.
        assert len(yahoo.paths("/v8/")) - before == 2
        assert caught.value.retry_at is not None
        pauses.append((caught.value.retry_at - clock.now()) / timedelta(minutes=1))
        clock.set(caught.value.retry_at - timedelta(minutes=1))
        with pytest.raises(SourceUnavailable):
            await collect(source)
        assert len(yahoo.paths("/v8/")) - before == 2
        clock.set(caught.value.retry_at)
    assert pauses == [15, 60, 240, 240]
    yahoo.behave()
    assert closes_of(await collect(source))


async def test_a_refusal_in_mid_batch_keeps_what_came_before_it(
    source: YahooSource, yahoo: YahooEmulator
) -> None:
    yahoo.answer_with(429, headers={"Retry-After": "5400"}, where="/v8/", after=1)
    collected = await collect(source, NVDA, GSPC, NVDA_SHARES)
    # Which of the two is asked first is up to yfinance, which puts them into a set.
    assert len(collected.evidence) == 1
    assert set(collected.unmet) == {NVDA, GSPC, NVDA_SHARES} - set(collected.evidence)
    assert not yahoo.paths("/v10/")
    with pytest.raises(SourceUnavailable) as caught:
        await collect(source, GSPC)
    assert caught.value.retry_at == AFTER_HOURS + timedelta(minutes=90)


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        (500, "", r"with an error \(500\)"),
        (502, "<html>Bad Gateway</html>", r"with an error \(502\)"),
        (200, "", "without figures"),
        (200, "{}", "without figures"),
        (200, '{"chart": {"result": [], "error": null}}', "without figures"),
        (200, "<html>Will be right back</html>", "without figures"),
    ],
)
async def test_an_answer_without_prices_is_an_error_and_never_no_change(
    source: YahooSource,
    yahoo: YahooEmulator,
    clock: SetClock,
    status: int,
    body: str,
    reason: str,
) -> None:
    known = (await collect(source)).evidence
    clock.set(clock.now() + timedelta(days=1))
    yahoo.answer_with(status, body, where="/v8/finance/chart")
    with pytest.raises(SourceUnavailable, match=reason):
        await collect(source, known=known)
    yahoo.behave()
    assert not (await collect(source, known=known)).unmet


async def test_a_cut_off_answer_for_one_symbol_leaves_the_other_alone(
    source: YahooSource, yahoo: YahooEmulator
) -> None:
    yahoo.cut_off(where="/v8/finance/chart/NVDA")
    collected = await collect(source, NVDA, GSPC)
    assert closes_of(collected, GSPC)
    assert "without figures" in collected.unmet[NVDA]


async def test_silence_ends_the_batch_after_three_tries(
    source: YahooSource, yahoo: YahooEmulator
) -> None:
    yahoo.hang(where="/v8/")
    with pytest.raises(SourceUnavailable, match="Yahoo does not answer"):
        await collect(source, NVDA, GSPC, prices("AAPL"), prices("MSFT"))
    assert len(yahoo.paths("/v8/")) == 3


async def test_prices_come_without_the_crumb(source: YahooSource, yahoo: YahooEmulator) -> None:
    yahoo.crumb_refused = 429
    assert closes_of(await collect(source))


# -- the real child process


@pytest.fixture
async def from_child(
    yahoo: YahooEmulator, clock: SetClock, hours: MarketHours, tmp_path: Path
) -> AsyncIterator[YahooSource]:
    made = YahooSource(yahoo.url, tmp_path, clock, hours, Random(0), pause=timedelta(0))
    yield made
    await made.close()


async def test_everything_comes_from_a_child_process_too(
    from_child: YahooSource, yahoo: YahooEmulator
) -> None:
    collected = await collect(from_child, NVDA, GSPC, NVDA_SHARES, SPY)
    assert len(collected.evidence) == 4
    yahoo.answer_with(429, where="/v8/")
    with pytest.raises(SourceUnavailable, match="429") as caught:
        await collect(from_child, NVDA, GSPC)
    assert caught.value.retry_at is not None


async def test_a_child_that_takes_too_long_is_killed(
    yahoo: YahooEmulator, clock: SetClock, hours: MarketHours, tmp_path: Path
) -> None:
    yahoo.hang()
    patience = timedelta(seconds=0.5)
    impatient = YahooSource(yahoo.url, tmp_path, clock, hours, Random(0), patience=patience)
    with pytest.raises(SourceUnavailable, match=r"did not answer within 0\.5 s"):
        await collect(impatient)
    await impatient.close()


def test_importing_the_source_imports_nothing_heavy() -> None:
    heavy = "{'yfinance', 'pandas', 'curl_cffi', 'numpy'}"
    code = f"import sys, alerts.sources.yahoo; print({heavy} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


async def test_dividends_come_with_the_prices_and_count_as_return(
    source: YahooSource, yahoo: YahooEmulator
) -> None:
    yahoo.dividends = {"NVDA": {date(2025, 11, 18): 19.15}}
    history = history_of(await collect(source))
    assert [(paid.session, paid.amount) for paid in history.dividends] == [
        (date(2025, 11, 18), Decimal("19.15"))
    ]
    (_, start), (close, level) = history.growth(date(2025, 11, 17))
    # 190.5 paid 19.15 and fell to 189.5: adjusted, the day's return is 189.5 / 171.35.
    assert (start, close.price) == (Decimal(1), Decimal("189.5"))
    assert round(level, 4) == round(Decimal("189.5") / Decimal("171.35"), 4)


class EnoughSeen(Exception):
    """What was to be seen has been seen."""


@pytest.mark.parametrize(("symbols", "pause"), [(1, 2.0), (20, 2.0), (40, 1.0), (400, 0.5)])
async def test_yahoo_itself_is_asked_slowly_as_long_as_a_batch_is_over_in_time(
    symbols: int, pause: float, tmp_path: Path, clock: SetClock, hours: MarketHours
) -> None:
    """CATALOGUE section 4: a request in two seconds."""
    paces: list[float] = []

    async def note_the_pace(work: object, wire: Wire, *rest: object) -> Never:
        paces.append(wire.pause)
        raise EnoughSeen

    run = cast("Run", note_the_pace)
    source = YahooSource(None, tmp_path, clock, hours, Random(0), run=run)
    with pytest.raises(EnoughSeen):
        await source.collect([prices(f"T{n}") for n in range(symbols)], Evidence())
    assert paces == [pause]
