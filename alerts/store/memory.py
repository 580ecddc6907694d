"""A few facts that a platform keeps over restarts."""

from __future__ import annotations

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from alerts.store.models import MemoryRow


async def recall(connection: AsyncConnection, key: str) -> str | None:
    found = await connection.execute(select(MemoryRow.value).where(MemoryRow.key == key))
    return found.scalar_one_or_none()


async def remember(connection: AsyncConnection, key: str, value: str) -> None:
    changed = await connection.execute(
        update(MemoryRow).where(MemoryRow.key == key).values(value=value)
    )
    if changed.rowcount == 0:
        await connection.execute(insert(MemoryRow).values(key=key, value=value))
