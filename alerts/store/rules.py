"""Rules: which ones a value may move, and where the machine left them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    and_,
    bindparam,
    func,
    insert,
    select,
    true,
    union_all,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from alerts.measures import Measure, MeasureKind, Window
from alerts.quantity import Unit
from alerts.rules import Direction, Level, Rule, State
from alerts.store.models import DestinationRow, MeasureRow, RuleRow


@dataclass(frozen=True, slots=True)
class StoredMeasure:
    """A measure that some rule looks at, with its newest value (an integer of `unit`)."""

    id: int
    indicator: str
    measure: Measure
    unit: Unit
    value: int | None
    as_of: datetime | None
    observation_id: int | None


@dataclass(frozen=True, slots=True)
class StoredRule:
    """A rule with what the watch needs to make its alert."""

    id: int
    destination_id: int
    measure_id: int
    level: Level
    created_at: datetime
    reachable: bool
    rule: Rule


async def measures(
    connection: AsyncConnection, indicators: Collection[str] | None = None
) -> list[StoredMeasure]:
    query = select(MeasureRow)
    if indicators is not None:
        query = query.where(MeasureRow.indicator.in_(indicators))
    return [_measure(row) for row in await connection.execute(query)]


def _measure(row: Any) -> StoredMeasure:
    window = Window.parse(row.window) if row.window else None
    return StoredMeasure(
        row.id,
        row.indicator,
        Measure(row.kind, window),
        row.unit,
        row.value,
        row.as_of,
        row.observation_id,
    )


async def measure_of(
    connection: AsyncConnection, indicator: str, measure: Measure, unit: Unit
) -> StoredMeasure:
    """The stored measure, made when nobody asked for it before. `unit` is the indicator's."""
    window = "" if measure.window is None else str(measure.window)
    query = select(MeasureRow).where(
        MeasureRow.indicator == indicator,
        MeasureRow.kind == measure.kind,
        MeasureRow.window == window,
    )
    found = (await connection.execute(query)).one_or_none()
    if found is None:
        await connection.execute(
            insert(MeasureRow).values(
                indicator=indicator,
                kind=measure.kind,
                window=window,
                unit=measure.unit(unit),
            )
        )
        found = (await connection.execute(query)).one()
    return _measure(found)


async def set_measure(
    connection: AsyncConnection,
    measure_id: int,
    value: int | None,
    as_of: datetime,
    observation_id: int,
) -> None:
    await connection.execute(
        update(MeasureRow)
        .where(MeasureRow.id == measure_id)
        .values(value=value, as_of=as_of, observation_id=observation_id)
    )


# The columns that make a StoredRule, read without the rest of the row.
_COLUMNS = [
    RuleRow.id,
    RuleRow.destination_id,
    RuleRow.measure_id,
    RuleRow.level,
    RuleRow.created_at,
    RuleRow.direction,
    RuleRow.line,
    RuleRow.rearm,
    RuleRow.hold_seconds,
    RuleRow.once,
    RuleRow.remind_seconds,
    RuleRow.cooldown_seconds,
    RuleRow.expires_at,
    RuleRow.snoozed_until,
    RuleRow.state,
    RuleRow.primed,
    RuleRow.since,
    RuleRow.told_at,
    RuleRow.remind_at,
    RuleRow.held_back,
    RuleRow.recent,
    RuleRow.quiet_until,
]

_WAKING = ("expires_at", "snoozed_until", "remind_at")


def _in(state: State, direction: Direction) -> ColumnElement[bool]:
    """The words of the partial index, so that the planner recognises it."""
    return and_(
        RuleRow.state == _literal(state),
        RuleRow.direction == _literal(direction),
        RuleRow.primed,
        ~RuleRow.paused,
    )


def _literal(word: State | Direction) -> Any:
    # A bound parameter hides the value from the planner, and with it the partial index.
    return bindparam(None, word, literal_execute=True)


