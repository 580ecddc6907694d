"""What was told against what had to be told: lost, repeated, in order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reckoning:
    """Messages over all places together; `disordered`: places where the order was not kept."""

    due: int
    lost: int
    repeated: int
    disordered: int

    @property
    def is_good(self) -> bool:
        return self.due > 0 and not (self.lost or self.repeated or self.disordered)

    def __add__(self, other: Reckoning) -> Reckoning:
        return Reckoning(
            self.due + other.due,
            self.lost + other.lost,
            self.repeated + other.repeated,
            self.disordered + other.disordered,
        )


NOTHING = Reckoning(0, 0, 0, 0)


def reckon(due: Mapping[str, Sequence[str]], told: Mapping[str, Sequence[str]]) -> Reckoning:
    """By place: what had to be told, in its order, and what stands there."""
    lost = repeated = disordered = 0
    for place, expected in due.items():
        found = list(told.get(place, ()))
        first = list(dict.fromkeys(found))
        lost += sum(one not in found for one in expected)
        repeated += len(found) - len(first)
        disordered += first != [one for one in expected if one in found]
    repeated += sum(len(found) for place, found in told.items() if place not in due)
    return Reckoning(sum(map(len, due.values())), lost, repeated, disordered)


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Words to the left, numbers to the right."""
    cells = [list(head), *([str(cell) for cell in row] for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(head))]
    lines = [
        "  ".join(
            cell.ljust(width) if at == 0 else cell.rjust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in cells
    ]
    return "\n".join((lines[0], "-" * len(lines[0]), *lines[1:]))
