"""Rate limits: so much a minute a method, and one message a second a channel."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field

from tests.emulators.slack.calls import METHODS, SlackError


@dataclass(eq=False, slots=True)
class _Bucket:
    level: float
    at: float


@dataclass
class Rates:
    """`posts_per_second` and `burst` are of chat.postMessage, a channel; 0 turns the limit off.

    `per_minute` holds the other methods that are limited, a workspace; clear it to be left alone.
    """

    posts_per_second: float = 1.0
    burst: int = 1
    per_minute: dict[str, int] = field(default_factory=dict)
    count_429: int = field(default=0, init=False)
    refused: list[str] = field(default_factory=list, init=False)

    def __post_init__(self) -> None:
        self._buckets: dict[tuple[str, str], _Bucket] = {}

    def enforce_tiers(self) -> None:
        """Every method by its documented tier."""
        own = {"chat.postMessage"}
        self.per_minute = {m.name: m.per_minute for m in METHODS.values() if m.name not in own}
        # Tier 1 says one a minute; a socket that comes back within seconds is let in all the same.
        self.per_minute["apps.connections.open"] = 60

    def earn_post(self, team: str, channel: str) -> None:
        if self.posts_per_second > 0:
            self._earn(("chat.postMessage", f"{team} {channel}"), self.posts_per_second, self.burst)

    def earn(self, method: str, team: str) -> None:
        most = self.per_minute.get(method)
        if most is not None:
            self._earn((method, team), most / 60, most)

    def _earn(self, key: tuple[str, str], per_second: float, most: float) -> None:
        now = time.monotonic()
        bucket = self._buckets.setdefault(key, _Bucket(most, now))
        bucket.level = min(most, bucket.level + (now - bucket.at) * per_second)
        bucket.at = now
        # Messages that are exactly a second apart are within the limit, in spite of rounding.
        if bucket.level < 0.99:
            self.count_429 += 1
            self.refused.append(key[0])
            raise SlackError("ratelimited", retry_after=math.ceil((1 - bucket.level) / per_second))
        bucket.level = max(0.0, bucket.level - 1)
