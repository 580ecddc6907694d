"""The real service on both platforms, killed between any two effects: nothing lost, nothing twice
(RULES.md R20 to R22).
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.chat_driver import POINTS, driver

KILLS = 30


@pytest.mark.timeout(300)
def test_kills_while_crossings_go_out_to_both_platforms_lose_and_repeat_nothing(
    tmp_path: Path,
) -> None:
    with driver(tmp_path, channels=80, seed=1) as playing:
        tally = playing.play(KILLS, a_fan_out=15)
    assert tally.is_good, tally.written()
    assert tally.violations == []
    assert tally.kills.total() == KILLS
    assert all(tally.kills[point] for point in POINTS), tally.written()
