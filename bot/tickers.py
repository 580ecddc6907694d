"""Any American symbol: how many a place may have, and when it is there."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from alerts.indicators import Indicator
from alerts.own.listing import Seen, listing_of
from alerts.own.tickers import is_ticker
from alerts.store import destinations, observations, own
from alerts.store.destinations import Destination, Place
from bot import words
from bot.commands import BadInput, Request, Services
from bot.locales import Translator
from bot.places import place_of
from bot.replies import Button, Buttons, Paragraph, Reply, Tone

MOST = 20
"""Tickers of one place: each is asked for at every look."""


async def ask_for(
    connection: AsyncConnection,
    place: Destination,
    keys: Collection[str],
    now: datetime,
    t: Translator,
) -> None:
    """Tickers among `keys` are looked up from the next look on. Raises BadInput."""
    wanted = {key for key in keys if is_ticker(key)}
    if not wanted:
        return
    await own.forget_old(connection, place.id, now)
    known = await own.tickers_of(connection, place.id, now)
    if len(known | wanted) > MOST:
        raise BadInput(
            t(
                "This place has {n} tickers, and {most} are the most. Those that no line looks at "
                "are forgotten after {days} days.",
                n=len(known),
                most=MOST,
                days=own.REMEMBERED.days,
            )
        )
    await own.ask_for(connection, place.id, wanted, now)


async def seen_from(services: Services, place: Place) -> Services:
    """The same, but what another place watches is not named to this one."""
    listing = listing_of(services.indicators)
    if listing is None or not listing.tickers:
        return services
    async with services.database.read() as connection:
        there = await destinations.find(connection, place)
        now = services.clock.now()
        mine = set() if there is None else await own.tickers_of(connection, there.id, now)
    return replace(services, indicators=Seen(listing, mine))


async def not_looked_up_yet(
    request: Request, services: Services, indicator: Indicator, t: Translator
) -> Reply | None:
    """Asks for a ticker; the answer while nothing is known of it, None otherwise."""
    if not is_ticker(indicator.key):
        return None
    now = services.clock.now()
    async with services.database.write() as connection:
        place = await place_of(connection, request, now)
        await ask_for(connection, place, [indicator.key], now, t)
    async with services.database.read() as connection:
        known = await observations.newest(connection, indicator.key, moving=False)
        state = (await observations.states(connection)).get(indicator.key)
    if known is not None:
        return None
    name = words.name_of(indicator, t)
    blocks: list[Paragraph | Buttons] = [
        Paragraph(
            t(
                "{name} has not been looked up yet: it is asked for at the next look, as the "
                "source's manners allow. A line can be drawn already.",
                name=name,
            )
        )
    ]
    if state is not None and state.trouble is not None:
        said = t("The last look brought nothing: {reason}", reason=t.told(state.trouble))
        blocks = [Paragraph(said, Tone.WARN)]
    blocks.append(
        Buttons(
            (
                Button(t("Look again"), f"show {indicator.key}", replaces=True),
                Button(t("Draw a line …"), f"alert add {indicator.key}", opens=True),
            )
        )
    )
    data = {"indicator": indicator.key, "value": None, "status": "missing"}
    return Reply(tuple(blocks), data)
