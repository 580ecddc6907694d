"""Index weights: the daily holdings that publishers of S&P 500 funds put on their sites.

`HoldingsSource` knows when to look and what to do when it goes wrong; a `Publisher` says where the
files are and how to read them. The one here is iShares: a CSV file with a byte order mark, some
lines about the fund, the table, and a page of disclaimers (CATALOGUE.md, section 2). The same
addresses serve web pages when something is wrong.
"""

from __future__ import annotations

import asyncio
import csv
import hashlib
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from itertools import takewhile
from pathlib import Path

from alerts.clock import Clock
from alerts.evidence import Answer, Evidence, FundHoldings, Need, Origin, Weights, holdings
from alerts.market_hours import NEW_YORK, MarketHours
from alerts.sources import Collected, SourceUnavailable
from alerts.sources.pages import Pages

BETWEEN_LOOKS = timedelta(hours=2)
AFTER_A_FAILURE = timedelta(minutes=30)

LINES_BEFORE_THE_TABLE = 40
WHOLE = (Decimal("0.95"), Decimal("1.01"))
"""What the weights of a complete file add up to; 503 roundings, cash and futures blur it."""

_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a holdings file says: fractions of the fund by ticker, shares of companies only."""

    as_of: date
    fractions: Mapping[str, Decimal]
    rejected: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Publisher:
    """Who publishes the holdings of which funds, and where on his site each fund's file is.

    `read` makes a sheet of a file, its content type and the day; it raises ValueError with the
    reason when the file cannot be trusted.
    """

    name: str
    url: str
    funds: Mapping[str, str]
    read: Callable[[bytes, str, date], Sheet]


class HoldingsSource:
    """Supplies `holdings(fund)` of a publisher: the fractions of its shares, by ticker.

    The file is asked for every two hours while the last trading day's weights are not known yet,
    half an hour after a failure, and not at all in between.
    """

    def __init__(
        self,
        publisher: Publisher,
        base_url: str | None,
        cache_dir: Path,
        clock: Clock,
        hours: MarketHours,
        *,
        timeout: timedelta = timedelta(seconds=30),
    ) -> None:
        self.name = publisher.name
        self._publisher = publisher
        self._clock = clock
        self._hours = hours
        self._next_look: dict[str, datetime] = {}
        self._trouble: dict[str, SourceUnavailable] = {}
        self._pages = Pages(
            self.name,
            base_url or publisher.url,
            "Mozilla/5.0 (compatible; bubblewatch/0.1)",
            clock,
            cache_dir,
            interval=timedelta(seconds=2),
            timeout=timeout,
        )

    def supplies(self, need: Need[Answer]) -> bool:
        return need.kind == "holdings" and need.subject in self._publisher.funds

    async def collect(self, needs: Collection[Need[Answer]], known: Evidence) -> Collected:
        """Look at the funds that are due. Raises SourceUnavailable when no fund could be had."""
        wanted = {need.subject: need for need in needs if self.supplies(need)}
        answers: dict[Need[Answer], Answer] = {}
        rejected: list[str] = []
        failed: SourceUnavailable | None = None
        for fund, need in wanted.items():
            days = self._published(known.of(holdings(fund)))
            if not self._is_due(fund, days):
                continue
            try:
                weights, complaints = await self._look(fund, days)
            except SourceUnavailable as error:
                failed = error
                self._failed(fund, error)
                continue
            self._succeeded(fund)
            rejected += complaints
            if weights is not None:
                answers[need] = FundHoldings((weights,))
        unmet = {need: self._trouble[f].reason for f, need in wanted.items() if f in self._trouble}
        if unmet and len(unmet) == len(wanted):
            reason = next(iter(unmet.values()))
            retry_at = failed.retry_at if failed else min(self._next_look[f] for f in wanted)
            raise SourceUnavailable(self.name, reason, retry_at)
        return Collected(Evidence(answers), tuple(rejected), unmet)

    async def close(self) -> None:
        await self._pages.close()

    def _is_due(self, fund: str, known: tuple[Weights, ...]) -> bool:
        now = self._clock.now()
        if not known and fund not in self._trouble:
            return True
        if known and known[-1].as_of >= self._last_close(now):
            return False
        return now >= self._next_look.get(fund, now)

    def _last_close(self, now: datetime) -> date:
        """The last trading day that is over; yesterday where the table of sessions ends."""
        today = now.astimezone(NEW_YORK).date()
        session = self._hours.session(today)
        over = session is not None and now >= session.closes
        last = self._hours.last_session(today if over else today - timedelta(days=1))
        return last.day if last is not None else today - timedelta(days=1)

    def _succeeded(self, fund: str) -> None:
        self._trouble.pop(fund, None)
        self._next_look[fund] = self._clock.now() + BETWEEN_LOOKS

    def _failed(self, fund: str, error: SourceUnavailable) -> None:
        self._trouble[fund] = error
        again = self._clock.now() + AFTER_A_FAILURE
        self._next_look[fund] = max(again, error.retry_at) if error.retry_at else again

    async def _look(
        self, fund: str, known: tuple[Weights, ...]
    ) -> tuple[Weights | None, list[str]]:
        """The file's weights unless they are known already, and what was left out of them."""
        path = self._publisher.funds[fund]
        page = await self._pages.get(path, _proof(known[-1]) if known else None)
        if page is None:
            return None, []
        now = self._clock.now()
        try:
            today = now.astimezone(NEW_YORK).date()
            # A workbook takes a tenth of a second: not on the event loop.
            sheet = await asyncio.to_thread(
                self._publisher.read, page.body, page.content_type, today
            )
        except ValueError as error:
            raise SourceUnavailable(
                self.name, f"the file of {fund}'s holdings cannot be used: {error}"
            ) from error
        origin = Origin(self.name, self._publisher.url + path, now)
        weights = Weights(sheet.as_of, sheet.fractions, dated=True, estimate=False, origin=origin)
        await self._pages.keep(page, _proof(weights))
        complaints = [f"{fund} {sheet.as_of}: {complaint}" for complaint in sheet.rejected]
        if _proof(weights) in map(_proof, known):
            return None, complaints
        return weights, complaints

    def _published(self, fund: FundHoldings | None) -> tuple[Weights, ...]:
        """The days that came from here; others, as of the record, do not stop us from asking."""
        days = fund.days if fund else ()
        return tuple(day for day in days if day.origin.source == self.name)


