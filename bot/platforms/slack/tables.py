"""Tables as text of even width, narrow enough for a telephone.

No font that Slack uses makes a Chinese character exactly as wide as two Latin ones. So a cell is
filled up with as many wide spaces as it lacks wide characters, and with as many narrow ones as it
lacks narrow characters: then every cell of a column is equally wide in every font.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.replies import Cell, Table, Tone

WIDEST = 44
"""Latin characters that a telephone shows in a line."""
_GAP = "  "
_NARROWEST_WRAPPED, _EASY_TO_READ = 12, 20
_WIDE_SPACE = "\u3000"


def table_lines(table: Table, widest: int = WIDEST) -> list[str]:
    """One string a row, the titles first. Columns of the highest rank go first where it is tight;
    a text that wraps goes on below itself. A row of a heading alone stands free of the columns."""
    headings = {n: row[0].text for n, row in enumerate(table.rows, 1) if _is_heading(row)}
    rows = [[column.title for column in table.columns]]
    rows += [
        ["" if n in headings else cell.text for cell in row] for n, row in enumerate(table.rows, 1)
    ]
    kept = _kept(table, rows, widest)
    cells = {i: _wrapped_column(table, rows, i, widest, kept) for i in kept}
    sizes = {i: _size(line for cell in cells[i] for line in cell) for i in kept}
    lines: list[str] = []
    for n in range(len(rows)):
        if n in headings:
            lines += ["", headings[n].replace("\n", " ")]
            continue
        height = max(len(cells[i][n]) for i in kept)
        for k in range(height):
            said = [
                sizes[i].padded(
                    cells[i][n][k] if k < len(cells[i][n]) else "", table.columns[i].right
                )
                for i in kept
            ]
            lines.append(_GAP.join(said).rstrip(" " + _WIDE_SPACE))
    return lines


def _is_heading(row: Sequence[Cell]) -> bool:
    return row[0].tone is Tone.HEADING and not any(cell.text for cell in row[1:])


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
    shown = [c for c in text if not unicodedata.combining(c)]
    wide = sum(unicodedata.east_asian_width(c) in "WF" for c in shown)
    return Size(wide, len(shown) - wide)


def width_of(text: str) -> int:
    return size_of(text).width


def _size(texts: Iterable[str]) -> Size:
    sizes = [size_of(text) for text in texts]
    return Size(max(s.wide for s in sizes), max(s.narrow for s in sizes))


def _kept(table: Table, rows: Sequence[Sequence[str]], widest: int) -> list[int]:
    """Columns that fit. Where one was too wide, a narrower one of a higher rank may stand, as long
    as what wraps is still easy to read."""
    columns = range(len(table.columns))
    kept = list(columns)
    while len(kept) > 2 and _needed(table, rows, kept, _NARROWEST_WRAPPED) > widest:
        kept.remove(max(kept, key=lambda i: (table.columns[i].rank, i)))
    for i in sorted(set(columns) - set(kept), key=lambda i: (table.columns[i].rank, i)):
        if _needed(table, rows, [*kept, i], _EASY_TO_READ) <= widest:
            kept.append(i)
    return sorted(kept)


def _needed(table: Table, rows: Sequence[Sequence[str]], kept: Sequence[int], wrapped: int) -> int:
    widths = [_column_width(rows, i) for i in kept]
    needed = [
        min(width, wrapped) if table.columns[i].wraps else width
        for i, width in zip(kept, widths, strict=True)
    ]
    return sum(needed) + len(_GAP) * (len(kept) - 1)


def _column_width(rows: Sequence[Sequence[str]], i: int) -> int:
    return _size([row[i] for row in rows]).width


def _wrapped_column(
    table: Table, rows: Sequence[Sequence[str]], i: int, widest: int, kept: Sequence[int]
) -> list[list[str]]:
    """Every cell of a column as lines. What columns that do not wrap leave over is shared by those
    that do."""
    if not table.columns[i].wraps:
        return [[row[i].replace("\n", " ")] for row in rows]
    wrapping = [k for k in kept if table.columns[k].wraps]
    room = widest - len(_GAP) * (len(kept) - 1)
    room -= sum(_column_width(rows, k) for k in kept if k not in wrapping)
    share = max(_NARROWEST_WRAPPED, room // len(wrapping))
    for width in range(share, _NARROWEST_WRAPPED, -1):
        cells = [_wrapped(row[i], width) for row in rows]
        if _size([line for cell in cells for line in cell]).width <= share:
            return cells
    return [_wrapped(row[i], _NARROWEST_WRAPPED) for row in rows]


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
