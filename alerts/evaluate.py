"""Move the rules: observations in, alerts out. Runs inside the tick's one transaction."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from alerts.indicators import Cadence, Indicator
from alerts.measures import VALUE, Measure, Point, compute
from alerts.rules import Kind, Level, Rule, Seen, Transition, elapse, observe
from alerts.store import alerts as alert_store
from alerts.store import observations, rules
from alerts.store.alerts import Alert, NewAlert
from alerts.store.observations import Observation, Value
from alerts.store.rules import StoredMeasure, StoredRule
from alerts.turns import IN_MIND

MANY = 250
"""So many alerts of one crossing take long enough to record that something can be made ready for
their messages meanwhile."""

Foresee = Callable[[AsyncConnection, Alert], Awaitable[None]]
"""`Foresight.many`."""


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
    foresee: Foresee | None = None,
) -> list[NewAlert]:
    """One indicator's new observations, in as-of order, each against all rules (R15). `foresee` is
    told of the first alert, when there are many.

    1. Each measure is computed once an observation (R7).
    2. The rules that its value may move are fetched, moved and written back.
    3. Each transition becomes an alert.
    """
    watched = await rules.measures(connection, [indicator.key]) if news else []
    if not watched:
        return []
    histories = await _Histories.load(connection, indicator, watched)
    found: list[NewAlert] = []
    for item in news:
        observation = item.observation
        history = histories.at(observation.as_of)
        for at, stored in enumerate(watched):
            value = _value(indicator, stored, observation, history)
            if value is not None:
                first = None if found else foresee
                found += await _cross(
                    connection, indicator, stored, item, value, looked_at, now, first
                )
            watched[at] = _measured(stored, value, observation)
    newest = news[-1].observation
    for stored in watched:
        await rules.set_measure(connection, stored.id, stored.value, newest.as_of, newest.id)
    return found


async def measured(
    connection: AsyncConnection, indicator: Indicator, measure: Measure
) -> StoredMeasure:
    """A measure with its newest value, for a rule that begins on it (R11).

    A tick computes only what some rule looks at; of what nobody asked for before, the value is
    computed here.
    """
    stored = await rules.measure_of(connection, indicator.key, measure, indicator.unit)
    last = await observations.newest(connection, indicator.key)
    if last is None or last.id == stored.observation_id:
        return stored
    histories = await _Histories.load(connection, indicator, [stored])
    value = _value(indicator, stored, last, histories.at(last.as_of))
    await rules.set_measure(connection, stored.id, value, last.as_of, last.id)
    return _measured(stored, value, last)


def _measured(stored: StoredMeasure, value: int | None, observation: Observation) -> StoredMeasure:
    return replace(stored, value=value, as_of=observation.as_of, observation_id=observation.id)


class _Histories:
    """An indicator's past as it was at each observation; empty when no measure looks back."""

    def __init__(self, values: Sequence[Value], *, by_session: bool) -> None:
        self._values = values
        self._by_session = by_session

    @classmethod
    async def load(
        cls, connection: AsyncConnection, indicator: Indicator, watched: Sequence[StoredMeasure]
    ) -> _Histories:
        values: list[Value] = []
        if any(stored.measure != VALUE for stored in watched):
            values = await observations.values(connection, indicator.key, indicator.unit)
        return cls(values, by_session=indicator.cadence is Cadence.SESSION)

    def at(self, as_of: datetime) -> list[Point]:
        return observations.history_at(self._values, as_of, by_session=self._by_session)


def _value(
    indicator: Indicator, stored: StoredMeasure, observation: Observation, history: Sequence[Point]
) -> int | None:
    if stored.measure == VALUE:
        return observation.fixed
    computed = compute(stored.measure, history, indicator.cadence.longest_gap)
    try:
        return None if computed is None else stored.unit.to_fixed(computed)
    except ValueError:
        # From next to nothing to a trillion: no measure that anyone could draw a line on.
        return None


async def _cross(
    connection: AsyncConnection,
    indicator: Indicator,
    before: StoredMeasure,
    item: News,
    value: int,
    looked_at: datetime | None,
    now: datetime,
    foresee: Foresee | None,
) -> list[NewAlert]:
    as_of = item.observation.as_of
    seen = Seen(value, as_of)
    changed: list[tuple[StoredRule, Rule]] = []
    found: list[NewAlert] = []
    moment = _moment(as_of, looked_at, now)
    # Rules that look the same take the same step; most of those that a crossing moves do.
    steps: dict[Rule, tuple[Rule, Transition | None]] = {}
    async for some in rules.moved_by(connection, before.id, value, as_of):
        for stored in some:
            # What happened before a rule was made is not its news; the newest value is its start.
            if stored.created_at > as_of and not item.last:
                continue
            step = steps.get(stored.rule)
            if step is None:
                step = steps[stored.rule] = observe(stored.rule, seen, now)
            moved, transition = step
            if moved is not stored.rule:
                changed.append((stored, moved))
            if transition is not None:
                found += _alerts(indicator, before, stored, transition, item, value, moment)
        if foresee is not None and len(found) >= MANY:
            first = _first_told(found, changed, before.measure, now)
            if first is not None:
                await foresee(connection, first)
            foresee = None
        if len(changed) >= IN_MIND:
            await rules.save(connection, changed)
            changed.clear()
    await rules.save(connection, changed)
    return found


def _first_told(
    found: Sequence[NewAlert],
    changed: Sequence[tuple[StoredRule, Rule]],
    measure: Measure,
    now: datetime,
) -> Alert | None:
    """The first that goes to people as a message of its own."""
    for alert in found:
        if alert.kind is Kind.FIRED and alert.withheld is None and alert.reachable:
            moved = next(moved for stored, moved in changed if stored.id == alert.rule_id)
            return alert.as_read(moved, measure, now)
    return None


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
    changed: list[tuple[StoredRule, Rule]] = []
    found: list[NewAlert] = []
    for stored in due:
        measure = by_id[stored.measure_id]
        seen = None
        if measure.value is not None and measure.as_of is not None:
            seen = Seen(measure.value, measure.as_of)
        moved, transition = elapse(stored.rule, seen, now)
        if moved != stored.rule:
            changed.append((stored, moved))
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
    news = NewAlert(
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
    earlier = await alert_store.earlier(
        connection, stored.id, measure.observation_id, transition.kind
    )
    if earlier is None:
        return [news]
    alert_id, withheld = earlier
    told_now = withheld and transition.withheld is None and stored.reachable
    return [news._replace(recorded=alert_id)] if told_now else []
