"""What no feed gives: facts entered by hand, each with its day, address and review date.

Their readings are `manual`. A fact is as good as its review date: after that it is shown as old.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from alerts.evidence import Evidence, Need, StatedFacts, stated
from alerts.indicators import Cadence, Claim, Guard, Indicator, Meaning, Names, PresetLine, Section
from alerts.published import StatedFact
from alerts.quantity import Unit
from alerts.reading import Missing, Part, Reading, Status

HALF_A_YEAR = timedelta(days=180)
A_YEAR = timedelta(days=365)
SOURCE = "fact"


@dataclass(frozen=True, slots=True)
class Sum:
    """What a formula made of facts: the value, and the facts behind it."""

    value: Decimal
    facts: tuple[StatedFact, ...]
    parts: tuple[Part, ...]
    definition: str
    views: tuple[Part, ...] = ()


class NotStated(Exception):
    """A fact that a formula needs is not entered."""


Book = Mapping[str, StatedFacts]


def the_fact(book: Book, key: str, on: date) -> StatedFact:
    """The newest fact of a key known by a day, or NotStated."""
    fact = book[key].on(on)
    if fact is None:
        raise NotStated(f"no fact “{key}” is entered for {on}")
    return fact


def part_of(fact: StatedFact, unit: Unit, name: str | None = None) -> Part:
    return Part(name or fact.key, fact.value, unit, fact.day, SOURCE, fact.source_url)


def view(definition: str, value: Decimal, unit: Unit, fact: StatedFact) -> Part:
    """The same under another definition, whose name is a message for the catalogues."""
    return Part(definition, value, unit, fact.day, SOURCE, fact.source_url)


def stated_series(
    indicator: str,
    unit: Unit,
    keys: Sequence[str],
    work: Callable[[Book, date], Sum],
    evidence: Evidence,
) -> list[Reading | Missing]:
    """A reading for each day on which one of the facts became known."""
    book = {key: evidence.of(stated(key)) or StatedFacts(()) for key in keys}
    days = sorted({fact.day for facts in book.values() for fact in facts.standing})
    found: list[Reading | Missing] = []
    for day in days:
        at = midnight(day)
        try:
            summed = work(book, day)
        except NotStated as absent:
            found.append(Missing(indicator, at, str(absent)))
            continue
        found.append(reading_of(indicator, unit, at, summed))
    return found


def midnight(day: date) -> datetime:
    return datetime.combine(day, datetime.min.time(), UTC)


def reading_of(indicator: str, unit: Unit, at: datetime, summed: Sum) -> Reading:
    newest = max(summed.facts, key=lambda fact: fact.day)
    review = min(fact.review_after for fact in summed.facts)
    return Reading(
        indicator,
        summed.value,
        unit,
        at,
        newest.day,
        SOURCE,
        newest.source_url,
        at,
        Status.MANUAL,
        summed.definition,
        summed.parts,
        summed.views,
        note=_note(summed.facts, review),
    )


def _note(facts: Iterable[StatedFact], review: date) -> str:
    notes = dict.fromkeys(fact.note for fact in facts if fact.note)
    return "; ".join((*notes, f"to be reviewed after {review}"))


def of_facts(
    key: str,
    names: Names,
    section: Section,
    unit: Unit,
    meaning: Meaning,
    work: Callable[[Book, date], Sum] | None = None,
    *,
    facts: tuple[str, ...] = (),
    formula: str,
    caveat: str,
    stale_after: timedelta = A_YEAR,
    claim: Claim | None = None,
    presets: tuple[PresetLine, ...] = (),
) -> Indicator:
    """An indicator of facts alone; without `facts` and `work` it is the fact of its own key."""
    needs: tuple[Need[StatedFacts], ...] = tuple(stated(fact) for fact in facts or (key,))
    how = work or functools.partial(as_entered, key, unit)
    return Indicator(
        key=key,
        names=names,
        section=section,
        unit=unit,
        cadence=Cadence.OCCASION,
        meaning=meaning,
        needs=needs,
        series=functools.partial(stated_series, key, unit, facts or (key,), how),
        formula=formula,
        caveat=caveat,
        stale_after=stale_after,
        guard=Guard({}),
        claim=claim,
        lines=presets,
    )


def as_entered(key: str, unit: Unit, book: Book, on: date) -> Sum:
    fact = the_fact(book, key, on)
    return Sum(fact.value, (fact,), (part_of(fact, unit),), "as entered")
