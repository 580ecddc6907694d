"""Slack, with Bolt.

What Slack tells comes in through `sockets` or `web`, is acknowledged in `doings`, and is answered
by `conversation`, `modals` and `home`; `arrivals` tells of comings and goings. What the outbox
sends goes through `posts`. `blocks`, `forms`, `tables` and `text` say how a reply looks. `calls`
is the only file that speaks to the Web API: at the pace that `pace` allows, with the tokens that
`workspaces` keeps and `installs` gets.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from alerts.platform import Platform

if TYPE_CHECKING:
    from bot.platforms import Context


def make(context: Context) -> Platform | None:
    """None when no setting of Slack's is there. What is incomplete is told by `run`."""
    settings = context.settings
    if not (
        settings.slack_bot_token
        or settings.slack_app_token
        or settings.slack_signing_secret
        or settings.slack_client_id
    ):
        return None
    # Imported here: slack-sdk takes a while, and a terminal needs none of it.
    from bot.platforms.slack.platform import SlackPlatform

    return SlackPlatform(context)
