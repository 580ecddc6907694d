"""`move`, `on`, `pin`, `unpin`: where this place's messages go (RULES.md R24, R26, R30)."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncConnection

from alerts.store import deliveries, destinations
from alerts.store.destinations import Destination, Place
from bot.answer import translator_for
from bot.commands import Arguments, BadInput, Command, Param, ParamKind, Request, Services
from bot.locales import Translator
from bot.places import channel_name, place_of, told_where
from bot.replies import Block, Button, Buttons, Paragraph, Reply, Tone

MOST_LISTED = 5


async def move(request: Request, services: Services, arguments: Arguments) -> Reply:
    """Rules, subscriptions and history of another channel of this workspace come here (R30)."""
    t = await translator_for(services, request)
    if "from" not in arguments:
        return await _lost_ones(request, services, t)
    called = await channel_name(request, str(arguments["from"]))
    async with services.database.write() as connection:
        source = await _source(connection, request, str(arguments["from"]), called, t)
        target = await place_of(connection, request, services.clock.now())
        count = await destinations.move(connection, source, target, services.clock.now())
    services.wake_outbox()
    said = t(
        "Moved here from {channel}, with subscriptions and history; lines: {n}. Nothing is told "
        "there any more.",
        channel=called,
        n=count,
    )
    buttons = Buttons((Button(t("Lines"), "alert list"), Button(t("Settings"), "settings")))
    return Reply((Paragraph(said, Tone.GOOD), buttons), {"moved": count})


async def _source(
    connection: AsyncConnection, request: Request, channel: str, called: str, t: Translator
) -> Destination:
    """The place that is to be emptied, if the person may. Raises BadInput.

    What is lost may be saved by whoever manages this channel. What still works belongs to those
    who manage it, and a person's own messages to nobody else.
    """
    here = request.place
    found = await destinations.find(connection, Place(here.platform, here.workspace, channel))
    if found is None or (found.direct and channel != request.user):
        raise BadInput(
            t("I keep nothing of a channel “{channel}” in this workspace.", channel=called)
        )
    if found.place == here:
        raise BadInput(t("That is this very place; nothing was changed."))
    lost = found.off_reason is not None and not request.direct
    mine = request.user in (found.owner, channel)
    if not (lost or mine) and not await request.may_change_everywhere():
        raise BadInput(t("Only those who manage that channel may take its lines away."))
    return found


async def _lost_ones(request: Request, services: Services, t: Translator) -> Reply:
    here = request.place
    async with services.database.read() as connection:
        known = await destinations.of_workspace(connection, here.platform, here.workspace)
    lost = [
        one
        for one in known
        if one.off_reason is not None
        and one.place != here
        and not one.direct
        and (not request.direct or one.owner == request.user)
    ]
    if not lost:
        raise BadInput(t("Say which channel's lines are to come here; none is lost."))
    named = [(one, await channel_name(request, one.place.channel)) for one in lost[:MOST_LISTED]]
    blocks: list[Block] = [Paragraph(t("These channels are lost; their lines can come here:"))]
    blocks += [
        Paragraph(t(": ").join((called, t.told(one.off_reason or "")))) for one, called in named
    ]
    bring = tuple(
        Button(
            t("Bring those of {channel}", channel=called),
            f"move {one.place.channel}",
            replaces=True,
        )
        for one, called in named
    )
    return Reply((*blocks, Buttons(bring)), {"lost": [one.place.channel for one in lost]})


async def switch_on(request: Request, services: Services, arguments: Arguments) -> Reply:
    t = await translator_for(services, request)
    async with services.database.write() as connection:
        place = await destinations.find(connection, request.place)
        if place is None or place.off_reason is None:
            raise BadInput(t("This place is on; nothing was changed."))
        await destinations.switch_on(connection, place.id)
    services.wake_outbox()
    said = t("On again. What waited meanwhile is on its way.")
    return Reply((Paragraph(said, Tone.GOOD),), {"on": True})


async def pin(request: Request, services: Services, arguments: Arguments) -> Reply:
    t = await translator_for(services, request)
    if services.editing is not None and request.place.platform not in services.editing:
        raise BadInput(
            t(
                "Messages cannot be changed here, so a board would not stay up to date. "
                "“settings digest daily 09:00” brings it every day."
            )
        )
    now = services.clock.now()
    async with services.database.write() as connection:
        place = await place_of(connection, request, now)
        again = place.board_id is not None
        await deliveries.pin_board(connection, place.id, now)
    services.wake_outbox()
    said = t("The board comes as a message of its own and is kept up to date.")
    if again:
        said = t("A new board comes; the earlier message is no longer kept up to date.")
    undo = Buttons((Button(t("Unpin"), "unpin", replaces=True),))
    return Reply((Paragraph(said, Tone.GOOD), *told_where(request, t), undo), {"pinned": True})


async def unpin(request: Request, services: Services, arguments: Arguments) -> Reply:
    t = await translator_for(services, request)
    async with services.database.write() as connection:
        place = await destinations.find(connection, request.place)
        if place is None or not await deliveries.unpin_board(connection, place.id):
            raise BadInput(t("There is no pinned board here; nothing was changed."))
    said = t("The board is no longer kept up to date. Its message stays; delete it if you like.")
    return Reply((Paragraph(said, Tone.GOOD),), {"pinned": False})


COMMANDS = (
    Command(
        ("move",),
        "bring the lines and history of another channel here",
        move,
        (
            Param(
                "from",
                ParamKind.CHANNEL,
                "the channel whose lines are to come here",
                required=False,
            ),
        ),
        changes=True,
        examples=("/bubble move #old-channel",),
    ),
    Command(("on",), "switch this place on again after a failure", switch_on, changes=True),
    Command(("pin",), "one message here that is the board, kept up to date", pin, changes=True),
    Command(("unpin",), "the board here is no longer kept up to date", unpin, changes=True),
)
