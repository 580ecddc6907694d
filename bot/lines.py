"""Drawing a line: making a rule where the value stands now (RULES.md R8, R11)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from alerts.indicators import Cadence, Indicator
from alerts.measures import VALUE, Measure, Point, compute
from alerts.quantity import Unit
from alerts.rules import Direction, Rule, Seen, State, begin
from alerts.store import conditions, observations, rules
from alerts.store.rules import StoredMeasure
from bot import words
from bot.commands import BadInput
from bot.locales import Translator
from bot.quantities import SHOWN, typed

FORGOTTEN = 10**5
"""A line so many times larger or smaller than the value was not meant."""


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


def check_distance(on: Footing, line: int, text: str, name: str, t: Translator) -> None:
    """Raises BadInput for a line so far away that its unit was forgotten: «5» for 5 trillion."""
    unit = on.measure.unit
    if unit is not Unit.USD or on.seen is None or not line or not on.seen.value:
        return
    near, far = sorted((abs(line), abs(on.seen.value)))
    if far < FORGOTTEN * near:
        return
    value = unit.from_fixed(on.seen.value)
    number = typed(unit.from_fixed(line), unit).rstrip("TBM")
    raise BadInput(
        t(
            "{name} is {value} now, and “{text}” is more than a hundred thousand times away from "
            "that. Did you mean {near}?",
            name=name,
            value=words.amount(value, unit, t),
            text=text[:SHOWN],
            near=number + typed(value, unit)[-1:].strip("0123456789"),
        ),
        "line",
    )


def outlook(rule: Rule, on: Footing, t: Translator) -> str:
    """When a new rule will speak next, in words (R11)."""
    unit = on.measure.unit
    line = words.drawn(unit.from_fixed(rule.line), unit, t)
    rearm = words.amount(unit.from_fixed(rule.rearm), unit, t)
    above = rule.direction is Direction.ABOVE
    if on.short:
        return t("There is not enough history for that window yet; I will speak once there is.")
    if on.seen is None:
        return t(
            "No fresh value is known yet. If the first one is already there, I will say nothing "
            "until it has gone back and crosses again."
        )
    value = words.amount(unit.from_fixed(on.seen.value), unit, t, line=unit.from_fixed(rule.line))
    if on.measure.indicator.startswith(conditions.PREFIX):
        return _outlook_of_conditions(rule.state is State.FIRED, value, line, t)
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


def _outlook_of_conditions(fired: bool, met: str, needed: str, t: Translator) -> str:
    if fired:
        return t(
            "Conditions met already: {met}. I will speak when they are fewer than {needed}, and "
            "when they are {needed} again.",
            met=met,
            needed=needed,
        )
    return t(
        "Conditions met now: {met}; I will speak when they are {needed}.", met=met, needed=needed
    )
