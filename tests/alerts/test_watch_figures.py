"""What the watch makes of figures: new, held, restated, stale, failing (RULES.md R2 to R5, R16)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from alerts.evidence import Evidence, prices
from alerts.indicators import Cadence, Guard
from alerts.measures import Measure, MeasureKind, Window
from alerts.reading import Missing, Reading
from alerts.rules import State
from alerts.sources import SourceUnavailable
from alerts.store import sources as source_store
from alerts.store.database import Database
from alerts.store.models import ObservationRow
from tests.alerts.world import DAY, HERE, THERE, Told, World, level


@pytest.fixture
def world(database: Database) -> World:
    return World(database)


async def versions(world: World) -> list[tuple[int, int, str]]:
    """(value, version, status) of all observations."""
    return [
        (row.value // 10**4, row.version, row.status.value)
        for row in await world.rows(ObservationRow)
    ]


async def test_r2_the_same_value_again_stores_nothing(world: World) -> None:
    await world.see(0, 90)
    report = await world.tick(1)
    assert report.stored == ()
    assert await versions(world) == [(90, 1, "confirmed")]


async def test_r2_another_value_for_the_same_as_of_is_a_further_version(world: World) -> None:
    await world.see(0, 90)
    world.say(0, 91)
    await world.tick(1)
    assert await versions(world) == [(90, 1, "confirmed"), (91, 2, "confirmed")]


async def test_r2_what_is_known_survives_a_restart(world: World) -> None:
    await world.see(0, 90)
    world.figures.answers.clear()
    world.start_again()
    report = await world.tick(1)
    assert (report.stored, report.missing) == ((), ())
    assert [str(need) for need in await world.watch.evidence()] == ["prices:NVDA"]


async def test_a_first_look_stores_history_and_alerts_nobody(world: World) -> None:
    rule = await world.draw(100)
    for hours, value in ((-500, 90), (-400, 150), (-300, 90), (0, 150)):
        world.say(hours, value)
    report = await world.tick(0)
    assert len(report.stored) == 4
    assert await world.told() == []
    assert (await world.rule(rule)).state is State.FIRED


async def test_r28_a_session_in_progress_is_one_point_in_every_measure(world: World) -> None:
    """Caught up in one tick, each look at a session is measured against the sessions before it."""
    monday = world.at(0).date()
    for n in range(1, 4):
        world.say(-24 * n, 100 - n, session=monday - timedelta(days=n))
    await world.tick(0)
    measure = Measure(MeasureKind.CHANGE, Window(2, "d"))
    rule = await world.draw(30, measure=measure)
    await world.tick(0.1)
    await world.change(rule, primed=True, state=State.ARMED)
    await world.see(0.5, 99)
    assert await world.told() == []
    world.say(0.75, 150, session=monday)
    await world.tick(0.75)
    assert await world.told() == [Told("fired", 52)]


async def test_r3_what_is_held_moves_no_rule_until_it_is_confirmed(database: Database) -> None:
    world = World(database, [level(guard=Guard({}, Decimal("0.40")))])
    await world.see(0, 90)
    await world.draw(100)
    await world.see(1, 300)
    assert await versions(world) == [(90, 1, "confirmed"), (300, 1, "unconfirmed")]
    await world.see(1.25, 301)
    assert await world.told() == []
    await world.see(1.5, 302)
    assert [v[2] for v in await versions(world)] == ["confirmed"] * 4
    assert await world.told() == [Told("fired", 300)]


async def test_r3_a_spike_that_goes_away_is_never_told(database: Database) -> None:
    world = World(database, [level(guard=Guard({}, Decimal("0.40")))])
    await world.see(0, 90)
    await world.draw(100)
    for hours, value in ((1, 300), (1.5, 300), (2, 91), (3, 300), (4, 92), (5, 93)):
        await world.see(hours, value)
    assert await world.told() == []
    assert [v[0] for v in await versions(world) if v[2] == "unconfirmed"] == [300, 300, 300]


async def test_r3_a_filing_that_jumps_is_confirmed_by_two_later_looks_at_it(
    database: Database,
) -> None:
    """The next filing is three months away; the same file is there at the next two looks."""
    guard = Guard({}, Decimal("0.60"), reach=timedelta(days=200))
    world = World(database, [level(guard=guard, cadence=Cadence.FILING, stale_after=200 * DAY)])
    await world.see(0, 90)
    await world.draw(100)
    await world.see(24 * 90, 300)
    for minutes in (5, 10, 14):
        await world.tick(24 * 90 + minutes / 60)
    await world.tick(24 * 90 + 6)
    assert await world.told() == []
    await world.tick(24 * 90 + 12)
    assert await world.told() == [Told("fired", 300)]
    assert await versions(world) == [(90, 1, "confirmed"), (300, 1, "confirmed")]


async def test_r3_a_daily_figure_is_not_confirmed_by_looking_at_it_again(
    database: Database,
) -> None:
    world = World(database, [level(guard=Guard({}, Decimal("0.40")))])
    await world.see(0, 90)
    await world.draw(100)
    await world.see(24, 300)
    for hours in (25, 26, 27, 47):
        await world.tick(hours)
    assert await world.told() == []


async def test_r16_only_a_restatement_of_the_newest_value_moves_rules(world: World) -> None:
    for hours, value in ((0, 80), (24, 90)):
        await world.see(hours, value)
    await world.draw(100)
    world.say(0, 500)
    await world.tick(30)
    assert await world.told() == []
    world.say(24, 120)
    await world.tick(31)
    [alert] = await world.alerts()
    assert (alert.kind.value, alert.restated_from) == ("fired", 90 * 10**4)


async def test_r16_a_restatement_that_comes_with_a_newer_value_is_history(world: World) -> None:
    await world.see(24, 90)
    await world.draw(100)
    world.say(24, 120)
    world.say(48, 91)
    await world.tick(48)
    assert await world.told() == []
    assert len(await versions(world)) == 3


async def test_r28_looking_every_hour_never_fires_a_filing_twice(database: Database) -> None:
    world = World(database, [level(cadence=Cadence.FILING, stale_after=135 * DAY)])
    await world.see(0, 90)
    await world.draw(100)
    await world.see(24, 120)
    for hours in range(25, 40):
        await world.tick(hours)
    assert await world.told() == [Told("fired", 120)]


async def test_r5_one_notice_when_data_stops_and_one_when_it_returns(world: World) -> None:
    await world.see(0, 90)
    await world.draw(100)
    await world.draw(110)
    for hours in (24 * 5, 24 * 5 + 1, 24 * 6, 24 * 7):
        await world.tick(hours)
    await world.see(24 * 8, 91)
    await world.tick(24 * 9)
    assert await world.told() == [Told("stale", 90), Told("resumed", 91)]
    stale, resumed = await world.alerts()
    assert (stale.as_of, resumed.previous_as_of) == (world.at(0), world.at(0))


async def test_r5_staleness_neither_fires_nor_clears(world: World) -> None:
    await world.see(0, 120)
    rule = await world.draw(100)
    await world.tick(24 * 30)
    assert (await world.rule(rule)).state is State.FIRED
    assert [told.kind for told in await world.told()] == ["stale"]


async def test_r5_who_did_not_hear_that_data_stopped_does_not_hear_that_it_is_back(
    world: World,
) -> None:
    await world.see(0, 90)
    await world.draw(100, place=HERE)
    await world.tick(24 * 6)
    await world.draw(100, place=THERE)
    await world.see(24 * 8, 91)
    assert [told.kind for told in await world.told(HERE)] == ["stale", "resumed"]
    assert await world.told(THERE) == []


async def test_r5_data_may_stop_and_return_more_than_once(world: World) -> None:
    await world.see(0, 90)
    await world.draw(100)
    for start in (0, 24 * 10):
        await world.tick(start + 24 * 6)
        await world.see(start + 24 * 8, 91)
    kinds = [told.kind for told in await world.told()]
    assert kinds == ["stale", "resumed", "stale", "resumed"]


async def test_a_source_fails_alone(database: Database) -> None:
    other = prices("OTHER")
    world = World(database, [level(), level("other", other)])
    await world.see(0, 90)
    await world.draw(100)
    world.figures.unmet[other] = "no answer"
    report = await world.see(24, 120)
    assert await world.told() == [Told("fired", 120)]
    assert report.troubles == {"prices:OTHER": "no answer"}
    assert [missing.indicator for missing in report.missing] == ["other"]


@pytest.mark.parametrize(
    ("trouble", "words"),
    [
        (SourceUnavailable("figures", "it refuses"), "figures: it refuses"),
        (RuntimeError("boom"), "figures: failed unexpectedly (RuntimeError)"),
    ],
)
async def test_a_source_that_gives_nothing_is_reported_and_tried_again(
    world: World, trouble: Exception, words: str
) -> None:
    await world.see(0, 90)
    await world.draw(100)
    world.figures.trouble = trouble
    report = await world.see(24, 120)
    assert report.troubles == {"prices:NVDA": words}
    assert await world.told() == []
    world.figures.trouble = None
    await world.tick(25)
    assert await world.told() == [Told("fired", 120)]


async def test_the_log_has_one_line_when_a_source_falls_silent_and_one_when_it_is_back(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "alerts.collect")
    await world.see(0, 90)
    world.figures.trouble = SourceUnavailable("figures", "it refuses")
    for hour in (1, 2, 3):
        await world.tick(hour)
    world.figures.trouble = None
    await world.tick(4)
    await world.tick(5)
    assert caplog.messages == [
        "no answer from figures (it refuses); what is known stays, and they are asked again",
        "figures: back again",
    ]


async def test_a_source_that_answers_but_lacks_something_is_not_told_to_be_silent_or_back(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "alerts.collect")
    await world.see(0, 90)
    world.figures.unmet = {prices("XYZQ"): "figures does not know XYZQ"}
    await world.tick(1)
    world.figures.trouble = SourceUnavailable("figures", "it refuses")
    await world.tick(2)
    world.figures.trouble = None
    await world.tick(3)
    world.figures.unmet = {}
    await world.tick(4)
    assert [words.split(" (")[0] for words in caplog.messages] == [
        "no answer from figures",
        "figures: back again",
    ]


async def test_how_a_source_is_doing_names_nothing_that_only_people_here_asked_for(
    database: Database,
) -> None:
    theirs = prices("XYZQ")
    world = World(database, [level(), replace(level("theirs", theirs), own=True)])

    async def said() -> str:
        async with database.read() as connection:
            return (await source_store.load(connection))["figures"].trouble or ""

    world.figures.unmet[theirs] = "figures does not know XYZQ"
    report = await world.see(0, 90)
    assert report.troubles == {"prices:XYZQ": "figures does not know XYZQ"}
    assert await said() == ""
    world.figures.unmet[prices("NVDA")] = "figures does not know NVDA"
    await world.tick(1)
    assert await said() == "figures does not know NVDA"
    world.figures.trouble = SourceUnavailable("figures", "XYZQ was answered with an error (500)")
    await world.tick(2)
    assert await said() == "… was answered with an error (500)"


async def test_a_formula_that_stumbles_stops_no_other(database: Database) -> None:
    def stumble(evidence: Evidence) -> list[Reading | Missing]:
        raise ZeroDivisionError

    world = World(database, [replace(level("broken"), series=stumble), level()])
    await world.see(0, 90)
    await world.draw(100)
    report = await world.see(24, 120)
    assert await world.told() == [Told("fired", 120)]
    assert [m.reason for m in report.missing] == [
        "its formula failed unexpectedly (ZeroDivisionError)"
    ]


async def test_a_formula_that_says_two_things_of_one_moment_stops_no_other(
    database: Database,
) -> None:
    once = level("doubled")

    def twice(evidence: Evidence) -> list[Reading | Missing]:
        return [reading for reading in once.series(evidence) for _ in range(2)]

    world = World(database, [replace(once, series=twice), level()])
    await world.see(0, 90)
    await world.draw(100)
    report = await world.see(24, 120)
    assert await world.told() == [Told("fired", 120)]
    assert [m.reason for m in report.missing] == ["its formula failed unexpectedly (ValueError)"]


async def test_a_value_of_tomorrow_waits_for_tomorrow(world: World) -> None:
    await world.see(0, 90)
    await world.draw(100)
    world.say(24, 120)
    assert (await world.tick(1)).stored == ()
    await world.tick(24)
    assert await world.told() == [Told("fired", 120)]


async def test_a_formula_is_not_asked_again_about_the_same_evidence(database: Database) -> None:
    asked: list[int] = []

    def count(evidence: Evidence) -> Sequence[Reading | Missing]:
        asked.append(1)
        return level().series(evidence)

    world = World(database, [replace(level(), series=count)])
    await world.see(0, 90)
    await world.tick(1)
    for hours in (2, 3, 4):
        report = await world.tick(hours)
        assert (report.stored, report.missing) == ((), ())
    # Once to store it, once to see that nothing is left to store.
    assert len(asked) == 2
    await world.see(5, 91)
    assert len(asked) == 3
