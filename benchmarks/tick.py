"""What a look at all sources costs, when they answer from this machine.

Run alone: `python -m benchmarks.tick`. Goals: in a look after the first, at most 2 requests to
Yahoo and a second of processor time; at most 8 requests to the SEC in a day. A first look has
everything still to learn, and is shown beside it.

The looks are taken in a process of their own, with every source of the service and Yahoo's child
process, whose processor time is counted. Prices stand still; every company of the catalogue has
a page of facts at the SEC with ten years of each tag that we read.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random

from alerts.clock import SystemClock
from alerts.indicators import catalogue, filing_tags
from benchmarks.process import descendants, environment
from benchmarks.table import heading, row
from bot.app import open_app
from bot.settings import Settings
from tests.emulators.fred import FredEmulator
from tests.emulators.holdings import HoldingsEmulator
from tests.emulators.screener import ScreenerEmulator
from tests.emulators.sec import Filed, SecEmulator
from tests.emulators.server import Emulator
from tests.emulators.ssga import SsgaEmulator
from tests.emulators.world_bank import WorldBankEmulator
from tests.emulators.yahoo import Listed, YahooEmulator
from tests.service.market import past_sessions

LOOKS = 3
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Look:
    cpu_s: float
    stored: int
    requests: Counter[str]


def _subjects(kind: str) -> list[str]:
    needs = {need for indicator in catalogue().values() for need in indicator.needs}
    return sorted(need.subject for need in needs if need.kind == kind)


def _world() -> dict[str, Emulator]:
    """All sources, by the setting that names their address."""
    sessions = past_sessions(140)
    closes = {symbol: dict.fromkeys(sessions, 100.0) for symbol in _subjects("prices")}
    companies = {symbol: Listed(implied_shares=10**9) for symbol in _subjects("shares")}
    yahoo = YahooEmulator(closes=closes, companies=companies, funds={"SPY": {"NVDA": 0.0782}})
    filings = SecEmulator(facts={int(cik): tuple(_facts()) for cik in _subjects("filings")})
    today = datetime.now(UTC).date()
    day = {today - timedelta(days=back): "3.5" for back in range(2, 400)}
    fred = FredEmulator(series=dict.fromkeys(_subjects("series"), day))
    return {
        "yahoo": yahoo,
        "sec": filings,
        "holdings": HoldingsEmulator(),
        "ssga": SsgaEmulator(),
        "fred": fred,
        "world_bank": WorldBankEmulator(),
        "screener": ScreenerEmulator(),
    }


def _facts() -> list[Filed]:
    found = []
    for tag in sorted(filing_tags()):
        for back in range(40):
            end = date(2026, 9, 30) - timedelta(days=91 * back)
            filed, start = end + timedelta(days=30), end - timedelta(days=90)
            found.append(Filed(tag, end, 10**9 + back, filed, start))
    return found


def measure() -> list[Look]:
    """The first look and those after it."""
    looks: list[Look] = []
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        world = {name: stack.enter_context(each) for name, each in _world().items()}
        urls = {name: each.url for name, each in world.items()}
        env = environment(Path(folder), urls, {"contact": "bench@example.org"})
        # pandas has a word for yfinance at each call.
        env["PYTHONWARNINGS"] = "ignore"
        command = [sys.executable, "-m", "benchmarks.tick", "inside"]
        with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True) as process:
            before: Counter[str] = Counter()
            for line in process.stdout or ():
                seen = Counter({name: len(each.requests) for name, each in world.items()})
                told = json.loads(line)
                looks.append(Look(told["cpu_s"], told["stored"], seen - before))
                before = seen
    return looks


async def _inside() -> None:
    """Look so often, and say after each look what it took."""
    async with open_app(Settings(), SystemClock(), lambda context: (), Random(0)) as app:
        for _ in range(LOOKS):
            before = _cpu()
            report = await app.desk.watch.tick()
            taken = _cpu() - before
            print(json.dumps({"cpu_s": taken, "stored": len(report.stored)}), flush=True)


def _cpu() -> float:
    """Seconds of this process and of all that it started, the ended ones included."""
    me = os.getpid()
    return sum(map(_taken, (me, *descendants(me))))


def _taken(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return sum(map(int, fields[11:15])) / _TICKS


def main() -> None:
    first, *later = measure()
    last = later[-1]
    heading(f"a look at all sources: {len(catalogue())} indicators")
    row("processor time of a look, children included", f"{last.cpu_s:.2f} s", "<= 1 s")
    row("  of the first look", f"{first.cpu_s:.2f} s")
    row("requests to Yahoo in a look", f"{last.requests['yahoo']}", "<= 2")
    row("  in the first look", f"{first.requests['yahoo']}")
    asked = first.requests["sec"] + sum(look.requests["sec"] for look in later)
    row(f"requests to the SEC in {1 + len(later)} looks of a day", f"{asked}", "<= 8")
    others = sum(last.requests.values()) - last.requests["yahoo"] - last.requests["sec"]
    row("requests to all others in a look", f"{others}")
    row("values stored by the first look", f"{first.stored}")


if __name__ == "__main__":
    if sys.argv[1:] == ["inside"]:
        asyncio.run(_inside())
    else:
        main()
