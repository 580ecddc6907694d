"""What the formulas over statements make of whole, broken and changing filings."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from alerts.evidence import Evidence, Fact
from alerts.indicators import catalogue
from alerts.indicators.accounts import Accounts
from alerts.indicators.depreciation import share_worn
from alerts.indicators.statement_lines import FOUR, REVENUE
from alerts.reading import Missing, Reading, Status
from tests.indicators.filed import evidence, facts, filed, reported

CASH, PPE = (
    "NetCashProvidedByUsedInOperatingActivities",
    "PaymentsToAcquirePropertyPlantAndEquipment",
)


def readings(key: str, known: Evidence) -> list[Reading | Missing]:
    return list(catalogue()[key].series(known))


def year_of(tag: str, value: int, year: int = 2024) -> Fact:
    return filed(tag, f"{year}-01-01", f"{year}-12-31", value, f"{year + 1}-02-05", "10-K")


def company(cash: int, capex: int, capex_tag: str = PPE) -> tuple[Fact, ...]:
    return (year_of(CASH, cash), year_of(capex_tag, capex))


def four(**changed: tuple[Fact, ...]) -> Evidence:
    rows = {ticker: company(100, 60) for ticker in FOUR} | changed
    return evidence(**{ticker: facts(*known) for ticker, known in rows.items()})


def test_a_sum_over_companies_adds_each_at_its_newest_report() -> None:
    (reading,) = readings("hyperscaler_free_cash_flow", four())
    assert isinstance(reading, Reading)
    assert reading.value == 4 * 40
    assert (reading.as_of.date(), reading.period_end) == (date(2025, 2, 5), date(2024, 12, 31))
    assert len(reading.parts) == 8


def test_r4_a_company_without_its_capex_makes_the_sum_missing_not_smaller() -> None:
    (reading,) = readings("hyperscaler_free_cash_flow", four(META=(year_of(CASH, 100),)))
    assert isinstance(reading, Missing)
    assert reading.reason == "Meta's capex for 2024-12-31 was not filed under a known tag"


def test_a_negative_capex_is_a_wrong_tag() -> None:
    (reading,) = readings("capex_to_cash_flow.META", evidence(META=facts(*company(100, -60))))
    assert isinstance(reading, Missing)
    assert "is negative" in reading.reason


def test_a_company_that_has_not_reported_for_long_is_not_carried_on() -> None:
    late = (filed(CASH, "2025-01-01", "2025-12-31", 100, "2026-02-05"),
            filed(PPE, "2025-01-01", "2025-12-31", 60, "2026-02-05"))  # fmt: skip
    known = four(MSFT=(*company(100, 60), *late))
    last = readings("hyperscaler_capex", known)[-1]
    assert isinstance(last, Missing)
    assert last.reason.startswith("no recent report of")


def test_a_report_that_repeats_what_is_known_gives_no_further_reading() -> None:
    again = filed(CASH, "2024-01-01", "2024-12-31", 100, "2025-03-01", "10-K/A")
    assert len(readings("hyperscaler_free_cash_flow", four(MSFT=(*company(100, 60), again)))) == 1


def test_a_restated_year_is_a_further_reading_from_its_filing_on() -> None:
    restated = filed(CASH, "2024-01-01", "2024-12-31", 110, "2025-03-01", "10-K/A")
    first, second = readings("hyperscaler_free_cash_flow", four(MSFT=(*company(100, 60), restated)))
    assert isinstance(first, Reading)
    assert isinstance(second, Reading)
    assert [int(first.value), int(second.value)] == [160, 170]
    assert second.as_of.date() == date(2025, 3, 1)


def test_readings_begin_where_the_watch_wants_them_and_look_back_all_the_same() -> None:
    late = (filed(CASH, "2025-01-01", "2025-03-31", 30, "2025-04-24"),
            filed(CASH, "2024-01-01", "2024-03-31", 20, "2025-04-24"),
            filed(PPE, "2025-01-01", "2025-03-31", 20, "2025-04-24"),
            filed(PPE, "2024-01-01", "2024-03-31", 10, "2025-04-24"))  # fmt: skip
    known = evidence(META=facts(*company(100, 60), *late)).since(date(2025, 4, 1))
    (reading,) = readings("hyperscaler_free_cash_flow.META", known)
    assert isinstance(reading, Reading)
    assert reading.value == (100 + 30 - 20) - (60 + 20 - 10)


def test_coreweaves_debt_under_another_tag_is_a_changed_definition_not_a_jump() -> None:
    rows = (
        filed("LongTermDebt", None, "2025-06-30", 11_051, "2025-08-13"),
        filed("DebtInstrumentCarryingAmount", None, "2025-09-30", 14_205, "2025-11-13"),
        *reported(("2025-06-30", "2025-08-13"), ("2025-09-30", "2025-11-13")),
    )
    first, second = readings("coreweave_debt", evidence(CRWV=facts(*rows)))
    assert isinstance(first, Reading)
    assert isinstance(second, Reading)
    assert (first.status, second.status) == (Status.CONFIRMED, Status.UNCONFIRMED)
    assert second.note == "definition changed: now DebtInstrumentCarryingAmount"


def test_oracles_bond_deal_is_not_its_debt() -> None:
    """`DebtInstrumentCarryingAmount` in Oracle's reports is one deal of 18 billion."""
    rows = (
        filed("NotesPayableCurrent", None, "2025-08-31", 9_079, "2025-09-10"),
        filed("LongTermNotesAndLoans", None, "2025-08-31", 82_236, "2025-09-10"),
        filed("DebtInstrumentCarryingAmount", None, "2025-08-31", 18_000, "2025-09-26"),
    )
    (reading,) = readings("hyperscaler_debt.ORCL", evidence(ORCL=facts(*rows)))
    assert isinstance(reading, Reading)
    assert reading.value == 91_315


