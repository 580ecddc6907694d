"""The bot itself, and where it is: users, servers, channels, the way to the gateway."""

from __future__ import annotations

from tests.emulators.discord.calls import Answer, Call, route
from tests.emulators.discord.errors import DiscordError, invalid_form
from tests.emulators.discord.permissions import permissions_of
from tests.emulators.discord.world import Json


@route("GET", "/gateway", bucket="gateway", free=True)
async def gateway(call: Call) -> Answer:
    return {"url": call.discord.gateway_url}


@route("GET", "/gateway/bot", bucket="gateway")
async def gateway_bot(call: Call) -> Answer:
    gateway = call.discord.gateway
    return {
        "url": call.discord.gateway_url,
        "shards": gateway.shards,
        "session_start_limit": {
            "total": 1000,
            "remaining": gateway.session_starts_left,
            "reset_after": 86_400_000,
            "max_concurrency": 1,
        },
    }


@route("GET", "/users/@me")
async def me(call: Call) -> Answer:
    return call.discord.bot.wire() | {
        "verified": True,
        "mfa_enabled": False,
        "email": None,
        "locale": "en-US",
    }


@route("GET", "/users/@me/guilds")
async def my_guilds(call: Call) -> Answer:
    bot = call.discord.bot
    mine = [guild for guild in call.discord.guilds.values() if bot.id in guild.members]
    return [
        {
            "id": one.id,
            "name": one.name,
            "icon": None,
            "banner": None,
            "owner": False,
            "permissions": str(int(permissions_of(one, bot.id))),
            "features": [],
        }
        for one in mine
    ]


@route("DELETE", "/users/@me/guilds/{guild_id}", place="guild_id")
async def leave(call: Call) -> Answer:
    call.discord.remove_bot(call.guild())
    return None


@route("POST", "/users/@me/channels", bucket="direct")
async def open_direct(call: Call) -> Answer:
    recipient = call.form.get("recipient_id")
    if recipient is None:
        missing = ("recipient_id", "BASE_TYPE_REQUIRED", "This field is required")
        raise invalid_form([missing])
    return call.discord.direct(call.user(str(recipient))).wire()


@route("GET", "/users/{user_id}", place="user_id")
async def user(call: Call) -> Answer:
    return call.user(call["user_id"]).wire()


def _application(call: Call) -> Json:
    owner = next(iter(call.discord.guilds.values())).owner if call.discord.guilds else None
    return {
        "id": call.discord.application_id,
        "name": call.discord.bot.name,
        "icon": None,
        "description": "",
        "type": None,
        "summary": "",
        "bot_public": True,
        "bot_require_code_grant": False,
        "verify_key": "0" * 64,
        "team": None,
        "flags": 0,
        "flags_new": "0",
        "redirect_uris": [],
        "interactions_endpoint_url": None,
        "role_connections_verification_url": None,
        "explicit_content_filter": 0,
        "eligible_oauth2_scopes": [],
        "owner": (owner or call.discord.bot).wire(),
        "bot": call.discord.bot.wire(),
        "approximate_guild_count": len(call.discord.guilds),
        "approximate_user_install_count": 0,
        "approximate_user_authorization_count": 0,
        "integration_types_config": {"0": {}, "1": {}},
    }


@route("GET", "/applications/@me")
async def application(call: Call) -> Answer:
    return _application(call)


@route("GET", "/oauth2/applications/@me")
async def oauth2_application(call: Call) -> Answer:
    return _application(call)


@route("GET", "/guilds/{guild_id}", place="guild_id")
async def guild(call: Call) -> Answer:
    found = call.guild()
    told = found.about()
    if call.flag("with_counts"):
        told["approximate_member_count"] = len(found.members)
        told["approximate_presence_count"] = 0
    return told


@route("GET", "/guilds/{guild_id}/channels", place="guild_id")
async def guild_channels(call: Call) -> Answer:
    return [channel.wire() for channel in call.guild().channels.values()]


@route("GET", "/guilds/{guild_id}/roles", place="guild_id")
async def roles(call: Call) -> Answer:
    return [role.wire() for role in call.guild().roles.values()]


@route("GET", "/guilds/{guild_id}/members/{user_id}", place="guild_id")
async def member(call: Call) -> Answer:
    found = call.guild().members.get(call["user_id"])
    if found is None:
        raise DiscordError(10007)
    return found.wire()


@route("GET", "/channels/{channel_id}", place="channel_id")
async def channel(call: Call) -> Answer:
    return call.channel().wire()
