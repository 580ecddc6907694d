"""Observations: append a version, look up the newest, read a history."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import Select, and_, case, func, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from alerts.measures import Point
from alerts.quantity import Unit
from alerts.reading import Part, Reading, Status
from alerts.store.models import IndicatorRow, ObservationRow

_MOVING = [status for status in Status if status.moves_rules]


@dataclass(frozen=True, slots=True)
class Observation:
    """A stored reading."""

    id: int
    version: int
    reading: Reading
    held: bool = False
    seen_again_at: datetime | None = None

    @property
    def as_of(self) -> datetime:
        return self.reading.as_of

    @property
    def fixed(self) -> int:
        return self.reading.unit.to_fixed(self.reading.value)


class Newest(NamedTuple):
    """What is stored last for one as-of; `value` in the unit's fixed-point integers."""

    value: int
    version: int
    status: Status
    confirmed_by: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Value:
    """A value, when it held, and the day that it describes."""

    as_of: datetime
    period_end: date
    value: Decimal


Draft = tuple[Reading, int, bool]
"""What is to be stored: a reading, its version, and whether the guard holds it."""


@dataclass(frozen=True, slots=True)
class IndicatorState:
    """See `IndicatorRow`."""

    key: str
    looked_at: datetime | None = None
    stale_since: datetime | None = None
    trouble: str | None = None


def _from_row(row: ObservationRow) -> Observation:
    return Observation(
        row.id,
        row.version,
        Reading(
            row.indicator,
            row.unit.from_fixed(row.value),
            row.unit,
            row.as_of,
            row.period_end,
            row.source,
            row.source_url,
            row.fetched_at,
            row.status,
            row.definition,
            tuple(_part(part) for part in row.parts),
            tuple(_part(part) for part in row.views),
            row.confirmed_by,
            row.note,
        ),
        row.held,
        row.seen_again_at,
    )


def _part(stored: Mapping[str, str]) -> Part:
    return Part(
        stored["name"],
        Decimal(stored["value"]),
        Unit(stored["unit"]),
        date.fromisoformat(stored["as_of"]),
        stored["source"],
        stored["source_url"],
    )


def _stored(part: Part) -> dict[str, str]:
    return {
        "name": part.name,
        "value": str(part.value),
        "unit": part.unit.value,
        "as_of": part.as_of.isoformat(),
        "source": part.source,
        "source_url": part.source_url,
    }


async def append(connection: AsyncConnection, readings: Sequence[Draft]) -> list[Observation]:
    """Store readings, in order."""
    if not readings:
        return []
    # The key tells which row is whose: asking for the ids in the order of the rows would take one
    # statement a row on SQLite.
    key = (ObservationRow.indicator, ObservationRow.as_of, ObservationRow.version)
    rows = await connection.execute(
        insert(ObservationRow).returning(ObservationRow.id, *key),
        [
            {
                "indicator": reading.indicator,
                "as_of": reading.as_of,
                "version": version,
                "period_end": reading.period_end,
                "value": reading.unit.to_fixed(reading.value),
                "unit": reading.unit,
                "status": reading.status,
                "source": reading.source,
                "source_url": reading.source_url,
                "fetched_at": reading.fetched_at,
                "definition": reading.definition,
                "parts": [_stored(part) for part in reading.parts],
                "views": [_stored(part) for part in reading.views],
                "held": held,
                "confirmed_by": reading.confirmed_by,
                "note": reading.note,
            }
            for reading, version, held in readings
        ],
    )
    ids = {(row.indicator, row.as_of, row.version): row.id for row in rows}
    return [
        Observation(ids[reading.indicator, reading.as_of, version], version, reading, held)
        for reading, version, held in readings
    ]


async def confirm(connection: AsyncConnection, confirmed: Mapping[int, str]) -> None:
    """Held observations turned out to be true; by number, with what proved them (R3)."""
    for observation_id, confirmed_by in confirmed.items():
        await connection.execute(
            update(ObservationRow)
            .where(ObservationRow.id == observation_id)
            .values(
                status=Status.CONFIRMED,
                held=False,
                confirmed_by=confirmed_by,
                note=None,
            )
        )


async def vouch(connection: AsyncConnection, readings: Sequence[Reading]) -> None:
    """What a second source said of values that were confirmed and stored before it spoke."""
    for reading in readings:
        await connection.execute(
            update(ObservationRow)
            .where(
                ObservationRow.indicator == reading.indicator,
                ObservationRow.as_of == reading.as_of,
                ObservationRow.value == reading.unit.to_fixed(reading.value),
                ObservationRow.status == Status.CONFIRMED,
                ObservationRow.confirmed_by.is_(None),
            )
            .values(confirmed_by=reading.confirmed_by, note=reading.note)
        )


async def see_again(connection: AsyncConnection, ids: Collection[int], now: datetime) -> None:
    """The first later look at what is held (R3)."""
    if ids:
        await connection.execute(
            update(ObservationRow).where(ObservationRow.id.in_(ids)).values(seen_again_at=now)
        )


def _newest_first(indicator: str) -> Select[ObservationRow]:
    return (
        select(ObservationRow)
        .where(ObservationRow.indicator == indicator)
        .order_by(ObservationRow.as_of.desc(), ObservationRow.version.desc())
    )


