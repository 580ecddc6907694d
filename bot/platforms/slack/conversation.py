"""What people do in Slack, and our answers: commands, buttons, menus, forms, the App Home.

Every doing is acknowledged at once and worked on after that; nothing is kept between two of them.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from alerts.platform import TemporaryFailure
from alerts.store.destinations import Place
from bot.answer import answer
from bot.commands import Request, Services
from bot.locales import Translator, translator
from bot.platforms.slack.blocks import SlackJson, fallback, render
from bot.platforms.slack.calls import TeamCalls
from bot.platforms.slack.errors import SlackRefused
from bot.platforms.slack.people import People
from bot.platforms.slack.pictures import brought
from bot.replies import Json, Reply

log = logging.getLogger(__name__)

Body = Mapping[str, Json]

_BY_HANDLE = re.compile(r"\b(mention|managers)\s+@([\w.-]+)")


@dataclass(frozen=True, slots=True)
class Where:
    """Where something was done, and by whom. `response_url` is empty in the App Home."""

    team: str
    user: str
    channel: str
    direct: bool
    response_url: str = ""
    home: bool = False

    @property
    def place(self) -> Place:
        return Place("slack", self.team, self.user if self.direct else self.channel)


def of_channel(team: str, user: str, channel: str, response_url: str = "") -> Where:
    """Conversations with one person have ids that begin with D."""
    return Where(team, user, channel, channel.startswith("D") or not channel, response_url)


class Conversation:
    """Carries out lines and brings the replies to where they were asked for."""

    def __init__(self, call: TeamCalls, people: People, services: Services) -> None:
        self._call = call
        self._people = people
        self.services = services

    async def request(self, where: Where, *, public: bool = False) -> Request:
        """A public answer is in the place's language, a private one in the person's own."""
        person = await self._people.person(where.team, where.user)
        everyone = where.direct
        people, team, user = self._people, where.team, where.user
        return Request(
            where.place,
            where.user,
            language=None if public else person.language,
            name=person.name,
            place_language=person.language,
            direct=where.direct,
            private=not public,
            permission=None if everyone else partial(people.may_change, team, user, where.channel),
            permission_everywhere=partial(people.may_change_everywhere, team, user),
            role_called=partial(people.group_called, team),
            channel_called=partial(people.channel_called, team),
        )

    async def words(self, where: Where) -> Translator:
        """In the person's own language."""
        person = await self._people.person(where.team, where.user)
        return translator(person.language or "en")

    def words_at_hand(self, where: Where) -> Translator:
        """The same when it is known without asking Slack, for what has to be quick."""
        return translator(self._people.language_at_hand(where.team, where.user) or "en")

    async def carried_out(
        self,
        where: Where,
        line: str,
        fields: Mapping[str, str] | None = None,
        *,
        public: bool = False,
    ) -> Reply:
        request = await self.request(where, public=public)
        return await answer(self.services, request, await self._named(where.team, line), fields)

    async def groups(self, where: Where) -> Mapping[str, str]:
        """The workspace's user groups: their ids by handle."""
        return await self._people.groups(where.team)

    async def _named(self, team: str, line: str) -> str:
        """`mention @analysts` with the id of the group, where Slack has not put it there itself."""
        found = _BY_HANDLE.search(line)
        if found is None:
            return line
        group = (await self._people.groups(team)).get(found[2])
        if group is None:
            return line
        return f"{line[: found.start(2) - 1]}<!subteam^{group}>{line[found.end(2) :]}"

    async def say(
        self, where: Where, reply: Reply, *, public: bool = False, replaces: bool = False
    ) -> None:
        """Answer through the response_url. A person who has waited too long gets no answer, which
        is all that Slack leaves to do."""
        pictures = await brought(self._call, where.team, reply)
        t = await self.words(where)
        body: SlackJson = {
            "response_type": "in_channel" if public else "ephemeral",
            "replace_original": replaces,
            "text": fallback(reply),
            "blocks": render(reply, t, pictures),
        }
        try:
            await self._respond(where, body)
        except (SlackRefused, TemporaryFailure) as failed:
            log.warning("slack: an answer could not be brought: %s", failed)

    async def _respond(self, where: Where, body: SlackJson) -> None:
        try:
            await self._call.respond(where.response_url, body)
        except SlackRefused as refused:
            if refused.error not in ("invalid_blocks", "invalid_blocks_format"):
                raise
            # The words are worth more than their looks, and the operator sees what was wrong.
            log.error("slack: blocks were refused: %s", refused)
            await self._call.respond(where.response_url, {**body, "blocks": []})
