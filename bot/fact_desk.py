"""Facts entered by hand: read, checked, entered, listed, retired; for chat and terminal alike."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from alerts.evidence import Evidence, stated
from alerts.indicators import Indicator
from alerts.published import StatedFact
from alerts.quantity import Unit
from alerts.sources.facts import COLUMNS, read_fact, shipped_facts
from alerts.store import facts
from alerts.store.facts import Entry
from bot.commands import BadInput, Services
from bot.locales import Translator
from bot.naming import nearest
from bot.quantities import quantity

REVIEW_AFTER = timedelta(days=180)
"""When nobody says otherwise."""
LARGEST_TABLE = 1_000_000
"""Characters of a CSV file."""

# Facts that are no indicator themselves, or are measured in another unit than theirs.
UNITS: Mapping[str, Unit] = {
    "berkshire_alphabet_stake": Unit.USD,
    "burry_puts": Unit.USD,
    "data_centre_vacancy": Unit.FRACTION,
    "fibre_utilisation_2000": Unit.FRACTION,
    "nvidia_vendor_financing": Unit.USD,
    "openai_commitments": Unit.USD,
    "openai_expected_revenue": Unit.USD,
}


@dataclass(frozen=True, slots=True)
class Kept:
    """A fact with its story. `entry` is None for one that travels with the program, untouched."""

    fact: StatedFact
    entry: Entry | None

    @property
    def retired(self) -> bool:
        return self.fact.retired

    def is_old(self, today: date) -> bool:
        return not self.retired and self.fact.review_after < today


def fact_keys(indicators: Mapping[str, Indicator]) -> list[str]:
    """Every fact that some indicator reads."""
    return sorted(
        {
            need.subject
            for indicator in indicators.values()
            for need in indicator.needs
            if need.kind == "stated"
        }
    )


def unit_of(key: str, indicators: Mapping[str, Indicator]) -> Unit:
    found = UNITS.get(key)
    return indicators[key].unit if found is None else found


def known_key(text: str, indicators: Mapping[str, Indicator], t: Translator) -> str:
    """Raises BadInput for what no indicator reads."""
    key, known = text.strip().casefold().replace("-", "_"), fact_keys(indicators)
    if key in known:
        return key
    if near := nearest(key, known):
        raise BadInput(
            t("There is no fact “{text}”; did you mean {near}?", text=text[:40], near=near)
        )
    raise BadInput(
        t("There is no fact “{text}”. These are: {keys}.", text=text[:40], keys=t(", ").join(known))
    )


def overdue(indicator: Indicator, evidence: Evidence, today: date) -> date | None:
    """Since when a fact that an indicator rests on should have been looked at again, or None."""
    newest = [
        fact
        for need in indicator.needs
        if need.kind == "stated" and (fact := _newest(evidence, need.subject, today)) is not None
    ]
    return min((one.review_after for one in newest if one.review_after < today), default=None)


def _newest(evidence: Evidence, key: str, today: date) -> StatedFact | None:
    history = evidence.of(stated(key))
    return None if history is None else history.on(today)


@dataclass(frozen=True, slots=True)
class Told:
    """A fact in a person's words."""

    key: str
    value: str
    day: date
    source_url: str
    review_after: date | None
    note: str


def read(told: Told, by: str, services: Services, t: Translator) -> StatedFact:
    """Raises BadInput with one sentence."""
    key = known_key(told.key, services.indicators, t)
    value = quantity(told.value, unit_of(key, services.indicators), t, of=key)
    if told.day > services.clock.now().date():
        raise BadInput(t("{on} is still to come.", on=told.day.isoformat()))
    if not told.source_url.startswith("https://"):
        raise BadInput(t("A fact needs the https address of where it stands: from https://…"))
    review = told.review_after or told.day + REVIEW_AFTER
    if review <= told.day:
        raise BadInput(t("The review must come after the fact's own day."))
    return StatedFact(key, value, told.day, told.source_url, by, review, told.note)


async def enter(
    services: Services, fact: StatedFact, *, instead: bool
) -> tuple[list[StatedFact], list[StatedFact]]:
    """Returns (others of that key and day that stay, those retired `instead`)."""
    now = services.clock.now()
    async with services.database.write() as connection:
        kept = _joined(await facts.entries(connection, fact.key), [fact.key])
        same_day = [
            one.fact for one in kept
            if one.fact.day == fact.day and not one.retired
        ]  # fmt: skip
        if instead:
            for other in same_day:
                await facts.retire(connection, other, fact.entered_by, now)
        await facts.enter(connection, fact, now)
    return ([], same_day) if instead else (same_day, [])


