"""What Slack tells the app when somebody uses a message, a form or the Home tab."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING

from tests.emulators.slack import elements
from tests.emulators.slack.interactions import Interaction, Kind
from tests.emulators.slack.response_urls import ResponseUrl
from tests.emulators.slack.world import Channel, Json, Team, User, public

if TYPE_CHECKING:
    from tests.emulators.slack.slack_server import SlackServer


def channel_name(channel: Channel) -> str:
    if channel.im_with is not None:
        return "directmessage"
    return "privategroup" if channel.private else channel.name


def new_interaction(
    slack: SlackServer,
    kind: Kind,
    team: Team,
    user: User,
    channel: Channel | None,
    answers_at: str | None,
    original: Json | None = None,
) -> Interaction:
    """With a trigger; `answers_at` (`commands`, `actions`): with a response_url of that kind."""
    interaction = Interaction(kind, {}, team, user=user, channel=channel)
    interaction.trigger_id = slack.new_trigger(interaction)
    if answers_at is not None and channel is not None:
        path = f"/{answers_at}/{team.id}/{slack.new_secret()}/{slack.new_secret()}"
        url = ResponseUrl(path, interaction, team, channel, user, original)
        slack.response_urls[path] = url
        interaction.response_url = slack.url + path
    return interaction


def current(slack: SlackServer, surface: Json) -> Json:
    """What a person sees of it now; AssertionError when it is not there any more.

    A message is used as it was given: somebody may press what another has just edited away.
    """
    if surface.get("type") in ("modal", "home"):
        team = slack.teams[surface["team_id"]]
        open_views = [*team.views.values(), *team.homes.values()]
        shown = next((view for view in open_views if view["id"] == surface["id"]), None)
        if shown is None:
            raise AssertionError("this view is not open any more")
        return shown
    team = slack.teams[surface["_team"]]
    channel = team.channels[surface["_channel"]]
    if channel.message(surface["ts"]) is None and not any(
        message["ts"] == surface["ts"] for message in team.ephemerals
    ):
        raise AssertionError("this message is not there any more")
    return surface


def act(
    slack: SlackServer, surface: Json, block: Json, element: Json, user: User | None, answer: Json
) -> Interaction:
    """block_actions."""
    if block["type"] == "input" and not block.get("dispatch_action"):
        raise AssertionError("Slack tells nothing of this before the form is sent: use submit()")
    used = _used(slack, surface, user, "actions")
    elements.touch(surface, block, element, answer)
    action: Json = {
        "type": element["type"],
        "action_id": element["action_id"],
        "block_id": block["block_id"],
        **answer,
        **({"placeholder": element["placeholder"]} if "placeholder" in element else {}),
        "action_ts": f"{time.time():.6f}",
    }
    used.body |= {
        "type": "block_actions",
        "trigger_id": used.trigger_id,
        "state": {"values": elements.state_of(surface)},
        "actions": [action],
    }
    if used.response_url:
        used.body["response_url"] = used.response_url
    if used.view is not None:
        used.body["view"] = view_on_wire(surface)
    return slack.deliver(used)


def ask_options(
    slack: SlackServer, surface: Json, block: Json, element: Json, user: User | None, typed: str
) -> Interaction:
    """block_suggestion: without a trigger, and nothing can be answered but options."""
    asked = _used(slack, surface, user, None)
    asked.body |= {
        "type": "block_suggestion",
        "action_id": element["action_id"],
        "block_id": block["block_id"],
        "value": typed,
    }
    if asked.view is not None:
        asked.body["view"] = view_on_wire(surface)
    return slack.deliver(asked)


def offered(slack: SlackServer, element: Json) -> list[Json]:
    """The options that the app last suggested for this element."""
    for asked in reversed(list(slack.interactions)):
        same = asked.body.get("action_id") == element.get("action_id")
        if asked.body.get("type") == "block_suggestion" and same and asked.options:
            return asked.options
    return []


def submit(
    slack: SlackServer, view: Json, values: Mapping[str, object], user: User | None
) -> Interaction:
    view = current(slack, view)
    if view["submit"] is None:
        raise AssertionError("this view has no button to send it with")
    for name, answer in values.items():
        block, element = elements.find(view, name, elements.CHOOSABLE)
        chosen = elements.chosen(element, answer, offered(slack, element))
        elements.touch(view, block, element, chosen)
    state = elements.state_of(view)
    for block, element in elements.all_of(view):
        held = state.get(block["block_id"], {}).get(element["action_id"])
        if block["type"] == "input" and not block.get("optional") and elements.is_empty(held):
            raise AssertionError(f"Slack asks to complete «{block['label']['text']}» first")
    sent = _used(slack, view, user, None)
    sent.body |= {
        "type": "view_submission",
        "trigger_id": sent.trigger_id,
        "view": view_on_wire(view),
        "response_urls": [],
    }
    return slack.deliver(sent)


def close(slack: SlackServer, view: Json, user: User | None) -> Interaction | None:
    view = current(slack, view)
    slack.teams[view["team_id"]].views.pop(view["id"], None)
    if not view.get("notify_on_close"):
        return None
    closed = _used(slack, view, user, None)
    closed.body |= {"type": "view_closed", "view": view_on_wire(view), "is_cleared": False}
    return slack.deliver(closed)


def view_on_wire(view: Json) -> Json:
    return public(view) | {"state": {"values": elements.state_of(view)}}


def _used(
    slack: SlackServer, surface: Json, user: User | None, answers_at: str | None
) -> Interaction:
    """The interaction with what is common to all: who, where, in which message or view."""
    if surface.get("type") in ("modal", "home"):
        team = slack.teams[surface["team_id"]]
        who = user or team.users[surface["_user"]]
        used = new_interaction(slack, "interactive", team, who, None, None)
        used.view = surface
        used.body = _everywhere(slack, team, who)
        used.body["container"] = {"type": "view", "view_id": surface["id"]}
        return used
    team = slack.teams[surface["_team"]]
    channel = team.channels[surface["_channel"]]
    seen_by = user.id if user is not None else surface.get("_user")
    if seen_by is None:
        raise AssertionError("who uses it? This message is for everyone: give `user`")
    if surface.get("_user") not in (None, seen_by):
        raise AssertionError("this message is visible to somebody else only")
    who = team.users[seen_by]
    used = new_interaction(slack, "interactive", team, who, channel, answers_at, surface)
    private = bool(surface.get("is_ephemeral"))
    used.body = _everywhere(slack, team, who)
    used.body |= {
        "container": {
            "type": "message",
            "message_ts": surface["ts"],
            "channel_id": channel.id,
            "is_ephemeral": private,
            **({"thread_ts": surface["thread_ts"]} if surface.get("thread_ts") else {}),
        },
        "channel": {"id": channel.id, "name": channel_name(channel)},
    }
    if not private:  # of a private message Slack sends only the name
        used.body["message"] = public(surface)
    return used


def _everywhere(slack: SlackServer, team: Team, user: User) -> Json:
    handle = user.wire()["name"]
    return {
        "user": {"id": user.id, "username": handle, "name": handle, "team_id": team.id},
        "api_app_id": slack.app_id,
        "token": "verification-token",
        "team": {"id": team.id, "domain": team.domain},
        "enterprise": None,
        "is_enterprise_install": False,
    }
