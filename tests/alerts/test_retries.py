"""Tries that fail: retried, given up, switched off (RULES.md R23, R24)."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from alerts.outbox import LEASE
from alerts.platform import DestinationGone, MessageRefused, TemporaryFailure
from alerts.sending import GIVE_UP_AFTER, LONGEST_PAUSE_S
from alerts.store.database import Database
from tests.alerts.posting import Office

pytestmark = pytest.mark.both_databases

LEASE_S = LEASE.total_seconds()
HOUR_S = 3600.0


@pytest.fixture
def office(database: Database) -> Office:
    return Office(database)


async def test_r23_pauses_double_from_a_second_to_fifteen_minutes(office: Office) -> None:
    await office.alert("#a")
    pauses, seconds = [], 0.0
    for _ in range(14):
        office.recorder.troubles["#a"] = [TemporaryFailure("503", never_arrived=True)]
        await office.drain(seconds)
        [pause] = await office.due_in()
        pauses.append(pause)
        seconds += pause
    for n, pause in enumerate(pauses):
        longest = min(2.0 ** (n + 1), LONGEST_PAUSE_S)
        assert longest / 2 <= pause <= longest
    assert len({pause / 2.0**n for n, pause in enumerate(pauses[:9])}) == 9
    assert 1 <= pauses[0] <= 2


async def test_r23_the_platforms_own_pause_is_kept(office: Office) -> None:
    await office.alert("#a")
    office.recorder.troubles["#a"] = [TemporaryFailure("429", retry_after=37.5)]
    await office.drain()
    assert await office.due_in() == [37.5]


async def test_r23_a_pause_of_nothing_is_still_a_pause(office: Office) -> None:
    await office.alert("#a")
    office.recorder.troubles["#a"] = [TemporaryFailure("429", retry_after=0)] * 3
    assert await office.drain() == 1
    assert await office.due_in() == [1.0]


async def test_r23_after_a_day_it_is_given_up_and_the_operator_is_told(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    await office.alert("#a")
    office.recorder.troubles["#a"] = [TemporaryFailure("503 again")] * 3
    await office.drain(0)
    await office.drain(GIVE_UP_AFTER.total_seconds() - 1)
    assert await office.states() == ["retry"]
    with caplog.at_level(logging.ERROR):
        await office.drain(GIVE_UP_AFTER.total_seconds() + LONGEST_PAUSE_S)
    assert await office.states() == ["dead"]
    assert "given up after 24 h: 503 again" in caplog.text
    await office.alert("#a")
    await office.drain()
    assert office.recorder.channels() == ["#a"]


async def test_every_try_is_written_down(office: Office) -> None:
    await office.alert("#a")
    office.recorder.troubles["#a"] = [TemporaryFailure("503")]
    await office.drain()
    await office.drain(5)
    assert await office.attempts() == [("retry", "503"), ("sent", None)]


async def test_r24_a_place_that_is_gone_is_switched_off_with_the_reason(office: Office) -> None:
    await office.alert("#gone")
    await office.alert("#a")
    office.recorder.troubles["#gone"] = [DestinationGone("the channel was deleted")]
    await office.drain()
    assert await office.off_reason("#gone") == "the channel was deleted"
    assert set(office.recorder.channels()) == {"#a"}
    assert await office.drain(HOUR_S) == 0


async def test_r24_what_could_not_be_posted_waits_until_the_place_is_back(office: Office) -> None:
    await office.alert("#gone")
    await office.alert("#gone")
    office.recorder.troubles["#gone"] = [DestinationGone("no permission")]
    await office.drain()
    await office.switch_on("#gone")
    await office.drain(HOUR_S)
    assert office.recorder.texts() == [[1], [2]]


async def test_r24_a_refused_message_is_sent_once_more_as_plain_text(office: Office) -> None:
    await office.alert("#a")
    office.recorder.troubles["#a"] = [MessageRefused("invalid form body")]
    assert await office.drain() == 2
    assert [message.plain for message in office.recorder.posted] == [True]


async def test_r24_refused_as_plain_text_too_it_is_dead_and_the_next_goes_out(
    office: Office,
) -> None:
    await office.alert("#a")
    await office.alert("#a")
    office.recorder.troubles["#a"] = [MessageRefused("invalid"), MessageRefused("too large")]
    await office.drain()
    assert await office.states() == ["dead", "sent"]
    assert (await office.deliveries())[0].reason == "too large"
    assert [message.plain for message in office.recorder.posted] == [False]


async def test_a_database_that_fails_while_one_is_settled_stops_no_other(
    office: Office, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from alerts.store import deliveries

    settle = deliveries.settle

    async def sometimes(connection, outcomes, now):  # type: ignore[no-untyped-def]
        if any(outcome.claim.id == 1 for outcome in outcomes):
            raise OSError("the disk is full")
        await settle(connection, outcomes, now)

    monkeypatch.setattr(deliveries, "settle", sometimes)
    await office.alert("#a")
    await office.alert("#b")
    await office.drain()
    assert await office.states() == ["claimed", "sent"]
    assert "could not be settled" in caplog.text
    monkeypatch.undo()
    await office.drain(LEASE_S)
    assert await office.states() == ["sent", "sent"]
    assert sorted(office.recorder.channels()) == ["#a", "#b"]


async def test_a_database_that_does_not_answer_for_a_while_is_waited_for(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    """What was sent meanwhile stays in mind and is not sent again."""
    failures = [OperationalError("UPDATE", {}, Exception("database is locked"))] * 3
    engine = office.database.engine.sync_engine

    def refuse(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if failures and "settled_at=" in statement:
            raise failures.pop()

    event.listen(engine, "before_cursor_execute", refuse)
    settled = asyncio.Event()
    event.listen(engine, "checkin", lambda *given: settled.set())
    await office.alert("#a")
    running = asyncio.create_task(office.outbox.run())
    settled.clear()
    while await office.states() != ["sent"]:
        # Looking is itself an event: nothing is missed between the look and the wait.
        await settled.wait()
        settled.clear()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert len(office.recorder.posted) == 1
    assert office.recorder.asked == []
    assert failures == []
    assert "the database does not answer" in caplog.text
