"""Which message tells which alert (RULES.md R15, R18, R21, R26; quiet hours)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from operator import attrgetter
from typing import NamedTuple

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from alerts.local_time import quiet_until
from alerts.rules import Kind, Level
from alerts.store import deliveries, destinations
from alerts.store.alerts import NewAlert
from alerts.store.deliveries import NewDelivery
from alerts.store.destinations import Destination
from alerts.store.models import AlertRow
from alerts.store.rows import insert_rows
from alerts.turns import IN_MIND, bits

_GOES_ON = frozenset({Kind.CLEARED, Kind.REMINDER, Kind.EXPIRED})


class _Group(NamedTuple):
    """Alerts of one tick that are one message (R18).

    `quiet_until`: the end of the quiet hours that it waits for. `follows`: the delivery whose
    message it answers.
    """

    destination_id: int
    away: bool
    quiet_until: datetime | None
    follows: int | None

    @property
    def order(self) -> tuple[bool, int, bool, int]:
        """Per destination, what was missed comes before what is new (R21)."""
        return (
            not self.away,
            self.destination_id,
            self.quiet_until is not None,
            self.follows or 0,
        )


class _Plan(NamedTuple):
    """Where one alert is told: in a message of its group, in an edit of an earlier message, or in
    both.
    """

    group: _Group | None = None
    edits: int | None = None


async def enqueue(
    connection: AsyncConnection,
    news: Sequence[NewAlert],
    now: datetime,
    away_before: datetime,
    *,
    editing: Collection[str] = (),
) -> int:
    """Record alerts, with the deliveries of those that are to be told.

    1. Find the living message of each rule whose story goes on, on the platforms in `editing`,
       which can edit (R26).
    2. Alerts for one destination are one message (R18). What happened before `away_before` goes
       into a message of its own (R15), and so does what waits for the end of quiet hours, which
       what is critical does not.
    3. Record the alerts, each with the delivery that tells it.

    Returns how many deliveries there are now to be sent.
    """
    made = 0
    for some in _by_places(news):
        made += await _enqueue(connection, some, now, away_before, editing)
    return made


def _by_places(news: Sequence[NewAlert]) -> Iterator[Sequence[NewAlert]]:
    """All alerts of a place together, and not all places at once."""
    if len(news) <= IN_MIND:
        yield news
        return
    # Sorting keeps the order of a place's own alerts.
    some: list[NewAlert] = []
    for alert in sorted(news, key=attrgetter("destination_id")):
        if len(some) >= IN_MIND and alert.destination_id != some[-1].destination_id:
            yield some
            some = []
        some.append(alert)
    yield some


async def _enqueue(
    connection: AsyncConnection,
    news: Sequence[NewAlert],
    now: datetime,
    away_before: datetime,
    editing: Collection[str],
) -> int:
    told = [alert for alert in news if alert.withheld is None and alert.reachable]
    homes = await destinations.by_ids(connection, {alert.destination_id for alert in told})
    living = await _living(connection, told, homes, editing)
    plans: dict[int, _Plan] = {}
    async for some in bits(told):
        for alert in some:
            home, lives = homes[alert.destination_id], living.get(alert.rule_id or 0)
            plans[id(alert)] = _plan(alert, home, lives, now, away_before)
    groups = sorted({plan.group for plan in plans.values() if plan.group}, key=lambda g: g.order)
    made = await deliveries.add(
        connection, [_delivery(group, homes[group.destination_id], now) for group in groups], now
    )
    messages = dict(zip(groups, made, strict=True))
    originals = {plan.edits for plan in plans.values() if plan.edits is not None}
    edits = await deliveries.edits(connection, originals, now)
    told_in = {key: _told_in(plan, messages, edits) for key, plan in plans.items()}
    await _record(connection, news, told_in, now)
    return len(messages) + len(edits)


async def _living(
    connection: AsyncConnection,
    told: Sequence[NewAlert],
    homes: Mapping[int, Destination],
    editing: Collection[str],
) -> dict[int, int]:
    """Rule to the delivery whose message goes on living with what is told now."""
    fired_now = {alert.rule_id for alert in told if alert.kind is Kind.FIRED}
    going_on = {
        alert.rule_id: alert.kind
        for alert in told
        if alert.rule_id is not None
        and alert.kind in _GOES_ON
        and alert.rule_id not in fired_now
        and homes[alert.destination_id].place.platform in editing
    }
    if not going_on:
        return {}
    found = await deliveries.living(connection, going_on)
    # A rule that expires long after its last crossing was over is worth a line of its own.
    expiring = {rule_id for rule_id in found if going_on[rule_id] is Kind.EXPIRED}
    over = await _over(connection, expiring) if expiring else set()
    return {rule_id: message for rule_id, message in found.items() if rule_id not in over}


async def _over(connection: AsyncConnection, rule_ids: Collection[int]) -> set[int]:
    """The rules whose last crossing was the way back."""
    last = (
        select(func.max(AlertRow.id))
        .where(AlertRow.rule_id.in_(rule_ids), AlertRow.kind.in_((Kind.FIRED, Kind.CLEARED)))
        .group_by(AlertRow.rule_id)
    )
    rows = await connection.execute(
        select(AlertRow.rule_id).where(AlertRow.id.in_(last), AlertRow.kind == Kind.CLEARED)
    )
    return {rule_id for rule_id in rows.scalars() if rule_id is not None}


def _plan(
    alert: NewAlert,
    home: Destination,
    living: int | None,
    now: datetime,
    away_before: datetime,
) -> _Plan:
    """An edit calls nobody: a reminder is also posted, as an answer to the message, and so is the
    way back where people asked for it (R26).
    """
    away = alert.happened_at < away_before
    quiet = None if alert.level is Level.CRITICAL else _quiet_until(now, home)
    if living is None or alert.kind not in _GOES_ON:
        return _Plan(_Group(home.id, away, quiet, None))
    if alert.kind is Kind.EXPIRED or (alert.kind is Kind.CLEARED and not home.tells_cleared):
        return _Plan(None, living)
    return _Plan(_Group(home.id, away, quiet, living), living)


def _quiet_until(now: datetime, home: Destination) -> datetime | None:
    if home.quiet_from is None or home.quiet_to is None:
        return None
    return _end_of_quiet(now, home.timezone, home.quiet_from, home.quiet_to)


# Thousands of places share a few time zones and hours.
_end_of_quiet = lru_cache(maxsize=256)(quiet_until)


def _delivery(group: _Group, home: Destination, now: datetime) -> NewDelivery:
    return NewDelivery(
        group.destination_id,
        home.place.platform,
        group.quiet_until or now,
        away=group.away,
        quiet=group.quiet_until is not None,
        follows_id=group.follows,
    )


def _told_in(plan: _Plan, messages: Mapping[_Group, int], edits: Mapping[int, int]) -> int | None:
    if plan.group is not None:
        return messages[plan.group]
    return None if plan.edits is None else edits.get(plan.edits)


async def _record(
    connection: AsyncConnection,
    news: Sequence[NewAlert],
    told_in: Mapping[int, int | None],
    now: datetime,
) -> None:
    async for some in bits([alert for alert in news if alert.recorded is None]):
        rows = [(now, told_in.get(id(alert)), *_facts(alert)) for alert in some]
        await insert_rows(connection, AlertRow, _COLUMNS, rows)
    for alert in news:
        if alert.recorded is not None:
            # R17 allows one a kind and observation: the one kept in silence is told now.
            await connection.execute(
                update(AlertRow)
                .where(AlertRow.id == alert.recorded)
                .values(
                    delivery_id=told_in.get(id(alert)),
                    happened_at=alert.happened_at,
                    held_back=alert.held_back,
                    withheld=alert.withheld,
                )
            )


_FACTS = tuple(name for name in NewAlert._fields if name not in ("reachable", "recorded"))
_COLUMNS = ("created_at", "delivery_id", *_FACTS)
_facts = attrgetter(*_FACTS)
