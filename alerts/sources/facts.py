"""Facts that people enter by hand: a table with an address, a name and a review date in each row.

The table that travels with the program holds the article's facts; whoever runs the service adds to
them in the same form (`key,value,date,source_url,entered_by,review_after,note`).
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cache
from importlib import resources

from alerts.evidence import StatedFacts
from alerts.published import StatedFact

COLUMNS = ("key", "value", "date", "source_url", "entered_by", "review_after", "note")


def read_facts(text: str) -> dict[str, StatedFacts]:
    """The facts of a table, by key. Raises ValueError that names the line and what is wrong."""
    lines = csv.DictReader(text.splitlines())
    missing = set(COLUMNS[:-1]) - set(lines.fieldnames or ())
    if missing:
        raise ValueError(f"the table has no column {', '.join(sorted(missing))}")
    found: dict[str, list[StatedFact]] = {}
    for number, line in enumerate(lines, 2):
        try:
            fact = read_fact(line)
        except ValueError as error:
            raise ValueError(f"line {number}: {error}") from error
        found.setdefault(fact.key, []).append(fact)
    return {key: _history(facts) for key, facts in found.items()}


def read_fact(line: Mapping[str, str | None]) -> StatedFact:
    """One row. Raises ValueError with one sentence."""

    def text(column: str) -> str:
        value = (line.get(column) or "").strip()
        if not value:
            raise ValueError(f"its {column} is empty")
        return value

    def day(column: str) -> date:
        try:
            return date.fromisoformat(text(column))
        except ValueError:
            raise ValueError(f"its {column} is no date like 2025-11-30") from None

    try:
        value = Decimal(text("value"))
    except InvalidOperation:
        raise ValueError(f"its value “{text('value')}” is not a number") from None
    if not value.is_finite():
        raise ValueError(f"its value “{text('value')}” is not a number")
    if not text("source_url").startswith("https://"):
        raise ValueError("its source_url is no https address")
    if day("review_after") <= day("date"):
        raise ValueError("its review_after is not after its date")
    return StatedFact(
        text("key"),
        value,
        day("date"),
        text("source_url"),
        text("entered_by"),
        day("review_after"),
        (line.get("note") or "").strip(),
    )


def _history(facts: Iterable[StatedFact]) -> StatedFacts:
    return StatedFacts(()).merge(StatedFacts(tuple(facts)))


@cache
def shipped_facts() -> Mapping[str, StatedFacts]:
    """The facts that travel with the program."""
    return read_facts(resources.files("alerts.sources").joinpath("facts.csv").read_text("utf-8"))
