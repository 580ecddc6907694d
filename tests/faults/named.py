"""Faults that have a name: what breaks, for how long, and what had to be told all the same.

Each is a function of a database file that nobody else uses; it gives what was lost, repeated or
out of order in the end. `FAULTS` lists them by their names.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable, Mapping
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from unittest.mock import patch

from alerts import sending
from alerts.indicators import catalogue
from alerts.sources.fred import FredSource
from alerts.store import database as store
from alerts.store.models import Digest
from tests.emulators.fred import FredEmulator
from tests.faults.both import Both, both, no_room
from tests.faults.reckoning import Reckoning

Fault = Callable[[Path], Awaitable[Reckoning]]


async def begin(bureau: Both) -> None:
    """A quiet value, and a rule at 100 in every channel."""
    await bureau.see(0, 90)
    await bureau.draw_everywhere()


async def end(bureau: Both, hours: float, *before: str) -> Reckoning:
    """Another crossing when all is well again; then everything is sent."""
    await bureau.see(hours, 90)
    await bureau.see(hours + 1, 110)
    await bureau.settled()
    return await bureau.reckoned(*before, "fired 110")


async def locked_database(path: Path) -> Reckoning:
    """Another program holds the write lock for longer than we wait for it (here 50 ms)."""
    with patch.object(store, "BUSY_TIMEOUT_MS", 50):
        async with both(path) as bureau, bureau.connected():
            await begin(bureau)
            await bureau.told_at(1, 95)
            with closing(sqlite3.connect(path, isolation_level=None)) as other:
                other.execute("BEGIN IMMEDIATE")
                bureau.clock.set(bureau.at(2))
                bureau.say(2, 105)
                await bureau.tick_in_trouble()
                other.execute("COMMIT")
                await bureau.watch.tick()
                other.execute("BEGIN IMMEDIATE")
                await bureau.outbox_in_trouble()
                other.execute("COMMIT")
            return await end(bureau, 12, "fired 105")


async def locked_while_sending(path: Path) -> Reckoning:
    """The lock is taken when messages are under way: what was sent cannot be written down."""
    with patch.object(store, "BUSY_TIMEOUT_MS", 50):
        async with both(path) as bureau, bureau.connected():
            await begin(bureau)
            await bureau.see(2, 105)
            other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
            with closing(other):
                bureau.discord.on_post = partial(other.execute, "BEGIN IMMEDIATE")
                async with bureau.delivering():
                    await bureau.stands_everywhere(1)
                    other.execute("COMMIT")
                    await bureau.until(bureau.nothing_is_open, "not written down")
            return await end(bureau, 12, "fired 105")


async def full_disk(path: Path) -> Reckoning:
    """No file can grow, first at a look and then while messages go out; then there is room."""
    async with both(path) as bureau, bureau.connected():
        await begin(bureau)
        bureau.clock.set(bureau.at(2))
        bureau.say(2, 105)
        with no_room():
            await bureau.tick_in_trouble()
        await bureau.watch.tick()
        with no_room():
            await bureau.outbox_in_trouble()
        return await end(bureau, 12, "fired 105")


async def clock_forward(path: Path) -> Reckoning:
    """The clock is an hour ahead while answers get lost; then it is put right."""
    return await _stepped(path, timedelta(hours=1))


async def clock_back(path: Path) -> Reckoning:
    """The clock is an hour behind while answers get lost; then it is put right."""
    return await _stepped(path, -timedelta(hours=1))


async def _stepped(path: Path, by: timedelta) -> Reckoning:
    true = datetime.now(UTC)
    async with both(path, beginning=true - timedelta(hours=4)) as bureau, bureau.connected():
        await begin(bureau)
        await bureau.see(2, 90)
        bureau.clock.set(true + by)
        bureau.lose_answers()
        bureau.say(2.5, 105)
        await bureau.watch.tick()
        await bureau.outbox.drain()
        bureau.discord.forget_nonces()
        bureau.clock.set(true)
        await bureau.settled()
        bureau.say(4, 90)
        await bureau.tick(4)
        return await end(bureau, 4.5, "fired 105")


async def autumn_night(path: Path) -> Reckoning:
    """New York, 2 November 2025: the hour from one to two comes twice, within quiet hours."""
    return await _night(path, datetime(2025, 11, 1, 12, tzinfo=UTC), digest_minute=90)


async def spring_night(path: Path) -> Reckoning:
    """New York, 8 March 2026: the hour from two to three is not there, within quiet hours."""
    return await _night(path, datetime(2026, 3, 7, 12, tzinfo=UTC), digest_minute=150)


async def _night(path: Path, beginning: datetime, digest_minute: int) -> Reckoning:
    """A digest is due in the hour that comes twice or never; crossings wait until seven."""
    async with both(path, beginning=beginning) as bureau, bureau.connected():
        await begin(bureau)
        await bureau.choose_everywhere(
            timezone="America/New_York",
            quiet_from=22 * 60,
            quiet_to=7 * 60,
            digest=Digest.DAILY,
            digest_minute=digest_minute,
        )
        # Saturday noon UTC to Monday noon UTC: two nights, the second one a plain one.
        crossings = {18: 105, 42: 110}
        for hour in range(1, 49):
            bureau.say(hour, crossings.get(hour, 90))
            await bureau.tick(hour)
            await bureau.watch.digest()
            await bureau.outbox.drain()
        first, second = (beginning + timedelta(days=n) for n in (1, 2))
        return await bureau.reckoned(
            f"digest of {first:%Y-%m-%d}",
            "fired 105",
            f"digest of {second:%Y-%m-%d}",
            "fired 110",
        )


async def garbage_for_a_day(path: Path) -> Reckoning:
    """The source sends web pages, halves of files and nonsense at every look of a day."""
    spread = catalogue()["high_yield_spread"]
    beginning = datetime(2025, 11, 4, 12, tzinfo=UTC)
    days = [date(2025, 10, 1) + timedelta(days=n) for n in range(34)]
    series: dict[date, str] = {day: "3.85" for day in days if day.weekday() < 5}
    with FredEmulator(series={"BAMLH0A0HYM2": series}) as fred:
        async with both(path, (spread,), beginning) as bureau, bureau.connected():
            source = FredSource(fred.url, path.parent / "cache", bureau.clock)
            bureau.sources = (source,)
            bureau.start_again()
            try:
                await bureau.tick(0)
                for place in bureau.places:
                    await bureau.draw("0.04", place=place, key=spread.key)
                nonsense = (
                    "<html>We will be right back.</html>",
                    "observation_date,BAMLH0A0HYM2\n2025-11-04,-99999999\n2099-01-01,9.9\n",
                    "observation_date,BAMLH0A0HYM2\n2025-11-04,NaN\n2025-11-03,1e400\n",
                    "\x00\x01\x02,\xff" * 100,
                    "",
                )
                for hour in range(1, 25):
                    fred.behave()
                    fred.answer_with(200, nonsense[hour % 5], content_type="text/csv")
                    await bureau.tick(hour)
                    await bureau.outbox.drain()
                fred.behave()
                fred.publish("BAMLH0A0HYM2", {date(2025, 11, 4): "4.10"})
                await bureau.tick(36)
                await bureau.settled()
                return await bureau.reckoned("fired 4.10%")
            finally:
                await source.close()


async def platforms_down(path: Path) -> Reckoning:
    """Both answer 503 to everything for an hour; another crossing comes meanwhile."""
    async with both(path) as bureau, bureau.connected():
        await begin(bureau)
        bureau.discord.server_error(503)
        for method in ("chat.postMessage", "chat.update", "conversations.history"):
            bureau.slack.break_with(method, times=None)
        await bureau.told_at(2, 105)
        await bureau.settled(timedelta(minutes=30))
        await bureau.told_at(2.6, 90)
        await bureau.told_at(2.7, 110)
        await bureau.settled(timedelta(minutes=18))
        bureau.discord.behave()
        bureau.slack.behave()
        await bureau.settled()
        return await bureau.reckoned("fired 105", "fired 110")


async def lost_answers(path: Path) -> Reckoning:
    """Every message is taken and no answer arrives, until Discord has forgotten the nonces."""
    async with both(path) as bureau, bureau.connected():
        await begin(bureau)
        bureau.lose_answers()
        await bureau.told_at(2, 105)
        bureau.discord.forget_nonces()
        await bureau.settled()
        return await end(bureau, 12, "fired 105")


async def session_invalidated(path: Path) -> Reckoning:
    """The gateway calls the session invalid, and Slack ends its sockets, while messages go out."""
    async with both(path) as bureau, bureau.connected():
        await begin(bureau)
        await bureau.see(2, 105)
        bureau.discord.gateway.invalidate(resumable=False)
        bureau.slack.drop_sockets()
        await bureau.settled()
        await bureau.discord.ready()
        await bureau.slack.connected()
        return await end(bureau, 12, "fired 105")


async def token_revoked(path: Path) -> Reckoning:
    """Both tokens are taken back; the operator puts in new ones and starts again."""
    async with both(path) as bureau:
        async with bureau.connected():
            await begin(bureau)
            bureau.slack.refuse_token(bureau.team, "token_revoked")
            token, bureau.discord.token = bureau.discord.token, "another"
            bureau.discord.gateway.drop(4004)
            await bureau.gave_up("discord")
            await bureau.told_at(2, 105)
            await bureau.settled()
        bureau.discord.token = token
        bureau.slack.refuse_token(bureau.team, None)
        bureau.make_platforms()
        async with bureau.connected():
            await bureau.until(bureau.all_are_on, "a workspace is still off")
            await bureau.settled()
            await bureau.see(12, 90)
            await bureau.see(13, 110)
            await bureau.settled()
            return await bureau.reckoned("fired 105", "fired 110")


async def deaf_sockets(path: Path) -> Reckoning:
    """Both live connections stay open and deaf, and the first posts are taken by nobody."""
    with patch.object(sending, "POST_TIMEOUT_S", 0.5):
        async with both(path) as bureau, bureau.connected():
            await begin(bureau)
            bureau.discord.gateway.go_deaf(new_too=False)
            bureau.slack.go_deaf()
            bureau.discord.hang("/messages", times=2)
            bureau.slack.hang_on("chat.postMessage", times=2)
            await bureau.told_at(2, 105)
            await bureau.settled()
            return await end(bureau, 12, "fired 105")


async def slow_answers(path: Path) -> Reckoning:
    """Messages are taken, and the answers come later than we wait for them (here half a second in
    the place of the 60)."""
    with patch.object(sending, "POST_TIMEOUT_S", 0.5):
        async with both(path) as bureau, bureau.connected():
            await begin(bureau)
            bureau.discord.is_slow = bureau.slack.is_slow = True
            await bureau.told_at(2, 105)
            bureau.discord.is_slow = bureau.slack.is_slow = False
            bureau.discord.forget_nonces()
            await bureau.settled()
            return await end(bureau, 12, "fired 105")


FAULTS: Mapping[str, Fault] = {
    "database locked for longer than we wait": locked_database,
    "database locked while messages are under way": locked_while_sending,
    "disk full": full_disk,
    "clock an hour ahead": clock_forward,
    "clock an hour behind": clock_back,
    "the night of the hour that comes twice": autumn_night,
    "the night of the hour that is left out": spring_night,
    "source sends garbage for a day": garbage_for_a_day,
    "platforms down for an hour": platforms_down,
    "answers lost, nonces forgotten": lost_answers,
    "gateway session invalidated": session_invalidated,
    "tokens revoked": token_revoked,
    "half-open connections": deaf_sockets,
    "answers after 60 s": slow_answers,
}
