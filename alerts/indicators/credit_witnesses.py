"""Who else saw lenders ask for more: a fund of high-yield bonds, and Moody's spread (A27).

A witness tells a direction only. When the spread over Treasuries widens, the fund loses, its
interest counted in, and the other spread widens too.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from alerts.evidence import Close, Figures, PriceHistory
from alerts.published import Figure
from alerts.quantity import Unit
from alerts.reading import Part

NO_DIRECTION = Decimal("0.0005")
"""A smaller change of a spread is no direction: five hundredths of a point."""
LOOKED_BACK = timedelta(days=60)
CLOSE_BY = timedelta(days=6)


@dataclass(frozen=True, slots=True)
class Seen:
    """What one witness saw; `widens` is None when it saw no direction."""

    symbol: str
    widens: bool | None
    view: Part


class Witnesses:
    def __init__(self, fund: PriceHistory, other: Figures) -> None:
        since = date.min if fund.begins is None else fund.begins - LOOKED_BACK
        self._levels = fund.growth(since)
        self._sessions = [close.session for close, _ in self._levels]
        self._figures = other.current
        self._days = sorted(self._figures)

    def between(self, since: date, until: date, known_by: datetime) -> list[Seen]:
        """What was seen from one day to another, the fund first; who saw nothing is left out."""
        seen = (self._fund(since, until), self._other(since, until, known_by))
        return [one for one in seen if one is not None]

    def _fund(self, since: date, until: date) -> Seen | None:
        before, now = self._level(since), self._level(until)
        if before is None or now is None:
            return None
        growth = now[1] / before[1] - 1
        origin = now[0].origin
        view = _view("HYG over 20 sessions, interest included", growth, now[0].session,
                     origin.source, origin.url)  # fmt: skip
        return Seen("HYG", growth < 0 if growth else None, view)

    def _other(self, since: date, until: date, known_by: datetime) -> Seen | None:
        before, now = self._figure(since, known_by), self._figure(until, known_by)
        if before is None or now is None:
            return None
        change = (now.value - before.value) / 100
        view = _view("Moody's Baa spread over 20 sessions", change, now.day,
                     now.origin.source, now.origin.url)  # fmt: skip
        return Seen("BAA10Y", change > 0 if abs(change) >= NO_DIRECTION else None, view)

    def _level(self, day: date) -> tuple[Close, Decimal] | None:
        at = _last_by(self._sessions, day)
        return None if at is None else self._levels[at]

    def _figure(self, day: date, known_by: datetime) -> Figure | None:
        at = _last_by(self._days, day)
        if at is None:
            return None
        figure = self._figures[self._days[at]]
        return figure if figure.known_from <= known_by.date() else None


def _last_by(days: Sequence[date], day: date) -> int | None:
    """The place of the last of these days by that day; None when it is long before."""
    at = bisect_right(days, day) - 1
    return at if at >= 0 and day - days[at] <= CLOSE_BY else None


def _view(definition: str, value: Decimal, day: date, source: str, url: str) -> Part:
    return Part(definition, value, Unit.FRACTION, day, source, url)
