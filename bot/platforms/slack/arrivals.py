"""Comings and goings that Slack tells of (RULES.md R24, R25, R30)."""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine, Mapping

from alerts.store import destinations
from alerts.store.database import Database
from alerts.store.destinations import Place
from bot.locales import Translator, translator
from bot.platforms.slack.people import People
from bot.platforms.slack.workspaces import PLATFORM, Workspaces
from bot.presence import Presence
from bot.replies import Json

log = logging.getLogger(__name__)

Body = Mapping[str, Json]


class Arrivals:
    """Every method may be told the same thing twice."""

    def __init__(
        self, presence: Presence, people: People, workspaces: Workspaces, database: Database
    ) -> None:
        self._presence = presence
        self._people = people
        self._workspaces = workspaces
        self._database = database

    async def uninstalled(self, body: Body) -> None:
        """R25: its destinations are off at once, and its token is forgotten."""
        team = str(body.get("team_id"))
        await self._presence.left(
            PLATFORM, team, "bubblewatch was removed from this workspace. Install it again."
        )
        await self._workspaces.forget(team)

    async def revoked(self, body: Body) -> None:
        tokens = _event(body).get("tokens")
        if isinstance(tokens, dict) and tokens.get("bot"):
            await self.uninstalled(body)

    async def joined(self, body: Body) -> None:
        """Only when it is the bot that joined."""
        event = _event(body)
        team = str(body.get("team_id"))
        if not await self._is_bot(team, event.get("user")):
            return
        language = None
        if event.get("inviter"):
            language = (await self._people.person(team, str(event["inviter"]))).language
        channel = Place(PLATFORM, team, str(event.get("channel")))
        await self._presence.joined(channel, channel, language)

    async def left(self, body: Body) -> None:
        if await self._is_bot(str(body.get("team_id")), _event(body).get("user")):
            await self.taken_out(body)

    async def taken_out(self, body: Body) -> None:
        await self._lost(
            body, lambda t: t("bubblewatch was taken out of the channel. Invite it again.")
        )

    async def archived(self, body: Body) -> None:
        await self._lost(
            body,
            lambda t: t("The channel is archived. Unarchive it, or move the rules to another."),
        )

    async def deleted(self, body: Body) -> None:
        await self._lost(
            body, lambda t: t("The channel was deleted. Its rules can be moved to another.")
        )

    async def _lost(self, body: Body, reason: Callable[[Translator], str]) -> None:
        place = Place(PLATFORM, str(body.get("team_id")), str(_event(body).get("channel")))
        async with self._database.read() as connection:
            found = await destinations.find(connection, place)
        if found is None:
            return
        person = None if found.owner is None else Place(PLATFORM, place.workspace, found.owner)
        await self._presence.channel_gone(place, reason(translator(found.language)), person)

    async def _is_bot(self, team: str, user: Json) -> bool:
        return (await self._workspaces.of(team)).bot_user == user


def _event(body: Body) -> Mapping[str, Json]:
    event = body.get("event")
    return event if isinstance(event, dict) else {}


ARRIVALS: Mapping[str, Callable[[Arrivals, Body], Coroutine[None, None, None]]] = {
    "app_uninstalled": Arrivals.uninstalled,
    "tokens_revoked": Arrivals.revoked,
    "member_joined_channel": Arrivals.joined,
    "member_left_channel": Arrivals.left,
    "channel_left": Arrivals.taken_out,
    "group_left": Arrivals.taken_out,
    "channel_archive": Arrivals.archived,
    "group_archive": Arrivals.archived,
    "channel_deleted": Arrivals.deleted,
    "group_deleted": Arrivals.deleted,
}
"""What is done at each of Slack's events."""
