"""Slack's rate limits, kept ahead of time, so that no 429 is ever earned (RULES.md R23).

https://docs.slack.dev/apis/web-api/rate-limits: a method has so many calls a minute in a
workspace; `chat.postMessage` has one message a second in a channel, and several hundred a minute
in a workspace.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

from alerts.clock import Clock
from alerts.platform import TemporaryFailure
from bot.platforms import waiting

LONGEST_WAIT_S = 3.0
"""Whoever would wait longer comes back later instead, and holds up nobody meanwhile: the outbox has
so many messages in hand, and those of a busy workspace must not take the places of all others."""


@dataclass(frozen=True, slots=True)
class Limit:
    """`burst` calls at once, then one every `every` seconds; no minute, wherever it begins, sees
    more than `a_minute`."""

    every: float
    burst: int = 1
    a_minute: int = 0


def _a_minute(calls: int, burst: int = 5) -> Limit:
    return Limit(60 / calls, burst, calls)


A_MINUTE = 61.0
"""A second more than Slack's: of two calls one may be on its way for longer than the other."""

POST = "chat.postMessage"
POSTS_IN_CHANNEL = Limit(1.0)
_TIER_3 = _a_minute(50)
_LIMITS: Mapping[str, Limit] = {
    POST: _a_minute(600, burst=60),
    "auth.test": _a_minute(300, burst=20),
    "conversations.info": _TIER_3,
    "files.completeUploadExternal": _a_minute(100, burst=20),
    "files.getUploadURLExternal": _a_minute(100, burst=20),
    "files.info": _a_minute(100, burst=20),
    "pins.add": _a_minute(20),
    "usergroups.list": _a_minute(20),
    "usergroups.users.list": _a_minute(20),
    "users.info": _a_minute(100, burst=20),
    "views.open": _a_minute(100, burst=20),
    "views.publish": _a_minute(100, burst=20),
    "views.update": _a_minute(100, burst=20),
}


class _Bucket:
    """When the next call may go, in seconds of the pace's own time. Calls go in the order in which
    they asked."""

    __slots__ = ("_due", "_every", "_gone", "_promised", "_slack")

    def __init__(self, limit: Limit, now: float) -> None:
        self._every = limit.every
        self._slack = limit.every * (limit.burst - 1)
        self._gone: deque[float] | None = deque(maxlen=limit.a_minute) if limit.a_minute else None
        self._due = now
        self._promised = now

    def free_at(self) -> float:
        free = self._due - self._slack
        if self._gone is not None and len(self._gone) == self._gone.maxlen:
            return max(free, self._gone[0] + A_MINUTE)
        return free

    def take(self, now: float) -> None:
        at = max(now, self.free_at())
        if self._gone is not None:
            self._gone.append(at)
        self._due = max(self._due, at) + self._every

    def promise(self) -> float:
        """When one who does not wait here may come back; no two are told the same moment."""
        at = max(self._promised, self.free_at())
        self._promised = at + self._every
        return at

    def pause(self, until: float) -> None:
        self._due = max(self._due, until + self._slack)

    def full(self, now: float) -> bool:
        return self._due <= now and (not self._gone or self._gone[-1] + A_MINUTE <= now)


class Pace:
    """All buckets of one app."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._began = clock.now()
        self._buckets: dict[tuple[str, str, str], _Bucket] = {}
        self._sweep_at = 1000

    async def turn(
        self, method: str, workspace: str, channel: str = "", longest: float = LONGEST_WAIT_S
    ) -> None:
        """Wait for one's turn; raises TemporaryFailure at once when that is far away."""
        now = self._now()
        buckets = [self._bucket((method, workspace, ""), _of_workspace(method), now)]
        if method == POST:
            buckets.append(self._bucket((method, workspace, channel), POSTS_IN_CHANNEL, now))
        slowest = max(buckets, key=_Bucket.free_at)
        wait = slowest.free_at() - now
        if wait > longest:
            later = slowest.promise() - now
            raise TemporaryFailure(f"{method} waits for its turn", retry_after=later)
        for bucket in buckets:
            bucket.take(now)
        if wait > 0:
            waiting.waited("slack", wait)
            await self._clock.sleep(wait)

    def answered(self, method: str, workspace: str, channel: str) -> None:
        """The next message of a channel leaves a second after Slack answered the last one.

        Counted from when it was sent, a message that travelled slowly and one that travelled fast
        could arrive closer together than Slack allows.
        """
        if method == POST:
            self.pause(method, workspace, channel, POSTS_IN_CHANNEL.every)

    def pause(self, method: str, workspace: str, channel: str, seconds: float) -> None:
        """This bucket alone stands still, as after a 429 (R23): for messages their channel's."""
        now = self._now()
        if method == POST:
            bucket = self._bucket((method, workspace, channel), POSTS_IN_CHANNEL, now)
        else:
            bucket = self._bucket((method, workspace, ""), _of_workspace(method), now)
        bucket.pause(now + seconds)

    def remembered(self) -> int:
        """How many buckets are kept in mind."""
        return len(self._buckets)

    def _now(self) -> float:
        return (self._clock.now() - self._began).total_seconds()

    def _bucket(self, key: tuple[str, str, str], limit: Limit, now: float) -> _Bucket:
        bucket = self._buckets.get(key)
        if bucket is None:
            if len(self._buckets) >= self._sweep_at:
                self._sweep(now)
            bucket = self._buckets[key] = _Bucket(limit, now)
        return bucket

    def _sweep(self, now: float) -> None:
        """Forget channels that have been quiet; theirs would start anew just the same."""
        self._buckets = {key: b for key, b in self._buckets.items() if not b.full(now)}
        self._sweep_at = max(1000, 2 * len(self._buckets))


def _of_workspace(method: str) -> Limit:
    return _LIMITS.get(method, _TIER_3)
