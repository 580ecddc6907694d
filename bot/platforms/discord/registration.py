"""Commands are registered with Discord only when they changed: 200 creations a day are all."""

from __future__ import annotations

import hashlib
import json
import logging

import discord
from discord import app_commands

from alerts.store import memory
from alerts.store.database import Database

log = logging.getLogger(__name__)


async def register(tree: app_commands.CommandTree[discord.Client], database: Database) -> bool:
    """True when Discord was told. A refusal is the operator's to read; the old commands go on.

    Raises what a lost connection or a failing server raises: that is worth another try.
    """
    key = f"discord.commands.{tree.client.application_id}"
    now = await fingerprint(tree)
    async with database.read() as connection:
        before = await memory.recall(connection, key)
    if now == before:
        return False
    try:
        await tree.sync()
    except (discord.HTTPException, discord.RateLimited) as error:
        if isinstance(error, discord.DiscordServerError):
            raise
        log.error("Discord did not take the commands, the old ones stay: %s", error)
        return False
    async with database.write() as connection:
        await memory.remember(connection, key, now)
    return True


async def fingerprint(tree: app_commands.CommandTree[discord.Client]) -> str:
    """Changes with whatever Discord is told of the commands, in every language."""
    translator = tree.translator
    payloads = [
        await command.get_translated_payload(tree, translator) if translator else None
        for command in tree.get_commands()
    ]
    written = json.dumps(payloads, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(written.encode()).hexdigest()
