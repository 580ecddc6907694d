"""Quarters, years and twelve months out of filings (CATALOGUE 3.3), trap by trap."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from alerts.evidence import CompanyFacts, Fact, Origin
from alerts.filings import Timeline
from alerts.indicators import filing_tags
from alerts.indicators.accounts import Accounts
from alerts.indicators.statement_lines import CAPEX, NET_INCOME, REVENUE, Line
from alerts.sources.sec import read_company_facts
from tests.figures.shared_data import FOLDER
from tests.indicators.filed import LATE, facts, filed

# A year's cash flow as it is filed: from the year's beginning only, the last quarter never alone.
YEAR = (
    filed("Spent", "2024-01-01", "2024-03-31", 10, "2024-04-25"),
    filed("Spent", "2024-01-01", "2024-06-30", 22, "2024-07-25"),
    filed("Spent", "2024-01-01", "2024-09-30", 36, "2024-10-30"),
    filed("Spent", "2024-01-01", "2024-12-31", 52, "2025-02-05", "10-K"),
)
SPENT = Line("spending", (("us-gaap:Spent",), ("us-gaap:SpentOtherwise",)))


def quarter(timeline: Timeline, end: str, on: date = LATE) -> int | None:
    found = timeline.quarter(date.fromisoformat(end), on)
    return None if found is None else int(found.value)


@pytest.mark.parametrize(
    ("end", "amount"),
    [("2024-03-31", 10), ("2024-06-30", 12), ("2024-09-30", 14), ("2024-12-31", 16)],
)
def test_a_quarter_is_the_longer_period_less_the_next_shorter(end: str, amount: int) -> None:
    assert quarter(Timeline(YEAR), end) == amount


def test_a_quarter_that_was_filed_alone_is_taken_as_filed() -> None:
    alone = filed("Spent", "2024-04-01", "2024-06-30", 13, "2024-07-25")
    assert quarter(Timeline((*YEAR, alone)), "2024-06-30") == 13


def test_without_the_nine_months_the_last_quarter_is_not_the_half_year() -> None:
    assert quarter(Timeline((YEAR[0], YEAR[1], YEAR[3])), "2024-12-31") is None


def test_years_of_52_and_53_weeks_have_quarters_too() -> None:
    weeks = (
        filed("Spent", "2022-01-31", "2022-10-30", 300, "2022-11-18"),
        filed("Spent", "2022-01-31", "2023-01-29", 420, "2023-02-24"),
        filed("Spent", "2020-01-27", "2020-10-25", 300, "2020-11-19"),
        filed("Spent", "2020-01-27", "2021-01-31", 450, "2021-02-26"),
    )
    assert quarter(Timeline(weeks), "2023-01-29") == 120
    assert quarter(Timeline(weeks), "2021-01-31") == 150


def test_of_several_filings_of_a_period_the_newest_known_by_the_day_counts() -> None:
    restated = filed("Spent", "2024-01-01", "2024-03-31", 11, "2025-04-24")
    timeline = Timeline((*YEAR, restated))
    assert quarter(timeline, "2024-03-31", date(2025, 4, 23)) == 10
    assert quarter(timeline, "2024-03-31", date(2025, 4, 24)) == 11
    assert quarter(timeline, "2024-03-31", date(2024, 4, 24)) is None


def test_amounts_in_other_units_are_no_dollars() -> None:
    per_share = replace(YEAR[0], unit="USD/shares")
    assert quarter(Timeline((per_share,)), "2024-03-31") is None


def books(*rows: Fact) -> Accounts:
    return Accounts("MSFT", facts(*rows), LATE)


def test_twelve_months_are_four_quarters_whichever_tag_each_is_under() -> None:
    switched = filed("SpentOtherwise", "2025-01-01", "2025-03-31", 20, "2025-04-24")
    total = books(*YEAR, switched).trailing(SPENT, date(2025, 3, 31))
    assert total is not None
    assert total.value == 12 + 14 + 16 + 20
    assert total.tags == ("us-gaap:SpentOtherwise", "us-gaap:Spent")


def test_no_quarter_is_worked_out_across_two_tags() -> None:
    half = filed("SpentOtherwise", "2025-01-01", "2025-06-30", 45, "2025-07-24")
    first = filed("Spent", "2025-01-01", "2025-03-31", 20, "2025-04-24")
    account = books(*YEAR, first, half)
    assert account.quarter(SPENT, date(2025, 6, 30)) is None
    assert account.trailing(SPENT, date(2025, 6, 30)) is None


def test_a_missing_quarter_is_bridged_by_the_year_and_the_same_months_before() -> None:
    rows = (
        filed("Spent", "2023-06-01", "2023-08-31", 13, "2023-09-12"),
        filed("Spent", "2023-06-01", "2024-05-31", 68, "2024-06-20", "10-K"),
        filed("Spent", "2024-06-01", "2024-08-31", 23, "2024-09-10"),
    )
    total = books(*rows).trailing(SPENT, date(2024, 8, 31))
    assert total is not None
    assert total.value == 68 - 13 + 23


def test_twelve_months_with_a_hole_are_missing_not_smaller() -> None:
    assert books(YEAR[0], YEAR[1]).trailing(SPENT, date(2024, 6, 30)) is None


def test_a_line_of_two_tags_needs_both() -> None:
    both = Line("both", (("us-gaap:Spent", "us-gaap:SpentOtherwise"),))
    other = filed("SpentOtherwise", "2024-01-01", "2024-03-31", 5, "2024-04-25")
    assert books(YEAR[0]).quarter(both, date(2024, 3, 31)) is None
    found = books(YEAR[0], other).quarter(both, date(2024, 3, 31))
    assert found is not None
    assert found.value == 15


def test_amazon_and_nvidia_buy_under_another_tag_than_the_rest() -> None:
    assert CAPEX.groups("AMZN")[0] == ("us-gaap:PaymentsToAcquireProductiveAssets",)
    assert CAPEX.groups("MSFT")[0] == ("us-gaap:PaymentsToAcquirePropertyPlantAndEquipment",)


needs_facts = pytest.mark.skipif(not FOLDER.exists(), reason="../shared/data is not here")


def nvidia() -> CompanyFacts:
    body = (FOLDER / "companyfacts_CIK0001045810_as_of_2025-11-30.json").read_bytes()
    origin = Origin("sec", "https://example.org", datetime(2025, 11, 30, tzinfo=UTC))
    found = read_company_facts(body, 1045810, filing_tags(), origin, date(2025, 11, 30))
    return CompanyFacts(()).merge(CompanyFacts(found.facts))


@needs_facts
def test_four_quarters_of_nvidia_are_its_year_in_every_year_since_2010() -> None:
    """Σ4q = FY, for revenue, income and capex."""
    known = nvidia()
    checked = 0
    for line in (REVENUE, NET_INCOME, CAPEX):
        for group in line.groups("NVDA"):
            for year in range(2010, 2026):
                account = Accounts("NVDA", known, LATE)
                for end in known.timeline(group[0]).near(date(year, 1, 28), timedelta(days=6)):
                    whole = known.timeline(group[0]).year(end, LATE)
                    total = account.trailing(line, end)
                    if whole is not None and total is not None:
                        assert abs(total.value - whole.value) <= Decimal(10**6), (group, end)
                        checked += 1
    assert checked > 40
