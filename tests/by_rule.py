"""Runs the tests on the wire and prints them as a table by rule: `python -m tests.by_rule`.

A test belongs to the rules that its name says: `test_r22_…`, `test_r23_r24_…`. Exits with 1 when
a test failed, or when a rule of `WANTED` has no test on a platform.
"""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from pathlib import Path

import pytest

PLATFORMS = ("discord", "slack")
WANTED = (*range(20, 27), 30)
FOLDER = Path(__file__).parent / "platforms"


class Outcomes:
    """A pytest plugin: what became of each test, by platform and rule."""

    def __init__(self) -> None:
        self.passed: dict[tuple[str, int], list[str]] = defaultdict(list)
        self.failed: dict[tuple[str, int], list[str]] = defaultdict(list)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when != "call" and report.passed:
            return
        name = report.nodeid.rsplit("::", 1)[-1]
        platform = next((p for p in PLATFORMS if f"/{p}/" in report.nodeid), "other")
        kept = self.passed if report.passed else self.failed
        for rule in re.findall(r"_r(\d+)(?=_|\[|$)", f"_{name.removeprefix('test_')}"):
            kept[platform, int(rule)].append(name)


def main() -> int:
    outcomes = Outcomes()
    pytest.main(["-q", "-n", "0", "--no-header", str(FOLDER)], plugins=[outcomes])
    rules = sorted({rule for _, rule in (*outcomes.passed, *outcomes.failed)} | set(WANTED))
    print(f"\n{'rule':<6}" + "".join(f"{platform:>22}" for platform in PLATFORMS))
    gaps = False
    for rule in rules:
        cells = []
        for platform in PLATFORMS:
            passed = len(outcomes.passed[platform, rule])
            failed = len(outcomes.failed[platform, rule])
            cells.append(f"{passed} passed, {failed} failed")
            gaps = gaps or failed > 0 or (rule in WANTED and passed == 0)
        print(f"R{rule:<5}" + "".join(f"{cell:>22}" for cell in cells))
    return 1 if gaps else 0


if __name__ == "__main__":
    sys.exit(main())
