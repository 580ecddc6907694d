"""The record: dated public figures that travel with the program, a source address in every row.

It serves when no live source can be reached, and it is what `bubblewatch replay` plays. Its
figures take the shape of every other source's, and say `record` in their origin.
"""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cached_property
from importlib import resources

from alerts.evidence import (
    Answer,
    Close,
    CompanyFacts,
    Evidence,
    Fact,
    Figures,
    FundHoldings,
    ListedCap,
    ListedCaps,
    NationalGdps,
    Need,
    Origin,
    PriceHistory,
    Weights,
    adjusted_prices,
    holdings,
    listed_caps,
    national_gdp,
    prices,
    published,
    stated,
    statements,
)
from alerts.market_hours import closing_bell
from alerts.published import Figure, Gdp
from alerts.sources import Collected
from alerts.sources.facts import shipped_facts

NAME = "record"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table. `as_of`: publicly known on; `period_end`: the day it describes.

    An amount over a period has a `period_start` too.
    """

    series: str
    subject: str
    as_of: date
    period_start: date | None
    period_end: date
    value: Decimal
    source_url: str
    note: str

    @property
    def origin(self) -> Origin:
        return Origin(NAME, self.source_url, datetime.combine(self.as_of, datetime.min.time(), UTC))


class Record:
    """The table, read once."""

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        text = resources.files("alerts.sources").joinpath("record.csv").read_text("utf-8")
        return tuple(_row(line) for line in csv.DictReader(text.splitlines()))

    @cached_property
    def evidence(self) -> Evidence:
        """Every figure of the table, by the need that it answers."""
        answers: dict[Need[Answer], Answer] = {}
        for (series, subject), rows in _grouped(self.rows).items():
            match series:
                case "market_cap":
                    answers[listed_caps(subject)] = _caps(rows)
                case "close":
                    answers[prices(subject)] = _closes(rows)
                case "adjusted_close":
                    answers[adjusted_prices(subject)] = _closes(rows)
                case "published":
                    answers[published(subject)] = _published(rows)
                case "gdp":
                    answers[national_gdp()] = _gdps(self.rows)
                case "index_weight" | "top5_weight_full_cap":
                    need = holdings("IVV")
                    weights = _estimates(rows) if series != "index_weight" else _weights(self.rows)
                    known = answers.get(need)
                    merged = known.merge(weights) if isinstance(known, FundHoldings) else weights
                    answers[need] = merged
                case _:
                    need_of_facts = statements(subject)
                    facts = _facts(rows)
                    earlier = answers.get(need_of_facts)
                    answers[need_of_facts] = (
                        earlier.merge(facts) if isinstance(earlier, CompanyFacts) else facts
                    )
        for key, stated_facts in shipped_facts().items():
            answers[stated(key)] = stated_facts
        return Evidence(answers)

    @cached_property
    def last_day(self) -> date:
        return max(row.as_of for row in self.rows)


def _row(line: dict[str, str]) -> Row:
    return Row(
        line["series"],
        line["subject"],
        date.fromisoformat(line["as_of"]),
        date.fromisoformat(line["period_start"]) if line["period_start"] else None,
        date.fromisoformat(line["period_end"]),
        Decimal(line["value"]),
        line["source_url"],
        line["note"],
    )


def _grouped(rows: Iterable[Row]) -> dict[tuple[str, str], list[Row]]:
    groups: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        # All members of a day's weights belong to one answer, and so do all countries.
        whole = {"index_weight": "IVV", "gdp": "countries"}
        subject = whole.get(row.series, row.subject)
        groups.setdefault((row.series, subject), []).append(row)
    return groups


def _caps(rows: Iterable[Row]) -> ListedCaps:
    return ListedCaps(
        tuple(ListedCap(r.as_of, closing_bell(r.as_of), r.value, r.origin) for r in rows)
    )


def _closes(rows: Iterable[Row]) -> PriceHistory:
    return PriceHistory(
        tuple(Close(r.as_of, closing_bell(r.as_of), r.value, r.origin) for r in rows)
    )


def _estimates(rows: Iterable[Row]) -> FundHoldings:
    return FundHoldings(
        tuple(Weights(r.as_of, {"TOP5": r.value}, True, True, r.origin) for r in rows)
    )


def _weights(rows: Iterable[Row]) -> FundHoldings:
    days: dict[date, list[Row]] = {}
    for row in rows:
        if row.series == "index_weight":
            days.setdefault(row.as_of, []).append(row)
    return FundHoldings(
        tuple(
            Weights(
                day, {row.subject: row.value for row in members}, True, False, members[0].origin
            )
            for day, members in sorted(days.items())
        )
    )


def _published(rows: Iterable[Row]) -> Figures:
    figures = (Figure(r.period_end, r.as_of, r.value, r.origin) for r in rows)
    return Figures(()).merge(Figures(tuple(figures)))


def _gdps(rows: Iterable[Row]) -> NationalGdps:
    """The note begins with the country's name."""
    entries = (
        Gdp(r.subject, r.note.partition(";")[0], r.period_end.year, r.value, r.as_of, r.origin)
        for r in rows
        if r.series == "gdp"
    )
    return NationalGdps(()).merge(NationalGdps(tuple(entries)))


def _facts(rows: Iterable[Row]) -> CompanyFacts:
    facts = (
        Fact(r.series, "USD", r.period_start, r.period_end, r.value, r.as_of, "", "", r.origin)
        for r in rows
    )
    return CompanyFacts(tuple(sorted(facts, key=lambda f: (f.filed, f.end, f.tag))))


class RecordSource:
    """The record as a source: it answers whatever it has, and never fails."""

    name = NAME

    def __init__(self, record: Record) -> None:
        self._record = record

    def supplies(self, need: Need[Answer]) -> bool:
        return need in self._record.evidence

    async def collect(self, needs: Collection[Need[Answer]], known: Evidence) -> Collected:
        return Collected(Evidence({n: a for n, a in self._record.evidence.items() if n in needs}))

    async def close(self) -> None:
        """Nothing is held open."""
