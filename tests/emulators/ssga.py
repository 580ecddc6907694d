"""A local server that speaks the wire of www.ssga.com: SPY's daily holdings as a workbook.

python -m tests.emulators.ssga --port 0
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from io import BytesIO

from aiohttp import web
from openpyxl import Workbook

from tests.emulators.server import Emulator, serve_by_hand

COLUMNS = (
    "Name", "Ticker", "Identifier", "SEDOL", "Weight", "Sector", "Shares Held", "Local Currency",
)  # fmt: skip
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
DISCLAIMER = (
    "Before investing, consider the funds' investment objectives, risks, charges and expenses.",
    "It may, or may not, be of this fund.",
)
Row = tuple[str, object]
"""A ticker and its weight in percent; any value, so that nonsense can be served."""

TOP_FIVE: tuple[Row, ...] = (
    ("NVDA", 7.828213), ("AAPL", 7.031518), ("MSFT", 6.497012), ("AMZN", 3.818422),
    ("GOOGL", 2.926034), ("GOOG", 2.348801),
)  # fmt: skip
"""SPY on 2025-11-18: 30.45% together (CATALOGUE.md A29)."""


def english(day: date) -> str:
    return f"As of {day.day:02}-{MONTHS[day.month - 1]}-{day.year}"


def workbook(as_of: object, rows: Sequence[Row], columns: Sequence[str] = COLUMNS) -> bytes:
    """The file, with its lines about the fund above the table and the disclaimer below."""
    book = Workbook()
    sheet = book.active
    sheet.title = "holdings"
    for line in (
        ("Fund Name:", "State Street® SPDR® S&P 500® ETF Trust"),
        ("Ticker Symbol:", "SPY"),
        ("Holdings:", as_of),
        (),
        columns,
    ):
        sheet.append(line)
    for ticker, weight in rows:
        sheet.append((f"{ticker} INC", ticker, "67066G104", "2379504", weight, "-", 3.03e8, "USD"))
    for line in ((), *((text,) for text in DISCLAIMER)):
        sheet.append(line)
    with BytesIO() as written:
        book.save(written)
        return written.getvalue()


def fund_of(rows: Sequence[Row]) -> tuple[Row, ...]:
    """A whole fund around the given weights: the rest of the index in one row, and cash."""
    known = sum(weight for _, weight in rows if isinstance(weight, float))
    return (*rows, ("REST", round(99.96 - known, 6)), ("-", 0.04))


@dataclass
class SsgaEmulator(Emulator):
    """Serves the workbook for `as_of` and `rows`."""

    as_of: object = english(date(2025, 11, 18))
    rows: tuple[Row, ...] = field(default_factory=lambda: fund_of(TOP_FIVE))

    def routes(self) -> list[web.RouteDef]:
        folder = "/us/en/intermediary/library-content/products/fund-data/etfs/us"
        return [web.get(f"{folder}/holdings-daily-us-en-spy.xlsx", self._file)]

    async def _file(self, _: web.Request) -> web.StreamResponse:
        return web.Response(body=workbook(self.as_of, self.rows), content_type=XLSX)


if __name__ == "__main__":
    serve_by_hand(SsgaEmulator(), __doc__)
