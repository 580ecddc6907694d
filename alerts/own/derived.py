"""An indicator made of others: at each moment the formula of what was known then."""

from __future__ import annotations

import functools
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from alerts.evidence import Evidence
from alerts.indicators import Cadence, Guard, Indicator, Meaning, Names, Section
from alerts.own.formula import Formula, NoValue, unit_of, value_of
from alerts.quantity import Unit
from alerts.reading import Missing, Part, Reading, Status

CAVEAT = "Defined by people here: it is as good as what it is made of."


@dataclass(frozen=True, slots=True)
class Definition:
    """What a person defined, and what they call it."""

    key: str
    formula: Formula
    name: str


def indicator_of(definition: Definition, parts: Mapping[str, Indicator]) -> Indicator:
    """`parts` are the indicators that the formula names. Raises BadFormula for clashing units.

    It has a value of its own as often as the liveliest part, and is held when any part would be.
    """
    key, formula = definition.key, definition.formula
    used = {name: parts[name] for name in formula.names if name in parts}
    unit = unit_of(formula, {name: part.unit for name, part in used.items()})
    liveliest = min(used.values(), key=lambda part: part.cadence.longest_gap)
    name = definition.name
    return Indicator(
        key=key,
        names=Names(name, name, name),
        section=Section.FUNDAMENTALS,
        unit=unit,
        cadence=liveliest.cadence,
        meaning=Meaning.HOTTER,
        needs=tuple(dict.fromkeys(need for part in used.values() for need in part.needs)),
        series=functools.partial(derived_series, key, unit, formula, used),
        formula=formula.text,
        caveat=CAVEAT,
        stale_after=min(part.stale_after for part in used.values()),
        guard=_guard(used),
        tags=tuple(dict.fromkeys(tag for part in used.values() for tag in part.tags)),
        own=True,
    )


def _guard(parts: Mapping[str, Indicator]) -> Guard:
    """A jump of a part, or of a part's part, holds the whole (R3)."""
    limits: dict[str, Decimal] = {}
    for name, part in parts.items():
        if part.guard.value_limit is not None:
            limits[name] = part.guard.value_limit
        limits |= {_inner(name, one): limit for one, limit in part.guard.part_limits.items()}
    return Guard(limits, reach=min(part.guard.reach for part in parts.values()))


def _inner(name: str, part: str) -> str:
    return f"{name}: {part}"


def derived_series(
    key: str, unit: Unit, formula: Formula, parts: Mapping[str, Indicator], evidence: Evidence
) -> list[Reading | Missing]:
    """A value for each moment at which a part got a new one, from where all of them are known.

    Each part stands with its newest value of that moment, and is missing when that one is older
    than its time.
    """
    # What changes once a quarter may have changed long before the days that are asked for.
    whole = evidence.since(date.min)
    series = {
        name: part.series(evidence if part.cadence is Cadence.SESSION else whole)
        for name, part in parts.items()
    }
    instants = sorted({one.as_of for found in series.values() for one in found})
    empty = [name for name, found in series.items() if not found]
    if empty:
        last = instants[-1:]
        return [Missing(key, at, f"nothing is known yet of {', '.join(empty)}") for at in last]
    begin = max(found[0].as_of for found in series.values())
    courses = {name: [one.as_of for one in found] for name, found in series.items()}
    found: list[Reading | Missing] = []
    for at in instants[bisect_right(instants, begin) - 1 :]:
        standing = {name: series[name][bisect_right(courses[name], at) - 1] for name in parts}
        found.append(_at(key, unit, formula, parts, standing, at))
    return found


def _at(
    key: str,
    unit: Unit,
    formula: Formula,
    parts: Mapping[str, Indicator],
    standing: Mapping[str, Reading | Missing],
    at: datetime,
) -> Reading | Missing:
    known: dict[str, Reading] = {}
    for name, one in standing.items():
        if isinstance(one, Missing):
            return Missing(key, at, f"{name} is missing: {one.reason}")
        if at - one.as_of > parts[name].stale_after:
            return Missing(key, at, f"{name} has had no value since {one.as_of:%Y-%m-%d}")
        known[name] = one
    try:
        value = value_of(formula, lambda name: known[name].value)
        unit.to_fixed(value)
    except NoValue as error:
        return Missing(key, at, str(error))
    except ValueError:
        return Missing(key, at, "its value is too large to be stored")
    return _reading(key, unit, formula, parts, known, value, at)


def _reading(
    key: str,
    unit: Unit,
    formula: Formula,
    parts: Mapping[str, Indicator],
    known: Mapping[str, Reading],
    value: Decimal,
    at: datetime,
) -> Reading:
    readings = list(known.values())
    doubtful = [name for name, one in known.items() if not one.status.moves_rules]
    status = Status.CONFIRMED
    if doubtful:
        status = Status.UNCONFIRMED
    elif any(one.status is Status.MANUAL for one in readings):
        status = Status.MANUAL
    newest = max(readings, key=lambda one: one.as_of)
    return Reading(
        key,
        value,
        unit,
        at,
        max(one.period_end for one in readings),
        ", ".join(sorted({one.source for one in readings}))[:80],
        newest.source_url,
        max(one.fetched_at for one in readings),
        status,
        formula.text,
        _parts(parts, known),
        note=f"unconfirmed: {', '.join(doubtful)}" if doubtful else None,
    )


def _parts(parts: Mapping[str, Indicator], known: Mapping[str, Reading]) -> tuple[Part, ...]:
    """What the formula names, and behind it what the guard looks at."""
    outer = [
        Part(name, one.value, one.unit, one.period_end, one.source, one.source_url)
        for name, one in known.items()
    ]
    inner: Sequence[Part] = [
        Part(_inner(name, part.name), part.value, part.unit, part.as_of, part.source,
             part.source_url)
        for name, one in known.items()
        for part in one.parts
        if part.name in parts[name].guard.part_limits
    ]  # fmt: skip
    return (*outer, *inner)
