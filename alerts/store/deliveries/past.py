"""What became of deliveries: for `log`, and for the messages that edit or answer them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from alerts.store.among import is_among
from alerts.store.models import AlertRow, AttemptRow, DeliveryKind, DeliveryRow, DeliveryState


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try and how it ended: a delivery's state, with the reason for anything but success."""

    at: datetime
    outcome: DeliveryState
    detail: str | None


@dataclass(frozen=True, slots=True)
class LoggedDelivery:
    """A delivery with its attempts, first one first. `due_at` matters while it waits."""

    id: int
    kind: DeliveryKind
    state: DeliveryState
    created_at: datetime
    due_at: datetime
    settled_at: datetime | None
    reason: str | None
    alerts: int
    attempts: tuple[Attempt, ...]


async def log(connection: AsyncConnection, destination_id: int, limit: int) -> list[LoggedDelivery]:
    """A destination's newest deliveries, newest first."""
    alerts = select(func.count()).where(AlertRow.delivery_id == DeliveryRow.id).scalar_subquery()
    rows = (
        await connection.execute(
            select(DeliveryRow, alerts.label("alerts"))
            .where(DeliveryRow.destination_id == destination_id)
            .order_by(DeliveryRow.id.desc())
            .limit(limit)
        )
    ).all()
    tried: dict[int, list[Attempt]] = {row.id: [] for row in rows}
    attempts = await connection.execute(
        select(AttemptRow).where(AttemptRow.delivery_id.in_(tried)).order_by(AttemptRow.id)
    )
    for row in attempts:
        tried[row.delivery_id].append(Attempt(row.at, DeliveryState(row.outcome), row.detail))
    return [
        LoggedDelivery(
            row.id,
            row.kind,
            row.state,
            row.created_at,
            row.due_at,
            row.settled_at,
            row.reason,
            row.alerts,
            tuple(tried[row.id]),
        )
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class Posted:
    """A delivery that others edit or answer; `message` is the platform's name, once it is there."""

    id: int
    message: str | None
    away: bool
    plain: bool


async def posted(connection: AsyncConnection, ids: Collection[int]) -> dict[int, Posted]:
    if not ids:
        return {}
    rows = await connection.execute(_POSTED, {"ids": ids})
    return {row.id: Posted(*row) for row in rows}


_POSTED = select(DeliveryRow.id, DeliveryRow.message, DeliveryRow.away, DeliveryRow.plain).where(
    is_among(DeliveryRow.id, "ids")
)
