"""Messages to many channels, as fast as Discord and Slack allow.

Run alone: `python -m benchmarks.fan_out [--full]`. Goals: at least 95% of the platform's limit, no
429 earned, nothing lost, nothing twice, the order of each channel kept; and an event loop that is
never late: 30 ms at the 99th percentile.

Discord: one crossing is told to 10,000 channels (2,000 without `--full`) with its picture, while
the emulator enforces 50 requests a second and five messages in five seconds a channel.

Slack: two queues. In one, 20 workspaces have 600 messages each (300 without `--full`) for a hundred
channels, which Slack's limit of a workspace (several hundred a minute; we keep to 600) holds up; in
the other nine channels in each have 30 messages (15), which the emulator's limit of one message a
second a channel holds up.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from alerts.store import deliveries, destinations
from alerts.store.database import Database, sqlite_url
from alerts.store.deliveries import NewDelivery
from alerts.store.destinations import Place
from alerts.store.models import DeliveryKind
from benchmarks.probe import lags
from benchmarks.process import await_port, free_port, running, wait
from benchmarks.stage import furnish, install, open_market, slack_settings
from benchmarks.table import heading, percentile, row
from tests.emulators.discord import Channel, DiscordEmulator
from tests.emulators.slack import SlackEmulator

DISCORD_A_SECOND = 50
SLACK_A_MINUTE = 600
"""In a workspace: what bot/platforms/slack/pace.py takes «several hundred» to be."""
CHANNELS_A_GUILD = 100
TEAMS = 20


@contextmanager
def discord_world(channels: int) -> Iterator[tuple[DiscordEmulator, list[Channel]]]:
    """Servers of a hundred channels each, where the bot is."""
    with DiscordEmulator() as discord:
        discord.check_requests = False
        discord.records = False
        for start in range(0, channels, CHANNELS_A_GUILD):
            names = [f"c{i}" for i in range(start, min(channels, start + CHANNELS_A_GUILD))]
            discord.add_guild(f"g{start}", channels=names)
        yield discord, [one for one in discord.channels.values() if one.guild is not None]


def discord_places(channels: Sequence[Channel]) -> list[Place]:
    return [Place("discord", one.guild.id, one.id) for one in channels if one.guild is not None]


def measure_discord(channels: int) -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        discord_world(channels) as (discord, homes),
        open_market() as market,
    ):
        data = Path(folder)
        furnish(data, discord_places(homes))
        settings = {"discord_token": discord.token, "discord_api_url": discord.api_url}
        lag_file = data / "lags"

        def told() -> int:
            return sum(len(one.messages) for one in homes)

        with running(data, market.urls(), settings, probed=lag_file) as service:
            wait(service, lambda: bool(discord.gateway.live()), 30)
            market.cross()
            wait(service, lambda: told() >= channels, 60 + channels / DISCORD_A_SECOND * 1.5)
            # A message too many would come now.
            time.sleep(2)
            decided = service.crossed_at() or 0.0
        times = sorted(
            datetime.fromisoformat(said["timestamp"]).timestamp()
            for one in homes
            for said in one.messages.values()
        )
        taken = service.meter.between(decided, times[-1])
        late = lags(lag_file, decided, times[-1])
        pictured = sum(
            bool(said["embeds"][0].get("image")) for one in homes for said in one.messages.values()
        )
    rate = (len(times) - 1) / (times[-1] - times[0])
    counts = Counter(len(one.messages) for one in homes)
    heading(f"Discord: one crossing told to {channels:,} channels, limits enforced")
    row("messages a second", f"{rate:.2f}")
    row("  of Discord's limit of 50", f"{rate / DISCORD_A_SECOND:.1%}", ">= 95%")
    row("429 earned", f"{discord.rates.count_429}", "0")
    row("lost", f"{counts[0]}", "0")
    row("twice", f"{sum((n - 1) * count for n, count in counts.items() if n > 1)}", "0")
    row("with their picture", f"{pictured}")
    row("from the decision to the first message", f"{times[0] - decided:.2f} s")
    row("from the decision to the last message", f"{times[-1] - decided:.1f} s")
    row(
        "event loop lag during the decision, chart and fan-out, 99%",
        f"{percentile(late, 99):.1f} ms",
        "<= 30 ms",
    )
    row("  the longest", f"{late[-1]:.0f} ms")
    row("processor time a message", f"{taken.cpu_s / channels * 1000:.2f} ms")
    row("peak memory of the service's own process", f"{taken.peak:.0f} MiB")


async def queue(path: Path, places: Sequence[Place], each: int) -> None:
    """So many messages are due in every place; the first of all places come first."""
    database, now = Database(sqlite_url(path)), datetime.now(UTC)
    try:
        async with database.write() as connection:
            homes = [await destinations.find_or_make(connection, one, now) for one in places]
            for _ in range(each):
                due = [
                    NewDelivery(
                        home.id,
                        home.place.platform,
                        now,
                        kind=DeliveryKind.NOTICE,
                        notice={"notice": "back"},
                    )
                    for home in homes
                ]
                await deliveries.add(connection, due, now)
    finally:
        await database.close()


def measure_slack(channels: int, each: int, what: str, limit: Callable[[], float]) -> None:
    """`limit`: messages a second that Slack would take, all workspaces together."""
    with tempfile.TemporaryDirectory() as folder, SlackEmulator() as slack:
        data, total = Path(folder), TEAMS * channels * each
        teams = [slack.add_team(f"Team {number}") for number in range(TEAMS)]
        homes = [team.add_channel(f"c{i}") for team in teams for i in range(channels)]
        places = [Place("slack", one.team_id, one.id) for one in homes]
        furnish(data, [])
        asyncio.run(install(data / "bubblewatch.db", {team.id: team.bot_token for team in teams}))
        asyncio.run(queue(data / "bubblewatch.db", places, each))
        port = free_port()
        settings = slack_settings(slack.api_url, slack.signing_secret, port)
        with running(data, {}, settings) as service:
            await_port(port)
            wait(service, lambda: sum(len(one.messages) for one in homes) >= total, 200)
            time.sleep(1)
            wanted: dict[str, list[str]] = {}
            sql = (
                "SELECT destination.channel, delivery.nonce FROM delivery JOIN destination"
                " ON destination.id = delivery.destination_id ORDER BY delivery.id"
            )
            for channel, nonce in service.query(sql):
                wanted.setdefault(str(channel), []).append(str(nonce))
        times = sorted(said["_at"] for one in homes for said in one.messages)
        got = {
            one.id: [said["metadata"]["event_payload"]["nonce"] for said in one.messages]
            for one in homes
        }
    seconds = times[-1] - times[0]
    allowed = limit()
    rate = (len(times) - 1) / seconds
    heading(f"Slack: {TEAMS} workspaces × {channels} channels × {each} messages")
    row("messages a second", f"{rate:.1f}")
    row(f"  of {what}", f"{rate / allowed:.1%}", ">= 95%")
    row("429 earned", f"{slack.rates.count_429}", "0")
    row("lost", f"{sum(len(set(wanted[c]) - set(got[c])) for c in got)}", "0")
    row("twice", f"{sum(len(said) - len(set(said)) for said in got.values())}", "0")
    row("channels out of order", f"{sum(said != wanted[c] for c, said in got.items())}", "0")


def main(full: bool = False) -> None:
    measure_discord(10_000 if full else 2_000)
    print()
    minute = TEAMS * SLACK_A_MINUTE / 60
    measure_slack(100, 6 if full else 3, "600 a minute in each workspace", lambda: minute)
    print()
    measure_slack(9, 30 if full else 15, "one a second in each channel", lambda: TEAMS * 9.0)


if __name__ == "__main__":
    main("--full" in sys.argv)
