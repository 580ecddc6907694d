"""How each source was doing when it was last asked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from alerts.store.models import SourceRow


@dataclass(frozen=True, slots=True)
class SourceState:
    """`trouble` is one sentence for people, None while all is well. A source that answers may be in
    trouble too: it lacks something that it was asked for."""

    name: str
    asked_at: datetime
    answered_at: datetime | None
    trouble: str | None = None
    trouble_since: datetime | None = None
    retry_at: datetime | None = None

    @property
    def silent(self) -> bool:
        """It gave no answer when it was last asked."""
        return self.answered_at != self.asked_at


async def load(connection: AsyncConnection) -> dict[str, SourceState]:
    rows = await connection.execute(select(SourceRow).order_by(SourceRow.name))
    return {
        row.name: SourceState(
            row.name, row.asked_at, row.answered_at, row.trouble, row.trouble_since, row.retry_at
        )
        for row in rows
    }


async def save(connection: AsyncConnection, states: Iterable[SourceState]) -> None:
    rows = [
        {
            "name": state.name,
            "asked_at": state.asked_at,
            "answered_at": state.answered_at,
            "trouble": state.trouble,
            "trouble_since": state.trouble_since,
            "retry_at": state.retry_at,
        }
        for state in states
    ]
    if rows:
        names = [state["name"] for state in rows]
        await connection.execute(delete(SourceRow).where(SourceRow.name.in_(names)))
        await connection.execute(insert(SourceRow), rows)
