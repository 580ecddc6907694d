"""What an operator would want to know of, as the database knows it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from alerts.store.destinations import Place
from alerts.store.models import DestinationRow


@dataclass(frozen=True, slots=True)
class SwitchedOff:
    """A channel to which nothing is posted until somebody mends it (RULES.md R24)."""

    destination_id: int
    place: Place
    reason: str


async def switched_off(connection: AsyncConnection) -> list[SwitchedOff]:
    """Channels that are off, oldest first. A person who blocks the bot is nobody's trouble."""
    rows = await connection.execute(
        select(
            DestinationRow.id,
            DestinationRow.platform,
            DestinationRow.workspace,
            DestinationRow.channel,
            DestinationRow.off_reason,
        )
        .where(DestinationRow.off_reason.is_not(None), ~DestinationRow.direct)
        .order_by(DestinationRow.id)
    )
    return [
        SwitchedOff(id_, Place(platform, workspace, channel), reason or "")
        for id_, platform, workspace, channel, reason in rows
    ]
