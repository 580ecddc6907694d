"""`make bench`: every benchmark, one table after the other; `--full` for all sizes in full."""

from __future__ import annotations

import sys

from benchmarks import backtest, commands, fan_out, rest, rules, sink, startup, tick

FULL = "--full" in sys.argv

for benchmark in (startup, rest, tick, rules, backtest, sink, commands):
    benchmark.main()
    print()
fan_out.main(FULL)
