"""The state machine against a naive model of RULES.md, over stories that nobody thought of."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from alerts.rules import (
    Direction,
    Kind,
    Rule,
    Seen,
    State,
    Transition,
    Withheld,
    default_rearm,
    elapse,
    observe,
)
from tests.alerts.naive_rule import NaiveRule, Told

START = datetime(2025, 1, 2, 21, tzinfo=UTC)
# Exact integers, beyond what a float can tell apart: 5 trillion dollars at four places.
LINE = 5 * 10**16
HOUR = timedelta(hours=1)

hours = st.sampled_from([0, 1, 2, 5, 23, 24, 25, 47, 48, 72, 24 * 8])
spans = hours.map(lambda count: count * HOUR)
# Around both lines to the last digit, and far away.
near = st.sampled_from([-(10**15) - 1, -(10**15), -(10**15) + 1, -1, 0, 1, 10**15])
values = st.one_of(near, st.integers(-(10**16), 10**16)).map(lambda offset: LINE + offset)


class Machine(RuleBasedStateMachine):
    """Both are told the same story; after each step they must agree to the last digit."""

    @initialize(
        direction=st.sampled_from(Direction),
        band=st.sampled_from([0, 1, 10**15]),
        hold=spans,
        once=st.booleans(),
        remind=st.none() | st.sampled_from([HOUR, 24 * HOUR, 24 * 7 * HOUR]),
        cooldown=spans,
        expires=st.none() | st.integers(1, 2000),
    )
    def begin(
        self,
        direction: Direction,
        band: int,
        hold: timedelta,
        once: bool,
        remind: timedelta | None,
        cooldown: timedelta,
        expires: int | None,
    ) -> None:
        above = direction is Direction.ABOVE
        rearm = LINE - band if above else LINE + band
        expires_at = None if expires is None else START + expires * HOUR
        self.now = self.as_of = START
        self.seen: Seen | None = None
        self.rule = Rule(
            direction, LINE, rearm, hold, once, remind, cooldown, expires_at, primed=False
        )
        self.naive = NaiveRule(above, LINE, rearm, hold, once, remind, cooldown, expires_at)
        self.crossings: list[Kind] = []
        self.swallowed = self.told_of = 0
        self.was_done = False

    @rule(value=values, later=st.integers(1, 40), heard_after=hours)
    def a_value_is_observed(self, value: int, later: int, heard_after: int) -> None:
        """`heard_after` hours late: a catch-up hears of several as-ofs at one time."""
        self.as_of += later * HOUR
        self.now = max(self.now, self.as_of + heard_after * HOUR)
        self.seen = Seen(value, self.as_of)
        before = self.rule
        self.rule, transition = observe(before, self.seen, self.now)
        self._same(transition, self.naive.observe(value, self.as_of, self.now))
        expired = transition is not None and transition.kind is Kind.EXPIRED
        if before.primed and not expired and not before.beyond(value) and not before.back(value):
            assert self.rule.state is (
                State.ARMED if before.state is State.PENDING else before.state
            )
        # The same observation once more, in the same moment, is never a second transition.
        again, second = observe(self.rule, self.seen, self.now)
        assert second is None or second.kind is Kind.REMINDER
        assert again.state is self.rule.state

    @rule(span=spans)
    def time_passes(self, span: timedelta) -> None:
        self.now += span
        self.rule, transition = elapse(self.rule, self.seen, self.now)
        self._same(transition, self.naive.time_passes(self.now))

    @rule(span=st.none() | spans)
    def somebody_snoozes(self, span: timedelta | None) -> None:
        until = None if span is None else self.now + span
        self.rule = replace(self.rule, snoozed_until=until)
        self.naive.snoozed_until = until

    def _same(self, transition: Transition | None, told: Told | None) -> None:
        found = None
        if transition is not None:
            self._count(transition)
            why_not = None if transition.withheld is None else transition.withheld.value
            found = Told(transition.kind.value, why_not, transition.held_back, transition.flapping)
        assert found == told
        unknown = not self.rule.primed and self.rule.state is not State.DONE
        assert ("unknown" if unknown else self.rule.state.value) == self.naive.state

    def _count(self, transition: Transition) -> None:
        if transition.kind in (Kind.FIRED, Kind.CLEARED):
            self.crossings.append(transition.kind)
        if transition.withheld is Withheld.COOLDOWN:
            self.swallowed += 1
        self.told_of += transition.held_back
        assert transition.withheld is None or transition.held_back == 0

    @invariant()
    def fired_and_cleared_alternate(self) -> None:
        assert all(one is not other for one, other in pairwise(self.crossings))

    @invariant()
    def what_was_held_back_is_told_or_waits(self) -> None:
        assert self.told_of + self.rule.held_back == self.swallowed

    @invariant()
    def done_never_moves(self) -> None:
        assert not self.was_done or self.rule.state is State.DONE
        self.was_done = self.rule.state is State.DONE

    @invariant()
    def its_memory_does_not_grow(self) -> None:
        assert len(self.rule.recent) <= 5

    @invariant()
    def only_a_pending_rule_waits(self) -> None:
        assert (self.rule.since is not None) is (self.rule.state is State.PENDING)


TestMachine = Machine.TestCase
TestMachine.settings = settings(max_examples=150, stateful_step_count=30)


@given(st.sampled_from(Direction), st.integers(-(2**62), 2**62), st.integers(-(2**62), 2**62))
def test_no_value_is_both_beyond_and_back(direction: Direction, line: int, value: int) -> None:
    some = Rule(direction, line, default_rearm(direction, line))
    assert not (some.beyond(value) and some.back(value))


@given(st.sampled_from(Direction), st.integers(-(2**62), 2**62))
def test_the_rearm_line_lies_within_two_percent_on_the_far_side(
    direction: Direction, line: int
) -> None:
    away = (line - default_rearm(direction, line)) * (1 if direction is Direction.ABOVE else -1)
    assert 0 <= away * 100 <= abs(line) * 2
