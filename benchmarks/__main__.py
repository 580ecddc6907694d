"""`make bench`: every benchmark, one table after the other."""

from __future__ import annotations

from benchmarks import backtest, rules, startup

for benchmark in (startup, rules, backtest):
    benchmark.main()
    print()