def _proof(weights: Weights) -> str:
    """The day and a digest of its figures."""
    figures = " ".join(
        f"{ticker}={weights.fractions[ticker].normalize()}" for ticker in sorted(weights.fractions)
    )
    return f"{weights.as_of}:{hashlib.sha256(figures.encode()).hexdigest()[:16]}"


def read_holdings(body: bytes, content_type: str, today: date) -> Sheet:
    """Read an iShares holdings file. Raises ValueError with the reason when it cannot be trusted.

    A row that makes no sense is left out with a reason as long as the rest adds up to a whole.
    """
    text = _text(body, content_type)
    try:
        # Strict: a file that ends inside a quoted cell is a file that was cut off.
        lines = list(csv.reader(text.splitlines(keepends=True), strict=True))
    except csv.Error as error:
        raise ValueError(f"it is cut off or broken ({error})") from error
    head, columns, rows = _table(lines)
    as_of = _as_of(head)
    if as_of > today:
        raise ValueError(f"it is dated {as_of}, which is still to come")
    names: list[tuple[str, Decimal]] = []
    rejected: list[str] = []
    total = Decimal(0)
    for row in rows:
        if len(row) != columns.width:
            raise ValueError("it breaks off in the middle of a row")
        ticker, kind = row[columns.ticker].strip(), row[columns.asset_class].strip()
        weight = _fraction(row[columns.weight])
        if weight is None or (kind == "Equity" and weight < 0):
            rejected.append(f"{ticker or '-'} left out: its weight is '{row[columns.weight]}'")
            continue
        total += weight
        if kind == "Equity" and ticker not in {"", "-"}:
            names.append((ticker, weight))
    return checked(as_of, names, total, rejected)


def checked(
    as_of: date, names: list[tuple[str, Decimal]], total: Decimal, rejected: list[str]
) -> Sheet:
    """A sheet of companies out of a whole of `total`; a ticker listed twice is left out."""
    if not WHOLE[0] <= total <= WHOLE[1]:
        raise ValueError(f"its weights add up to {total:.2%} instead of a whole")
    counts = Counter(ticker for ticker, _ in names)
    twice = [f"{t} left out: it is listed {n} times" for t, n in counts.items() if n > 1]
    fractions = {ticker: weight for ticker, weight in names if counts[ticker] == 1}
    return Sheet(as_of, fractions, (*rejected, *twice))


def _text(body: bytes, content_type: str) -> str:
    if not body.strip():
        raise ValueError("it is empty")
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError("it is not text") from error
    if "html" in content_type.lower() or text.lstrip().startswith("<"):
        raise ValueError("a web page came in its place")
    return text


@dataclass(frozen=True, slots=True)
class _Columns:
    ticker: int
    asset_class: int
    weight: int
    width: int


def _table(lines: list[list[str]]) -> tuple[list[list[str]], _Columns, list[list[str]]]:
    """The lines before the table, where its columns are, and its rows up to the first gap."""
    for at, line in enumerate(lines[:LINES_BEFORE_THE_TABLE]):
        cells = [cell.strip() for cell in line]
        if {"Ticker", "Asset Class", "Weight (%)"} <= set(cells):
            columns = _Columns(
                cells.index("Ticker"),
                cells.index("Asset Class"),
                cells.index("Weight (%)"),
                len(cells),
            )
            rows = list(takewhile(lambda row: any(c.strip() for c in row), lines[at + 1 :]))
            if not rows:
                raise ValueError("its table has no rows")
            return lines[:at], columns, rows
    raise ValueError("it has no table with Ticker, Asset Class and Weight (%)")


def _as_of(head: list[list[str]]) -> date:
    """The day in `Fund Holdings as of,"Nov 18, 2025"`, whatever the locale of the process."""
    for line in head:
        if len(line) > 1 and line[0].strip() == "Fund Holdings as of":
            try:
                month, day, year = line[1].replace(",", " ").split()
                return date(int(year), _MONTHS.index(month[:3]) + 1, int(day))
            except ValueError:
                raise ValueError(f"its date '{line[1]}' cannot be read") from None
    raise ValueError("it carries no date")


def _fraction(percent: str) -> Decimal | None:
    """`7.82` as 0.0782; None for what is no number."""
    try:
        value = Decimal(percent.strip().replace(",", ""))
    except InvalidOperation:
        return None
    return value / 100 if value.is_finite() else None


ISHARES = Publisher(
    "ishares",
    "https://www.ishares.com",
    {
        "IVV": "/us/products/239726/ishares-core-sp-500-etf/1467271812596.ajax"
        "?fileType=csv&fileName=IVV_holdings&dataType=fund",
    },
    read_holdings,
)
