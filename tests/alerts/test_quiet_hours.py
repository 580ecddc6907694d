"""Quiet hours: what is below critical waits for their end, what is critical does not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from alerts.clock import SetClock
from alerts.local_time import next_time, quiet_until
from alerts.platform import TemporaryFailure
from alerts.rules import Level
from alerts.store import deliveries
from alerts.store.database import Database
from tests.alerts.newsroom import Newsroom
from tests.alerts.posting import Office

pytestmark = pytest.mark.both_databases

# START is Monday 21:00 UTC: half an hour into the quiet hours.
NIGHT: dict[str, Any] = {"quiet_from": 20 * 60 + 30, "quiet_to": 7 * 60}
UNTIL_SEVEN = 10 * 3600.0


@pytest.fixture
async def office(database: Database) -> Office:
    made = Office(database)
    await made.home("#a", **NIGHT)
    return made


async def test_what_is_not_critical_waits_for_the_morning(office: Office) -> None:
    await office.alert("#a", Level.WARN)
    await office.alert("#b", Level.WARN)
    await office.drain()
    assert office.recorder.channels() == ["#b"]
    assert await office.drain(UNTIL_SEVEN - 1) == 0
    assert await office.drain(UNTIL_SEVEN) == 1
    assert office.recorder.channels() == ["#b", "#a"]


async def test_what_is_critical_goes_past_what_waits(office: Office) -> None:
    await office.alert("#a", Level.WARN)
    await office.alert("#a", Level.CRITICAL, Level.WATCH)
    await office.drain()
    assert office.recorder.texts() == [[2]]
    await office.drain(UNTIL_SEVEN)
    assert office.recorder.texts() == [[2], [1], [3]]


async def test_the_outbox_sleeps_until_the_morning(office: Office) -> None:
    await office.alert("#a", Level.WARN)
    await office.alert("#a", Level.WATCH)
    async with office.database.read() as connection:
        due = await deliveries.next_due(connection, ["test"], office.clock.now())
    assert due == office.clock.now() + timedelta(seconds=UNTIL_SEVEN)


async def test_what_is_critical_keeps_its_own_order_in_the_night(office: Office) -> None:
    await office.alert("#a", Level.WARN)
    await office.alert("#a", Level.CRITICAL)
    await office.alert("#a", Level.CRITICAL)
    office.recorder.troubles["#a"] = [TemporaryFailure("503", never_arrived=True)]
    await office.drain()
    assert office.recorder.posted == []
    await office.drain(60)
    assert office.recorder.texts() == [[2], [3]]


async def test_what_waited_for_the_morning_is_not_called_late(office: Office) -> None:
    await office.alert("#a", Level.WARN)
    office.recorder.troubles["#a"] = [TemporaryFailure("503", 600)]
    await office.drain(UNTIL_SEVEN)
    await office.drain(UNTIL_SEVEN + 600)
    assert office.recorder.posted[0].late == timedelta(seconds=600)
    await office.alert("#b", Level.WARN)
    await office.drain(UNTIL_SEVEN + 601)
    assert office.recorder.posted[1].late is None


async def test_an_edit_of_a_message_that_waits_waits_behind_it(database: Database) -> None:
    room = Newsroom(database)
    await room.choose(**NIGHT)
    await room.see(0, 90)
    rule = await room.draw(100)
    await room.told_at(1, 110)
    await room.act(rule)
    await room.send()
    assert (room.posted, room.wall.edited) == ([], [])
    await room.send(10)
    assert (len(room.posted), room.wall.edits()) == (1, ["m1"])
    assert len(room.posted[0].stories[rule].acts) == 1


async def test_an_edit_of_what_stands_there_already_wakes_nobody_and_goes_out(
    database: Database,
) -> None:
    room = Newsroom(database)
    await room.choose(quiet_from=23 * 60, quiet_to=7 * 60)
    await room.see(0, 90)
    await room.draw(100)
    await room.told_at(1, 110)
    await room.told_at(3, 90)
    assert (len(room.posted), room.wall.edits()) == (1, ["m1"])


@pytest.mark.parametrize(
    ("now", "timezone", "start", "end", "expected"),
    [
        ("2025-11-03T06:00", "UTC", 22 * 60, 7 * 60, "2025-11-03T07:00"),
        ("2025-11-03T22:00", "UTC", 22 * 60, 7 * 60, "2025-11-04T07:00"),
        ("2025-11-03T21:59", "UTC", 22 * 60, 7 * 60, None),
        ("2025-11-03T07:00", "UTC", 22 * 60, 7 * 60, None),
        ("2025-11-03T12:00", "UTC", 600, 600, None),
        ("2025-11-03T18:00", "Asia/Taipei", 0, 6 * 60, "2025-11-03T22:00"),
        # The night on which Berlin's clocks go back is an hour longer, in spring an hour shorter.
        ("2025-10-25T21:00", "Europe/Berlin", 22 * 60, 7 * 60, "2025-10-26T06:00"),
        ("2026-03-28T22:00", "Europe/Berlin", 22 * 60, 7 * 60, "2026-03-29T05:00"),
    ],
)
def test_quiet_hours_end_at_the_places_own_time(
    now: str, timezone: str, start: int, end: int, expected: str | None
) -> None:
    at = datetime.fromisoformat(now).replace(tzinfo=UTC)
    until = None if expected is None else datetime.fromisoformat(expected).replace(tzinfo=UTC)
    assert quiet_until(at, timezone, start, end) == until


def test_a_time_that_is_skipped_or_comes_twice_is_one_moment() -> None:
    clock = SetClock(datetime(2026, 3, 28, 12, tzinfo=UTC))
    skipped = next_time(clock.now(), "Europe/Berlin", 150)
    assert skipped == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    twice = next_time(datetime(2025, 10, 25, 12, tzinfo=UTC), "Europe/Berlin", 150)
    assert twice == datetime(2025, 10, 26, 0, 30, tzinfo=UTC)
    assert next_time(twice, "Europe/Berlin", 150) == datetime(2025, 10, 27, 1, 30, tzinfo=UTC)
