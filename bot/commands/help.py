"""`help` and `indicators`: what there is, from the declarations themselves."""

from __future__ import annotations

from functools import cache

from alerts.indicators import Section
from bot import words
from bot.answer import translator_for
from bot.board import section_name
from bot.commands import Arguments, BadInput, Command, Param, ParamKind, Request, Services, commands
from bot.commands.board import SECTION, parts
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
    Json,
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
    return _all(t)


@cache
def _all(t: Translator) -> Reply:
    """The same for everyone who reads this language."""
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
    """All of them, or one section's; a name says what “show” and “alert add” want to hear."""
    t = await translator_for(services, request)
    asked = arguments.get("section")
    sections = [section for section in Section if asked in (None, section.value)]
    columns = (
        Column(t("indicator")),
        Column(t("name")),
        Column(t("also called"), rank=2, wraps=True),
    )
    rows: list[tuple[Cell, ...]] = []
    listed: list[Json] = []
    for section in sections:
        rows.append((Cell(section_name(section, t), Tone.HEADING), Cell(""), Cell("")))
        for key, indicator in services.indicators.items():
            if indicator.section is section:
                also = Cell(", ".join(ALIASES.get(key, ())), Tone.MUTED)
                rows.append((Cell(key), Cell(words.name_of(indicator, t)), also))
                listed.append({"key": key, "unit": indicator.unit.value})
    return Reply((Table(columns, tuple(rows)), parts("indicators", Section, t)), listed)


COMMANDS = (
    Command(
        ("help",),
        "this list, or one command in full",
        help_,
        (Param("command", ParamKind.TEXT, "which one", required=False),),
    ),
    Command(
        ("indicators",),
        "what can be watched, and its names",
        indicators,
        (SECTION,),
        examples=("/bubble indicators", "/bubble indicators debt"),
    ),
)
