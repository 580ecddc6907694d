"""Forms ask for what a line leaves open, and their answers do what the line would have done."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.quantity import Unit
from bot.commands import commands
from bot.locales import translator
from bot.platforms.terminal import plain_text
from bot.quantities import duration, quantity, typed, typed_span
from bot.replies import Form
from tests.bot.conftest import Talk

ENGLISH = translator("en")
FORMS = {path for path, command in commands().items() if command.form is not None}


def values(form: Form) -> dict[str, str]:
    return {field.name: field.value for field in form.fields}


async def test_the_form_of_a_new_line_asks_for_the_most_important_things_first(talk: Talk) -> None:
    form = await talk.form("alert add")
    names = [field.name for field in form.fields]
    assert names[:5] == ["indicator", "direction", "line", "level", "note"]
    assert [field.name for field in form.fields if field.required] == names[:3]
    indicator, direction, *_ = form.fields
    assert indicator.searched
    assert [choice.value for choice in direction.choices] == ["above", "below"]


async def test_what_a_line_says_already_stands_in_its_form_and_is_not_left_out(talk: Talk) -> None:
    form = await talk.form("alert add nvda drawdown 1y below -20% for 3d critical")
    said = values(form)
    assert (said["indicator"], said["direction"]) == ("nvidia_market_cap", "below")
    assert (said["measure"], said["window"], said["line"]) == ("drawdown", "1y", "-20%")
    assert (said["hold"], said["level"]) == ("3d", "critical")
    filled = [field.value != "" for field in form.fields]
    assert filled == sorted(filled, reverse=True)


async def test_a_filled_form_draws_the_line(talk: Talk) -> None:
    form = await talk.form("alert add nvda")
    answers = values(form) | {"line": "5.5T", "note": "no “quotes” needed", "hold": "3d"}
    reply = await talk(form.line, answers)
    assert reply.ok, plain_text(reply)
    data: Any = (await talk("alert show 1")).data
    assert (data["line"], data["note"]) == ("5500000000000", "no “quotes” needed")


@pytest.mark.parametrize(
    ("answers", "says"),
    [
        ({"line": "30%"}, "is in dollars"),
        ({"line": ""}, "“line” is missing"),
        ({"line": "5T", "hold": "soon"}, "is not a length of time"),
        ({"line": "5T", "indicator": "nothing of the kind"}, "There is no indicator"),
    ],
)
async def test_a_form_with_a_mistake_changes_nothing(
    talk: Talk, answers: dict[str, str], says: str
) -> None:
    form = await talk.form("alert add nvda")
    before = await talk.everything()
    reply = await talk(form.line, values(form) | answers)
    assert not reply.ok
    assert says in plain_text(reply)
    assert await talk.everything() == before


async def test_the_form_of_a_rule_holds_it_as_it_is_and_empties_take_away(talk: Talk) -> None:
    await talk.text('alert add nvda above 5.5T for 36h remind 7d level warn note "hm"')
    form = await talk.form("alert edit 1")
    assert [field.name for field in form.fields][:2] == ["line", "level"]
    said = values(form)
    assert (said["line"], said["hold"], said["remind"]) == ("5.5T", "36h", "7d")
    before = await talk.everything()
    assert (await talk(form.line, said)).ok
    assert (await talk.everything())[2] == before[2]
    assert (await talk(form.line, said | {"note": "", "remind": " ", "hold": ""})).ok
    shown = await talk.text("alert show 1")
    for gone in ("note", "reminds", "hold"):
        assert gone not in shown


async def test_a_moved_line_takes_its_usual_way_back_along(talk: Talk) -> None:
    await talk.text("alert add nvda above 5.5T")
    form = await talk.form("alert edit 1")
    await talk(form.line, values(form) | {"line": "5T"})
    data: Any = (await talk("alert show 1")).data
    assert (data["line"], data["rearm"]) == ("5000000000000", "4900000000000")


async def test_the_form_of_the_settings_keeps_what_is_not_touched(talk: Talk) -> None:
    await talk.text(
        "settings timezone Asia/Taipei quiet 22:00-07:00 digest weekly fri 8:30 cleared on"
    )
    form = await talk.form("settings")
    before = await talk.everything()
    assert (await talk(form.line, values(form))).ok
    assert await talk.everything() == before
    assert len(form.fields) == 5
    await talk(form.line, values(form) | {"quiet": "", "digest": "daily 9:00"})
    data: Any = (await talk("settings")).data
    assert (data["quiet"], data["digest"]) == (None, "daily 09:00")


async def test_every_form_has_a_parameter_for_each_of_its_fields(talk: Talk) -> None:
    await talk.text("alert add nvda above 5.5T")
    for path in FORMS:
        line = " ".join(path) + (" 1" if path == ("alert", "edit") else "")
        form = await talk.form(line)
        known = {param.name for param in commands()[path].params}
        assert {field.name for field in form.fields} <= known
        assert all(len(field.label) <= 45 for field in form.fields)
        assert len(form.title) <= 24
        assert len(form.submit) <= 24


async def test_a_command_without_a_form_says_so(talk: Talk) -> None:
    assert await talk.asks("status") == "“status” has no form."
    assert "Say which rule" in str(await talk.asks("alert edit"))
    assert "There is no rule 9 here" in str(await talk.asks("alert edit 9"))


@given(st.integers(1, 10**15), st.sampled_from([Unit.USD, Unit.FRACTION, Unit.POINTS, Unit.RATIO]))
def test_a_line_as_it_stands_in_a_form_is_read_as_the_same_line(fixed: int, unit: Unit) -> None:
    value = unit.from_fixed(fixed)
    if unit is Unit.USD or value <= 10**7:
        assert quantity(typed(value, unit), unit, ENGLISH, of="it") == value


@given(st.integers(1, 5_000_000))
def test_a_length_of_time_in_a_form_is_read_as_the_same(minutes: int) -> None:
    length = timedelta(minutes=minutes)
    said = typed_span(length)
    if len(said.rstrip("dhmin")) <= 5:
        assert duration(said, ENGLISH) == length


def test_large_lines_are_typed_with_the_unit_that_people_use() -> None:
    trillion = Decimal(10) ** 12
    assert typed(5 * trillion + trillion / 2, Unit.USD) == "5.5T"
    assert typed(96 * trillion / 1000, Unit.USD) == "96B"
    assert typed(Decimal("0.3"), Unit.FRACTION) == "30%"
    assert typed(Decimal("-0.2"), Unit.FRACTION) == "-20%"
    assert typed(Decimal(95), Unit.POINTS) == "95"
