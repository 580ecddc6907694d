"""A rule is changed: other times and words, or another line."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from alerts.rules import Level, Rule, State
from alerts.store.models import RuleRow
from alerts.store.rules import story_of


async def change_rule(
    connection: AsyncConnection,
    rule_id: int,
    rule: Rule,
    *,
    level: Level,
    note: str | None,
    mention: str | None,
) -> bool:
    """Everything but its line and its measure. False when it was removed meanwhile."""
    changed = await connection.execute(
        update(RuleRow)
        .where(RuleRow.id == rule_id, RuleRow.removed_at.is_(None))
        .values(level=level, note=note, mention=mention, **_columns(rule))
    )
    return changed.rowcount == 1


async def redraw_rule(
    connection: AsyncConnection,
    rule_id: int,
    rule: Rule,
    now: datetime,
    *,
    level: Level,
    note: str | None,
    mention: str | None,
) -> int:
    """Another line is another rule, which takes over the number. Returns its id.

    The earlier one ends and keeps its alerts: what they tell of its line stays true. Its number
    becomes one that nobody can name.
    """
    earlier = (await connection.execute(select(RuleRow).where(RuleRow.id == rule_id))).one()
    await connection.execute(
        update(RuleRow)
        .where(RuleRow.id == rule_id)
        .values(number=-rule_id, removed_at=now, state=State.DONE, subscription_id=None)
    )
    made = await connection.execute(
        insert(RuleRow)
        .values(
            destination_id=earlier.destination_id,
            subscription_id=earlier.subscription_id,
            number=earlier.number,
            measure_id=earlier.measure_id,
            level=level,
            note=note,
            mention=mention,
            created_by=earlier.created_by,
            created_at=now,
            paused=earlier.paused,
            **_columns(rule),
        )
        .returning(RuleRow.id)
    )
    return made.scalar_one()


def _columns(rule: Rule) -> dict[str, Any]:
    return {
        "direction": rule.direction,
        "line": rule.line,
        "rearm": rule.rearm,
        "hold_seconds": int(rule.hold.total_seconds()),
        "once": rule.once,
        "remind_seconds": None if rule.remind is None else int(rule.remind.total_seconds()),
        "cooldown_seconds": int(rule.cooldown.total_seconds()),
        "expires_at": rule.expires_at,
        **story_of(rule),
    }
