"""When New York trades: sessions of XNYS with holidays and early closes.

exchange_calendars builds on pandas (70 MB in memory), so the table of sessions is computed in a
short-lived child process and kept as plain numbers in a file beside the database.
"""

from __future__ import annotations

import bisect
import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Self
from zoneinfo import ZoneInfo

from alerts.child import Child

NEW_YORK = ZoneInfo("America/New_York")
CLOSING_BELL = time(16, 0)
MIDNIGHT = time()


def closing_bell(session: date) -> datetime:
    """16:00 in New York on that day, in UTC; early closes are not known here."""
    return datetime.combine(session, CLOSING_BELL, NEW_YORK).astimezone(UTC)


def next_time(now: datetime, at: time) -> datetime:
    """The next moment at which clocks in New York show `at`."""
    today = datetime.combine(now.astimezone(NEW_YORK).date(), at, NEW_YORK)
    return today if today > now else today + timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Session:
    day: date
    opens: datetime
    closes: datetime


class MarketHours:
    """The sessions of a span of years, in order."""

    def __init__(self, sessions: tuple[Session, ...]) -> None:
        self.sessions = sessions
        self._days = [session.day for session in sessions]
        self._closes = [session.closes for session in sessions]

    def session(self, day: date) -> Session | None:
        """That day's session, or None when New York does not trade on it."""
        at = bisect.bisect_left(self._days, day)
        if at < len(self._days) and self._days[at] == day:
            return self.sessions[at]
        return None

    def last_session(self, on_or_before: date) -> Session | None:
        """The last session that is not after a day; None before the table begins."""
        at = bisect.bisect_right(self._days, on_or_before)
        return self.sessions[at - 1] if at else None

    def running_session(self, now: datetime) -> Session | None:
        session = self.next_close(now)
        return session if session is not None and session.opens <= now else None

    def next_close(self, now: datetime) -> Session | None:
        """The session that runs now, or else the next one."""
        at = bisect.bisect_right(self._closes, now)
        return self.sessions[at] if at < len(self.sessions) else None

    def covers(self, day: date) -> bool:
        return bool(self._days) and self._days[0] <= day <= self._days[-1]

    def to_json(self) -> str:
        return json.dumps(
            [[s.day.isoformat(), s.opens.timestamp(), s.closes.timestamp()] for s in self.sessions]
        )

    @classmethod
    def from_json(cls, text: str) -> Self:
        return cls(
            tuple(
                Session(
                    date.fromisoformat(day),
                    datetime.fromtimestamp(opens, UTC),
                    datetime.fromtimestamp(closes, UTC),
                )
                for day, opens, closes in json.loads(text)
            )
        )


def compute_sessions(start: date, end: date) -> str:
    """All XNYS sessions of a span, as JSON. Imports pandas: call it in a child process."""
    import exchange_calendars

    calendar = exchange_calendars.get_calendar("XNYS", start=start.isoformat(), end=end.isoformat())
    schedule = calendar.schedule
    return MarketHours(
        tuple(
            Session(day.date(), opens.to_pydatetime(), closes.to_pydatetime())
            for day, opens, closes in zip(
                schedule.index, schedule["open"], schedule["close"], strict=True
            )
        )
    ).to_json()


async def load_market_hours(cache: Path, today: date) -> MarketHours:
    """The sessions from 1990 until a year from today, from the cache or a child process."""
    from anyio import to_thread

    hours = await to_thread.run_sync(_read_cache, cache)
    # A month is kept in hand, so that schedules never look past the end of the table.
    if hours is not None and hours.covers(today + timedelta(days=30)):
        return hours
    child = Child(idle_s=0)
    try:
        text = await child(compute_sessions, date(1990, 1, 1), today + timedelta(days=360))
    finally:
        await child.close()
    await to_thread.run_sync(_write_cache, cache, text)
    return MarketHours.from_json(text)


def _read_cache(cache: Path) -> MarketHours | None:
    """None when there is no table yet, or one that cannot be read: it is computed again."""
    try:
        return MarketHours.from_json(cache.read_text())
    except (OSError, ValueError, TypeError):
        return None


def _write_cache(cache: Path, text: str) -> None:
    cache.parent.mkdir(parents=True, exist_ok=True)
    partial = cache.with_suffix(".partial")
    partial.write_text(text)
    partial.replace(cache)
