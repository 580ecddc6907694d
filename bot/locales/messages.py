"""Every message that the service can say: what a catalogue has to translate."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import fields
from functools import cache
from pathlib import Path

import alerts.indicators
import bot
from alerts.indicators import catalogue
from alerts.reading import Reading, Status
from alerts.rules import Level, Withheld
from alerts.sources.facts import shipped_facts
from alerts.store import transfer
from bot.argparse_words import WORDS
from bot.commands import commands
from bot.locales.forms import TOLD
from bot.platforms.discord.tree import SUMMARY

# Names of views that are no definitions of a debt; see `bot.words.definition`.
VIEWS = ("percent",)


@cache
def messages() -> tuple[str, ...]:
    """All of them, each once: first those of the code, then those of the data."""
    return tuple(dict.fromkeys((*said_in_code(), *said_of_data())))


def said_in_code() -> Iterator[str]:
    """The constant first argument of every call of a translator."""
    for tree in _trees(Path(bot.__file__).parent):
        for call in _calls(tree):
            if _is_translator(call.func) and call.args and (text := _text(call.args[0])):
                yield text


def said_of_data() -> Iterator[str]:
    """What passes through a translator at run time: `t(indicator.caveat)`, `t(level.value)`."""
    for indicator in catalogue().values():
        yield indicator.formula
        yield indicator.caveat
        if indicator.claim is not None:
            yield indicator.claim.says
    yield from definitions()
    yield from VIEWS
    yield SUMMARY
    yield from WORDS
    yield from transfer.tables()
    for command in commands().values():
        yield command.summary
        # Names too: where a platform offers commands in the reader's language.
        yield from command.path
        for param in command.params:
            yield from (param.summary, param.name, *param.choices)
    yield from TOLD
    for key, stated in shipped_facts().items():
        yield key
        for fact in stated.facts:
            # A ticker alone is no word.
            yield from (one for one in fact.note.split("; ") if one != one.upper())
    for words in (Level, Status, Withheld):
        yield from (word.value for word in words)


def definitions() -> Iterator[str]:
    """What the readings of the catalogue say that they counted.

    A definition is a constant that is assigned to that name or passed for that parameter.
    """
    trees = list(_trees(Path(alerts.indicators.__file__).parent))
    shared: dict[str, list[str]] = {"Reading": [field.name for field in fields(Reading)]}
    for tree in trees:
        shared |= {name: own for name, own in _parameters(tree).items() if name[0] != "_"}
    for tree in trees:
        parameters = shared | _parameters(tree)
        for node in ast.walk(tree):
            given: list[ast.expr] = []
            if isinstance(node, ast.Assign) and _named(node.targets[0]) == "definition":
                given = [node.value]
            elif isinstance(node, ast.Call):
                name, passed = _named(node.func), node.args
                if name == "partial" and passed:
                    name, passed = _named(passed[0]), passed[1:]
                given = [arg for parameter, arg in zip(parameters.get(name, []), passed,
                         strict=False) if parameter == "definition"]  # fmt: skip
                given += [keyword.value for keyword in node.keywords if keyword.arg == "definition"]
            yield from (text for one in given if (text := _text(one)))


def _parameters(tree: ast.Module) -> dict[str, list[str]]:
    """Of every function and of every class that is made of its fields."""
    found: dict[str, list[str]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            found[node.name] = [argument.arg for argument in node.args.args]
        elif isinstance(node, ast.ClassDef):
            found[node.name] = [
                field.target.id
                for field in node.body
                if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)
            ]
    return found


def _trees(folder: Path) -> Iterator[ast.Module]:
    for file in sorted(folder.rglob("*.py")):
        yield ast.parse(file.read_text("utf-8"), str(file))


def _calls(tree: ast.Module) -> Iterator[ast.Call]:
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return iter(sorted(calls, key=lambda call: (call.lineno, call.col_offset)))


def _is_translator(called: ast.expr) -> bool:
    """`t(…)`, `self._t(…)`, `translator(language)(…)`."""
    if isinstance(called, ast.Call):
        return _named(called.func) == "translator"
    return _named(called) in {"t", "_t"}


def _named(node: ast.expr) -> str:
    match node:
        case ast.Name(name) | ast.Attribute(attr=name):
            return name
    return ""


def _text(node: ast.expr) -> str | None:
    match node:
        case ast.Constant(str(text)):
            return text
    return None
