"""Measures over windows (RULES.md R6, R28)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from alerts.measures import VALUE, Measure, MeasureKind, Point, Window, compute
from alerts.quantity import Unit

DAY = timedelta(days=1)
GAP = timedelta(days=8)
QUARTER_GAP = timedelta(days=135)


def on(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}T21:00:00").replace(tzinfo=UTC)


def points(*pairs: tuple[str, int | str]) -> list[Point]:
    return [Point(on(day), Decimal(value)) for day, value in pairs]


def daily(last: str, values: list[int]) -> list[Point]:
    end = on(last)
    ago = range(len(values) - 1, -1, -1)
    return [Point(end - n * DAY, Decimal(v)) for n, v in zip(ago, values, strict=True)]


def measure(words: str) -> Measure:
    kind, _, window = words.partition(" ")
    return Measure(MeasureKind(kind), Window.parse(window) if window else None)


def result(words: str, history: list[Point], gap: timedelta = GAP) -> Decimal | None:
    return compute(measure(words), history, gap)


def test_r6_the_value_is_the_last_value() -> None:
    history = points(("2025-11-03", 5), ("2025-11-04", 7))
    assert compute(VALUE, history, GAP) == 7
    assert compute(VALUE, [], GAP) is None


@pytest.mark.parametrize(
    ("words", "values", "expected"),
    [
        ("change 3d", [50, 10, 20, 30, 25], "15"),
        ("percent_change 3d", [50, 10, 20, 30, 25], "1.5"),
        ("drawdown 3d", [50, 10, 20, 40, 30], "-0.25"),
        ("drawdown all", [50, 10, 20, 40, 30], "-0.4"),
        ("drawdown all", [10, 20, 30], "0"),
        ("percentile 4d", [99, 10, 20, 40, 30], "75"),
        ("percentile 4d", [99, 10, 20, 30, 40], "100"),
        ("percentile 4d", [99, 40, 30, 20, 10], "25"),
        ("high 4d", [99, 10, 20, 30, 40], "1"),
        ("high 4d", [99, 10, 20, 40, 40], "0"),
        ("low 4d", [1, 40, 30, 20, 10], "1"),
        ("low 4d", [1, 40, 30, 10, 10], "0"),
        ("change all", [50, 10, 25], "-25"),
        ("percent_change all", [50, 10, 25], "-0.5"),
    ],
)
def test_r6_measures_of_five_days(words: str, values: list[int], expected: str) -> None:
    """The first value lies before or at the window's start: it is no part of the extremes."""
    assert result(words, daily("2025-11-07", values)) == Decimal(expected)


@pytest.mark.parametrize("words", ["change 30d", "change 4mo", "change 1y"])
def test_r6_a_change_is_from_the_last_value_not_after_the_windows_start(words: str) -> None:
    start = {"change 30d": "2025-10-29", "change 4mo": "2025-07-28", "change 1y": "2024-11-28"}
    friday_before = points((start[words], 100))[0].as_of - 3 * DAY
    history = [Point(friday_before, Decimal(100)), *points(("2025-11-28", 130))]
    assert result(words, history) == 30


@pytest.mark.parametrize(
    ("end", "window", "start"),
    [
        ("2025-06-30", "4mo", "2025-02-28"),
        ("2024-06-30", "4mo", "2024-02-29"),
        ("2025-03-31", "1mo", "2025-02-28"),
        ("2024-02-29", "1y", "2023-02-28"),
        ("2025-11-30", "30d", "2025-10-31"),
        ("2025-11-30", "2w", "2025-11-16"),
    ],
)
def test_r6_windows_end_where_months_end(end: str, window: str, start: str) -> None:
    assert Window.parse(window).start(on(end)) == on(start)


def test_r6_all_has_no_start() -> None:
    assert Window.parse("ALL").start(on("2025-11-30")) is None


@pytest.mark.parametrize("text", ["", "0d", "30", "d", "-3d", "1.5y", "101y", "99999d", "4m0"])
def test_what_is_no_window_is_refused_in_words(text: str) -> None:
    with pytest.raises(ValueError, match=r"write (30d|all)"):
        Window.parse(text)


@given(st.integers(1, 100), st.sampled_from(["d", "w", "mo", "y"]))
def test_a_window_reads_back_what_it_writes(amount: int, unit: str) -> None:
    window = Window.parse(f"{amount}{unit}")
    assert Window.parse(str(window)) == window


WINDOWED = ["change 4d", "percent_change 4d", "drawdown 4d", "percentile 4d", "high 4d", "low 4d"]


@pytest.mark.parametrize("words", WINDOWED)
def test_r6_a_history_that_begins_within_the_window_is_not_enough(words: str) -> None:
    assert result(words, daily("2025-11-07", [10, 20, 30, 40])) is None
    assert result(words, daily("2025-11-07", [5, 10, 20, 30, 40])) is not None


@pytest.mark.parametrize("words", WINDOWED)
def test_r6_a_single_value_has_no_window(words: str) -> None:
    assert result(words, daily("2025-11-07", [10])) is None


