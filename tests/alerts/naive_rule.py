"""RULES.md R8 to R14 once more, word by word and without thrift: what the machine is held against.

It keeps everything that ever happened and looks through all of it each time.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

DAY = timedelta(hours=24)


@dataclass
class Told:
    """One line of the history. `why_not` is the reason for silence, `counts` the crossings that a
    delivered message says were held back."""

    kind: str
    why_not: str | None
    counts: int
    notice: bool = False


@dataclass
class NaiveRule:
    above: bool
    line: int
    rearm: int
    hold: timedelta
    once: bool
    remind: timedelta | None
    cooldown: timedelta
    expires_at: datetime | None
    state: str = "unknown"
    pending_since: datetime | None = None
    snoozed_until: datetime | None = None
    last_told_fired: datetime | None = None
    last_word: datetime | None = None
    value: int | None = None
    held_back: list[datetime] = field(default_factory=list)
    transitions: list[datetime] = field(default_factory=list)
    silent: bool = False

    def observe(self, value: int, as_of: datetime, now: datetime) -> Told | None:
        if self.state == "done":
            return None
        if self.expires_at is not None and now >= self.expires_at:
            return self._expire(now)
        self.value = value
        beyond = value >= self.line if self.above else value <= self.line
        back = value < self.rearm if self.above else value > self.rearm
        if self.state == "unknown":
            self.state = "fired" if beyond else "armed"
            self.last_word = now
            return None
        if self.state == "armed" and beyond and self.hold:
            self.state, self.pending_since = "pending", as_of
            return None
        if self.state == "armed" and beyond:
            return self._cross("fired", "fired", as_of, now)
        if self.state == "pending" and not beyond:
            self.state = "armed"
            return None
        if self.state == "pending" and self.pending_since is not None:
            if as_of - self.pending_since >= self.hold:
                return self._cross("fired", "fired", as_of, now)
            return self.time_passes(now)
        if self.state == "fired" and back:
            return self._cross("cleared", "done" if self.once else "armed", as_of, now)
        return self.time_passes(now)

    def time_passes(self, now: datetime) -> Told | None:
        if self.state == "done":
            return None
        if self.expires_at is not None and now >= self.expires_at:
            return self._expire(now)
        snooze_is_over = self.snoozed_until is not None and now >= self.snoozed_until
        if snooze_is_over:
            self.snoozed_until = None
        if self.state != "fired" or self.value is None:
            return None
        beyond = self.value >= self.line if self.above else self.value <= self.line
        elapsed = (
            self.remind is not None
            and self.last_word is not None
            and now - self.last_word >= self.remind
        )
        if snooze_is_over or (beyond and elapsed):
            self.last_word = now
            return self._tell("reminder", now, now)
        return None

    def _expire(self, now: datetime) -> Told:
        self.state = "done"
        return self._tell("expired", now, now)

    def _cross(self, kind: str, state: str, as_of: datetime, now: datetime) -> Told:
        self.state = state
        if kind == "fired":
            self.last_word = now
        snoozed = self._snoozed(now)
        if self.silent and as_of - self.transitions[-1] >= DAY:
            self.silent = False
        self.transitions.append(as_of)
        lately = [at for at in self.transitions if as_of - at < DAY]
        notice = len(lately) > 4 and not self.silent and not snoozed
        self.silent = self.silent or notice
        told = self._tell(kind, as_of, now)
        told.notice = notice
        if not snoozed:
            # A snooze that is over before the crossing has nothing left to say.
            self.snoozed_until = None
        return told

    def _snoozed(self, now: datetime) -> bool:
        return self.snoozed_until is not None and now < self.snoozed_until

    def _tell(self, kind: str, at: datetime, now: datetime) -> Told:
        why_not = None
        in_cooldown = (
            kind == "fired"
            and self.last_told_fired is not None
            and at - self.last_told_fired < self.cooldown
        )
        if self._snoozed(now):
            why_not = "snoozed"
        elif self.silent and at - self.transitions[-1] < DAY:
            why_not = "flapping"
        elif in_cooldown:
            why_not = "cooldown"
            self.held_back.append(at)
        if why_not is not None:
            return Told(kind, why_not, 0)
        if kind == "fired":
            self.last_told_fired = at
        counts, self.held_back = len(self.held_back), []
        return Told(kind, None, counts)
