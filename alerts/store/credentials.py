"""What platforms gave us to act in a workspace: kept sealed, opened by the platform alone."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from alerts.store.models import CredentialRow


async def load(connection: AsyncConnection, platform: str, workspace: str) -> bytes | None:
    found = await connection.execute(_LOAD, {"platform": platform, "workspace": workspace})
    return found.scalar_one_or_none()


# Written once: a crossing asks for those of hundreds of workspaces.
_LOAD = select(CredentialRow.sealed).where(
    CredentialRow.platform == bindparam("platform"),
    CredentialRow.workspace == bindparam("workspace"),
)


async def save(
    connection: AsyncConnection, platform: str, workspace: str, sealed: bytes, now: datetime
) -> None:
    """Keep it in the place of what was there."""
    changed = await connection.execute(
        update(CredentialRow)
        .where(CredentialRow.platform == platform, CredentialRow.workspace == workspace)
        .values(sealed=sealed, stored_at=now)
    )
    if changed.rowcount == 0:
        await connection.execute(
            insert(CredentialRow).values(
                platform=platform, workspace=workspace, sealed=sealed, stored_at=now
            )
        )


async def forget(connection: AsyncConnection, platform: str, workspace: str) -> bool:
    """False when there was nothing."""
    changed = await connection.execute(
        delete(CredentialRow).where(
            CredentialRow.platform == platform, CredentialRow.workspace == workspace
        )
    )
    return changed.rowcount == 1


async def workspaces_of(connection: AsyncConnection, platform: str) -> list[str]:
    """The workspaces for which something is kept, in the order of their names."""
    rows = await connection.execute(
        select(CredentialRow.workspace)
        .where(CredentialRow.platform == platform)
        .order_by(CredentialRow.workspace)
    )
    return list(rows.scalars())
