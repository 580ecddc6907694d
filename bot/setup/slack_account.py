"""A Slack app as Slack knows it: its tokens, their scopes, the channels it is in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError

from alerts.platform import TemporaryFailure
from alerts.store.destinations import Destination
from bot.locales import Translator
from bot.platforms.slack.calls import SlackCalls
from bot.platforms.slack.doings import COMMAND, EVENTS
from bot.platforms.slack.errors import SlackRefused
from bot.platforms.slack.installs import SCOPES
from bot.replies import Json
from bot.setup.findings import Finding, bad, good, warning

PART = "Slack"
MOST_CHANNELS = 50


def manifest() -> Json:
    """The app that somebody makes from it asks for what is used, and no more."""
    return {
        "display_information": {
            "name": "bubblewatch",
            "description": "Watches the numbers that tell whether AI is a bubble, and tells the "
            "channels that asked",
            "background_color": "#1f2a44",
        },
        "features": {
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "bot_user": {"display_name": "bubblewatch", "always_online": True},
            "slash_commands": [
                {
                    "command": COMMAND,
                    "description": "What the numbers say, and which lines to watch",
                    "usage_hint": "status | show nvda | subscribe article | alert add | help",
                    "should_escape": True,
                }
            ],
        },
        "oauth_config": {"scopes": {"bot": list(SCOPES)}},
        "settings": {
            "event_subscriptions": {"bot_events": sorted(EVENTS)},
            "interactivity": {"is_enabled": True},
            "org_deploy_enabled": False,
            "socket_mode_enabled": True,
            "token_rotation_enabled": False,
        },
    }


@dataclass(frozen=True, slots=True)
class Account:
    """What a look at the account found. `team` where there is a bot token that works."""

    findings: tuple[Finding, ...]
    team: Workspace | None = None


@dataclass(frozen=True, slots=True)
class Workspace:
    """By its identifier, and as people call it."""

    id: str
    name: str


class _Unreachable(Exception):
    """Slack did not answer, for this reason: nothing more is asked."""


async def look_at(
    bot_token: str | None,
    app_token: str | None,
    api_url: str | None,
    places: Sequence[Destination],
    t: Translator,
) -> Account:
    """Asks Slack; nothing is changed there. `places`: the channels that are told something."""
    calls = SlackCalls(api_url)
    team: Workspace | None = None
    found: list[Finding] = []
    try:
        if bot_token is not None:
            signed_in, team = await _bot(calls, bot_token, t)
            found += signed_in
            if team is not None:
                found += await _channels(calls, bot_token, team.id, places, t)
        if app_token is not None:
            found.append(await _app(calls, app_token, t))
    except _Unreachable as silent:
        repair = t("see whether this machine reaches slack.com; behind a proxy set HTTPS_PROXY")
        found.append(bad(PART, t("Slack could not be asked ({why})", why=silent), repair))
    finally:
        await calls.close()
    return Account(tuple(found), team)


async def writable(bot_token: str, api_url: str | None) -> list[tuple[str, str]]:
    """Some channels where it may post, by identifier and name: public ones are joined for it."""
    asked = {
        "types": "public_channel,private_channel",
        "exclude_archived": True,
        "limit": MOST_CHANNELS,
    }
    calls = SlackCalls(api_url)
    try:
        said = await calls.ask(bot_token, "conversations.list", asked)
    except (SlackRefused, TemporaryFailure):
        return []
    finally:
        await calls.close()
    channels = said.get("channels")
    known = [one for one in channels if isinstance(one, dict)] if isinstance(channels, list) else []
    return [(str(one["id"]), str(one["name"])) for one in known]


async def _bot(
    calls: SlackCalls, token: str, t: Translator
) -> tuple[list[Finding], Workspace | None]:
    try:
        said = await calls.client(token).auth_test()
    except SlackApiError as error:
        repair = t(
            "copy the Bot User OAuth Token (xoxb-) anew: app page → OAuth & Permissions → "
            "Reinstall to Workspace"
        )
        word = error.response.get("error")
        return [bad(PART, t("Slack does not take the bot token ({why})", why=word), repair)], None
    except (aiohttp.ClientError, SlackClientError, OSError, TimeoutError) as error:
        raise _Unreachable(type(error).__name__) from error
    user, team = said["user"], said["team"]
    found = [good(PART, t("the bot token is that of {user} in {team}", user=user, team=team))]
    held = {one for one in said.headers.get("x-oauth-scopes", "").split(",") if one}
    missing = ", ".join(sorted(set(SCOPES) - held)) if held else ""
    if missing:
        repair = t(
            "app page → OAuth & Permissions → Bot Token Scopes → add {names}, then Reinstall to "
            "Workspace",
            names=missing,
        )
        found.append(bad(t("Slack scopes"), t("missing: {names}", names=missing), repair))
    elif held:
        found.append(good(t("Slack scopes"), t("all are there")))
    return found, Workspace(str(said["team_id"]), str(team))


async def _app(calls: SlackCalls, token: str, t: Translator) -> Finding:
    part = t("Slack app token")
    try:
        await calls.ask(token, "apps.connections.open", {})
    except SlackRefused as refused:
        repair = t(
            "app page → Basic Information → App-Level Tokens → generate one with the scope "
            "connections:write (xapp-), and see that Socket Mode is on"
        )
        return bad(part, t("Slack does not take it ({why})", why=refused), repair)
    except TemporaryFailure as failure:
        raise _Unreachable(t.told(failure.reason)) from failure
    return good(part, t("a socket can be opened"))


async def _channels(
    calls: SlackCalls, token: str, team: str, places: Sequence[Destination], t: Translator
) -> list[Finding]:
    mine = [one for one in places if one.place.workspace == team and not one.direct]
    found: list[Finding] = []
    for one in mine[:MOST_CHANNELS]:
        id_ = one.place.channel
        try:
            said = await calls.ask(token, "conversations.info", {"channel": id_})
        except SlackRefused as refused:
            repair = t(
                "say “/bubble move {channel}” in another channel to take its lines there",
                channel=id_,
            )
            part = t("Slack channel {channel}", channel=id_)
            found.append(bad(part, t("Slack says {why}", why=refused), repair))
            continue
        except TemporaryFailure as failure:
            raise _Unreachable(t.told(failure.reason)) from failure
        found.append(_of_channel(said.get("channel"), id_, t))
    return found


def _of_channel(channel: object, id_: str, t: Translator) -> Finding:
    known = channel if isinstance(channel, dict) else {}
    part = f"{PART} #{known.get('name', id_)}"
    if known.get("is_archived"):
        repair = t("unarchive it, or “/bubble move {channel}” elsewhere", channel=id_)
        return bad(part, t("it is archived"), repair)
    if not known.get("is_member"):
        said = t("the app is not a member: it cannot see what it posted")
        return warning(part, said, "/invite @bubblewatch")
    return good(part, t("can be posted to"))
