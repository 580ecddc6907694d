"""Formulas over indicators: read without running anything, with units carried along.

A formula is an arithmetic expression: names of indicators, numbers, + - * /, brackets, and
`sum(a, b, …)`, `share(a, b, …)` (the first of their sum), `ratio(a, b)`, `price(TSM)`,
`market_cap(TSM)`. Python's own parser reads it into a tree; what is not on the short list of nodes
below is refused, and nothing of it is ever compiled or evaluated as Python.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum

from alerts.quantity import Unit

LONGEST = 200
"""Characters; an observation keeps the formula as its definition."""
DEEPEST = 20
MOST_NAMES = 30
LARGEST_NUMBER = Decimal(10) ** 15

KEY = re.compile(r"[a-z][a-z0-9_]{2,59}")
"""What an indicator of one's own may be called."""

_SYMBOL = re.compile(r"\^?[A-Za-z][A-Za-z0-9]*(?:-[A-Za-z]+)?")
_TICKER = re.compile(rf"\s*({_SYMBOL.pattern})\s*")
_TICKERS = ("price", "market_cap")
_NUMBER = re.compile(r"\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")


class Problem(StrEnum):
    """What is wrong with a formula; how it is said is the conversation's matter."""

    EMPTY = "empty"
    TOO_LONG = "too long"
    TOO_DEEP = "too deep"
    TOO_MANY = "too many names"
    UNREADABLE = "unreadable"
    NOT_ALLOWED = "not allowed"
    NO_NUMBER = "no number"
    NO_SUCH_FUNCTION = "no such function"
    NO_SUCH_NAME = "no such name"
    NO_TICKER = "no ticker"
    ARGUMENTS = "wrong number of arguments"
    UNITS_DIFFER = "units differ"
    NO_UNIT = "a unit that means nothing"
    ONLY_NUMBERS = "only numbers"
    CIRCLE = "a circle"


class BadFormula(Exception):
    """`at` is the place in the text, from 0; `piece` the text there; `units` those that clash."""

    def __init__(
        self, problem: Problem, at: int = 0, piece: str = "", units: tuple[str, ...] = ()
    ) -> None:
        super().__init__(f"{problem.value} at {at}: {piece}")
        self.problem = problem
        self.at = at
        self.piece = piece
        self.units = units


@dataclass(frozen=True, slots=True)
class Number:
    value: Decimal


@dataclass(frozen=True, slots=True)
class Name:
    """An indicator by its key; `at` is where it stands in the text."""

    key: str
    at: int


@dataclass(frozen=True, slots=True)
class Sum:
    terms: tuple[Node, ...]
    at: int


@dataclass(frozen=True, slots=True)
class Share:
    """The first of the sum of all."""

    terms: tuple[Node, ...]
    at: int


@dataclass(frozen=True, slots=True)
class Operation:
    sign: str
    left: Node
    right: Node
    at: int


@dataclass(frozen=True, slots=True)
class Negative:
    of: Node


Node = Number | Name | Sum | Share | Operation | Negative


@dataclass(frozen=True, slots=True)
class Formula:
    """`names` are the keys that it reads, each once, in their order."""

    text: str
    root: Node
    names: tuple[str, ...]


_SIGNS: dict[type[ast.operator], str] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}


def read(text: str) -> Formula:
    """Raises BadFormula with the place of the mistake. Names are not looked up here."""
    text = " ".join(text.split())
    if not text:
        raise BadFormula(Problem.EMPTY)
    if len(text) > LONGEST:
        raise BadFormula(Problem.TOO_LONG, LONGEST)
    _check_depth(text)
    try:
        # A caret begins a symbol here (^GSPC); for Python's parser it is part of a name.
        tree = ast.parse(text.replace("^", "_"), mode="eval")
    except SyntaxError as error:
        # At the very end Python names no place, or one on the line after.
        offset = error.offset if error.offset and error.lineno == 1 else len(text)
        at = max(0, min(len(text), offset) - 1)
        raise BadFormula(Problem.UNREADABLE, at, text[at : at + 12]) from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise BadFormula(Problem.UNREADABLE, 0, text[:12]) from error
    reader = _Reader(text)
    root = reader.node(tree.body, 0)
    if not reader.names:
        raise BadFormula(Problem.ONLY_NUMBERS)
    if len(reader.names) > MOST_NAMES:
        raise BadFormula(Problem.TOO_MANY, 0, str(MOST_NAMES))
    return Formula(text, root, tuple(dict.fromkeys(reader.names)))


