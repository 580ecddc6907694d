"""How often people may give commands: each person, and all people of one place together.

Suggestions while typing are not counted: a platform asks for them at every key. Whoever sits at
the terminal is the operator.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from alerts.store.destinations import Place

A_PERSON = 30
A_PLACE = 120
"""Commands a minute; as many may come at once after a quiet minute."""
_FREE = frozenset({"terminal"})
_REMEMBERED = 10_000
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class TooMany:
    """`wait_s`: whole seconds until the next command is taken. `alone`: one person's own doing."""

    wait_s: int
    alone: bool


@dataclass(slots=True)
class _Bucket:
    left: float
    at: datetime

    def fill(self, most: int, now: datetime) -> None:
        """A clock that was put back fills nothing, and takes nothing away."""
        passed = max(timedelta(0), now - self.at)
        self.left = min(most, self.left + most * (passed / _MINUTE))
        self.at = now


class CommandLimits:
    """Counts in this process alone: replicas each allow as much."""

    def __init__(self) -> None:
        self._buckets: OrderedDict[Hashable, _Bucket] = OrderedDict()

    def __len__(self) -> int:
        """How many people and places are remembered."""
        return len(self._buckets)

    def take(self, place: Place, user: str, now: datetime) -> TooMany | None:
        """One command; None when it may be answered. What is refused is not counted."""
        if place.platform in _FREE:
            return None
        person = self._bucket((place.platform, user), A_PERSON, now)
        everyone = self._bucket(place, A_PLACE, now)
        for bucket, most in ((person, A_PERSON), (everyone, A_PLACE)):
            if bucket.left < 1:
                wait = ceil((1 - bucket.left) * _MINUTE.total_seconds() / most)
                return TooMany(wait, alone=bucket is person)
        person.left -= 1
        everyone.left -= 1
        return None

    def _bucket(self, key: Hashable, most: int, now: datetime) -> _Bucket:
        bucket = self._buckets.setdefault(key, _Bucket(most, now))
        self._buckets.move_to_end(key)
        # Those who were quiet for longest are full again, or others were far too many.
        while len(self._buckets) > _REMEMBERED:
            self._buckets.popitem(last=False)
        bucket.fill(most, now)
        return bucket