async def moved_by(
    connection: AsyncConnection, measure_id: int, value: int, as_of: datetime
) -> list[StoredRule]:
    """The rules that this value of their measure may move: index range scans (DESIGN, rule 1).

    1. Armed rules with the line at the value or before it.
    2. Pending rules that the value is no longer beyond, or whose hold is over.
    3. Fired rules with the re-arm line behind the value.
    4. Rules that have not seen a first value.
    """
    above, below = Direction.ABOVE, Direction.BELOW
    wanted: list[ColumnElement[bool]] = [
        and_(_in(State.ARMED, above), RuleRow.line <= value),
        and_(_in(State.ARMED, below), RuleRow.line >= value),
        and_(_in(State.PENDING, above), RuleRow.line > value),
        and_(_in(State.PENDING, below), RuleRow.line < value),
        and_(_in(State.PENDING, above), RuleRow.line <= value, RuleRow.pending_until <= as_of),
        and_(_in(State.PENDING, below), RuleRow.line >= value, RuleRow.pending_until <= as_of),
        and_(_in(State.FIRED, above), RuleRow.rearm > value),
        and_(_in(State.FIRED, below), RuleRow.rearm < value),
        and_(~RuleRow.primed, ~RuleRow.paused, RuleRow.state != _literal(State.DONE)),
    ]
    ids = union_all(
        *(select(RuleRow.id).where(RuleRow.measure_id == measure_id, part) for part in wanted)
    )
    return await _load(connection, RuleRow.id.in_(ids))


async def woken_by(connection: AsyncConnection, now: datetime) -> list[StoredRule]:
    """The rules for which time alone is reason enough: expiry, the end of a snooze, a reminder."""
    ids = union_all(
        *(
            select(RuleRow.id).where(
                getattr(RuleRow, column).is_not(None),
                RuleRow.state != _literal(State.DONE),
                ~RuleRow.paused,
                getattr(RuleRow, column) <= now,
            )
            for column in _WAKING
        )
    )
    return await _load(connection, RuleRow.id.in_(ids))


async def one(connection: AsyncConnection, rule_id: int) -> StoredRule | None:
    found = await _load(connection, RuleRow.id == rule_id)
    return found[0] if found else None


async def watched_by(connection: AsyncConnection, indicator: str) -> dict[int, int]:
    """Destination to how many live rules it has on an indicator (R5)."""
    rows = await connection.execute(
        select(RuleRow.destination_id, func.count())
        .join(MeasureRow, MeasureRow.id == RuleRow.measure_id)
        .where(
            MeasureRow.indicator == indicator,
            RuleRow.state != State.DONE,
            ~RuleRow.paused,
        )
        .group_by(RuleRow.destination_id)
    )
    return {destination: count for destination, count in rows}


async def _load(connection: AsyncConnection, which: ColumnElement[bool]) -> list[StoredRule]:
    rows = await connection.execute(
        select(*_COLUMNS, DestinationRow.off_reason)
        .join(DestinationRow, DestinationRow.id == RuleRow.destination_id)
        .where(which, true())
        .order_by(RuleRow.id)
    )
    return [
        StoredRule(
            row.id,
            row.destination_id,
            row.measure_id,
            row.level,
            row.created_at,
            row.off_reason is None,
            rule_from(row),
        )
        for row in rows
    ]


def rule_from(row: Any) -> Rule:
    """The machine's rule in a row of `rule`."""
    remind = None if row.remind_seconds is None else timedelta(seconds=row.remind_seconds)
    return Rule(
        row.direction,
        row.line,
        row.rearm,
        timedelta(seconds=row.hold_seconds),
        row.once,
        remind,
        timedelta(seconds=row.cooldown_seconds),
        row.expires_at,
        row.snoozed_until,
        row.state,
        row.primed,
        row.since,
        row.told_at,
        row.remind_at,
        row.held_back,
        tuple(datetime.fromisoformat(at) for at in row.recent),
        row.quiet_until,
    )


def story_of(rule: Rule) -> dict[str, Any]:
    """The columns that the machine changes."""
    waits = rule.state is State.PENDING and rule.since is not None
    return {
        "state": rule.state,
        "primed": rule.primed,
        "since": rule.since,
        "pending_until": rule.since + rule.hold if waits and rule.since else None,
        "told_at": rule.told_at,
        "remind_at": rule.remind_at,
        "held_back": rule.held_back,
        "recent": [at.isoformat() for at in rule.recent],
        "quiet_until": rule.quiet_until,
        "snoozed_until": rule.snoozed_until,
    }


async def save(connection: AsyncConnection, changed: Iterable[tuple[int, Rule]]) -> None:
    """Write back where the machine left these rules."""
    rows: Sequence[dict[str, Any]] = [
        {"rule_id": rule_id, **{f"new_{key}": value for key, value in story_of(rule).items()}}
        for rule_id, rule in changed
    ]
    if not rows:
        return
    columns = [key.removeprefix("new_") for key in rows[0] if key != "rule_id"]
    await connection.execute(
        update(RuleRow)
        .where(RuleRow.id == bindparam("rule_id"))
        .values({column: bindparam(f"new_{column}") for column in columns}),
        rows,
    )
