"""What an indicator says of a day is what could be computed on that day (issue 4)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alerts.indicators import catalogue
from alerts.reading import Missing, Reading
from alerts.sources.record import Record
from tests.indicators.a_made_up_world import BEGINS, ENDS, made_up

Series = Sequence[Reading | Missing]
# Days on which a company has reported, an office has published, a year has ended, and any other.
DAYS = st.dates(BEGINS + timedelta(days=1200), ENDS)


@cache
def told(key: str) -> Series:
    return catalogue()[key].series(made_up())


def figures(series: Series) -> list[object]:
    """All but who confirmed it: a second source may do that later, and never changes a value."""
    return [
        (one.as_of, one.period_end, one.value, one.status, one.definition, one.parts)
        for one in series
        if isinstance(one, Reading)
    ]


@pytest.mark.parametrize("key", catalogue())
def test_every_indicator_has_values_in_the_made_up_world(key: str) -> None:
    assert [one for one in told(key) if isinstance(one, Reading)]


@given(day=DAYS)
@settings(max_examples=3, deadline=None, suppress_health_check=list(HealthCheck))
def test_what_is_filed_or_seen_after_a_day_changes_nothing_that_was_said_by_it(day: date) -> None:
    end = datetime.combine(day, time(23, 59, 59), UTC)
    known = made_up().known_by(end)
    for key, indicator in catalogue().items():
        then = [one for one in told(key) if one.as_of <= end]
        assert figures(indicator.series(known)) == figures(then), key


@given(day=DAYS)
@settings(max_examples=3, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_same_of_the_record(day: date) -> None:
    end = datetime.combine(day, time(23, 59, 59), UTC)
    evidence = Record().evidence
    for key, indicator in catalogue().items():
        then = [one for one in indicator.series(evidence) if one.as_of <= end]
        assert figures(indicator.series(evidence.known_by(end))) == figures(then), key
