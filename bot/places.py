"""The place that a request comes from, and the rules that are kept there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from alerts.store import destinations
from alerts.store.destinations import Destination, OwnRule
from bot.commands import BadInput, Request
from bot.locales import Translator
from bot.replies import Paragraph, Tone

MOST_RULES = 500


async def place_of(connection: AsyncConnection, request: Request, now: datetime) -> Destination:
    """The place, made when nobody asked for anything there before."""
    return await destinations.find_or_make(
        connection,
        request.place,
        now,
        language=request.place_language or "en",
        owner=request.user,
        direct=request.direct,
    )


async def rule_of(
    connection: AsyncConnection, request: Request, number: int, t: Translator
) -> tuple[Destination, OwnRule]:
    """The place and its rule with that number. Raises BadInput."""
    place = await destinations.find(connection, request.place)
    found = await destinations.rules_of(connection, place.id, [number]) if place else []
    if place is None or not found:
        raise BadInput(t("There is no rule {number} here; “alert list” shows them.", number=number))
    return place, found[0]


def told_where(request: Request, t: Translator) -> tuple[Paragraph, ...]:
    """Said where a person's own lines are drawn, perhaps far from where they will be told."""
    if not request.direct:
        return ()
    return (Paragraph(t("It is told to you alone, in a direct message."), Tone.MUTED),)


@dataclass(frozen=True, slots=True)
class Named:
    """The rules that a person named, and the numbers that no rule here has (any more)."""

    place: Destination
    rules: Sequence[OwnRule]
    missing: Sequence[int]

    def rest(self, t: Translator) -> tuple[Paragraph, ...]:
        """What is said of the missing ones, when the others could be dealt with."""
        if not self.missing:
            return ()
        listed = t(", ").join(map(str, self.missing))
        return (Paragraph(t("Not here any more: {numbers}.", numbers=listed), Tone.MUTED),)


async def rules_named(
    connection: AsyncConnection, request: Request, which: object, t: Translator
) -> Named:
    """The rules with those numbers, or all of this place. Raises BadInput when there is none.

    A button under an old message may name rules that are gone; the others are still meant.
    """
    place = await destinations.find(connection, request.place)
    numbers = which if isinstance(which, tuple) else None
    found = await destinations.rules_of(connection, place.id, numbers) if place else []
    missing = sorted(set(numbers or ()) - {rule.number for rule in found})
    if place is None or not found:
        if not missing:
            raise BadInput(t("There is no rule here yet; “alert add” draws a line."))
        listed = t(", ").join(map(str, missing[:5]))
        raise BadInput(t("There is no rule {number} here; “alert list” shows them.", number=listed))
    return Named(place, found, missing)


async def check_mention(request: Request, mention: str | None, t: Translator) -> None:
    """Raises BadInput for the role that everyone has, which Discord calls by the server's id, and
    for one that is not there: it would never call anyone."""
    if mention is None:
        return
    if mention == request.place.workspace:
        raise BadInput(t("I mention a role or a group, never everyone."), "mention")
    if request.role_called is not None and await request.role_called(mention) is None:
        raise BadInput(t("There is no role or group “{text}” here.", text=mention[:40]), "mention")


async def role_name(request: Request, role: str | None) -> str | None:
    """What people call a role or group; as it is kept, where nobody knows."""
    if role is None or request.role_called is None:
        return role
    return await request.role_called(role) or role


async def channel_name(request: Request, channel: str) -> str:
    """What people call a channel; its id, where nobody knows (any more)."""
    called = None if request.channel_called is None else await request.channel_called(channel)
    return called or channel


async def check_room(
    connection: AsyncConnection, place: Destination, more: int, t: Translator
) -> None:
    """Raises BadInput when the place would have more rules than anyone can read."""
    kept = len(await destinations.rules_of(connection, place.id))
    if kept + more > MOST_RULES:
        raise BadInput(
            t(
                "This place has {n} rules, and {most} are the most; remove some first.",
                n=kept,
                most=MOST_RULES,
            )
        )
