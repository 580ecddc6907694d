"""A local server that speaks the wire of www.ishares.com: the daily holdings file of a fund.

python -m tests.emulators.holdings --port 0
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from aiohttp import web

from tests.emulators.server import Emulator, serve_by_hand

_COLUMNS = (
    "Ticker,Name,Sector,Asset Class,Market Value,Weight (%),Notional Value,Quantity,Price,"
    "Location,Exchange,Currency,FX Rate,Market Currency,Accrual Date"
)
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
DISCLAIMERS = (
    "\N{NO-BREAK SPACE}\n"
    '"The content contained herein is owned or licensed by BlackRock and, where ""quoted"", by\n'
    'its providers; it may, or may not, fit in one line."\n'
    "Holdings subject to change. See www.iShares.com for the most recent funds holdings.\n"
)


@dataclass(frozen=True, slots=True)
class Held:
    """One row of the table. `weight` is in percent, as text, so that nonsense can be served."""

    ticker: str
    weight: str
    kind: str = "Equity"

    def as_csv(self) -> str:
        cells = (
            self.ticker,
            f"{self.ticker} INC, CLASS A",
            "Information Technology",
            self.kind,
            "55,112,922,924.56",
            self.weight,
            "55,112,922,924.56",
            "303,886,871.00",
            "181.36",
            "United States",
            "NASDAQ",
            "USD",
            "1.00",
            "USD",
            "-",
        )
        return ",".join(f'"{cell}"' for cell in cells)


def english(day: date) -> str:
    """`Nov 18, 2025`"""
    return f"{_MONTHS[day.month - 1]} {day.day:02}, {day.year}"


def holdings_file(as_of: str, rows: tuple[Held, ...]) -> bytes:
    """The file, with its byte order mark, the lines about the fund, and the disclaimers."""
    head = (
        "\N{BYTE ORDER MARK}iShares Core S&P 500 ETF\n"
        f'Fund Holdings as of,"{as_of}"\n'
        'Inception Date,"May 15, 2000"\n'
        'Shares Outstanding,"1,061,000,000.00"\n'
        'Stock,"-"\nBond,"-"\nCash,"-"\nOther,"-"\n'
        "\N{NO-BREAK SPACE}\n"
    )
    table = "\n".join((_COLUMNS, *(row.as_csv() for row in rows)))
    return f"{head}{table}\n{DISCLAIMERS}".encode()


def fund_of(weights: Mapping[str, str]) -> tuple[Held, ...]:
    """A whole fund around the given weights: the rest of the index in one row, cash, a future.

    The cash has the ticker of a bank, as in the real file.
    """
    rest = Decimal("99.90") - sum(map(Decimal, weights.values()))
    return (
        *(Held(ticker, weight) for ticker, weight in weights.items()),
        Held("REST", str(rest)),
        Held("JPM", "0.02", "Cash Collateral and Margins"),
        Held("ESZ5", "0.00", "Futures"),
    )


TOP_FIVE = {
    "NVDA": "7.82",
    "AAPL": "7.02",
    "MSFT": "6.49",
    "AMZN": "3.82",
    "GOOGL": "2.92",
    "GOOG": "2.35",
}
"""IVV on 2025-11-18: 30.42% together (CATALOGUE.md A29)."""


@dataclass
class HoldingsEmulator(Emulator):
    """Serves the fund's file for `as_of` and `rows`, at any address that asks for a CSV."""

    as_of: str = english(date(2025, 11, 18))
    rows: tuple[Held, ...] = field(default_factory=lambda: fund_of(TOP_FIVE))
    etag: str | None = None

    def set_day(self, day: date, rows: tuple[Held, ...] | None = None) -> None:
        self.rows = rows or self.rows
        self.as_of = english(day)

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/us/products/{number}/{name}/{id}.ajax", self._file)]

    async def _file(self, request: web.Request) -> web.StreamResponse:
        if request.query.get("fileType") != "csv":
            return web.Response(text="<html>a fund</html>", content_type="text/html")
        headers = {"ETag": self.etag} if self.etag else {}
        if self.etag and request.headers.get("If-None-Match") == self.etag:
            return web.Response(status=304, headers=headers)
        return web.Response(
            body=holdings_file(self.as_of, self.rows), content_type="text/csv", headers=headers
        )


if __name__ == "__main__":
    serve_by_hand(HoldingsEmulator(), __doc__)
