"""A Slack app as Slack knows it: its tokens, their scopes, the channels it is in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError

from alerts.platform import TemporaryFailure
from alerts.store.destinations import Destination
from bot.platforms.slack.calls import SlackCalls
from bot.platforms.slack.doings import COMMAND, EVENTS
from bot.platforms.slack.errors import SlackRefused
from bot.platforms.slack.installs import SCOPES
from bot.replies import Json
from bot.setup.findings import Finding, bad, good, warning

PART = "Slack"
MOST_CHANNELS = 50
_REINSTALL = "app page → OAuth & Permissions → Reinstall to Workspace"


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
    """What a look at the account found. `team_id` where there is a bot token that works."""

    findings: tuple[Finding, ...]
    team_id: str | None = None


async def look_at(
    bot_token: str | None,
    app_token: str | None,
    api_url: str | None,
    places: Sequence[Destination],
) -> Account:
    """Asks Slack; nothing is changed there. `places`: the channels that are told something."""
    calls = SlackCalls(api_url)
    try:
        team: str | None = None
        found: list[Finding] = []
        if bot_token is not None:
            signed_in, team = await _bot(calls, bot_token)
            found += signed_in
            if team is not None:
                found += await _channels(calls, bot_token, team, places)
        if app_token is not None:
            found.append(await _app(calls, app_token))
        return Account(tuple(found), team)
    finally:
        await calls.close()


async def _bot(calls: SlackCalls, token: str) -> tuple[list[Finding], str | None]:
    try:
        said = await calls.client(token).auth_test()
    except SlackApiError as error:
        word = error.response.get("error")
        repair = f"copy the Bot User OAuth Token (xoxb-) anew: {_REINSTALL}"
        return [bad(PART, f"Slack does not take the bot token ({word})", repair)], None
    except (aiohttp.ClientError, SlackClientError, OSError, TimeoutError) as error:
        return [_unreachable(type(error).__name__)], None
    found = [good(PART, f"the bot token is that of {said['user']} in {said['team']}")]
    held = {one for one in said.headers.get("x-oauth-scopes", "").split(",") if one}
    missing = sorted(set(SCOPES) - held) if held else []
    if missing:
        repair = (
            f"app page → OAuth & Permissions → Bot Token Scopes → add {', '.join(missing)}, then "
            "Reinstall to Workspace"
        )
        found.append(bad(f"{PART} scopes", f"missing: {', '.join(missing)}", repair))
    elif held:
        found.append(good(f"{PART} scopes", "all are there"))
    return found, str(said["team_id"])


async def _app(calls: SlackCalls, token: str) -> Finding:
    try:
        await calls.ask(token, "apps.connections.open", {})
    except SlackRefused as refused:
        return bad(
            f"{PART} app token",
            f"Slack does not take it ({refused})",
            "app page → Basic Information → App-Level Tokens → generate one with the scope "
            "connections:write (xapp-), and see that Socket Mode is on",
        )
    except TemporaryFailure as failure:
        return _unreachable(failure.reason)
    return good(f"{PART} app token", "a socket can be opened")


def _unreachable(why: str) -> Finding:
    return bad(
        PART,
        f"Slack could not be asked ({why})",
        "see whether this machine reaches slack.com; behind a proxy set HTTPS_PROXY",
    )


async def _channels(
    calls: SlackCalls, token: str, team: str, places: Sequence[Destination]
) -> list[Finding]:
    mine = [one for one in places if one.place.workspace == team and not one.direct]
    found: list[Finding] = []
    for one in mine[:MOST_CHANNELS]:
        id_ = one.place.channel
        part = f"{PART} channel {id_}"
        try:
            said = await calls.ask(token, "conversations.info", {"channel": id_})
        except SlackRefused as refused:
            repair = f"say “/bubble move {id_}” in another channel to take its lines there"
            found.append(bad(part, f"Slack says {refused}", repair))
            continue
        except TemporaryFailure as failure:
            found.append(_unreachable(failure.reason))
            break
        found.append(_of_channel(said.get("channel"), id_))
    return found


def _of_channel(channel: object, id_: str) -> Finding:
    known = channel if isinstance(channel, dict) else {}
    part = f"{PART} #{known.get('name', id_)}"
    if known.get("is_archived"):
        return bad(part, "it is archived", f"unarchive it, or “/bubble move {id_}” elsewhere")
    if not known.get("is_member"):
        return warning(
            part, "the app is not a member: it cannot see what it posted", "/invite @bubblewatch"
        )
    return good(part, "can be posted to")
