"""Rate limits: a bucket for each kind of call and place, and one for all of them together."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass, field

BUCKETS: dict[str, tuple[int, float]] = {
    "messages.create": (5, 5.0),
    "messages.edit": (5, 5.0),
    "messages.delete": (5, 1.0),
    "messages.read": (5, 5.0),
    "pins": (5, 4.0),
    "webhook": (5, 2.0),
    "callback": (5, 2.0),
    "commands": (5, 20.0),
    "direct": (10, 10.0),
    "gateway": (2, 5.0),
    "other": (30, 10.0),
}
"""So many calls in so many seconds, a place."""


@dataclass(slots=True)
class _Window:
    ends: float
    used: int = 0


@dataclass(frozen=True, slots=True)
class Verdict:
    """`wait` in seconds, when the call was refused."""

    headers: dict[str, str]
    wait: float | None = None
    everywhere: bool = False


@dataclass
class Rates:
    """Windows begin with their first call. `per_second` is the global limit; 0 turns it off.

    Change `buckets` before or while the bot runs; `enforced` False counts but never refuses.
    """

    per_second: int = 50
    buckets: dict[str, tuple[int, float]] = field(default_factory=lambda: dict(BUCKETS))
    enforced: bool = True
    via: bool = True
    """False: a 429 has no `Via` header, as one of Cloudflare's."""
    count_429: int = field(default=0, init=False)
    """All that were handed out, those on demand (`too_many`) too."""
    refused: list[str] = field(default_factory=list, init=False)
    """For what: `messages.create 123`, `global` …"""
    invalid: int = field(default=0, init=False)
    """Answers 401, 403 and 429: ten thousand of them in ten minutes are a ban on Discord."""
    taken: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self._windows: dict[tuple[str, str], _Window] = {}
        self._all = _Window(0.0)

    def earn(self, bucket: str, place: str, *, bound: bool = True) -> Verdict:
        """`bound`: this call counts for the global limit."""
        now = time.monotonic()
        if bound and self.per_second > 0:
            if now >= self._all.ends:
                self._all = _Window(now + 1.0)
            if self._all.used >= self.per_second and self.enforced:
                return self._refuse("global", self._all.ends - now, {}, everywhere=True)
            self._all.used += 1
        limit, seconds = self.buckets[bucket]
        window = self._windows.get((bucket, place))
        if window is None or now >= window.ends:
            window = self._windows[bucket, place] = _Window(now + seconds)
        left = window.ends - now
        over = window.used >= limit
        window.used += 1
        headers = {
            "X-RateLimit-Limit": str(limit),
            "X-RateLimit-Remaining": str(max(0, limit - window.used)),
            "X-RateLimit-Reset": f"{time.time() + left:.3f}",
            "X-RateLimit-Reset-After": f"{left:.3f}",
            "X-RateLimit-Bucket": hashlib.md5(bucket.encode()).hexdigest(),
        }
        if over and self.enforced:
            return self._refuse(f"{bucket} {place}", left, headers)
        self.taken += 1
        return Verdict(headers)

    def _refuse(
        self, what: str, wait: float, headers: dict[str, str], *, everywhere: bool = False
    ) -> Verdict:
        self.refused.append(what)
        return Verdict(headers, max(wait, 0.001), everywhere)

    def headers_of(
        self, wait: float, *, everywhere: bool, via: bool | None = None, scope: str = ""
    ) -> dict[str, str]:
        """Of a 429: `scope` is user, shared or global."""
        self.count_429 += 1
        headers = {
            "Retry-After": str(int(wait) + 1),
            "X-RateLimit-Scope": scope or ("global" if everywhere else "user"),
        }
        if everywhere:
            headers["X-RateLimit-Global"] = "true"
        if self.via if via is None else via:
            headers["Via"] = "1.1 google"
        return headers