def test_alphabets_revenue_is_found_under_the_tag_of_each_quarter() -> None:
    """It moved from one tag to another in 2025 and files old quarters under both."""
    old, new = "RevenueFromContractWithCustomerExcludingAssessedTax", "Revenues"
    rows = (
        filed(old, "2024-01-01", "2024-09-30", 253_549, "2024-10-30"),
        filed(old, "2024-01-01", "2024-12-31", 350_018, "2025-02-05", "10-K"),
        filed(old, "2025-01-01", "2025-03-31", 90_234, "2025-04-25"),
        filed(new, "2025-04-01", "2025-06-30", 96_428, "2025-07-24"),
        filed(new, "2025-07-01", "2025-09-30", 102_346, "2025-10-30"),
    )
    account = Accounts("GOOGL", facts(*rows), date(2025, 11, 30))
    total = account.trailing(REVENUE, date(2025, 9, 30))
    assert total is not None
    assert total.value == 350_018 - 253_549 + 90_234 + 96_428 + 102_346


def test_a_straight_line_with_a_half_year_convention_wears_off_exactly_once() -> None:
    for life in (Decimal(3), Decimal("5.5"), Decimal(6)):
        worn = sum(share_worn(age, life) for age in range(10))
        assert round(worn, 20) == 1
    assert share_worn(0, Decimal(3)) == Decimal("0.5") / 3


def test_with_steady_spending_the_depreciation_gap_is_nil() -> None:
    """And three years' depreciation of growing spending is more than six years'."""
    life, short = Decimal(6), Decimal(3)
    differences = [share_worn(age, short) - share_worn(age, life) for age in range(7)]
    assert abs(sum(differences, Decimal(0))) < Decimal("1e-20")
    growing = [(100 - 10 * age) * difference for age, difference in enumerate(differences)]
    assert sum(growing, Decimal(0)) > Decimal(0)
