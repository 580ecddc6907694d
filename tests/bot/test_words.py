"""Numbers and times in words."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from alerts.quantity import Unit
from bot import words
from bot.locales import translator


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "<1 min"), (59, "<1 min"), (60, "1 min"), (3599, "59 min"), (3600, "1 h")],
)
def test_what_happened_a_moment_ago_is_not_nothing(seconds: int, said: str) -> None:
    assert words.span(timedelta(seconds=seconds), translator("en")) == said


@pytest.mark.parametrize("value", ["-0.00003", "0", "0.00003"])
def test_what_is_written_as_zero_has_no_sign(value: str) -> None:
    t = translator("en")
    assert words.amount(Decimal(value), Unit.FRACTION, t, signed=True) == "0.00%"
    assert words.difference(Decimal(value), Unit.FRACTION, t) == "0.00 pp"
    assert words.amount(Decimal(value), Unit.USD, t) == "$0.00"


def test_a_value_just_below_a_line_of_zero_keeps_its_side() -> None:
    said = words.amount(Decimal("-0.00003"), Unit.FRACTION, translator("en"), line=Decimal(0))
    assert said == "−0.003%"


@pytest.mark.parametrize(
    ("line", "unit", "said"),
    [
        ("5000000000000", Unit.USD, "$5.00T"),
        ("5012500000000", Unit.USD, "$5.0125T"),
        ("1234567000000", Unit.USD, "$1.234567T"),
        ("0.30125", Unit.FRACTION, "30.125%"),
        ("95", Unit.POINTS, "95.00"),
    ],
)
def test_a_line_is_said_as_it_was_drawn(line: str, unit: Unit, said: str) -> None:
    assert words.drawn(Decimal(line), unit, translator("en")) == said
