"""How much memory this process may use: a container's limit, or what the machine has."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

MIB = 2**20
SMALL = 400 * MIB
"""Below this there is room for the service and one child at a time: the service takes about 115
MiB, the child that asks Yahoo 80, the one that draws 95."""


def memory_limit(root: Path = Path("/")) -> int | None:
    """Bytes; None where nobody says. https://docs.kernel.org/admin-guide/cgroup-v2.html#memory"""
    found = [limit for file in _limit_files(root) if (limit := _number(file)) is not None]
    found += [pages * size for pages, size in [_physical()] if pages > 0 and size > 0]
    return min(found, default=None)


def is_small(limit: int | None) -> bool:
    return limit is not None and limit < SMALL


def _limit_files(root: Path) -> Iterator[Path]:
    """Those of our group and of all above it; version 2 and version 1."""
    try:
        lines = (root / "proc/self/cgroup").read_text().splitlines()
    except OSError:
        return
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if controllers and "memory" not in controllers.split(","):
            continue
        folder, name = (
            ("", "memory.max") if not controllers else ("memory", "memory.limit_in_bytes")
        )
        mounted = root / "sys/fs/cgroup" / folder
        group = mounted / path.lstrip("/")
        for above in (group, *group.parents):
            if above.is_relative_to(mounted):
                yield above / name


def _number(file: Path) -> int | None:
    try:
        return int(file.read_text())
    except (OSError, ValueError):
        # Not there, or «max».
        return None


def _physical() -> tuple[int, int]:
    try:
        return os.sysconf("SC_PHYS_PAGES"), os.sysconf("SC_PAGE_SIZE")
    except (ValueError, OSError):
        return 0, 0
