"""Old deliveries go, a few at a time; the pages that they leave are given back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import aiosqlite
from sqlalchemy import Select, delete, exists, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import aliased

from alerts.rules import State
from alerts.store.deliveries.queue import is_unsent
from alerts.store.models import AlertRow, AttemptRow, DeliveryRow, DestinationRow, RuleRow

AT_ONCE = 500
PAGES_AT_ONCE = 250


@dataclass(frozen=True, slots=True)
class Step:
    """`next`: where the next step goes on; None when everything old was looked at."""

    deleted: int
    next: int | None


async def prune(
    connection: AsyncConnection, before: datetime, after: int, most: int = AT_ONCE
) -> Step:
    """Delete deliveries from before `before`, of those whose id is greater than `after`.

    Kept are: what is not sent yet, pinned boards, messages of rules that are beyond their line
    (they live on, R26), and what something unsent edits or answers. Alerts stay and forget their
    message.
    """
    window = (
        await connection.execute(
            select(DeliveryRow.id, DeliveryRow.created_at)
            .where(DeliveryRow.id > after)
            .order_by(DeliveryRow.id)
            .limit(most)
        )
    ).all()
    # Ids grow with time: after the first one that is young enough all are.
    old = [row.id for row in window if row.created_at < before]
    if old:
        gone = list((await connection.execute(_prunable(old))).scalars())
        await _delete(connection, gone)
    else:
        gone = []
    over = len(window) < most or len(old) < len(window)
    return Step(len(gone), None if over else window[-1].id)


def _prunable(ids: list[int]) -> Select[int]:
    unsent = aliased(DeliveryRow)
    living = (
        exists()
        .where(AlertRow.delivery_id == DeliveryRow.id, RuleRow.id == AlertRow.rule_id)
        .where(RuleRow.state == State.FIRED, RuleRow.removed_at.is_(None))
    )
    needed = exists().where(
        is_unsent(unsent),
        or_(unsent.edits_id == DeliveryRow.id, unsent.follows_id == DeliveryRow.id),
    )
    pinned = exists().where(DestinationRow.board_id == DeliveryRow.id)
    return select(DeliveryRow.id).where(
        DeliveryRow.id.in_(ids), ~is_unsent(DeliveryRow), ~living, ~needed, ~pinned
    )


async def _delete(connection: AsyncConnection, ids: list[int]) -> None:
    if not ids:
        return
    await connection.execute(delete(AttemptRow).where(AttemptRow.delivery_id.in_(ids)))
    await connection.execute(
        update(AlertRow).where(AlertRow.delivery_id.in_(ids)).values(delivery_id=None)
    )
    await connection.execute(delete(DeliveryRow).where(DeliveryRow.id.in_(ids)))


async def give_back(connection: AsyncConnection, pages: int = PAGES_AT_ONCE) -> bool:
    """A few free pages of an SQLite file go back to the disk. True while there are more.

    PostgreSQL does so by itself. A file that was made before this was possible keeps its pages
    and fills them again.
    """
    if connection.dialect.name != "sqlite":
        return False
    mode = (await connection.execute(text("PRAGMA auto_vacuum"))).scalar_one()
    if mode != _INCREMENTAL:
        return False
    # Each row that is fetched frees a page; SQLAlchemy takes a row without columns for none.
    driver = (await connection.get_raw_connection()).driver_connection
    if not isinstance(driver, aiosqlite.Connection):
        raise TypeError(f"{type(driver).__name__} is no connection to SQLite")
    await driver.execute_fetchall(f"PRAGMA incremental_vacuum({pages})")
    return int((await connection.execute(text("PRAGMA freelist_count"))).scalar_one()) > 0


_INCREMENTAL = 2
