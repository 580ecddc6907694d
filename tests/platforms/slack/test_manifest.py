"""The manifest from which an operator makes the app asks for what the program uses, and no more."""

from __future__ import annotations

import json
from pathlib import Path

from bot.platforms.slack.doings import COMMAND, EVENTS
from bot.platforms.slack.installs import SCOPES

MANIFEST = json.loads(
    (Path(__file__).parents[3] / "deploy" / "slack-manifest.json").read_text("utf-8")
)


def test_the_manifest_asks_for_the_scopes_that_oauth_asks_for() -> None:
    assert MANIFEST["oauth_config"]["scopes"]["bot"] == sorted(SCOPES)


def test_the_manifest_names_the_events_that_are_listened_to() -> None:
    assert MANIFEST["settings"]["event_subscriptions"]["bot_events"] == sorted(EVENTS)


def test_the_manifest_names_the_command() -> None:
    [command] = MANIFEST["features"]["slash_commands"]
    assert command["command"] == COMMAND
