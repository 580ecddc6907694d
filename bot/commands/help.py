"""`help` and `indicators`: what there is, from the declarations themselves."""

from __future__ import annotations

from bot import words
from bot.answer import translator_for
from bot.board import section_name
from bot.commands import Arguments, BadInput, Command, Param, ParamKind, Request, Services, commands
from bot.grammar import usage_of
from bot.locales import Translator
from bot.naming import ALIASES, nearest
from bot.replies import (
    Block,
    Button,
    Buttons,
    Cell,
    Column,
    Fields,
    Heading,
    Paragraph,
    Reply,
    Table,
    Tone,
)


async def help_(request: Request, services: Services, arguments: Arguments) -> Reply:
    t = await translator_for(services, request)
    asked = str(arguments.get("command", "")).casefold().split()
    if asked:
        return _one(tuple(asked), t)
    columns = (Column(t("command")), Column(t("what it does"), wraps=True))
    listed = sorted(commands().items())
    rows = tuple(
        (Cell("/bubble " + " ".join(path)), Cell(t(command.summary))) for path, command in listed
    )
    hint = t("“help alert add” explains one of them.")
    begin = Buttons(
        (
            Button(t("See the board"), "status"),
            Button(t("Draw a line …"), "alert add", opens=True),
            Button(t("Settings"), "settings"),
        )
    )
    return Reply(
        (Table(columns, rows), Paragraph(hint, Tone.MUTED), begin),
        [{"command": " ".join(path), "usage": usage_of(command)} for path, command in listed],
    )


def _one(path: tuple[str, ...], t: Translator) -> Reply:
    known = commands()
    found = [command for name, command in sorted(known.items()) if name[: len(path)] == path]
    if not found:
        text = " ".join(path)[:40]
        near = nearest(text, sorted(" ".join(name) for name in known))
        if near:
            raise BadInput(
                t("There is no command “{text}”; did you mean “{near}”?", text=text, near=near)
            )
        raise BadInput(t("There is no command “{text}”. “help” lists them all.", text=text))
    blocks: list[Block] = []
    for command in found:
        blocks += [Heading(usage_of(command)), Paragraph(t(command.summary))]
        if command.params:
            blocks.append(Fields(tuple((param.name, t(param.summary)) for param in command.params)))
        blocks += [Paragraph(example, Tone.MUTED) for example in command.examples]
    return Reply(tuple(blocks), [{"usage": usage_of(command)} for command in found])


async def indicators(request: Request, services: Services, arguments: Arguments) -> Reply:
    t = await translator_for(services, request)
    columns = (
        Column(t("indicator")),
        Column(t("name")),
        Column(t("section"), rank=1),
        Column(t("also called"), rank=2, wraps=True),
    )
    rows = tuple(
        (
            Cell(key),
            Cell(words.name_of(indicator, t)),
            Cell(section_name(indicator.section, t), Tone.MUTED),
            Cell(", ".join(ALIASES.get(key, ())), Tone.MUTED),
        )
        for key, indicator in services.indicators.items()
    )
    return Reply(
        (Table(columns, rows),),
        [{"key": key, "unit": i.unit.value} for key, i in services.indicators.items()],
    )


COMMANDS = (
    Command(
        ("help",),
        "this list, or one command in full",
        help_,
        (Param("command", ParamKind.TEXT, "which one", required=False),),
    ),
    Command(("indicators",), "what can be watched, and its names", indicators),
)
