"""`status`: every indicator on one board."""

from __future__ import annotations

from collections.abc import Iterable

from alerts.indicators import Section
from alerts.store import destinations
from bot.answer import translator_for
from bot.board import (
    board,
    leading,
    lines_of,
    section_name,
    standing_data,
    standings,
    to_look_closer,
)
from bot.commands import Arguments, Command, Param, ParamKind, Request, Services
from bot.locales import Translator
from bot.replies import Block, Button, Buttons, Menu, Paragraph, Reply, Tone


async def run(request: Request, services: Services, arguments: Arguments) -> Reply:
    t = await translator_for(services, request)
    async with services.database.read() as connection:
        place = await destinations.find(connection, request.place)
        own = await destinations.rules_of(connection, place.id) if place else []
    found = await standings(services.database, services.indicators)
    if "section" in arguments:
        section = Section(str(arguments["section"]))
        found = [standing for standing in found if standing.indicator.section is section]
    ordered = [s for section in Section for s in found if s.indicator.section is section]
    lines = lines_of(own)
    shown = ordered if "section" in arguments else leading(ordered, lines)
    blocks: list[Block] = [board(shown, lines, services.clock.now(), t)]
    if rest := len(ordered) - len(shown):
        said = t(
            "{n} figures of single companies stand in the parts of the board, like “{command}”.",
            n=rest,
            command=f"status {Section.DEBT}",
        )
        blocks.append(Paragraph(said, Tone.MUTED))
    if any(s.newest is not None and s.newest.source == "record" for s in found):
        blocks.append(
            Paragraph(
                t("“record”: figures that travel with the program, for when no source answers."),
                Tone.MUTED,
            )
        )
    if "section" in arguments:
        blocks += to_look_closer(ordered, t)
    else:
        there = dict.fromkeys(standing.indicator.section for standing in ordered)
        blocks.append(parts("status", there, t))
    return Reply(tuple(blocks), [standing_data(standing) for standing in ordered])


def parts(command: str, sections: Iterable[Section], t: Translator) -> Buttons:
    """What is long can be had in parts: each is one press away."""
    options = tuple(
        Button(section_name(section, t), f"{command} {section.value}", replaces=True)
        for section in sections
    )
    return Buttons((Menu(t("One part of the board …"), options),))


SECTION = Param(
    "section",
    ParamKind.CHOICE,
    "only one part of the board",
    required=False,
    choices=tuple(section.value for section in Section),
)
COMMANDS = (
    Command(
        ("status",),
        "the board: where every indicator stands",
        run,
        (SECTION,),
        examples=("/bubble status", "/bubble status debt"),
    ),
)
