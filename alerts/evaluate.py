"""Move the rules: observations in, alerts out. Runs inside the tick's one transaction."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from alerts.indicators import Cadence, Indicator
from alerts.measures import VALUE, Point, compute
from alerts.rules import Kind, Level, Rule, Seen, Transition, elapse, observe
from alerts.store import alerts as alert_store
from alerts.store import observations, rules
from alerts.store.alerts import NewAlert
from alerts.store.observations import Observation
from alerts.store.rules import StoredMeasure, StoredRule


@dataclass(frozen=True, slots=True)
class News:
    """One observation to evaluate. `restated_from`: the value that it replaces (R16).

    `last` marks the newest of its indicator in this tick.
    """

    observation: Observation
    restated_from: int | None
    last: bool


async def evaluate(
    connection: AsyncConnection,
    indicator: Indicator,
    news: Sequence[News],
    looked_at: datetime | None,
    now: datetime,
) -> list[NewAlert]:
    """One indicator's new observations, in as-of order, each against all rules (R15).

    1. Each measure is computed once an observation (R7).
    2. The rules that its value may move are fetched, moved and written back.
    3. Each transition becomes an alert.
    """
    watched = await rules.measures(connection, [indicator.key])
    if not watched:
        return []
    history: list[Point] = []
    if any(stored.measure != VALUE for stored in watched):
        history = await observations.history(
            connection,
            indicator.key,
            by_session=indicator.cadence is Cadence.SESSION,
            unit=indicator.unit,
        )
    found: list[NewAlert] = []
    for stored in watched:
        current = stored
        for item in news:
            value = _value(indicator, stored, item.observation, history)
            if value is not None:
                found += await _cross(connection, indicator, current, item, value, looked_at, now)
            await rules.set_measure(
                connection, stored.id, value, item.observation.as_of, item.observation.id
            )
            current = StoredMeasure(
                stored.id,
                stored.indicator,
                stored.measure,
                stored.unit,
                value,
                item.observation.as_of,
                item.observation.id,
            )
    return found


def _value(
    indicator: Indicator, stored: StoredMeasure, observation: Observation, history: Sequence[Point]
) -> int | None:
    if stored.measure == VALUE:
        return observation.fixed
    upto = bisect_right(history, observation.as_of, key=lambda point: point.as_of)
    computed = compute(stored.measure, history[:upto], indicator.cadence.longest_gap)
    return None if computed is None else stored.unit.to_fixed(computed)


async def _cross(
    connection: AsyncConnection,
    indicator: Indicator,
    before: StoredMeasure,
    item: News,
    value: int,
    looked_at: datetime | None,
    now: datetime,
) -> list[NewAlert]:
    as_of = item.observation.as_of
    seen = Seen(value, as_of)
    changed: list[tuple[int, Rule]] = []
    found: list[NewAlert] = []
    for stored in await rules.moved_by(connection, before.id, value, as_of):
        # What happened before a rule was made is not its news; the newest value is its start.
        if stored.created_at > as_of and not item.last:
            continue
        moved, transition = observe(stored.rule, seen, now)
        if moved != stored.rule:
            changed.append((stored.id, moved))
        if transition is not None:
            found += _alerts(
                indicator, before, stored, transition, item, value, _moment(as_of, looked_at, now)
            )
    await rules.save(connection, changed)
    return found


def _moment(as_of: datetime, looked_at: datetime | None, now: datetime) -> datetime:
    """When this could first have been told: a filing polled a few hours late is no absence."""
    if looked_at is None:
        return now
    return max(as_of, looked_at)


def _alerts(
    indicator: Indicator,
    before: StoredMeasure,
    stored: StoredRule,
    transition: Transition,
    item: News,
    value: int,
    happened_at: datetime,
) -> list[NewAlert]:
    alert = NewAlert(
        stored.id,
        item.observation.id,
        stored.destination_id,
        stored.reachable,
        indicator.key,
        transition.kind,
        stored.level,
        item.observation.as_of,
        happened_at,
        value,
        before.unit,
        before.value,
        before.as_of,
        item.restated_from if before.measure == VALUE else None,
        transition.held_back,
        transition.withheld,
    )
    if not transition.flapping:
        return [alert]
    return [alert, flapping_notice(alert)]


def flapping_notice(alert: NewAlert) -> NewAlert:
    """The one notice before the silence (R14)."""
    return NewAlert(
        alert.rule_id,
        alert.observation_id,
        alert.destination_id,
        alert.reachable,
        alert.indicator,
        Kind.FLAPPING,
        Level.WATCH,
        alert.as_of,
        alert.happened_at,
        alert.value,
        alert.unit,
    )


async def wake(connection: AsyncConnection, now: datetime) -> list[NewAlert]:
    """What time alone brings: expiries, ends of snoozes, reminders (R10, R13)."""
    due = await rules.woken_by(connection, now)
    if not due:
        return []
    by_id = {stored.id: stored for stored in await rules.measures(connection)}
    changed: list[tuple[int, Rule]] = []
    found: list[NewAlert] = []
    for stored in due:
        measure = by_id[stored.measure_id]
        known = measure.value is not None and measure.as_of is not None
        seen = Seen(measure.value, measure.as_of) if known else None  # type: ignore[arg-type]
        moved, transition = elapse(stored.rule, seen, now)
        if moved != stored.rule:
            changed.append((stored.id, moved))
        if transition is not None:
            found += await _told_once(connection, stored, measure, transition, now)
    await rules.save(connection, changed)
    return found


async def _told_once(
    connection: AsyncConnection,
    stored: StoredRule,
    measure: StoredMeasure,
    transition: Transition,
    now: datetime,
) -> list[NewAlert]:
    """R17 allows one reminder an observation; one that a snooze withheld is delivered now."""
    earlier = await alert_store.earlier(
        connection, stored.id, measure.observation_id, transition.kind
    )
    if earlier is not None:
        alert_id, withheld = earlier
        if withheld and transition.withheld is None and stored.reachable:
            await alert_store.deliver_withheld(connection, alert_id, stored.destination_id, now)
        return []
    return [
        NewAlert(
            stored.id,
            measure.observation_id,
            stored.destination_id,
            stored.reachable,
            measure.indicator,
            transition.kind,
            stored.level,
            measure.as_of or now,
            now,
            measure.value,
            measure.unit,
            held_back=transition.held_back,
            withheld=transition.withheld,
        )
    ]
