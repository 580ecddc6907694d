"""A destination's subscriptions and the rules that people keep there."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from alerts.measures import Measure, Window
from alerts.quantity import Unit
from alerts.rules import Level, Rule, State
from alerts.store.models import MeasureRow, RuleRow, SubscriptionRow
from alerts.store.rules import StoredMeasure, rule_from, story_of


@dataclass(frozen=True, slots=True)
class OwnRule:
    """A rule as its destination sees it; `measure_value` is an integer of `unit`."""

    id: int
    number: int
    preset: str | None
    indicator: str
    measure: Measure
    unit: Unit
    level: Level
    note: str | None
    mention: str | None
    paused: bool
    created_at: datetime
    measure_value: int | None
    measure_as_of: datetime | None
    rule: Rule


async def presets_of(connection: AsyncConnection, destination_id: int) -> list[str]:
    rows = await connection.execute(
        select(SubscriptionRow.preset)
        .where(SubscriptionRow.destination_id == destination_id)
        .order_by(SubscriptionRow.preset)
    )
    return list(rows.scalars())


async def subscribe(
    connection: AsyncConnection, destination_id: int, preset: str, now: datetime
) -> int:
    """Returns the subscription's id."""
    made = await connection.execute(
        insert(SubscriptionRow)
        .values(destination_id=destination_id, preset=preset, created_at=now)
        .returning(SubscriptionRow.id)
    )
    return made.scalar_one()


async def unsubscribe(
    connection: AsyncConnection, destination_id: int, preset: str, now: datetime
) -> int:
    """Ends a preset's rules here. Returns how many; their history stays."""
    mine = select(SubscriptionRow.id).where(
        SubscriptionRow.destination_id == destination_id, SubscriptionRow.preset == preset
    )
    ended = await connection.execute(
        update(RuleRow)
        .where(RuleRow.subscription_id.in_(mine), RuleRow.removed_at.is_(None))
        .values(removed_at=now, state=State.DONE, subscription_id=None)
    )
    await connection.execute(
        update(RuleRow).where(RuleRow.subscription_id.in_(mine)).values(subscription_id=None)
    )
    await connection.execute(delete(SubscriptionRow).where(SubscriptionRow.id.in_(mine)))
    return ended.rowcount


async def add_rule(
    connection: AsyncConnection,
    destination_id: int,
    measure: StoredMeasure,
    rule: Rule,
    now: datetime,
    *,
    level: Level,
    created_by: str,
    note: str | None = None,
    mention: str | None = None,
    subscription_id: int | None = None,
) -> int:
    """Keep a rule. Returns the number that people call it by in this destination."""
    used = await connection.execute(
        select(func.max(RuleRow.number)).where(RuleRow.destination_id == destination_id)
    )
    number = (used.scalar_one_or_none() or 0) + 1
    await connection.execute(
        insert(RuleRow).values(
            destination_id=destination_id,
            subscription_id=subscription_id,
            number=number,
            measure_id=measure.id,
            level=level,
            note=note,
            mention=mention,
            created_by=created_by,
            created_at=now,
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
    return number


# Written once: to put a statement together takes as long as to execute it.
_RULES = (
    select(
        RuleRow,
        MeasureRow.indicator,
        MeasureRow.kind.label("measure_kind"),
        MeasureRow.window,
        MeasureRow.unit,
        MeasureRow.value.label("measure_value"),
        MeasureRow.as_of.label("measure_as_of"),
        SubscriptionRow.preset,
    )
    .join(MeasureRow, MeasureRow.id == RuleRow.measure_id)
    .outerjoin(SubscriptionRow, SubscriptionRow.id == RuleRow.subscription_id)
    .where(RuleRow.destination_id == bindparam("here"), RuleRow.removed_at.is_(None))
    .order_by(RuleRow.number)
)


async def rules_of(
    connection: AsyncConnection, destination_id: int, numbers: Sequence[int] | None = None
) -> list[OwnRule]:
    """A destination's rules that were not removed, by number."""
    query = _RULES
    if numbers is not None:
        query = query.where(RuleRow.number.in_(numbers))
    rows = await connection.execute(query, {"here": destination_id})
    return [
        OwnRule(
            row.id,
            row.number,
            row.preset,
            row.indicator,
            Measure(row.measure_kind, Window.parse(row.window) if row.window else None),
            row.unit,
            row.level,
            row.note,
            row.mention,
            row.paused,
            row.created_at,
            row.measure_value,
            row.measure_as_of,
            rule_from(row),
        )
        for row in rows
    ]


async def remove_rule(connection: AsyncConnection, rule_id: int, now: datetime) -> bool:
    """Ends a rule; its alerts stay in the history. False when it had ended before."""
    changed = await connection.execute(
        update(RuleRow)
        .where(RuleRow.id == rule_id, RuleRow.removed_at.is_(None))
        .values(removed_at=now, state=State.DONE)
    )
    return changed.rowcount == 1


async def pause_rule(connection: AsyncConnection, rule_id: int) -> bool:
    changed = await connection.execute(
        update(RuleRow)
        .where(RuleRow.id == rule_id, ~RuleRow.paused, RuleRow.state != State.DONE)
        .values(paused=True)
    )
    return changed.rowcount == 1


async def resume_rule(connection: AsyncConnection, rule_id: int, begun: Rule) -> bool:
    """`begun`: where the rule starts again, decided by `alerts.rules.begin`."""
    changed = await connection.execute(
        update(RuleRow)
        .where(RuleRow.id == rule_id, RuleRow.paused, RuleRow.state != State.DONE)
        .values(paused=False, **story_of(begun))
    )
    return changed.rowcount == 1


async def snooze_rules(
    connection: AsyncConnection, rule_ids: Collection[int], until: datetime | None
) -> int:
    changed = await connection.execute(
        update(RuleRow)
        .where(RuleRow.id.in_(rule_ids), RuleRow.state != State.DONE)
        .values(snoozed_until=until)
    )
    return changed.rowcount
