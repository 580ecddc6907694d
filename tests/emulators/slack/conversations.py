"""conversations.* and pins.*"""

from __future__ import annotations

import time

from tests.emulators.slack.calls import Call, SlackError, method
from tests.emulators.slack.world import Channel, Json, new_ts, public


def _page(call: Call, everything: list[Json], name: str, usual: int = 100) -> Json:
    """Cut by `limit` and `cursor`, as every list of Slack's is."""
    limit = call.number("limit", usual) or usual
    cursor = call.text("cursor")
    if cursor and not cursor.isdigit():
        raise SlackError("invalid_cursor")
    start = int(cursor or 0)
    rest = start + limit < len(everything)
    following = str(start + limit) if rest else ""
    return {
        name: everything[start : start + limit],
        "response_metadata": {"next_cursor": following},
    }


def _readable(call: Call) -> Channel:
    """Reading needs the scope of that kind of channel, and membership of private ones."""
    channel = call.channel()
    kind = "im" if channel.im_with else "groups" if channel.private else "channels"
    call.needs(f"{kind}:history")
    if call.team.bot.id not in channel.members and channel.im_with is None:
        raise SlackError("not_in_channel")
    return channel


def _seen(call: Call, message: Json) -> Json:
    seen = public(message)
    if not call.flag("include_all_metadata"):
        seen.pop("metadata", None)
    return seen


@method("conversations.info", per_minute=50)
async def info(call: Call) -> Json:
    channel = call.channel()
    kind = "im" if channel.im_with else "groups" if channel.private else "channels"
    call.needs(f"{kind}:read")
    found = channel.wire(call.team.bot.id)
    if not call.flag("include_num_members"):
        found.pop("num_members", None)
    if call.flag("include_locale"):
        found["locale"] = "en-US"
    return {"channel": found}


def _kinds(call: Call) -> set[str]:
    asked = (call.text("types") or "public_channel").replace(" ", "").split(",")
    needed = {"public_channel": "channels", "private_channel": "groups", "im": "im", "mpim": "mpim"}
    for kind in asked:
        if kind not in needed:
            raise SlackError("invalid_types")
        call.needs(f"{needed[kind]}:read")
    return set(asked)


def _kind(channel: Channel) -> str:
    if channel.im_with is not None:
        return "im"
    return "private_channel" if channel.private else "public_channel"


@method("conversations.list", per_minute=20)
async def list_all(call: Call) -> Json:
    kinds, bot = _kinds(call), call.team.bot.id
    found = [
        channel.wire(bot)
        for channel in list(call.team.channels.values())
        if _kind(channel) in kinds
        and (not channel.private or bot in channel.members)
        and not (channel.archived and call.flag("exclude_archived"))
    ]
    return _page(call, found, "channels")


@method("users.conversations", per_minute=50)
async def of_user(call: Call) -> Json:
    kinds = _kinds(call)
    user = call.text("user") or call.team.bot.id
    if user not in call.team.users:
        raise SlackError("user_not_found")
    found = [
        {name: value for name, value in channel.wire(user).items() if name != "is_member"}
        for channel in list(call.team.channels.values())
        if _kind(channel) in kinds
        and user in channel.members
        and not (channel.private and call.team.bot.id not in channel.members)
        and not (channel.archived and call.flag("exclude_archived"))
    ]
    return _page(call, found, "channels")


@method("conversations.members", per_minute=100)
async def members(call: Call) -> Json:
    channel = call.channel()
    page = _page(call, [{"id": member} for member in channel.members], "members")
    return page | {"members": [member["id"] for member in page["members"]]}


@method("conversations.open", scope="im:write", per_minute=50)
async def open_direct(call: Call) -> Json:
    if call.text("channel"):
        channel = call.channel()
        return {"no_op": True, "already_open": True, "channel": {"id": channel.id}}
    users = call.text("users").split(",")
    if len(users) != 1:
        raise SlackError("not_enough_users" if users == [""] else "method_not_supported")
    user = call.team.users.get(users[0])
    if user is None:
        raise SlackError("user_not_found")
    if user.deleted:
        raise SlackError("user_disabled")
    channel = call.team.direct(user)
    found = channel.wire(call.team.bot.id) if call.flag("return_im") else {"id": channel.id}
    return {"channel": found}


