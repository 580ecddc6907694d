"""200 commands a second on Discord, and on Slack, while a fan-out runs.

Run alone: `python -m benchmarks.commands`. Goal: each is acknowledged within 250 ms at the 99th
percentile; the answers come after. For 20 seconds people in many channels say `status`, `alert
list` and `help` in turn. On Discord one crossing is being told to 2,000 channels meanwhile, on
Slack 1,000 messages wait in a hundred channels. The emulator and the people share one process with
this bench, so what is measured contains their share of the machine too.
"""

from __future__ import annotations

import asyncio
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from alerts.store.destinations import Place
from benchmarks.fan_out import discord_places, discord_world, queue
from benchmarks.process import running, wait
from benchmarks.stage import furnish, open_market
from benchmarks.table import heading, percentile, row
from tests.emulators.slack import SlackEmulator

A_SECOND = 200
SECONDS = 20
PEOPLE = 400
LINES = ("status", "alert list", "help")
ANSWERED_WITHIN_S = 60.0


@dataclass
class Said:
    """A command, and when its answer was there: known to a twentieth of a second."""

    acknowledged: Callable[[], float | None]
    has_answer: Callable[[], bool]
    at: float
    answered: float | None = None


class Listener:
    """Looks for answers until all are there."""

    def __init__(self) -> None:
        self.said: list[Said] = []
        self._open: list[Said] = []
        self._all_said = threading.Event()
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def add(self, said: Said) -> None:
        self.said.append(said)
        self._open.append(said)

    def finish(self) -> None:
        self._all_said.set()
        self._thread.join(ANSWERED_WITHIN_S)

    def _listen(self) -> None:
        while self._open or not self._all_said.is_set():
            now = time.monotonic()
            # Answers come roughly in the order of the commands.
            for one in self._open[:400]:
                if one.has_answer():
                    one.answered = now
            self._open = [one for one in self._open if one.answered is None]
            time.sleep(0.05)


def say(each: Callable[[int], Said]) -> Listener:
    """`each` says the command of a number, at its time."""
    listener, began = Listener(), time.monotonic()
    for number in range(A_SECOND * SECONDS):
        time.sleep(max(0.0, began + number / A_SECOND - time.monotonic()))
        listener.add(each(number))
    return listener


def show(where: str, listener: Listener, meanwhile: int) -> None:
    listener.finish()
    acks = [one.acknowledged() for one in listener.said]
    known = sorted(ack * 1000 for ack in acks if ack is not None)
    answers = sorted(one.answered - one.at for one in listener.said if one.answered is not None)
    heading(f"{where}: {len(acks):,} commands at {A_SECOND} a second during a fan-out")
    row("acknowledged, median", f"{percentile(known, 50):.0f} ms")
    row("acknowledged, 99%", f"{percentile(known, 99):.0f} ms", "< 250 ms")
    row("acknowledged, the last", f"{known[-1] if known else 0:.0f} ms")
    row("not acknowledged", f"{acks.count(None)}", "0")
    row("answered, median", f"{percentile(answers, 50):.2f} s")
    row("answered, 99%", f"{percentile(answers, 99):.2f} s")
    row("not answered", f"{len(acks) - len(answers)}", "0")
    row("messages of the fan-out meanwhile", f"{meanwhile}")


def measure_discord(channels: int = 2_000) -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        discord_world(channels) as (discord, homes),
        open_market() as market,
    ):
        people = [discord.add_user(f"Person {number}") for number in range(PEOPLE)]
        for guild in discord.guilds.values():
            for person in people:
                discord.add_member(guild, person)
        furnish(Path(folder), discord_places(homes))
        settings = {"discord_token": discord.token, "discord_api_url": discord.api_url}

        def told() -> int:
            return sum(len(one.messages) for one in homes)

        def each(number: int) -> Said:
            home, person = homes[number % len(homes)], people[number % PEOPLE]
            asked = discord.slash(home, person, f"bubble {LINES[number % len(LINES)]}")
            return Said(
                lambda: None if asked.ack is None else asked.ack.after_seconds,
                lambda: asked.original is not None and not asked.pending,
                time.monotonic(),
            )

        with running(Path(folder), market.urls(), settings) as service:
            wait(service, lambda: bool(discord.gateway.live()), 30)
            market.cross()
            wait(service, lambda: told() > 50, 90)
            before = told()
            listener = say(each)
            show("Discord", listener, told() - before)


def measure_slack() -> None:
    with tempfile.TemporaryDirectory() as folder, SlackEmulator() as slack:
        data, team = Path(folder), slack.add_team("Acme")
        people = [team.add_user(f"Person {number}") for number in range(PEOPLE)]
        homes = [team.add_channel(f"c{number}", members=people) for number in range(100)]
        furnish(data, [])
        places = [Place("slack", team.id, one.id) for one in homes]
        asyncio.run(queue(data / "bubblewatch.db", places, 10))
        settings = {
            "slack_api_url": slack.api_url,
            "slack_bot_token": team.bot_token,
            "slack_app_token": slack.app_token,
        }

        def told() -> int:
            return sum(len(one.messages) for one in homes)

        def each(number: int) -> Said:
            home, person = homes[number % len(homes)], people[number % PEOPLE]
            asked = slack.slash(team, home, person, LINES[number % len(LINES)])
            return Said(
                lambda: None if asked.ack is None else asked.ack.after_seconds,
                lambda: bool(asked.responses),
                time.monotonic(),
            )

        with running(data, {}, settings) as service:
            wait(service, lambda: bool(slack.sockets.live()), 30)
            wait(service, lambda: told() > 50, 30)
            before = told()
            listener = say(each)
            show("Slack, Socket Mode", listener, told() - before)


def main() -> None:
    measure_discord()
    print()
    measure_slack()


if __name__ == "__main__":
    main()
