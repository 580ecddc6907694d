"""Tables for narrow screens: fixed-width columns where they fit, else one line a row."""

from __future__ import annotations

from bot.platforms.discord.text import escaped, in_code, padded, width
from bot.replies import Column, Table

PHONE = 38
"""Columns of fixed-width letters that a phone shows without breaking a line."""
_LINES = 2
"""So many lines of a phone may a row take when it is not in columns."""
_ROOM = 3500
"""Characters: an embed holds 4096, and a table seldom comes alone."""
_GAP = 2
_FEWEST = 2


def in_columns(table: Table) -> list[str] | None:
    """The table's lines for a block of code, or None when a phone could not show it.

    Columns of the highest rank are left out first.
    """
    cells = [[in_code(cell.text) for cell in row] for row in table.rows]
    titles = [in_code(column.title) for column in table.columns]
    widths = [
        max([width(title), *(width(row[i]) for row in cells)]) for i, title in enumerate(titles)
    ]
    kept = list(range(len(table.columns)))
    while _total(kept, widths) > PHONE:
        if len(kept) <= _FEWEST or all(table.columns[i].rank == 0 for i in kept):
            return None
        kept.remove(max(kept, key=lambda i: (table.columns[i].rank, i)))
    lines = [titles, *cells] if any(titles) else cells
    return [
        (" " * _GAP)
        .join(padded(line[i], widths[i], right=table.columns[i].right) for i in kept)
        .rstrip()
        for line in lines
    ]


def _total(kept: list[int], widths: list[int]) -> int:
    return sum(widths[i] for i in kept) + _GAP * (len(kept) - 1)


def in_lines(table: Table) -> list[str]:
    """Each row for reading: its name stands out, and what matters less stands small below it.

    Columns of the highest rank are left out where most rows would grow too long, and where all
    rows together would not fit.
    """
    kept = list(range(len(table.columns)))
    lines = _lines(table, kept)
    while any(table.columns[i].rank for i in kept) and (
        _usual_width(table, kept) > _LINES * PHONE or sum(len(line) + 1 for line in lines) > _ROOM
    ):
        kept.remove(max(kept, key=lambda i: (table.columns[i].rank, i)))
        lines = _lines(table, kept)
    return lines


def _lines(table: Table, kept: list[int]) -> list[str]:
    """A row of many cells with words in the first alone is a heading."""
    aside = [i for i in kept if _is_aside(table.columns[i])]
    small = set(aside) if len(aside) > 1 else set()
    lines: list[str] = []
    for row in table.rows:
        said = [escaped(row[i].text) for i in kept if row[i].text and i not in small]
        below = [escaped(row[i].text) for i in kept if row[i].text and i in small]
        if len(said) == 1 and not below and len(kept) > 1:
            lines.append(f"### {said[0]}")
        elif said:
            lines.append(" · ".join([f"**{said[0]}**", *said[1:]]))
        if below:
            lines.append("-# " + " · ".join(below))
    return lines


def _is_aside(column: Column) -> bool:
    """Numbers that matter stay beside the name; the rest may stand below it."""
    return column.rank > _FEWEST or (column.rank > 0 and not column.right)


def _usual_width(table: Table, kept: list[int]) -> int:
    widths = sorted(sum(width(row[i].text) + _GAP + 1 for i in kept) for row in table.rows)
    return widths[len(widths) // 2] if widths else 0