def _check_depth(text: str) -> None:
    """Before any parser sees it."""
    depth = 0
    for at, letter in enumerate(text):
        depth += (letter == "(") - (letter == ")")
        if depth > DEEPEST:
            raise BadFormula(Problem.TOO_DEEP, at, text[at : at + 12])


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        # Python counts bytes of UTF-8.
        self._bytes = text.encode()
        self.names: list[str] = []

    def _at(self, node: ast.expr) -> int:
        return len(self._bytes[: node.col_offset].decode(errors="ignore"))

    def _piece(self, node: ast.expr) -> str:
        return self._bytes[node.col_offset : node.end_col_offset].decode(errors="ignore")

    def _bad(self, problem: Problem, node: ast.expr) -> BadFormula:
        return BadFormula(problem, self._at(node), self._piece(node)[:40])

    def node(self, node: ast.expr, depth: int) -> Node:
        if depth > DEEPEST:
            raise self._bad(Problem.TOO_DEEP, node)
        match node:
            case ast.Constant():
                return self._number(node)
            case ast.Name() | ast.Attribute():
                return self._name(node)
            case ast.UnaryOp(op=ast.USub(), operand=of):
                return Negative(self.node(of, depth + 1))
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _SIGNS:
                sides = self.node(left, depth + 1), self.node(right, depth + 1)
                return Operation(_SIGNS[type(op)], *sides, self._at(node))
            case ast.Call():
                return self._call(node, depth)
        raise self._bad(Problem.NOT_ALLOWED, node)

    def _number(self, node: ast.Constant) -> Number:
        piece = self._piece(node)
        if _NUMBER.fullmatch(piece) is None:
            raise self._bad(Problem.NO_NUMBER, node)
        try:
            value = Decimal(piece)
        except InvalidOperation as error:
            raise self._bad(Problem.NO_NUMBER, node) from error
        if not value.is_finite() or value > LARGEST_NUMBER:
            raise self._bad(Problem.NO_NUMBER, node)
        return Number(value)

    def _name(self, node: ast.Name | ast.Attribute) -> Name:
        piece = self._piece(node)
        if re.fullmatch(r"[A-Za-z]\w*(?:\.[A-Za-z]\w*)?", piece, re.ASCII) is None:
            raise self._bad(Problem.NOT_ALLOWED, node)
        first, dot, last = piece.partition(".")
        key = f"{first.casefold()}{dot}{last.upper()}"
        self.names.append(key)
        return Name(key, self._at(node))

    def _call(self, node: ast.Call, depth: int) -> Node:
        name = node.func.id.casefold() if isinstance(node.func, ast.Name) else ""
        if node.keywords or any(isinstance(one, ast.Starred) for one in node.args):
            raise self._bad(Problem.NOT_ALLOWED, node)
        if name in _TICKERS:
            return self._ticker(name, node)
        if name not in ("sum", "share", "ratio"):
            raise self._bad(Problem.NO_SUCH_FUNCTION, node.func)
        count = len(node.args)
        if count < 2 or (name == "ratio" and count != 2):
            raise self._bad(Problem.ARGUMENTS, node)
        terms = tuple(self.node(one, depth + 1) for one in node.args)
        at = self._at(node)
        if name == "ratio":
            return Operation("/", terms[0], terms[1], at)
        return Sum(terms, at) if name == "sum" else Share(terms, at)

    def _ticker(self, function: str, node: ast.Call) -> Name:
        """The symbol is text, not arithmetic: `price(BRK-B)`."""
        begin = len(self._piece(node.func)) + node.func.col_offset
        inside = self._bytes[begin : node.end_col_offset].decode(errors="ignore").strip()
        found = _TICKER.fullmatch(inside.removeprefix("(").removesuffix(")"))
        if found is None:
            raise self._bad(Problem.NO_TICKER, node)
        key = f"{function}({found[1].upper()})"
        self.names.append(key)
        return Name(key, self._at(node))


