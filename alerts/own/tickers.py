"""Tickers: the price or the market value of any American symbol, as `price(TSM)`.

Symbols with an exchange behind a dot are left out: their prices are in other currencies. An index
(`^GSPC`) has points instead of dollars, and no market value.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Collection
from datetime import timedelta
from decimal import Decimal

from alerts.evidence import Answer, Evidence, Need, PriceHistory, prices
from alerts.indicators import Cadence, Guard, Indicator, Meaning, Names, Section
from alerts.indicators.market_cap import SHARE_TAGS, cap_needs, cap_series
from alerts.quantity import Unit
from alerts.reading import Missing, Part, Reading, Status

SYMBOL = r"[A-Z]{1,5}(?:-[A-Z]{1,2})?"
_KEY = re.compile(rf"price\(({SYMBOL}|\^[A-Z0-9]{{2,8}})\)|market_cap\(({SYMBOL})\)")

# Whose filings count all shares (CATALOGUE 0). A company with several classes counts them one by
# one on its cover page, and one class alone would make it too small.
COUNTED_IN_FILINGS = frozenset({*SHARE_TAGS, "MSFT", "AAPL", "AMZN", "ORCL"})

A_WEEKEND = timedelta(days=5)
_JUMP = Decimal("0.40")
_SHARES = Decimal("0.08")


def is_ticker(key: str) -> bool:
    return _KEY.fullmatch(key) is not None


@functools.lru_cache(maxsize=512)
def indicator_of(key: str) -> Indicator | None:
    """The indicator behind `price(TSM)` or `market_cap(TSM)`; None for any other key."""
    match = _KEY.fullmatch(key)
    if match is None:
        return None
    return _price(key, match[1]) if match[1] else _market_cap(key, match[2])


def _price(key: str, symbol: str) -> Indicator:
    unit = Unit.POINTS if symbol.startswith("^") else Unit.USD
    return Indicator(
        key=key,
        names=Names(f"{symbol}, last price", f"{symbol} 最新價格", f"{symbol} 最新价格"),
        section=Section.FUNDAMENTALS,
        unit=unit,
        cadence=Cadence.SESSION,
        meaning=Meaning.HOTTER,
        needs=(prices(symbol),),
        series=functools.partial(price_series, key, symbol, unit),
        formula="last price of the session, not adjusted for dividends",
        caveat="A price alone says nothing of what stands behind it.",
        stale_after=A_WEEKEND,
        guard=Guard({"price": _JUMP}),
        own=True,
    )


def price_series(key: str, symbol: str, unit: Unit, evidence: Evidence) -> list[Reading | Missing]:
    """One reading a session. Prices are in today's shares, so a split moves none of them."""
    history = evidence.of(prices(symbol)) or PriceHistory(())
    return [
        Reading(
            key,
            close.price,
            unit,
            close.at,
            close.session,
            close.origin.source,
            close.origin.url,
            close.origin.fetched_at,
            Status.CONFIRMED,
            "last price",
            (
                Part(
                    "price",
                    close.price,
                    unit,
                    close.session,
                    close.origin.source,
                    close.origin.url,
                ),
            ),
        )
        for close in history.closes[history.first :]
    ]


def _market_cap(key: str, symbol: str) -> Indicator:
    needs = cap_needs(symbol)
    if symbol not in COUNTED_IN_FILINGS:
        needs = tuple(need for need in needs if need.kind != "statements")
    return Indicator(
        key=key,
        names=Names(f"{symbol}, market value", f"{symbol} 市值", f"{symbol} 市值"),
        section=Section.FUNDAMENTALS,
        unit=Unit.USD,
        cadence=Cadence.SESSION,
        meaning=Meaning.HOTTER,
        needs=needs,
        series=functools.partial(market_cap_series, key, symbol, needs),
        formula="last price × shares of the whole company",
        caveat="Where no filing's share count can be used, its history begins with the first look.",
        stale_after=A_WEEKEND,
        guard=Guard({"price": _JUMP, "shares": _SHARES}, _JUMP),
        own=True,
    )


def market_cap_series(
    key: str, symbol: str, needs: Collection[Need[Answer]], evidence: Evidence
) -> list[Reading | Missing]:
    """As the catalogue's own, from no more than what `needs` names."""
    named = {need: answer for need, answer in evidence.items() if need in needs}
    return cap_series(key, symbol, Evidence(named))
