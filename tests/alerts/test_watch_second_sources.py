"""A second source that speaks after the first, through a tick (RULES.md R2, R3)."""

from __future__ import annotations

import pytest

from alerts.evidence import Evidence, second_statements, statements
from alerts.indicators import Cadence, catalogue
from alerts.reading import Status
from alerts.store.database import Database
from alerts.store.models import ObservationRow
from tests.alerts.world import World
from tests.indicators.filed import facts, filed
from tests.indicators.test_second_views import given

KEY = "oracle_debt"


def balance(end: str, on: str, notes: int) -> Evidence:
    leases = (("FinanceLeaseLiability", 4), ("OperatingLeaseLiability", 16))
    rows = (("LongTermNotesAndLoans", notes), *leases)
    billions = (filed(tag, None, end, amount * 10**9, on) for tag, amount in rows)
    return Evidence({statements("ORCL"): facts(*billions)})


def second(end: str, billions: int) -> Evidence:
    debt = facts(given("TotalDebt", None, end, billions * 10**9))
    return Evidence({second_statements("ORCL"): debt})


@pytest.fixture
def world(database: Database) -> World:
    return World(database, [catalogue()[KEY]])


async def learn(world: World, hours: float, *answers: Evidence) -> int:
    """How many observations it stored."""
    for evidence in answers:
        for need, answer in evidence.items():
            world.figures.answers[need] = answer
    return len((await world.tick(hours)).stored)


async def signed(world: World) -> list[tuple[int, Status, str | None, str | None]]:
    return [
        (row.version, row.status, row.confirmed_by, row.note)
        for row in await world.rows(ObservationRow)
    ]


ORDINARY = balance("2025-08-31", "2025-09-10", 91)
YAHOO = "yahoo, with all leases"


async def test_a_confirmation_that_comes_later_is_kept_without_another_version(
    world: World,
) -> None:
    assert await learn(world, 0, ORDINARY) == 1
    assert await learn(world, 6, second("2025-08-31", 111)) == 0
    assert await signed(world) == [(1, Status.CONFIRMED, YAHOO, None)]
    world.start_again()
    assert await learn(world, 12) == 0
    assert await signed(world) == [(1, Status.CONFIRMED, YAHOO, None)]


async def test_a_contradiction_that_comes_later_is_noted_and_moves_nothing(world: World) -> None:
    rule = await world.draw(key=KEY, line="90e9")
    await learn(world, 0, ORDINARY)
    before = await world.rule(rule)
    await learn(world, 6, second("2025-08-31", 95))
    note = "Oracle: sec and yahoo differ by 14.4%"
    assert await signed(world) == [(1, Status.CONFIRMED, None, note)]
    assert await world.rule(rule) == before
    await learn(world, 12, second("2025-08-31", 110))
    assert await signed(world) == [(1, Status.CONFIRMED, YAHOO, None)]


async def test_r3_a_filing_that_jumps_is_confirmed_when_yahoo_agrees(world: World) -> None:
    await learn(world, 0, balance("2025-08-31", "2025-09-10", 30))
    await world.draw(key=KEY, line="110e9")
    await learn(world, 24 * 2, balance("2025-10-31", "2025-11-04", 200))
    assert [row[1] for row in await signed(world)] == [Status.CONFIRMED, Status.UNCONFIRMED]
    assert await world.told() == []
    await learn(world, 24 * 2 + 0.1, second("2025-10-31", 221))
    assert [row[1:3] for row in await signed(world)][1] == (Status.CONFIRMED, YAHOO)
    assert [told.kind for told in await world.told()] == ["fired"]


async def test_r3_a_filing_that_jumps_and_that_yahoo_contradicts_stays_held(world: World) -> None:
    await learn(world, 0, balance("2025-08-31", "2025-09-10", 30))
    await world.draw(key=KEY, line="110e9")
    jumped = balance("2025-10-31", "2025-11-04", 200)
    await learn(world, 24 * 2, jumped, second("2025-10-31", 55))
    assert (await signed(world))[1][1] is Status.UNCONFIRMED
    assert await world.told() == []


async def test_r3_yahoo_alone_is_no_later_look_at_a_filing(world: World) -> None:
    """Two later looks are looks at the filing."""
    await learn(world, 0, balance("2025-08-31", "2025-09-10", 30))
    await learn(world, 48, balance("2025-10-31", "2025-11-04", 200), second("2025-10-31", 55))
    for hours in (60, 72, 84):
        world.clock.set(world.at(hours))
        await world.watch.tick((Cadence.SESSION,))
    assert (await signed(world))[1][1] is Status.UNCONFIRMED
