"""How often people may ask, and how much a place may keep."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import insert, select

from alerts.store import destinations
from alerts.store.destinations import Place
from alerts.store.models import RuleRow
from bot.answer import form
from bot.commands import ParamKind, Request
from bot.limits import A_PERSON, A_PLACE, CommandLimits
from bot.places import MOST_RULES
from bot.platforms.terminal import plain_text
from bot.replies import Form
from bot.suggestions import suggestions
from tests.bot.conftest import NOW, Talk

HERE = Place("slack", "T1", "C1")
THERE = Place("slack", "T1", "C2")


@pytest.fixture
def here(talk: Talk) -> Talk:
    talk.request = Request(HERE, "ann", name="Ann")
    return talk


async def test_who_asks_too_often_is_told_so_in_one_sentence_and_may_go_on_soon(
    here: Talk,
) -> None:
    for _ in range(A_PERSON):
        await here.text("help")
    said = await here.refusal("alert add nvda above 6T")
    assert said == "You ask faster than I may answer; wait 2 s and say it again."
    here.clock.set(NOW + timedelta(seconds=2))
    await here.text("help")
    await here.refusal("help")


async def test_it_counts_wherever_the_person_is_and_nobody_else(here: Talk) -> None:
    for number in range(A_PERSON):
        here.request = Request(HERE if number % 2 else THERE, "ann")
        await here.text("help")
    await here.refusal("help")
    here.request = Request(HERE, "ben")
    await here.text("help")


async def test_forms_count_and_suggestions_do_not(here: Talk) -> None:
    for _ in range(A_PERSON):
        assert isinstance(await form(here.services, here.request, "alert add"), Form)
    refused = await form(here.services, here.request, "alert add")
    assert not isinstance(refused, Form)
    assert "wait" in plain_text(refused)
    assert await suggestions(here.services, here.request, ParamKind.INDICATOR, "nv")


async def test_all_people_of_a_place_together_are_answered_so_often(here: Talk) -> None:
    for number in range(A_PLACE):
        here.request = Request(HERE, f"person {number % 10}")
        await here.text("help")
    here.request = Request(HERE, "another")
    assert "wait 1 s" in await here.refusal("help")
    here.request = Request(THERE, "another")
    await here.text("help")


async def test_the_operator_at_the_terminal_is_always_answered(talk: Talk) -> None:
    for _ in range(3 * A_PERSON):
        await talk.text("help")


def test_a_clock_that_is_put_back_locks_nobody_out() -> None:
    limits = CommandLimits()
    for _ in range(A_PERSON):
        assert limits.take(HERE, "ann", NOW) is None
    back = NOW - timedelta(hours=1)
    assert limits.take(HERE, "ann", back) is not None
    assert limits.take(HERE, "ann", back + timedelta(seconds=3)) is None


def test_what_is_remembered_of_people_does_not_grow_without_end() -> None:
    limits = CommandLimits()
    for number in range(20_000):
        assert limits.take(Place("slack", "T", f"C{number}"), f"U{number}", NOW) is None
    assert len(limits) <= 10_000


async def test_a_place_has_room_for_so_many_rules_and_no_more(here: Talk) -> None:
    await here.text("alert add nvda above 6T")
    async with here.services.database.write() as connection:
        home = await destinations.find(connection, HERE)
        assert home is not None
        [one] = await destinations.rules_of(connection, home.id)
        row = (await connection.execute(select(RuleRow).where(RuleRow.id == one.id))).one()
        columns = {name: value for name, value in row._mapping.items() if name != "id"}
        await connection.execute(
            insert(RuleRow), [columns | {"number": n} for n in range(2, MOST_RULES + 1)]
        )
    assert str(MOST_RULES) in await here.refusal("alert add nvda above 7T")
    assert str(MOST_RULES) in await here.refusal("subscribe article")
