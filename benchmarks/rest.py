"""The service at rest with Discord and Slack connected, and how long it takes to get there.

Run alone: `python -m benchmarks.rest`. Goals: ready on both within 2.5 s, the median of the
starts after the first; and 160 MiB at rest, half a minute after the first look at all sources.

Ready: Discord's gateway and Slack's socket are both open. All sources are out of reach.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path

from benchmarks.process import running, wait
from benchmarks.stage import furnish
from benchmarks.table import heading, row
from tests.emulators.discord import DiscordEmulator
from tests.emulators.slack import SlackEmulator

STARTS = 5
FIRST_LOOK_S = 25.0
"""What the sources' own pace makes of a look at which nobody answers, with room."""
REST_S = 30.0


def main() -> None:
    seconds: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        furnish(data, [])
        for number in range(STARTS):
            # New ones each time: Slack gives out about one socket address a minute, and Discord
            # makes whoever asks for its gateway twice in five seconds wait.
            with DiscordEmulator() as discord, SlackEmulator() as slack:
                discord.add_guild("Fund", channels=["alerts"])
                settings = {
                    "discord_token": discord.token,
                    "discord_api_url": discord.api_url,
                    "slack_api_url": slack.api_url,
                    "slack_bot_token": slack.add_team("Acme").bot_token,
                    "slack_app_token": slack.app_token,
                }

                def ready(discord: DiscordEmulator = discord, slack: SlackEmulator = slack) -> bool:
                    return bool(discord.gateway.live()) and bool(slack.sockets.live())

                began = time.monotonic()
                with running(data, {}, settings) as service:
                    wait(service, ready, 30)
                    seconds.append(time.monotonic() - began)
                    if number == STARTS - 1:
                        time.sleep(FIRST_LOOK_S + REST_S)
                        rest = service.meter.now().rss
    first, *others = seconds
    heading("the service with Discord and Slack connected")
    row(
        f"start to ready on both, median of {len(others)}",
        f"{statistics.median(others):.2f} s",
        "<= 2.5 s",
    )
    row("  the first start, which keeps the record of the past", f"{first:.2f} s")
    row("memory at rest", f"{rest:.0f} MiB", "<= 160 MiB")


if __name__ == "__main__":
    main()
