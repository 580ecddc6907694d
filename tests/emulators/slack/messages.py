"""chat.*: messages as they are checked, kept, changed and taken away."""

from __future__ import annotations

import copy
import json
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tests.emulators.slack.block_kit import problems_of_message
from tests.emulators.slack.calls import Call, SlackError, method
from tests.emulators.slack.elements import blocks_of, name_blocks
from tests.emulators.slack.pings import pings_of
from tests.emulators.slack.world import Channel, Json, Team, User, new_ts, public

if TYPE_CHECKING:
    from tests.emulators.slack.slack_server import SlackServer

LONGEST_TEXT = 40_000
LONGEST_EDIT = 4_000
"""Bytes, of the `text` in chat.update and chat.postEphemeral."""
MOST_METADATA = 8_192
_BLOCKS_TEXT = 11_000
_BLOCKS_JSON = 16_000
"""Characters of all blocks together, in chat.*. Slack does not document them: the strictest numbers
that explain what people measured (slackapi/bolt-js#2509 and #2867)."""


def content_of(call: Call) -> Json:
    content: Json = {"text": call.text("text")}
    for name in ("blocks", "attachments"):
        value = call.structure(name, f"invalid_{name}_format")
        if value is not None:
            if not isinstance(value, list):
                raise SlackError(f"invalid_{name}_format")
            content[name] = value
    metadata = call.structure("metadata", "invalid_metadata_format")
    if metadata is not None:
        content["metadata"] = _metadata(call.slack, metadata)
    for name in ("parse", "link_names"):
        if name in call.arguments:
            content[name] = call.arguments[name]
    return content


def _metadata(slack: SlackServer, metadata: object) -> Json:
    """An empty object takes the metadata away that was there."""
    if metadata == {}:
        return {}
    if not isinstance(metadata, dict) or not metadata.get("event_type"):
        raise SlackError("invalid_metadata_format")
    if not isinstance(metadata.get("event_payload"), dict):
        raise SlackError("invalid_metadata_schema")
    if len(json.dumps(metadata)) > MOST_METADATA:
        slack.violations.append(f"metadata longer than {MOST_METADATA} bytes")
        raise SlackError("metadata_too_large")
    return metadata


def check_content(
    slack: SlackServer,
    content: Mapping[str, Any],
    *,
    most_bytes: int | None = None,
    by_url: bool = False,
) -> None:
    """As Slack checks what is to be said; what it refuses is also kept for the test.

    `most_bytes`: chat.update and chat.postEphemeral take less text than chat.postMessage.
    `by_url`: a response_url takes more blocks than chat.* do.
    """
    text, blocks = str(content.get("text") or ""), content.get("blocks")
    if not text and not blocks and not content.get("attachments"):
        raise SlackError("no_text")
    if len(text) > LONGEST_TEXT or len(text.encode()) > (most_bytes or 4 * LONGEST_TEXT):
        slack.violations.append(f"message: text of {len(text.encode())} bytes")
        raise SlackError("msg_too_long")
    if blocks and not by_url:
        _weigh(slack, blocks)
    _check_blocks(slack, blocks, "/blocks", "invalid_blocks")
    for at, attachment in enumerate(content.get("attachments") or []):
        if isinstance(attachment, dict) and attachment.get("blocks"):
            _check_blocks(
                slack, attachment["blocks"], f"/attachments/{at}/blocks", "invalid_attachments"
            )


def _weigh(slack: SlackServer, blocks: Any) -> None:
    words, whole = _letters(blocks), len(json.dumps(blocks, ensure_ascii=False))
    if words > _BLOCKS_TEXT or whole > _BLOCKS_JSON:
        slack.violations.append(f"message: blocks with {words} characters of text, {whole} in all")
        raise SlackError("msg_blocks_too_long")


def _letters(node: Any) -> int:
    """The characters of every `text` in it."""
    if isinstance(node, list):
        return sum(_letters(part) for part in node)
    if not isinstance(node, dict):
        return 0
    own = node.get("text")
    rest = [part for name, part in node.items() if name != "text" or isinstance(part, dict)]
    return (len(own) if isinstance(own, str) else 0) + _letters(rest)


def _check_blocks(slack: SlackServer, blocks: Any, at: str, error: str) -> None:
    wrong, missing = problems_of_message(blocks or [], at), slack.unknown_files(blocks, at)
    slack.violations += [f"message: {problem}" for problem in wrong]
    if problems := wrong + missing:
        raise SlackError(
            error,
            errors=problems,
            response_metadata={"messages": [f"[ERROR] {problem}" for problem in problems]},
        )


def new_message(team: Team, channel: Channel, content: Mapping[str, Any]) -> Json:
    message: Json = {
        "user": team.bot.id,
        "type": "message",
        "ts": new_ts(),
        "bot_id": team.bot_id,
        "app_id": team.app_id,
        "text": content.get("text") or "",
        "team": team.id,
        "bot_profile": {
            "id": team.bot_id,
            "app_id": team.app_id,
            "user_id": team.bot.id,
            "name": team.bot.name,
            "deleted": False,
            "team_id": team.id,
        },
        "_channel": channel.id,
        "_team": team.id,
        "_at": time.monotonic(),
    }
    for name in ("blocks", "attachments", "metadata"):
        if content.get(name):
            message[name] = copy.deepcopy(content[name])
    name_blocks(list(blocks_of(message)))
    message["_pings"] = pings_of({**content, **message})
    return message


