"""Discord: slash commands, buttons, forms and messages, through discord.py."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from alerts.platform import Platform
    from bot.platforms import Context


def make(context: Context) -> Platform | None:
    """The platform when there is a token (`BUBBLEWATCH_DISCORD_TOKEN`)."""
    if context.settings.discord_token is None:
        return None
    # Imported here: discord.py takes half a second, and only those pay it who use Discord.
    from bot.platforms.discord.platform import DiscordPlatform

    return DiscordPlatform(context, context.settings.discord_token.get_secret_value())
