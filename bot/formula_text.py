"""What is wrong with a formula, in words, with the place marked."""

from __future__ import annotations

from collections.abc import Iterable

from alerts.own.formula import DEEPEST, LONGEST, MOST_NAMES, BadFormula, Problem
from bot.locales import Translator
from bot.naming import nearest

FUNCTIONS = ("sum", "share", "ratio", "price", "market_cap")


def mistake(error: BadFormula, known: Iterable[str], t: Translator) -> str:
    """One sentence. `known` are names that would have been understood."""
    said = _said(error, known, t)
    place = t("at character {n}", n=error.at + 1)
    return f"{said} ({place})" if _has_place(error) else said


def _has_place(error: BadFormula) -> bool:
    placeless = {Problem.EMPTY, Problem.TOO_LONG, Problem.TOO_MANY, Problem.ONLY_NUMBERS}
    return error.problem not in placeless


def _said(error: BadFormula, known: Iterable[str], t: Translator) -> str:
    piece = error.piece
    match error.problem:
        case Problem.EMPTY:
            return t("There is no formula.")
        case Problem.TOO_LONG:
            return t("A formula has {n} characters at most.", n=LONGEST)
        case Problem.TOO_DEEP:
            return t("That goes more than {n} levels deep.", n=DEEPEST)
        case Problem.TOO_MANY:
            return t("A formula names {n} indicators at most.", n=MOST_NAMES)
        case Problem.UNREADABLE:
            return t("I cannot read on at “{piece}”.", piece=piece)
        case Problem.NOT_ALLOWED:
            return t("“{piece}” has no place in a formula: + - * / and brackets do.", piece=piece)
        case Problem.NO_NUMBER:
            return t("“{piece}” is not a number; write 1500000000 or 0.25.", piece=piece)
        case Problem.NO_SUCH_FUNCTION:
            return t("There is no function “{piece}”: {functions}.",
                     piece=piece, functions=", ".join(FUNCTIONS))  # fmt: skip
        case Problem.NO_SUCH_NAME:
            near = nearest(piece, sorted(known))
            if near:
                return t("There is no indicator “{piece}”; did you mean {near}?",
                         piece=piece, near=near)  # fmt: skip
            return t("There is no indicator “{piece}”.", piece=piece)
        case Problem.NO_TICKER:
            return t("“{piece}” names no American symbol; write price(TSM).", piece=piece)
        case Problem.ARGUMENTS:
            return t("“{piece}”: sum and share take two or more, ratio takes two.", piece=piece)
        case Problem.UNITS_DIFFER:
            return t("These cannot be added: {units}.", units=_units(error, ", ", t))
        case Problem.NO_UNIT:
            return t("{units} is nothing that can be drawn.", units=_units(error, " ", t))
        case Problem.ONLY_NUMBERS:
            return t("There is no indicator in that formula.")
        case Problem.CIRCLE:
            return t("“{piece}” would stand on itself.", piece=piece)


def _units(error: BadFormula, between: str, t: Translator) -> str:
    names = {
        "usd": t("dollars"),
        "fraction": t("a percentage"),
        "points": t("points"),
        "ratio": t("a ratio"),
        "days": t("a number of days"),
        "years": t("a number of years"),
        "count": t("a count"),
        "number": t("a bare number"),
    }
    return between.join(names.get(unit, unit) for unit in error.units)
