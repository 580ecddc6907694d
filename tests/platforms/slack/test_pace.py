"""Rate limits are kept ahead of time (R23)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from alerts.platform import TemporaryFailure
from bot.platforms.slack.pace import LONGEST_WAIT_S, Pace
from tests.platforms.slack.conftest import Acme
from tests.platforms.slack.office import Office, texts

NOW = datetime(2025, 11, 29, 12, tzinfo=UTC)


class Sleeper:
    """A clock that stands still, and remembers how long everybody wanted to sleep."""

    def __init__(self) -> None:
        self.at = NOW
        self.slept: list[float] = []

    def now(self) -> datetime:
        return self.at

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


async def test_messages_of_a_channel_leave_a_second_apart_and_others_do_not_wait() -> None:
    clock = Sleeper()
    pace = Pace(clock)
    for channel in ("C1", "C1", "C2", "C1"):
        await pace.turn("chat.postMessage", "T1", channel)
    assert clock.slept == [pytest.approx(1), pytest.approx(2)]


async def test_a_message_that_took_long_to_arrive_holds_back_the_next() -> None:
    clock = Sleeper()
    pace = Pace(clock)
    await pace.turn("chat.postMessage", "T1", "C1")
    clock.at += timedelta(seconds=5)
    pace.answered("chat.postMessage", "T1", "C1")
    await pace.turn("chat.postMessage", "T1", "C1")
    assert clock.slept == [pytest.approx(1)]


async def test_who_would_wait_long_comes_back_later_each_at_a_time_of_its_own() -> None:
    clock = Sleeper()
    pace = Pace(clock)
    for _ in range(int(LONGEST_WAIT_S) + 1):
        await pace.turn("chat.postMessage", "T1", "C1")
    for seconds in (LONGEST_WAIT_S + 1, LONGEST_WAIT_S + 2, LONGEST_WAIT_S + 3):
        with pytest.raises(TemporaryFailure) as refused:
            await pace.turn("chat.postMessage", "T1", "C1")
        assert refused.value.retry_after == pytest.approx(seconds)
        assert refused.value.never_arrived
    assert max(clock.slept) <= LONGEST_WAIT_S


async def test_a_pause_holds_one_bucket_and_no_other() -> None:
    clock = Sleeper()
    pace = Pace(clock)
    pace.pause("chat.postMessage", "T1", "C1", 2)
    await pace.turn("chat.postMessage", "T1", "C2")
    await pace.turn("chat.postMessage", "T2", "C1")
    await pace.turn("chat.update", "T1", "C1")
    assert clock.slept == []
    await pace.turn("chat.postMessage", "T1", "C1")
    assert clock.slept == [pytest.approx(2)]


@pytest.mark.parametrize(
    ("method", "a_minute"),
    [("chat.update", 50), ("users.info", 100), ("pins.add", 20), ("chat.postMessage", 600)],
)
async def test_no_minute_sees_more_calls_than_slack_allows(method: str, a_minute: int) -> None:
    clock = Sleeper()
    pace = Pace(clock)
    gone: list[datetime] = []
    for n in range(3 * a_minute):
        before = len(clock.slept)
        await pace.turn(method, "T1", f"C{n}", longest=600)
        if len(clock.slept) > before:
            clock.at += timedelta(seconds=clock.slept[-1])
        gone.append(clock.at)
    later = gone[a_minute:]
    assert all(at - first >= timedelta(minutes=1) for first, at in zip(gone, later, strict=False))
    # And what Slack allows is used: three minutes' calls do not take much longer than three.
    assert clock.at - NOW < timedelta(minutes=3, seconds=3)


async def test_thousands_of_channels_that_have_been_quiet_are_forgotten() -> None:
    clock = Sleeper()
    pace = Pace(clock)
    for n in range(3000):
        await pace.turn("chat.postMessage", f"T{n}", "C1")
        clock.at += timedelta(seconds=1)
    assert pace.remembered() < 1100


async def test_r21_messages_of_a_channel_keep_their_order_and_others_do_not_wait(
    office: Office, acme: Acme
) -> None:
    for _ in range(3):
        await office.alert(acme.team, acme.general.id)
    await office.alert(acme.team, acme.random.id)
    await office.settled()
    # The emulator counts every 429 that was earned; the fixture wants none.
    assert [text.splitlines()[0] for text in texts(acme.general)] == [
        "🟠 value 1",
        "🟠 value 2",
        "🟠 value 3",
    ]
    _, second, _ = (message["ts"] for message in acme.general.messages)
    [elsewhere] = (message["ts"] for message in acme.random.messages)
    assert elsewhere < second
