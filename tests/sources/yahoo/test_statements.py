"""Yahoo's quarterly statements, which confirm what was filed, over the real yfinance."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal

import pytest

from alerts.clock import SetClock
from alerts.evidence import (
    CompanyFacts,
    Evidence,
    prices,
    second_statements,
    shares,
    statements,
)
from alerts.sources.yahoo import YahooSource
from alerts.sources.yahoo_statements import ASKED
from tests.emulators.yahoo import YahooEmulator
from tests.indicators.filed import facts, filed
from tests.sources.yahoo.conftest import collect

# Warnings of pandas to yfinance; not ours to mend.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

MSFT, NVDA = second_statements("MSFT"), second_statements("NVDA")
TIMESERIES = "/ws/fundamentals-timeseries"
JUNE, SEPTEMBER = date(2025, 6, 30), date(2025, 9, 30)
Lines = Mapping[str, Mapping[date, float | None]]


def whole(day: date = SEPTEMBER, changed: Mapping[str, float | None] | None = None) -> Lines:
    amounts: dict[str, float | None] = {
        "TotalDebt": 120e9,
        "OperatingCashFlow": 45e9,
        "CapitalExpenditure": -19e9,
        "FreeCashFlow": 26e9,
        "TotalRevenue": 77e9,
        **(changed or {}),
    }
    return {line: {day: amount} for line, amount in amounts.items()}


def report(
    ticker: str = "MSFT", end: str = "2025-09-30", day: str = "2025-10-29"
) -> dict[str, CompanyFacts]:
    cash = "NetCashProvidedByUsedInOperatingActivities"
    return {ticker: facts(filed(cash, "2025-07-01", end, 45_000_000_000, day))}


def after(known: dict[str, CompanyFacts], given: Evidence | None = None) -> Evidence:
    evidence = Evidence({statements(ticker): filed_ for ticker, filed_ in known.items()})
    return evidence.merge(given or Evidence())


async def test_a_quarter_is_dollars_by_yahoos_names_as_of_the_day_of_the_fetch(
    source: YahooSource, yahoo: YahooEmulator
) -> None:
    yahoo.statements = {"MSFT": whole()}
    found = (await collect(source, MSFT, known=after(report()))).evidence.of(MSFT)
    assert found is not None
    assert {fact.tag: (fact.start, fact.value) for fact in found.facts} == {
        "yahoo:TotalDebt": (None, Decimal(120_000_000_000)),
        "yahoo:OperatingCashFlow": (date(2025, 7, 1), Decimal(45_000_000_000)),
        "yahoo:CapitalExpenditure": (date(2025, 7, 1), Decimal(19_000_000_000)),
        "yahoo:TotalRevenue": (date(2025, 7, 1), Decimal(77_000_000_000)),
    }
    assert {fact.filed for fact in found.facts} == {date(2025, 11, 18)}
    assert found.facts[0].origin.url == "https://finance.yahoo.com/quote/MSFT/financials"


async def test_nothing_is_asked_before_anything_was_filed(
    source: YahooSource, yahoo: YahooEmulator
) -> None:
    yahoo.statements = {"MSFT": whole()}
    collected = await collect(source, MSFT)
    assert not collected.evidence
    assert not collected.unmet
    assert not yahoo.paths(TIMESERIES)


async def test_a_company_costs_three_requests_and_none_once_the_quarter_is_there(
    source: YahooSource, yahoo: YahooEmulator, clock: SetClock
) -> None:
    yahoo.statements = {"MSFT": whole()}
    given = (await collect(source, MSFT, known=after(report()))).evidence
    assert len(yahoo.paths(TIMESERIES)) == 3
    for _ in range(3):
        clock.set(clock.now() + timedelta(days=1))
        await collect(source, MSFT, known=after(report(), given))
    assert len(yahoo.paths(TIMESERIES)) == 3


async def test_a_filing_that_yahoo_does_not_have_is_looked_for_once_a_day_for_a_month(
    source: YahooSource, yahoo: YahooEmulator, clock: SetClock
) -> None:
    yahoo.statements = {"MSFT": whole(JUNE)}
    given = (await collect(source, MSFT, known=after(report()))).evidence
    known = after(report(), given)
    asked = len(yahoo.paths(TIMESERIES))
    await collect(source, MSFT, known=known)
    assert len(yahoo.paths(TIMESERIES)) == asked
    clock.set(clock.now() + timedelta(days=1))
    again = await collect(source, MSFT, known=known)
    assert len(yahoo.paths(TIMESERIES)) == asked + 3
    assert not again.evidence
    clock.set(clock.now() + timedelta(days=10))
    await collect(source, MSFT, known=known)
    assert len(yahoo.paths(TIMESERIES)) == asked + 3


@pytest.mark.parametrize(
    "hole", [{"OperatingCashFlow": None}, {"CapitalExpenditure": None}, {"TotalDebt": None}]
)
async def test_a_quarter_without_its_key_line_is_not_there_yet(
    source: YahooSource, yahoo: YahooEmulator, hole: dict[str, float | None]
) -> None:
    yahoo.statements = {"MSFT": whole(changed=hole)}
    collected = await collect(source, MSFT, known=after(report()))
    found = collected.evidence.of(MSFT)
    assert found is not None
    missing = {"TotalDebt"} if "TotalDebt" in hole else {"OperatingCashFlow", "CapitalExpenditure"}
    assert not {fact.tag.removeprefix("yahoo:") for fact in found.facts} & missing
    assert all(fact.value.is_finite() for fact in found.facts)


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"CapitalExpenditure": 19e9}, "its capital expenditure is an income"),
        ({"FreeCashFlow": 64e9}, "its free cash flow is not what its other lines give"),
        ({"TotalDebt": -1.0}, "an amount is negative"),
    ],
)
async def test_r4_figures_that_cannot_be_true_are_rejected_with_a_reason(
    source: YahooSource, yahoo: YahooEmulator, wrong: dict[str, float | None], reason: str
) -> None:
    yahoo.statements = {"MSFT": whole(changed=wrong)}
    collected = await collect(source, MSFT, known=after(report()))
    assert collected.rejected == (f"MSFT 2025-09-30 left out: {reason}",)


async def test_a_quarter_that_is_still_to_come_is_rejected(
    source: YahooSource, yahoo: YahooEmulator
) -> None:
    yahoo.statements = {"MSFT": whole(date(2025, 12, 31))}
    collected = await collect(source, MSFT, known=after(report()))
    assert not collected.evidence
    assert "still to come" in collected.rejected[0]


async def test_the_lines_of_an_income_statement_are_kept_and_a_missing_one_holds_nothing_up(
    source: YahooSource, yahoo: YahooEmulator
) -> None:
    day = date(2025, 10, 31)
    yahoo.statements = {"NVDA": {**whole(day), "TotalRevenue": {day: 57.006e9},
                                 "OperatingIncome": {day: 36.010e9}}}  # fmt: skip
    known = after(report("NVDA", "2025-10-26", "2025-11-18"))
    found = (await collect(source, NVDA, known=known)).evidence.of(NVDA)
    assert found is not None
    assert [f.value for f in found.facts if f.tag == "yahoo:TotalRevenue"] == [57_006_000_000]
    assert [f.value for f in found.facts if f.tag == "yahoo:OperatingIncome"] == [36_010_000_000]
    assert not [f for f in found.facts if f.tag == "yahoo:InterestExpense"]
    assert len(yahoo.paths(TIMESERIES)) == len(ASKED["NVDA"]) == 3


async def test_a_company_without_statements_is_unmet_alone_until_tomorrow(
    source: YahooSource, yahoo: YahooEmulator, clock: SetClock
) -> None:
    yahoo.answer_with(500, where=f"{TIMESERIES}/v1/finance/timeseries/MSFT")
    collected = await collect(source, MSFT, shares("GOOGL"), known=after(report()))
    assert collected.evidence.of(shares("GOOGL"))
    assert "MSFT" in collected.unmet[MSFT]
    yahoo.behave()
    asked = len(yahoo.paths(TIMESERIES))
    clock.set(clock.now() + timedelta(hours=2))
    await collect(source, MSFT, known=after(report()))
    assert len(yahoo.paths(TIMESERIES)) == asked


async def test_a_429_stops_the_rest_and_is_told(source: YahooSource, yahoo: YahooEmulator) -> None:
    yahoo.answer_with(429, where=TIMESERIES)
    known = after({**report(), **report("ORCL")})
    collected = await collect(
        source, prices("NVDA"), MSFT, second_statements("ORCL"), shares("GOOGL"), known=known
    )
    assert collected.evidence.of(prices("NVDA"))
    assert "fewer requests" in collected.unmet[MSFT]
    assert not yahoo.paths(f"{TIMESERIES}/v1/finance/timeseries/ORCL")


async def test_it_is_asked_for_the_companies_of_the_catalogue_only(source: YahooSource) -> None:
    assert source.supplies(MSFT)
    assert not source.supplies(second_statements("TSM"))
