"""What Yahoo is asked for once a day: share counts and top holdings, over the real yfinance."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random

import pytest

from alerts.clock import SetClock
from alerts.evidence import holdings, prices, shares
from alerts.market_hours import MarketHours
from alerts.sources.yahoo import YahooSource
from tests.emulators.yahoo import Listed, YahooEmulator
from tests.sources.conftest import in_thread, utc
from tests.sources.yahoo.conftest import collect

# Warnings of pandas to yfinance; not ours to mend.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

NVDA, SPY = prices("NVDA"), holdings("SPY")
NVDA_SHARES, GOOGL_SHARES = shares("NVDA"), shares("GOOGL")


async def test_shares_are_of_the_whole_company_as_of_the_day_of_the_fetch(
    source: YahooSource, yahoo: YahooEmulator, clock: SetClock
) -> None:
    yahoo.companies = {"GOOGL": Listed(12_077_000_000, 3.9e12, 323.0)}
    clock.set(utc("2025-11-26 02:00"))
    answer = (await collect(source, GOOGL_SHARES)).evidence.of(GOOGL_SHARES)
    assert answer is not None
    (count,) = answer.counts
    assert count.shares == Decimal(12_077_000_000)
    assert count.as_of == date(2025, 11, 25)
    assert count.origin.url == "https://finance.yahoo.com/quote/GOOGL/key-statistics"


async def test_without_a_share_count_it_is_market_capitalisation_by_price(
    source: YahooSource, yahoo: YahooEmulator
) -> None:
    yahoo.companies = {"NVDA": Listed(None, market_cap=4_860_000_000_000, price=200.0)}
    answer = (await collect(source, NVDA_SHARES)).evidence.of(NVDA_SHARES)
    assert answer is not None
    assert answer.counts[0].shares == Decimal(24_300_000_000)


async def test_shares_are_asked_for_once_a_day_even_after_a_restart(
    source: YahooSource, yahoo: YahooEmulator, clock: SetClock, hours: MarketHours, tmp_path: Path
) -> None:
    known = (await collect(source, NVDA_SHARES)).evidence
    asked = len(yahoo.paths("/v10/"))
    assert not (await collect(source, NVDA_SHARES, known=known)).evidence
    restarted = YahooSource(yahoo.url, tmp_path, clock, hours, Random(0), run=in_thread)
    assert not (await collect(restarted, NVDA_SHARES, known=known)).unmet
    assert len(yahoo.paths("/v10/")) == asked
    clock.set(clock.now() + timedelta(days=1))
    assert (await collect(source, NVDA_SHARES, known=known)).evidence


@pytest.mark.parametrize(
    ("company", "reason"),
    [
        (Listed(5_186_000_000, currency="TWD"), "in TWD instead of USD"),
        (Listed(5_186_000_000, financial_currency="TWD"), "books are in TWD"),
        (Listed(25_930_000_000, 2_084_000_000_000, 402.0, financial_currency="TWD"), "contradict"),
        (Listed(5_186_000_000, currency=None), "in no currency instead of USD"),
        (Listed(5_186_000_000, quote_type="ETF"), "lists it as ETF, not as a company"),
        (Listed(None), "neither a share count nor a market capitalisation"),
        (Listed(-1.0, market_cap=0.0, price=10.0), "neither a share count nor"),
        (Listed(2.26e9, market_cap=2.66e12, price=1000.0), "contradict"),
    ],
)
async def test_figures_that_cannot_be_trusted_are_rejected(
    source: YahooSource, yahoo: YahooEmulator, company: Listed, reason: str
) -> None:
    yahoo.companies = {"NVDA": company}
    collected = await collect(source, NVDA, NVDA_SHARES)
    assert collected.evidence.of(NVDA_SHARES) is None
    assert reason in collected.unmet[NVDA_SHARES]
    assert reason in collected.rejected[0]


async def test_receipts_of_a_company_with_foreign_books_are_counted_when_three_figures_agree(
    source: YahooSource, yahoo: YahooEmulator
) -> None:
    """TSM's figures of 2026-07-30: 5.19 billion receipts of five shares each, in dollars."""
    yahoo.companies = {
        "TSM": Listed(5_186_000_000, 2_084_000_000_000, 402.0, financial_currency="TWD")
    }
    answer = (await collect(source, shares("TSM"))).evidence.of(shares("TSM"))
    assert answer is not None
    assert answer.counts[0].shares == Decimal(5_186_000_000)


