"""Tables for narrow screens: fixed-width columns where they fit, else one line a row."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from bot.platforms.discord.text import escaped, in_code, padded
from bot.platforms.tables import DRAWN, GAP, Row, rows_for_reading, side_by_side
from bot.replies import Table
from bot.wrapping import width

PHONE = 38
"""Columns of fixed-width letters that a phone shows without breaking a line."""
_ROOM = 3500
"""Characters: an embed holds 4096, and a table seldom comes alone."""


def in_columns(table: Table) -> list[str] | None:
    """The table's lines for a block of code, or None when a phone could not show it.

    Columns of the highest rank are left out first.
    """
    lines = _columns(table)
    return None if lines is None else list(lines)


@lru_cache(maxsize=DRAWN)
def _columns(table: Table) -> tuple[str, ...] | None:
    cells = [[in_code(cell.text) for cell in row] for row in table.rows]
    titles = [in_code(column.title) for column in table.columns]
    widths = [
        max([width(title), *(width(row[i]) for row in cells)]) for i, title in enumerate(titles)
    ]
    kept = side_by_side(table, widths, PHONE)
    if kept is None:
        return None
    lines = [titles, *cells] if any(titles) else cells
    return tuple(
        (" " * GAP)
        .join(padded(line[i], widths[i], right=table.columns[i].right) for i in kept)
        .rstrip()
        for line in lines
    )


def in_lines(table: Table) -> list[str]:
    """Each row for reading: its name stands out, and what matters less stands small below it.

    Columns of the highest rank are left out where most rows would grow too long, and where all
    rows together would not fit.
    """
    return list(_rows(table))


@lru_cache(maxsize=DRAWN)
def _rows(table: Table) -> tuple[str, ...]:
    return tuple(line for row in rows_for_reading(table, PHONE, _fit) for line in _lines(row))


def _fit(rows: Sequence[Row]) -> bool:
    return sum(len(line) + 1 for row in rows for line in _lines(row)) <= _ROOM


def _lines(row: Row) -> list[str]:
    if row.is_heading:
        return [f"### {escaped(row.said[0])}"]
    name, *said = map(escaped, row.said or row.below)
    lines = [" · ".join([f"**{name}**", *said])]
    if row.said and row.below:
        lines.append("-# " + " · ".join(map(escaped, row.below)))
    return lines
