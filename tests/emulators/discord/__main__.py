"""`python -m tests.emulators.discord --port 0`: a Discord with one server and one channel."""

from tests.emulators.discord import DiscordEmulator
from tests.emulators.server import serve_by_hand

discord = DiscordEmulator(token="emulated")
discord.add_guild("Bubble watchers", channels=("general", "alerts"))
serve_by_hand(discord, "Discord on the loopback: REST under /api/v10, the token is `emulated`.")
