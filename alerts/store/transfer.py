"""What people made, as plain values: from one database into another, whichever kind they are.

Not with it: figures, which come again from the record and the sources; messages and alerts, which
were posted from there; tokens, which are no business of a file that is sent around.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from enum import Enum
from typing import Any, cast

from sqlalchemy import Column, Date, Table, func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from alerts.store.models import (
    ConditionRow,
    DestinationRow,
    FactRow,
    MeasureRow,
    OwnIndicatorRow,
    RuleRow,
    SubscriptionRow,
    TickerRow,
    UtcDateTime,
    Word,
    WorkspaceRow,
)

Plain = str | int | float | bool | list[Any] | dict[str, Any] | None
"""What JSON has."""
Rows = Sequence[Mapping[str, Plain]]

# In the order in which they may be inserted: what is pointed to comes first.
_TABLES: Mapping[str, Table] = {
    row.__tablename__: cast("Table", row.__table__)
    for row in (
        DestinationRow,
        SubscriptionRow,
        MeasureRow,
        ConditionRow,
        RuleRow,
        WorkspaceRow,
        FactRow,
        OwnIndicatorRow,
        TickerRow,
    )
}
# They point to what stays behind.
_LEFT = {"destination": {"board_id"}, "measure": {"value", "as_of", "observation_id"}}


class NotEmpty(Exception):
    """The database has people's things in it already; says which, and how many."""


class NotUnderstood(Exception):
    """The rows do not fit this version's tables, in a sentence."""


def tables() -> Sequence[str]:
    """The names of all that is transferred."""
    return tuple(_TABLES)


def _columns(table: Table) -> list[Column[object]]:
    left = _LEFT.get(table.name, set())
    return [column for column in table.columns if column.name not in left]


async def counts(connection: AsyncConnection) -> dict[str, int]:
    """How many rows there are of each."""
    return {
        name: (await connection.execute(select(func.count()).select_from(table))).scalar_one()
        for name, table in _TABLES.items()
    }


async def read(connection: AsyncConnection) -> dict[str, list[dict[str, Plain]]]:
    """Every row of every table, by id, in values that JSON has."""
    found: dict[str, list[dict[str, Plain]]] = {}
    for name, table in _TABLES.items():
        columns = _columns(table)
        rows = await connection.execute(select(*columns).order_by(*table.primary_key.columns))
        found[name] = [
            {column.name: _plain(value) for column, value in zip(columns, row, strict=True)}
            for row in rows
        ]
    return found


def _plain(value: object) -> Plain:
    if isinstance(value, Enum):
        return cast("str", value.value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    return cast("Plain", value)


async def write(connection: AsyncConnection, given: Mapping[str, Rows]) -> dict[str, int]:
    """Insert all rows with their ids; returns the counts that are there afterwards.

    Raises NotEmpty when people's things are there already, NotUnderstood for rows of another make.
    """
    there = {name: count for name, count in (await counts(connection)).items() if count}
    if there:
        raise NotEmpty(", ".join(f"{name}: {count}" for name, count in there.items()))
    unknown = sorted(given.keys() - _TABLES.keys())
    if unknown:
        raise NotUnderstood(f"it has tables that this version does not know: {unknown}")
    for name, table in _TABLES.items():
        rows = [_row(table, row) for row in given.get(name, ())]
        if rows:
            await connection.execute(insert(table), rows)
            await _number_on(connection, table)
    return await counts(connection)


def _row(table: Table, row: Mapping[str, Plain]) -> dict[str, object]:
    columns = {column.name: column for column in _columns(table)}
    if row.keys() != columns.keys():
        differing = sorted(row.keys() ^ columns.keys())
        raise NotUnderstood(f"a row of {table.name} has other columns than ours: {differing}")
    try:
        return {name: _typed(columns[name], value) for name, value in row.items()}
    except (TypeError, ValueError) as error:
        raise NotUnderstood(
            f"a row of {table.name} has a value of another kind: {error}"
        ) from error


def _typed(column: Column[object], value: Plain) -> object:
    if value is None:
        return None
    if isinstance(column.type, Word):
        return column.type.kind(cast("str", value))
    if isinstance(column.type, UtcDateTime):
        return datetime.fromisoformat(cast("str", value))
    if isinstance(column.type, Date):
        return date.fromisoformat(cast("str", value))
    return value


async def _number_on(connection: AsyncConnection, table: Table) -> None:
    """PostgreSQL counts ids by itself and has not seen these."""
    if connection.dialect.name == "sqlite" or "id" not in table.columns:
        return
    await connection.execute(
        text(
            f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'),"
            f" (SELECT max(id) FROM {table.name}))"
        )
    )