async def test_an_unknown_company_is_unmet_alone(source: YahooSource) -> None:
    collected = await collect(source, NVDA_SHARES, shares("NOPE"))
    assert collected.evidence.of(NVDA_SHARES) is not None
    assert collected.unmet == {shares("NOPE"): "Yahoo does not know NOPE"}


@pytest.mark.parametrize("status", [200, 429])
async def test_a_refused_crumb_stops_share_counts_but_not_prices(
    source: YahooSource, yahoo: YahooEmulator, clock: SetClock, status: int
) -> None:
    yahoo.crumb_refused = status
    collected = await collect(source, NVDA, NVDA_SHARES, GOOGL_SHARES)
    known = collected.evidence
    assert known.of(NVDA)
    assert set(collected.unmet) == {NVDA_SHARES, GOOGL_SHARES}
    assert "fewer requests" in collected.unmet[GOOGL_SHARES]
    assert not yahoo.paths("/v10/finance/quoteSummary/GOOGL")
    asked = len(yahoo.paths("/v10/"))
    clock.set(clock.now() + timedelta(minutes=14))
    collected = await collect(source, NVDA, NVDA_SHARES, GOOGL_SHARES, known=known)
    assert len(yahoo.paths("/v10/")) == asked
    assert set(collected.unmet) == {NVDA_SHARES, GOOGL_SHARES}
    yahoo.crumb_refused = None
    clock.set(clock.now() + timedelta(hours=1))
    collected = await collect(source, NVDA, NVDA_SHARES, GOOGL_SHARES, known=known)
    assert not collected.unmet


async def test_a_server_error_is_not_remembered_by_yfinance(
    source: YahooSource, yahoo: YahooEmulator, clock: SetClock
) -> None:
    yahoo.answer_with(500, where="/ws/fundamentals-timeseries")
    assert NVDA_SHARES in (await collect(source, NVDA_SHARES)).unmet
    yahoo.behave()
    clock.set(clock.now() + timedelta(hours=1))
    assert (await collect(source, NVDA_SHARES)).evidence


# -- top holdings


async def test_top_holdings_are_undated_and_carry_the_day_of_the_fetch(
    source: YahooSource, yahoo: YahooEmulator
) -> None:
    collected = await collect(source, SPY)
    answer = collected.evidence.of(SPY)
    assert answer is not None
    (day,) = answer.days
    assert (day.as_of, day.dated, day.estimate) == (date(2025, 11, 18), False, False)
    assert day.fractions == {
        "NVDA": Decimal("0.0782"),
        "AAPL": Decimal("0.0702"),
        "GOOGL": Decimal("0.0292"),
    }
    asked = len(yahoo.paths("/v10/"))
    await collect(source, SPY, known=collected.evidence)
    assert len(yahoo.paths("/v10/")) == asked


@pytest.mark.parametrize("fund", [{}, {"NVDA": 7.82, "AAPL": 7.02}, {"NVDA": 0.8, "AAPL": 0.7}])
async def test_top_holdings_that_are_no_fractions_are_rejected(
    source: YahooSource, yahoo: YahooEmulator, fund: dict[str, float]
) -> None:
    yahoo.funds = {"SPY": fund}
    collected = await collect(source, SPY)
    assert not collected.evidence
    assert "makes no sense" in collected.unmet[SPY]


async def test_it_supplies_prices_shares_and_one_fund(source: YahooSource) -> None:
    assert source.supplies(prices("^GSPC"))
    assert source.supplies(NVDA_SHARES)
    assert source.supplies(SPY)
    assert not source.supplies(holdings("IVV"))
