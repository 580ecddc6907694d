"""`make bench`: every benchmark, one table after the other."""

from __future__ import annotations

from benchmarks import rules, startup

for benchmark in (startup, rules):
    benchmark.main()
    print()
