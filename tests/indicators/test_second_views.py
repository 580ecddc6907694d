"""What Yahoo's statements say of filed figures: they confirm, they contradict, they wait (R3)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from alerts.evidence import CompanyFacts, Evidence, Fact, Origin, second_statements, statements
from alerts.indicators import catalogue
from alerts.indicators.second_view import LOOKED_UP
from alerts.indicators.statement_lines import FIVE, FOUR
from alerts.reading import Reading, Status
from alerts.sources.yahoo_statements import ASKED
from tests.indicators.filed import facts, filed

CASH, PPE, BOUGHT = (
    "NetCashProvidedByUsedInOperatingActivities",
    "PaymentsToAcquirePropertyPlantAndEquipment",
    "PaymentsToAcquireProductiveAssets",
)
QUARTERS = (("01-01", "03-31"), ("04-01", "06-30"), ("07-01", "09-30"), ("10-01", "12-31"))
FETCHED = date(2025, 2, 20)


def given(tag: str, start: str | None, end: str, value: int) -> Fact:
    """A figure of Yahoo's."""
    origin = Origin("yahoo", "https://example.org/financials", datetime(2025, 2, 20, tzinfo=UTC))
    fact = filed("", start, end, value, "2025-02-20")
    return replace(fact, tag=f"yahoo:{tag}", filed=FETCHED, form="", accession="", origin=origin)


