"""A market whose prices stand still, until a test moves them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache

from alerts.market_hours import MarketHours, compute_sessions
from tests.emulators.yahoo import Listed, YahooEmulator

SHARES = 24_300_000_000


@cache
def past_sessions(count: int) -> tuple[date, ...]:
    """The last sessions whose close is final by now."""
    today = datetime.now(UTC).date()
    hours = MarketHours.from_json(compute_sessions(today - timedelta(days=800), today))
    final = [s.day for s in hours.sessions if s.closes + timedelta(hours=1) < datetime.now(UTC)]
    return tuple(final[-count:])


def market(sessions: Sequence[date], nvidia: float) -> YahooEmulator:
    """All prices stand still. Whatever it did not know would be asked for again and again."""
    prices = {"NVDA": nvidia, "GOOGL": 250.0, "^GSPC": 6800.0, "PLTR": 170.0}
    prices |= {"SPY": 680.0, "RSP": 190.0, "VXUS": 75.0}
    return YahooEmulator(
        closes={symbol: dict.fromkeys(sessions, price) for symbol, price in prices.items()},
        companies={
            "NVDA": Listed(implied_shares=SHARES),
            "GOOGL": Listed(implied_shares=12_100_000_000),
            "PLTR": Listed(implied_shares=2_380_000_000),
        },
        funds={"SPY": {"NVDA": 0.0782, "AAPL": 0.0702, "GOOGL": 0.0292}},
    )


def until_yesterday() -> YahooEmulator:
    """Nvidia at 200 dollars; the last session is still to come."""
    return market(past_sessions(140)[:-1], 200.0)


def passes_five_trillion(yahoo: YahooEmulator) -> None:
    """The last session, with Nvidia at 210 dollars."""
    last = past_sessions(1)[0]
    for symbol, closes in yahoo.closes.items():
        price = 210.0 if symbol == "NVDA" else next(iter(closes.values()))
        yahoo.set_close(symbol, last, price)
