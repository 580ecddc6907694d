"""`status`: every indicator on one board."""

from __future__ import annotations

from collections.abc import Sequence

from alerts.indicators import Section
from alerts.store import destinations
from bot.answer import translator_for
from bot.board import (
    Standing,
    board,
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
    blocks: list[Block] = [board(ordered, lines_of(own), services.clock.now(), t)]
    if any(s.newest is not None and s.newest.source == "record" for s in found):
        blocks.append(
            Paragraph(
                t("“record”: figures that travel with the program, for when no source answers."),
                Tone.MUTED,
            )
        )
    blocks += to_look_closer(ordered, t) if "section" in arguments else _sections(found, t)
    return Reply(tuple(blocks), [standing_data(standing) for standing in ordered])


def _sections(found: Sequence[Standing], t: Translator) -> tuple[Buttons, ...]:
    """The board is long: each of its parts alone is one press away."""
    there = {standing.indicator.section for standing in found}
    options = tuple(
        Button(section_name(section, t), f"status {section.value}", replaces=True)
        for section in Section
        if section in there
    )
    return (Buttons((Menu(t("One part of the board …"), options),)),)


COMMANDS = (
    Command(
        ("status",),
        "the board: where every indicator stands",
        run,
        (
            Param(
                "section",
                ParamKind.CHOICE,
                "only one part of the board",
                required=False,
                choices=tuple(section.value for section in Section),
            ),
        ),
        examples=("/bubble status", "/bubble status debt"),
    ),
)
