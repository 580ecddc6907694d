"""Indicators that people defined, and tickers that they asked for."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, delete, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import aliased

from alerts.rules import State
from alerts.store.models import (
    ConditionRow,
    MeasureRow,
    ObservationRow,
    OwnIndicatorRow,
    RuleRow,
    TickerRow,
)

REMEMBERED = timedelta(days=30)
"""So long a ticker is looked up that no line looks at."""

_TICKERS = or_(MeasureRow.indicator.like("price(%"), MeasureRow.indicator.like("market_cap(%"))


@dataclass(frozen=True, slots=True)
class Defined:
    key: str
    formula: str
    name: str
    defined_by: str
    defined_at: datetime
    removed_by: str | None = None
    removed_at: datetime | None = None


async def definitions(connection: AsyncConnection, *, removed: bool = False) -> list[Defined]:
    """Those in use, by key; with `removed` the others too."""
    query = select(OwnIndicatorRow).order_by(OwnIndicatorRow.key)
    if not removed:
        query = query.where(OwnIndicatorRow.removed_at.is_(None))
    return [
        Defined(
            row.key, row.formula, row.name, row.defined_by, row.defined_at, row.removed_by,
            row.removed_at,
        )
        for row in await connection.execute(query)
    ]  # fmt: skip


async def define(connection: AsyncConnection, defined: Defined) -> None:
    """New, again, or with another formula."""
    values = {
        "formula": defined.formula, "name": defined.name, "defined_by": defined.defined_by,
        "defined_at": defined.defined_at, "removed_by": None, "removed_at": None,
    }  # fmt: skip
    again = update(OwnIndicatorRow).where(OwnIndicatorRow.key == defined.key).values(**values)
    if (await connection.execute(again)).rowcount == 0:
        await connection.execute(insert(OwnIndicatorRow).values(key=defined.key, **values))


async def remove(connection: AsyncConnection, key: str, by: str, now: datetime) -> bool:
    """Returns whether it was there."""
    gone = await connection.execute(
        update(OwnIndicatorRow)
        .where(OwnIndicatorRow.key == key, OwnIndicatorRow.removed_at.is_(None))
        .values(removed_by=by, removed_at=now)
    )
    return gone.rowcount > 0


async def was_observed(connection: AsyncConnection, key: str) -> bool:
    """Whether a history is kept under that key."""
    found = select(ObservationRow.id).where(ObservationRow.indicator == key).limit(1)
    return (await connection.execute(found)).first() is not None


async def lines_on(connection: AsyncConnection, key: str) -> int:
    """How many living rules and conditions look at an indicator."""
    rules = (
        select(func.count())
        .select_from(RuleRow)
        .join(MeasureRow, MeasureRow.id == RuleRow.measure_id)
        .where(MeasureRow.indicator == key, RuleRow.state != State.DONE)
    )
    conditions = (
        select(func.count())
        .select_from(ConditionRow)
        .join(MeasureRow, MeasureRow.id == ConditionRow.measure_id)
        .where(MeasureRow.indicator == key)
    )
    return sum([(await connection.execute(one)).scalar_one() for one in (rules, conditions)])


def _asked_since(now: datetime) -> Select[str]:
    return select(TickerRow.key).where(TickerRow.asked_at > now - REMEMBERED)


_UNDER_LINES = (
    select(MeasureRow.indicator)
    .join(RuleRow, RuleRow.measure_id == MeasureRow.id)
    .where(_TICKERS, RuleRow.state != State.DONE)
)
_IN_CONDITIONS = (
    select(MeasureRow.indicator)
    .join(ConditionRow, ConditionRow.measure_id == MeasureRow.id)
    .where(_TICKERS)
)


async def wanted_tickers(connection: AsyncConnection, now: datetime) -> list[str]:
    """What is to be looked up: what lines look at, and what was asked for of late."""
    return sorted(await _all_of(connection, _asked_since(now), _UNDER_LINES, _IN_CONDITIONS))


async def tickers_of(connection: AsyncConnection, destination_id: int, now: datetime) -> set[str]:
    """The tickers of one place: those that its lines look at, and those asked for there of late."""
    group = aliased(MeasureRow)
    in_conditions = (
        _IN_CONDITIONS.join(group, group.indicator == ConditionRow.group)
        .join(RuleRow, RuleRow.measure_id == group.id)
        .where(RuleRow.destination_id == destination_id, RuleRow.state != State.DONE)
    )
    return await _all_of(
        connection,
        _asked_since(now).where(TickerRow.destination_id == destination_id),
        _UNDER_LINES.where(RuleRow.destination_id == destination_id),
        in_conditions,
    )


async def _all_of(connection: AsyncConnection, *queries: Select[str]) -> set[str]:
    return {key for one in queries for key in (await connection.execute(one)).scalars()}


async def ask_for(
    connection: AsyncConnection, destination_id: int, keys: Collection[str], now: datetime
) -> None:
    """From the next look on these are looked up."""
    for key in keys:
        same = (TickerRow.destination_id == destination_id, TickerRow.key == key)
        again = await connection.execute(update(TickerRow).where(*same).values(asked_at=now))
        if again.rowcount == 0:
            await connection.execute(
                insert(TickerRow).values(destination_id=destination_id, key=key, asked_at=now)
            )


async def forget_old(connection: AsyncConnection, destination_id: int, now: datetime) -> None:
    await connection.execute(
        delete(TickerRow).where(
            TickerRow.destination_id == destination_id, TickerRow.asked_at <= now - REMEMBERED
        )
    )
