"""Tables as text of even width, narrow enough for a telephone."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from bot.replies import Table

WIDEST = 44
"""Columns of text that a telephone shows without breaking lines."""
_GAP = "  "
_NARROWEST_WRAPPED = 12


def table_lines(table: Table, widest: int = WIDEST) -> list[str]:
    """One string a row, the titles first. Columns of the highest rank go first where it is tight;
    a text that wraps goes on below itself."""
    titles = [column.title for column in table.columns]
    rows = [[cell.text for cell in row] for row in table.rows]
    kept = _kept(table, [titles, *rows], widest)
    widths = _widths(table, [titles, *rows], kept, widest)
    lines: list[str] = []
    for row in [titles, *rows]:
        lines += _line(table, row, kept, widths)
    return lines


def width_of(text: str) -> int:
    """Columns that a text takes: East Asian characters take two, combining ones none."""
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )


def _kept(table: Table, rows: Sequence[Sequence[str]], widest: int) -> list[int]:
    needed = [
        min(width, _NARROWEST_WRAPPED) if column.wraps else width
        for column, width in zip(table.columns, _full_widths(table, rows), strict=True)
    ]
    kept = list(range(len(table.columns)))
    while len(kept) > 2 and sum(needed[i] + len(_GAP) for i in kept) - len(_GAP) > widest:
        kept.remove(max(kept, key=lambda i: (table.columns[i].rank, i)))
    return kept


def _full_widths(table: Table, rows: Sequence[Sequence[str]]) -> list[int]:
    return [max(width_of(row[i]) for row in rows) for i in range(len(table.columns))]


def _widths(
    table: Table, rows: Sequence[Sequence[str]], kept: Sequence[int], widest: int
) -> dict[int, int]:
    """What columns that do not wrap leave over is shared by those that do."""
    full = _full_widths(table, rows)
    widths = {i: full[i] for i in kept}
    wrapping = [i for i in kept if table.columns[i].wraps]
    room = widest - len(_GAP) * (len(kept) - 1)
    room -= sum(full[i] for i in kept if i not in wrapping)
    for place, i in enumerate(wrapping):
        share = max(_NARROWEST_WRAPPED, room // (len(wrapping) - place))
        widths[i] = min(full[i], share)
        room -= widths[i]
    return widths


def _line(
    table: Table, row: Sequence[str], kept: Sequence[int], widths: dict[int, int]
) -> list[str]:
    cells = {i: _wrapped(row[i], widths[i]) for i in kept}
    lines = []
    for n in range(max(len(cell) for cell in cells.values())):
        said = [
            _padded(cells[i][n] if n < len(cells[i]) else "", widths[i], table.columns[i].right)
            for i in kept
        ]
        lines.append(_GAP.join(said).rstrip())
    return lines


def _padded(text: str, width: int, right: bool) -> str:
    space = " " * max(0, width - width_of(text))
    return space + text if right else text + space


def _wrapped(text: str, width: int) -> list[str]:
    """Broken at spaces where there are any, else anywhere, as Chinese is."""
    lines = [""]
    for word in text.replace("\n", " ").split(" "):
        joined = f"{lines[-1]} {word}" if lines[-1] else word
        if width_of(joined) <= width:
            lines[-1] = joined
            continue
        if lines[-1] and width_of(word) <= width:
            lines.append(word)
            continue
        if lines[-1]:
            lines[-1] += " "
        for character in word:
            if width_of(lines[-1] + character) > width:
                lines.append("")
            lines[-1] += character
    return [line.rstrip() for line in lines]
