"""Drawing a line: making a rule where the value stands now (RULES.md R8, R11)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from alerts.indicators import Cadence, Indicator
from alerts.measures import VALUE, Measure, Point, compute
from alerts.rules import Direction, Rule, Seen, State, begin
from alerts.store import observations, rules
from alerts.store.rules import StoredMeasure
from bot import words
from bot.locales import Translator


@dataclass(frozen=True, slots=True)
class Footing:
    """A measure as it stands. `seen` is None while no fresh value is known.

    `short` says that the window has not enough history yet.
    """

    measure: StoredMeasure
    seen: Seen | None
    short: bool


async def footing(
    connection: AsyncConnection, indicator: Indicator, measure: Measure, now: datetime
) -> Footing:
    """The stored measure, computed from the stored history when nobody asked for it before."""
    stored = await rules.measure_of(connection, indicator.key, measure, indicator.unit)
    newest = await observations.newest(connection, indicator.key)
    if newest is None:
        return Footing(stored, None, short=False)
    value = newest.fixed
    if measure != VALUE:
        computed = await _computed(connection, indicator, measure)
        if computed is None:
            return Footing(stored, None, short=True)
        value = stored.unit.to_fixed(computed.value)
    if stored.observation_id != newest.id or stored.value != value:
        await rules.set_measure(connection, stored.id, value, newest.as_of, newest.id)
    if now - newest.as_of > indicator.stale_after:
        # An old value says nothing about which side of the line today's is on.
        return Footing(stored, None, short=False)
    return Footing(stored, Seen(value, newest.as_of), short=False)


async def _computed(
    connection: AsyncConnection, indicator: Indicator, measure: Measure
) -> Point | None:
    history = await observations.history(
        connection,
        indicator.key,
        by_session=indicator.cadence is Cadence.SESSION,
        unit=indicator.unit,
    )
    value = compute(measure, history, indicator.cadence.longest_gap)
    return None if value is None else Point(history[-1].as_of, value)


def begun(rule: Rule, on: Footing, now: datetime) -> Rule:
    return begin(rule, on.seen, now)


def outlook(rule: Rule, on: Footing, t: Translator) -> str:
    """When a new rule will speak next, in words (R11)."""
    unit = on.measure.unit
    line, rearm = (words.amount(unit.from_fixed(x), unit, t) for x in (rule.line, rule.rearm))
    above = rule.direction is Direction.ABOVE
    if on.short:
        return t("There is not enough history for that window yet; I will speak once there is.")
    if on.seen is None:
        return t(
            "No fresh value is known yet. If the first one is already there, I will say nothing "
            "until it has gone back and crosses again."
        )
    value = words.amount(unit.from_fixed(on.seen.value), unit, t, line=unit.from_fixed(rule.line))
    if rule.state is State.FIRED:
        if above:
            return t(
                "It is already there: {value}. I will speak when it falls below {rearm}, and "
                "when it reaches {line} again.",
                value=value,
                rearm=rearm,
                line=line,
            )
        return t(
            "It is already there: {value}. I will speak when it rises above {rearm}, and "
            "when it falls to {line} again.",
            value=value,
            rearm=rearm,
            line=line,
        )
    if above:
        return t("It is {value} now; I will speak when it reaches {line}.", value=value, line=line)
    return t("It is {value} now; I will speak when it falls to {line}.", value=value, line=line)
