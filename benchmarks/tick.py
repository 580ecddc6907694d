"""What a look at all sources costs, when they answer from this machine.

Run alone: `python -m benchmarks.tick`. Goals: at most 2 requests to Yahoo in a look, and a second
of processor time; at most 8 requests to the SEC in a day. A first look has everything still to
learn, the first of a day asks what is asked once a day; both are shown beside the rest.

The looks are taken in a process of their own, with every source of the service and Yahoo's child
process, whose processor time is counted. They are five minutes apart, by a clock of theirs, while
New York trades, when most is asked for. Prices stand still; every company of the catalogue has
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
from datetime import date, datetime, time, timedelta
from pathlib import Path
from random import Random

from alerts.clock import SetClock
from alerts.indicators import catalogue, filing_tags, needs_of
from alerts.market_hours import NEW_YORK
from alerts.schedule import WHILE_TRADING
from alerts.sources.sec import CIKS
from alerts.sources.yahoo_worker import LINES
from benchmarks.process import descendants, environment
from benchmarks.table import heading, row
from bot.app import open_app
from bot.settings import Settings
from tests.emulators.fred import FredEmulator
from tests.emulators.holdings import HoldingsEmulator
from tests.emulators.screener import Quoted, ScreenerEmulator
from tests.emulators.sec import Filed, SecEmulator
from tests.emulators.server import Emulator
from tests.emulators.ssga import SsgaEmulator
from tests.emulators.world_bank import WorldBankEmulator
from tests.emulators.yahoo import Listed, YahooEmulator
from tests.service.market import past_sessions

LOOKS = 12
"""On each of two days."""

_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Look:
    cpu_s: float
    stored: int
    troubles: dict[str, str]
    requests: Counter[str]


def _subjects(kind: str) -> list[str]:
    needs = needs_of(catalogue().values())
    return sorted(need.subject for need in needs if need.kind == kind)


def _world() -> dict[str, Emulator]:
    """All sources, by the setting that names their address."""
    sessions = past_sessions(140)
    closes = {symbol: dict.fromkeys(sessions, 100.0) for symbol in _subjects("prices")}
    companies = {symbol: Listed(implied_shares=10**9) for symbol in _subjects("shares")}
    quarter = {date(2026, 9, 30): 1e9}
    lines = {line.replace(" ", ""): quarter for names in LINES.values() for line in names}
    # Money that is spent is negative, and what is left is the sum.
    lines |= {"CapitalExpenditure": {date(2026, 9, 30): -1e9}, "FreeCashFlow": {}}
    yahoo = YahooEmulator(
        closes=closes,
        companies=companies,
        funds={"SPY": {"NVDA": 0.0782}},
        statements=dict.fromkeys(_subjects("second_statements"), lines),
    )
    facts = tuple(_facts())
    filings = SecEmulator(facts={CIKS[ticker]: facts for ticker in _subjects("statements")})
    day = {sessions[-2] - timedelta(days=back): "3.5" for back in range(2, 400)}
    fred = FredEmulator(series=dict.fromkeys(_subjects("published"), day))
    return {
        "yahoo": yahoo,
        "sec": filings,
        "holdings": HoldingsEmulator(),
        "ssga": SsgaEmulator(),
        "fred": fred,
        "world_bank": WorldBankEmulator(),
        "screener": ScreenerEmulator(
            dict.fromkeys(_subjects("listed_caps"), Quoted("$100.00", "100000000000.00"))
        ),
    }


def _times() -> list[datetime]:
    """Five minutes apart from eleven in New York, on each of the last two days that traded."""
    mornings = [datetime.combine(day, time(11), NEW_YORK) for day in past_sessions(2)]
    return [at + WHILE_TRADING * look for at in mornings for look in range(LOOKS)]


def _facts() -> list[Filed]:
    found = []
    for tag in sorted(filing_tags()):
        for back in range(40):
            end = date(2026, 9, 30) - timedelta(days=91 * back)
            filed, start = end + timedelta(days=30), end - timedelta(days=90)
            found.append(Filed(tag, end, 10**9 + back, filed, start))
    return found


def measure() -> list[Look]:
    """All looks of both days."""
    looks: list[Look] = []
    clock = SetClock(_times()[0])
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        world = {name: stack.enter_context(each) for name, each in _world().items()}
        yahoo = world["yahoo"]
        assert isinstance(yahoo, YahooEmulator)
        yahoo.now = clock.now
        urls = {name: each.url for name, each in world.items()}
        env = environment(Path(folder), urls, {"contact": "bench@example.org"})
        # pandas has a word for yfinance at each call.
        env["PYTHONWARNINGS"] = "ignore"
        command = [sys.executable, "-m", "benchmarks.tick", "inside"]
        pipe = subprocess.PIPE
        with subprocess.Popen(command, env=env, stdin=pipe, stdout=pipe, text=True) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            before: Counter[str] = Counter()
            for at in _times():
                clock.set(at)
                print(at.isoformat(), file=process.stdin, flush=True)
                told = json.loads(process.stdout.readline())
                seen = Counter({name: len(each.requests) for name, each in world.items()})
                looks.append(Look(**told, requests=seen - before))
                before = seen
            process.stdin.close()
    return looks


async def _inside() -> None:
    """Look at each time that is said, and say after each look what it took."""
    clock = SetClock(_times()[0])
    async with open_app(Settings(), clock, lambda context: (), Random(0)) as app:
        while said := await asyncio.to_thread(sys.stdin.readline):
            clock.set(datetime.fromisoformat(said.strip()))
            before = _cpu()
            report = await app.desk.watch.tick()
            taken = _cpu() - before
            told = {"cpu_s": taken, "stored": len(report.stored), "troubles": report.troubles}
            print(json.dumps(told), flush=True)


def _cpu() -> float:
    """Seconds of this process and of all that it started, the ended ones included."""
    me = os.getpid()
    return sum(map(_taken, (me, *descendants(me))))


def _taken(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return sum(map(int, fields[11:15])) / _TICKS


def main() -> None:
    looks = measure()
    first, (next_day, *later) = looks[0], looks[LOOKS:]
    heading(f"a look at all sources: {len(catalogue())} indicators")
    costly = max(look.cpu_s for look in later)
    row("processor time of a look, children included", f"{costly:.2f} s", "<= 1 s")
    row("  of the first look of a day", f"{next_day.cpu_s:.2f} s", "<= 1 s")
    row("  of the first look of all", f"{first.cpu_s:.2f} s")
    most = max(look.requests["yahoo"] for look in later)
    row(f"requests to Yahoo in a look, most of {len(later)}", f"{most}", "<= 2")
    row("  in the first look of a day", f"{next_day.requests['yahoo']}")
    row("  in the first look of all", f"{first.requests['yahoo']}")
    asked = sum(look.requests["sec"] for look in looks[:LOOKS])
    row(f"requests to the SEC in {LOOKS} looks of a day", f"{asked}", "<= 8")
    others = max(look.requests.total() for look in later) - most
    row("requests to all others in a look", f"{others}")
    row("values stored by the first look", f"{first.stored}")
    row("  by the later ones", f"{max(look.stored for look in later)}")
    troubles = {need: why for look in looks for need, why in look.troubles.items()}
    row("questions without an answer", f"{len(troubles)}", "0")
    for need, why in sorted(troubles.items()):
        row(f"  {need}", why)


if __name__ == "__main__":
    if sys.argv[1:] == ["inside"]:
        asyncio.run(_inside())
    else:
        main()
