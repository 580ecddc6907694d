"""The article's figures, recomputed from the record (issue 2, CATALOGUE section 7)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from itertools import pairwise

import pytest

from alerts.indicators import catalogue
from alerts.reading import Reading
from alerts.sources.record import Record
from tests.figures.claims import WANTED, Wanted
from tests.figures.reproduce import PAGE, find, page
from tests.figures.shared_data import shared_evidence

RECORD = Record()


def end_of(day: date) -> datetime:
    return datetime.combine(day, time(23, 59, 59), UTC)


def known_on(key: str, day: date) -> Reading:
    """The newest reading that only uses what was known by the end of that day."""
    series = catalogue()[key].series(RECORD.evidence.known_by(end_of(day)))
    reading = series[-1]
    assert isinstance(reading, Reading), reading
    return reading


def views(reading: Reading) -> Mapping[str, Decimal]:
    return {view.name: view.value for view in reading.views}


def billions(amount: str) -> Decimal:
    return Decimal(amount) * 10**9


def test_nvidia_was_worth_5_03_trillion_on_29_october_2025() -> None:
    value = known_on("nvidia_market_cap", date(2025, 10, 29)).value
    assert abs(value / billions("5030") - 1) <= Decimal("0.01")


def test_29_october_2025_is_the_first_session_beyond_five_trillion() -> None:
    caps = catalogue()["nvidia_market_cap"].series(RECORD.evidence)
    beyond = [r.period_end for r in caps if isinstance(r, Reading) and r.value >= billions("5000")]
    assert beyond[0] == date(2025, 10, 29)


def test_nvidia_had_gained_1_18_trillion_in_four_months() -> None:
    value = known_on("nvidia_market_cap_change_4m", date(2025, 10, 29)).value
    assert abs(value / billions("1180") - 1) <= Decimal("0.10")


def test_alphabet_was_worth_3_90_trillion_on_25_november_2025_counted_once() -> None:
    value = known_on("alphabet_market_cap", date(2025, 11, 25)).value
    assert abs(value / billions("3900") - 1) <= Decimal("0.01")


def test_oracle_owed_91_95_or_111_billion_depending_on_what_counts() -> None:
    oracle = known_on("oracle_debt", date(2025, 11, 30))
    assert views(oracle) == {
        "ex_lease": billions("91.315"),
        "with_finance_leases": billions("95.332"),
        "with_all_leases": billions("111.622"),
    }
    assert oracle.value == billions("95.332")
    assert oracle.definition == "with_finance_leases"
    assert oracle.period_end == date(2025, 8, 31)


def test_five_hyperscalers_owed_245_billion_as_filed_by_30_november_2025() -> None:
    total = known_on("hyperscaler_debt", date(2025, 11, 30))
    assert abs(total.value - billions("245.3")) <= billions("0.1")
    assert abs(views(total)["with_finance_leases"] - billions("318.6")) <= billions("0.1")
    assert abs(views(total)["with_all_leases"] - billions("481.3")) <= billions("0.1")


def test_the_top_five_weighed_30_42_percent_in_the_funds_own_file() -> None:
    weights = catalogue()["top5_weight"].series(RECORD.evidence)
    published = {r.period_end: r.value for r in weights if r.as_of and isinstance(r, Reading)}
    assert published[date(2025, 11, 18)] == Decimal("0.3042")
    assert published[date(2024, 12, 6)] == Decimal("0.2805")


@pytest.mark.parametrize(
    ("day", "percent"),
    [
        (date(2025, 11, 20), "-5.11"),
        (date(2022, 10, 12), "-25.4"),
        (date(2002, 10, 9), "-49.1"),
    ],
)
def test_the_index_stood_below_its_peak(day: date, percent: str) -> None:
    drawdown = known_on("sp500_drawdown", day)
    assert abs(drawdown.value * 100 - Decimal(percent)) < Decimal("0.06")


def test_a_balance_sheet_is_not_known_before_it_is_filed() -> None:
    before = known_on("oracle_debt", date(2025, 9, 9))
    after = known_on("oracle_debt", date(2025, 9, 10))
    assert before.period_end == date(2025, 5, 31)
    assert after.period_end == date(2025, 8, 31)


def test_every_row_of_the_record_names_its_source() -> None:
    for row in RECORD.rows:
        assert row.source_url.startswith("https://"), row
        assert row.as_of >= row.period_end, row


def test_the_record_has_every_month_end_from_2023_to_november_2025() -> None:
    months = {(year, month) for year in (2023, 2024, 2025) for month in range(1, 13)}
    months.discard((2025, 12))
    for key in ("nvidia_market_cap", "alphabet_market_cap", "sp500_drawdown", "top5_weight"):
        series = catalogue()[key].series(RECORD.evidence)
        found = {(r.period_end.year, r.period_end.month) for r in series if isinstance(r, Reading)}
        assert months <= found, (key, months - found)


def test_no_market_cap_of_the_record_jumps_like_a_vendors_error() -> None:
    for key in ("nvidia_market_cap", "alphabet_market_cap"):
        series = [r for r in catalogue()[key].series(RECORD.evidence) if isinstance(r, Reading)]
        for earlier, later in pairwise(series):
            assert Decimal("0.6") < later.value / earlier.value < Decimal("1.6"), later.period_end


def name(wanted: Wanted) -> str:
    return (
        f"{wanted.row}-{wanted.indicator}-{wanted.of or wanted.known_by}-{wanted.view or 'value'}"
    )


# Where ../shared/data is not beside the checkout, what needs it is not asked for.
HERE = [wanted for wanted in WANTED if not wanted.real or shared_evidence() is not None]


@pytest.mark.parametrize("wanted", HERE, ids=name)
def test_a_figure_of_the_catalogue_is_within_its_tolerance(wanted: Wanted) -> None:
    found = find(wanted)
    assert found.value is not None, found.reason
    # A row is doubted as long as it is wrong, and no longer.
    assert found.within is not wanted.doubted, found.value


def test_the_page_in_docs_is_the_table_of_today() -> None:
    if shared_evidence() is None:
        text = PAGE.read_text("utf-8")
        assert all(f"`{w.indicator}" in text for w in WANTED)
    else:
        assert PAGE.read_text("utf-8") == page([find(wanted) for wanted in WANTED])
