"""Pinned messages, by the calls of today and those that came before them."""

from __future__ import annotations

from tests.emulators.discord.calls import Answer, Call, route
from tests.emulators.discord.errors import DiscordError
from tests.emulators.discord.permissions import Permission as P
from tests.emulators.discord.permissions import permissions_in
from tests.emulators.discord.places import PIN_NOTICE
from tests.emulators.discord.world import Channel, Json, public, timestamp

MOST_PINS = 250
_NEW = "/channels/{channel_id}/messages/pins"
_OLD = "/channels/{channel_id}/pins"


def _pinned(channel: Channel) -> list[Json]:
    """The last pinned first."""
    return [channel.messages[one] for one in reversed(channel.pins)]


@route("GET", _NEW, bucket="pins", place="channel_id")
async def listed(call: Call) -> Answer:
    channel = call.channel()
    limit = int(call.query.get("limit", "50"))
    before = call.query.get("before")
    found = [one for one in _pinned(channel) if not before or channel.pins[one["id"]] < before]
    items = [{"pinned_at": channel.pins[one["id"]], "message": public(one)} for one in found]
    return {"items": items[:limit], "has_more": len(items) > limit}


@route("GET", _OLD, bucket="pins", place="channel_id")
async def listed_as_before(call: Call) -> Answer:
    return [public(one) for one in _pinned(call.channel())[:50]]


@route("PUT", _NEW + "/{message_id}", bucket="pins", place="channel_id")
@route("PUT", _OLD + "/{message_id}", bucket="pins", place="channel_id")
async def pin(call: Call) -> Answer:
    channel = _may_pin(call)
    message = call.message(channel)
    if message["id"] in channel.pins:
        return None
    if len(channel.pins) >= MOST_PINS:
        raise DiscordError(30003)
    channel.pins[message["id"]] = timestamp()
    message["pinned"] = True
    notice = call.discord.new_message(channel, call.discord.bot) | {
        "type": PIN_NOTICE,
        "message_reference": {"type": 0, "channel_id": channel.id, "message_id": message["id"]},
    }
    call.discord.keep(channel, notice)
    _tell(call, channel)
    return None


@route("DELETE", _NEW + "/{message_id}", bucket="pins", place="channel_id")
@route("DELETE", _OLD + "/{message_id}", bucket="pins", place="channel_id")
async def unpin(call: Call) -> Answer:
    channel = _may_pin(call)
    message = call.message(channel)
    if channel.pins.pop(message["id"], None) is not None:
        message["pinned"] = False
        _tell(call, channel)
    return None


def _may_pin(call: Call) -> Channel:
    """Since 2026 that is a permission of its own; managing messages is not enough any more."""
    channel = call.channel()
    if P.PIN_MESSAGES not in permissions_in(channel, call.discord.bot.id):
        raise DiscordError(50013)
    return channel


def _tell(call: Call, channel: Channel) -> None:
    about: Json = {
        "channel_id": channel.id,
        "last_pin_timestamp": next(reversed(channel.pins.values()), None),
    }
    if channel.guild is not None:
        about["guild_id"] = channel.guild.id
    call.discord.gateway.tell(channel.guild, "CHANNEL_PINS_UPDATE", lambda _: about)