def flows(cash: int, capex: int) -> CompanyFacts:
    """Four quarters of 2024 that add up to these."""
    return facts(
        *(
            given(tag, f"2024-{start}", f"2024-{end}", value // 4)
            for start, end in QUARTERS
            for tag, value in (("OperatingCashFlow", cash), ("CapitalExpenditure", capex))
        )
    )


def report(ticker: str, cash: int, capex: int) -> CompanyFacts:
    tag = BOUGHT if ticker == "AMZN" else PPE
    year = ("2024-01-01", "2024-12-31")
    return facts(filed(CASH, *year, cash, "2025-02-05"), filed(tag, *year, capex, "2025-02-05"))


def five(**second: CompanyFacts | None) -> Evidence:
    """Each filed 400 of cash flow and 200 of capex; Yahoo agrees unless `second` says otherwise."""
    others = dict.fromkeys(FIVE, flows(400, 200)) | second
    filed_ = Evidence({statements(ticker): report(ticker, 400, 200) for ticker in FIVE})
    return filed_.merge(
        Evidence({second_statements(t): other for t, other in others.items() if other})
    )


def last(key: str, evidence: Evidence) -> Reading:
    reading = catalogue()[key].series(evidence)[-1]
    assert isinstance(reading, Reading), reading
    return reading


CASH_KEYS = ("hyperscaler_capex_with_oracle", "hyperscaler_free_cash_flow", "capex_to_cash_flow")


@pytest.mark.parametrize("key", CASH_KEYS)
def test_filed_cash_flows_that_yahoo_has_too_are_confirmed_by_it(key: str) -> None:
    assert last(key, five()).confirmed_by == "yahoo"
    near = last(key, five(MSFT=flows(416, 192)))
    assert (near.confirmed_by, near.note) == ("yahoo", None)
    assert near.value == last(key, five()).value


def test_the_growth_of_a_calendar_year_is_confirmed_by_the_year_that_yahoo_has() -> None:
    before = {
        ticker: facts(
            *report(ticker, 400, 200).facts,
            *(filed(tag, "2023-01-01", "2023-12-31", 100, "2024-02-05")
              for tag in (CASH, BOUGHT if ticker == "AMZN" else PPE)),
        )
        for ticker in FIVE
    }  # fmt: skip
    known = five().merge(Evidence({statements(t): one for t, one in before.items()}))
    reading = last("hyperscaler_capex_growth", known)
    assert (int(reading.value), reading.confirmed_by) == (1, "yahoo")
    other = known.merge(Evidence({second_statements("META"): flows(400, 240)}))
    assert last("hyperscaler_capex_growth", other).confirmed_by is None


def income(ticker: str, *lines: tuple[str, str, int]) -> Evidence:
    """A year of lines as filed, by their tags, and the same in quarters by Yahoo's names."""
    year = ("2024-01-01", "2024-12-31")
    rows = [filed(CASH, *year, 400, "2025-02-05")]
    rows += [filed(tag, *year, value, "2025-02-05") for tag, _, value in lines]
    second = [
        given(tag, f"2024-{start}", f"2024-{end}", value // 4)
        for start, end in QUARTERS
        for tag, value in (("OperatingCashFlow", 400), *((name, v) for _, name, v in lines))
    ]
    return Evidence({statements(ticker): facts(*rows), second_statements(ticker): facts(*second)})


def test_oracles_income_and_interest_are_confirmed_by_yahoo() -> None:
    operating = ("OperatingIncomeLoss", "OperatingIncome", 200)
    reading = last(
        "oracle_interest_coverage",
        income("ORCL", operating, ("InterestExpense", "InterestExpense", 40)),
    )
    assert (int(reading.value), reading.confirmed_by) == (5, "yahoo")


def test_the_growth_of_operating_income_is_confirmed_by_the_twelve_months_that_yahoo_has() -> None:
    known = Evidence({})
    for ticker in FOUR:
        one = income(ticker, ("OperatingIncomeLoss", "OperatingIncome", 200))
        earlier = facts(
            filed(CASH, "2023-01-01", "2023-12-31", 400, "2024-02-05"),
            filed("OperatingIncomeLoss", "2023-01-01", "2023-12-31", 100, "2024-02-05"),
        )
        known = known.merge(one).merge(Evidence({statements(ticker): earlier}))
    reading = last("hyperscaler_operating_income_growth", known)
    assert (int(reading.value), reading.confirmed_by) == (1, "yahoo")


def test_nvidias_margin_and_its_stocks_are_confirmed_by_yahoo() -> None:
    quarter, end = ("2025-07-28", "2025-10-26"), "2025-10-26"
    month = ("2025-08-01", "2025-10-31")
    filed_ = facts(
        filed(CASH, *quarter, 20, "2025-11-19"),
        filed("Revenues", *quarter, 50, "2025-11-19"),
        filed("GrossProfit", *quarter, 40, "2025-11-19"),
        filed("CostOfRevenue", *quarter, 10, "2025-11-19"),
        filed("AccountsReceivableNetCurrent", None, end, 30, "2025-11-19"),
        filed("InventoryNet", None, end, 20, "2025-11-19"),
    )
    second = facts(
        given("OperatingCashFlow", *month, 20),
        given("TotalRevenue", *month, 50),
        given("GrossProfit", *month, 40),
        given("CostOfRevenue", *month, 10),
        given("AccountsReceivable", None, "2025-10-31", 30),
        given("Inventory", None, "2025-10-31", 20),
    )
    known = Evidence({statements("NVDA"): filed_, second_statements("NVDA"): second})
    for key in ("nvidia_gross_margin", "nvidia_receivable_inventory_days"):
        assert last(key, known).confirmed_by == "yahoo", key


def test_coreweaves_interest_and_revenue_are_confirmed_by_yahoo() -> None:
    quarter = ("2025-07-01", "2025-09-30")
    revenue = "RevenueFromContractWithCustomerExcludingAssessedTax"
    filed_ = facts(
        filed(CASH, *quarter, 20, "2025-11-13"),
        filed(revenue, *quarter, 100, "2025-11-13"),
        filed("InterestExpenseDebt", *quarter, 20, "2025-11-13"),
    )
    second = facts(
        given("OperatingCashFlow", *quarter, 20),
        given("TotalRevenue", *quarter, 100),
        given("InterestExpense", *quarter, 23),
    )
    known = Evidence({statements("CRWV"): filed_, second_statements("CRWV"): second})
    reading = last("coreweave_interest_to_revenue", known)
    assert (reading.value, reading.confirmed_by) == (Decimal("0.2"), None)
    assert reading.note == "CRWV interest: sec and yahoo differ by 15.0%"


def test_a_part_that_differs_is_told_and_holds_nothing_up() -> None:
    reading = last("hyperscaler_capex_with_oracle", five(MSFT=flows(400, 240)))
    assert (reading.status, reading.confirmed_by) == (Status.CONFIRMED, None)
    assert reading.note == "MSFT capex: sec and yahoo differ by 20.0%"
    assert reading.value == 1000


def test_errors_that_cancel_out_in_the_sum_confirm_nothing() -> None:
    opposite = five(MSFT=flows(400, 240), META=flows(400, 160))
    assert last("hyperscaler_capex_with_oracle", opposite).confirmed_by is None


@pytest.mark.parametrize(
    "second", [None, facts(), flows(400, 200).known_by(datetime(2024, 1, 1, tzinfo=UTC))]
)
def test_what_yahoo_does_not_have_yet_says_nothing_either_way(second: CompanyFacts | None) -> None:
    reading = last("hyperscaler_capex_with_oracle", five(ORCL=second))
    assert (reading.status, reading.confirmed_by, reading.note) == (Status.CONFIRMED, None, None)


def test_yahoos_older_quarter_does_not_confirm_a_newer_report() -> None:
    quarters = (
        filed(tag, f"{year}-01-01", f"{year}-03-31", amount, "2025-04-24")
        for year in (2024, 2025)
        for tag, amount in ((CASH, 100), (PPE, 50))
    )
    known = five().merge(Evidence({statements("META"): facts(*quarters)}))
    older, newest = (
        one
        for one in catalogue()["capex_to_cash_flow.META"].series(known)
        if isinstance(one, Reading)
    )
    assert (older.confirmed_by, newest.confirmed_by) == ("yahoo", None)


def test_on_an_earlier_day_nothing_was_confirmed_yet() -> None:
    earlier = five().known_by(datetime(2025, 2, 10, tzinfo=UTC))
    assert last("hyperscaler_capex_with_oracle", earlier).confirmed_by is None


def oracle(total_debt: int | None, *, end: str = "2025-08-31", leases: bool = True) -> Evidence:
    rows = [
        filed("NotesPayableCurrent", None, "2025-08-31", 9_000, "2025-09-10"),
        filed("LongTermNotesAndLoans", None, "2025-08-31", 82_000, "2025-09-10"),
    ]
    if leases:
        rows += [
            filed("FinanceLeaseLiability", None, "2025-08-31", 4_000, "2025-09-10"),
            filed("OperatingLeaseLiability", None, "2025-08-31", 16_000, "2025-09-10"),
        ]
    known = Evidence({statements("ORCL"): facts(*rows)})
    if total_debt is None:
        return known
    second = facts(given("TotalDebt", None, end, total_debt))
    return known.merge(Evidence({second_statements("ORCL"): second}))


def test_debt_is_compared_under_the_definition_that_yahoo_counts() -> None:
    """Yahoo's total debt holds all leases: 111, not the 95 that the indicator shows."""
    reading = last("oracle_debt", oracle(112_000))
    assert (int(reading.value), reading.confirmed_by) == (95_000, "yahoo, with all leases")
    reading = last("oracle_debt", oracle(95_000))
    assert reading.confirmed_by is None
    assert reading.note == "Oracle: sec and yahoo differ by 14.4%"
    assert reading.status is Status.CONFIRMED


@pytest.mark.parametrize(
    "known", [oracle(None), oracle(111_000, end="2025-05-31")], ids=["nothing", "another day"]
)
def test_debt_of_another_day_confirms_nothing(known: Evidence) -> None:
    reading = last("oracle_debt", known)
    assert (reading.confirmed_by, reading.note) == (None, None)


def test_debt_without_tagged_leases_cannot_be_compared() -> None:
    reading = last("hyperscaler_debt.ORCL", oracle(91_000, leases=False))
    assert (int(reading.value), reading.confirmed_by, reading.note) == (91_000, None, None)


def test_nvidias_quarter_that_ends_on_a_sunday_is_yahoos_month() -> None:
    quarter = ("2025-07-28", "2025-10-26")
    known = Evidence(
        {
            statements("NVDA"): facts(
                filed(CASH, *quarter, 20, "2025-11-19"),
                filed("Revenues", *quarter, 57, "2025-11-19"),
            ),
            second_statements("NVDA"): facts(
                given("OperatingCashFlow", "2025-08-01", "2025-10-31", 20),
                given("TotalRevenue", "2025-08-01", "2025-10-31", 57),
            ),
        }
    )
    assert last("nvidia_quarterly_revenue", known).confirmed_by == "yahoo"


def test_yahoo_is_asked_for_the_companies_that_it_confirms() -> None:
    assert set(LOOKED_UP) == set(ASKED)
    asked = {n.subject for i in catalogue().values() for n in i.seconds
             if n.kind == "second_statements"}  # fmt: skip
    assert asked == set(ASKED)


def test_a_value_needs_no_second_source() -> None:
    for indicator in catalogue().values():
        assert not {n for n in indicator.needs if n.kind == "second_statements"}
    assert last("hyperscaler_capex_with_oracle", five(**dict.fromkeys(FIVE))).value == Decimal(1000)
