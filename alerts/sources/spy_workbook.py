"""The workbook in which State Street publishes each day's holdings of its S&P 500 fund, SPY.

A sheet with a few lines about the fund, among them `Holdings: | As of 18-Nov-2025`, the table, and
a disclaimer below it. Weights are in percent.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from io import BytesIO
from xml.etree.ElementTree import ParseError

from alerts.sources.holdings import LINES_BEFORE_THE_TABLE, Publisher, Sheet, checked

LARGEST = 64 * 1024 * 1024
"""In bytes, unpacked; the real one has half a megabyte."""

_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_NO_TICKER = {"", "-"}

Cells = Sequence[object]


def read_workbook(body: bytes, content_type: str, today: date) -> Sheet:
    """Raises ValueError with the reason when the file cannot be trusted.

    A row that makes no sense is left out with a reason as long as the rest adds up to a whole.
    """
    lines = _lines(body, content_type)
    at, ticker_at, weight_at = _table(lines)
    as_of = _as_of(lines[:at])
    if as_of > today:
        raise ValueError(f"it is dated {as_of}, which is still to come")
    names: list[tuple[str, Decimal]] = []
    rejected: list[str] = []
    total = Decimal(0)
    for line in lines[at + 1 :]:
        ticker, percent = _text(line, ticker_at), _text(line, weight_at)
        if not ticker and not percent:
            break
        weight = _fraction(line[weight_at] if weight_at < len(line) else None)
        if weight is None or (ticker not in _NO_TICKER and weight < 0):
            rejected.append(f"{ticker or '-'} left out: its weight is '{percent}'")
            continue
        total += weight
        if ticker not in _NO_TICKER:
            names.append((ticker, weight))
    if not names:
        raise ValueError("its table has no rows")
    return checked(as_of, names, total, rejected)


def _lines(body: bytes, content_type: str) -> list[Cells]:
    """The cells of its first sheet."""
    # Imported here: the parent of all other work has no use for it.
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    if not body.strip():
        raise ValueError("it is empty")
    if "html" in content_type.lower() or body.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<"):
        raise ValueError("a web page came in its place")
    try:
        with zipfile.ZipFile(BytesIO(body)) as archive:
            if sum(member.file_size for member in archive.infolist()) > LARGEST:
                raise ValueError("it unpacks to an endless workbook")
        workbook = load_workbook(BytesIO(body), read_only=True, data_only=True)
        try:
            sheet = workbook.worksheets[0]
            # The size that a sheet claims for itself is not always its own.
            sheet.reset_dimensions()
            return list(sheet.iter_rows(values_only=True))
        finally:
            workbook.close()
    except (
        zipfile.BadZipFile, zlib.error, InvalidFileException, ParseError,
        KeyError, IndexError, EOFError,
    ) as error:  # fmt: skip
        raise ValueError(f"it is cut off or broken ({type(error).__name__})") from error


def _table(lines: Sequence[Cells]) -> tuple[int, int, int]:
    """The line of the columns' names, and where its tickers and weights are."""
    for at, line in enumerate(lines[:LINES_BEFORE_THE_TABLE]):
        cells = [_text(line, column) for column in range(len(line))]
        if {"Name", "Ticker", "Weight"} <= set(cells):
            return at, cells.index("Ticker"), cells.index("Weight")
    raise ValueError("it has no table with Name, Ticker and Weight")


def _as_of(head: Sequence[Cells]) -> date:
    """`As of 18-Nov-2025`, whatever the locale of the process."""
    for line in head:
        if _text(line, 0).rstrip(":").lower() == "holdings":
            said = _text(line, 1)
            found = re.search(r"(\d{1,2})-([A-Za-z]{3})[a-z]*-(\d{4})$", said)
            try:
                if found is not None:
                    day, month, year = found.groups()
                    return date(int(year), _MONTHS.index(month.lower()) + 1, int(day))
            except ValueError:
                pass  # no such day or month: said below, as any other text that is no date
            raise ValueError(f"its date '{said}' cannot be read")
    raise ValueError("it carries no date")


def _text(line: Cells, column: int) -> str:
    cell = line[column] if column < len(line) else None
    return "" if cell is None else str(cell).strip()


def _fraction(percent: object) -> Decimal | None:
    """`7.82` as 0.0782; None for what is no number."""
    if isinstance(percent, bool) or not isinstance(percent, int | float | str):
        return None
    if not re.fullmatch(r"-?\d+(\.\d+)?([eE]-?\d+)?", str(percent).strip()):
        return None
    return Decimal(str(percent).strip()) / 100


SSGA = Publisher(
    "ssga",
    "https://www.ssga.com",
    {
        "SPY": "/us/en/intermediary/library-content/products/fund-data/etfs/us/"
        "holdings-daily-us-en-spy.xlsx",
    },
    read_workbook,
)
