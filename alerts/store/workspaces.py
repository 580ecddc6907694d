"""Servers and workspaces: who may change things there, and whether we have said hello."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from alerts.store.models import WorkspaceRow


async def _make(connection: AsyncConnection, platform: str, workspace: str) -> int:
    query = select(WorkspaceRow.id).where(
        WorkspaceRow.platform == platform, WorkspaceRow.workspace == workspace
    )
    found = (await connection.execute(query)).scalar_one_or_none()
    if found is None:
        made = await connection.execute(
            insert(WorkspaceRow)
            .values(platform=platform, workspace=workspace)
            .returning(WorkspaceRow.id)
        )
        found = made.scalar_one()
    return found


async def managers_of(connection: AsyncConnection, platform: str, workspace: str) -> str | None:
    """The role or user group, as the platform names it, that may change things there."""
    found = await connection.execute(
        select(WorkspaceRow.managers).where(
            WorkspaceRow.platform == platform, WorkspaceRow.workspace == workspace
        )
    )
    return found.scalar_one_or_none()


async def set_managers(
    connection: AsyncConnection, platform: str, workspace: str, managers: str | None
) -> None:
    mine = await _make(connection, platform, workspace)
    await connection.execute(
        update(WorkspaceRow).where(WorkspaceRow.id == mine).values(managers=managers)
    )


async def greet_once(
    connection: AsyncConnection, platform: str, workspace: str, now: datetime
) -> bool:
    """True the first time: the greeting is the caller's to send, in this very transaction."""
    mine = await _make(connection, platform, workspace)
    changed = await connection.execute(
        update(WorkspaceRow)
        .where(WorkspaceRow.id == mine, WorkspaceRow.greeted_at.is_(None))
        .values(greeted_at=now)
    )
    return changed.rowcount == 1
