"""The manifests from which an operator makes the app ask for what the program uses, and no more."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bot.platforms.slack.doings import COMMAND, EVENTS
from bot.platforms.slack.installs import REDIRECT_PATH, SCOPES
from bot.platforms.slack.web import EVENTS_PATH

DEPLOY = Path(__file__).parents[3] / "deploy"
SOCKETS = json.loads((DEPLOY / "slack-manifest.json").read_text("utf-8"))
HTTP = json.loads((DEPLOY / "slack-manifest-http.json").read_text("utf-8"))

both = pytest.mark.parametrize("manifest", [SOCKETS, HTTP], ids=["sockets", "http"])


@both
def test_a_manifest_asks_for_the_scopes_that_oauth_asks_for(manifest: Any) -> None:
    assert manifest["oauth_config"]["scopes"]["bot"] == sorted(SCOPES)


@both
def test_a_manifest_names_the_events_that_are_listened_to(manifest: Any) -> None:
    assert manifest["settings"]["event_subscriptions"]["bot_events"] == sorted(EVENTS)


@both
def test_a_manifest_names_the_command(manifest: Any) -> None:
    [command] = manifest["features"]["slash_commands"]
    assert command["command"] == COMMAND


def test_the_addresses_of_the_http_mode_are_those_that_the_door_answers() -> None:
    told = json.dumps(HTTP)
    for path in (EVENTS_PATH, REDIRECT_PATH):
        assert f"https://bubblewatch.example{path}" in told
    assert SOCKETS["settings"]["socket_mode_enabled"] is True
    assert HTTP["settings"]["socket_mode_enabled"] is False
