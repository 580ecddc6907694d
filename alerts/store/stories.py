"""How the story of an alert went on (RULES.md R26): for the messages that live on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncConnection

from alerts.measures import MeasureKind
from alerts.reading import Status
from alerts.rules import Direction, Kind
from alerts.store import acts
from alerts.store.acts import Act
from alerts.store.alerts import Alert
from alerts.store.among import is_among
from alerts.store.models import AlertRow, MeasureRow, ObservationRow, RuleRow

_MOVING = [status for status in Status if status.moves_rules]
_EVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Story:
    """What came after a rule fired; values are integers of its measure's unit.

    `fired_at` and `cleared_at` are as-of dates. `snoozed_until` and `paused` tell how things are
    now, and are empty when a newer message tells it. `peak` is the value furthest beyond the line
    while it lasted; it is known for rules on the value itself.
    """

    fired_at: datetime
    acts: tuple[Act, ...] = ()
    snoozed_until: datetime | None = None
    paused: bool = False
    cleared_at: datetime | None = None
    cleared_value: int | None = None
    expired_at: datetime | None = None
    peak: int | None = None
    peak_as_of: datetime | None = None

    @property
    def lasted(self) -> timedelta | None:
        """From the crossing to the way back; None while it is not over."""
        return None if self.cleared_at is None else self.cleared_at - self.fired_at


class _Event(NamedTuple):
    id: int
    kind: Kind
    as_of: datetime
    created_at: datetime
    value: int | None
    delivery_id: int | None


class _Now(NamedTuple):
    """A rule as it is now, as far as its stories tell it."""

    direction: Direction
    snoozed_until: datetime | None
    paused: bool
    indicator: str
    measure: MeasureKind


@dataclass(frozen=True, slots=True)
class _Span:
    """From the crossing that a message tells to the next one that another message tells."""

    fired: _Event
    events: tuple[_Event, ...]
    next_fired: _Event | None

    @property
    def cleared(self) -> _Event | None:
        """The way back, unless the line was crossed again in silence since then."""
        crossings = [one for one in self.events if one.kind in (Kind.FIRED, Kind.CLEARED)]
        last = crossings[-1] if crossings else None
        return last if last is not None and last.kind is Kind.CLEARED else None

    @property
    def expired(self) -> _Event | None:
        return next((one for one in self.events if one.kind is Kind.EXPIRED), None)

    @property
    def peak_until(self) -> datetime:
        if self.cleared is not None:
            return self.cleared.as_of
        return _EVER if self.next_fired is None else self.next_fired.as_of


async def stories(
    connection: AsyncConnection, messages: Mapping[int, Sequence[Alert]], now: datetime
) -> dict[int, dict[int, Story]]:
    """For each message, by delivery, the story of each rule that it tells of.

    1. What happened to these rules, from the alerts that were recorded.
    2. The span of it that belongs to the message.
    3. What people did meanwhile, and the furthest value.
    """
    rule_ids = {
        alert.rule_id
        for alerts in messages.values()
        for alert in alerts
        if alert.rule_id is not None
    }
    if not rule_ids:
        return {}
    events = await _events(connection, rule_ids)
    spans: dict[int, dict[int, _Span]] = {}
    for delivery_id, alerts in messages.items():
        for rule_id in dict.fromkeys(alert.rule_id for alert in alerts):
            if rule_id is None:
                continue
            mine = [alert.id for alert in alerts if alert.rule_id == rule_id]
            span = _span(events.get(rule_id, []), mine, delivery_id)
            if span is not None:
                spans.setdefault(delivery_id, {})[rule_id] = span
    if not spans:
        return {}
    every = [span for mine_ in spans.values() for span in mine_.values()]
    since = min(span.fired.created_at for span in every)
    done = await acts.of_rules(connection, rule_ids, since)
    rules = await _rules(connection, rule_ids)
    peaks = _Peaks(connection)
    found: dict[int, dict[int, Story]] = {}
    for delivery_id, by_rule in spans.items():
        for rule_id, span in by_rule.items():
            rule = rules[rule_id]
            peak = await peaks.of(rule, span) if rule.measure is MeasureKind.VALUE else None
            story = _story(span, rule, done.get(rule_id, []), peak, now)
            found.setdefault(delivery_id, {})[rule_id] = story
    return found


def _span(events: Sequence[_Event], mine: Sequence[int], delivery_id: int) -> _Span | None:
    """`mine`: the alerts of the rule in the message. None when it never fired."""
    newest = max(mine)
    fired = [one for one in events if one.kind is Kind.FIRED and one.id <= newest]
    if not fired:
        return None
    later = [one for one in events if one.id > fired[-1].id]
    next_fired = next(
        (
            one
            for one in later
            if one.kind is Kind.FIRED and one.delivery_id not in (None, delivery_id)
        ),
        None,
    )
    within = [one for one in later if next_fired is None or one.id < next_fired.id]
    return _Span(fired[-1], tuple(within), next_fired)


def _story(
    span: _Span,
    rule: _Now,
    done: Sequence[Act],
    peak: tuple[int, datetime] | None,
    now: datetime,
) -> Story:
    until = _EVER if span.next_fired is None else span.next_fired.created_at
    current = span.next_fired is None
    sleeps = current and rule.snoozed_until is not None and rule.snoozed_until > now
    cleared, expired = span.cleared, span.expired
    return _same_story(
        span.fired.as_of,
        tuple(act for act in done if span.fired.created_at <= act.at < until),
        rule.snoozed_until if sleeps else None,
        current and rule.paused,
        None if cleared is None else cleared.as_of,
        None if cleared is None else cleared.value,
        None if expired is None else expired.as_of,
        None if peak is None else peak[0],
        None if peak is None else peak[1],
    )


_same_story = lru_cache(maxsize=256)(Story)
"""One object for all who are told the same."""


async def _events(connection: AsyncConnection, rule_ids: set[int]) -> dict[int, list[_Event]]:
    rows = (await connection.execute(_EVENTS, {"rules": rule_ids})).all()
    found: dict[int, list[_Event]] = {}
    for row in rows:
        found.setdefault(row[0], []).append(_Event._make(row[1:]))
    return found


# Written once: to put a statement together takes as long as to execute it.
_EVENTS: Select[*tuple[Any, ...]] = (
    select(
        AlertRow.rule_id,
        AlertRow.id,
        AlertRow.kind,
        AlertRow.as_of,
        AlertRow.created_at,
        AlertRow.value,
        AlertRow.delivery_id,
    )
    .where(
        is_among(AlertRow.rule_id, "rules"),
        AlertRow.kind.in_((Kind.FIRED, Kind.CLEARED, Kind.EXPIRED)),
    )
    .order_by(AlertRow.id)
)


async def _rules(connection: AsyncConnection, rule_ids: set[int]) -> dict[int, _Now]:
    rows = (await connection.execute(_RULES, {"rules": rule_ids})).all()
    return {row[0]: _Now._make(row[1:]) for row in rows}


_RULES = (
    select(
        RuleRow.id,
        RuleRow.direction,
        RuleRow.snoozed_until,
        RuleRow.paused,
        MeasureRow.indicator,
        MeasureRow.kind,
    )
    .join(MeasureRow, MeasureRow.id == RuleRow.measure_id)
    .where(is_among(RuleRow.id, "rules"))
)


class _Peaks:
    """The furthest value of a span; thousands of rules share the same few spans."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self._known: dict[
            tuple[str, Direction, datetime, datetime], tuple[int, datetime] | None
        ] = {}

    async def of(self, rule: _Now, span: _Span) -> tuple[int, datetime] | None:
        key = rule.indicator, rule.direction, span.fired.as_of, span.peak_until
        if key not in self._known:
            self._known[key] = await self._look_up(*key)
        return self._known[key]

    async def _look_up(
        self, indicator: str, direction: Direction, start: datetime, end: datetime
    ) -> tuple[int, datetime] | None:
        rows = await self._connection.execute(
            select(ObservationRow.as_of, ObservationRow.value)
            .where(
                ObservationRow.indicator == indicator,
                ObservationRow.as_of >= start,
                ObservationRow.as_of <= end,
                ObservationRow.status.in_(_MOVING),
            )
            .order_by(ObservationRow.as_of, ObservationRow.version)
        )
        # A restatement counts, what it replaced does not (R2).
        values: dict[datetime, int] = {row.as_of: row.value for row in rows}
        if not values:
            return None
        furthest = max if direction is Direction.ABOVE else min
        peak = furthest(values.values())
        return peak, next(at for at, value in values.items() if value == peak)
