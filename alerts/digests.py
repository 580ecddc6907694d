"""Digests: the board, unasked, at a time of day in the destination's own time zone."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from alerts.store import deliveries, destinations


async def enqueue_due(connection: AsyncConnection, now: datetime) -> int:
    """One digest for each destination whose time has come, and the time of its next one.

    Of several that were due while the process was away only one is made. A destination that is
    off gets none for that time. Returns how many there are to be sent.
    """
    count = 0
    for destination in await destinations.with_digest_due(connection, now):
        mine = await destinations.digest_made(connection, destination, now)
        if mine and destination.off_reason is None:
            made = await deliveries.digest(connection, destination.id, now)
            count += made is not None
    return count
