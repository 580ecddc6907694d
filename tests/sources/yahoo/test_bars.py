"""What single bars are worth, where yfinance would not let them through, or not so easily."""

from __future__ import annotations

import math
from datetime import date
from decimal import Decimal

from alerts.evidence import Close, Dividend, Origin, PriceHistory, Split
from alerts.market_hours import MarketHours
from alerts.sources.yahoo_bars import read_bars, to_decimal, what_is_new
from tests.sources.conftest import utc

NOW = utc("2025-11-18 12:00")
ORIGIN = Origin("yahoo", "https://finance.yahoo.com/quote/NVDA/history", NOW)
MONDAY = Close(date(2025, 11, 17), utc("2025-11-17 21:00"), Decimal("186.6"), ORIGIN)


def test_bars_and_splits_from_the_future_are_left_out(hours: MarketHours) -> None:
    bars = ((date(2025, 11, 17), 186.6), (date(2025, 11, 18), 186.6), (date(2025, 11, 19), 186.6))
    splits = ((date(2025, 11, 17), 10.0), (date(2025, 11, 19), 2.0))
    history, complaints = read_bars(bars, splits, (), NOW, hours, ORIGIN)
    assert history.closes == (MONDAY,)
    assert history.splits == (Split(date(2025, 11, 17), Decimal(10)),)
    assert complaints == [
        "2025-11-18 left out: New York has not opened yet",
        "2025-11-19 left out: still to come",
    ]


def test_infinite_prices_and_impossible_ratios_are_left_out(hours: MarketHours) -> None:
    bars = ((date(2025, 11, 14), math.inf), (date(2025, 11, 17), math.nan))
    splits = ((date(2025, 11, 14), -2.0), (date(2025, 11, 17), math.inf))
    history, complaints = read_bars(bars, splits, (), NOW, hours, ORIGIN)
    assert history == PriceHistory((), ())
    assert complaints == [
        "2025-11-14 left out: the price is inf",
        "2025-11-17 left out: the price is nan",
        "the split of 2025-11-14 left out: its ratio is -2",
        "the split of 2025-11-17 left out: its ratio is inf",
    ]


def test_many_days_with_one_fault_are_one_complaint(hours: MarketHours) -> None:
    bars = [(date(2025, 11, day), 186.6) for day in (1, 2, 3, 8, 9, 15, 16)]
    _, complaints = read_bars(bars, (), (), NOW, hours, ORIGIN)
    saturdays_and_sundays, missing = complaints
    assert saturdays_and_sundays.startswith("2025-11-01, 2025-11-02, 2025-11-08 and 3 more left")
    assert missing == "no price for the session of 2025-11-04, 2025-11-05, 2025-11-06 and 7 more"


def test_a_price_that_yahoo_already_had_adjusted_survives_the_news_of_its_split() -> None:
    known = PriceHistory((MONDAY,))
    fetched = PriceHistory((MONDAY,), (Split(date(2025, 11, 18), Decimal(10)),))
    news = what_is_new(fetched, known)
    assert news is not None
    assert known.merge(news).closes == (MONDAY,)


def test_figures_of_another_source_are_replaced_by_our_own() -> None:
    recorded = Close(MONDAY.session, MONDAY.at, MONDAY.price, Origin("record", "https://x", NOW))
    fetched = PriceHistory((MONDAY,))
    assert what_is_new(fetched, PriceHistory((recorded,))) == fetched
    assert what_is_new(fetched, fetched) is None


def test_floats_become_the_decimals_that_people_read() -> None:
    assert to_decimal(181.36000061035156) == Decimal("181.360001")
    assert to_decimal(6840.2) == Decimal("6840.2")
    assert to_decimal(24_300_000_000.0) == Decimal(24_300_000_000)
    assert to_decimal(1e-7) == 0
    assert to_decimal(5.03e22) == Decimal("5.03e22")


def test_dividends_of_tomorrow_and_of_nothing_are_left_out(hours: MarketHours) -> None:
    bars = ((date(2025, 11, 17), 186.6),)
    paid = ((date(2025, 11, 17), 0.01), (date(2025, 11, 14), math.nan), (date(2025, 11, 19), 1.0))
    history, complaints = read_bars(bars, (), paid, NOW, hours, ORIGIN)
    assert history.dividends == (Dividend(date(2025, 11, 17), Decimal("0.01")),)
    assert complaints == ["the dividend of 2025-11-14 left out: it is nan"]


def test_a_dividend_that_is_not_known_yet_is_new(hours: MarketHours) -> None:
    known = PriceHistory((MONDAY,))
    paid = Dividend(date(2025, 11, 17), Decimal("0.01"))
    assert what_is_new(PriceHistory((MONDAY,), (), (paid,)), known) == PriceHistory((), (), (paid,))
    assert what_is_new(PriceHistory((MONDAY,), (), (paid,)), known.merge(
        PriceHistory((), (), (paid,)))) is None  # fmt: skip
