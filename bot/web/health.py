"""`/healthz` and `/readyz`: the truth, part by part, for whoever restarts or routes.

`/healthz` fails when a restart may help: the database or the looks at the sources have stopped.
`/readyz` fails as long as not everything works: no look has been made yet, a platform is not
connected, messages are waiting that should have left. A source that is down fails neither: what
comes from the others is told, and another replica would not reach it either. It is named in both.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from aiohttp import web
from sqlalchemy.exc import SQLAlchemyError

from alerts.platform import Platform
from alerts.store import sources as source_store
from alerts.store import survey
from alerts.store.models import DeliveryState
from alerts.store.sources import SourceState
from alerts.store.survey import Waiting
from bot.replies import Json
from bot.vitals import Hearing, Link, LinkState
from bot.web.rendering import json_response
from bot.web.site import Site

TICK_OVERDUE_AFTER = timedelta(hours=2, minutes=30)
"""Outside trading hours a look is due every hour."""
OVERDUE_AFTER = timedelta(minutes=15)
"""A delivery that is due for longer is not only waiting for its next try."""
CONNECT_WITHIN = timedelta(minutes=2)
LAGGING_FROM_S = 5.0
DATABASE_WITHIN_S = 5.0
DATABASE_IS_SILENT = (SQLAlchemyError, OSError, TimeoutError)


class State(StrEnum):
    OK = "ok"
    WAITING = "waiting"
    """Not there yet, and nothing is wrong with that."""
    FAILING = "failing"
    PARTLY = "partly"
    """It answers, and lacks some of what it was asked for."""
    DOWN = "down"
    """Outside of this service, which does what it can without it."""


_READY = (State.OK, State.PARTLY, State.DOWN)


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the service. `facts` are numbers and moments, never words about a place."""

    state: State
    facts: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class _Stored:
    """What the database knows of us."""

    last_look: datetime | None
    backlog: Mapping[tuple[str, DeliveryState], Waiting]
    sources: Mapping[str, SourceState]


def routes(site: Site) -> list[web.RouteDef]:
    async def healthz(_: web.Request) -> web.StreamResponse:
        parts = await _parts(site)
        alive = all(
            parts[name].state is not State.FAILING for name in ("database", "schedule", "loop")
        )
        return _answer(parts, alive)

    async def readyz(_: web.Request) -> web.StreamResponse:
        parts = await _parts(site)
        return _answer(parts, all(part.state in _READY for part in parts.values()))

    return [web.get("/healthz", healthz), web.get("/readyz", readyz)]


def _answer(parts: Mapping[str, Part], fine: bool) -> web.Response:
    data: Json = {
        "status": "ok" if fine else "failing",
        "parts": {name: {"state": part.state.value, **part.facts} for name, part in parts.items()},
    }
    return json_response(data, status=200 if fine else 503)


async def _parts(site: Site) -> dict[str, Part]:
    now = site.clock.now()
    try:
        stored = await _asked(site)
    except DATABASE_IS_SILENT as error:
        stored = None
        database = Part(State.FAILING, {"error": type(error).__name__})
    else:
        database = Part(State.OK, {})
    lag = round(site.vitals.lag_s, 3)
    parts = {
        "database": database,
        "schedule": _schedule(site, stored, now),
        "loop": Part(State.FAILING if lag >= LAGGING_FROM_S else State.OK, {"lag_s": lag}),
    }
    if stored is not None:
        parts["outbox"] = _outbox(site, stored, now)
        parts |= {f"source:{name}": _source(one) for name, one in stored.sources.items()}
    for platform in site.platforms:
        link = site.vitals.links.get(platform.name)
        if link is not None:
            parts[f"platform:{platform.name}"] = _connection(platform, link, now)
    return parts


async def _asked(site: Site) -> _Stored:
    async with asyncio.timeout(DATABASE_WITHIN_S), site.database.read() as connection:
        return _Stored(
            await survey.last_look(connection),
            await survey.backlog(connection),
            await source_store.load(connection),
        )


def _schedule(site: Site, stored: _Stored | None, now: datetime) -> Part:
    """With several replicas one makes the looks; the database knows of them all."""
    vitals = site.vitals
    known = [
        at
        for at in (vitals.last_good_tick_at, stored.last_look if stored else None)
        if at is not None
    ]
    last = max(known, default=None)
    facts: dict[str, Json] = {"last_look": last.isoformat() if last else None}
    failed = vitals.last_tick is not None and vitals.last_tick.failed
    if failed:
        facts["last_failed"] = True
    since = max(last, vitals.started_at) if last else vitals.started_at
    if now - since > TICK_OVERDUE_AFTER:
        return Part(State.FAILING, facts)
    return Part(State.OK if last and not failed else State.WAITING, facts)


def _outbox(site: Site, stored: _Stored, now: datetime) -> Part:
    """Only what this process can send: a place of a platform that is not set up waits for ever."""
    names = {platform.name for platform in site.platforms}
    waiting = [
        one
        for (platform, state), one in stored.backlog.items()
        if platform in names and state is not DeliveryState.PARKED
    ]
    first = min((one.due_since for one in waiting), default=None)
    facts: dict[str, Json] = {"waiting": sum(one.count for one in waiting)}
    if first is not None:
        facts["due_since"] = first.isoformat()
    overdue = first is not None and now - first > OVERDUE_AFTER
    return Part(State.FAILING if overdue else State.OK, facts)


def _source(source: SourceState) -> Part:
    answered = source.answered_at
    facts: dict[str, Json] = {"answered": answered.isoformat() if answered else None}
    if source.trouble is None:
        return Part(State.OK, facts)
    if source.trouble_since is not None:
        facts["since"] = source.trouble_since.isoformat()
    return Part(State.DOWN if source.silent else State.PARTLY, facts)


def _connection(platform: Platform, link: Link, now: datetime) -> Part:
    facts: dict[str, Json] = {"connection": link.state.value, "since": link.since.isoformat()}
    if link.state is not LinkState.RUNNING:
        return Part(State.FAILING, facts)
    if not isinstance(platform, Hearing):
        return Part(State.OK, facts)
    facts["hears"] = platform.hears()
    if facts["hears"]:
        return Part(State.OK, facts)
    return Part(State.FAILING if now - link.since > CONNECT_WITHIN else State.WAITING, facts)
