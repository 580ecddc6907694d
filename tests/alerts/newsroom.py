"""A watch and an outbox on one database: from a value to what stands in the channel."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any

from sqlalchemy import Row, select, update

from alerts.outbox import Outbox
from alerts.platform import Message
from alerts.store import acts, deliveries, destinations
from alerts.store.database import Database
from alerts.store.destinations import Place
from alerts.store.models import ActKind, DeliveryRow
from alerts.watch import Watch
from tests.alerts.posting import Editing, Recorder
from tests.alerts.world import HERE, World


class Newsroom(World):
    """Times are hours after the world's start; one rule at 100 in #here is drawn by `open`."""

    def __init__(self, database: Database, recorder: Recorder | None = None) -> None:
        self.recorder = recorder or Editing()
        super().__init__(database)
        self.outbox = Outbox(database, {"test": self.recorder}, self.clock, Random(7))

    def start_again(self, *, tells_staleness: bool = False) -> None:
        self.watch = Watch(
            self.database,
            self.indicators,
            self.sources,
            self.background,
            self.clock,
            self._wake,
            tells_staleness=tells_staleness,
            editing={"test"} if isinstance(self.recorder, Editing) else (),
        )

    @property
    def wall(self) -> Editing:
        assert isinstance(self.recorder, Editing)
        return self.recorder

    async def choose(self, place: Place = HERE, **chosen: Any) -> int:
        async with self.database.write() as connection:
            home = await destinations.find_or_make(connection, place, self.clock.now())
            await destinations.choose(connection, home.id, self.clock.now(), **chosen)
        return home.id

    async def told_at(self, hours: float, value: int) -> None:
        """A value comes, and what it brings is sent."""
        await self.see(hours, value)
        await self.outbox.drain()

    async def send(self, hours: float | None = None) -> int:
        if hours is not None:
            self.clock.set(self.at(hours))
        return await self.outbox.drain()

    async def act(self, rule_id: int, kind: ActKind = ActKind.ACKNOWLEDGED, by: str = "Ann") -> int:
        """Somebody does something about a rule; returns how many messages will tell it."""
        now = self.clock.now()
        async with self.database.write() as connection:
            await acts.record(connection, rule_id, kind, f"u-{by}", by, now)
            return await deliveries.story_changed(connection, [rule_id], now)

    async def doubt(self, delivery_id: int) -> None:
        """An earlier try at this delivery ended unseen."""
        async with self.database.write() as connection:
            await connection.execute(
                update(DeliveryRow).where(DeliveryRow.id == delivery_id).values(uncertain=True)
            )

    async def deliveries(self) -> Sequence[Row[Any]]:
        async with self.database.read() as connection:
            return (await connection.execute(select(DeliveryRow).order_by(DeliveryRow.id))).all()

    @property
    def posted(self) -> list[Message]:
        return self.recorder.posted
