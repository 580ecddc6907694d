"""Doors for a person with curl: do what people do in Slack, and read what was said.

    curl -d '{"text": "status"}' $SLACK/people/slash      the answer, as Slack would show it
    curl -d '{"what": "Show to everyone"}' $SLACK/people/press      in the last message
    curl $SLACK/people/said      every message so far
Who and where is the first person and the first channel, unless `user` and `channel` name others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from tests.emulators.by_hand import asked_for, page
from tests.emulators.slack.interactions import Interaction
from tests.emulators.slack.world import Channel, Json, Team, User, public

if TYPE_CHECKING:
    from tests.emulators.slack.doings import People


def routes(slack: People) -> list[web.RouteDef]:
    async def slash(request: web.Request) -> web.StreamResponse:
        said = await asked_for(request)
        team, user, channel = _who_and_where(slack, said)
        return await _became(slack.slash(team, channel, user, str(said.get("text", ""))))

    async def press(request: web.Request) -> web.StreamResponse:
        said = await asked_for(request)
        team, user, _ = _who_and_where(slack, said)
        seen = [*team.ephemerals, *(m for c in team.channels.values() for m in c.messages)]
        latest = max(seen, key=lambda message: str(message["ts"]))
        try:
            return await _became(slack.press(latest, str(said.get("what", "")), user=user))
        except AssertionError as refused:
            return web.json_response({"error": str(refused)}, status=400)

    async def everything(request: web.Request) -> web.StreamResponse:
        team, _, _ = _who_and_where(slack, {})
        channels = {
            channel.name or channel.id: [public(message) for message in channel.messages]
            for channel in team.channels.values()
        }
        private = [public(message) for message in team.ephemerals]
        return page({"channels": channels, "private": private, "against": slack.violations})

    return [
        web.post("/people/slash", slash),
        web.post("/people/press", press),
        web.get("/people/said", everything),
    ]


def _who_and_where(slack: People, said: Json) -> tuple[Team, User, Channel]:
    team = next(iter(slack.teams.values()))
    users = [user for user in team.users.values() if user.id == said.get("user")]
    channels = [channel for channel in team.channels.values() if channel.id == said.get("channel")]
    people = [user for user in team.users.values() if not user.bot]
    return team, (users or people)[0], (channels or list(team.channels.values()))[0]


async def _became(interaction: Interaction) -> web.StreamResponse:
    """Waits for an answer; without one it says what there is."""
    try:
        await interaction.until(
            lambda: interaction.responses or interaction.views or interaction.failure
        )
    except TimeoutError:
        interaction.failure = interaction.failure or "no answer in five seconds"
    return page(
        {
            "acknowledged_after": interaction.ack.after_seconds if interaction.ack else None,
            "failure": interaction.failure,
            "answers": [public(message) for message in interaction.responses],
            "views": [public(view) for view in interaction.views],
        }
    )
