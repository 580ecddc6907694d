"""A board is drawn once for all who see the same, and never shows an old number."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from alerts.reading import Reading
from alerts.store import observations
from alerts.store.database import Database
from alerts.store.observations import IndicatorState
from bot.replies import Reply, Table
from tests.bot.conftest import Talk

KEY, NAME = "nvidia_market_cap", "Nvidia market cap"


def _table(reply: Reply) -> Table:
    (table,) = (block for block in reply.blocks if isinstance(block, Table))
    return table


def _row(reply: Reply) -> list[str]:
    """Name, value, change, trend, nearest line, age and source of Nvidia's market cap."""
    row = next(row for row in _table(reply).rows if row[0].text.startswith(NAME))
    return [cell.text for cell in row]


async def _last(database: Database) -> Reading:
    async with database.read() as connection:
        last = await observations.newest(connection, KEY)
    assert last is not None
    return last.reading


async def _observe(database: Database, value: str) -> None:
    """One more session."""
    last, day = await _last(database), timedelta(days=1)
    new = replace(
        last, value=Decimal(value), as_of=last.as_of + day, period_end=last.period_end + day
    )
    async with database.write() as connection:
        await observations.append(connection, [(new, 1, False)])


@pytest.mark.both_databases
async def test_those_who_see_the_same_see_one_board(talk: Talk) -> None:
    assert _table(await talk("status")) is _table(await talk("status"))
    assert _table(await talk("status debt")) is not _table(await talk("status"))


@pytest.mark.both_databases
async def test_a_value_that_came_a_moment_ago_is_on_the_next_board(talk: Talk) -> None:
    assert _row(await talk("status"))[1] == "$4.30T"
    for value, written in (("4500000000000", "$4.50T"), ("4600000000000", "$4.60T")):
        await _observe(talk.services.database, value)
        assert _row(await talk("status"))[1] == written


@pytest.mark.both_databases
async def test_a_value_that_another_process_stored_is_on_the_next_board(talk: Talk) -> None:
    await talk("status")
    database = talk.services.database
    other = Database(database.url.render_as_string(hide_password=False))
    try:
        await _observe(other, "4500000000000")
    finally:
        await other.close()
    assert _row(await talk("status"))[1] == "$4.50T"


async def test_what_is_wrong_is_on_the_next_board(talk: Talk) -> None:
    """A look at the sources may bring no value, and a reason why."""
    assert _row(await talk("status"))[-1] == "record"
    async with talk.services.database.write() as connection:
        await connection.exec_driver_sql(f"DELETE FROM observation WHERE indicator = '{KEY}'")
        wrong = IndicatorState(KEY, talk.clock.now(), None, "Yahoo does not answer")
        await observations.save_states(connection, [wrong])
    assert _row(await talk("status"))[-1] == "Yahoo does not answer"


async def test_the_age_grows_with_the_time_that_passes(talk: Talk) -> None:
    as_of = (await _last(talk.services.database)).as_of
    for passed, written in (
        (timedelta(seconds=59), "<1 min"),
        (timedelta(seconds=60), "1 min"),
        (timedelta(minutes=59, seconds=59), "59 min"),
        (timedelta(hours=1), "1 h"),
        (timedelta(hours=47, minutes=59), "47 h"),
        (timedelta(hours=48), "2 d"),
        (timedelta(hours=72), "3 d"),
    ):
        talk.clock.set(as_of + passed)
        assert _row(await talk("status"))[5] == written


async def test_a_value_is_called_stale_as_soon_as_it_is(talk: Talk) -> None:
    last = await _last(talk.services.database)
    limit = last.as_of + talk.services.indicators[KEY].stale_after
    talk.clock.set(limit)
    assert _row(await talk("status"))[0] == NAME
    talk.clock.set(limit + timedelta(microseconds=1))
    assert _row(await talk("status"))[0] == f"{NAME} (stale)"


async def test_a_clock_that_was_put_back_is_believed(talk: Talk) -> None:
    as_of = (await _last(talk.services.database)).as_of
    for hours in (30, 2):
        talk.clock.set(as_of + timedelta(hours=hours))
        assert _row(await talk("status"))[5] == f"{hours} h"


async def test_lines_of_ones_own_are_on_the_next_board(talk: Talk) -> None:
    assert _row(await talk("status"))[4].startswith("≥ $5.00T")
    assert (await talk("alert add nvda above 4.4T")).ok
    assert _row(await talk("status"))[4].startswith("≥ $4.40T")
    assert (await talk("alert remove 1")).ok
    assert _row(await talk("status"))[4].startswith("≥ $5.00T")


async def test_each_language_has_its_board(talk: Talk) -> None:
    english = _table(await talk("status"))
    talk.request = replace(talk.request, language="zh_Hant")
    chinese = _table(await talk("status"))
    assert chinese is not english
    assert "輝達市值" in [row[0].text for row in chinese.rows]


async def test_a_place_that_chose_another_language_is_answered_in_it(talk: Talk) -> None:
    assert _table(await talk("status")).columns[1].title == "value"
    assert (await talk("settings language zh_Hans")).ok
    assert _table(await talk("status")).columns[1].title != "value"