async def newest(
    connection: AsyncConnection, indicator: str, *, moving: bool = True
) -> Observation | None:
    """The newest observation; with `moving`, the newest that rules may look at."""
    query = _newest_first(indicator)
    if moving:
        query = query.where(ObservationRow.status.in_(_MOVING))
    row = (await connection.execute(query.limit(1))).one_or_none()
    return None if row is None else _from_row(_as_entity(row))


async def by_ids(connection: AsyncConnection, ids: Collection[int]) -> dict[int, Observation]:
    if not ids:
        return {}
    rows = await connection.execute(select(ObservationRow).where(ObservationRow.id.in_(ids)))
    return {row.id: _from_row(_as_entity(row)) for row in rows}


async def waiting(
    connection: AsyncConnection, indicator: str, last: Observation | None
) -> list[Observation]:
    """Unconfirmed observations after the last that rules may look at, oldest first."""
    query = _newest_first(indicator).where(ObservationRow.status == Status.UNCONFIRMED)
    if last is not None:
        restated = and_(ObservationRow.as_of == last.as_of, ObservationRow.version > last.version)
        query = query.where(or_(ObservationRow.as_of > last.as_of, restated))
    rows = (await connection.execute(query)).all()
    return [_from_row(_as_entity(row)) for row in reversed(rows)]


async def since(
    connection: AsyncConnection, indicator: str, after: datetime | None, limit: int
) -> list[Observation]:
    """The last versions of the newest observations, oldest first; for `history`."""
    query = _newest_first(indicator)
    if after is not None:
        query = query.where(ObservationRow.as_of > after)
    rows = (await connection.execute(query.limit(limit))).all()
    return [_from_row(_as_entity(row)) for row in reversed(rows)]


async def versions(connection: AsyncConnection, indicator: str) -> dict[datetime, Newest]:
    """For each as-of its newest version."""
    rows = await connection.execute(
        select(
            ObservationRow.as_of,
            ObservationRow.value,
            ObservationRow.version,
            ObservationRow.status,
            ObservationRow.confirmed_by,
            ObservationRow.note,
        )
        .where(ObservationRow.indicator == indicator)
        .order_by(ObservationRow.version)
    )
    return {row.as_of: Newest(*row[1:]) for row in rows}


async def values(connection: AsyncConnection, indicator: str, unit: Unit) -> list[Value]:
    """All values that rules may look at, in the order in which they held."""
    rows = await connection.execute(
        select(ObservationRow.as_of, ObservationRow.period_end, ObservationRow.value)
        .where(ObservationRow.indicator == indicator, ObservationRow.status.in_(_MOVING))
        .order_by(ObservationRow.as_of, ObservationRow.version)
    )
    return [Value(as_of, end, unit.from_fixed(value)) for as_of, end, value in rows]


def history_at(values: Iterable[Value], as_of: datetime, *, by_session: bool) -> list[Point]:
    """One point a period up to `as_of`: the last value of each session, or each filing (R28)."""
    points: dict[date, Point] = {}
    for value in values:
        if value.as_of <= as_of:
            period = value.period_end if by_session else value.as_of.date()
            points[period] = Point(value.as_of, value.value)
    return sorted(points.values(), key=lambda point: point.as_of)


async def history(
    connection: AsyncConnection, indicator: str, *, by_session: bool, unit: Unit
) -> list[Point]:
    """The history as it stands now."""
    found = await values(connection, indicator, unit)
    return history_at(found, found[-1].as_of, by_session=by_session) if found else []


async def states(connection: AsyncConnection) -> dict[str, IndicatorState]:
    rows = await connection.execute(select(IndicatorRow))
    return {
        row.key: IndicatorState(row.key, row.looked_at, row.stale_since, row.trouble)
        for row in rows
    }


async def save_states(connection: AsyncConnection, changed: Iterable[IndicatorState]) -> None:
    values = [
        {
            "key": state.key,
            "looked_at": state.looked_at,
            "stale_since": state.stale_since,
            "trouble": state.trouble,
        }
        for state in changed
    ]
    if not values:
        return
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    statement = dialect.insert(IndicatorRow)
    await connection.execute(
        statement.on_conflict_do_update(
            index_elements=["key"],
            set_={
                name: statement.excluded[name] for name in ("looked_at", "stale_since", "trouble")
            },
        ),
        values,
    )


async def any_at_all(connection: AsyncConnection) -> bool:
    """Whether anything was ever observed."""
    return (await connection.execute(select(ObservationRow.id).limit(1))).first() is not None


async def newest_id(connection: AsyncConnection) -> int:
    """The number of the observation that was stored last; 0 when there is none."""
    found = await connection.execute(select(func.max(ObservationRow.id)))
    return found.scalar_one_or_none() or 0


async def counts(connection: AsyncConnection) -> dict[str, tuple[int, int]]:
    """Indicator to (observations, of which held)."""
    unconfirmed = func.sum(case((ObservationRow.status == Status.UNCONFIRMED, 1), else_=0))
    rows = await connection.execute(
        select(ObservationRow.indicator, func.count(), unconfirmed).group_by(
            ObservationRow.indicator
        )
    )
    return {indicator: (total, waiting) for indicator, total, waiting in rows}


def _as_entity(row: object) -> ObservationRow:
    # A Core row of `select(Entity)` has the entity's columns as attributes.
    return row  # type: ignore[return-value]
