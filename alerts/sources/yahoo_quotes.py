"""When the last trade of a symbol is enough, and what it is worth. Pure.

A chart is one request a symbol, the last trades of a hundred symbols are one request (CATALOGUE.md
section 4: as few as can be). But a quote tells nothing of splits and dividends, and one price has
no neighbours that would show it to be wrong: where anything is odd about it, the chart is asked.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from alerts.evidence import Close, PriceHistory
from alerts.market_hours import NEW_YORK, MarketHours, Session
from alerts.sources.yahoo_bars import UNTIL_FINAL
from alerts.sources.yahoo_worker import Quote

SAME_CLOSE = 0.001
"""The close before, as the quote has it, may differ this much from ours: floats, no split."""

LARGE_MOVE = 0.2
"""Since the close before. Real ones are rare enough that the chart can be asked each time."""

_DAY = timedelta(days=1)


class Wanted(StrEnum):
    CHART = "chart"
    QUOTE = "quote"
    NOTHING = "nothing"
    """What New York has closed with is known, and it does not trade now."""


class Doubtful(Exception):
    """Only the chart can tell what the price is."""


def wanted(history: PriceHistory | None, source: str, hours: MarketHours, now: datetime) -> Wanted:
    """What to ask for, given the closes that `source` has told already."""
    final = _final_session(hours, now)
    if history is None or final is None:
        return Wanted.CHART
    running = hours.running_session(now)
    if _final_close(history, final, source):
        return Wanted.QUOTE if running else Wanted.NOTHING
    # Of the last session a quote tells the close; not of one that another has followed.
    return Wanted.CHART if running else Wanted.QUOTE


def bar_of(
    quote: Quote, history: PriceHistory, source: str, hours: MarketHours, now: datetime
) -> tuple[date, float] | None:
    """The day's bar as the chart would have it; None before the first trade of a session.

    Raises Doubtful for a price that cannot be told from the quote alone.
    """
    running = hours.running_session(now)
    session = running or _final_session(hours, now)
    before = session and hours.last_session(session.day - _DAY)
    base = before and _final_close(history, before, source)
    if session is None or not base or quote.at is None:
        raise Doubtful
    traded = datetime.fromtimestamp(quote.at, UTC)
    day = traded.astimezone(NEW_YORK).date()
    if running is not None and day < running.day:
        return None
    if day != session.day or (running is None and traded < session.closes):
        raise Doubtful
    if not _is_plausible(quote, float(base.price)):
        raise Doubtful
    return session.day, quote.price


def _is_plausible(quote: Quote, base: float) -> bool:
    if not math.isfinite(quote.price) or abs(quote.price / base - 1) > LARGE_MOVE:
        return False
    # Of some indexes it is 0 (yfinance #2704), which is no news of a split.
    before = quote.previous_close
    return not before or abs(before / base - 1) <= SAME_CLOSE


def _final_session(hours: MarketHours, now: datetime) -> Session | None:
    """The last session whose close is final by now."""
    last = hours.last_session(now.astimezone(NEW_YORK).date())
    while last is not None and last.closes + UNTIL_FINAL > now:
        last = hours.last_session(last.day - _DAY)
    return last


def _final_close(history: PriceHistory, session: Session, source: str) -> Close | None:
    """What `source` told of a session after its end."""
    at = bisect_left(history.closes, session.day, key=lambda close: close.session)
    close = history.closes[at] if at < len(history.closes) else None
    if close is None or close.origin.source != source:
        return None
    return close if (close.session, close.at) == (session.day, session.closes) else None
