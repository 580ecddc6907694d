"""`/bubble …` as Discord offers it: a group of commands made from their declarations."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, Protocol

import discord
from discord import app_commands
from discord.app_commands import Choice, locale_str

from alerts.measures import MeasureKind
from alerts.rules import Direction, Level
from bot.commands import Command, Param, ParamKind
from bot.platforms.discord.places import Interaction
from bot.suggestions import language_choices

GROUP = "bubble"
SUMMARY = "the numbers that tell whether AI is a bubble"
_LONGEST_SUMMARY = 100
_MOST_CHOICES = 25
_SUGGESTED = {
    ParamKind.INDICATOR,
    ParamKind.PRESET,
    ParamKind.RULE,
    ParamKind.RULES,
    ParamKind.TIMEZONE,
    ParamKind.CHANNEL,
}
_WORDS: Mapping[ParamKind, tuple[str, ...]] = {
    ParamKind.MEASURE: tuple(kind.value for kind in MeasureKind),
    ParamKind.DIRECTION: tuple(direction.value for direction in Direction),
    ParamKind.LEVEL: tuple(level.value for level in Level),
    ParamKind.LANGUAGE: tuple(choice.value for choice in language_choices()),
}
_NAMES = {choice.value: choice.label for choice in language_choices()}
_TYPES: Mapping[ParamKind, type] = {
    ParamKind.RULE: int,
    ParamKind.COUNT: int,
    ParamKind.FLAG: bool,
    ParamKind.MENTION: discord.Role,
}


class Answering(Protocol):
    """Who carries out what people ask."""

    async def commanded(
        self, interaction: Interaction, command: Command, fields: Mapping[str, str]
    ) -> None: ...

    async def suggested(
        self, interaction: Interaction, param: Param, typed: str
    ) -> list[tuple[str, str]]:
        """Values and labels; never raises."""
        ...


def add_commands(
    tree: app_commands.CommandTree[discord.Client],
    commands: Mapping[tuple[str, ...], Command],
    answering: Answering,
) -> None:
    """One group; a path of two words makes a group in it. Usable wherever Discord has commands."""
    root = app_commands.Group(
        name=GROUP,
        description=locale_str(SUMMARY),
        allowed_contexts=app_commands.AppCommandContext(
            guild=True, dm_channel=True, private_channel=True
        ),
        allowed_installs=app_commands.AppInstallationType(guild=True, user=True),
    )
    families: dict[str, app_commands.Group] = {}
    for path, command in commands.items():
        parent = root
        if len(path) == 2:
            if path[0] not in families:
                families[path[0]] = app_commands.Group(
                    name=locale_str(path[0]), description=_family(path[0], commands), parent=root
                )
            parent = families[path[0]]
        parent.add_command(_command(command, answering))
    tree.add_command(root)


def _family(word: str, commands: Mapping[tuple[str, ...], Command]) -> locale_str:
    """«list, add, remove …»"""
    words = [path[1] for path in commands if len(path) == 2 and path[0] == word]
    return locale_str(_short(", ".join(words)), words=words)


def needs(command: Command, param: Param) -> bool:
    """Whether Discord asks for the option. A form asks for the rest of what a line leaves open."""
    return param.required and (
        command.form is None or param.kind in {ParamKind.RULE, ParamKind.RULES}
    )


def _command(command: Command, answering: Answering) -> app_commands.Command[Any, ..., Any]:
    """A command with a typed option for each parameter.

    discord.py reads options from a function's signature; this one is written from the declaration.
    """

    params = sorted(command.params, key=lambda param: not needs(command, param))
    # A parameter may be called what no variable may, like “from”.
    named = {f"option_{param.name}": param for param in params}

    async def carry_out(interaction: Interaction, **options: object) -> None:
        fields = {
            named[name].name: said for name, value in options.items() if (said := _said(value))
        }
        await answering.commanded(interaction, command, fields)

    carry_out.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [
            inspect.Parameter("interaction", inspect.Parameter.POSITIONAL_OR_KEYWORD),
            *(_option(name, command, param) for name, param in named.items()),
        ]
    )
    if named:
        described = {name: locale_str(_short(param.summary)) for name, param in named.items()}
        app_commands.describe(**described)(carry_out)
        shown = {name: locale_str(param.name) for name, param in named.items()}
        app_commands.rename(**shown)(carry_out)
    for name, param in named.items():
        words = choices_of(param)
        if words:
            app_commands.choices(**{name: words})(carry_out)
        elif param.kind in _SUGGESTED:
            app_commands.autocomplete(**{name: _suggest(param, answering)})(carry_out)
    return app_commands.Command(
        name=locale_str(command.path[-1]),
        description=locale_str(_short(command.summary)),
        callback=carry_out,
    )


def _short(summary: str) -> str:
    return summary if len(summary) <= _LONGEST_SUMMARY else summary[: _LONGEST_SUMMARY - 1] + "…"


def _option(name: str, command: Command, param: Param) -> inspect.Parameter:
    kind = _TYPES.get(param.kind, str)
    if needs(command, param):
        return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=kind)
    return inspect.Parameter(
        name, inspect.Parameter.KEYWORD_ONLY, annotation=kind | None, default=None
    )


def choices_of(param: Param) -> list[Choice[str]]:
    words = param.choices if param.kind is ParamKind.CHOICE else _WORDS.get(param.kind, ())
    if len(words) > _MOST_CHOICES:
        return []
    return [Choice(name=locale_str(_NAMES.get(word, word)), value=word) for word in words]


def _said(value: object) -> str:
    """An option as text; "" when it was not given."""
    match value:
        case None | False:
            return ""
        case True:
            return "yes"
        case Choice():
            return str(value.value)
        case discord.Role():
            return str(value.id)
        case _:
            return str(value)


Suggest = Callable[[Interaction, str], Coroutine[Any, Any, list[Choice[Any]]]]


def _suggest(param: Param, answering: Answering) -> Suggest:
    whole = _TYPES.get(param.kind) is int

    async def suggest(interaction: Interaction, current: str) -> list[Choice[Any]]:
        found = await answering.suggested(interaction, param, str(current or ""))
        return [
            Choice(name=label[:100], value=int(value) if whole else value)
            for value, label in found[:_MOST_CHOICES]
        ]

    return suggest
