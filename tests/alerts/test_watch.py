"""One tick after another through the public surface (RULES.md R2 to R19)."""

from __future__ import annotations

import pytest

from alerts.measures import Measure, MeasureKind, Window
from alerts.rules import Level, State
from alerts.store import destinations
from alerts.store.database import Database
from alerts.store.models import DeliveryRow
from tests.alerts.world import DAY, HERE, HOUR, THERE, Told, World

pytestmark = pytest.mark.both_databases


@pytest.fixture
def world(database: Database) -> World:
    return World(database)


async def test_r10_a_crossing_and_its_return_are_told(world: World) -> None:
    await world.see(0, 90)
    await world.draw(100)
    for hours, value in ((24, 100), (48, 99), (72, 90), (96, 101)):
        await world.see(hours, value)
    assert await world.told() == [Told("fired", 100), Told("cleared", 90), Told("fired", 101)]


async def test_the_outbox_is_woken_only_when_there_is_something_to_send(world: World) -> None:
    await world.see(0, 90)
    await world.draw(100)
    await world.see(1, 95)
    assert world.woken == 0
    await world.see(2, 100)
    assert world.woken == 1


async def test_r11_a_rule_drawn_beyond_its_line_begins_fired_in_silence(world: World) -> None:
    await world.see(0, 120)
    rule = await world.draw(100)
    assert (await world.rule(rule)).state is State.FIRED
    await world.see(24, 130)
    assert await world.told() == []
    await world.see(48, 90)
    assert await world.told() == [Told("cleared", 90)]


async def test_a_rule_is_not_told_a_crossing_that_was_seen_before_it_was_drawn(
    world: World,
) -> None:
    await world.see(0, 90)
    await world.see(24, 120)
    await world.draw(100)
    await world.tick(25)
    assert await world.told() == []


async def test_a_rule_is_not_told_what_happened_before_it_was_drawn(world: World) -> None:
    """A catch-up finds a crossing and its return; the newer rule hears of neither."""
    await world.see(0, 90)
    await world.draw(100, place=HERE)
    world.clock.set(world.at(50))
    await world.draw(100, place=THERE)
    for hours, value in ((24, 120), (48, 90), (72, 91)):
        world.say(hours, value)
    await world.tick(72)
    assert await world.told(HERE) == [Told("fired", 120), Told("cleared", 90)]
    assert await world.told(THERE) == []


async def test_a_line_is_crossed_by_the_first_value_that_is_heard_after_it_was_drawn(
    world: World,
) -> None:
    """The answer said «armed»; the value was of this morning, but nobody knew it yet."""
    await world.see(0, 90)
    world.clock.set(world.at(30))
    await world.draw(100)
    world.say(24, 120)
    await world.tick(31)
    assert await world.told() == [Told("fired", 120)]


async def test_r12_a_cooldown_holds_back_and_the_next_message_counts(world: World) -> None:
    await world.see(0, 90)
    rule = await world.draw(100, cooldown=10 * DAY)
    for hours, value in ((24, 100), (48, 90), (72, 100), (300, 90)):
        await world.see(hours, value)
    assert await world.told() == [
        Told("fired", 100),
        Told("cleared", 90),
        Told("fired", 100, "cooldown"),
        Told("cleared", 90),
    ]
    assert [alert.held_back for alert in await world.alerts()] == [0, 0, 0, 1]
    assert (await world.rule(rule)).held_back == 0
    assert len(await world.rows(DeliveryRow)) == 3


async def test_r13_a_snooze_silences_and_ends_with_one_reminder(world: World) -> None:
    await world.see(0, 90)
    rule = await world.draw(100)
    await world.change(rule, snoozed_until=world.at(50))
    await world.see(24, 100)
    await world.tick(49)
    assert await world.rows(DeliveryRow) == []
    for hours in (50, 51, 99):
        await world.tick(hours)
    assert await world.told() == [Told("fired", 100, "snoozed"), Told("reminder", 100)]
    assert world.woken == 1


async def test_r13_a_reminder_that_a_snooze_hid_is_told_at_its_end(world: World) -> None:
    """R17 allows one reminder for an observation: the recorded one is delivered after all."""
    await world.see(0, 90)
    rule = await world.draw(100, remind=12 * HOUR)
    await world.see(10, 100)
    await world.change(rule, snoozed_until=world.at(30))
    await world.tick(24)
    assert (await world.told())[1:] == [Told("reminder", 100, "snoozed")]
    woken = world.woken
    await world.tick(30)
    assert (await world.told())[1:] == [Told("reminder", 100)]
    assert world.woken == woken + 1
    assert len(await world.rows(DeliveryRow)) == 2


async def test_r13_what_a_snooze_hid_travels_with_the_rest_of_the_tick(world: World) -> None:
    await world.see(0, 90)
    rule = await world.draw(100, remind=12 * HOUR)
    await world.draw(120, expires_at=world.at(30))
    await world.see(10, 100)
    await world.change(rule, snoozed_until=world.at(30))
    await world.tick(24)
    report = await world.tick(30)
    assert [told.kind for told in await world.told()] == ["fired", "reminder", "expired"]
    assert report.deliveries == 1


