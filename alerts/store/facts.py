"""The ledger of facts that were entered here: nothing in it is ever deleted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from alerts.published import StatedFact
from alerts.store.models import FactRow


@dataclass(frozen=True, slots=True)
class Entry:
    """A fact of the ledger, with who entered it, who retired it, and when."""

    id: int
    fact: StatedFact
    entered_at: datetime
    retired_by: str | None
    retired_at: datetime | None


async def entries(connection: AsyncConnection, key: str | None = None) -> list[Entry]:
    """In the order in which they were entered."""
    query = select(FactRow).order_by(FactRow.id)
    if key is not None:
        query = query.where(FactRow.key == key)
    return [
        Entry(
            row.id,
            StatedFact(
                row.key,
                Decimal(row.value),
                row.day,
                row.source_url,
                row.entered_by,
                row.review_after,
                row.note,
                retired=row.retired_at is not None,
            ),
            row.entered_at,
            row.retired_by,
            row.retired_at,
        )
        for row in await connection.execute(query)
    ]


async def enter(connection: AsyncConnection, fact: StatedFact, now: datetime) -> None:
    await connection.execute(insert(FactRow).values(**_columns(fact, now)))


async def retire(connection: AsyncConnection, fact: StatedFact, by: str, now: datetime) -> None:
    """Take a fact out of use: all its entries here, or one that travels with the program."""
    same = (
        FactRow.key == fact.key,
        FactRow.day == fact.day,
        FactRow.source_url == fact.source_url,
        FactRow.note == fact.note,
        FactRow.retired_at.is_(None),
    )
    out = {"retired_by": by, "retired_at": now}
    done = await connection.execute(update(FactRow).where(*same).values(**out))
    if done.rowcount == 0:
        await connection.execute(insert(FactRow).values(**_columns(fact, now), **out))


def _columns(fact: StatedFact, now: datetime) -> dict[str, object]:
    return {
        "key": fact.key,
        "value": f"{fact.value:f}",
        "day": fact.day,
        "source_url": fact.source_url,
        "note": fact.note,
        "review_after": fact.review_after,
        "entered_by": fact.entered_by,
        "entered_at": now,
    }
