"""A bot of discord.py's own making, to try the emulator with: some commands, and what it saw."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import discord
import yarl
from discord import app_commands
from discord.gateway import DiscordWebSocket
from discord.http import Route

from tests.emulators.discord import DiscordEmulator


class Form(discord.ui.Modal, title="A line"):
    line: discord.ui.Label[Form] = discord.ui.Label(
        text="Where", component=discord.ui.TextInput(custom_id="line", max_length=20)
    )
    kind: discord.ui.Label[Form] = discord.ui.Label(
        text="Side",
        component=discord.ui.Select(
            custom_id="side",
            options=[discord.SelectOption(label="above"), discord.SelectOption(label="below")],
        ),
    )

    async def on_submit(self, interaction: discord.Interaction) -> None:
        line, side = self.line.component, self.kind.component
        assert isinstance(line, discord.ui.TextInput)
        assert isinstance(side, discord.ui.Select)
        await interaction.response.send_message(f"{side.values[0]} {line.value}")


class Choices(discord.ui.View):
    @discord.ui.button(label="Update", custom_id="update")
    async def update(self, interaction: discord.Interaction, _: Any) -> None:
        await interaction.response.edit_message(content="updated")

    @discord.ui.button(label="Ask", custom_id="ask")
    async def ask(self, interaction: discord.Interaction, _: Any) -> None:
        await interaction.response.send_modal(Form())

    @discord.ui.select(
        custom_id="for", options=[discord.SelectOption(label=one) for one in ("1h", "1d")]
    )
    async def choose(
        self, interaction: discord.Interaction, select: discord.ui.Select[Choices]
    ) -> None:
        await interaction.response.defer()
        await interaction.edit_original_response(content=f"for {select.values[0]}")


class Bot(discord.Client):
    """`events` holds the names of what was dispatched."""

    def __init__(self, intents: discord.Intents | None = None, **options: Any) -> None:
        super().__init__(
            intents=intents or discord.Intents(guilds=True, guild_messages=True),
            guild_ready_timeout=0.05,
            **options,
        )
        self.events: list[str] = []
        self.interactions: list[discord.Interaction] = []
        self.tree = app_commands.CommandTree(self)
        self.tree.add_command(_commands())

    def dispatch(self, event: str, /, *args: Any, **kwargs: Any) -> None:
        self.events.append(event)
        super().dispatch(event, *args, **kwargs)

    async def on_interaction(self, interaction: discord.Interaction) -> None:
        self.interactions.append(interaction)

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Without the five seconds that Discord asks for between two of them."""


class ShardedBot(Bot, discord.AutoShardedClient):
    """As Discord asks for with many servers."""


def _commands() -> app_commands.Group:
    group = app_commands.Group(
        name="bubble",
        description="What a bubble is made of",
        allowed_installs=app_commands.AppInstallationType(guild=True, user=True),
        allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=True),
    )
    alerts = app_commands.Group(name="alert", description="Lines", parent=group)

    @group.command(description="Answers at once")
    async def board(interaction: discord.Interaction, rows: int = 3) -> None:
        await interaction.response.send_message(f"{rows} rows", view=Choices())

    @group.command(description="Answers later, for one person")
    async def why(interaction: discord.Interaction) -> None:
        await interaction.response.defer(ephemeral=True)
        await interaction.edit_original_response(content="because")
        await interaction.followup.send("and", ephemeral=True)

    @group.command(description="Does not answer")
    async def silent(interaction: discord.Interaction) -> None:
        pass

    @alerts.command(description="Draws a line")
    async def add(
        interaction: discord.Interaction,
        indicator: str,
        role: discord.Role | None = None,
        channel: discord.TextChannel | None = None,
    ) -> None:
        await interaction.response.send_message(f"{indicator} {role} {channel}")

    @add.autocomplete("indicator")
    async def indicators(
        interaction: discord.Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        return [app_commands.Choice(name=f"{typed}{n}", value=f"{n}") for n in range(25)]

    return group


@asynccontextmanager
async def connected(
    emulator: DiscordEmulator, *, sync: bool = False, shards: int = 1, **options: Any
) -> AsyncIterator[Bot]:
    """A bot that has logged in and is ready; `sync`: its commands are registered."""
    async with logged_in(emulator, sharded=shards > 1, **options) as bot:
        if sync:
            await bot.tree.sync()
        running = asyncio.create_task(bot.connect())
        try:
            await emulator.ready(shards)
            await bot.wait_until_ready()
            yield bot
        finally:
            await bot.close()
            await running


@asynccontextmanager
async def logged_in(
    emulator: DiscordEmulator, *, sharded: bool = False, **options: Any
) -> AsyncIterator[Bot]:
    """A bot that has logged in over REST, and is not at the gateway."""
    before = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY
    Route.BASE = emulator.api_url
    DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(emulator.gateway_url)
    bot = (ShardedBot if sharded else Bot)(**options)
    try:
        await bot.login(emulator.token)
        yield bot
    finally:
        await bot.close()
        Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = before
