"""Market values of every listed company: an exchange's own screener, as its web page asks it.

One page of some 7,000 rows (CATALOGUE.md, section 2). It is no published interface: it gives no
date, has run a trading day late for weeks, and has had values off by 3 to 20 times. So it fills in
where nothing else is known, and confirms; its values never overrule a price times shares.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path

from alerts.clock import Clock
from alerts.evidence import (
    Answer,
    Evidence,
    ListedCap,
    ListedCaps,
    Need,
    Origin,
    PriceHistory,
    listed_caps,
    prices,
)
from alerts.market_hours import NEW_YORK, MarketHours, Session
from alerts.sources import Collected, SourceUnavailable
from alerts.sources.pages import Pages

SCREENER_URL = "https://api.nasdaq.com"
PATH = "/api/screener/stocks?tableonly=true&limit=25&download=true"
ADDRESS = "https://www.nasdaq.com/market-activity/stocks/screener"

UNTIL_FINAL = timedelta(hours=2)
"""After the bell: the list is remade in the evening."""
BETWEEN_LOOKS = timedelta(hours=3)
AFTER_A_FAILURE = timedelta(hours=1)
FEWEST = 3000
"""Fewer rows than this is not the whole list."""
SAME_PRICE = Decimal("0.002")
CHECKED_AGAINST = ("NVDA", "GOOGL", "PLTR")
"""Companies whose closes are known from elsewhere, to tell which day the list is of."""


class ScreenerSource:
    """Supplies `listed_caps(ticker)` of any ticker, once for each session.

    The session is the last one that is over, or the one before it when the list's prices are
    those of the day before.
    """

    name = "nasdaq"

    def __init__(
        self,
        base_url: str | None,
        cache_dir: Path,
        clock: Clock,
        hours: MarketHours,
        *,
        timeout: timedelta = timedelta(seconds=40),
    ) -> None:
        self._clock = clock
        self._hours = hours
        self._next_look: datetime | None = None
        self._trouble: SourceUnavailable | None = None
        self._unmet: dict[Need[Answer], str] = {}
        self._pages = Pages(
            self.name,
            base_url or SCREENER_URL,
            "Mozilla/5.0 (compatible; bubblewatch/0.1)",
            clock,
            cache_dir,
            interval=timedelta(seconds=2),
            timeout=timeout,
        )

    def supplies(self, need: Need[Answer]) -> bool:
        return need.kind == "listed_caps"

    async def collect(self, needs: Collection[Need[Answer]], known: Evidence) -> Collected:
        """The list's values, unless the last session's are known already."""
        wanted = {need.subject: need for need in needs if self.supplies(need)}
        now = self._clock.now()
        if self._next_look is not None and now < self._next_look:
            if self._trouble is not None:
                raise SourceUnavailable(self.name, self._trouble.reason, self._next_look)
            unmet = {need: self._unmet[need] for need in wanted.values() if need in self._unmet}
            return Collected(Evidence(), unmet=unmet)
        session = self._last_over(now)
        if session is None or self._has(wanted, known, session.day):
            return Collected(Evidence())
        try:
            listed = await self._look()
        except SourceUnavailable as error:
            again = now + AFTER_A_FAILURE
            self._next_look = max(again, error.retry_at) if error.retry_at else again
            self._trouble = error
            raise
        self._trouble = None
        self._next_look = now + BETWEEN_LOOKS
        late = self._is_late(listed.rows, known, session)
        if late:
            before = self._hours.last_session(session.day - timedelta(days=1))
            if before is None:
                return Collected(Evidence())
            session = before
        return self._collected(wanted, listed, known, session)

    async def close(self) -> None:
        await self._pages.close()

    def _last_over(self, now: datetime) -> Session | None:
        today = now.astimezone(NEW_YORK).date()
        last = self._hours.last_session(today)
        if last is not None and now < last.closes + UNTIL_FINAL:
            last = self._hours.last_session(last.day - timedelta(days=1))
        return last

    def _has(self, wanted: Mapping[str, Need[Answer]], known: Evidence, day: date) -> bool:
        newest = [
            caps.caps[-1].session
            for ticker in wanted
            if (caps := known.of(listed_caps(ticker))) is not None and caps.caps
        ]
        return len(newest) == len(wanted) and min(newest) >= day

    async def _look(self) -> Listing:
        page = await self._pages.get(PATH)
        if page is None:
            raise SourceUnavailable(self.name, "it sent nothing")
        try:
            return await asyncio.to_thread(read_listing, page.body, page.content_type)
        except ValueError as error:
            raise SourceUnavailable(self.name, f"its list cannot be used: {error}") from error

    def _is_late(self, rows: Mapping[str, Row], known: Evidence, session: Session) -> bool:
        """Whether the list's prices are those of the session before, where any are known."""
        votes = 0
        for ticker in CHECKED_AGAINST:
            history = known.of(prices(ticker)) or PriceHistory(())
            closes = {close.session: close.price for close in history.closes[-5:]}
            row = rows.get(ticker)
            before = self._hours.last_session(session.day - timedelta(days=1))
            if row is None or row.price is None or before is None:
                continue
            for day, vote in ((session.day, -1), (before.day, 1)):
                if day in closes and abs(row.price / closes[day] - 1) <= SAME_PRICE:
                    votes += vote
        return votes > 0

    def _collected(
        self,
        wanted: Mapping[str, Need[Answer]],
        listed: Listing,
        known: Evidence,
        session: Session,
    ) -> Collected:
        origin = Origin(self.name, ADDRESS, self._clock.now())
        answers: dict[Need[Answer], Answer] = {}
        self._unmet = {}
        for ticker, need in wanted.items():
            row = listed.rows.get(ticker)
            if row is None:
                self._unmet[need] = f"the list has no market value of {ticker}"
                continue
            caps = known.of(listed_caps(ticker)) or ListedCaps(())
            if any(c.session == session.day and c.usd == row.usd for c in caps.caps[-5:]):
                continue
            cap = ListedCap(session.day, session.closes, row.usd, origin)
            answers[need] = ListedCaps((cap,))
        return Collected(Evidence(answers), unmet=dict(self._unmet))


