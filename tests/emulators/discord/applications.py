"""The REST calls about commands: list, overwrite, create, edit, delete; global and of a server."""

from __future__ import annotations

from tests.emulators.discord.calls import Answer, Call, route
from tests.emulators.discord.errors import DiscordError

_GLOBAL = "/applications/{application_id}/commands"
_GUILD = "/applications/{application_id}/guilds/{guild_id}/commands"


def _place(call: Call) -> str | None:
    """Checks that the application is the bot's own, and that it is in the server."""
    if call["application_id"] != call.discord.application_id:
        raise DiscordError(10002)
    if "guild_id" not in call.parameters:
        return None
    guild = call.discord.guilds.get(call["guild_id"])
    if guild is None or call.discord.bot.id not in guild.members:
        raise DiscordError(50001)
    return guild.id


@route("GET", _GLOBAL, bucket="commands", place="application_id")
@route("GET", _GUILD, bucket="commands", place="application_id guild_id")
async def listed(call: Call) -> Answer:
    told = []
    for command in call.discord.commands.of(_place(call)).values():
        if not call.flag("with_localizations"):
            command = {n: v for n, v in command.items() if not n.endswith("_localizations")}
        told.append(command)
    return told


@route("PUT", _GLOBAL, bucket="commands", place="application_id")
@route("PUT", _GUILD, bucket="commands", place="application_id guild_id")
async def overwrite(call: Call) -> Answer:
    place = _place(call)
    if not isinstance(call.body, list):
        raise DiscordError(50035)
    return call.discord.commands.overwrite(call.discord.application_id, place, call.body)


@route("POST", _GLOBAL, bucket="commands", place="application_id")
@route("POST", _GUILD, bucket="commands", place="application_id guild_id")
async def create(call: Call) -> Answer:
    return call.discord.commands.add(call.discord.application_id, _place(call), call.form)


@route("GET", _GLOBAL + "/{command_id}", bucket="commands", place="application_id")
@route("GET", _GUILD + "/{command_id}", bucket="commands", place="application_id guild_id")
async def one(call: Call) -> Answer:
    return call.discord.commands.by_id(_place(call), call["command_id"])


@route("PATCH", _GLOBAL + "/{command_id}", bucket="commands", place="application_id")
@route("PATCH", _GUILD + "/{command_id}", bucket="commands", place="application_id guild_id")
async def edit(call: Call) -> Answer:
    place = _place(call)
    old = call.discord.commands.by_id(place, call["command_id"])
    book = call.discord.commands
    kept = book.add(call.discord.application_id, place, old | call.form | {"name": old["name"]})
    if "name" in call.form and call.form["name"] != old["name"]:
        del book.of(place)[old["name"]]
        kept["name"] = call.form["name"]
        book.of(place)[kept["name"]] = kept
    return kept


@route("DELETE", _GLOBAL + "/{command_id}", bucket="commands", place="application_id")
@route("DELETE", _GUILD + "/{command_id}", bucket="commands", place="application_id guild_id")
async def delete(call: Call) -> Answer:
    place = _place(call)
    old = call.discord.commands.by_id(place, call["command_id"])
    del call.discord.commands.of(place)[old["name"]]
    call.discord.commands.writes += 1
    return None
