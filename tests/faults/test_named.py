"""Faults that have a name (RULES.md R15 to R24). `python -m tests.faults` prints their table."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.faults.named import FAULTS
from tests.faults.reckoning import Reckoning, reckon


@pytest.mark.parametrize("name", FAULTS)
async def test_nothing_is_lost_repeated_or_out_of_order(
    name: str, tmp_path: Path, migrated_file: Path
) -> None:
    path = Path(shutil.copy(migrated_file, tmp_path / "bubblewatch.db"))
    reckoned = await FAULTS[name](path)
    assert reckoned.is_good, reckoned


def test_the_reckoning_sees_what_is_lost_repeated_or_out_of_order() -> None:
    due = {"a": ["1", "2", "3"], "b": ["1"], "c": ["1", "2"]}
    assert reckon(due, due) == Reckoning(6, 0, 0, 0)
    told = {"a": ["1", "3"], "b": ["1", "1"], "c": ["2", "1"], "d": ["9"]}
    assert reckon(due, told) == Reckoning(6, 1, 2, 1)