@dataclass(frozen=True, slots=True)
class Row:
    usd: Decimal
    price: Decimal | None


@dataclass(frozen=True, slots=True)
class Listing:
    """Market values by ticker, in dollars; Alphabet's two tickers carry the whole company each."""

    rows: Mapping[str, Row]


def read_listing(body: bytes, content_type: str) -> Listing:
    """Read the list. Raises ValueError with the reason when it is not the whole list."""
    if "html" in content_type.lower() or body.lstrip().startswith(b"<"):
        raise ValueError("a web page came in its place")
    try:
        page: object = json.loads(body)
    except ValueError as error:
        raise ValueError("it is cut off or no JSON") from error
    data = page.get("data") if isinstance(page, dict) else None
    entries = data.get("rows") if isinstance(data, dict) else None
    if not isinstance(entries, list):
        raise ValueError("it has no rows")
    rows: dict[str, Row] = {}
    for entry in entries:
        if not isinstance(entry, dict) or not isinstance(entry.get("symbol"), str):
            continue
        usd = _amount(entry.get("marketCap"))
        if usd is None or usd <= 0:
            # Warrants and units have none, nor at times a company; who needs it will say so.
            continue
        rows[entry["symbol"].strip()] = Row(usd, _amount(entry.get("lastsale")))
    if len(rows) < FEWEST:
        raise ValueError(f"it has {len(rows)} market values only")
    return Listing(rows)


def _amount(text: object) -> Decimal | None:
    """`5196224000000.00`, `$214.72`; None for what is no number."""
    if not isinstance(text, str):
        return None
    try:
        value = Decimal(text.strip().removeprefix("$").replace(",", ""))
    except InvalidOperation:
        return None
    return value if value.is_finite() else None
