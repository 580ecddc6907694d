"""How much memory a container leaves us."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.memory import MIB, is_small, memory_limit


def machine(root: Path, group: str, limits: dict[str, str]) -> Path:
    (root / "proc/self").mkdir(parents=True)
    (root / "proc/self/cgroup").write_text(group)
    for name, value in limits.items():
        file = root / "sys/fs/cgroup" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(value)
    return root


@pytest.mark.parametrize(
    ("group", "limits", "mib"),
    [
        ("0::/\n", {"memory.max": "268435456\n"}, 256),
        ("0::/app/web\n", {"app/web/memory.max": "max\n", "app/memory.max": "134217728\n"}, 128),
        (
            "5:cpu:/x\n4:memory:/docker/1\n",
            {"memory/docker/1/memory.limit_in_bytes": "268435456\n", "memory.max": "1\n"},
            256,
        ),
        # In a container the group's own path is not there, and the limit stands at the root.
        ("4:memory:/docker/1\n", {"memory/memory.limit_in_bytes": "209715200\n"}, 200),
    ],
)
def test_the_limit_of_the_group_counts(
    tmp_path: Path, group: str, limits: dict[str, str], mib: int
) -> None:
    assert memory_limit(machine(tmp_path, group, limits)) == mib * MIB


def test_without_a_limit_the_machine_itself_counts(tmp_path: Path) -> None:
    physical = memory_limit(tmp_path)
    assert physical is not None
    assert memory_limit(machine(tmp_path, "0::/\n", {"memory.max": "max"})) == physical


def test_a_plan_of_256_mib_is_small_and_one_of_512_is_not() -> None:
    assert (is_small(256 * MIB), is_small(512 * MIB), is_small(None)) == (True, False, False)
