"""The top-5 weight through a tick: a missing part, undated and estimated weights (RULES.md R4)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from alerts.evidence import Evidence, FundHoldings, Origin, Weights, holdings
from alerts.indicators import catalogue
from alerts.indicators.concentration import ESTIMATE_TICKER, FALLBACK, FUND, MEMBERS
from alerts.rules import State
from alerts.store.database import Database
from alerts.store.models import ObservationRow
from tests.alerts.world import START, World, origin

KEY = "top5_weight"
MONDAY = date(2025, 11, 3)


def weights(
    day: date,
    each: str,
    *,
    without: str | None = None,
    dated: bool = True,
    estimate: bool = False,
) -> Weights:
    names = (ESTIMATE_TICKER,) if estimate else MEMBERS
    fractions = {name: Decimal(each) for name in names if name != without}
    return Weights(day, fractions, dated, estimate, origin(START))


@pytest.fixture
def world(database: Database) -> World:
    return World(database, [catalogue()[KEY]])


async def publish(world: World, hours: float, *days: Weights, undated: bool = False) -> None:
    need = holdings("SPY") if undated else holdings("IVV")
    assert need == (FALLBACK if undated else FUND)
    world.figures.answers[need] = FundHoldings(days)
    await world.tick(hours)


async def test_r4_a_sum_with_one_missing_part_is_missing_and_not_smaller(world: World) -> None:
    world.figures.answers[FUND] = FundHoldings((weights(MONDAY, "0.05", without="GOOG"),))
    report = await world.tick(1)
    assert report.stored == ()
    assert [m.reason for m in report.missing] == ["GOOG not among the published holdings"]


async def test_r4_a_day_with_a_missing_part_clears_no_rule(world: World) -> None:
    await publish(world, 1, weights(MONDAY, "0.049"))
    rule = await world.draw(key=KEY, line="0.30")
    await publish(world, 25, weights(MONDAY + timedelta(days=1), "0.051"))
    await publish(world, 49, weights(MONDAY + timedelta(days=2), "0.051", without="NVDA"))
    assert [a.kind.value for a in await world.alerts()] == ["fired"]
    assert (await world.rule(rule)).state is State.FIRED


async def test_published_weights_move_rules_with_their_parts_beside(world: World) -> None:
    await publish(world, 1, weights(MONDAY, "0.049"))
    await world.draw(key=KEY, line="0.30")
    await publish(world, 25, weights(MONDAY + timedelta(days=1), "0.051"))
    [alert] = await world.alerts()
    assert alert.unit.from_fixed(alert.value or 0) == Decimal("0.306")
    row = (await world.rows(ObservationRow))[-1]
    assert [part["name"] for part in row.parts] == list(MEMBERS)


async def test_undated_weights_are_shown_and_move_no_rule(world: World) -> None:
    await publish(world, 1, weights(MONDAY, "0.049"))
    await world.draw(key=KEY, line="0.30")
    later = MONDAY + timedelta(days=9)
    await publish(world, 24 * 9 + 1, weights(later, "0.06", dated=False), undated=True)
    assert [row.status.value for row in await world.rows(ObservationRow)] == [
        "confirmed",
        "unconfirmed",
    ]
    assert "fired" not in [a.kind.value for a in await world.alerts()]


async def test_undated_weights_are_never_confirmed_by_repetition(world: World) -> None:
    await publish(world, 1, weights(MONDAY, "0.049"))
    await world.draw(key=KEY, line="0.30")
    for n in range(9, 15):
        day = MONDAY + timedelta(days=n)
        await publish(world, 24 * n + 1, weights(day, "0.06", dated=False), undated=True)
        await world.tick(24 * n + 2)
    assert {row.status.value for row in (await world.rows(ObservationRow))[1:]} == {"unconfirmed"}
    assert "fired" not in [a.kind.value for a in await world.alerts()]


async def test_an_estimate_is_stored_and_moves_no_rule(world: World) -> None:
    estimates = Evidence({FUND: FundHoldings((weights(MONDAY, "0.29", estimate=True),))})
    world.background = estimates
    world.start_again()
    await world.tick(1)
    rule = await world.draw(key=KEY, line="0.30")
    assert not (await world.rule(rule)).primed
    await publish(world, 25, weights(MONDAY + timedelta(days=1), "0.31", estimate=True))
    assert not (await world.rule(rule)).primed
    assert await world.alerts() == []


async def test_a_published_figure_replaces_the_estimate_of_its_day(world: World) -> None:
    await publish(world, 1, weights(MONDAY, "0.29", estimate=True))
    rule = await world.draw(key=KEY, line="0.31")
    await publish(world, 2, weights(MONDAY, "0.05"))
    assert [(r.version, r.status.value) for r in await world.rows(ObservationRow)] == [
        (1, "unconfirmed"),
        (2, "confirmed"),
    ]
    assert (await world.rule(rule)).primed


def of_spy(day: date, each: str) -> Weights:
    spy = Origin("ssga", "https://example.org/spy", START)
    return replace(weights(day, each), origin=spy)


async def signed(world: World) -> list[tuple[str, str | None, str | None]]:
    return [(row.source, row.confirmed_by, row.note) for row in await world.rows(ObservationRow)]


async def test_a_days_weights_are_confirmed_by_the_other_funds_file_when_it_comes(
    world: World,
) -> None:
    await publish(world, 1, weights(MONDAY, "0.0500"))
    world.figures.answers[FALLBACK] = FundHoldings((of_spy(MONDAY, "0.0502"),))
    report = await world.tick(2)
    assert report.stored == ()
    assert await signed(world) == [("figures", "ssga", None)]


async def test_weights_that_the_other_fund_contradicts_say_so_and_stand(world: World) -> None:
    await publish(world, 1, weights(MONDAY, "0.049"))
    rule = await world.draw(key=KEY, line="0.30")
    tuesday = MONDAY + timedelta(days=1)
    world.figures.answers[FALLBACK] = FundHoldings((of_spy(tuesday, "0.049"),))
    await publish(world, 25, weights(tuesday, "0.051"))
    assert (await signed(world))[-1] == ("figures", None, "figures and ssga differ by 3.9%")
    assert (await world.rule(rule)).state is State.FIRED


async def test_r3_a_jump_that_both_funds_show_is_not_held(world: World) -> None:
    await publish(world, 1, weights(MONDAY, "0.030"))
    await world.draw(key=KEY, line="0.30")
    tuesday = MONDAY + timedelta(days=1)
    await publish(world, 25, weights(tuesday, "0.051"))
    assert await world.told() == []
    world.figures.answers[FALLBACK] = FundHoldings((of_spy(tuesday, "0.051"),))
    await world.tick(26)
    assert [told.kind for told in await world.told()] == ["fired"]


async def test_spys_file_stands_in_when_ivvs_has_not_come_for_days(world: World) -> None:
    await publish(world, 1, weights(MONDAY, "0.049"))
    await world.draw(key=KEY, line="0.30")
    later = [MONDAY + timedelta(days=n) for n in (1, 4, 7)]
    world.figures.answers[FALLBACK] = FundHoldings(
        (
            *(of_spy(day, "0.051") for day in later),
            weights(MONDAY + timedelta(days=8), "0.06", dated=False),
        )
    )
    await world.tick(24 * 9)
    assert [row.source for row in await world.rows(ObservationRow)] == ["figures", "ssga"]
    assert [told.kind for told in await world.told()] == ["fired"]
