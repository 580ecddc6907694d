"""What people did about a rule (RULES.md R26)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from alerts.store.among import is_among
from alerts.store.models import ActKind, ActRow, UtcDateTime


@dataclass(frozen=True, slots=True)
class Act:
    """`by` is the person's name as it was shown then; `until` the end of a snooze."""

    kind: ActKind
    user: str
    by: str
    at: datetime
    until: datetime | None = None


async def record(
    connection: AsyncConnection,
    rule_id: int,
    kind: ActKind,
    user: str,
    by: str,
    at: datetime,
    until: datetime | None = None,
) -> None:
    await connection.execute(
        insert(ActRow).values(rule_id=rule_id, kind=kind, user=user, by=by, at=at, until=until)
    )


# Written once: to put a statement together takes as long as to execute it.
_OF_RULES = (
    select(ActRow)
    .where(
        is_among(ActRow.rule_id, "rules"),
        ActRow.at >= bindparam("since", type_=UtcDateTime),
    )
    .order_by(ActRow.at, ActRow.id)
)


async def of_rules(
    connection: AsyncConnection, rule_ids: Collection[int], since: datetime
) -> dict[int, list[Act]]:
    """What was done about each rule from `since` on, oldest first."""
    rows = await connection.execute(_OF_RULES, {"rules": rule_ids, "since": since})
    found: dict[int, list[Act]] = {}
    for row in rows:
        found.setdefault(row.rule_id, []).append(Act(row.kind, row.user, row.by, row.at, row.until))
    return found
