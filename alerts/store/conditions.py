"""Groups of conditions: the members of `k of n` rules (RULES.md R27)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from alerts.measures import Measure, Window
from alerts.quantity import Unit
from alerts.rules import Direction
from alerts.store.models import ConditionRow, MeasureRow

PREFIX = "group."


@dataclass(frozen=True, slots=True)
class Condition:
    """One member: a line on a measure, and where that measure stands.

    `beyond_at` is the newest as-of at which it was beyond its line. `value` and `line` are
    integers of `unit`.
    """

    id: int
    indicator: str
    measure: Measure
    unit: Unit
    direction: Direction
    line: int
    value: int | None
    as_of: datetime | None
    beyond_at: datetime | None

    @property
    def beyond(self) -> bool:
        if self.value is None:
            return False
        above = self.direction is Direction.ABOVE
        return self.value >= self.line if above else self.value <= self.line


@dataclass(frozen=True, slots=True)
class Group:
    """`needed` of `members`, each beyond its line at some time within `window`."""

    key: str
    needed: int
    window: timedelta
    members: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class NewCondition:
    measure_id: int
    direction: Direction
    line: int


async def add(
    connection: AsyncConnection, needed: int, window: timedelta, members: Sequence[NewCondition]
) -> str:
    """Keep a group; returns the key of its derived indicator."""
    last = await connection.execute(select(func.max(ConditionRow.id)))
    key = f"{PREFIX}{(last.scalar_one_or_none() or 0) + 1}"
    await connection.execute(
        insert(ConditionRow),
        [
            {
                "group": key,
                "position": position,
                "needed": needed,
                "window_days": window.days,
                "measure_id": member.measure_id,
                "direction": member.direction,
                "line": member.line,
            }
            for position, member in enumerate(members)
        ],
    )
    return key


async def load(connection: AsyncConnection, key: str | None = None) -> list[Group]:
    """All groups, or the one with this key."""
    query = (
        select(
            ConditionRow,
            MeasureRow.indicator,
            MeasureRow.kind,
            MeasureRow.window,
            MeasureRow.unit,
            MeasureRow.value,
            MeasureRow.as_of,
        )
        .join(MeasureRow, MeasureRow.id == ConditionRow.measure_id)
        .order_by(ConditionRow.group, ConditionRow.position)
    )
    if key is not None:
        query = query.where(ConditionRow.group == key)
    found: dict[str, tuple[int, int, list[Condition]]] = {}
    for row in await connection.execute(query):
        entry = found.setdefault(row.group, (row.needed, row.window_days, []))
        window = Window.parse(row.window) if row.window else None
        entry[2].append(
            Condition(
                row.id,
                row.indicator,
                Measure(row.kind, window),
                row.unit,
                row.direction,
                row.line,
                row.value,
                row.as_of,
                row.beyond_at,
            )
        )
    return [
        Group(name, needed, timedelta(days=days), tuple(members))
        for name, (needed, days, members) in found.items()
    ]


async def note_beyond(connection: AsyncConnection, condition_id: int, as_of: datetime) -> None:
    await connection.execute(
        update(ConditionRow).where(ConditionRow.id == condition_id).values(beyond_at=as_of)
    )
