"""A fan-out to many Discord channels while people give commands.

Run alone: `python -m benchmarks.discord [--channels N] [--seconds S]`. The emulator enforces 50
requests a second and five messages in five seconds a channel. Goals: at least 95% of the limit,
no 429 earned, and 200 commands a second acknowledged with a 99th percentile under 250 ms.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from asyncio.subprocess import PIPE, Process
from pathlib import Path

from tests.emulators.discord import DiscordEmulator, Interaction
from tests.platforms.discord.home import Home, at_home, fill

PER_SECOND = 50
COMMANDS_A_SECOND = 200


async def measure(channels: int, seconds: float) -> list[tuple[str, str]]:
    """What was found, by name."""
    with tempfile.TemporaryDirectory() as folder, DiscordEmulator() as discord:
        path = Path(folder) / "bubblewatch.db"
        discord.check_requests = False
        await fill(path)
        async with at_home(path, discord) as home:
            for number in range(channels):
                await home.alert(discord.add_channel(home.guild, f"c{number}"))
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "benchmarks.discord_bot"),
                *(str(path), discord.api_url, discord.token),
                stdin=PIPE,
                stdout=PIPE,
            )
            try:
                return await _fan_out(home, process, channels, seconds)
            finally:
                process.kill()
                await process.wait()


async def _fan_out(
    home: Home, process: Process, channels: int, seconds: float
) -> list[tuple[str, str]]:
    assert process.stdin is not None
    assert process.stdout is not None
    await process.stdout.readline()
    process.stdin.write(b"\n")
    await process.stdin.drain()
    began = time.monotonic()
    waits = sorted(await _commands(home, seconds))
    told = (await process.stdout.readline()).decode().split()
    took = time.monotonic() - began
    rate = channels / took
    return [
        ("channels", f"{channels:,}"),
        ("seconds", f"{took:.1f}"),
        ("messages a second", f"{rate:.1f} ({rate / PER_SECOND:.1%} of {PER_SECOND})"),
        ("429 earned", str(home.discord.rates.count_429)),
        ("commands meanwhile", f"{len(waits):,} at {COMMANDS_A_SECOND}/s"),
        ("acknowledged, median", f"{waits[len(waits) // 2] * 1000:.0f} ms"),
        ("acknowledged, 99%", f"{waits[int(len(waits) * 0.99)] * 1000:.0f} ms"),
        ("CPU seconds of the bot", told[1]),
    ]


async def _commands(home: Home, seconds: float) -> list[float]:
    """Seconds until each was acknowledged."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    asked: list[Interaction] = []
    for number in range(int(COMMANDS_A_SECOND * seconds)):
        await asyncio.sleep(max(0.0, began + number / COMMANDS_A_SECOND - loop.time()))
        asked.append(home.discord.slash(home.channel, home.bob, "bubble alert list", {}))
    return [(await one.acknowledged(60)).after_seconds for one in asked]


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--channels", type=int, default=10_000)
    parser.add_argument("--seconds", type=float, default=10.0, help="of commands")
    asked = parser.parse_args(arguments or [])
    print("Discord: a fan-out while people give commands")
    for name, value in asyncio.run(measure(asked.channels, asked.seconds)):
        print(f"  {name:<24} {value}")


if __name__ == "__main__":
    main(sys.argv[1:])
