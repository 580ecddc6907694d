"""Rules: which ones a value may move, and where the machine left them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    CompoundSelect,
    Select,
    Update,
    bindparam,
    func,
    insert,
    select,
    text,
    union_all,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from alerts.measures import Measure, Window
from alerts.quantity import Unit
from alerts.rules import Direction, Level, Rule, State
from alerts.store.among import is_among
from alerts.store.models import DestinationRow, MeasureRow, RuleRow, UtcDateTime, Where
from alerts.turns import A_BIT, IN_MIND, bits, in_turns


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


class StoredRule(NamedTuple):
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
    if indicators is None:
        rows = await connection.execute(_MEASURES)
    else:
        rows = await connection.execute(_MEASURES_OF, {"indicators": list(indicators)})
    return [_measure(row) for row in rows]


_MEASURES = select(MeasureRow)
_MEASURES_OF = _MEASURES.where(MeasureRow.indicator.in_(bindparam("indicators", expanding=True)))


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
    measured = {"new_value": value, "new_as_of": as_of, "new_observation": observation_id}
    await connection.execute(_SET_MEASURE, {"measure": measure_id, **measured})


_SET_MEASURE = (
    update(MeasureRow)
    .where(MeasureRow.id == bindparam("measure"))
    .values(
        value=bindparam("new_value"),
        as_of=bindparam("new_as_of"),
        observation_id=bindparam("new_observation"),
    )
)


RULE = [
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
"""The columns that make a Rule, in the order of `rule_of`."""
# The columns that make a StoredRule, read without the rest of the row.
_COLUMNS = [
    RuleRow.id,
    RuleRow.destination_id,
    RuleRow.measure_id,
    RuleRow.level,
    RuleRow.created_at,
    *RULE,
]


def _where(words: Where, *further: ColumnElement[bool]) -> Select[int]:
    return select(RuleRow.id).where(text(words.value), *further)


def _moved() -> CompoundSelect[int]:
    """The rules that a value of their measure may move (DESIGN, rule 1).

    1. Armed rules with the line at the value or before it.
    2. Pending rules that the value is no longer beyond, or whose hold is over.
    3. Fired rules with the re-arm line behind the value.
    4. Rules that have not seen a first value.
    """
    mine = RuleRow.measure_id == bindparam("measure")
    value = bindparam("value", type_=BigInteger)
    as_of = bindparam("as_of", type_=UtcDateTime)
    return union_all(
        _where(Where.ARMED_ABOVE, mine, RuleRow.line <= value),
        _where(Where.ARMED_BELOW, mine, RuleRow.line >= value),
        _where(Where.PENDING_ABOVE, mine, RuleRow.line > value),
        _where(Where.PENDING_BELOW, mine, RuleRow.line < value),
        _where(Where.HELD, mine, RuleRow.pending_until <= as_of),
        _where(Where.FIRED_ABOVE, mine, RuleRow.rearm > value),
        _where(Where.FIRED_BELOW, mine, RuleRow.rearm < value),
        _where(Where.UNPRIMED, mine),
    )


def _woken() -> CompoundSelect[int]:
    """The rules for which time alone is reason enough."""
    now = bindparam("now", type_=UtcDateTime)
    return union_all(
        _where(Where.EXPIRES, RuleRow.expires_at <= now),
        _where(Where.SNOOZED, RuleRow.snoozed_until <= now),
        _where(Where.REMINDS, RuleRow.remind_at <= now),
    )


_READ = (
    select(*_COLUMNS, DestinationRow.off_reason)
    .join(DestinationRow, DestinationRow.id == RuleRow.destination_id)
    .order_by(RuleRow.id)
)
# Built once: putting these together takes longer than SQLite needs to answer them.
_MOVED = RuleRow.id.in_(_moved())
MOVED_BY = _READ.where(_MOVED).limit(bindparam("most"))
_MOVED_IDS = select(RuleRow.id).where(_MOVED, RuleRow.id > bindparam("after")).order_by(RuleRow.id)
WOKEN_BY = _READ.where(RuleRow.id.in_(_woken()))
_BY_IDS = _READ.where(is_among(RuleRow.id, "ids"))


async def moved_by(
    connection: AsyncConnection, measure_id: int, value: int, as_of: datetime
) -> AsyncIterator[list[StoredRule]]:
    """The rules that this value of their measure may move, some at a time: index range scans."""
    found = {"measure": measure_id, "value": value, "as_of": as_of}
    rows = await connection.execute(MOVED_BY, found | {"most": IN_MIND})
    count = 0
    async for some in in_turns(rows.partitions(A_BIT)):
        stored = [_stored(row) for row in some]
        yield stored
        count += len(stored)
    if count < IN_MIND:
        return
    after = found | {"after": stored[-1].id}
    rest = (await connection.execute(_MOVED_IDS, after)).scalars().all()
    for first in range(0, len(rest), IN_MIND):
        rows = await connection.execute(_BY_IDS, {"ids": rest[first : first + IN_MIND]})
        async for some in in_turns(rows.partitions(A_BIT)):
            yield [_stored(row) for row in some]


async def woken_by(connection: AsyncConnection, now: datetime) -> list[StoredRule]:
    """The rules whose time has come: expiry, the end of a snooze, a reminder."""
    return [_stored(row) for row in await connection.execute(WOKEN_BY, {"now": now})]


async def one(connection: AsyncConnection, rule_id: int) -> StoredRule | None:
    row = (await connection.execute(_READ.where(RuleRow.id == rule_id))).one_or_none()
    return None if row is None else _stored(row)


async def watched_by(connection: AsyncConnection, indicator: str) -> dict[int, int]:
    """Destination to how many live rules it has on an indicator (R5)."""
    rows = await connection.execute(
        select(RuleRow.destination_id, func.count().label("rules"))
        .join(MeasureRow, MeasureRow.id == RuleRow.measure_id)
        .where(
            MeasureRow.indicator == indicator,
            RuleRow.state != State.DONE,
            ~RuleRow.paused,
        )
        .group_by(RuleRow.destination_id)
    )
    return {row.destination_id: row.rules for row in rows}


def _stored(row: Sequence[Any]) -> StoredRule:
    """A row of `_READ`. By position: names cost more than all the rest."""
    id_, destination_id, measure_id, level, created_at, *rule, off_reason = row
    return StoredRule(
        id_, destination_id, measure_id, level, created_at, off_reason is None, rule_of(*rule)
    )


def rule_from(row: Any) -> Rule:
    """The machine's rule in a row of `rule`."""
    return rule_of(*(getattr(row, column.key) for column in RULE))