async def kept(services: Services, keys: Sequence[str]) -> list[Kept]:
    """Everything ever entered for these keys, oldest first, retired ones too."""
    async with services.database.read() as connection:
        entered = await facts.entries(connection)
    return _joined(entered, keys)


def _joined(entered: Sequence[Entry], keys: Sequence[str]) -> list[Kept]:
    """The ledger lies over what travels along; an entry about the same thing replaces it."""
    found: dict[tuple[str, date, str, str], Kept] = {}
    for key in keys:
        history = shipped_facts().get(key)
        for fact in history.facts if history else ():
            found[_name(fact)] = Kept(fact, None)
    for entry in entered:
        if entry.fact.key in keys:
            found[_name(entry.fact)] = Kept(entry.fact, entry)
    return sorted(found.values(), key=lambda one: (one.fact.key, one.fact.day, one.fact.note))


def _name(fact: StatedFact) -> tuple[str, date, str, str]:
    """What makes two entries be about the same thing."""
    return fact.key, fact.day, fact.source_url, fact.note


async def retire(
    services: Services, key: str, day: date, about: str, by: str, t: Translator
) -> StatedFact:
    """The one standing fact of that key and day; `about` are words of its note or address.

    Raises BadInput when there is none, or more than one.
    """
    now = services.clock.now()
    async with services.database.write() as connection:
        standing = [
            one.fact
            for one in _joined(await facts.entries(connection, key), [key])
            if one.fact.day == day and not one.retired
        ]
        wanted = about.casefold()
        meant = [
            fact for fact in standing
            if wanted in fact.note.casefold() or wanted in fact.source_url.casefold()
        ]  # fmt: skip
        if not meant:
            raise BadInput(
                t(
                    "There is no such fact of {on}; “fact list {key}” shows them.",
                    on=day.isoformat(),
                    key=key,
                )
            )
        if len(meant) > 1:
            raise BadInput(
                t(
                    "There are {n} of that day; add words of the right one's note: about “…”.",
                    n=len(meant),
                )
            )
        await facts.retire(connection, meant[0], by, now)
    return meant[0]


class BadTable(Exception):
    """A table that was not imported; `reasons` has one sentence for each line that is wrong."""

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__("; ".join(reasons))
        self.reasons = tuple(reasons)


async def import_table(services: Services, text: str) -> list[StatedFact]:
    """Enter every row of a CSV table, or none. Raises BadTable with every reason at once."""
    found = _read_table(text, services.indicators, services.clock.now().date())
    now: datetime = services.clock.now()
    async with services.database.write() as connection:
        entered = await facts.entries(connection)
        known = {entry.fact for entry in entered}
        fresh = [fact for fact in found if fact not in known]
        for fact in fresh:
            await facts.enter(connection, fact, now)
    return fresh


def _read_table(text: str, indicators: Mapping[str, Indicator], today: date) -> list[StatedFact]:
    if len(text) > LARGEST_TABLE:
        raise BadTable([f"the table is longer than {LARGEST_TABLE} characters"])
    lines = csv.DictReader(text.splitlines(), strict=True)
    missing = set(COLUMNS[:-1]) - set(lines.fieldnames or ())
    if missing:
        raise BadTable([f"line 1: the table has no column {', '.join(sorted(missing))}"])
    keys = fact_keys(indicators)
    found: list[StatedFact] = []
    reasons: list[str] = []
    try:
        for line in lines:
            try:
                found.append(_read_row(line, keys, today))
            except ValueError as error:
                reasons.append(f"line {lines.line_num}: {error}")
    except csv.Error as error:
        reasons.append(f"line {lines.line_num}: it is not CSV: {error}")
    if reasons:
        raise BadTable(reasons)
    return found


def _read_row(line: Mapping[str, str | None], keys: Sequence[str], today: date) -> StatedFact:
    """Raises ValueError with one sentence."""
    fact = read_fact(line)
    if fact.key not in keys:
        near = nearest(fact.key, keys)
        raise ValueError(
            f"no indicator reads a fact “{fact.key}”" + (f"; is it {near}?" if near else "")
        )
    if fact.day > today:
        raise ValueError(f"its date {fact.day} is still to come")
    return fact
