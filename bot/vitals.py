"""How the service is doing right now: facts for health, numbers for Prometheus.

Whoever does something worth knowing tells it here; nothing here asks anyone or does any I/O.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol, runtime_checkable

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    PlatformCollector,
    ProcessCollector,
)

from alerts.clock import Clock
from alerts.store.deliveries import Outcome
from alerts.store.models import DeliveryState
from alerts.watch import TickReport

LAG_EVERY_S = 0.5
_LATENESS_BUCKETS = (0.5, 1, 2, 5, 15, 60, 300, 900, 3600, 21600, 86400)
_LAG_BUCKETS = (0.001, 0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)


@runtime_checkable
class Hearing(Protocol):
    """A platform that knows whether its connection works at this moment."""

    def hears(self) -> bool: ...


class LinkState(StrEnum):
    """A platform's connection as the service sees it."""

    RUNNING = "running"
    BROKEN = "broken"
    """Lost unexpectedly; it is tried again by itself."""
    REFUSED = "refused"
    """Only the operator can help; the log says how."""
    LEFT = "left"
    """Given up on purpose: another replica holds it now, or the service ends."""


@dataclass(frozen=True, slots=True)
class Link:
    state: LinkState
    since: datetime


@dataclass(frozen=True, slots=True)
class Tick:
    """One look at the sources. `failed`: nothing of it was kept. `since`: when looks began to end
    like this one.
    """

    at: datetime
    failed: bool
    since: datetime


_TICKS = ("good", "failed")
_ENDS = [s for s in DeliveryState if s not in (DeliveryState.DUE, DeliveryState.CLAIMED)]
"""How a try at a delivery may end."""


@dataclass
class Vitals:
    """One a process. `links` are the platforms whose connection this process holds."""

    clock: Clock
    registry: CollectorRegistry = field(
        default_factory=lambda: CollectorRegistry(auto_describe=True)
    )
    links: dict[str, Link] = field(default_factory=dict)
    last_tick: Tick | None = None
    last_good_tick_at: datetime | None = None
    lag_s: float = 0.0
    """How late the event loop last came to what was due."""

    def __post_init__(self) -> None:
        self.started_at = self.clock.now()
        self._sign = asyncio.Event()
        self.lag_measured = asyncio.Event()
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=self.registry)
        self._deliveries = Counter(
            "bubblewatch_deliveries",
            "Tries at a delivery, by how they ended.",
            ["platform", "outcome"],
            registry=self.registry,
        )
        self._lateness = Histogram(
            "bubblewatch_delivery_lag_seconds",
            "From the moment a message was made due to its arrival.",
            ["platform"],
            buckets=_LATENESS_BUCKETS,
            registry=self.registry,
        )
        self._tried: dict[tuple[str, DeliveryState], tuple[Counter, Histogram]] = {}
        self._ticks = Counter(
            "bubblewatch_ticks",
            "Looks at the sources, by how they ended.",
            ["outcome"],
            registry=self.registry,
        )
        self._alerts = Counter(
            "bubblewatch_alerts", "Alerts recorded by this process.", registry=self.registry
        )
        self._losses = Counter(
            "bubblewatch_connection_losses",
            "Unexpected ends of a platform's connection.",
            ["platform"],
            registry=self.registry,
        )
        self._lags = Histogram(
            "bubblewatch_event_loop_lag_seconds",
            "How late the event loop came to what was due.",
            buckets=_LAG_BUCKETS,
            registry=self.registry,
        )
        Gauge(
            "bubblewatch_started_at_seconds", "When this process started.", registry=self.registry
        ).set(self.started_at.timestamp())

        for outcome in _TICKS:
            self._ticks.labels(outcome)

    def begin_at_zero(self, platform: str) -> None:
        """Prometheus sees no increase where a count begins at 1: the first loss would be missed."""
        for state in _ENDS:
            self._deliveries.labels(platform, state.value)
        self._losses.labels(platform)

    def tick(self, result: TickReport | Exception) -> None:
        """A look at the sources has ended, with its report or with what broke it."""
        failed, now, last = isinstance(result, Exception), self.clock.now(), self.last_tick
        since = last.since if last is not None and last.failed == failed else now
        self.last_tick = Tick(now, failed, since)
        self._ticks.labels("failed" if failed else "good").inc()
        if isinstance(result, TickReport):
            self.last_good_tick_at = self.last_tick.at
            self._alerts.inc(result.alerts)
        self._sign.set()

    async def next_sign(self) -> bool:
        """After the next look or refusal: whether the look was good and no platform refuses us.

        For one caller only; of several that it missed it hears once.
        """
        await self._sign.wait()
        self._sign.clear()
        refused = any(link.state is LinkState.REFUSED for link in self.links.values())
        return self.last_tick is not None and not self.last_tick.failed and not refused

    def outcome(self, platform: str, outcome: Outcome) -> None:
        """How one try at a delivery ended."""
        key = platform, outcome.state
        known = self._tried.get(key)
        if known is None:
            # Looked up once: Prometheus takes longer to find them than to count.
            known = self._tried[key] = (
                self._deliveries.labels(platform, outcome.state.value),
                self._lateness.labels(platform),
            )
        tries, lateness = known
        tries.inc()
        if outcome.state is DeliveryState.SENT:
            waited = (self.clock.now() - outcome.claim.created_at).total_seconds()
            lateness.observe(max(0.0, waited))

    def link(self, platform: str, state: LinkState) -> None:
        """A platform's connection has begun, broken or been refused."""
        if state is LinkState.LEFT:
            self.links.pop(platform, None)
            return
        self.links[platform] = Link(state, self.clock.now())
        if state is LinkState.BROKEN:
            self._losses.labels(platform).inc()
        if state is LinkState.REFUSED:
            self._sign.set()

    async def measure_lag(self) -> None:
        """Until cancelled. Measured with the loop's own clock: it is the loop that is looked at."""
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + LAG_EVERY_S
            reached: asyncio.Future[None] = loop.create_future()
            timer = loop.call_at(due, _reach, reached)
            try:
                await reached
            finally:
                timer.cancel()
            self.lag_s = max(0.0, loop.time() - due)
            self._lags.observe(self.lag_s)
            self.lag_measured.set()


def _reach(reached: asyncio.Future[None]) -> None:
    if not reached.done():
        reached.set_result(None)
