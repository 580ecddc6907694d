"""What all tables share: types of columns and the names of constraints.

Values and lines are integers of their unit's quantum (`Unit.to_fixed`).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any, ClassVar

from sqlalchemy import (
    BigInteger,
    DateTime,
    Dialect,
    Integer,
    MetaData,
    String,
    TypeDecorator,
)
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeEngine

from alerts.measures import MeasureKind
from alerts.quantity import Unit
from alerts.reading import Status
from alerts.rules import Direction, Kind, Level, State, Withheld


class UtcDateTime(TypeDecorator[datetime]):
    """An aware datetime, kept in UTC; a naive one is a mistake and raises ValueError.

    SQLite has no type for it: there it is ISO text with microseconds, which sorts as time does.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(
            String(26) if dialect.name == "sqlite" else DateTime(timezone=True)
        )

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value} has no time zone")
        return _iso_utc(value) if dialect.name == "sqlite" else value.astimezone(UTC)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any]:
        """One call a value: a crossing reads thousands."""
        return _from_iso if dialect.name == "sqlite" else _in_utc


@lru_cache(maxsize=1024)
def _from_iso(value: str | None) -> datetime | None:
    """Remembered: a crossing reads the same few instants in thousands of rows."""
    return None if value is None else datetime.fromisoformat(value).replace(tzinfo=UTC)


def _in_utc(value: datetime | None) -> datetime | None:
    return None if value is None else value.astimezone(UTC)


@lru_cache(maxsize=512)
def _iso_utc(value: datetime) -> str:
    """Remembered: one tick writes the same few instants into thousands of rows."""
    return value.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")


class Word(TypeDecorator[StrEnum]):
    """An enumeration kept as its word, so that a database can be read without the code."""

    impl = String
    cache_ok = True

    def __init__(self, kind: type[StrEnum]) -> None:
        super().__init__(20)
        self.kind = kind

    def process_bind_param(self, value: StrEnum | None, dialect: Dialect) -> str | None:
        return None if value is None else str(value)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any]:
        """One look-up a value: a crossing reads tens of thousands."""
        members: dict[str | None, StrEnum] = {member.value: member for member in self.kind}
        return {None: None, **members}.__getitem__


# SQLite numbers rows by itself only for a column declared exactly INTEGER.
Id = BigInteger().with_variant(Integer, "sqlite")


class Table(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: UtcDateTime(),
        Unit: Word(Unit),
        Status: Word(Status),
        Direction: Word(Direction),
        Level: Word(Level),
        Kind: Word(Kind),
        State: Word(State),
        Withheld: Word(Withheld),
        MeasureKind: Word(MeasureKind),
    }