def rule_of(*columns: Any) -> Rule:
    """From the columns of `RULE`. Rules that look the same are one object: thousands of places
    draw the same line, and then take the same steps."""
    *settled, recent, quiet_until = columns
    return _rule(*settled, tuple(recent or ()), quiet_until)


@lru_cache(maxsize=256)
def _rule(
    direction: Direction,
    line: int,
    rearm: int,
    hold_seconds: int,
    once: bool,
    remind_seconds: int | None,
    cooldown_seconds: int,
    expires_at: datetime | None,
    snoozed_until: datetime | None,
    state: State,
    primed: bool,
    since: datetime | None,
    told_at: datetime | None,
    remind_at: datetime | None,
    held_back: int,
    recent: tuple[str, ...],
    quiet_until: datetime | None,
) -> Rule:
    return Rule(
        direction,
        line,
        rearm,
        timedelta(seconds=hold_seconds),
        once,
        None if remind_seconds is None else timedelta(seconds=remind_seconds),
        timedelta(seconds=cooldown_seconds),
        expires_at,
        snoozed_until,
        state,
        primed,
        since,
        told_at,
        remind_at,
        held_back,
        tuple(map(datetime.fromisoformat, recent)),
        quiet_until,
    )


_STORY = (
    "state",
    "primed",
    "since",
    "told_at",
    "remind_at",
    "held_back",
    "recent",
    "quiet_until",
    "snoozed_until",
)
"""What the machine changes of a rule."""


def story_of(rule: Rule) -> dict[str, Any]:
    """The columns that the machine changes."""
    waits = rule.state is State.PENDING and rule.since is not None
    story = {name: getattr(rule, name) for name in _STORY}
    return story | {
        "pending_until": rule.since + rule.hold if waits and rule.since else None,
        "recent": [at.isoformat() for at in rule.recent],
    }


_Step = tuple[tuple[str, Hashable], ...]
TOGETHER = 8
"""So many rules that took the same step are written back by one statement of their own."""


async def save(connection: AsyncConnection, changed: Sequence[tuple[StoredRule, Rule]]) -> None:
    """Write back where the machine left these rules: only the columns that it changed.

    A crossing moves hundreds of rules by the same step, which is one statement for all; steps that
    few took are one statement for each set of columns. A rule that has ended meanwhile stays
    ended: `done` never moves again.
    """
    alike: dict[tuple[int, int], tuple[Rule, Rule, list[int]]] = {}
    for before, after in changed:
        pair = id(before.rule), id(after)
        alike.setdefault(pair, (before.rule, after, []))[2].append(before.id)
    steps: dict[tuple[_Step, timedelta], tuple[Rule, list[int]]] = {}
    async for some in bits(alike.values()):
        for rule, after, ids in some:
            step = _step(rule, after)
            if step:
                steps.setdefault((step, after.hold), (after, []))[1].extend(ids)
    alone: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for (step, _), (after, ids) in steps.items():
        columns = _columns(step)
        values = _new(story_of(after), columns)
        if len(ids) < TOGETHER:
            alone.setdefault(columns, []).extend({"rule_id": id_} | values for id_ in ids)
            continue
        await connection.execute(_move(_TOGETHER, columns), {"rule_ids": ids} | values)
    for columns, rows in alone.items():
        await connection.execute(_move(_ALONE, columns), rows)


_ALONE = RuleRow.id == bindparam("rule_id")
_TOGETHER = is_among(RuleRow.id, "rule_ids")


def _step(before: Rule, after: Rule) -> _Step:
    return tuple(
        (name, value) for name in _STORY if (value := getattr(after, name)) != getattr(before, name)
    )


def _columns(step: _Step) -> tuple[str, ...]:
    names = tuple(name for name, _ in step)
    return (*names, "pending_until") if "state" in names or "since" in names else names


def _new(story: Mapping[str, Any], columns: Iterable[str]) -> dict[str, Any]:
    return {f"new_{column}": story[column] for column in columns}


def _move(which: ColumnElement[bool], columns: Iterable[str]) -> Update:
    return (
        update(RuleRow)
        .where(which, RuleRow.state != State.DONE, RuleRow.removed_at.is_(None))
        .values({column: bindparam(f"new_{column}") for column in columns})
    )
