"""Everything of one destination goes to another (RULES.md R30)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import and_, bindparam, delete, exists, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import aliased

from alerts.rules import State
from alerts.store import deliveries
from alerts.store.destinations.places import Destination
from alerts.store.models import AlertRow, DestinationRow, Digest, RuleRow, SubscriptionRow


async def move(
    connection: AsyncConnection, source: Destination, target: Destination, now: datetime
) -> int:
    """Bring rules, subscriptions and history of `source` to `target`. Returns the rules moved.

    1. A preset that both have is kept once: the target's. The source's rules of it end.
    2. Rules whose number is taken get the next free ones.
    3. What was told or withheld is the target's history from now on; messages stay where they
       were posted, and what waited to be sent is sent to the target.
    4. A target that had nothing takes over what was chosen at the source; the board is pinned
       there.
    """
    if source.id == target.id:
        return 0
    fresh = not await _has_rules(connection, target.id)
    await _move_subscriptions(connection, source.id, target.id, now)
    moved = await _move_rules(connection, source.id, target.id)
    await _move_history(connection, source.id, target.id)
    await deliveries.move_waiting(connection, source.id, target.id, now)
    if fresh:
        await _take_over(connection, source, target)
    pinned = source.board_id is not None
    await connection.execute(
        update(DestinationRow)
        .where(DestinationRow.id == source.id)
        .values(board_id=None, digest=Digest.OFF, digest_due_at=None)
    )
    if pinned and target.board_id is None:
        await deliveries.pin_board(connection, target.id, now)
    return moved


async def _has_rules(connection: AsyncConnection, destination_id: int) -> bool:
    query = select(exists().where(RuleRow.destination_id == destination_id))
    return bool((await connection.execute(query)).scalar_one())


async def _move_subscriptions(
    connection: AsyncConnection, source: int, target: int, now: datetime
) -> None:
    theirs = select(SubscriptionRow.preset).where(SubscriptionRow.destination_id == target)
    double = select(SubscriptionRow.id).where(
        SubscriptionRow.destination_id == source, SubscriptionRow.preset.in_(theirs)
    )
    ids = list((await connection.execute(double)).scalars())
    if ids:
        await connection.execute(
            update(RuleRow)
            .where(RuleRow.subscription_id.in_(ids), RuleRow.removed_at.is_(None))
            .values(removed_at=now, state=State.DONE)
        )
        await connection.execute(
            update(RuleRow).where(RuleRow.subscription_id.in_(ids)).values(subscription_id=None)
        )
        await connection.execute(delete(SubscriptionRow).where(SubscriptionRow.id.in_(ids)))
    await connection.execute(
        update(SubscriptionRow)
        .where(SubscriptionRow.destination_id == source)
        .values(destination_id=target)
    )


async def _move_rules(connection: AsyncConnection, source: int, target: int) -> int:
    theirs = select(RuleRow.number).where(RuleRow.destination_id == target)
    taken = set((await connection.execute(theirs)).scalars())
    mine = (
        await connection.execute(
            select(RuleRow.id, RuleRow.number, RuleRow.removed_at)
            .where(RuleRow.destination_id == source)
            .order_by(RuleRow.number)
        )
    ).all()
    free = max([0, *taken, *(row.number for row in mine)])
    placed: list[dict[str, int]] = []
    for row in mine:
        number = row.number
        if number in taken:
            free += 1
            number = free
        placed.append({"rule_id": row.id, "new_number": number})
    if placed:
        await connection.execute(
            update(RuleRow)
            .where(RuleRow.id == bindparam("rule_id"))
            .values(destination_id=target, number=bindparam("new_number")),
            placed,
        )
    return sum(row.removed_at is None for row in mine)


async def _move_history(connection: AsyncConnection, source: int, target: int) -> None:
    """Of a notice that both places got, each keeps its own."""
    theirs = aliased(AlertRow)
    double = exists().where(
        theirs.destination_id == target,
        theirs.rule_id.is_(None),
        theirs.indicator == AlertRow.indicator,
        theirs.kind == AlertRow.kind,
        theirs.as_of == AlertRow.as_of,
    )
    await connection.execute(
        update(AlertRow)
        .where(AlertRow.destination_id == source, ~and_(AlertRow.rule_id.is_(None), double))
        .values(destination_id=target)
    )


async def _take_over(connection: AsyncConnection, source: Destination, target: Destination) -> None:
    await connection.execute(
        update(DestinationRow)
        .where(DestinationRow.id == target.id)
        .values(
            language=source.language,
            timezone=source.timezone,
            tells_cleared=source.tells_cleared,
            quiet_from=source.quiet_from,
            quiet_to=source.quiet_to,
            digest=source.digest,
            digest_minute=source.digest_minute,
            digest_weekday=source.digest_weekday,
            digest_due_at=source.digest_due_at,
            owner=func.coalesce(DestinationRow.owner, source.owner),
        )
    )
