"""The guard: a number that jumps is held until it is seen again (RULES.md R3, CATALOGUE 0)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

from alerts.indicators import Guard
from alerts.reading import Reading

APART = timedelta(minutes=15)
LOOKS = 3
"""The held reading itself and the next two that agree with it."""


def suspicion(guard: Guard, previous: Reading | None, reading: Reading) -> str | None:
    """Why a reading is to be held, or None. `previous` is the newest that rules may look at."""
    if previous is None:
        return None
    if reading.as_of - previous.as_of > guard.reach:
        return None
    if guard.second_source_suffices and reading.confirmed_by is not None:
        return None
    compared = False
    for name, limit in guard.part_limits.items():
        before, now = previous.part(name), reading.part(name)
        if before is None or now is None:
            continue
        compared = True
        move = _move(before.value, now.value)
        if move <= limit:
            continue
        # A second source that gives the same share count is the confirmation that R3 asks for.
        if name == "shares" and reading.confirmed_by is not None:
            continue
        return f"{name} moved by {move:.1%} at once, more than {limit:.0%}"
    if not compared and guard.value_limit is not None:
        move = _move(previous.value, reading.value)
        if move > guard.value_limit:
            return f"it moved by {move:.1%} at once, more than {guard.value_limit:.0%}"
    return None


def _move(before: Decimal, now: Decimal) -> Decimal:
    return Decimal(0) if before == now else abs(now / before - 1) if before else Decimal(1)


def near(guard: Guard, one: Reading, other: Reading) -> bool:
    """The two agree within the indicator's tolerance."""
    return _move(one.value, other.value) <= guard.second_source_tolerance


def agreed(
    guard: Guard, held: Sequence[Reading], reading: Reading, *, by_as_of: bool = False
) -> bool:
    """Whether `reading` is the second later look that agrees with what is held.

    Looks count when they are 15 minutes apart and stand for different instants. With `by_as_of`
    the instants alone must be apart: a first look at years of history comes in one fetch.
    """
    looks = [reading]
    for earlier in reversed(held):
        if not near(guard, earlier, reading):
            break
        later = looks[-1]
        waited = later.as_of - earlier.as_of if by_as_of else later.fetched_at - earlier.fetched_at
        if waited >= APART and earlier.as_of < later.as_of:
            looks.append(earlier)
    return len(looks) >= LOOKS
