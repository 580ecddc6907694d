"""`/metrics` for Prometheus: what this process counted, and what the database says right now."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import datetime

from aiohttp import web
from prometheus_client import generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector, CollectorRegistry

from alerts.store import sources as source_store
from alerts.store import survey
from bot import __version__
from bot.platforms import waiting
from bot.vitals import Hearing, LinkState
from bot.web.health import DATABASE_IS_SILENT, DATABASE_WITHIN_S
from bot.web.overview import Overview
from bot.web.site import Site

PATH = "/metrics"


def routes(site: Site) -> list[web.RouteDef]:
    for platform in site.platforms:
        site.vitals.begin_at_zero(platform.name)

    async def metrics(_: web.Request) -> web.StreamResponse:
        now = CollectorRegistry(auto_describe=False)
        now.register(_Scrape([*await _stored(site), *_own(site)]))
        body = generate_latest(site.vitals.registry) + generate_latest(now)
        return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE_LATEST})

    return [web.get(PATH, metrics)]


class _Scrape(Collector):
    """What was asked of the database for this one scrape."""

    def __init__(self, families: Iterable[Metric]) -> None:
        self._families = tuple(families)

    def collect(self) -> Iterable[Metric]:
        return self._families


async def _stored(site: Site) -> list[Metric]:
    """What the database says; when it says nothing, that."""
    up = GaugeMetricFamily("bubblewatch_database_up", "1 while the database answers.")
    try:
        async with asyncio.timeout(DATABASE_WITHIN_S):
            found = await _families(site)
    except DATABASE_IS_SILENT:
        # `/healthz` says what is wrong with it.
        up.add_metric([], 0)
        return [up]
    up.add_metric([], 1)
    return [up, *found]


def _own(site: Site) -> list[Metric]:
    """What this process knows without asking anybody."""
    lasts = GaugeMetricFamily(
        "bubblewatch_database_lasts",
        "0 while the database lies on a disk that does not last.",
        value=float(site.fleeting is None),
    )
    return [_connections(site), *_waits(), lasts, _version()]


async def _families(site: Site) -> list[Metric]:
    now = site.clock.now()
    async with site.database.read() as connection:
        backlog = await survey.backlog(connection)
        sources = await source_store.load(connection)
        last_look = await survey.last_look(connection)
    depth = GaugeMetricFamily(
        "bubblewatch_queue_depth", "Deliveries that are not sent yet.", labels=["platform", "state"]
    )
    overdue = GaugeMetricFamily(
        "bubblewatch_queue_overdue_seconds",
        "Since when the first delivery in this state has been due; 0 when none is.",
        labels=["platform", "state"],
    )
    for (platform, state), unsent in backlog.items():
        labels = [platform, state.value]
        depth.add_metric(labels, unsent.count)
        overdue.add_metric(labels, max(0.0, (now - unsent.due_since).total_seconds()))
    age = GaugeMetricFamily(
        "bubblewatch_source_age_seconds", "Since a source last answered.", labels=["source"]
    )
    trouble = GaugeMetricFamily(
        "bubblewatch_source_in_trouble", "1 while a source does not answer.", labels=["source"]
    )
    for name, state_of in sources.items():
        if state_of.answered_at is not None:
            age.add_metric([name], (now - state_of.answered_at).total_seconds())
        trouble.add_metric([name], float(state_of.silent))
    overview = await site.overviews.now()
    return [
        depth,
        overdue,
        age,
        trouble,
        *_looks(last_look, now),
        *_indicators(overview),
    ]


def _looks(last_look: datetime | None, now: datetime) -> list[Metric]:
    if last_look is None:
        return []
    return [
        GaugeMetricFamily(
            "bubblewatch_last_look_age_seconds",
            "Since the sources were last asked.",
            value=(now - last_look).total_seconds(),
        )
    ]


def _indicators(overview: Overview) -> list[Metric]:
    age = GaugeMetricFamily(
        "bubblewatch_indicator_age_seconds",
        "Since the day or moment of an indicator's newest value.",
        labels=["indicator"],
    )
    stale = GaugeMetricFamily(
        "bubblewatch_indicator_stale",
        "1 while an indicator's newest value is older than it may be, or there is none.",
        labels=["indicator"],
    )
    value = GaugeMetricFamily(
        "bubblewatch_indicator_value",
        "An indicator's newest value, in its unit.",
        labels=["indicator", "unit"],
    )
    for key, standing in overview.standings.items():
        reading = standing.newest
        old = reading is None
        if reading is not None:
            passed = overview.at - reading.as_of
            old = passed > standing.indicator.stale_after
            age.add_metric([key], passed.total_seconds())
            value.add_metric([key, reading.unit.value], float(reading.value))
        stale.add_metric([key], float(old))
    return [age, stale, value]


def _waits() -> list[Metric]:
    took = CounterMetricFamily(
        "bubblewatch_rate_limit_wait_seconds",
        "Time that calls spent waiting ahead of a platform's rate limit.",
        labels=["platform"],
    )
    for platform, seconds in waiting.seconds().items():
        took.add_metric([platform], seconds)
    made = CounterMetricFamily(
        "bubblewatch_rate_limit_waits",
        "Calls that had to wait ahead of a platform's rate limit.",
        labels=["platform"],
    )
    for platform, calls in waiting.calls().items():
        made.add_metric([platform], calls)
    return [took, made]


def _connections(site: Site) -> Metric:
    up = GaugeMetricFamily(
        "bubblewatch_platform_connected",
        "1 while a platform's connection works, for those that hold one in this process.",
        labels=["platform"],
    )
    for platform in site.platforms:
        link = site.vitals.links.get(platform.name)
        if link is not None:
            hears = not isinstance(platform, Hearing) or platform.hears()
            up.add_metric([platform.name], float(link.state is LinkState.RUNNING and hears))
    return up


def _version() -> Metric:
    info = GaugeMetricFamily("bubblewatch_version_info", "Always 1.", labels=["version"])
    info.add_metric([__version__], 1)
    return info
