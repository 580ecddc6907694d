"""A process killed between any two commits loses nothing and repeats nothing (DESIGN, rule 2)."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.timeout(480)
def test_a_kill_before_or_after_any_commit_loses_and_repeats_nothing(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.crash_driver", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    outcome = json.loads(done.stdout)
    assert len(outcome["told"]) >= 3, "the story must have something to tell"
    assert len(outcome["kills"]) >= 30
    assert sum(kill["real"] for kill in outcome["kills"]) >= 5
    assert [
        kill
        for kill in outcome["kills"]
        if kill["lost"] or kill["repeated"] or not kill["same_order"]
    ] == []
