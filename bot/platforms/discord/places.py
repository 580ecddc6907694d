"""Places and people as Discord numbers them."""

from __future__ import annotations

import discord

from alerts.store import workspaces
from alerts.store.destinations import Place
from bot.commands import Request, Services
from bot.locales import known_language

NAME = "discord"
PERSONS = "@me"
"""The workspace of everyone's direct messages; the channel is then the person's id."""

Interaction = discord.Interaction[discord.Client]


def person(user: str) -> Place:
    return Place(NAME, PERSONS, user)


def request_of(interaction: Interaction, services: Services, *, public: bool = False) -> Request:
    """Who asks and where. `public`: the answer is for the channel, in the channel's language.

    Where the bot is no member, the place is the person's: it could post nothing there.
    """
    user = str(interaction.user.id)
    own = known_language(str(interaction.locale))
    name = interaction.user.display_name
    guild, channel = interaction.guild_id, interaction.channel_id
    if guild is None or channel is None or not interaction.is_guild_integration():
        language = None if public else own
        return Request(person(user), user, language, name, own, direct=True, private=not public)

    async def permission() -> bool:
        return await _may_change(interaction, services)

    async def role_called(role: str) -> str | None:
        here = interaction.guild
        # Of a server that is not loaded nothing is known.
        return role_name(here, role) if here is not None and here.roles else role

    async def channel_called(number: str) -> str | None:
        known = interaction.client.get_channel(int(number)) if number.isdigit() else None
        if not isinstance(known, discord.abc.GuildChannel) or known.guild.id != guild:
            return None
        return f"#{known.name}"

    return Request(
        Place(NAME, str(guild), str(channel)),
        user,
        None if public else own,
        name,
        known_language(str(interaction.guild_locale or "")),
        private=not public,
        permission=permission,
        role_called=role_called,
        channel_called=channel_called,
    )


def role_name(guild: discord.Guild | None, role: str) -> str | None:
    """None for a role that the server does not have."""
    if guild is None or not role.isdigit():
        return None
    found = guild.get_role(int(role))
    return None if found is None else f"@{found.name.removeprefix('@')}"


async def _may_change(interaction: Interaction, services: Services) -> bool:
    """Those who manage the server, and the role that they have set."""
    if interaction.permissions.manage_guild or interaction.permissions.administrator:
        return True
    async with services.database.read() as connection:
        role = await workspaces.managers_of(connection, NAME, str(interaction.guild_id))
    member = interaction.user
    if role is None or not role.isdigit() or not isinstance(member, discord.Member):
        return False
    return member.get_role(int(role)) is not None
