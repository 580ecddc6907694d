"""Who may do what, where: the bits that matter here, and what a channel's overwrites change."""

from __future__ import annotations

from enum import IntFlag
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.emulators.discord.world import Channel, Guild


class Permission(IntFlag):
    NONE = 0
    KICK_MEMBERS = 1 << 1
    ADMINISTRATOR = 1 << 3
    MANAGE_CHANNELS = 1 << 4
    MANAGE_GUILD = 1 << 5
    ADD_REACTIONS = 1 << 6
    VIEW_CHANNEL = 1 << 10
    SEND_MESSAGES = 1 << 11
    MANAGE_MESSAGES = 1 << 13
    EMBED_LINKS = 1 << 14
    ATTACH_FILES = 1 << 15
    READ_MESSAGE_HISTORY = 1 << 16
    MENTION_EVERYONE = 1 << 17
    USE_EXTERNAL_EMOJIS = 1 << 18
    MANAGE_ROLES = 1 << 28
    USE_APPLICATION_COMMANDS = 1 << 31
    SEND_MESSAGES_IN_THREADS = 1 << 38
    PIN_MESSAGES = 1 << 51


P = Permission

EVERYONE = (
    P.VIEW_CHANNEL
    | P.SEND_MESSAGES
    | P.EMBED_LINKS
    | P.ATTACH_FILES
    | P.READ_MESSAGE_HISTORY
    | P.ADD_REACTIONS
    | P.USE_APPLICATION_COMMANDS
    | P.SEND_MESSAGES_IN_THREADS
    | P.USE_EXTERNAL_EMOJIS
)
"""What a new server's @everyone may. A new member may no more."""

DIRECT = EVERYONE | P.PIN_MESSAGES
ALL = EVERYONE | P(sum(int(bit) for bit in Permission if bit not in EVERYONE))


def permissions_in(channel: Channel, user_id: str) -> Permission:
    """Of a person or the bot in a channel; nothing where they are not members."""
    guild = channel.guild
    if guild is None:
        return DIRECT if not channel.people or user_id in channel.people else Permission.NONE
    member = guild.members.get(user_id)
    if member is None:
        return Permission.NONE
    held = permissions_of(guild, user_id)
    if P.ADMINISTRATOR in held:
        return ALL
    for ids in ([guild.id], member.roles, [user_id]):
        over = [channel.overwrites[one] for one in ids if one in channel.overwrites]
        for overwrite in over:
            held &= ~overwrite.deny
        for overwrite in over:
            held |= overwrite.allow
    if P.VIEW_CHANNEL not in held:
        return Permission.NONE
    if P.SEND_MESSAGES not in held:
        held &= ~(P.EMBED_LINKS | P.ATTACH_FILES | P.MENTION_EVERYONE)
    return held


def permissions_of(guild: Guild, user_id: str) -> Permission:
    """In the whole server, before the overwrites of a channel."""
    member = guild.members.get(user_id)
    if member is None:
        return Permission.NONE
    if guild.owner_id == user_id:
        return ALL
    held = guild.roles[guild.id].permissions
    for role_id in member.roles:
        held |= guild.roles[role_id].permissions
    return ALL if P.ADMINISTRATOR in held else held
