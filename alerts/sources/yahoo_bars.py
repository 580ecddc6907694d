"""What a row of Yahoo's daily bars is worth: final, running, or not to be believed. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Context, Decimal
from fractions import Fraction
from itertools import takewhile

from alerts.evidence import Close, Dividend, Origin, PriceHistory, Split
from alerts.market_hours import NEW_YORK, MarketHours, Session

UNTIL_FINAL = timedelta(minutes=20)
"""After the bell: Yahoo's quotes are up to 15 minutes late, and the closing auction takes time."""

PLACES = 6


def to_decimal(value: float) -> Decimal:
    """The float as people would write it, with six places at most."""
    exact = Decimal(repr(value))
    return exact if -int(exact.as_tuple().exponent) <= PLACES else round(exact, PLACES)


# Yahoo's prices are 32-bit floats written with 64-bit noise: 207.04 arrives as 207.0399932861328.
_SINGLE_PRECISION = Context(prec=7)


def to_price(value: float) -> Decimal:
    """The price that was meant: the seven digits that a 32-bit float carries."""
    return Decimal(f"{_SINGLE_PRECISION.create_decimal(repr(value)).normalize():f}")


def read_bars(
    bars: Iterable[tuple[date, float]],
    splits: Iterable[tuple[date, float]],
    dividends: Iterable[tuple[date, float]],
    now: datetime,
    hours: MarketHours,
    origin: Origin,
) -> tuple[PriceHistory, list[str]]:
    """Closes with the instants that they stand for, and what was left out and why (RULES.md R4).

    A session's bar is final from 20 minutes after its close; while the session runs it stands for
    the minute of the fetch; in the minutes between it is left out without a word.
    """
    closes: dict[date, Close] = {}
    strange: dict[str, list[date]] = {}
    for day, price in bars:
        session = hours.session(day)
        reason = _why_not(day, price, session, now)
        if reason is not None or session is None:
            strange.setdefault(reason or "no trading day in New York", []).append(day)
            continue
        at = instant_of(session, now)
        if at is not None:
            closes[day] = Close(day, at, to_price(price), origin)
    complaints = [f"{_days(days)} left out: {reason}" for reason, days in strange.items()]
    explained = {day for days in strange.values() for day in days}
    gaps = [day for day in _missing(closes, hours, now) if day not in explained]
    if gaps:
        complaints.append(f"no price for the session of {_days(gaps)}")
    return (
        PriceHistory(
            tuple(closes[day] for day in sorted(closes)),
            _splits(splits, now, complaints),
            _dividends(dividends, now, complaints),
        ),
        complaints,
    )


def instant_of(session: Session, now: datetime) -> datetime | None:
    """What a session's bar stands for when it is read now; None when it is not to be used."""
    if now >= session.closes + UNTIL_FINAL:
        return session.closes
    if session.opens <= now < session.closes:
        return now.replace(second=0, microsecond=0)
    return None


def _why_not(day: date, price: float, session: Session | None, now: datetime) -> str | None:
    if day > now.astimezone(NEW_YORK).date():
        return "still to come"
    if session is None:
        return "no trading day in New York"
    if now < session.opens:
        return "New York has not opened yet"
    if not math.isfinite(price) or price <= 0:
        return f"the price is {price:g}"
    return None


def _missing(closes: dict[date, Close], hours: MarketHours, now: datetime) -> list[date]:
    """The sessions since the first bar that should be there and are not (yfinance #2964)."""
    if not closes:
        return []
    first = min(closes)
    return [
        session.day
        for session in hours.sessions
        if session.day > first and session.closes + UNTIL_FINAL <= now and session.day not in closes
    ]


def _splits(
    splits: Iterable[tuple[date, float]], now: datetime, complaints: list[str]
) -> tuple[Split, ...]:
    """Splits that have happened, with ratios as the small fractions that they are."""
    happened = []
    for day, ratio in splits:
        if not math.isfinite(ratio) or ratio <= 0:
            complaints.append(f"the split of {day} left out: its ratio is {ratio:g}")
        elif day <= now.astimezone(NEW_YORK).date():
            exact = Fraction(ratio).limit_denominator(1000)
            happened.append(Split(day, Decimal(exact.numerator) / Decimal(exact.denominator)))
    return tuple(happened)


def _dividends(
    dividends: Iterable[tuple[date, float]], now: datetime, complaints: list[str]
) -> tuple[Dividend, ...]:
    """Dividends of sessions that have begun."""
    paid = []
    for day, amount in dividends:
        if not math.isfinite(amount) or amount <= 0:
            complaints.append(f"the dividend of {day} left out: it is {amount:g}")
        elif day <= now.astimezone(NEW_YORK).date():
            paid.append(Dividend(day, to_decimal(amount)))
    return tuple(paid)


def _days(days: list[date]) -> str:
    """`2026-08-28` or `2026-08-28, 2026-08-31, 2026-09-01 and 4 more`."""
    listed = ", ".join(day.isoformat() for day in days[:3])
    return listed if len(days) <= 3 else f"{listed} and {len(days) - 3} more"


def what_is_new(fetched: PriceHistory, known: PriceHistory | None) -> PriceHistory | None:
    """The part of a fetch that is not known yet; None when there is no such part.

    With a split that was not known, all that was fetched counts as new: older amounts are about
    to be brought to the new shares, and the fetched ones already are.
    """
    if known is None:
        return fetched if fetched.closes or fetched.splits else None
    paid = tuple(dividend for dividend in fetched.dividends if dividend not in known.dividends)
    splits = tuple(split for split in fetched.splits if split not in known.splits)
    first = fetched.closes[0].session if fetched.closes else date.max
    overlap = takewhile(lambda close: close.session >= first, reversed(known.closes))
    old = {_identity(close) for close in overlap}
    closes = tuple(c for c in fetched.closes if splits or _identity(c) not in old)
    if splits:
        paid = fetched.dividends
    return PriceHistory(closes, splits, paid) if closes or splits or paid else None


def _identity(close: Close) -> tuple[date, datetime, Decimal, str]:
    return close.session, close.at, close.price, close.origin.source
