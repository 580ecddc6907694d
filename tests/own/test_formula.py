"""Formulas: what is read, what is refused and where, and which unit comes out."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.own.formula import BadFormula, NoValue, Problem, read, unit_of, value_of
from alerts.quantity import Unit

UNITS = {
    "cap": Unit.USD,
    "debt": Unit.USD,
    "debt.MSFT": Unit.USD,
    "weight": Unit.FRACTION,
    "times": Unit.RATIO,
    "life": Unit.YEARS,
    "rank": Unit.COUNT,
    "price(TSM)": Unit.USD,
    "price(^GSPC)": Unit.POINTS,
}
VALUES = {
    "cap": Decimal(500), "debt": Decimal(200), "debt.MSFT": Decimal(50),
    "weight": Decimal("0.3"), "times": Decimal(4), "life": Decimal(6), "rank": Decimal(3),
    "price(TSM)": Decimal(280), "price(^GSPC)": Decimal(7000),
}  # fmt: skip


def worked(text: str) -> tuple[Decimal, Unit]:
    formula = read(text)
    return value_of(formula, VALUES.__getitem__), unit_of(formula, UNITS)


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("cap / debt", "2.5", Unit.RATIO),
        ("cap - debt", "300", Unit.USD),
        ("sum(cap, debt, debt.msft)", "750", Unit.USD),
        ("share(debt, cap, debt)", "0.2222222222222222222222222222", Unit.FRACTION),
        ("ratio(cap, sum(debt, debt.MSFT))", "2", Unit.RATIO),
        ("cap * weight", "150", Unit.USD),
        ("2 * cap / 4", "250", Unit.USD),
        ("-debt + cap", "300", Unit.USD),
        ("cap / rank", "166.6666666666666666666666667", Unit.USD),
        ("weight + weight", "0.6", Unit.FRACTION),
        ("times + 1", "5", Unit.RATIO),
        ("1 / times", "0.25", Unit.RATIO),
        ("price( tsm ) / price(^GSPC)", "0.04", Unit.RATIO),
        ("(cap + debt) * 0.5", "350.0", Unit.USD),
        ("life / 2", "3", Unit.YEARS),
    ],
)
def test_units_are_carried_through(text: str, value: str, unit: Unit) -> None:
    assert worked(text) == (Decimal(value), unit)


@pytest.mark.parametrize(
    ("text", "problem", "at"),
    [
        ("", Problem.EMPTY, 0),
        ("cap +", Problem.UNREADABLE, 4),
        ("cap + * debt", Problem.UNREADABLE, 6),
        ("cap ** 2", Problem.NOT_ALLOWED, 0),
        ("cap + (debt if 1 else 2)", Problem.NOT_ALLOWED, 7),
        ("cap + [1]", Problem.NOT_ALLOWED, 6),
        ("cap.__class__.__bases__", Problem.NOT_ALLOWED, 0),
        ("cap.__class__", Problem.NOT_ALLOWED, 0),
        ("__import__('os')", Problem.NO_SUCH_FUNCTION, 0),
        ("cap + open('x')", Problem.NO_SUCH_FUNCTION, 6),
        ("sum(*cap)", Problem.NOT_ALLOWED, 0),
        ("sum(cap, start=1)", Problem.NOT_ALLOWED, 0),
        ("cap + 'text'", Problem.NO_NUMBER, 6),
        ("cap + 0x10", Problem.NO_NUMBER, 6),
        ("cap + 1e400", Problem.NO_NUMBER, 6),
        ("cap + True", Problem.NO_NUMBER, 6),
        ("cap + 1j", Problem.NO_NUMBER, 6),
        ("sum(cap)", Problem.ARGUMENTS, 0),
        ("ratio(cap, debt, cap)", Problem.ARGUMENTS, 0),
        ("price(7203)", Problem.NO_TICKER, 0),
        ("price(TSM.DE)", Problem.NO_TICKER, 0),
        ("cap / price(cap + debt)", Problem.NO_TICKER, 6),
        ("1 + 2", Problem.ONLY_NUMBERS, 0),
        ("輝達 + cap", Problem.NOT_ALLOWED, 0),
        ("cap + 輝達", Problem.NOT_ALLOWED, 6),
        ("(" * 21 + "cap" + ")" * 21, Problem.TOO_DEEP, 20),
        ("-" * 100 + "cap", Problem.TOO_DEEP, 21),
        ("cap + " * 40 + "cap", Problem.TOO_LONG, 200),
        ("+".join(["cap"] * 31), Problem.TOO_DEEP, 0),
        ("(cap", Problem.UNREADABLE, 0),
        ("sum(cap,", Problem.UNREADABLE, 3),
    ],
)
def test_what_has_no_place_in_a_formula_is_refused_where_it_stands(
    text: str, problem: Problem, at: int
) -> None:
    with pytest.raises(BadFormula) as refused:
        read(text)
    assert (refused.value.problem, refused.value.at) == (problem, at)


@pytest.mark.parametrize(
    ("text", "problem", "units"),
    [
        ("cap * debt", Problem.NO_UNIT, ("usd", "×", "usd")),
        ("1 / cap", Problem.NO_UNIT, ("1", "÷", "usd")),
        ("weight / life", Problem.NO_UNIT, ("fraction", "÷", "years")),
        ("cap + life", Problem.UNITS_DIFFER, ("usd", "years")),
        ("cap + 1", Problem.UNITS_DIFFER, ("usd", "number")),
        ("sum(cap, weight)", Problem.UNITS_DIFFER, ("fraction", "usd")),
        ("share(cap, life)", Problem.UNITS_DIFFER, ("usd", "years")),
        ("cap / nothing", Problem.NO_SUCH_NAME, ()),
    ],
)
def test_units_that_contradict_each_other_are_refused(
    text: str, problem: Problem, units: tuple[str, ...]
) -> None:
    with pytest.raises(BadFormula) as refused:
        unit_of(read(text), UNITS)
    assert refused.value.problem is problem
    assert sorted(refused.value.units) == sorted(units)


def test_dividing_by_nothing_has_no_value() -> None:
    for text in ("cap / (debt - debt)", "share(cap, -cap)"):
        with pytest.raises(NoValue):
            value_of(read(text), VALUES.__getitem__)


def test_a_symbol_with_a_dash_is_no_subtraction() -> None:
    assert read("price(BRK-B) - price(brk-a)").names == ("price(BRK-B)", "price(BRK-A)")


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=60) | st.text("capdebt+-*/().,_ 019^'\"[]{}:=", max_size=60))
def test_any_text_is_read_or_refused_and_never_anything_else(text: str) -> None:
    at = 0
    try:
        read(text)
    except BadFormula as refused:
        at = refused.at
    assert 0 <= at <= 200
