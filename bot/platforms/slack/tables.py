"""Tables narrow enough for a telephone: columns of even width where they fit, else a line a row.

No font that Slack uses makes a Chinese character exactly as wide as two Latin ones. So a cell is
filled up with as many wide spaces as it lacks wide characters, and with as many narrow ones as it
lacks narrow characters: then every cell of a column is equally wide in every font.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.platforms.slack.text import literal
from bot.platforms.tables import GAP, Row, rows_for_reading, side_by_side
from bot.replies import Table
from bot.wrapping import is_wide

WIDEST = 44
"""Latin characters that a telephone shows in a line."""
_READ = 60
"""So many lines of a table people still read; a longer one has no more than a line a row."""
_WIDE_SPACE = "\u3000"
_BELOW = "↳ "


def in_columns(table: Table) -> list[str] | None:
    """One string a row, the titles first; None when a telephone could not show it.

    Columns of the highest rank are left out first.
    """
    rows = [[column.title for column in table.columns]] if _has_titles(table) else []
    rows += [[cell.text.replace("\n", " ") for cell in row] for row in table.rows]
    sizes = [_widest(row[i] for row in rows) for i in range(len(table.columns))]
    kept = side_by_side(table, [size.width for size in sizes], WIDEST)
    if kept is None:
        return None
    return [
        (" " * GAP)
        .join(sizes[i].padded(row[i], table.columns[i].right) for i in kept)
        .rstrip(" " + _WIDE_SPACE)
        for row in rows
    ]


def in_parts(table: Table) -> list[list[str]]:
    """The rows for reading as lines of mrkdwn, a new part at each heading.

    Columns of the highest rank are left out where the whole would be too long to read.
    """
    parts: list[list[str]] = []
    for row in rows_for_reading(table, WIDEST, _fit):
        if row.is_heading or not parts:
            parts.append([])
        parts[-1] += _lines(row)
    return parts


def _fit(rows: Sequence[Row]) -> bool:
    return sum(len(_lines(row)) for row in rows) <= max(_READ, len(rows))


def _lines(row: Row) -> list[str]:
    name, *said = map(literal, row.said or row.below)
    lines = [" · ".join([f"*{name}*" if name.strip() else name, *said])]
    if row.said and row.below:
        lines.append(_BELOW + " · ".join(map(literal, row.below)))
    return [line.replace("\n", " ") for line in lines]


def _has_titles(table: Table) -> bool:
    return any(column.title for column in table.columns)


@dataclass(frozen=True, slots=True)
class Size:
    """How many wide and narrow characters the widest texts of a column have."""

    wide: int
    narrow: int

    @property
    def width(self) -> int:
        return 2 * self.wide + self.narrow

    def padded(self, text: str, right: bool) -> str:
        own = size_of(text)
        space = _WIDE_SPACE * (self.wide - own.wide) + " " * (self.narrow - own.narrow)
        return space + text if right else text + space


def size_of(text: str) -> Size:
    """East Asian characters are wide; combining ones take no room."""
    if text.isascii():
        return Size(0, len(text))
    shown = [c for c in text if not unicodedata.combining(c)]
    wide = sum(map(is_wide, shown))
    return Size(wide, len(shown) - wide)


def _widest(texts: Iterable[str]) -> Size:
    sizes = [size_of(text) for text in texts]
    return Size(
        max((size.wide for size in sizes), default=0),
        max((size.narrow for size in sizes), default=0),
    )
