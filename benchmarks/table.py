"""Tables of what was measured beside what is aimed at."""

from __future__ import annotations

from collections.abc import Sequence

_NAME, _MEASURED = 62, 16


def heading(title: str) -> None:
    print(f"{title:{_NAME}} {'measured':>{_MEASURED}}   goal")


def row(name: str, measured: str, goal: str = "–") -> None:
    """At once, for those who watch a long bench."""
    print(f"{name:{_NAME}} {measured:>{_MEASURED}}   {goal}", flush=True)


def percentile(ordered: Sequence[float], percent: float) -> float:
    """Of values in order of size; NaN of none."""
    if not ordered:
        return float("nan")
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]