def unit_of(formula: Formula, units: Mapping[str, Unit]) -> Unit:
    """The unit of the result. Raises BadFormula where units contradict each other.

    Dollars by dollars is a ratio; a number has no unit and takes that of what stands beside it.
    """
    found = _unit(formula.root, units)
    if found is None:
        raise BadFormula(Problem.ONLY_NUMBERS)
    return found


_PLAIN = (Unit.RATIO, Unit.FRACTION, Unit.COUNT)
"""Units that scale another one."""


def _unit(node: Node, units: Mapping[str, Unit]) -> Unit | None:
    match node:
        case Number():
            return None
        case Name(key, at):
            if key not in units:
                raise BadFormula(Problem.NO_SUCH_NAME, at, key)
            return units[key]
        case Negative(of):
            return _unit(of, units)
        case Sum(terms, at):
            return _same([_unit(term, units) for term in terms], at)
        case Share(terms, at):
            _same([_unit(term, units) for term in terms], at)
            return Unit.FRACTION
        case Operation(sign, left, right, at):
            one, other = _unit(left, units), _unit(right, units)
            if sign in "+-":
                return _same([one, other], at)
            return _product(one, other, at) if sign == "*" else _quotient(one, other, at)


def _same(found: list[Unit | None], at: int) -> Unit | None:
    """Only what has one unit can be added; a bare number only to what has none of its own."""
    named = {unit for unit in found if unit is not None}
    bare = None in found and bool(named)
    if len(named) > 1 or (bare and not named <= set(_PLAIN)):
        if len(named) > 1 and named <= {Unit.RATIO, Unit.FRACTION}:
            return Unit.RATIO
        said = tuple(unit.value for unit in sorted(named)) + (("number",) if bare else ())
        raise BadFormula(Problem.UNITS_DIFFER, at, units=said)
    return next(iter(named), None)


def _product(one: Unit | None, other: Unit | None, at: int) -> Unit | None:
    if one is None or other is None:
        return one or other
    if other in _PLAIN:
        return one if one not in _PLAIN or one is other else Unit.RATIO
    if one in _PLAIN:
        return other
    raise BadFormula(Problem.NO_UNIT, at, units=(one.value, "×", other.value))


def _quotient(one: Unit | None, other: Unit | None, at: int) -> Unit | None:
    if other is None:
        return one
    if one is other or (one in _PLAIN and other in _PLAIN):
        return Unit.RATIO
    if {one, other} == {Unit.USD, Unit.POINTS}:
        # A price against an index: what it means is its course, not its size.
        return Unit.RATIO
    if other in _PLAIN:
        return Unit.RATIO if one is None else one
    said = ("1" if one is None else one.value, "÷", other.value)
    raise BadFormula(Problem.NO_UNIT, at, units=said)


class NoValue(Exception):
    """The formula has no value for these numbers: it divides by zero."""


def value_of(formula: Formula, value: Callable[[str], Decimal]) -> Decimal:
    """Raises NoValue."""
    return _value(formula.root, value)


def _value(node: Node, value: Callable[[str], Decimal]) -> Decimal:
    match node:
        case Number(number):
            return number
        case Name(key):
            return value(key)
        case Negative(of):
            return -_value(of, value)
        case Sum(terms):
            return sum((_value(term, value) for term in terms), Decimal(0))
        case Share(terms):
            found = [_value(term, value) for term in terms]
            return _divided(found[0], sum(found, Decimal(0)))
        case Operation("+", left, right):
            return _value(left, value) + _value(right, value)
        case Operation("-", left, right):
            return _value(left, value) - _value(right, value)
        case Operation("*", left, right):
            return _value(left, value) * _value(right, value)
        case Operation(_, left, right):
            return _divided(_value(left, value), _value(right, value))


def _divided(one: Decimal, other: Decimal) -> Decimal:
    if other == 0:
        raise NoValue("it divides by zero")
    return one / other
