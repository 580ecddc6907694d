"""The facts that were entered here, as a source: they lie over those that travel along."""

from __future__ import annotations

from collections.abc import Collection

from alerts.evidence import Answer, Evidence, Need, StatedFacts, stated
from alerts.published import StatedFact
from alerts.sources import Collected
from alerts.store import facts
from alerts.store.database import Database


class FactLedger:
    """Supplies `stated` facts from the database, asked at each look: it costs one query."""

    name = "facts"

    def __init__(self, database: Database) -> None:
        self._database = database

    def supplies(self, need: Need[Answer]) -> bool:
        return need.kind == "stated"

    async def collect(self, needs: Collection[Need[Answer]], known: Evidence) -> Collected:
        async with self._database.read() as connection:
            entered = await facts.entries(connection)
        by_key: dict[str, list[StatedFact]] = {}
        for entry in entered:
            by_key.setdefault(entry.fact.key, []).append(entry.fact)
        answers: dict[Need[Answer], Answer] = {}
        for key, found in by_key.items():
            need = stated(key)
            before = known.of(need) or StatedFacts(())
            # Merging keeps the later of two entries about the same thing.
            after = before.merge(StatedFacts(tuple(found)))
            if need in needs and after != before:
                answers[need] = after
        return Collected(Evidence(answers))

    async def close(self) -> None:
        """Nothing is held open."""
