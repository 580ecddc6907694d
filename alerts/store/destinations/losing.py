"""Destinations that are lost: a channel, or a whole workspace (RULES.md R24, R25, R30)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from alerts.store import deliveries
from alerts.store.deliveries.queue import park, unpark
from alerts.store.destinations.places import Destination, Place, find_or_make, set_off
from alerts.store.models import DestinationRow


async def workspace_gone(
    connection: AsyncConnection, platform: str, workspace: str, reason: str
) -> int:
    """Switch off every destination of a workspace that is on. Returns how many.

    Those come back with the workspace; what was off before for its own reason does not.
    """
    off = await connection.execute(
        update(DestinationRow)
        .where(
            DestinationRow.platform == platform,
            DestinationRow.workspace == workspace,
            DestinationRow.off_reason.is_(None),
        )
        .values(off_reason=reason, off_with_workspace=True)
        .returning(DestinationRow.id)
    )
    ids = list(off.scalars())
    await park(connection, ids)
    return len(ids)


async def workspace_back(connection: AsyncConnection, platform: str, workspace: str) -> list[int]:
    """Switch on what went off with the workspace. Returns those destinations, oldest first."""
    on = await connection.execute(
        update(DestinationRow)
        .where(
            DestinationRow.platform == platform,
            DestinationRow.workspace == workspace,
            DestinationRow.off_with_workspace,
        )
        .values(off_reason=None, off_with_workspace=False)
        .returning(DestinationRow.id)
    )
    ids = sorted(on.scalars())
    await unpark(connection, ids)
    return ids


async def lose(
    connection: AsyncConnection,
    destination: Destination,
    reason: str,
    person: Place | None,
    now: datetime,
) -> bool:
    """Switch a lost destination off and tell its owner elsewhere (R30). False: it was off before.

    Told in another channel of the same workspace where we may speak, or else to `person` alone,
    the owner's own place. Of a person's own messages nobody else is told.
    """
    if not await set_off(connection, destination.id, reason):
        return False
    if destination.direct:
        return True
    elsewhere = await _another_channel(connection, destination)
    if elsewhere is None and person is not None and person != destination.place:
        alone = await find_or_make(
            connection,
            person,
            now,
            language=destination.language,
            owner=destination.owner,
            direct=True,
        )
        elsewhere = alone.id if alone.off_reason is None else None
    if elsewhere is not None:
        facts = {"notice": "lost", "channel": destination.place.channel, "reason": reason}
        await deliveries.notice(connection, elsewhere, facts, now)
    return True


async def _another_channel(connection: AsyncConnection, destination: Destination) -> int | None:
    """The oldest other channel there that is on; one with the same owner before all others."""
    place = destination.place
    found = await connection.execute(
        select(DestinationRow.id)
        .where(
            DestinationRow.platform == place.platform,
            DestinationRow.workspace == place.workspace,
            DestinationRow.id != destination.id,
            DestinationRow.off_reason.is_(None),
            ~DestinationRow.direct,
        )
        .order_by(
            (DestinationRow.owner == destination.owner).desc().nulls_last(), DestinationRow.id
        )
        .limit(1)
    )
    return found.scalar_one_or_none()
