"""Where the time comes from."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from alerts.clock import SteadyClock

NOW = datetime(2025, 11, 29, 12, tzinfo=UTC)


def test_a_steady_clock_knows_what_has_passed_and_nothing_else() -> None:
    passed = 1000.0
    clock = SteadyClock(NOW, lambda: passed)
    assert clock.now() == NOW
    passed += 90
    assert clock.now() == NOW + timedelta(seconds=90)
