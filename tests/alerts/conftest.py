"""What all tests of the watch share: the profile of Hypothesis and a clock that stands still."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import settings

from alerts.clock import SetClock

# The same examples each time: a red build is red again on the next run.
settings.register_profile("alerts", deadline=None, derandomize=True, max_examples=100)
settings.load_profile("alerts")

MONDAY = datetime(2025, 11, 3, 21, tzinfo=UTC)


@pytest.fixture
def clock() -> SetClock:
    return SetClock(MONDAY)