@method("conversations.join", scope="channels:join", per_minute=50)
async def join(call: Call) -> Json:
    channel = call.channel()
    if channel.private or channel.im_with is not None:
        raise SlackError("method_not_supported_for_channel_type")
    if channel.archived:
        raise SlackError("is_archived")
    bot = call.team.bot.id
    already = bot in channel.members
    if not already:
        channel.members.append(bot)
    more = {"warning": "already_in_channel"} if already else {}
    return {"channel": channel.wire(bot), **more}


@method("conversations.history", per_minute=50)
async def history(call: Call) -> Json:
    """Newest first, without the replies in threads; bounds exclude unless `inclusive`."""
    channel = _readable(call)
    roots = [
        message
        for message in list(channel.messages)
        if message.get("thread_ts") in (None, message["ts"])
        or message.get("subtype") == "thread_broadcast"
    ]
    within = [m for m in reversed(roots) if _between(call, m["ts"])]
    page = _page(call, [_seen(call, m) for m in within], "messages")
    more = bool(page["response_metadata"]["next_cursor"])
    if not more:
        del page["response_metadata"]
    return page | {"has_more": more, "pin_count": len(channel.pins)}


@method("conversations.replies", per_minute=50)
async def replies(call: Call) -> Json:
    """The root and its replies, oldest first."""
    channel = _readable(call)
    ts = call.required("ts")
    root = channel.message(ts)
    if root is None:
        raise SlackError("thread_not_found")
    thread = root.get("thread_ts", ts)
    found = [
        _seen(call, message)
        for message in list(channel.messages)
        if message["ts"] == thread
        or (message.get("thread_ts") == thread and _between(call, message["ts"]))
    ]
    page = _page(call, found, "messages", 1000)
    more = bool(page["response_metadata"]["next_cursor"])
    if not more:
        del page["response_metadata"]
    return page | {"has_more": more}


def _between(call: Call, ts: str) -> bool:
    oldest, latest = call.text("oldest") or "0", call.text("latest") or str(time.time() + 1)
    try:
        at, low, high = _micros(ts), _micros(oldest), _micros(latest)
    except ValueError as error:
        raise SlackError("invalid_ts_oldest") from error
    if call.flag("inclusive"):
        return low <= at <= high
    return low < at < high


def _micros(ts: str) -> int:
    seconds, _, rest = ts.partition(".")
    return int(seconds) * 1_000_000 + int(rest[:6].ljust(6, "0"))


@method("pins.add", scope="pins:write", per_minute=20)
async def pin(call: Call) -> Json:
    channel = call.channel()
    ts = call.required("timestamp", "no_item_specified")
    if channel.archived:
        raise SlackError("is_archived")
    if channel.message(ts) is None:
        raise SlackError("message_not_found")
    if call.team.bot.id not in channel.members:
        raise SlackError("not_in_channel")
    if ts in channel.pins:
        raise SlackError("already_pinned")
    channel.pins.append(ts)
    call.slack.bell.ring()
    return {}


@method("pins.remove", scope="pins:write", per_minute=20)
async def unpin(call: Call) -> Json:
    channel = call.channel()
    ts = call.required("timestamp", "no_item_specified")
    if ts not in channel.pins:
        raise SlackError("no_pin")
    channel.pins.remove(ts)
    return {}


@method("pins.list", scope="pins:read", per_minute=20)
async def pins(call: Call) -> Json:
    channel = call.channel()
    items = [
        {
            "type": "message",
            "channel": channel.id,
            "message": public(message),
            "created": int(float(new_ts())),
            "created_by": call.team.bot.id,
        }
        for message in channel.messages
        if message["ts"] in channel.pins
    ]
    return {"items": items}
