"""Figures that an office, a bank or a person publishes, each with the day it became known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property

from alerts.origin import Origin


@dataclass(frozen=True, slots=True)
class Figure:
    """One value of a published series: about `day`, public from `known_from` on."""

    day: date
    known_from: date
    value: Decimal
    origin: Origin


@dataclass(frozen=True)
class Figures:
    """A series with its revisions: a day may have several figures, each known from another day.

    `begins`: readings are wanted from this day on; older figures are there to look back at.
    """

    figures: tuple[Figure, ...]
    begins: date | None = None

    def merge(self, newer: Figures) -> Figures:
        figures = {(f.known_from, f.day): f for f in (*self.figures, *newer.figures)}
        return Figures(tuple(figures[key] for key in sorted(figures)))

    def known_by(self, moment: datetime) -> Figures:
        known = tuple(f for f in self.figures if f.known_from <= moment.date())
        return Figures(known, self.begins)

    def since(self, day: date) -> Figures:
        return Figures(self.figures, day)

    def release_days(self) -> list[date]:
        """The days from `begins` on which something became known."""
        begins = self.begins or date.min
        return sorted({f.known_from for f in self.figures if f.known_from >= begins})

    @cached_property
    def current(self) -> Mapping[date, Figure]:
        """The newest figure of every day."""
        newest: dict[date, Figure] = {}
        for figure in self.figures:
            known = newest.get(figure.day)
            if known is None or figure.known_from >= known.known_from:
                newest[figure.day] = figure
        return newest


@dataclass(frozen=True, slots=True)
class Gdp:
    """One country's gross domestic product of one year, in dollars."""

    country: str
    name: str
    year: int
    usd: Decimal
    known_from: date
    origin: Origin


@dataclass(frozen=True)
class NationalGdps:
    entries: tuple[Gdp, ...]

    def merge(self, newer: NationalGdps) -> NationalGdps:
        entries = {(g.known_from, g.year, g.country): g for g in (*self.entries, *newer.entries)}
        return NationalGdps(tuple(entries[key] for key in sorted(entries)))

    def known_by(self, moment: datetime) -> NationalGdps:
        return NationalGdps(tuple(g for g in self.entries if g.known_from <= moment.date()))

    def newest(self, on: date) -> dict[str, Gdp]:
        """By country the newest year known by a day, as last revised by then."""
        found: dict[str, Gdp] = {}
        for entry in self.entries:
            known = found.get(entry.country)
            if entry.known_from <= on and (known is None or entry.year >= known.year):
                found[entry.country] = entry
        return found


@dataclass(frozen=True, slots=True)
class StatedFact:
    """A fact that a person entered: what, since when it was known, from where, and until when good.

    `key` names the fact (`openai_commitments`); several facts of one key on different days are its
    history. `retired` takes the fact of that key, day and address out of use again.
    """

    key: str
    value: Decimal
    day: date
    source_url: str
    entered_by: str
    review_after: date
    note: str = ""
    retired: bool = False


@dataclass(frozen=True)
class StatedFacts:
    facts: tuple[StatedFact, ...]

    def merge(self, newer: StatedFacts) -> StatedFacts:
        facts = {(f.day, f.source_url, f.note): f for f in (*self.facts, *newer.facts)}
        return StatedFacts(tuple(facts[key] for key in sorted(facts)))

    def known_by(self, moment: datetime) -> StatedFacts:
        return StatedFacts(tuple(f for f in self.facts if f.day <= moment.date()))

    @property
    def standing(self) -> tuple[StatedFact, ...]:
        """Those in use, oldest first."""
        return tuple(fact for fact in self.facts if not fact.retired)

    def on(self, day: date) -> StatedFact | None:
        """The newest known by a day."""
        known = [fact for fact in self.standing if fact.day <= day]
        return known[-1] if known else None
