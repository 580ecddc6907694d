"""Destinations: found, made, chosen for, switched off and on."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from alerts.local_time import next_time
from alerts.store.among import is_among
from alerts.store.deliveries.queue import park, unpark
from alerts.store.models import DestinationRow, Digest
from alerts.turns import A_BIT, in_turns


@dataclass(frozen=True, slots=True)
class Place:
    """A channel as a platform names it."""

    platform: str
    workspace: str
    channel: str


class Destination(NamedTuple):
    """A place with what was chosen there; see `DestinationRow`."""

    id: int
    place: Place
    language: str
    timezone: str
    off_reason: str | None
    owner: str | None = None
    direct: bool = False
    tells_cleared: bool = False
    quiet_from: int | None = None
    quiet_to: int | None = None
    digest: Digest = Digest.OFF
    digest_minute: int = 9 * 60
    digest_weekday: int = 0
    digest_due_at: datetime | None = None
    board_id: int | None = None
    off_with_workspace: bool = False

    def next_digest(self, now: datetime) -> datetime | None:
        """When the next digest is due; None when none is wanted."""
        if self.digest is Digest.OFF:
            return None
        weekday = self.digest_weekday if self.digest is Digest.WEEKLY else None
        return next_time(now, self.timezone, self.digest_minute, weekday)


_READ = select(
    DestinationRow.id,
    DestinationRow.platform,
    DestinationRow.workspace,
    DestinationRow.channel,
    DestinationRow.language,
    DestinationRow.timezone,
    DestinationRow.off_reason,
    DestinationRow.owner,
    DestinationRow.direct,
    DestinationRow.tells_cleared,
    DestinationRow.quiet_from,
    DestinationRow.quiet_to,
    DestinationRow.digest,
    DestinationRow.digest_minute,
    DestinationRow.digest_weekday,
    DestinationRow.digest_due_at,
    DestinationRow.board_id,
    DestinationRow.off_with_workspace,
)

# Written once: to put a statement together takes as long as to execute it.
_BY_IDS = _READ.where(is_among(DestinationRow.id, "ids"))
_FIND = _READ.where(
    DestinationRow.platform == bindparam("platform"),
    DestinationRow.workspace == bindparam("workspace"),
    DestinationRow.channel == bindparam("channel"),
)


def _destination(row: Sequence[Any]) -> Destination:
    """A row of `_READ`. By position: names cost more than all the rest."""
    id_, platform, workspace, channel, *chosen = row
    return Destination(id_, Place(platform, workspace, channel), *chosen)


async def find(connection: AsyncConnection, place: Place) -> Destination | None:
    named = {name: getattr(place, name) for name in ("platform", "workspace", "channel")}
    row = (await connection.execute(_FIND, named)).one_or_none()
    return None if row is None else _destination(row)


async def find_or_make(
    connection: AsyncConnection,
    place: Place,
    now: datetime,
    *,
    language: str = "en",
    owner: str | None = None,
    direct: bool = False,
) -> Destination:
    """What is given describes a new destination; one that is known stays as it is, but for an
    owner where it has none.
    """
    found = await find(connection, place)
    if found is None:
        await connection.execute(
            insert(DestinationRow).values(
                platform=place.platform,
                workspace=place.workspace,
                channel=place.channel,
                language=language,
                timezone="UTC",
                created_at=now,
                owner=owner,
                direct=direct,
            )
        )
    elif found.owner is None and owner is not None:
        await choose(connection, found.id, owner=owner)
    else:
        return found
    made = await find(connection, place)
    if made is None:
        raise LookupError(f"{place} vanished while it was made")
    return made


async def by_ids(connection: AsyncConnection, ids: Collection[int]) -> dict[int, Destination]:
    found: dict[int, Destination] = {}
    rows = await connection.execute(_BY_IDS, {"ids": ids})
    async for some in in_turns(rows.partitions(A_BIT)):
        found |= {row[0]: _destination(row) for row in some}
    return found


async def all_of(connection: AsyncConnection, platform: str) -> list[Destination]:
    rows = await connection.execute(
        _READ.where(DestinationRow.platform == platform).order_by(DestinationRow.id)
    )
    return [_destination(row) for row in rows]


async def of_workspace(
    connection: AsyncConnection, platform: str, workspace: str
) -> list[Destination]:
    """Channels and people of one workspace, oldest first, switched off ones included."""
    rows = await connection.execute(
        _READ.where(
            DestinationRow.platform == platform, DestinationRow.workspace == workspace
        ).order_by(DestinationRow.id)
    )
    return [_destination(row) for row in rows]


_CHOSEN = frozenset(
    {
        "language",
        "timezone",
        "tells_cleared",
        "quiet_from",
        "quiet_to",
        "digest",
        "digest_minute",
        "digest_weekday",
        "digest_due_at",
        "owner",
    }
)
_MOVES_THE_DIGEST = frozenset({"timezone", "digest", "digest_minute", "digest_weekday"})


async def choose(
    connection: AsyncConnection,
    destination_id: int,
    now: datetime | None = None,
    **columns: str | int | bool | datetime | Digest | None,
) -> None:
    """Keep what people chose. With `now`, the digest's next time follows what was chosen.

    Raises ValueError for a column that is nobody's choice.
    """
    if strange := columns.keys() - _CHOSEN:
        raise ValueError(f"nobody chooses {', '.join(sorted(strange))}")
    mine = update(DestinationRow).where(DestinationRow.id == destination_id)
    if columns:
        await connection.execute(mine.values(**columns))
    if now is not None and columns.keys() & _MOVES_THE_DIGEST and "digest_due_at" not in columns:
        found = (await by_ids(connection, [destination_id])).get(destination_id)
        if found is not None:
            await connection.execute(mine.values(digest_due_at=found.next_digest(now)))


async def set_language(connection: AsyncConnection, destination_id: int, language: str) -> None:
    await choose(connection, destination_id, language=language)


async def set_timezone(connection: AsyncConnection, destination_id: int, timezone: str) -> None:
    await choose(connection, destination_id, timezone=timezone)


async def set_off(connection: AsyncConnection, destination_id: int, reason: str | None) -> bool:
    """Switch a destination off with a reason in plain words, or on again with None (R24).

    Its waiting messages wait for the day on which it is on again. False when it was off before.
    """
    if reason is None:
        await switch_on(connection, destination_id)
        return True
    changed = await connection.execute(
        update(DestinationRow)
        .where(DestinationRow.id == destination_id, DestinationRow.off_reason.is_(None))
        .values(off_reason=reason, off_with_workspace=False)
    )
    await park(connection, [destination_id])
    return changed.rowcount == 1


async def switch_on(connection: AsyncConnection, destination_id: int) -> bool:
    """On again; what waited is sent. False when it was not off."""
    changed = await connection.execute(
        update(DestinationRow)
        .where(DestinationRow.id == destination_id, DestinationRow.off_reason.is_not(None))
        .values(off_reason=None, off_with_workspace=False)
    )
    await unpark(connection, [destination_id])
    return changed.rowcount == 1


async def with_digest_due(connection: AsyncConnection, now: datetime) -> list[Destination]:
    rows = await connection.execute(
        _READ.where(
            DestinationRow.digest_due_at.is_not(None), DestinationRow.digest_due_at <= now
        ).order_by(DestinationRow.digest_due_at, DestinationRow.id)
    )
    return [_destination(row) for row in rows]


async def digest_made(connection: AsyncConnection, destination: Destination, now: datetime) -> bool:
    """Set the next time; False when another worker was faster: the digest is not ours to make."""
    changed = await connection.execute(
        update(DestinationRow)
        .where(
            DestinationRow.id == destination.id,
            DestinationRow.digest_due_at == destination.digest_due_at,
        )
        .values(digest_due_at=destination.next_digest(now))
    )
    return changed.rowcount == 1
