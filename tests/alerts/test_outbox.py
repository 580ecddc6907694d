"""Deliveries: claimed, sent, kept in order (RULES.md R15, R18, R20 to R22, R29)."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from random import Random

import pytest
from sqlalchemy import event

from alerts.clock import SetClock
from alerts.outbox import GATHER_MORE_S, LEASE, Outbox
from alerts.platform import DestinationGone, TemporaryFailure
from alerts.rules import Level
from alerts.store.database import Database
from tests.alerts.posting import Office, Recorder

pytestmark = pytest.mark.both_databases

LEASE_S = LEASE.total_seconds()
HOUR_S = 3600.0
DAY_S = 24 * HOUR_S


@pytest.fixture
def office(database: Database) -> Office:
    return Office(database)


async def lose_in_flight(office: Office, channel: str = "#a") -> None:
    """A worker claims, and dies before it learns how its message fared."""
    office.recorder.slow[channel] = asyncio.Event()
    office.recorder.begun.clear()
    worker = asyncio.create_task(office.another_worker().drain())
    await office.recorder.begun.wait()
    worker.cancel()
    with pytest.raises(asyncio.CancelledError):
        await worker
    del office.recorder.slow[channel]


async def test_r20_what_is_due_is_sent_once(office: Office) -> None:
    await office.alert("#a")
    assert await office.drain() == 1
    assert await office.drain() == 0
    assert office.recorder.channels() == ["#a"]
    [row] = await office.deliveries()
    assert (row.state.value, row.message, row.attempts) == ("sent", "m1", 1)
    assert row.settled_at == office.clock.now()


async def test_what_ends_at_once_is_settled_in_one_transaction(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    for n in range(30):
        await office.alert(f"#{n}")
    office.recorder.troubles |= {f"#{n}": [TemporaryFailure("503")] for n in range(10)}
    office.recorder.troubles |= {f"#{n}": [DestinationGone("gone")] for n in range(10, 15)}
    written: list[str] = []
    engine = office.database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", lambda *given: written.append(given[2]))
    await office.drain()
    assert sorted(await office.states())[-15:] == ["sent"] * 15
    settling = [statement for statement in written if "settled_at=?" in statement]
    assert len(settling) <= 4
    assert "settled by itself" not in caplog.text


async def test_r18_the_most_severe_alert_comes_first(office: Office) -> None:
    await office.alert("#a", Level.WATCH, Level.CRITICAL, Level.WARN, Level.CRITICAL)
    await office.drain()
    assert office.recorder.texts() == [[2, 4, 3, 1]]


async def test_r20_two_workers_on_one_file_never_send_twice(
    office: Office, database: Database
) -> None:
    for n in range(40):
        await office.alert(f"#{n % 25}")
    elsewhere = Database(database.url.render_as_string(False))
    workers = [office.another_worker(), office.another_worker(elsewhere)]
    counts = await asyncio.gather(*(worker.drain() for worker in workers))
    # What a worker sees taken by the other is no work of its own: one more round ends it.
    counts.append(await office.drain())
    await elsewhere.close()
    assert sum(counts) == 40
    nonces = [message.nonce for message in office.recorder.posted]
    assert len(nonces) == len(set(nonces)) == 40


async def test_r20_a_lease_keeps_others_away_until_it_ends(office: Office) -> None:
    await office.alert("#a")
    await lose_in_flight(office)
    assert await office.drain(LEASE_S - 1) == 0
    assert await office.drain(LEASE_S) == 1


async def test_r22_after_a_lost_lease_the_platform_is_asked_first(office: Office) -> None:
    await office.alert("#a")
    await lose_in_flight(office)
    [row] = await office.deliveries()
    office.recorder.there[row.nonce] = "m0"
    await office.drain(LEASE_S)
    assert office.recorder.asked == [row.nonce]
    assert office.recorder.posted == []
    [row] = await office.deliveries()
    assert (row.state.value, row.message) == ("sent", "m0")


async def test_r22_what_is_not_there_is_sent_with_the_same_nonce(office: Office) -> None:
    await office.alert("#a")
    [row] = await office.deliveries()
    await lose_in_flight(office)
    await office.drain(LEASE_S)
    assert office.recorder.asked == [row.nonce]
    assert [message.nonce for message in office.recorder.posted] == [row.nonce]


async def test_r22_a_first_try_asks_nothing(office: Office) -> None:
    await office.alert("#a")
    await office.drain()
    assert office.recorder.asked == []


async def test_r22_a_failing_question_keeps_the_doubt(office: Office) -> None:
    await office.alert("#a")
    await lose_in_flight(office)
    office.recorder.blind = [TemporaryFailure("503"), TemporaryFailure("429", 5)]
    for seconds in (LEASE_S, 2 * LEASE_S, 3 * LEASE_S):
        await office.drain(seconds)
    assert len(office.recorder.asked) == 3
    assert len(office.recorder.posted) == 1


@pytest.mark.parametrize(
    ("failure", "asks"),
    [
        (TemporaryFailure("502 from the gateway"), True),
        (TemporaryFailure("the connection was lost"), True),
        (ConnectionResetError(), True),
        (TimeoutError(), True),
        (TemporaryFailure("429", retry_after=2), False),
        (TemporaryFailure("connection refused", never_arrived=True), False),
    ],
)
async def test_r22_only_a_clear_refusal_is_sent_again_without_asking(
    office: Office, failure: Exception, asks: bool
) -> None:
    await office.alert("#a")
    office.recorder.troubles["#a"] = [failure]
    await office.drain()
    await office.drain(60)
    assert bool(office.recorder.asked) is asks
    assert office.recorder.channels() == ["#a"]


async def test_r20_a_process_that_is_alone_need_not_wait_for_leases(office: Office) -> None:
    await office.alert("#a")
    await lose_in_flight(office)
    await office.outbox.release_leases()
    assert await office.drain() == 1
    assert len(office.recorder.asked) == 1


async def test_r20_a_worker_that_lost_its_lease_does_not_free_the_message_for_a_third(
    office: Office,
) -> None:
    await office.alert("#a")
    gates = [asyncio.Event(), asyncio.Event()]
    workers = []
    for at, gate in zip((0.0, LEASE_S), gates, strict=True):
        office.set(at)
        office.recorder.slow["#a"] = gate
        office.recorder.begun.clear()
        workers.append(asyncio.create_task(office.another_worker().drain()))
        await office.recorder.begun.wait()
    office.recorder.troubles["#a"] = [TemporaryFailure("too slow")]
    gates[0].set()
    await workers[0]
    assert await office.states() == ["claimed"]
    gates[1].set()
    await workers[1]
    assert await office.states() == ["sent"]


async def test_r21_messages_of_one_place_keep_their_order(office: Office) -> None:
    for _ in range(5):
        await office.alert("#a")
    office.recorder.troubles["#a"] = [TemporaryFailure("503")]
    assert await office.drain() == 1
    assert office.recorder.posted == []
    await office.drain(10)
    assert office.recorder.texts() == [[1], [2], [3], [4], [5]]


async def test_r21_a_slow_place_delays_no_other(office: Office) -> None:
    gate = office.recorder.slow["#slow"] = asyncio.Event()
    await office.alert("#slow")
    draining = asyncio.create_task(office.drain())
    await office.recorder.begun.wait()
    for channel in ("#a", "#a", "#b"):
        await office.alert(channel)
        office.recorder.arrived.clear()
        worker = asyncio.create_task(office.another_worker().drain())
        await office.recorder.arrived.wait()
        await worker
    assert office.recorder.channels() == ["#a", "#a", "#b"]
    gate.set()
    await draining
    assert office.recorder.channels()[-1] == "#slow"


async def run_until(outbox: Outbox, arrived: asyncio.Event) -> None:
    running = asyncio.create_task(outbox.run())
    await arrived.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_r21_the_same_worker_sends_to_others_while_one_place_is_slow(office: Office) -> None:
    office.recorder.slow["#slow"] = asyncio.Event()
    await office.alert("#slow")
    running = asyncio.create_task(office.outbox.run())
    await office.recorder.begun.wait()
    await office.alert("#a")
    office.outbox.wake()
    await office.recorder.arrived.wait()
    assert office.recorder.channels() == ["#a"]
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert "claimed" in await office.states()


class NeverGathered(SetClock):
    """The time in which more messages may end is never over."""

    def __init__(self, office: Office) -> None:
        super().__init__(office.clock.now())
        self.gathering = asyncio.Event()

    async def sleep(self, seconds: float) -> None:
        if seconds == GATHER_MORE_S:
            self.gathering.set()
            await asyncio.Event().wait()
        await super().sleep(seconds)


async def test_what_is_new_does_not_wait_until_more_messages_have_ended(office: Office) -> None:
    office.recorder.slow["#slow"] = asyncio.Event()
    await office.alert("#slow")
    await office.alert("#a")
    clock = NeverGathered(office)
    outbox = Outbox(office.database, {"test": office.recorder}, clock, Random(1))
    running = asyncio.create_task(outbox.run())
    await office.recorder.arrived.wait()
    await clock.gathering.wait()
    office.recorder.arrived.clear()
    await office.alert("#b")
    outbox.wake()
    await office.recorder.arrived.wait()
    assert office.recorder.channels() == ["#a", "#b"]
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_the_last_message_that_ends_is_settled_at_once(office: Office) -> None:
    gate = office.recorder.slow["#slow"] = asyncio.Event()
    await office.alert("#slow")
    await office.alert("#a")
    clock = NeverGathered(office)
    outbox = Outbox(office.database, {"test": office.recorder}, clock, Random(1))
    await office.alert("#slow")
    running = asyncio.create_task(outbox.run())
    await clock.gathering.wait()
    # The second message for the slow place can go only when the first one is settled.
    gate.set()
    while office.recorder.channels() != ["#a", "#slow", "#slow"]:
        office.recorder.arrived.clear()
        await office.recorder.arrived.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_it_sends_what_is_there_when_it_starts(office: Office) -> None:
    await office.alert("#a")
    await run_until(office.outbox, office.recorder.arrived)
    assert office.recorder.channels() == ["#a"]


async def test_what_waits_behind_a_failing_message_does_not_keep_the_worker_busy(
    office: Office,
) -> None:
    from alerts.store import deliveries

    await office.alert("#a")
    await office.alert("#a")
    office.recorder.troubles["#a"] = [TemporaryFailure("503", retry_after=600)]
    await office.drain()
    async with office.database.read() as connection:
        due = await deliveries.next_due(connection, ["test"], office.clock.now())
    assert due == office.clock.now() + timedelta(seconds=600)


async def test_a_platform_that_is_not_here_leaves_its_messages_to_others(office: Office) -> None:
    await office.alert("#a", platform="elsewhere")
    assert await office.drain() == 0
    assert await office.states() == ["due"]


@pytest.mark.parametrize(("seconds", "late"), [(299, None), (300, None), (301, 301)])
async def test_r29_a_late_message_says_how_late(
    office: Office, seconds: int, late: int | None
) -> None:
    await office.alert("#a")
    await office.drain(seconds)
    expected = None if late is None else timedelta(seconds=late)
    assert office.recorder.posted[0].late == expected


async def test_r15_what_is_older_than_a_day_is_folded_into_one_message(office: Office) -> None:
    for hours in (0, 1, 2, 40):
        office.set(hours * HOUR_S)
        await office.alert("#a")
    await office.alert("#b")
    await office.drain(41 * HOUR_S)
    by_channel = {
        channel: [m for m in office.recorder.posted if m.destination.place.channel == channel]
        for channel in ("#a", "#b")
    }
    assert [(m.away, len(m.alerts)) for m in by_channel["#a"]] == [(True, 3), (False, 1)]
    assert [(m.away, len(m.alerts)) for m in by_channel["#b"]] == [(False, 1)]
    assert sorted(await office.states()) == ["folded", "folded", "sent", "sent", "sent"]


async def test_r15_alerts_found_late_are_told_apart_and_first(office: Office) -> None:
    await office.alert("#a", happened=-2 * DAY_S)
    await office.alert("#a", happened=-3 * DAY_S)
    await office.alert("#a")
    await office.drain()
    assert [(m.away, len(m.alerts)) for m in office.recorder.posted] == [(True, 2), (False, 1)]


async def test_r15_a_message_that_may_have_arrived_is_not_folded(office: Office) -> None:
    """The platform is asked for that very message; folded alerts would count as told."""
    await office.alert("#a")
    office.recorder.troubles["#a"] = [TemporaryFailure("the connection was lost")]
    await office.drain()
    [row] = await office.deliveries()
    office.recorder.there[row.nonce] = "m0"
    await office.alert("#a")
    await office.drain(2 * DAY_S)
    assert office.recorder.texts() == [[2]]
    assert await office.states() == ["sent", "sent"]


async def test_r21_a_platform_that_is_full_delays_no_other(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    from alerts import outbox

    monkeypatch.setattr(outbox, "IN_HAND", 2)
    full, free = Recorder(), Recorder()
    full.name = "full"
    platforms = {"full": full, "test": free}
    worker = Outbox(office.database, platforms, office.clock, Random(1))
    for n in range(3):
        full.slow[f"#{n}"] = asyncio.Event()
        await office.alert(f"#{n}", platform="full")
    running = asyncio.create_task(worker.run())
    await full.begun.wait()
    await office.alert("#a")
    worker.wake()
    await free.arrived.wait()
    assert free.channels() == ["#a"]
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
