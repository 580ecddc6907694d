"""The text grammar: a line of words, read by the declarations of the commands.

Parameters with keywords (`for 3d`, `note "…"`) may stand anywhere; parameters that are known by
their words (a direction, a level, a measure) too; the others are taken in their order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from alerts.indicators import Indicator
from bot.commands import Arguments, BadInput, Command
from bot.locales import Translator
from bot.naming import nearest
from bot.reader import Reader
from bot.reader import usage_of as usage_of
from bot.tokens import LONGEST_LINE, Word, words_of


@dataclass(frozen=True, slots=True)
class Parsed:
    command: Command
    arguments: Arguments


def parse(
    line: str,
    commands: Mapping[tuple[str, ...], Command],
    indicators: Mapping[str, Indicator],
    presets: Sequence[str],
    t: Translator,
    fields: Mapping[str, str] | None = None,
    *,
    whole: bool = True,
) -> Parsed:
    """The command of a line with its arguments. Raises BadInput with one clear sentence.

    `fields` are further arguments by the names of their parameters, each a text of its own, as
    typed options and forms give them. Without `whole`, what is required may still be missing.
    """
    if len(line) > LONGEST_LINE:
        raise BadInput(t("That is too long; {n} characters are enough.", n=LONGEST_LINE))
    command, rest = _command(_said(line), commands, t)
    reader = Reader(command, rest, indicators, presets, t)
    return Parsed(command, reader.read(fields or {}, whole=whole))


def read_words(
    command: Command,
    text: str,
    indicators: Mapping[str, Indicator],
    presets: Sequence[str],
    t: Translator,
) -> Arguments:
    """The words after a command, read into its parameters. Raises BadInput."""
    return Reader(command, words_of(text), indicators, presets, t).read()


def path_in(line: str, commands: Mapping[tuple[str, ...], Command]) -> tuple[str, ...]:
    """The path of the command that a line begins with; empty where it begins with none."""
    return _path(_said(line), commands)


def _said(line: str) -> list[Word]:
    """Its words, without the name of the program before them."""
    words = words_of(line)
    called = words and words[0].key in {"/bubble", "bubble", "bubblewatch"}
    return words[1:] if called else words


def _path(words: list[Word], commands: Mapping[tuple[str, ...], Command]) -> tuple[str, ...]:
    keys = tuple(word.key.lstrip("/") for word in words[:2])
    return next((path for path in (keys, keys[:1]) if path in commands), ())


def _command(
    words: list[Word], commands: Mapping[tuple[str, ...], Command], t: Translator
) -> tuple[Command, list[Word]]:
    if not words:
        return commands[("help",)], []
    if path := _path(words, commands):
        return commands[path], words[len(path) :]
    keys = tuple(word.key.lstrip("/") for word in words)
    family = sorted(path[1] for path in commands if len(path) == 2 and path[0] == keys[0])
    if family:
        if len(keys) > 1 and (near := nearest(keys[1], family)):
            raise BadInput(
                t(
                    "There is no “{text}”; did you mean “{near}”?",
                    text=f"{keys[0]} {words[1].text}",
                    near=f"{keys[0]} {near}",
                )
            )
        raise BadInput(
            t("“{text}” wants one of: {choices}.", text=keys[0], choices=t(", ").join(family))
        )
    known = sorted({path[0] for path in commands})
    near = nearest(keys[0], known)
    shown = words[0].text[:40]
    if near:
        raise BadInput(
            t("There is no command “{text}”; did you mean “{near}”?", text=shown, near=near)
        )
    raise BadInput(t("There is no command “{text}”. “help” lists them all.", text=shown))
