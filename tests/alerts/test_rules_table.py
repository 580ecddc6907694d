"""The state machine, row by row, against RULES.md R8 to R14."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from alerts.quantity import Unit
from alerts.rules import (
    Direction,
    Rule,
    Seen,
    State,
    Transition,
    begin,
    default_rearm,
    elapse,
    observe,
)
from tests.alerts.stories import ABOVE, DAY, START, STORIES, Step, Story, at


def said(transition: Transition | None) -> str | None:
    if transition is None:
        return None
    words = transition.kind.value
    if transition.withheld is not None:
        words += f" ({transition.withheld.value})"
    if transition.held_back:
        words += f" +{transition.held_back}"
    return words + (" and a notice" if transition.flapping else "")


def play(rule: Rule, steps: tuple[Step, ...]) -> tuple[Rule, tuple[str | None, ...]]:
    seen: Seen | None = None
    told: list[str | None] = []
    for step in steps:
        now = at(step.hours if step.now is None else step.now)
        if step.value is None:
            rule, transition = elapse(rule, seen, now)
        else:
            seen = Seen(step.value, at(step.hours))
            rule, transition = observe(rule, seen, now)
        told.append(said(transition))
    return rule, tuple(told)


@pytest.mark.parametrize("story", STORIES, ids=str)
def test_a_rule_tells_its_story(story: Story) -> None:
    rule, told = play(story.rule, story.steps)
    assert told == story.told
    assert rule.state is story.state


@pytest.mark.parametrize(
    ("seen", "state", "primed"),
    [
        (None, State.ARMED, False),
        (Seen(99, START), State.ARMED, True),
        (Seen(100, START), State.FIRED, True),
        (Seen(200, START), State.FIRED, True),
    ],
)
def test_r11_a_rule_begins_where_the_value_is(
    seen: Seen | None, state: State, primed: bool
) -> None:
    begun = begin(ABOVE, seen)
    assert (begun.state, begun.primed) == (state, primed)


def test_r11_a_hold_does_not_keep_a_new_rule_from_beginning_fired() -> None:
    assert begin(replace(ABOVE, hold=3 * DAY), Seen(100, START)).state is State.FIRED


def test_a_resumed_rule_forgets_what_it_waited_for() -> None:
    pending, _ = observe(replace(ABOVE, hold=3 * DAY), Seen(100, START), START)
    assert pending.state is State.PENDING
    resumed = begin(pending, Seen(99, at(1)), at(1))
    assert (resumed.state, resumed.since) == (State.ARMED, None)


@pytest.mark.parametrize(
    ("direction", "line", "rearm"),
    [
        (Direction.ABOVE, 5_000, 4_900),
        (Direction.BELOW, 5_000, 5_100),
        (Direction.ABOVE, -5_000, -5_100),
        (Direction.BELOW, -5_000, -4_900),
        (Direction.ABOVE, 0, 0),
    ],
)
def test_r8_the_default_rearm_line_is_two_percent_back(
    direction: Direction, line: int, rearm: int
) -> None:
    assert default_rearm(direction, line) == rearm


def test_r10_five_trillion_is_five_trillion() -> None:
    line = Unit.USD.to_fixed(Decimal("5.00e12"))
    rule = Rule(Direction.ABOVE, line, default_rearm(Direction.ABOVE, line))
    assert not rule.beyond(Unit.USD.to_fixed(Decimal("4999999999999.9999")))
    assert rule.beyond(Unit.USD.to_fixed(Decimal("5000000000000.00")))
    assert not rule.back(Unit.USD.to_fixed(Decimal("4900000000000.00")))
    assert rule.back(Unit.USD.to_fixed(Decimal("4899999999999.9999")))
