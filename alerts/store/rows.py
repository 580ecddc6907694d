"""Many rows into a table at once, by position.

SQLAlchemy looks at each value of each row by its name: for the alerts and deliveries of thousands
of places that takes longer than SQLite needs to keep them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import JSON, Column, Dialect, insert
from sqlalchemy import Table as SqlTable
from sqlalchemy.ext.asyncio import AsyncConnection

from alerts.store.models import Table


async def insert_rows(
    connection: AsyncConnection,
    table: type[Table],
    columns: tuple[str, ...],
    rows: Iterable[Sequence[Any]],
) -> None:
    """A row holds a value for each of `columns`, in that order; what is left out gets its default
    or stays empty."""
    into = _into(table.__table__, columns, connection.dialect)
    given = [_written(into.writers, row) + into.defaults for row in rows]
    if not given:
        return
    if into.order is None:
        named = [dict(zip(into.names, row, strict=True)) for row in given]
        await connection.exec_driver_sql(into.statement, named)
    else:
        placed = [tuple([row[at] for at in into.order]) for row in given]
        await connection.exec_driver_sql(into.statement, placed)


_Writer = Callable[[Any], Any]


class _Into(NamedTuple):
    """A statement, and how a row becomes its parameters: `names` are those of its columns and of
    the `defaults` after them; `order` is where the statement wants them, if not by name."""

    statement: str
    names: tuple[str, ...]
    writers: tuple[_Writer | None, ...]
    defaults: tuple[Any, ...]
    order: tuple[int, ...] | None


@lru_cache(maxsize=64)
def _into(table: SqlTable, columns: tuple[str, ...], dialect: Dialect) -> _Into:
    compiled = insert(table).inline().compile(dialect=dialect, column_keys=list(columns))
    rest = [name for name in compiled.params if name not in columns]
    names = (*columns, *rest)
    writers = tuple(_writer(table.c[name], dialect) for name in names)
    defaults = [table.c[name].default.arg for name in rest]
    kept = _written(writers[len(columns) :], defaults)
    order = compiled.positiontup
    places = None if order is None else tuple(map(names.index, order))
    return _Into(str(compiled), names, writers[: len(columns)], kept, places)


def _written(writers: Sequence[_Writer | None], values: Sequence[Any]) -> tuple[Any, ...]:
    return tuple([write(one) if write else one for write, one in zip(writers, values, strict=True)])


def _writer(column: Column[Any], dialect: Dialect) -> _Writer | None:
    """How the database's driver wants a value; None: as it is."""
    write = column.type.dialect_impl(dialect).bind_processor(dialect)
    if write is None:
        return None
    if isinstance(column.type, JSON):
        return lambda value: None if value is None else write(value)
    # Remembered: thousands of rows hold the same few instants and words.
    return lru_cache(maxsize=256)(write)
