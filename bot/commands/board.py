"""`status`: every indicator on one board."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from alerts.indicators import Section
from alerts.own.listing import listing_of
from alerts.store import destinations
from bot.answer import translator_for
from bot.board import (
    Line,
    Standing,
    board,
    leading,
    lines_of,
    section_name,
    stand,
    standing_data,
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
    lines, now = lines_of(own), services.clock.now()
    section = Section(str(arguments["section"])) if "section" in arguments else None
    # Read and drawn once for all places that have the same lines and tickers.
    everything = listing_of(services.indicators) or services.indicators
    stands = await stand(services.database, everything)
    here = frozenset(services.indicators)
    found = [one for one in stands.of(everything) if one.indicator.key in here]
    seen_by = (t.language, section, here, frozenset((key, tuple(of)) for key, of in lines.items()))
    return stands.drawn(seen_by, now, lambda: _board(found, lines, section, now, t))


def _board(
    found: Sequence[Standing],
    lines: Mapping[str, Sequence[Line]],
    section: Section | None,
    now: datetime,
    t: Translator,
) -> Reply:
    there = [section] if section is not None else list(Section)
    ordered = [s for part in there for s in found if s.indicator.section is part]
    shown = ordered if section is not None else leading(ordered, lines)
    blocks: list[Block] = [board(shown, lines, now, t)]
    if rest := len(ordered) - len(shown):
        said = t(
            "{n} figures of single companies stand in the parts of the board, like “{command}”.",
            n=rest,
            command=f"status {Section.DEBT}",
        )
        blocks.append(Paragraph(said, Tone.MUTED))
    if any(s.newest is not None and s.newest.source == "record" for s in ordered):
        blocks.append(
            Paragraph(
                t("“record”: figures that travel with the program, for when no source answers."),
                Tone.MUTED,
            )
        )
    if section is not None:
        blocks += to_look_closer(ordered, t)
    else:
        parts_of = dict.fromkeys(standing.indicator.section for standing in ordered)
        blocks.append(parts("status", parts_of, t))
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
