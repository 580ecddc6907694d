"""What is written along the axes, by language."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.quantity import Unit
from bot.charts.scales import date_ticks, log_ticks, number_label, number_ticks, quarter_ticks
from bot.locales import LANGUAGES


@pytest.mark.parametrize(
    ("value", "unit", "labels"),
    [
        (5e12, Unit.USD, ("$5T", "5兆", "5万亿")),
        (4.5e12, Unit.USD, ("$4.5T", "4.5兆", "4.5万亿")),
        (9.5e11, Unit.USD, ("$950B", "9500億", "9500亿")),
        (-2.5e8, Unit.USD, ("−$250M", "−2.5億", "−2.5亿")),
        (0.0, Unit.USD, ("$0", "0", "0")),
        (0.3, Unit.FRACTION, ("30%",) * 3),
        (0.1 + 0.2, Unit.FRACTION, ("30%",) * 3),
        (-0.025, Unit.FRACTION, ("−2.5%",) * 3),
        (7500.0, Unit.POINTS, ("7,500",) * 3),
        (1.5, Unit.RATIO, ("1.5×",) * 3),
    ],
)
def test_round_numbers_are_written_short(
    value: float, unit: Unit, labels: tuple[str, str, str]
) -> None:
    assert tuple(number_label(value, unit, language) for language in LANGUAGES) == labels


@given(
    low=st.floats(-1e15, 1e15),
    span=st.floats(1e-6, 1e15),
    unit=st.sampled_from([Unit.USD, Unit.FRACTION, Unit.POINTS, Unit.RATIO]),
)
def test_ticks_lie_within_evenly_and_are_told_apart(low: float, span: float, unit: Unit) -> None:
    high = low + span
    # A span that is lost in the size of its ends has nothing to show.
    if span < abs(low) * 1e-3:
        return
    ticks = number_ticks(low, high, unit, "en")
    step = span / len(ticks) if ticks else 0
    assert 1 <= len(ticks) <= 7
    assert all(low - step / 100 <= value <= high + step / 100 for value, _ in ticks)
    labels = [label for _, label in ticks]
    if span > 1e-3:
        assert len(set(labels)) == len(labels)


def test_counts_have_whole_ticks() -> None:
    assert [label for _, label in number_ticks(0, 3, Unit.COUNT, "en")] == ["0", "1", "2", "3"]


def test_a_year_has_its_months_and_the_year_where_it_begins() -> None:
    ticks = date_ticks(date(2024, 10, 29), date(2025, 10, 29), "en")
    assert [label for _, label in ticks] == [
        "Nov\n2024",
        "Jan\n2025",
        "Mar",
        "May",
        "Jul",
        "Sep",
    ]
    assert date_ticks(date(2024, 10, 29), date(2025, 10, 29), "zh_Hant")[1][1] == "1月\n2025年"


@pytest.mark.parametrize("days", [0, 1, 6, 30, 59, 60, 61, 90, 200, 400, 800, 3000, 12000, 36000])
@pytest.mark.parametrize("language", LANGUAGES)
def test_any_span_of_days_has_a_few_ticks_in_order(days: int, language: str) -> None:
    first = date(1926, 11, 17)
    last = date.fromordinal(first.toordinal() + days)
    ticks = date_ticks(first, last, language)
    assert 1 <= len(ticks) <= 8
    assert all(first <= day <= last for day, _ in ticks)
    assert all(earlier[0] < later[0] for earlier, later in pairwise(ticks))


def test_quarters_are_numbered_and_many_of_them_are_years() -> None:
    ends = [date(2024, 12, 31), date(2025, 3, 31), date(2025, 6, 30)]
    assert [label for _, label in quarter_ticks(ends, "en")] == ["Q4\n2024", "Q1\n2025", "Q2"]
    many = [date(2015 + n // 4, 3 * (n % 4) + 3, 28) for n in range(44)]
    assert [label for _, label in quarter_ticks(many, "en")] == [
        "2015",
        "2017",
        "2019",
        "2021",
        "2023",
        "2025",
    ]


def test_a_year_of_which_only_the_end_is_there_has_no_name_under_it() -> None:
    """Oracle's quarters of 2023 but the last are missing: 2023 and 2024 would touch."""
    ends = [date(2022, 12, 31), date(2023, 12, 31)]
    ends += [date(year, month, 28) for year in (2024, 2025) for month in (3, 6, 9, 12)]
    assert [label for _, label in quarter_ticks(ends, "zh_Hant")] == ["2022年", "2024年", "2025年"]


def test_multiples_double_and_halve() -> None:
    assert [label for _, label in log_ticks(0.6, 21, "en")] == ["1×", "2×", "5×", "10×", "20×"]
