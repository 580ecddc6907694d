"""`scorecard`: both sides, what is missing, the weights and the history."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from alerts.indicators import Section
from alerts.reading import Reading, Status
from alerts.scorecard import WEIGHTS, draw_up, is_sign, scale_of
from alerts.store import observations
from alerts.store.observations import Draft
from bot.charts.kinds import SeriesChart, StandsChart
from bot.platforms.terminal import plain_text
from bot.replies import Table
from tests.alerts.test_scorecard import at_its_line
from tests.bot.conftest import NOW, Talk, lines
from tests.bot.drawing import pictures, with_pictures


async def know_everything(talk: Talk, line: int = 1) -> None:
    """Every sign stands at one of its lines, for weeks already."""
    drafts: list[Draft] = []
    for indicator in talk.services.indicators.values():
        if not is_sign(indicator) or scale_of(indicator) is None:
            continue
        history = at_its_line(indicator, line, NOW - timedelta(hours=1))
        last = history[-1]
        for at in (last.as_of - timedelta(days=1), last.as_of):
            value = next(p.value for p in reversed(history) if p.as_of <= at)
            drafts.append(
                (
                    Reading(
                        indicator.key, value, indicator.unit, at, at.date(), "test",
                        "https://example.org", at, Status.CONFIRMED, "",
                    ),
                    1000,
                    False,
                )
            )  # fmt: skip
        drafts += [
            (
                Reading(
                    indicator.key, point.value, indicator.unit, point.as_of, point.as_of.date(),
                    "test", "https://example.org", point.as_of, Status.CONFIRMED, "",
                ),
                999,
                False,
            )
            for point in history[:-2]
        ]  # fmt: skip
    async with talk.services.database.write() as connection:
        await connection.exec_driver_sql("UPDATE measure SET observation_id = NULL")
        await connection.exec_driver_sql("DELETE FROM observation")
        await observations.append(connection, drafts)


async def test_bear_and_bull_stand_side_by_side_in_each_section(talk: Talk) -> None:
    reply = await talk("scorecard")
    said = plain_text(reply)
    for section in ("Accounting", "Circular financing", "Debt-funded", "Concentration"):
        assert section in said
    (table,) = [block for block in reply.blocks if isinstance(block, Table)]
    assert [column.title for column in table.columns[2:]] == ["says bubble", "says none"]
    assert "at a line or past it" in said
    # 64% of cash flow is past the first line; earnings still grow.
    assert "Hyperscaler capex ÷ operating cash flow 63.98%" in said


async def test_a_sentence_a_section_says_what_it_cannot_tell(talk: Talk) -> None:
    said = await talk.text("scorecard debt")
    assert "what partners borrow off the balance sheet is not in it" in said
    assert "≥ 60.00% / 75.00% / 90.00%" in said


async def test_when_too_little_is_fresh_there_is_no_number_but_a_list_of_what_lacks(
    talk: Talk,
) -> None:
    talk.clock.set(NOW + timedelta(days=400))
    reply = await talk("scorecard")
    data: Any = reply.data
    assert data["composite"] is None
    assert "No composite: only" in await talk.text("scorecard")
    assert "top5_weight" in data["lacking"]


async def test_with_everything_known_there_is_one_number(talk: Talk) -> None:
    await know_everything(talk)
    said = await talk.text("scorecard")
    assert "Composite 75 of 100, from 100.00% of the weight" in said
    assert "it is no probability" in said
    data: Any = (await talk("scorecard")).data
    assert {name: part["weight"] for name, part in data["sections"].items()} == {
        section.value: weight for section, weight in WEIGHTS.items()
    }


async def test_the_weights_are_there_to_see_and_add_up_to_a_hundred(talk: Talk) -> None:
    said = await talk.text("scorecard weights")
    assert "25%" in said
    assert "weighted mean" in said


async def test_the_composite_has_a_history_that_is_drawn(talk: Talk) -> None:
    await know_everything(talk)
    sketches = with_pictures(talk)
    await talk.text("scorecard history")
    (chart,) = sketches.charts
    assert isinstance(chart, SeriesChart)
    assert chart.caption.value == "75"


async def test_without_enough_known_in_any_week_there_is_no_history(talk: Talk) -> None:
    talk.clock.set(NOW + timedelta(days=3000))
    assert "In no week of the last five years" in await talk.text("scorecard history")


async def test_the_picture_shows_where_each_stands_section_by_section(talk: Talk) -> None:
    sketches = with_pictures(talk)
    reply = await talk("scorecard")
    assert "from 0 (lowest) to 100 (highest)" in pictures(reply)[0].alt
    (chart,) = sketches.charts
    assert isinstance(chart, StandsChart)
    assert chart.stands[0].heading == "Accounting and Nvidia itself"
    assert any(stand.claim is not None for stand in chart.stands)
    assert lines(reply)["Its weights"] == "scorecard weights"
    for section in Section:
        assert f"scorecard {section.value}" in lines(reply).values()


async def test_the_parts_of_the_composite_are_the_pure_ones(talk: Talk) -> None:
    await know_everything(talk, 0)
    data: Any = (await talk("scorecard")).data
    card = draw_up(talk.services.indicators.values(), {}, NOW)
    assert float(data["composite"]) == 50
    assert len(data["sections"]["debt"]["signs"]) == len(card.of(Section.DEBT))