@pytest.mark.parametrize("words", ["change all", "drawdown all", "percentile all", "high all"])
def test_r6_all_of_one_value_is_not_enough(words: str) -> None:
    assert result(words, daily("2025-11-07", [10])) is None


@pytest.mark.parametrize("words", ["drawdown 30d", "percentile 30d", "high 30d", "low 30d"])
def test_r6_a_hole_in_the_window_makes_the_measure_missing(words: str) -> None:
    whole = daily("2025-11-07", list(range(1, 41)))
    holed = [p for p in whole if not on("2025-10-20") < p.as_of < on("2025-10-28")]
    wider = [p for p in whole if not on("2025-10-20") < p.as_of < on("2025-10-29")]
    assert result(words, holed) is not None
    assert result(words, wider) is None


def test_r6_a_change_needs_its_base_and_nothing_between() -> None:
    base_near = points(("2025-09-30", 10), ("2025-11-07", 15))
    base_far = points(("2025-09-29", 10), ("2025-11-07", 15))
    assert result("change 30d", base_near) == 5
    assert result("change 30d", base_far) is None


@pytest.mark.parametrize("closes", ["18:00", "20:00", "21:00"])
def test_r6_a_window_begins_with_a_day_whenever_its_session_closed(closes: str) -> None:
    def closed(day: str, hour: str, value: int) -> Point:
        return Point(datetime.fromisoformat(f"{day}T{hour}:00+00:00"), Decimal(value))

    history = [closed("2026-02-27", "21:00", 10), closed("2026-03-02", "21:00", 20)]
    history += [closed("2026-03-09", "20:00", 25), closed("2026-03-16", "20:00", 22)]
    history += [closed("2026-03-23", "20:00", 24), closed("2026-04-01", closes, 30)]
    assert result("change 30d", history, 10 * DAY) == 10
    assert result("percentile 30d", history, 10 * DAY) == 100


def test_r28_windows_of_filings_count_filings() -> None:
    quarters = points(
        ("2024-11-01", 10), ("2025-02-01", 20), ("2025-05-01", 30), ("2025-08-01", 40)
    )
    quarters += points(("2025-11-01", 35))
    assert result("percentile 1y", quarters, QUARTER_GAP) == 75
    assert result("change 30d", quarters, QUARTER_GAP) == -5
    assert result("drawdown 1y", quarters, QUARTER_GAP) == Decimal("-0.125")


@pytest.mark.parametrize("base", [0, -10])
def test_a_relative_change_from_nothing_or_less_is_missing(base: int) -> None:
    assert result("percent_change 1d", daily("2025-11-07", [base, 5])) is None
    assert result("drawdown all", daily("2025-11-07", [base, -20])) is None


@pytest.mark.parametrize(
    ("words", "unit"),
    [
        ("value", Unit.USD),
        ("change 30d", Unit.USD),
        ("percent_change 30d", Unit.FRACTION),
        ("drawdown 1y", Unit.FRACTION),
        ("percentile 1y", Unit.POINTS),
        ("high all", Unit.COUNT),
    ],
)
def test_a_measure_says_its_unit(words: str, unit: Unit) -> None:
    assert measure(words).unit(Unit.USD) is unit
    assert str(measure(words)) == words


prices = st.lists(st.integers(1, 10**15), min_size=4, max_size=40)


@given(prices)
def test_r6_changes_have_the_sign_of_the_move(values: list[int]) -> None:
    history = daily("2025-11-07", values)
    change, relative = result("change 3d", history), result("percent_change 3d", history)
    assert change == values[-1] - values[-4]
    assert relative is not None
    assert (relative > 0) is (values[-1] > values[-4])
    assert relative > -1


@given(prices)
def test_r6_a_drawdown_is_never_positive_and_zero_at_a_peak(values: list[int]) -> None:
    drawdown = result("drawdown all", daily("2025-11-07", values))
    assert drawdown is not None
    assert -1 < drawdown <= 0
    assert (drawdown == 0) is (values[-1] == max(values))


@given(prices)
def test_r6_a_percentile_lies_between_0_and_100(values: list[int]) -> None:
    history = daily("2025-11-07", values)
    rank = result("percentile all", history)
    assert rank is not None
    assert 0 < rank <= 100
    assert (rank == 100) is (values[-1] == max(values))


@given(prices)
def test_r6_a_high_and_a_low_are_strict_and_exclude_each_other(values: list[int]) -> None:
    history = daily("2025-11-07", values)
    high, low = result("high all", history), result("low all", history)
    assert (high == 1) is (values[-1] > max(values[:-1]))
    assert (low == 1) is (values[-1] < min(values[:-1]))


@given(prices, st.integers(3, 30))
def test_r6_what_lies_before_the_window_changes_no_extreme(values: list[int], days: int) -> None:
    assume(len(values) > days)
    history = daily("2025-11-07", values)
    for kind in ("drawdown", "percentile", "high", "low"):
        shorter = result(f"{kind} all", history[-days:])
        assert result(f"{kind} {days}d", history) == shorter
