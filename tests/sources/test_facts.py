"""The table of facts that people enter by hand."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from alerts.evidence import Evidence, StatedFacts, stated
from alerts.indicators import catalogue
from alerts.published import StatedFact
from alerts.reading import Reading
from alerts.sources.facts import read_facts, shipped_facts

HEAD = "key,value,date,source_url,entered_by,review_after,note"
ROW = "openai_valuation,500000000000,2025-10-31,https://example.org/a,ada,2026-04-29,a sale"


def test_a_row_is_a_value_with_its_day_address_author_and_review_date() -> None:
    (fact,) = read_facts(f"{HEAD}\n{ROW}\n")["openai_valuation"].facts
    assert fact == StatedFact(
        "openai_valuation",
        Decimal(500_000_000_000),
        date(2025, 10, 31),
        "https://example.org/a",
        "ada",
        date(2026, 4, 29),
        "a sale",
    )


def test_a_table_without_notes_is_read_too() -> None:
    plain = HEAD.removesuffix(",note"), ROW.removesuffix(",a sale")
    (fact,) = read_facts("\n".join(plain))["openai_valuation"].facts
    assert fact.note == ""


@pytest.mark.parametrize(
    ("changed", "to", "reason"),
    [
        ("500000000000", "half a trillion", "line 2: its value “half a trillion” is not a number"),
        ("500000000000", "NaN", "line 2: its value “NaN” is not a number"),
        ("2025-10-31", "October", "line 2: its date is no date like 2025-11-30"),
        ("https://example.org/a", "a friend", "line 2: its source_url is no https address"),
        ("ada", "", "line 2: its entered_by is empty"),
        ("2026-04-29", "2025-10-31", "line 2: its review_after is not after its date"),
    ],
)
def test_a_row_that_cannot_be_signed_is_refused_with_the_line(
    changed: str, to: str, reason: str
) -> None:
    with pytest.raises(ValueError, match=reason):
        read_facts(f"{HEAD}\n{ROW.replace(changed, to)}\n")


def test_a_table_without_a_column_is_refused() -> None:
    with pytest.raises(ValueError, match="has no column entered_by, source_url"):
        read_facts("key,value,date,review_after\n")


def facts(*rows: StatedFact) -> Evidence:
    return Evidence({stated("openai_valuation"): StatedFacts(()).merge(StatedFacts(rows))})


def test_facts_of_one_key_are_a_history_and_a_retired_one_is_out_of_use() -> None:
    series = catalogue()["openai_valuation"].series
    url, review = "https://example.org/a", date(2026, 4, 29)
    early, late = (
        StatedFact("openai_valuation", Decimal(value), day, url, "ada", review)
        for value, day in ((300, date(2025, 3, 31)), (500, date(2025, 10, 31)))
    )
    both = [r.value for r in series(facts(early, late)) if isinstance(r, Reading)]
    assert both == [300, 500]
    retired = StatedFact(
        "openai_valuation", Decimal(500), late.day, url, "ada", review, retired=True
    )
    merged = facts(early, late).merge(facts(retired))
    assert [r.value for r in series(merged) if isinstance(r, Reading)] == [300]


def test_the_shipped_facts_serve_every_indicator_that_is_entered_by_hand() -> None:
    wanted = {
        need.subject
        for indicator in catalogue().values()
        for need in indicator.needs
        if need.kind == "stated"
    }
    assert wanted == set(shipped_facts())