async def test_r10_reminders_come_once_an_observation(world: World) -> None:
    await world.see(0, 90)
    await world.draw(100, remind=6 * HOUR)
    await world.see(10, 100)
    for hours in (16, 22, 28):
        await world.tick(hours)
    await world.see(40, 101)
    assert await world.told() == [
        Told("fired", 100),
        Told("reminder", 100),
        Told("reminder", 101),
    ]


async def test_r10_an_expired_rule_says_so_once(world: World) -> None:
    await world.see(0, 90)
    rule = await world.draw(100, expires_at=world.at(30))
    for hours in (29, 30, 31):
        await world.tick(hours)
    await world.see(40, 200)
    assert await world.told() == [Told("expired", 90)]
    assert (await world.rule(rule)).state is State.DONE


async def test_r10_a_rule_without_any_value_expires_too(world: World) -> None:
    await world.draw(100, expires_at=world.at(30))
    for hours in (30, 31):
        await world.tick(hours)
    assert await world.told() == [Told("expired", None)]


async def test_r10_once_is_once(world: World) -> None:
    await world.see(0, 90)
    await world.draw(100, once=True)
    for hours, value in ((24, 100), (48, 90), (72, 100)):
        await world.see(hours, value)
    assert await world.told() == [Told("fired", 100), Told("cleared", 90)]


async def test_r10_a_hold_is_kept_in_the_store(world: World) -> None:
    await world.see(0, 90)
    await world.draw(100, hold=2 * DAY)
    for hours, value in ((24, 100), (48, 101)):
        await world.see(hours, value)
        world.start_again()
    await world.tick(100)
    assert await world.told() == []
    await world.see(72, 102)
    assert await world.told() == [Told("fired", 102)]


async def test_r14_flapping_brings_one_notice_and_then_silence(world: World) -> None:
    await world.see(0, 90)
    await world.draw(100)
    for turn in range(1, 8):
        await world.see(turn, 100 if turn % 2 else 90)
    told = [(a.kind.value, a.withheld is None) for a in await world.alerts()]
    assert told[:4] == [("fired", True), ("cleared", True)] * 2
    assert told[4:6] == [("fired", False), ("flapping", True)]
    assert told[6:] == [("cleared", False), ("fired", False)]


async def test_a_paused_rule_is_left_alone(world: World) -> None:
    await world.see(0, 90)
    rule = await world.draw(100, expires_at=world.at(30))
    await world.change(rule, paused=True)
    await world.see(24, 120)
    await world.tick(40)
    assert await world.told() == []


async def test_an_alert_for_a_place_that_is_off_is_recorded_and_not_sent(world: World) -> None:
    await world.see(0, 90)
    await world.draw(100)
    async with world.database.write() as connection:
        home = await destinations.find(connection, HERE)
        assert home is not None
        await destinations.set_off(connection, home.id, "the channel is gone")
    await world.see(24, 100)
    assert await world.told() == [Told("fired", 100)]
    assert await world.rows(DeliveryRow) == []


async def test_r7_measures_are_kept_with_the_newest_observation(world: World) -> None:
    for n in range(40):
        world.say(-24 * (40 - n), 100 + n)
    await world.see(0, 200)
    change = Measure(MeasureKind.CHANGE, Window(30, "d"))
    await world.draw(150, measure=change)
    await world.see(24, 240)
    assert await world.told() == []
    await world.see(48, 300)
    [alert] = await world.alerts()
    assert alert.value == (300 - 112) * 10**4
    assert alert.measure == change


async def test_r15_a_crossing_that_came_and_went_while_the_process_was_down_is_found(
    world: World,
) -> None:
    await world.see(0, 90)
    await world.draw(100)
    world.start_again()
    for hours, value in ((10, 120), (12, 90), (14, 95)):
        world.say(hours, value)
    await world.tick(20)
    alerts = await world.alerts()
    assert [(a.kind.value, a.as_of) for a in alerts] == [
        ("fired", world.at(10)),
        ("cleared", world.at(12)),
    ]
    [delivery] = await world.rows(DeliveryRow)
    assert not delivery.away


async def test_r15_what_is_older_than_a_day_is_told_apart_as_while_i_was_away(
    world: World,
) -> None:
    await world.see(0, 90)
    await world.draw(100)
    world.start_again()
    for hours, value in ((10, 120), (20, 90), (90, 130)):
        world.say(hours, value)
    await world.tick(100)
    deliveries = await world.rows(DeliveryRow)
    assert [row.away for row in deliveries] == [True, False]
    alerts = await world.alerts()
    assert [a.delivery_id for a in alerts] == [
        deliveries[0].id,
        deliveries[0].id,
        deliveries[1].id,
    ]


async def test_r18_alerts_of_one_tick_for_one_place_are_one_message(world: World) -> None:
    await world.see(0, 90)
    for line in (91, 92, 93):
        await world.draw(line, level=Level.CRITICAL if line == 93 else Level.WATCH)
    await world.draw(94, place=THERE)
    report = await world.see(24, 100)
    assert (report.alerts, report.deliveries) == (4, 2)
    assert len({alert.delivery_id for alert in await world.alerts(HERE)}) == 1
