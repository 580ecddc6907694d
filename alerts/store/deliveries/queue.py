"""The outbox's queue: claim, settle, fold, park (RULES.md R15, R20, R21, R24)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from operator import itemgetter
from typing import NamedTuple

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Integer,
    Select,
    and_,
    bindparam,
    case,
    exists,
    false,
    func,
    literal_column,
    null,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import aliased

from alerts.store.models import (
    AlertRow,
    AttemptRow,
    DeliveryKind,
    DeliveryRow,
    DeliveryState,
    DestinationRow,
    UtcDateTime,
)
from alerts.store.rows import insert_rows

_WAITING = (DeliveryState.DUE, DeliveryState.RETRY)


class Claim(NamedTuple):
    """One delivery that this worker alone may send until the lease ends.

    `uncertain`: an earlier worker claimed it and never said how it ended (R20). The others as in
    `DeliveryRow`.
    """

    id: int
    nonce: str
    destination_id: int
    kind: DeliveryKind
    away: bool
    quiet: bool
    uncertain: bool
    plain: bool
    attempts: int
    created_at: datetime
    first_tried_at: datetime
    edits_id: int | None
    follows_id: int | None
    notice: dict[str, str] | None


class Outcome(NamedTuple):
    """How a claimed delivery ended. `message` is the platform's name of what was posted.

    `due_at`: when it is tried again. `plain`: as plain text from then on. `uncertain`: it may have
    arrived.
    """

    claim: Claim
    state: DeliveryState
    reason: str | None = None
    message: str | None = None
    due_at: datetime | None = None
    plain: bool = False
    uncertain: bool = False


def _in_states(row: type[DeliveryRow], *states: DeliveryState) -> ColumnElement[bool]:
    """The words of the partial indexes: SQLite does not look into parameters for them."""
    return row.state.in_([literal_column(f"'{state.value}'") for state in states])


def is_open(row: type[DeliveryRow]) -> ColumnElement[bool]:
    return _in_states(row, DeliveryState.DUE, DeliveryState.CLAIMED, DeliveryState.RETRY)


def is_unsent(row: type[DeliveryRow]) -> ColumnElement[bool]:
    return _in_states(
        row, DeliveryState.DUE, DeliveryState.CLAIMED, DeliveryState.RETRY, DeliveryState.PARKED
    )


def _is_head(now: ColumnElement[datetime]) -> ColumnElement[bool]:
    """No earlier message of the same destination is unsent: this one may go (R21).

    Except that nothing waits for one that itself waits for the end of quiet hours, unless it has
    to wait for it as well.
    """
    earlier = aliased(DeliveryRow)
    sleeps = and_(earlier.quiet, earlier.due_at > now, ~DeliveryRow.quiet)
    before = select(earlier.id).where(
        earlier.destination_id == DeliveryRow.destination_id,
        earlier.id < DeliveryRow.id,
        is_unsent(earlier),
        ~sleeps,
    )
    return ~before.exists()


def _is_reachable() -> ColumnElement[bool]:
    return exists().where(
        DestinationRow.id == DeliveryRow.destination_id, DestinationRow.off_reason.is_(None)
    )


# Built once: they are asked many times a second while messages go out.
_NOW: ColumnElement[datetime] = bindparam("now", type_=UtcDateTime)
_PLATFORM: ColumnElement[str] = bindparam("of_platform")
_CLAIMED = DeliveryRow.state == DeliveryState.CLAIMED

HEADS: Select[int] = (
    select(DeliveryRow.id)
    .where(
        is_open(DeliveryRow),
        DeliveryRow.platform == _PLATFORM,
        DeliveryRow.due_at <= _NOW,
        _is_reachable(),
        _is_head(_NOW),
    )
    .order_by(DeliveryRow.due_at, DeliveryRow.id)
    .limit(bindparam("most"))
    # On PostgreSQL workers pass over what another one is just taking; SQLite has one at a time.
    # A key share, because attempts that are being written down point to their delivery.
    .with_for_update(of=DeliveryRow, skip_locked=True, key_share=True)
)
_CLAIM = (
    update(DeliveryRow)
    .where(
        # A table of its own, so that PostgreSQL looks for them once.
        DeliveryRow.id.in_(select(HEADS.cte("heads").c.id)),
        is_open(DeliveryRow),
        DeliveryRow.due_at <= _NOW,
    )
    .values(
        state=DeliveryState.CLAIMED,
        worker=bindparam("by_worker", type_=Integer),
        due_at=bindparam("lease_until", type_=UtcDateTime),
        attempts=DeliveryRow.attempts + 1,
        first_tried_at=func.coalesce(DeliveryRow.first_tried_at, _NOW),
        uncertain=case((_CLAIMED, True), else_=DeliveryRow.uncertain),
    )
    .returning(
        DeliveryRow.id,
        DeliveryRow.nonce,
        DeliveryRow.destination_id,
        DeliveryRow.kind,
        DeliveryRow.away,
        DeliveryRow.quiet,
        DeliveryRow.uncertain,
        DeliveryRow.plain,
        DeliveryRow.attempts,
        DeliveryRow.created_at,
        DeliveryRow.first_tried_at,
        DeliveryRow.edits_id,
        DeliveryRow.follows_id,
        DeliveryRow.notice,
    )
)
NEXT: Select[datetime] = (
    select(DeliveryRow.due_at)
    .where(
        is_open(DeliveryRow),
        DeliveryRow.platform == _PLATFORM,
        _is_reachable(),
        _is_head(_NOW),
    )
    .order_by(DeliveryRow.due_at)
    .limit(1)
)


async def claim(
    connection: AsyncConnection,
    platform: str,
    now: datetime,
    lease_until: datetime,
    most: int,
    worker: int | None = None,
) -> list[Claim]:
    """Take the first open delivery of each destination, those that are due longest first.

    One statement decides who gets it: its conditions hold again on the row that it changes, so
    of two workers the second changes nothing.
    """
    given = {
        "of_platform": platform,
        "now": now,
        "lease_until": lease_until,
        "most": most,
        "by_worker": worker,
    }
    rows = (await connection.execute(_CLAIM, given)).all()
    # By their ids, which come first.
    return [Claim._make(row) for row in sorted(rows, key=itemgetter(0))]


async def next_due(
    connection: AsyncConnection, platforms: Collection[str], now: datetime
) -> datetime | None:
    """When the next open delivery wants attention; None when nothing is open.

    What waits behind another message of its destination wants none yet.
    """
    found = [
        (await connection.execute(NEXT, {"of_platform": platform, "now": now})).scalar_one_or_none()
        for platform in platforms
    ]
    return min((at for at in found if at is not None), default=None)


# A worker whose lease ran out has no say in what happens next, but what it knows to be sent is
# sent.
_SETTLE_SENT = (
    update(DeliveryRow)
    .where(
        DeliveryRow.id == bindparam("delivery_id"),
        _in_states(DeliveryRow, DeliveryState.CLAIMED, DeliveryState.RETRY, DeliveryState.PARKED),
    )
    .values(
        state=literal_column(f"'{DeliveryState.SENT.value}'"),
        settled_at=bindparam("new_settled_at"),
        reason=null(),
        message=bindparam("new_message"),
        uncertain=false(),
    )
)
_SETTLE_OWN = (
    update(DeliveryRow)
    .where(
        DeliveryRow.id == bindparam("delivery_id"),
        _CLAIMED,
        DeliveryRow.attempts == bindparam("claimed_attempts"),
    )
    .values(
        state=bindparam("new_state"),
        settled_at=bindparam("new_settled_at"),
        reason=bindparam("new_reason"),
        message=bindparam("new_message"),
        uncertain=bindparam("new_uncertain"),
        plain=or_(DeliveryRow.plain, bindparam("new_plain", type_=Boolean)),
        due_at=func.coalesce(bindparam("new_due_at", type_=UtcDateTime), DeliveryRow.due_at),
    )
)
_NOT_OVER = frozenset({DeliveryState.RETRY, DeliveryState.PARKED})


async def settle(connection: AsyncConnection, outcomes: Sequence[Outcome], now: datetime) -> None:
    """How claimed deliveries ended, each with its attempt written down."""
    sent = [
        {"delivery_id": one.claim.id, "new_settled_at": now, "new_message": one.message}
        for one in outcomes
        if one.state is DeliveryState.SENT
    ]
    own = [_settled(one, now) for one in outcomes if one.state is not DeliveryState.SENT]
    if sent:
        await connection.execute(_SETTLE_SENT, sent)
    if own:
        await connection.execute(_SETTLE_OWN, own)
    # A message that was posted anew, because the old one could not be edited, lives on (R26).
    anew = [
        {"delivery_id": one.claim.edits_id, "new_message": one.message}
        for one in outcomes
        if one.claim.edits_id is not None and one.message is not None
    ]
    if anew:
        await connection.execute(
            update(DeliveryRow)
            .where(DeliveryRow.id == bindparam("delivery_id"))
            .values(message=bindparam("new_message")),
            anew,
        )
    tries = [(one.claim.id, now, one.state.value, one.reason) for one in outcomes]
    await insert_rows(connection, AttemptRow, ("delivery_id", "at", "outcome", "detail"), tries)


def _settled(outcome: Outcome, now: datetime) -> dict[str, object]:
    return {
        "delivery_id": outcome.claim.id,
        "claimed_attempts": outcome.claim.attempts,
        "new_state": outcome.state,
        "new_settled_at": None if outcome.state in _NOT_OVER else now,
        "new_reason": outcome.reason,
        "new_message": outcome.message,
        "new_uncertain": outcome.uncertain,
        "new_plain": outcome.plain,
        "new_due_at": outcome.due_at,
    }


async def fold(connection: AsyncConnection, before: datetime) -> int:
    """Bring each destination's waiting messages from `before` into its first one (R15).

    Returns how many messages were folded away. What may have arrived already stays as it is: the
    platform is asked for that very message. What waits for the end of quiet hours is not mixed
    with what does not.
    """
    old = (
        select(DeliveryRow.id, DeliveryRow.destination_id, DeliveryRow.quiet, DeliveryRow.away)
        .where(
            is_open(DeliveryRow),
            DeliveryRow.kind == DeliveryKind.ALERTS,
            DeliveryRow.state != DeliveryState.CLAIMED,
            ~DeliveryRow.uncertain,
            or_(DeliveryRow.away, DeliveryRow.created_at < before),
        )
        # Nobody claims them while they are folded.
        .with_for_update(of=DeliveryRow, key_share=True)
    )
    rows = sorted((await connection.execute(old)).all(), key=lambda row: row.id)
    groups: dict[tuple[int, bool], list[int]] = {}
    for row in rows:
        groups.setdefault((row.destination_id, row.quiet), []).append(row.id)
    heads = {ids[0] for ids in groups.values()}
    late = [row.id for row in rows if row.id in heads and not row.away]
    if late:
        await connection.execute(
            update(DeliveryRow).where(DeliveryRow.id.in_(late)).values(away=True, follows_id=None)
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
    for link in (DeliveryRow.edits_id, DeliveryRow.follows_id):
        await connection.execute(
            update(DeliveryRow)
            .where(is_unsent(DeliveryRow), link.in_(others))
            .values({link.key: head})
        )


async def release(connection: AsyncConnection, now: datetime) -> int:
    """End every lease now. Only for a process that knows to be the only one on this database."""
    changed = await connection.execute(
        update(DeliveryRow)
        .where(is_open(DeliveryRow), _CLAIMED, DeliveryRow.due_at > now)
        .values(due_at=now)
    )
    return changed.rowcount


async def release_of_dead(
    connection: AsyncConnection, living: Collection[int], now: datetime
) -> int:
    """End now the leases of all workers but these."""
    changed = await connection.execute(
        update(DeliveryRow)
        .where(
            is_open(DeliveryRow),
            _CLAIMED,
            DeliveryRow.due_at > now,
            DeliveryRow.worker.is_not(None),
            DeliveryRow.worker.not_in(living),
        )
        .values(due_at=now)
    )
    return changed.rowcount


async def park(connection: AsyncConnection, destination_ids: Collection[int]) -> int:
    """What waits for these destinations waits until they are on again; nobody looks for it."""
    if not destination_ids:
        return 0
    changed = await connection.execute(
        update(DeliveryRow)
        .where(
            is_unsent(DeliveryRow),
            DeliveryRow.destination_id.in_(destination_ids),
            DeliveryRow.state.in_(_WAITING),
        )
        .values(state=DeliveryState.PARKED)
    )
    return changed.rowcount


async def unpark(connection: AsyncConnection, destination_ids: Collection[int]) -> int:
    """It is due again, and its day of tries begins anew (R23)."""
    if not destination_ids:
        return 0
    changed = await connection.execute(
        update(DeliveryRow)
        .where(
            is_unsent(DeliveryRow),
            DeliveryRow.destination_id.in_(destination_ids),
            DeliveryRow.state == DeliveryState.PARKED,
        )
        .values(state=DeliveryState.DUE, first_tried_at=None)
    )
    return changed.rowcount
