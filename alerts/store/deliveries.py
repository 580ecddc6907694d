"""The outbox's rows: fold, claim, settle (RULES.md R15, R20, R21)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    and_,
    case,
    exists,
    func,
    insert,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import aliased

from alerts.store.models import (
    AlertRow,
    AttemptRow,
    DeliveryRow,
    DeliveryState,
    DestinationRow,
)

_WAITING = (DeliveryState.DUE, DeliveryState.RETRY)


@dataclass(frozen=True, slots=True)
class Claim:
    """One delivery that this worker alone may send until the lease ends.

    `uncertain`: an earlier worker claimed it and never said how it ended (R20).
    """

    id: int
    nonce: str
    destination_id: int
    away: bool
    uncertain: bool
    plain: bool
    attempts: int
    created_at: datetime
    first_tried_at: datetime


def _is_open(row: type[DeliveryRow]) -> ColumnElement[bool]:
    """The words of the partial indexes: SQLite does not look into parameters for them."""
    return row.state.in_([literal_column(f"'{state}'") for state in ("due", "claimed", "retry")])


def _is_head() -> ColumnElement[bool]:
    """No earlier message of the same destination is open: this one may go (R21)."""
    earlier = aliased(DeliveryRow)
    before = select(earlier.id).where(
        earlier.destination_id == DeliveryRow.destination_id,
        earlier.id < DeliveryRow.id,
        _is_open(earlier),
    )
    return ~before.exists()


def _is_reachable(platforms: Collection[str]) -> ColumnElement[bool]:
    return exists().where(
        DestinationRow.id == DeliveryRow.destination_id,
        DestinationRow.off_reason.is_(None),
        DestinationRow.platform.in_(platforms),
    )


def _ready(now: datetime) -> ColumnElement[bool]:
    return or_(
        and_(DeliveryRow.state.in_(_WAITING), DeliveryRow.due_at <= now),
        and_(DeliveryRow.state == DeliveryState.CLAIMED, DeliveryRow.lease_until <= now),
    )


async def claim(
    connection: AsyncConnection,
    platforms: Collection[str],
    now: datetime,
    lease_until: datetime,
    limit: int,
) -> list[Claim]:
    """Take the first open delivery of each destination, oldest first.

    One statement decides who gets it: its conditions hold again on the row that it changes, so
    of two workers the second changes nothing.
    """
    heads = (
        select(DeliveryRow.id)
        .where(_is_open(DeliveryRow), _ready(now), _is_reachable(platforms), _is_head())
        .order_by(DeliveryRow.id)
        .limit(limit)
    )
    rows = await connection.execute(
        update(DeliveryRow)
        .where(DeliveryRow.id.in_(heads), _ready(now))
        .values(
            state=DeliveryState.CLAIMED,
            lease_until=lease_until,
            attempts=DeliveryRow.attempts + 1,
            first_tried_at=func.coalesce(DeliveryRow.first_tried_at, now),
            uncertain=case(
                (DeliveryRow.state == DeliveryState.CLAIMED, True), else_=DeliveryRow.uncertain
            ),
        )
        .returning(
            DeliveryRow.id,
            DeliveryRow.nonce,
            DeliveryRow.destination_id,
            DeliveryRow.away,
            DeliveryRow.uncertain,
            DeliveryRow.plain,
            DeliveryRow.attempts,
            DeliveryRow.created_at,
            DeliveryRow.first_tried_at,
        )
    )
    return [Claim(*row) for row in sorted(rows, key=lambda row: row.id)]


async def settle(
    connection: AsyncConnection,
    claim: Claim,
    state: DeliveryState,
    now: datetime,
    *,
    reason: str | None = None,
    message: str | None = None,
    due_at: datetime | None = None,
    plain: bool = False,
    uncertain: bool = False,
) -> bool:
    """How a claimed delivery ended; False when it was not this worker's any more.

    A worker whose lease ran out has no say in what happens next, but what it knows to be sent is
    sent.
    """
    own = and_(DeliveryRow.state == DeliveryState.CLAIMED, DeliveryRow.attempts == claim.attempts)
    if state is DeliveryState.SENT:
        own = DeliveryRow.state.in_((DeliveryState.CLAIMED, DeliveryState.RETRY))
    changed = await connection.execute(
        update(DeliveryRow)
        .where(DeliveryRow.id == claim.id, own)
        .values(
            state=state,
            lease_until=None,
            settled_at=None if state is DeliveryState.RETRY else now,
            reason=reason,
            message=message,
            uncertain=uncertain,
            plain=plain or DeliveryRow.plain,
            due_at=due_at if due_at is not None else DeliveryRow.due_at,
        )
    )
    await connection.execute(
        insert(AttemptRow).values(delivery_id=claim.id, at=now, outcome=state.value, detail=reason)
    )
    return changed.rowcount == 1


async def fold(connection: AsyncConnection, before: datetime) -> int:
    """Bring each destination's waiting messages from `before` into its first one (R15).

    Returns how many messages were folded away. What may have arrived already stays as it is: the
    platform is asked for that very message.
    """
    old = select(DeliveryRow.id, DeliveryRow.destination_id, DeliveryRow.away).where(
        _is_open(DeliveryRow),
        DeliveryRow.state != DeliveryState.CLAIMED,
        ~DeliveryRow.uncertain,
        or_(DeliveryRow.away, DeliveryRow.created_at < before),
    )
    rows = sorted((await connection.execute(old)).all(), key=lambda row: row.id)
    groups: dict[int, list[int]] = {}
    for row in rows:
        groups.setdefault(row.destination_id, []).append(row.id)
    heads = {ids[0] for ids in groups.values()}
    late = [row.id for row in rows if row.id in heads and not row.away]
    if late:
        await connection.execute(
            update(DeliveryRow).where(DeliveryRow.id.in_(late)).values(away=True)
        )
    folded = 0
    for head, *others in groups.values():
        if others:
            await _fold_into(connection, head, others)
            folded += len(others)
    return folded


async def _fold_into(connection: AsyncConnection, head: int, others: Collection[int]) -> None:
    await connection.execute(
        update(AlertRow).where(AlertRow.delivery_id.in_(others)).values(delivery_id=head)
    )
    await connection.execute(
        update(DeliveryRow)
        .where(DeliveryRow.id.in_(others))
        .values(state=DeliveryState.FOLDED, reason=f"in message {head}")
    )


async def release(connection: AsyncConnection, now: datetime) -> int:
    """End every lease now. Only for a process that knows to be the only one on this database."""
    changed = await connection.execute(
        update(DeliveryRow)
        .where(DeliveryRow.state == DeliveryState.CLAIMED)
        .values(lease_until=now)
    )
    return changed.rowcount


async def next_due(connection: AsyncConnection, platforms: Collection[str]) -> datetime | None:
    """When the next open delivery wants attention; None when nothing is open.

    What waits behind another message of its destination wants none yet.
    """
    at = case(
        (DeliveryRow.state == DeliveryState.CLAIMED, DeliveryRow.lease_until),
        else_=DeliveryRow.due_at,
    )
    query = (
        select(at)
        .where(_is_open(DeliveryRow), _is_reachable(platforms), _is_head())
        .order_by(at)
        .limit(1)
    )
    found = (await connection.execute(query)).scalar_one_or_none()
    return found if isinstance(found, datetime) else None
