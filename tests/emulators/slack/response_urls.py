"""response_url: the address at which an interaction may be answered, five times in 30 minutes."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from aiohttp import web

from tests.emulators.slack.calls import SlackError
from tests.emulators.slack.interactions import Interaction
from tests.emulators.slack.messages import (
    check_content,
    new_ephemeral,
    new_message,
    rewrite,
)
from tests.emulators.slack.world import Channel, Json, Team, User

if TYPE_CHECKING:
    from tests.emulators.slack.slack_server import SlackServer

MOST_USES = 5
LIFETIME = 30 * 60.0


@dataclass(eq=False)
class ResponseUrl:
    path: str
    interaction: Interaction
    team: Team
    channel: Channel
    user: User
    original: Json | None
    """The message that was pressed."""
    made_at: float = field(default_factory=time.monotonic)
    uses: int = 0

    def age(self) -> float:
        return time.monotonic() - self.made_at


async def respond(slack: SlackServer, request: web.Request) -> web.StreamResponse:
    url = slack.response_urls.get(request.path)
    try:
        if url is None or url.age() > LIFETIME:
            raise SlackError("expired_url")
        if url.uses >= MOST_USES:
            raise SlackError("used_url")
        url.uses += 1
        answer(slack, url, _payload(await request.text(), request.content_type))
    except SlackError as refused:
        body = {"ok": False, "error": refused.error, **refused.more}
        status = 500 if refused.error in ("no_text", "invalid_payload") else 404
        return web.json_response(body, status=status)
    if request.path.startswith("/commands/"):
        return web.Response(text="ok")
    return web.json_response({"ok": True})


def _payload(text: str, content_type: str) -> Json:
    if content_type == "application/x-www-form-urlencoded":
        text = parse_qs(text).get("payload", [""])[0]
    try:
        said = json.loads(text)
    except ValueError as error:
        raise SlackError("invalid_payload") from error
    if not isinstance(said, dict):
        raise SlackError("invalid_payload")
    return said


def answer(slack: SlackServer, url: ResponseUrl, said: Json) -> None:
    """Say it where `said` asks to: in private, to the channel, in the place of the original."""
    if said.get("delete_original"):
        _take_away(slack, url)
        url.interaction.bell.ring()
        return
    content: Json = {name: said[name] for name in ("text", "blocks", "attachments") if name in said}
    check_content(slack, content, by_url=True)
    original = url.original
    if said.get("replace_original") and original is not None:
        rewrite(original, {"blocks": [], "attachments": [], **content})
        message = original
    elif said.get("response_type") == "in_channel":
        message = new_message(url.team, url.channel, content)
        url.channel.messages.append(message)
    else:
        message = new_ephemeral(url.team, url.channel, url.user, content)
        url.team.ephemerals.append(message)
    if said.get("thread_ts") and message is not original:
        message["thread_ts"] = said["thread_ts"]
    url.interaction.responses.append(message)
    url.interaction.bell.ring()


def _take_away(slack: SlackServer, url: ResponseUrl) -> None:
    for kept in (url.team.ephemerals, url.channel.messages):
        if url.original is not None and url.original in kept:
            kept.remove(url.original)
            slack.deleted.append(url.original)
