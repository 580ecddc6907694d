"""Times of day in a destination's own time zone: quiet hours and the digest's next time.

Pure. Minutes are counted after local midnight; weekdays from Monday, as `datetime.weekday`.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

MINUTES_A_DAY = 24 * 60


def instant(day: date, minute: int, timezone: str) -> datetime:
    """That wall-clock time in UTC.

    A time that daylight saving skips is taken as the same distance after midnight, and of one
    that comes twice the first is meant: `fold=0` of PEP 495 does both.
    """
    local = datetime.combine(day, time(minute // 60, minute % 60), ZoneInfo(timezone))
    return local.astimezone(UTC)


def quiet_until(now: datetime, timezone: str, start: int, end: int) -> datetime | None:
    """The end of the quiet hours that `now` lies in; None outside of them.

    Quiet hours that end before they start go past midnight.
    """
    if start == end:
        return None
    today = now.astimezone(ZoneInfo(timezone)).date()
    for day in (today - timedelta(days=1), today):
        last = day if start < end else day + timedelta(days=1)
        begins, ends = instant(day, start, timezone), instant(last, end, timezone)
        if begins <= now < ends:
            return ends
    return None


def next_time(now: datetime, timezone: str, minute: int, weekday: int | None = None) -> datetime:
    """The first such time after `now`; on `weekday` only, when one is given."""
    day = now.astimezone(ZoneInfo(timezone)).date()
    # Eight days ahead hold every weekday, today's past one included.
    for offset in range(-1, 9):
        candidate = day + timedelta(days=offset)
        if weekday is not None and candidate.weekday() != weekday:
            continue
        at = instant(candidate, minute, timezone)
        if at > now:
            return at
    raise LookupError(f"no {minute} min after midnight in {timezone} after {now}")
