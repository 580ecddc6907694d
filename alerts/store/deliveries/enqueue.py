"""New deliveries: what makes a message due (RULES.md R18, R26, R30)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, and_, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import InstrumentedAttribute

from alerts import correlation
from alerts.rules import Kind
from alerts.store.among import is_among
from alerts.store.deliveries.queue import is_unsent
from alerts.store.models import (
    AlertRow,
    DeliveryKind,
    DeliveryRow,
    DeliveryState,
    DestinationRow,
)
from alerts.store.rows import insert_rows
from alerts.turns import bits

_NOT_BEGUN = (DeliveryState.DUE, DeliveryState.RETRY, DeliveryState.PARKED)


class NewDelivery(NamedTuple):
    """A message to be: columns of `DeliveryRow`."""

    destination_id: int
    platform: str
    due_at: datetime
    kind: DeliveryKind = DeliveryKind.ALERTS
    away: bool = False
    quiet: bool = False
    edits_id: int | None = None
    follows_id: int | None = None
    notice: Mapping[str, str] | None = None


async def add(
    connection: AsyncConnection, messages: Sequence[NewDelivery], now: datetime
) -> list[int]:
    """Keep these deliveries, to be sent in this order. Returns their ids."""
    return [id_ async for some in bits(messages) for id_ in await _added(connection, some, now)]


async def _added(
    connection: AsyncConnection, messages: Sequence[NewDelivery], now: datetime
) -> list[int]:
    nonces = correlation.new_nonces(len(messages))
    rows = [
        (nonce, DeliveryState.DUE, now, *message)
        for nonce, message in zip(nonces, messages, strict=True)
    ]
    await insert_rows(connection, DeliveryRow, _COLUMNS, rows)
    # The nonces tell which row is whose.
    found = await connection.execute(_MADE, {"nonces": nonces})
    ids = {nonce: id_ for nonce, id_ in found.all()}  # noqa: C416
    return [ids[nonce] for nonce in nonces]


_COLUMNS = ("nonce", "state", "created_at", *NewDelivery._fields)
_MADE = select(DeliveryRow.nonce, DeliveryRow.id).where(is_among(DeliveryRow.nonce, "nonces"))


def _not_begun(*columns: InstrumentedAttribute[Any]) -> Select[*tuple[Any, ...]]:
    """Deliveries that will tell what is decided now: no worker takes them until we commit."""
    return (
        select(*columns)
        .where(is_unsent(DeliveryRow), DeliveryRow.state.in_(_NOT_BEGUN))
        .with_for_update(of=DeliveryRow, key_share=True)
    )


async def platform_of(connection: AsyncConnection, destination_id: int) -> str:
    """Raises LookupError when there is no such destination."""
    found = await connection.execute(
        select(DestinationRow.platform).where(DestinationRow.id == destination_id)
    )
    platform = found.scalar_one_or_none()
    if platform is None:
        raise LookupError(f"there is no destination {destination_id}")
    return platform


async def notice(
    connection: AsyncConnection, destination_id: int, facts: Mapping[str, str], now: datetime
) -> int:
    """A word from the program itself; returns the delivery's id."""
    platform = await platform_of(connection, destination_id)
    message = NewDelivery(destination_id, platform, now, DeliveryKind.NOTICE, notice=facts)
    [made] = await add(connection, [message], now)
    return made


async def digest(connection: AsyncConnection, destination_id: int, now: datetime) -> int | None:
    """The board, unasked; None when an earlier one still waits, which will be as new as this.

    Its notice holds `since`, when the last one was made, if there was one.
    """
    mine = and_(
        DeliveryRow.destination_id == destination_id, DeliveryRow.kind == DeliveryKind.DIGEST
    )
    waiting = _not_begun(DeliveryRow.id).where(mine, ~DeliveryRow.uncertain)
    if (await connection.execute(waiting.limit(1))).scalar_one_or_none() is not None:
        return None
    last = await connection.execute(select(func.max(DeliveryRow.created_at)).where(mine))
    since = last.scalar_one_or_none()
    facts = {} if since is None else {"since": since.isoformat()}
    platform = await platform_of(connection, destination_id)
    message = NewDelivery(destination_id, platform, now, DeliveryKind.DIGEST, notice=facts)
    [made] = await add(connection, [message], now)
    return made


async def living(connection: AsyncConnection, rule_ids: Collection[int]) -> dict[int, int]:
    """The delivery of each rule's living message: that of its last `fired` that was told (R26).

    A rule that was moved elsewhere since then has none.
    """
    last = (
        select(AlertRow.rule_id, func.max(AlertRow.id).label("alert_id"))
        .join(DeliveryRow, DeliveryRow.id == AlertRow.delivery_id)
        .where(
            AlertRow.rule_id.in_(rule_ids),
            AlertRow.kind == Kind.FIRED,
            AlertRow.destination_id == DeliveryRow.destination_id,
            DeliveryRow.state != DeliveryState.DEAD,
        )
        .group_by(AlertRow.rule_id)
        .subquery()
    )
    rows = await connection.execute(
        select(last.c.rule_id, AlertRow.delivery_id).join(AlertRow, AlertRow.id == last.c.alert_id)
    )
    return {row.rule_id: row.delivery_id for row in rows}


