"""The night run: `python -m tests.faults.chat --kills 300 --channels 2000`.

Prints a table by the kind of moment, and ends with 1 when anything was lost, repeated or out of
order.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from tests.faults.chat_driver import Tally, driver


def _progress(tally: Tally) -> None:
    """A night is long."""
    whole = tally.reckoned
    print(
        f"{tally.kills.total()} kills, {whole.due:,} messages: lost {whole.lost}, "
        f"repeated {whole.repeated}, out of order {whole.disordered}",
        file=sys.stderr,
        flush=True,
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--channels", type=int, default=2000, help="half of them a platform")
    parser.add_argument("--each", type=int, default=30, help="kills meant for one fan-out")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    began = time.monotonic()
    with (
        tempfile.TemporaryDirectory(prefix="bubblewatch-faults-") as folder,
        driver(Path(folder), asked.channels, asked.seed) as playing,
    ):
        tally = playing.play(asked.kills, asked.each, _progress)
    print(f"{asked.kills} kills, {asked.channels:,} channels, seed {asked.seed}")
    print(tally.written())
    for violation in tally.violations:
        print(violation)
    print(f"{time.monotonic() - began:.0f} s")
    return 0 if tally.is_good else 1


if __name__ == "__main__":
    sys.exit(main())
