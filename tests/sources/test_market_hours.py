"""New York's sessions, from the real calendar in a real child process."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from alerts.market_hours import MarketHours, closing_bell, load_market_hours
from tests.sources.conftest import utc


async def test_the_table_is_computed_in_a_child_and_kept_for_the_next_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = tmp_path / "sessions.json"
    first = await load_market_hours(cache, date(2026, 11, 24))
    assert first.covers(date(1990, 1, 2))
    assert first.covers(date(2027, 11, 1))
    assert first.session(date(2001, 9, 12)) is None

    def never(*_: object, **__: object) -> None:
        raise AssertionError("the cached table is good for another month")

    monkeypatch.setattr("alerts.market_hours.Child", never)
    again = await load_market_hours(cache, date(2026, 12, 20))
    assert again.sessions == first.sessions


@pytest.mark.parametrize(
    ("day", "why"),
    [
        (date(2026, 1, 1), "New Year"),
        (date(2026, 1, 19), "Martin Luther King Day"),
        (date(2026, 4, 3), "Good Friday"),
        (date(2026, 7, 3), "Independence Day, observed"),
        (date(2026, 11, 26), "Thanksgiving"),
        (date(2026, 12, 25), "Christmas"),
        (date(2025, 1, 9), "day of mourning for President Carter"),
        (date(2026, 11, 28), "Saturday"),
    ],
)
def test_new_york_does_not_trade_on_holidays(hours: MarketHours, day: date, why: str) -> None:
    assert hours.session(day) is None, why


def test_the_day_after_thanksgiving_closes_at_one(hours: MarketHours) -> None:
    session = hours.session(date(2026, 11, 27))
    assert session is not None
    assert session.opens == utc("2026-11-27 14:30")
    assert session.closes == utc("2026-11-27 18:00")
    assert closing_bell(date(2026, 11, 27)) == utc("2026-11-27 21:00")


def test_sessions_follow_new_york_through_its_clock_changes(hours: MarketHours) -> None:
    closes = {
        day: session.closes
        for day in (date(2026, 3, 6), date(2026, 3, 9), date(2026, 10, 30), date(2026, 11, 2))
        if (session := hours.session(day)) is not None
    }
    assert [close.hour for close in closes.values()] == [21, 20, 20, 21]


def test_it_knows_which_session_runs_and_which_is_next(hours: MarketHours) -> None:
    before, during = utc("2026-11-27 14:29"), utc("2026-11-27 17:59")
    after = utc("2026-11-27 18:00")
    assert hours.running_session(before) is None
    running = hours.running_session(during)
    assert running is not None
    assert running.day == date(2026, 11, 27)
    assert hours.running_session(after) is None
    following = hours.next_close(after)
    assert following is not None
    assert following.day == date(2026, 11, 30)
    last = hours.last_session(date(2026, 11, 29))
    assert last is not None
    assert last.day == date(2026, 11, 27)
