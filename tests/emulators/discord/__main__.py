"""`python -m tests.emulators.discord --port 0`: a Discord with one server and two channels."""

from tests.emulators.discord import DiscordEmulator
from tests.emulators.server import serve_by_hand

discord = DiscordEmulator(token="emulated")
ada = discord.add_user("Ada")
discord.add_guild("Bubble watchers", owner=ada, channels=("general", "alerts"))
print(
    "BUBBLEWATCH_DISCORD_TOKEN=emulated\n"
    "and BUBBLEWATCH_DISCORD_API_URL is the next line with /api/v10 after it\n"
    'curl -d \'{"line": "status"}\' <the next line>/people/slash asks as Ada, who owns the server'
)
serve_by_hand(discord, "Discord on the loopback: REST under /api/v10, the token is `emulated`.")