async def edits(
    connection: AsyncConnection, originals: Collection[int], now: datetime
) -> dict[int, int]:
    """The EDIT that will bring each of these messages up to date: the one that waits already, or
    a new one. It never goes ahead of its message, not even at night (R21).
    """
    if not originals:
        return {}
    waiting = await connection.execute(
        _not_begun(DeliveryRow.edits_id, DeliveryRow.id).where(
            DeliveryRow.kind == DeliveryKind.EDIT, DeliveryRow.edits_id.in_(originals)
        )
    )
    found: dict[int, int] = {row.edits_id: row.id for row in waiting}
    wanted = sorted(set(originals) - found.keys())
    rows = await connection.execute(select(DeliveryRow).where(DeliveryRow.id.in_(wanted)))
    messages = []
    for row in sorted(rows, key=lambda row: row.id):
        sleeps = row.quiet and row.settled_at is None
        messages.append(
            NewDelivery(
                row.destination_id,
                row.platform,
                max(now, row.due_at) if sleeps else now,
                DeliveryKind.EDIT,
                quiet=sleeps,
                edits_id=row.id,
            )
        )
    made = await add(connection, messages, now)
    for message, delivery_id in zip(messages, made, strict=True):
        if message.edits_id is not None:
            found[message.edits_id] = delivery_id
    return found


async def story_changed(
    connection: AsyncConnection, rule_ids: Collection[int], now: datetime
) -> int:
    """Something was done about these rules: their living messages shall tell it (R26).

    Returns how many messages will be edited.
    """
    messages = set((await living(connection, rule_ids)).values())
    return len(await edits(connection, messages, now))


async def pin_board(connection: AsyncConnection, destination_id: int, now: datetime) -> int:
    """Post the board there and keep it up to date from now on; an earlier one stays as it is."""
    platform = await platform_of(connection, destination_id)
    message = NewDelivery(destination_id, platform, now, DeliveryKind.BOARD)
    [made] = await add(connection, [message], now)
    await connection.execute(
        update(DestinationRow).where(DestinationRow.id == destination_id).values(board_id=made)
    )
    return made


async def unpin_board(connection: AsyncConnection, destination_id: int) -> bool:
    """Nothing edits the board any more. False when there was none."""
    changed = await connection.execute(
        update(DestinationRow)
        .where(DestinationRow.id == destination_id, DestinationRow.board_id.is_not(None))
        .values(board_id=None)
    )
    await connection.execute(
        update(DeliveryRow)
        .where(
            is_unsent(DeliveryRow),
            DeliveryRow.destination_id == destination_id,
            DeliveryRow.kind == DeliveryKind.BOARD,
            DeliveryRow.state.in_(_NOT_BEGUN),
        )
        .values(state=DeliveryState.FOLDED, reason="the board was unpinned")
    )
    return changed.rowcount == 1


async def boards_changed(connection: AsyncConnection, now: datetime) -> int:
    """There are new observations: every pinned board shall show them. Returns how many will."""
    pinned = and_(DestinationRow.board_id.is_not(None), DestinationRow.off_reason.is_(None))
    waiting = await connection.execute(
        _not_begun(DeliveryRow.destination_id)
        .join(DestinationRow, DestinationRow.id == DeliveryRow.destination_id)
        .where(
            pinned,
            DeliveryRow.kind == DeliveryKind.BOARD,
            or_(
                DeliveryRow.id == DestinationRow.board_id,
                DeliveryRow.edits_id == DestinationRow.board_id,
            ),
        )
    )
    will_anyway = set(waiting.scalars())
    rows = await connection.execute(
        select(DestinationRow.id, DestinationRow.platform, DestinationRow.board_id).where(pinned)
    )
    messages = [
        NewDelivery(row.id, row.platform, now, DeliveryKind.BOARD, edits_id=row.board_id)
        for row in sorted(rows, key=lambda row: row.id)
        if row.id not in will_anyway
    ]
    return len(await add(connection, messages, now))


async def move_waiting(
    connection: AsyncConnection, source: int, target: int, now: datetime
) -> None:
    """What waits for `source` is sent to `target`. What would edit or show anything at `source`
    has nothing to say any more; the alerts in it are posted anew (R30).
    """
    mine = and_(
        is_unsent(DeliveryRow),
        DeliveryRow.destination_id == source,
        DeliveryRow.state.in_(_NOT_BEGUN),
    )
    tells = exists().where(AlertRow.delivery_id == DeliveryRow.id)
    await connection.execute(
        update(DeliveryRow)
        .where(
            mine,
            DeliveryRow.kind.in_((DeliveryKind.EDIT, DeliveryKind.BOARD, DeliveryKind.DIGEST)),
            ~tells,
        )
        .values(state=DeliveryState.FOLDED, reason=f"moved to destination {target}")
    )
    await connection.execute(
        update(DeliveryRow)
        .where(mine)
        .values(
            destination_id=target,
            state=DeliveryState.DUE,
            kind=func.replace(DeliveryRow.kind, DeliveryKind.EDIT.value, DeliveryKind.ALERTS.value),
            edits_id=None,
            follows_id=None,
            due_at=now,
            quiet=False,
            first_tried_at=None,
            uncertain=False,
        )
    )
