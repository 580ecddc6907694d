"""Alerts: as the watch decides them, and as they are read again."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from alerts.measures import Measure, MeasureKind, Window
from alerts.quantity import Unit
from alerts.rules import Direction, Kind, Level, Rule, Withheld
from alerts.store.among import is_among
from alerts.store.models import AlertRow, MeasureRow, RuleRow
from alerts.store.rules import RULE, rule_of


class NewAlert(NamedTuple):
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

    def as_read(self, rule: Rule, measure: Measure, now: datetime) -> Alert:
        """As it will be read once it is recorded, without what only the database knows: its ids,
        and what people wrote at the rule."""
        return Alert(
            0,
            self.rule_id,
            self.destination_id,
            None,
            None,
            self.indicator,
            self.kind,
            self.level,
            self.as_of,
            self.happened_at,
            now,
            self.value,
            self.unit,
            self.previous,
            self.previous_as_of,
            self.restated_from,
            self.held_back,
            self.withheld,
            measure,
            rule,
            None,
            None,
            self.observation_id,
        )


class Alert(NamedTuple):
    """A stored alert with what a person wants to read; values are integers of `unit`."""

    id: int
    rule_id: int | None
    destination_id: int
    delivery_id: int | None
    number: int | None
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
    def told(self) -> tuple[object, ...]:
        """All but the ids, which nobody is told: the same for all places that hear the same."""
        return self[4:]

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
        AlertRow.id,
        AlertRow.rule_id,
        AlertRow.destination_id,
        AlertRow.delivery_id,
        RuleRow.number,
        AlertRow.indicator,
        AlertRow.kind,
        AlertRow.level,
        AlertRow.as_of,
        AlertRow.happened_at,
        AlertRow.created_at,
        AlertRow.value,
        AlertRow.unit,
        AlertRow.previous,
        AlertRow.previous_as_of,
        AlertRow.restated_from,
        AlertRow.held_back,
        AlertRow.withheld,
        RuleRow.note,
        RuleRow.mention,
        AlertRow.observation_id,
        MeasureRow.kind.label("measure_kind"),
        MeasureRow.window,
        *(column.label(f"rule_{column.key}") for column in RULE),
    )
    .outerjoin(RuleRow, RuleRow.id == AlertRow.rule_id)
    .outerjoin(MeasureRow, MeasureRow.id == RuleRow.measure_id)
)


# Written once: to put a statement together takes as long as to execute it.
_OF_DELIVERIES = _READ.where(is_among(AlertRow.delivery_id, "deliveries")).order_by(AlertRow.id)


async def of_deliveries(
    connection: AsyncConnection, delivery_ids: Collection[int]
) -> dict[int, list[Alert]]:
    """The alerts of each message, in the order in which they were recorded."""
    rows = (await connection.execute(_OF_DELIVERIES, {"deliveries": delivery_ids})).all()
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


def _alert(row: Sequence[Any]) -> Alert:
    """A row of `_READ`. By position: names cost more than all the rest."""
    *told, note, mention, observation_id, measure_kind, window = row[:_OF_THE_RULE]
    measure, rule = None, None
    if measure_kind is not None:
        measure = _measure(measure_kind, window)
        rule = rule_of(*row[_OF_THE_RULE:])
    return Alert._make((*told, measure, rule, note, mention, observation_id))


@lru_cache(maxsize=256)
def _measure(kind: MeasureKind, window: str) -> Measure:
    """The same object for the same measure."""
    return Measure(kind, Window.parse(window) if window else None)


_OF_THE_RULE = len(_READ.selected_columns) - len(RULE)
