"""A circuit breaker: after a refusal a source is left alone, longer each time."""

from __future__ import annotations

from datetime import datetime, timedelta

from alerts.clock import Clock
from alerts.sources import SourceUnavailable

PAUSES = (timedelta(minutes=15), timedelta(minutes=60), timedelta(minutes=240))
LONGEST_RETRY_AFTER = timedelta(days=1)


class Circuit:
    """Closed while requests may be made; open until `retry_at` after a refusal.

    The pauses grow from 15 to 60 to 240 minutes with each refusal in a row (CATALOGUE.md,
    section 4). A longer Retry-After is honoured, up to a day.
    """

    def __init__(self, source: str, clock: Clock) -> None:
        self._source = source
        self._clock = clock
        self._refusals = 0
        self._reason = ""
        self.retry_at: datetime | None = None

    def check(self) -> None:
        """Raises SourceUnavailable, with the first refusal's reason, while the circuit is open."""
        if self.retry_at is not None and self._clock.now() < self.retry_at:
            raise SourceUnavailable(self._source, self._reason, self.retry_at)

    def open(self, reason: str, retry_after: timedelta | None = None) -> SourceUnavailable:
        """Stop asking, and give the error to raise."""
        pause = PAUSES[min(self._refusals, len(PAUSES) - 1)]
        if retry_after is not None:
            pause = max(pause, min(retry_after, LONGEST_RETRY_AFTER))
        self._refusals += 1
        self._reason = reason
        self.retry_at = self._clock.now() + pause
        return SourceUnavailable(self._source, reason, self.retry_at)

    def close(self) -> None:
        """The source answers again: the next refusal starts with the shortest pause."""
        self._refusals = 0
        self.retry_at = None
