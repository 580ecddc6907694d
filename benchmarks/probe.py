"""The service with a probe in its event loop: `python -m benchmarks.probe run`.

Every five milliseconds something is due in the loop; how late the loop came to it is written, in
milliseconds, one a line, into the file that BENCH_LAG_FILE names, with the wall clock before it.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from array import array
from pathlib import Path

EVERY_S = 0.005


class _Probed(asyncio.DefaultEventLoopPolicy):
    def __init__(self) -> None:
        super().__init__()
        self.seen: array[float] = array("d")

    def new_event_loop(self) -> asyncio.AbstractEventLoop:
        loop = super().new_event_loop()

        def look(due: float) -> None:
            now = loop.time()
            self.seen.extend((time.time(), max(0.0, now - due) * 1000))
            due = max(due + EVERY_S, now)
            loop.call_at(due, look, due)

        loop.call_soon(look, loop.time())
        return loop


def main() -> int:
    policy = _Probed()
    asyncio.set_event_loop_policy(policy)
    from bot.cli import main as service

    try:
        return service(sys.argv[1:])
    finally:
        pairs = zip(policy.seen[::2], policy.seen[1::2], strict=True)
        text = "\n".join(f"{at:.4f} {late:.3f}" for at, late in pairs)
        Path(os.environ["BENCH_LAG_FILE"]).write_text(text)


def lags(path: Path, began: float, ended: float) -> list[float]:
    """Milliseconds, in order of size, between two moments of the wall clock."""
    pairs = (line.split() for line in path.read_text().splitlines())
    return sorted(float(late) for at, late in pairs if began <= float(at) <= ended)


if __name__ == "__main__":
    sys.exit(main())