def refuse_if_closed(call: Call, channel: Channel) -> None:
    if channel.archived:
        raise SlackError("is_archived")
    if channel.refuses is not None:
        raise SlackError(channel.refuses)
    if channel.im_with is not None and not call.team.messages_tab:
        raise SlackError("messages_tab_disabled")
    if call.team.bot.id not in channel.members:
        scopes = call.token.scopes if call.token is not None else None
        if channel.private or scopes is None or "chat:write.public" not in scopes:
            raise SlackError("not_in_channel")


def addressed(call: Call) -> Channel:
    """The channel to say something in; the id of a person means the direct messages with them."""
    user: User | None = call.team.users.get(call.text("channel"))
    if user is not None:
        return call.team.direct(user)
    return call.channel()


def the_bots_message(call: Call, channel: Channel, denied: str) -> Json:
    message = channel.message(call.required("ts"))
    if message is None:
        raise SlackError("message_not_found")
    if message.get("user") != call.team.bot.id:
        raise SlackError(denied)
    return message


@method("chat.postMessage", scope="chat:write")
async def post_message(call: Call) -> Json:
    channel = addressed(call)
    content = content_of(call)
    refuse_if_closed(call, channel)
    check_content(call.slack, content)
    call.slack.rates.earn_post(call.team.id, channel.id)
    message = new_message(call.team, channel, content)
    message["_unfurl_links"] = call.flag("unfurl_links")
    message["_unfurl_media"] = call.flag("unfurl_media", default=True)
    message["_mrkdwn"] = call.flag("mrkdwn", default=True)
    thread = call.text("thread_ts")
    if thread:
        root = channel.message(thread)
        if root is None:
            raise SlackError("thread_not_found")
        message["thread_ts"] = thread
        message["parent_user_id"] = root["user"]
        root.setdefault("thread_ts", thread)
        root["reply_count"] = root.get("reply_count", 0) + 1
        root["latest_reply"] = message["ts"]
        if call.flag("reply_broadcast"):
            message["subtype"] = "thread_broadcast"
    channel.messages.append(message)
    return {"channel": channel.id, "ts": message["ts"], "message": public(message)}


@method("chat.update", scope="chat:write")
async def update(call: Call) -> Json:
    channel = call.channel()
    message = the_bots_message(call, channel, "cant_update_message")
    if channel.archived:
        raise SlackError("is_inactive")
    window = call.slack.edit_window
    if window is not None and time.time() - float(message["ts"]) > window:
        raise SlackError("edit_window_closed")
    content = content_of(call)
    if not content["text"] and "blocks" not in content and "attachments" not in content:
        raise SlackError("no_text")
    kept: Json = {name: message[name] for name in ("blocks", "attachments") if name in message}
    check_content(call.slack, {**kept, **content}, most_bytes=LONGEST_EDIT)
    rewrite(message, content)
    if not content.get("blocks"):
        message["edited"] = {"user": call.team.bot.id, "ts": new_ts()}
    return {
        "channel": channel.id,
        "ts": message["ts"],
        "text": message["text"],
        "message": public(message),
    }


def rewrite(message: Json, content: Mapping[str, Any]) -> None:
    """What is not named is kept, what is empty goes; but text alone replaces the blocks."""
    if content.get("text") and "blocks" not in content:
        content = {**content, "blocks": []}
    message["text"] = content.get("text") or message["text"]
    for name in ("blocks", "attachments", "metadata"):
        if name in content:
            message[name] = copy.deepcopy(content[name])
            if not message[name]:
                del message[name]
    name_blocks(list(blocks_of(message)))
    message["_edits"] = message.get("_edits", 0) + 1
    message["_pings_edit"] = pings_of(message)


@method("chat.delete", scope="chat:write")
async def delete(call: Call) -> Json:
    channel = call.channel()
    message = the_bots_message(call, channel, "cant_delete_message")
    channel.messages.remove(message)
    call.slack.deleted.append(message)
    return {"channel": channel.id, "ts": message["ts"]}


@method("chat.postEphemeral", scope="chat:write", per_minute=100)
async def post_ephemeral(call: Call) -> Json:
    channel = addressed(call)
    user = call.team.users.get(call.required("user"))
    content = content_of(call)
    refuse_if_closed(call, channel)
    if user is None or user.id not in channel.members:
        raise SlackError("user_not_in_channel")
    check_content(call.slack, content, most_bytes=LONGEST_EDIT)
    message = new_ephemeral(call.team, channel, user, content)
    if call.text("thread_ts"):
        message["thread_ts"] = call.text("thread_ts")
    call.team.ephemerals.append(message)
    call.slack.attribute(message, user, channel)
    return {"message_ts": message["ts"]}


def new_ephemeral(team: Team, channel: Channel, user: User, content: Mapping[str, Any]) -> Json:
    message = new_message(team, channel, content)
    return message | {"is_ephemeral": True, "_user": user.id}


@method("chat.getPermalink", scope=None, per_minute=100)
async def get_permalink(call: Call) -> Json:
    channel = call.channel()
    ts = call.required("message_ts")
    message = channel.message(ts)
    if message is None:
        raise SlackError("message_not_found")
    link = f"https://{call.team.domain}.slack.com/archives/{channel.id}/p{ts.replace('.', '')}"
    if message.get("thread_ts") not in (None, ts):
        link += f"?thread_ts={message['thread_ts']}&cid={channel.id}"
    return {"channel": channel.id, "permalink": link}
