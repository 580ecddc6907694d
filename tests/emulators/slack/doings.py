"""What people do in Slack, and what Slack tells the app of it."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tests.emulators.slack import elements, surfaces
from tests.emulators.slack.interactions import Interaction
from tests.emulators.slack.slack_server import SlackServer
from tests.emulators.slack.world import Channel, Json, Team, User, new_ts, public

Answer = str | Sequence[str] | Json
"""Into a form: text, the value or the words of an option, several of them, or an option itself."""


@dataclass
class People(SlackServer):
    """Every doing may be called from any thread, and gives an Interaction to wait on."""

    def slash(
        self,
        team: Team,
        channel: Channel | None,
        user: User,
        text: str = "",
        *,
        command: str | None = None,
    ) -> Interaction:
        """`channel` None: in the direct messages with the bot."""
        where = channel or team.direct(user)
        asked = surfaces.new_interaction(self, "slash_commands", team, user, where, "commands")
        asked.body |= {
            "token": "verification-token",
            "team_id": team.id,
            "team_domain": team.domain,
            "channel_id": where.id,
            "channel_name": surfaces.channel_name(where),
            "user_id": user.id,
            "user_name": user.wire()["name"],
            "command": command or self.command,
            "text": text,
            "api_app_id": self.app_id,
            "is_enterprise_install": "false",
            "response_url": asked.response_url,
            "trigger_id": asked.trigger_id,
        }
        return self.deliver(asked)

    def press(self, surface: Json, what: str, *, user: User | None = None) -> Interaction:
        """The button with this action_id, value or label, in a message or a view."""
        surface = surfaces.current(self, surface)
        block, button = elements.find(surface, what, {"button"})
        return surfaces.act(self, surface, block, button, user, elements.pressed(button))

    def choose(
        self, surface: Json, what: str, answer: Answer, *, user: User | None = None
    ) -> Interaction:
        """Choose in the menu, list, boxes or calendar with this action_id or placeholder."""
        surface = surfaces.current(self, surface)
        block, element = elements.find(surface, what, elements.CHOOSABLE)
        chosen = elements.chosen(element, answer, surfaces.offered(self, element))
        return surfaces.act(self, surface, block, element, user, chosen)

    def suggest(
        self, surface: Json, what: str, typed: str, *, user: User | None = None
    ) -> Interaction:
        """Type into an external select; `Interaction.options` (or `.suggested()`) is the answer."""
        surface = surfaces.current(self, surface)
        block, element = elements.find(surface, what, elements.SEARCHED)
        least = int(element.get("min_query_length", 3))
        if len(typed) < least:
            raise AssertionError(f"Slack asks nothing before {least} characters are typed")
        return surfaces.ask_options(self, surface, block, element, user, typed)

    def submit(
        self,
        view: Json,
        values: Mapping[str, Answer] | None = None,
        *,
        user: User | None = None,
    ) -> Interaction:
        """Press the form's own button; `values` by action_id, block_id or label.

        What is not named stays as it was. Raises AssertionError where Slack itself would not let
        a person send it.
        """
        return surfaces.submit(self, view, values or {}, user)

    def close(self, view: Json, *, user: User | None = None) -> Interaction | None:
        """Press Cancel; the app hears of it only when the view says `notify_on_close`."""
        return surfaces.close(self, view, user)

    # -- events

    def open_home(self, team: Team, user: User) -> Interaction:
        """Look at the app's Home tab; what it shows is `team.homes[user.id]`."""
        channel = team.direct(user)
        home = team.homes.get(user.id)
        event: Json = {"type": "app_home_opened", "user": user.id, "channel": channel.id}
        event |= {"tab": "home"} | ({"view": public(home)} if home else {})
        return self.event(team, event, user=user, channel=channel)

    def join(self, team: Team, channel: Channel, user: User | None = None) -> Interaction:
        """`user` None: the bot itself is invited by the channel's creator."""
        who = user or team.bot
        if who.id not in channel.members:
            channel.members.append(who.id)
        event = {
            "type": "member_joined_channel",
            "user": who.id,
            "channel": channel.id,
            "channel_type": "G" if channel.private else "C",
            "team": team.id,
            "inviter": channel.creator,
        }
        return self.event(team, event, user=who, channel=channel)

    def leave(self, team: Team, channel: Channel, user: User | None = None) -> Interaction:
        """`user` None: the bot is taken out of the channel."""
        who = user or team.bot
        if who.id in channel.members:
            channel.members.remove(who.id)
        event: Json = {"type": "member_left_channel", "user": who.id, "channel": channel.id}
        event |= {"channel_type": "G" if channel.private else "C", "team": team.id}
        if who is team.bot:
            kind = "group_left" if channel.private else "channel_left"
            event = {"type": kind, "channel": channel.id, "actor_id": channel.creator}
        return self.event(team, event, user=who, channel=channel)

    def archive(self, team: Team, channel: Channel) -> Interaction:
        channel.archived = True
        kind = "group_archive" if channel.private else "channel_archive"
        event = {"type": kind, "channel": channel.id, "user": channel.creator, "is_moved": 0}
        return self.event(team, event, channel=channel)

    def unarchive(self, team: Team, channel: Channel) -> Interaction:
        channel.archived = False
        kind = "group_unarchive" if channel.private else "channel_unarchive"
        return self.event(
            team, {"type": kind, "channel": channel.id, "user": channel.creator}, channel=channel
        )

    def delete_channel(self, team: Team, channel: Channel) -> Interaction:
        team.channels.pop(channel.id, None)
        kind = "group_deleted" if channel.private else "channel_deleted"
        event = {"type": kind, "channel": channel.id, "actor_id": channel.creator}
        return self.event(team, event, channel=channel)

    def write(self, team: Team, channel: Channel, user: User, text: str) -> Json:
        """Someone's own words in a channel; the app is not told of them."""
        message: Json = {"type": "message", "user": user.id, "text": text, "ts": new_ts()}
        message |= {"team": team.id, "_channel": channel.id, "_team": team.id}
        message["_at"] = time.monotonic()
        channel.messages.append(message)
        return message
