"""How Slack brings an interaction to the app, and what it does with the acknowledgement."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from tests.emulators.slack import views
from tests.emulators.slack.block_kit import problems_of_suggestions
from tests.emulators.slack.calls import SlackError
from tests.emulators.slack.elements import options_in
from tests.emulators.slack.interactions import Attempt, Interaction
from tests.emulators.slack.response_urls import ResponseUrl, answer
from tests.emulators.slack.world import Json, Team, Token

if TYPE_CHECKING:
    from tests.emulators.slack.slack_server import SlackServer


def issue_token(
    slack: SlackServer, team: Team, scopes: frozenset[str], expires_in: float | None
) -> Token:
    prefix = "xoxb" if expires_in is None else "xoxe.xoxb"
    token = Token(f"{prefix}-{team.id}-{slack.new_secret()}", "bot", team, team.bot.id, scopes)
    if expires_in is not None:
        token.expires_at = time.time() + expires_in
    slack.tokens[token.value] = token
    team.bot_token = token.value
    team.installed = True
    return token


async def deliver(slack: SlackServer, interaction: Interaction) -> None:
    """Until it is acknowledged: once, but events as often as Slack tries them again."""
    waits = slack.event_retries if interaction.kind == "events_api" else ()
    reason = ""
    for number, wait in enumerate((0.0, *waits)):
        if wait > 0:
            await asyncio.sleep(wait)
        interaction.failure = None
        await _attempt(slack, interaction, number, reason)
        if interaction.ack is not None or slack.ended:
            return
        timed_out = interaction.failure == "operation_timeout"
        reason = "http_timeout" if timed_out else "http_error"
        if slack.request_url.url is None:
            reason = "timeout"


async def _attempt(slack: SlackServer, interaction: Interaction, number: int, why: str) -> None:
    if slack.request_url.url is not None:
        slack.request_url.deadline = slack.deadline
        await slack.request_url.send(interaction, number, why, slack.signing_secret)
        return
    if not slack.sockets.live():
        interaction.attempts.append(Attempt(number, time.monotonic(), "none"))
        interaction.failure = "dispatch_failed"
        interaction.bell.ring()
        return
    await slack.sockets.send(interaction, number, why)
    try:
        await asyncio.wait_for(interaction.heard.wait(), slack.deadline)
    except TimeoutError:
        interaction.failure = "operation_timeout"
        interaction.bell.ring()


def took(slack: SlackServer, interaction: Interaction, payload: Json | None) -> None:
    """The app acknowledged, perhaps with something that Slack is to do."""
    kind = "command" if "command" in interaction.body else interaction.body.get("type")
    if payload:
        try:
            _DOES.get(str(kind), _ignored)(slack, interaction, payload)
        except SlackError as refused:
            interaction.failure = refused.error
            slack.violations.append(f"acknowledgement of {kind}: {refused.error}")
    elif kind == "view_submission":
        views.close(slack, interaction)
    elif kind == "block_suggestion":
        slack.violations.append("a block_suggestion was answered without options")
    interaction.bell.ring()


def _said(slack: SlackServer, interaction: Interaction, payload: Json) -> None:
    if payload.get("text") or payload.get("blocks") or payload.get("attachments"):
        assert interaction.channel is not None
        assert interaction.user is not None
        url = ResponseUrl(
            "", interaction, interaction.team, interaction.channel, interaction.user, None
        )
        answer(slack, url, payload)


def _suggested(slack: SlackServer, interaction: Interaction, payload: Json) -> None:
    problems = problems_of_suggestions(payload)
    if problems:
        slack.violations += [f"suggestions: {problem}" for problem in problems]
        raise SlackError("invalid_options")
    interaction.options = options_in(payload)
    interaction.suggestions_came = True


def _form_sent(slack: SlackServer, interaction: Interaction, payload: Json) -> None:
    match payload.get("response_action"):
        case "errors":
            known = {block["block_id"] for block in (interaction.view or {}).get("blocks", [])}
            errors: dict[str, str] = dict(payload.get("errors") or {})
            if not errors or not set(errors) <= known:
                raise SlackError(f"errors name blocks that are not in the view: {list(errors)}")
            interaction.errors = errors
        case "update":
            views.replace(slack, interaction, payload.get("view"))
        case "push":
            views.push(slack, interaction, payload.get("view"))
        case "clear":
            views.close(slack, interaction, everything=True)
        case None:
            views.close(slack, interaction)
        case other:
            raise SlackError(f"unknown response_action {other!r}")


def _ignored(slack: SlackServer, interaction: Interaction, payload: Json) -> None:
    raise SlackError(f"Slack takes no payload here: {list(payload)}")


_DOES = {
    "command": _said,
    "block_suggestion": _suggested,
    "view_submission": _form_sent,
}
