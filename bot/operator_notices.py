"""The program's own troubles, told in the operator's channel: grouped, once, and not too often.

What has been told stands in the database: a restart tells nothing again, and of several replicas
one tells. The notices are deliveries like any other (RULES.md R20, R22).
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from alerts.clock import Clock
from alerts.store import deliveries, destinations, memory, schema, sources, troubles
from alerts.store.database import Database
from alerts.store.deliveries import Outcome
from alerts.store.destinations import Place
from alerts.store.models import DeliveryState
from bot.operator_text import Told, facts
from bot.vitals import Link, LinkState, Tick

log = logging.getLogger(__name__)

REVIEW_EVERY_S = 60.0
APART = timedelta(minutes=15)
"""What happens within this time after a notice waits for the next one."""
SOURCE_AFTER = timedelta(minutes=30)
"""Shorter troubles of a source are mended by the next look."""
LINK_AFTER = timedelta(minutes=5)
"""A connection that has been lost, or is back, for so long."""
KEY = "operator told"
LOOKS = "looks"


@dataclass(frozen=True, slots=True)
class _Memory:
    """What was told and is not over yet, by key; when and where; and the schema of that time."""

    told: Mapping[str, Told] = field(default_factory=dict)
    at: datetime | None = None
    schema: str | None = None
    place: str | None = None

    @classmethod
    def read(cls, text: str | None) -> _Memory:
        if text is None:
            return cls()
        kept = json.loads(text)
        told = {key: Told(kind, about) for key, (kind, about) in kept["told"].items()}
        at = None if kept["at"] is None else datetime.fromisoformat(kept["at"])
        return cls(told, at, kept["schema"], kept.get("place"))

    def written(self) -> str:
        told = {key: [one.kind, one.about] for key, one in self.told.items()}
        at = None if self.at is None else self.at.isoformat()
        return json.dumps({"told": told, "at": at, "schema": self.schema, "place": self.place})

    def told_at(self, place: str) -> _Memory:
        """Another place has heard nothing yet. It waits as the old one would: while replicas with
        different settings run, each would tell what the other has told.
        """
        return self if self.place in (None, place) else replace(self, told={})


class OperatorNotices:
    """`links` tells how the connections are that this process holds, `last_look` how the last look
    at the sources ended here; None where another process looks.
    """

    def __init__(
        self,
        database: Database,
        place: Place,
        clock: Clock,
        wake: Callable[[], None],
        links: Callable[[], Mapping[str, Link]] = dict,
        last_look: Callable[[], Tick | None] = lambda: None,
        *,
        language: str = "en",
    ) -> None:
        self._database = database
        self._place = place
        self._clock = clock
        self._wake = wake
        self._links = links
        self._last_look = last_look
        self._language = language
        self._given_up: dict[str, Told] = {}

    def outcome(self, platform: str, outcome: Outcome) -> None:
        """How one try at a delivery ended. A crash before the next review loses the word of it;
        `/bubble log` has it all the same.
        """
        if outcome.state is DeliveryState.DEAD:
            before = self._given_up.get(platform, Told("given up", platform, count=0))
            self._given_up[platform] = replace(
                before, reason=outcome.reason or "", count=before.count + 1
            )

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                await self.review()
            except SQLAlchemyError as error:
                log.warning("the operator's notices wait for the database: %s", error)
            await self._clock.sleep(REVIEW_EVERY_S)

    async def review(self) -> bool:
        """Tell what has begun or is over since the last notice; True when there was something.

        1. Read what was told, under the write lock.
        2. Compare it with how things stand.
        3. Make one delivery of the difference and remember it, in the same transaction.
        """
        now = self._clock.now()
        given_up = list(self._given_up.values())
        async with self._database.write() as connection:
            kept = _Memory.read(await memory.recall(connection, KEY))
            before = kept.told_at(_written(self._place))
            if before.at is not None and now - before.at < APART:
                return False
            stands = await self._stands(connection, before, now)
            newest = schema.newest_revision()
            momentary = list(given_up)
            if before.schema not in (None, newest):
                momentary.append(Told("schema", str(before.schema), newest))
            begun = [one for key, one in stands.items() if key not in before.told]
            over = [one for key, one in before.told.items() if key not in stands]
            tells = bool(begun or momentary or over)
            after = _Memory(stands, now if tells else before.at, newest, _written(self._place))
            if after.written() != kept.written():
                await memory.remember(connection, KEY, after.written())
            if tells:
                home = await destinations.find_or_make(
                    connection, self._place, now, language=self._language
                )
                await deliveries.notice(connection, home.id, facts([*momentary, *begun], over), now)
        for one in given_up:
            # What was given up meanwhile is told next time.
            self._forget(one)
        if tells:
            self._wake()
        return tells

    def _forget(self, told: Told) -> None:
        now = self._given_up[told.about]
        if now.count == told.count:
            del self._given_up[told.about]
        else:
            self._given_up[told.about] = replace(now, count=now.count - told.count)

    async def _stands(
        self, connection: AsyncConnection, before: _Memory, now: datetime
    ) -> dict[str, Told]:
        """Every trouble that goes on, by key. One that was told is over when nothing is left."""
        found: dict[str, Told] = {}
        for name, state in (await sources.load(connection)).items():
            since, key = state.trouble_since, f"source {name}"
            lasts = since is not None and now - since >= SOURCE_AFTER
            if state.trouble is not None and since is not None and (lasts or key in before.told):
                found[key] = Told("source", name, state.trouble, since.isoformat())
        for off in await troubles.switched_off(connection):
            if off.place != self._place:
                key = f"place {off.destination_id}"
                found[key] = Told("place", _written(off.place), off.reason)
        found |= self._looks(before, now)
        links = self._links()
        # Whoever holds the connection says when it is back.
        found |= {
            key: told
            for key, told in before.told.items()
            if told.kind == "platform" and told.about not in links
        }
        for name, link in links.items():
            key, lasts = f"platform {name}", now - link.since >= LINK_AFTER
            lost = link.state is LinkState.REFUSED or (link.state is LinkState.BROKEN and lasts)
            if lost or (key in before.told and not lasts):
                found[key] = Told("platform", name)
        return found

    def _looks(self, before: _Memory, now: datetime) -> dict[str, Told]:
        """That looks fail, which no source is to blame for: the watch sees nothing."""
        look, known = self._last_look(), before.told.get(LOOKS)
        if look is None:
            return {} if known is None else {LOOKS: known}
        if look.failed and (known is not None or now - look.since >= SOURCE_AFTER):
            return {LOOKS: Told(LOOKS, "", since=look.since.isoformat())}
        return {}


def _written(place: Place) -> str:
    """As the setting `operator` writes a place."""
    return f"{place.platform}:{place.workspace}:{place.channel}"
