"""A rule on the past: the same numbers and the same machine as live."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.backtest import backtest
from alerts.measure_course import course
from alerts.measures import VALUE, Measure, MeasureKind, Point, Window, compute
from alerts.quantity import Unit
from alerts.rules import Direction, Rule, default_rearm

START = datetime(2020, 1, 1, 21, tzinfo=UTC)
DAY = timedelta(days=1)
GAP = timedelta(days=8)


def days(*values: int | str) -> list[Point]:
    return [Point(START + n * DAY, Decimal(value)) for n, value in enumerate(values)]


def line(at: int, direction: Direction = Direction.ABOVE, **how: timedelta | bool) -> Rule:
    fixed = Unit.USD.to_fixed(Decimal(at))
    return Rule(direction, fixed, default_rearm(direction, fixed), **how)  # type: ignore[arg-type]


def spoken(rule: Rule, history: Sequence[Point]) -> list[tuple[int, int | None]]:
    """Days of the messages, and of their ends."""
    past = backtest(rule, VALUE, Unit.USD, history, GAP)

    def on(point: Point | None) -> int | None:
        return None if point is None else (point.as_of - START).days

    return [((one.at.as_of - START).days, on(one.cleared)) for one in past.firings]


def test_each_crossing_is_a_message_and_ends_past_the_rearm_line() -> None:
    assert spoken(line(100), days(90, 100, 99, 101, 97, 99, 100)) == [(1, 4), (6, None)]


def test_a_line_that_is_behind_the_first_value_is_no_message() -> None:
    past = backtest(line(100), VALUE, Unit.USD, days(120, 130, 90, 110), GAP)
    assert past.began_beyond
    assert [one.at.value for one in past.firings] == [110]


def test_hold_cooldown_and_once_count_as_they_do_live() -> None:
    assert spoken(line(100, hold=2 * DAY), days(90, 100, 100, 90, 100, 100, 100)) == [(6, None)]
    assert spoken(line(100, once=True), days(90, 100, 90, 100)) == [(1, 2)]
    past = backtest(line(100, cooldown=30 * DAY), VALUE, Unit.USD, days(9, 100, 9, 100), GAP)
    assert (len(past.firings), past.held_back) == (1, 1)


def test_it_begins_where_it_is_told_to_and_still_looks_back_from_there() -> None:
    fell = Measure(MeasureKind.CHANGE, Window(2, "d"))
    history = days(100, 110, 120, 90, 95)
    past = backtest(line(-10, Direction.BELOW), fell, Unit.USD, history, GAP, since=START + 2 * DAY)
    assert past.first == START + 2 * DAY
    assert [(one.at.as_of - START).days for one in past.firings] == [3]


def test_nothing_known_is_nothing_said() -> None:
    past = backtest(line(100), VALUE, Unit.USD, [], GAP)
    assert (past.first, past.last, past.firings) == (None, None, ())


WINDOWS = [Window(3, "d"), Window(20, "d"), Window(1, "mo"), Window(0, "all")]


@pytest.mark.parametrize("kind", [kind for kind in MeasureKind if kind is not MeasureKind.VALUE])
@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 12), st.integers(-5, 30)), max_size=40),
    st.sampled_from(WINDOWS),
)
def test_the_course_is_what_compute_says_on_every_day(
    kind: MeasureKind, steps: list[tuple[int, int]], window: Window
) -> None:
    history: list[Point] = []
    at = START
    for gap, value in steps:
        at += gap * DAY
        history.append(Point(at, Decimal(value)))
    measure = Measure(kind, window)
    alone = [compute(measure, history[: n + 1], GAP) for n in range(len(history))]
    assert course(measure, history, GAP) == alone
