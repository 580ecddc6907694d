"""`k of n` rules: a group of conditions is an indicator whose value is a count (RULES.md R27).

A member counts when it was beyond its line within the window. A member whose measure is missing,
or whose newest value is too old, is unknown: the count is only believed when the unknown ones
could not change which side of `k` it is on.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal

from sqlalchemy.ext.asyncio import AsyncConnection

from alerts.evaluate import News, evaluate
from alerts.indicators import Cadence, Guard, Indicator, Meaning, Names, Section
from alerts.quantity import Unit
from alerts.reading import Part, Reading, Status
from alerts.store import conditions, observations
from alerts.store.alerts import NewAlert
from alerts.store.conditions import Condition, Group
from alerts.store.database import Database

SOURCE = "bubblewatch"


def indicator_of(group: Group) -> Indicator:
    """The derived indicator; its readings are made by `observe_groups`, never by a series."""
    n, k = len(group.members), group.needed
    return Indicator(
        key=group.key,
        names=Names(f"{k} of {n} signs", f"{n} 個訊號中的 {k} 個", f"{n} 个信号中的 {k} 个"),
        section=Section.FUNDAMENTALS,
        unit=Unit.COUNT,
        cadence=Cadence.SESSION,
        meaning=Meaning.HOTTER,
        needs=(),
        series=lambda evidence: (),
        formula=f"how many of {n} conditions were met within {group.window.days} days",
        caveat="Signs that are made of the same prices are not independent of each other.",
        stale_after=timedelta(days=135),
        guard=Guard({}),
    )


def count(group: Group, stale_after: Mapping[str, timedelta], now: datetime) -> Reading | None:
    """The group's reading, or None while no member has ever had a value."""
    dated = [member for member in group.members if member.as_of is not None]
    as_of = max((member.as_of for member in dated if member.as_of), default=None)
    if as_of is None:
        return None
    states = [_state(member, group, as_of, stale_after, now) for member in group.members]
    met, unknown = states.count(True), states.count(None)
    decided = met >= group.needed or met + unknown < group.needed
    return Reading(
        group.key,
        Decimal(met),
        Unit.COUNT,
        as_of,
        as_of.date(),
        SOURCE,
        "",
        now,
        Status.CONFIRMED if decided else Status.UNCONFIRMED,
        f"{group.needed} of {len(group.members)} within {group.window.days} days",
        tuple(_part(member, state) for member, state in zip(group.members, states, strict=True)),
        note=f"{unknown} unknown" if unknown else None,
    )


def _state(
    member: Condition,
    group: Group,
    as_of: datetime,
    stale_after: Mapping[str, timedelta],
    now: datetime,
) -> bool | None:
    """Met, not met, or None for unknown. Having been met within the window is known for ever."""
    if member.beyond or (member.beyond_at is not None and as_of - member.beyond_at <= group.window):
        return True
    if member.value is None or member.as_of is None:
        return None
    limit = stale_after.get(member.indicator)
    return None if limit is not None and now - member.as_of > limit else False


_WORDS = {True: "met", False: "not met", None: "unknown"}


def _part(member: Condition, state: bool | None) -> Part:
    relation = ">=" if member.direction.value == "above" else "<="
    name = f"{member.indicator} {member.measure} {relation} {member.unit.from_fixed(member.line)}"
    value = Decimal(0) if member.value is None else member.unit.from_fixed(member.value)
    day = member.as_of.date() if member.as_of else date.min
    return Part(f"{name}: {_WORDS[state]}", value, member.unit, day, SOURCE, "")


async def with_groups(
    database: Database, indicators: Mapping[str, Indicator]
) -> Mapping[str, Indicator]:
    """The catalogue and the groups that people made, by key."""
    async with database.read() as connection:
        groups = await conditions.load(connection)
    return {**indicators, **{group.key: indicator_of(group) for group in groups}}


async def observe_groups(
    connection: AsyncConnection, indicators: Mapping[str, Indicator], now: datetime
) -> list[NewAlert]:
    """After the members' measures: count, store what is new, move the rules on the counts."""
    stale_after = {key: indicator.stale_after for key, indicator in indicators.items()}
    found: list[NewAlert] = []
    for group in await conditions.load(connection):
        for member in group.members:
            if member.beyond and member.as_of is not None and member.as_of != member.beyond_at:
                await conditions.note_beyond(connection, member.id, member.as_of)
        reading = count(group, stale_after, now)
        if reading is None:
            continue
        known = (await observations.versions(connection, group.key)).get(reading.as_of)
        if known is not None and (known.value, known.status) == (
            int(reading.value),
            reading.status,
        ):
            continue
        version = known.version + 1 if known else 1
        stored = await observations.append(connection, [(reading, version, False)])
        if reading.status.moves_rules:
            news = [News(stored[0], known.value if known else None, True)]
            found += await evaluate(connection, indicator_of(group), news, now, now)
    return found
