"""Where evidence comes from: one file a source, all behind one Protocol."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from alerts.evidence import Answer, Evidence, Need


class SourceUnavailable(Exception):
    """A source gave nothing: unreachable, refusing, rate-limited, or answering nonsense.

    `reason` is one sentence for people; `retry_at` is when asking again makes sense, if known.
    """

    def __init__(self, source: str, reason: str, retry_at: datetime | None = None) -> None:
        super().__init__(f"{source}: {reason}")
        self.source = source
        self.reason = reason
        self.retry_at = retry_at


@dataclass(frozen=True, slots=True)
class Collected:
    """What one call brought. `rejected` says in words what was left out and why (RULES.md R4).

    `unmet` are needs that this source supplies but had no answer for this time, with the reason;
    the others were answered or are known to be unchanged since the last call.
    """

    evidence: Evidence
    rejected: tuple[str, ...] = ()
    unmet: dict[Need[Answer], str] = field(default_factory=dict)


class Source(Protocol):
    """One place that publishes figures.

    `collect` is called each tick with the needs that `supplies` accepts and with what is already
    known, and returns only what is new; a source that wants to be asked less often than the tick
    keeps its own calendar and returns nothing in between. It raises SourceUnavailable when
    nothing at all could be had; a failing part is an entry in `unmet`. It never blocks the event
    loop, and every request that it makes has a timeout.
    """

    @property
    def name(self) -> str: ...

    def supplies(self, need: Need[Answer]) -> bool: ...

    async def collect(self, needs: Collection[Need[Answer]], known: Evidence) -> Collected: ...

    async def close(self) -> None: ...
