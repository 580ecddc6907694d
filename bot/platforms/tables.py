"""Tables on narrow screens: which columns stand side by side, and rows for reading instead."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.replies import Column, Table, Tone
from bot.wrapping import width

GAP = 2
"""Letters between two columns."""
_LINES = 2
"""So many lines of a telephone may a row for reading take."""
_FEWEST = 2
DRAWN = 32
"""So many tables are remembered as they were drawn: a board is shown to many."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row for reading: `said` begins with its name; `below` matters less. `is_heading`: a name
    alone, above the rows that follow."""

    said: tuple[str, ...]
    below: tuple[str, ...] = ()
    is_heading: bool = False


def side_by_side(table: Table, widths: Sequence[int], widest: int) -> list[int] | None:
    """The columns that a line of so many letters holds, or None when it cannot hold enough, or
    when headings divide the rows.

    Those of the highest rank are left out first; those of rank 0, and two at least, must stay.
    """
    if any(row[0].tone is Tone.HEADING for row in table.rows):
        return None
    columns = table.columns
    kept = list(range(len(columns)))
    while sum(widths[i] for i in kept) + GAP * (len(kept) - 1) > widest:
        if len(kept) <= _FEWEST or all(columns[i].rank == 0 for i in kept):
            return None
        kept.remove(max(kept, key=lambda i: (columns[i].rank, i)))
    return kept


def rows_for_reading(
    table: Table, telephone: int, fits: Callable[[Sequence[Row]], bool] = lambda rows: True
) -> list[Row]:
    """Every row by itself. Columns of the highest rank are left out where most rows would take more
    than two lines of a telephone, of so many letters, and until all rows together fit.
    """
    kept = list(range(len(table.columns)))
    rows = _rows(table, kept)
    while any(table.columns[i].rank for i in kept) and (
        _usual_width(table, kept) > _LINES * telephone or not fits(rows)
    ):
        kept.remove(max(kept, key=lambda i: (table.columns[i].rank, i)))
        rows = _rows(table, kept)
    return rows


def _rows(table: Table, kept: Sequence[int]) -> list[Row]:
    aside = [i for i in kept if _is_aside(table.columns[i])]
    small = set(aside) if len(aside) > 1 else set()
    rows = []
    for row in table.rows:
        said = tuple(row[i].text for i in kept if row[i].text and i not in small)
        below = tuple(row[i].text for i in kept if row[i].text and i in small)
        if said or below:
            rows.append(Row(said, below, len(said) == 1 and not below and len(kept) > 1))
    return rows


def _is_aside(column: Column) -> bool:
    """Numbers that matter stay beside the name; the rest may stand below it."""
    return column.rank > _FEWEST or (column.rank > 0 and not column.right)


def _usual_width(table: Table, kept: Sequence[int]) -> int:
    widths = sorted(sum(width(row[i].text) + GAP + 1 for i in kept) for row in table.rows)
    return widths[len(widths) // 2] if widths else 0
