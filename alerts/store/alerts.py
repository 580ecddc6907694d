"""Alerts: as the watch decides them, and as they are read again."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from alerts.measures import Measure, Window
from alerts.quantity import Unit
from alerts.rules import Direction, Kind, Level, Rule, Withheld
from alerts.store.models import AlertRow, MeasureRow, RuleRow
from alerts.store.rules import rule_from


@dataclass(frozen=True, slots=True)
class NewAlert:
    """An alert as the watch decides it; see `AlertRow`.

    `recorded` is the number of the alert that was recorded in silence and is told now (R13).
    """

    rule_id: int | None
    observation_id: int | None
    destination_id: int
    reachable: bool
    indicator: str
    kind: Kind
    level: Level
    as_of: datetime
    happened_at: datetime
    value: int | None
    unit: Unit
    previous: int | None = None
    previous_as_of: datetime | None = None
    restated_from: int | None = None
    held_back: int = 0
    withheld: Withheld | None = None
    recorded: int | None = None


@dataclass(frozen=True, slots=True)
class Alert:
    """A stored alert with what a person wants to read; values are integers of `unit`."""

    id: int
    rule_id: int | None
    number: int | None
    destination_id: int
    delivery_id: int | None
    indicator: str
    kind: Kind
    level: Level
    as_of: datetime
    happened_at: datetime
    created_at: datetime
    value: int | None
    unit: Unit
    previous: int | None
    previous_as_of: datetime | None
    restated_from: int | None
    held_back: int
    withheld: Withheld | None
    measure: Measure | None
    rule: Rule | None
    note: str | None
    mention: str | None
    observation_id: int | None

    @property
    def line(self) -> int | None:
        return None if self.rule is None else self.rule.line

    @property
    def direction(self) -> Direction | None:
        return None if self.rule is None else self.rule.direction


async def earlier(
    connection: AsyncConnection, rule_id: int, observation_id: int | None, kind: Kind
) -> tuple[int, bool] | None:
    """(id, withheld) of the alert that R17 allows only once, if it exists."""
    row = (
        await connection.execute(
            select(AlertRow.id, AlertRow.withheld).where(
                AlertRow.rule_id == rule_id,
                AlertRow.observation_id == observation_id,
                AlertRow.kind == kind,
            )
        )
    ).one_or_none()
    return None if row is None else (row.id, row.withheld is not None)


async def told_stale(connection: AsyncConnection, indicator: str, since: datetime) -> set[int]:
    """The destinations that were told that an indicator has no data since then (R5)."""
    rows = await connection.execute(
        select(AlertRow.destination_id).where(
            AlertRow.indicator == indicator, AlertRow.kind == Kind.STALE, AlertRow.as_of == since
        )
    )
    return set(rows.scalars())


_READ = (
    select(
        AlertRow,
        RuleRow.number,
        RuleRow.note,
        RuleRow.mention,
        MeasureRow.kind.label("measure_kind"),
        MeasureRow.window,
        *(
            getattr(RuleRow, name).label(f"rule_{name}")
            for name in (
                "direction",
                "line",
                "rearm",
                "hold_seconds",
                "once",
                "remind_seconds",
                "cooldown_seconds",
                "expires_at",
                "snoozed_until",
                "state",
                "primed",
                "since",
                "told_at",
                "remind_at",
                "held_back",
                "recent",
                "quiet_until",
            )
        ),
    )
    .outerjoin(RuleRow, RuleRow.id == AlertRow.rule_id)
    .outerjoin(MeasureRow, MeasureRow.id == RuleRow.measure_id)
)


async def of_deliveries(
    connection: AsyncConnection, delivery_ids: Collection[int]
) -> dict[int, list[Alert]]:
    """The alerts of each message, in the order in which they were recorded."""
    rows = await connection.execute(
        _READ.where(AlertRow.delivery_id.in_(delivery_ids)).order_by(AlertRow.id)
    )
    found: dict[int, list[Alert]] = {}
    for alert in map(_alert, rows):
        if alert.delivery_id is not None:
            found.setdefault(alert.delivery_id, []).append(alert)
    return found


async def recent(
    connection: AsyncConnection,
    destination_id: int,
    limit: int,
    indicator: str | None = None,
) -> list[Alert]:
    """A destination's newest alerts, newest first, withheld ones included."""
    query = _READ.where(AlertRow.destination_id == destination_id)
    if indicator is not None:
        query = query.where(AlertRow.indicator == indicator)
    rows = await connection.execute(query.order_by(AlertRow.id.desc()).limit(limit))
    return [_alert(row) for row in rows]


class _RuleColumns:
    """A joined row's rule columns under their own names."""

    def __init__(self, row: object) -> None:
        self._row = row

    def __getattr__(self, name: str) -> object:
        return getattr(self._row, f"rule_{name}")


def _alert(row: object) -> Alert:
    joined = cast("Any", row)
    has_rule = joined.number is not None
    measure = None
    if has_rule:
        window = Window.parse(joined.window) if joined.window else None
        measure = Measure(joined.measure_kind, window)
    return Alert(
        joined.id,
        joined.rule_id,
        joined.number,
        joined.destination_id,
        joined.delivery_id,
        joined.indicator,
        joined.kind,
        joined.level,
        joined.as_of,
        joined.happened_at,
        joined.created_at,
        joined.value,
        joined.unit,
        joined.previous,
        joined.previous_as_of,
        joined.restated_from,
        joined.held_back,
        joined.withheld,
        measure,
        rule_from(_RuleColumns(row)) if has_rule else None,
        joined.note,
        joined.mention,
        joined.observation_id,
    )
