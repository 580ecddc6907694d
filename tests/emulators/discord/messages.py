"""The messages of a channel: post, list, fetch, edit, delete."""

from __future__ import annotations

import time

from tests.emulators.discord.bodies import write
from tests.emulators.discord.calls import Answer, Call, route
from tests.emulators.discord.errors import DiscordError, invalid_form
from tests.emulators.discord.permissions import Permission as P
from tests.emulators.discord.permissions import permissions_in
from tests.emulators.discord.world import Channel, Json, public, timestamp

_MESSAGES = "/channels/{channel_id}/messages"
_MESSAGE = _MESSAGES + "/{message_id}"


@route("POST", _MESSAGES, bucket="messages.create", place="channel_id")
async def create(call: Call) -> Answer:
    """1. may it · 2. was it there already · 3. is it in order · 4. everyone sees it."""
    discord = call.discord
    channel = call.channel(P.SEND_MESSAGES)
    if channel.recipient is not None and not channel.recipient.takes_messages:
        raise DiscordError(50007)
    nonce = call.form.get("nonce")
    key = (channel.id, str(nonce))
    if call.form.get("enforce_nonce") and nonce is not None:
        until, first = discord.nonces.get(key, (0.0, ""))
        if until > time.monotonic():
            if first not in channel.messages:
                raise DiscordError(10008)
            return public(channel.messages[first]) | {"nonce": nonce}
    message = discord.new_message(channel, discord.bot)
    _may(call, channel)
    _refer(call, channel, message)
    write(discord, channel, message, call.form, call.files)
    if nonce is not None:
        message["_nonce"] = nonce
        discord.nonces[key] = (time.monotonic() + discord.nonce_window, message["id"])
    discord.keep(channel, message, nonce)
    return public(message) | ({} if nonce is None else {"nonce": nonce})


def _may(call: Call, channel: Channel) -> None:
    held = permissions_in(channel, call.discord.bot.id)
    if call.files and P.ATTACH_FILES not in held:
        raise DiscordError(50013)
    if call.form.get("embeds") and P.EMBED_LINKS not in held:
        raise DiscordError(50013)


def _refer(call: Call, channel: Channel, message: Json) -> None:
    reference = call.form.get("message_reference")
    if not reference:
        return
    if P.READ_MESSAGE_HISTORY not in permissions_in(channel, call.discord.bot.id):
        raise DiscordError(160002)
    answered = channel.messages.get(str(reference.get("message_id")))
    if answered is None:
        if reference.get("fail_if_not_exists", True):
            unknown = "MESSAGE_REFERENCE_UNKNOWN_MESSAGE"
            raise invalid_form([("message_reference", unknown, "Unknown message")])
        return
    message["type"] = 19
    message["message_reference"] = {
        "type": 0,
        "channel_id": channel.id,
        "message_id": answered["id"],
    }
    if channel.guild is not None:
        message["message_reference"]["guild_id"] = channel.guild.id
    message["referenced_message"] = public(answered)


@route("GET", _MESSAGES, bucket="messages.read", place="channel_id")
async def listed(call: Call) -> Answer:
    """Newest first. Without the permission to read history there is nothing to see."""
    channel = call.channel()
    limit = int(call.query.get("limit", "50"))
    if not 1 <= limit <= 100:
        told = "int value should be between 1 and 100."
        raise invalid_form([("limit", "NUMBER_TYPE_MAX", told)])
    if P.READ_MESSAGE_HISTORY not in permissions_in(channel, call.discord.bot.id):
        return []
    found = channel.newest_first()
    if "around" in call.query:
        middle = int(call.query["around"])
        newer = [one for one in found if int(one["id"]) > middle][-(limit // 2) :]
        found = newer + [one for one in found if int(one["id"]) <= middle][: limit - len(newer)]
    elif "before" in call.query:
        found = [one for one in found if int(one["id"]) < int(call.query["before"])]
    elif "after" in call.query:
        found = [one for one in found if int(one["id"]) > int(call.query["after"])][-limit:]
    return [public(one) for one in found[:limit]]


@route("GET", _MESSAGE, bucket="messages.read", place="channel_id")
async def fetch(call: Call) -> Answer:
    channel = call.channel()
    if P.READ_MESSAGE_HISTORY not in permissions_in(channel, call.discord.bot.id):
        raise DiscordError(50001)
    return public(call.message(channel))


@route("PATCH", _MESSAGE, bucket="messages.edit", place="channel_id")
async def edit(call: Call) -> Answer:
    channel = call.channel()
    message = call.message(channel)
    if message["author"]["id"] != call.discord.bot.id:
        raise DiscordError(50005)
    _may(call, channel)
    write(call.discord, channel, message, call.form, call.files)
    edited(call, channel, message)
    return public(message)


def edited(call: Call, channel: Channel, message: Json) -> None:
    """It says when, and everyone sees it."""
    message["edited_timestamp"] = timestamp()
    message["_edits"] += 1
    call.discord.announce(channel, "MESSAGE_UPDATE", message)


@route("DELETE", _MESSAGE, bucket="messages.delete", place="channel_id")
async def delete(call: Call) -> Answer:
    channel = call.channel()
    message = call.message(channel)
    own = message["author"]["id"] == call.discord.bot.id
    if not own and P.MANAGE_MESSAGES not in permissions_in(channel, call.discord.bot.id):
        raise DiscordError(50013)
    call.discord.delete_message(channel, message["id"])
    return None


@route("POST", "/channels/{channel_id}/typing", place="channel_id")
async def typing(call: Call) -> Answer:
    call.channel(P.SEND_MESSAGES)
    return None
