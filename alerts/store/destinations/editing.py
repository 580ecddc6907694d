"""A rule is drawn anew: another line, other times, other words."""

from __future__ import annotations

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from alerts.rules import Level, Rule
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
    """Everything of a rule but its measure. False when it was removed meanwhile."""
    changed = await connection.execute(
        update(RuleRow)
        .where(RuleRow.id == rule_id, RuleRow.removed_at.is_(None))
        .values(
            level=level,
            note=note,
            mention=mention,
            direction=rule.direction,
            line=rule.line,
            rearm=rule.rearm,
            hold_seconds=int(rule.hold.total_seconds()),
            once=rule.once,
            remind_seconds=None if rule.remind is None else int(rule.remind.total_seconds()),
            cooldown_seconds=int(rule.cooldown.total_seconds()),
            expires_at=rule.expires_at,
            **story_of(rule),
        )
    )
    return changed.rowcount == 1
