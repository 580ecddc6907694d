"""When the watch looks (issue 2: every five minutes while New York trades, hourly otherwise)."""

from __future__ import annotations

from datetime import UTC, datetime
from random import Random

import pytest

from alerts.market_hours import MarketHours, Session
from alerts.schedule import FilingsTrigger, next_look


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


# Thanksgiving week 2026: Wednesday, no Thursday, a short Friday, then Monday.
HOURS = MarketHours(
    tuple(
        Session(opens.date(), opens, closes)
        for opens, closes in (
            (at("2026-11-25T14:30"), at("2026-11-25T21:00")),
            (at("2026-11-27T14:30"), at("2026-11-27T18:00")),
            (at("2026-11-30T14:30"), at("2026-11-30T21:00")),
        )
    )
)


@pytest.mark.parametrize(
    ("now", "expected", "why"),
    [
        ("2026-11-25T15:01:10", "2026-11-25T15:05", "five minutes while it trades"),
        ("2026-11-25T20:58:00", "2026-11-25T21:00", "the bell itself"),
        ("2026-11-25T21:00:00", "2026-11-25T21:21", "the final close, once it is final"),
        ("2026-11-25T21:21:00", "2026-11-25T22:00", "hourly at night"),
        ("2026-11-26T16:10:00", "2026-11-26T17:00", "hourly on a holiday"),
        ("2026-11-27T14:10:00", "2026-11-27T14:30", "the opening"),
        ("2026-11-27T17:59:59", "2026-11-27T18:00", "an early close"),
        ("2026-11-27T18:03:00", "2026-11-27T18:21", "the final close of a short day"),
        ("2026-11-28T12:00:00", "2026-11-28T13:00", "hourly at the weekend"),
    ],
)
def test_the_next_look_follows_new_yorks_hours(now: str, expected: str, why: str) -> None:
    assert next_look(HOURS, at(now)) == at(expected), why


def test_the_next_look_is_always_in_the_future_and_within_the_hour() -> None:
    random = Random(5)
    for _ in range(2000):
        now = datetime.fromtimestamp(
            random.uniform(at("2026-11-25T00:00").timestamp(), at("2026-12-02T00:00").timestamp()),
            UTC,
        )
        assert 0 < (next_look(HOURS, now) - now).total_seconds() <= 3600


def test_filings_are_asked_for_a_few_times_a_day_and_not_on_the_hour() -> None:
    trigger = FilingsTrigger(Random(1))
    moment, times = at("2026-11-25T00:00"), []
    while moment < at("2026-11-26T00:00"):
        moment = trigger.get_next_fire_time(moment, moment)
        times.append(moment)
    assert 3 <= len(times) <= 5
    assert not any(time.minute == 0 and time.second == 0 for time in times)
