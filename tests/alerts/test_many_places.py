"""However many places hear of a crossing, few of them are held in memory at once."""

from __future__ import annotations

import pytest

from alerts.rules import State
from alerts.store.database import Database
from alerts.store.destinations import Place
from alerts.store.models import DeliveryRow
from tests.alerts.world import HERE, World

NAMES = [HERE, *(Place("test", "server", f"#{n}") for n in range(10))]


async def test_places_that_are_told_bit_by_bit_are_told_as_if_it_were_at_once(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("alerts.store.telling.IN_MIND", 3)
    monkeypatch.setattr("alerts.store.rules.IN_MIND", 3)
    monkeypatch.setattr("alerts.evaluate.IN_MIND", 3)
    world = World(database)
    await world.see(0, 90)
    drawn = [await world.draw(line, place=place) for line in (100, 95) for place in NAMES]
    drawn.append(await world.draw(99, place=HERE))
    report = await world.see(1, 101)
    assert (report.alerts, report.deliveries) == (2 * len(NAMES) + 1, len(NAMES))
    assert {(await world.rule(rule)).state for rule in drawn} == {State.FIRED}
    # One message a place, though its lines lie far apart (R18), in the order of the places.
    messages = await world.rows(DeliveryRow)
    assert [row.destination_id for row in messages] == list(range(1, len(NAMES) + 1))
    for place in NAMES:
        told = await world.alerts(place)
        assert len({alert.delivery_id for alert in told}) == 1
        rules = [alert.rule_id for alert in told]
        assert rules == sorted(rule for rule in rules if rule is not None)
    assert len(await world.alerts(HERE)) == 3
