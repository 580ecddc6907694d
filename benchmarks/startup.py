"""How long a command takes to its first output, and what the service weighs at rest.

Run alone: `python -m benchmarks.startup`. Goals: `ask` under 1.0 s without a heavy import; the
service under 120 MiB before it ever imports yfinance.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

RUNS = 9
HEAVY = ("yfinance", "pandas", "numpy", "matplotlib", "exchange_calendars", "curl_cffi")
# Nothing listens on the discard port of this machine: every source fails at once.
NOWHERE = "http://127.0.0.1:9"


def _environment(data: str) -> dict[str, str]:
    urls = dict.fromkeys(("YAHOO_URL", "SEC_URL", "HOLDINGS_URL", "SSGA_URL"), NOWHERE)
    settings = {f"BUBBLEWATCH_{name}": url for name, url in urls.items()}
    return {**os.environ, **settings, "BUBBLEWATCH_DATA_DIR": data}


def first_output(data: str) -> float:
    """Seconds from the start of `ask '/bubble status'` to its first byte."""
    command = [str(Path(sys.executable).with_name("bubblewatch")), "ask", "/bubble status"]
    began = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=_environment(data)) as process:
        if process.stdout is None or not process.stdout.read(1):
            raise RuntimeError("`bubblewatch ask` printed nothing")
        seconds = time.perf_counter() - began
        process.stdout.read()
    return seconds


def heavy_imports(data: str) -> list[str]:
    """Which heavy modules answering a command has imported."""
    code = (
        "import sys; from bot.cli import main; main(['ask', '/bubble status']);"
        f"print(*[name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=_environment(data),
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stderr.split()


def resting_memory(data: str) -> float:
    """MiB of the service's own process once its board is shown and all sources have failed."""
    command = [str(Path(sys.executable).with_name("bubblewatch")), "run", "--no-replay"]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, env=_environment(data), stdin=subprocess.DEVNULL, text=True
    )
    try:
        if process.stdout is None:
            raise RuntimeError("no output to read")
        for line in process.stdout:
            if "Subscribed to" in line:
                break
        status = Path(f"/proc/{process.pid}/status").read_text()
    finally:
        process.terminate()
        process.communicate(timeout=20)
    kilobytes = next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1]
    return int(kilobytes) / 1024


def main() -> None:
    with tempfile.TemporaryDirectory() as data:
        first_output(data)
        seconds = statistics.median(first_output(data) for _ in range(RUNS))
        heavy = ", ".join(heavy_imports(data)) or "none"
    with tempfile.TemporaryDirectory() as data:
        memory = resting_memory(data)
    print("start-up                                         measured      goal")
    print(f"`ask` to first output, median of {RUNS}             {seconds:8.2f} s   < 1.0 s")
    print(f"heavy modules that `ask` imports                 {heavy:>10}   none")
    print(f"service at rest, before any yfinance import     {memory:7.0f} MiB   < 120 MiB")


if __name__ == "__main__":
    main()
