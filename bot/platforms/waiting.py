"""How long calls waited ahead of a platform's rate limit (RULES.md R23), since the process began.

Platforms tell it where they wait; metrics read it. The limits are the whole process's, and so is
this.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

_seconds: defaultdict[str, float] = defaultdict(float)
_calls: defaultdict[str, int] = defaultdict(int)


def waited(platform: str, seconds: float) -> None:
    """A call had to wait so long for its turn."""
    if seconds > 0:
        _seconds[platform] += seconds
        _calls[platform] += 1


def seconds() -> Mapping[str, float]:
    """By platform, all waits together."""
    return dict(_seconds)


def calls() -> Mapping[str, int]:
    """By platform, how many calls had to wait."""
    return dict(_calls)
