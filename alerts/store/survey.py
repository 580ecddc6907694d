"""The whole at a glance, in few statements: for the public page, health and metrics.

Nothing here reads places, rules or notes.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from alerts.measures import Point
from alerts.reading import Status
from alerts.store import observations
from alerts.store.deliveries.queue import is_unsent
from alerts.store.models import (
    DeliveryRow,
    DeliveryState,
    IndicatorRow,
    ObservationRow,
    SourceRow,
)
from alerts.store.observations import Value

_MOVING = [status for status in Status if status.moves_rules]


@dataclass(frozen=True, slots=True)
class Version:
    """Equal as long as no tick has stored anything that is shown."""

    newest_observation: int | None
    looked_at: datetime | None
    asked_at: datetime | None


async def version(connection: AsyncConnection) -> Version:
    newest = await connection.execute(select(func.max(ObservationRow.id)))
    return Version(newest.scalar_one(), *await _last_looks(connection))


async def last_look(connection: AsyncConnection) -> datetime | None:
    """When any process on this database last asked a source; None when none ever did."""
    return (await _last_looks(connection))[1]


async def _last_looks(
    connection: AsyncConnection,
) -> tuple[datetime | None, datetime | None]:
    looked = await connection.execute(select(func.max(IndicatorRow.looked_at)))
    asked = await connection.execute(select(func.max(SourceRow.asked_at)))
    return looked.scalar_one(), asked.scalar_one()


async def histories(
    connection: AsyncConnection, by_session: Collection[str], others: Collection[str]
) -> dict[str, list[Point]]:
    """The history of each of these indicators, one point a period (R28).

    `by_session`: those whose period is a session. They have many values a day; of each session
    the database gives only the last.
    """
    found = await _by_session(connection, by_session)
    rows = await connection.execute(
        select(
            ObservationRow.indicator,
            ObservationRow.as_of,
            ObservationRow.period_end,
            ObservationRow.value,
            ObservationRow.unit,
        )
        .where(ObservationRow.indicator.in_(others), ObservationRow.status.in_(_MOVING))
        .order_by(ObservationRow.as_of, ObservationRow.version)
    )
    read: dict[str, list[Value]] = {}
    for key, as_of, period_end, value, unit in rows:
        read.setdefault(key, []).append(Value(as_of, period_end, unit.from_fixed(value)))
    for key, values in read.items():
        found[key] = observations.history_at(values, values[-1].as_of, by_session=False)
    return found


async def _by_session(connection: AsyncConnection, keys: Collection[str]) -> dict[str, list[Point]]:
    last = func.row_number().over(
        partition_by=(ObservationRow.indicator, ObservationRow.period_end),
        order_by=(ObservationRow.as_of.desc(), ObservationRow.version.desc()),
    )
    ranked = (
        select(
            ObservationRow.indicator,
            ObservationRow.as_of,
            ObservationRow.value,
            ObservationRow.unit,
            last.label("place"),
        )
        .where(ObservationRow.indicator.in_(keys), ObservationRow.status.in_(_MOVING))
        .subquery()
    )
    rows = await connection.execute(
        select(ranked.c.indicator, ranked.c.as_of, ranked.c.value, ranked.c.unit)
        .where(ranked.c.place == 1)
        .order_by(ranked.c.as_of)
    )
    found: dict[str, list[Point]] = {}
    for key, as_of, value, unit in rows:
        found.setdefault(key, []).append(Point(as_of, unit.from_fixed(value)))
    return found


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many deliveries wait in one state, and since when the first of them is due."""

    count: int
    due_since: datetime


async def backlog(
    connection: AsyncConnection,
) -> Mapping[tuple[str, DeliveryState], Waiting]:
    """What is not sent yet, by platform and state."""
    rows = await connection.execute(
        select(
            DeliveryRow.platform,
            DeliveryRow.state,
            func.count(),
            func.min(DeliveryRow.due_at),
        )
        .where(is_unsent(DeliveryRow))
        .group_by(DeliveryRow.platform, DeliveryRow.state)
    )
    return {(platform, state): Waiting(count, due) for platform, state, count, due in rows}
