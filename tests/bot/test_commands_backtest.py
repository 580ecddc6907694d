"""`backtest`, and the past in the answer to a new line."""

from __future__ import annotations

from typing import Any

from bot.charts.kinds import SeriesChart, Theme
from bot.replies import Tone
from tests.bot.conftest import Talk, lines
from tests.bot.drawing import pictures, with_pictures


async def test_a_line_is_tried_on_all_that_is_known(talk: Talk) -> None:
    said = await talk.text("backtest nvda above 5T")
    assert "Nvidia market cap ≥ $5.00T" in said
    assert "would have spoken" in said
    assert "29 Oct 2025" in said
    data: Any = (await talk("backtest nvda above 5T")).data
    assert data["firings"][-1]["at"].startswith("2025-10-29")
    assert data["firings"][-1]["cleared"].startswith("2025-11")


async def test_what_it_says_live_and_in_the_past_is_the_same_line(talk: Talk) -> None:
    await talk.text("alert add nvda above 5T")
    by_number: Any = (await talk("backtest 1")).data
    by_words: Any = (await talk("backtest nvda above 5T")).data
    assert by_number == by_words


async def test_a_window_limits_how_far_back_it_goes(talk: Talk) -> None:
    whole: Any = (await talk("backtest nvda above 4.5T")).data
    short: Any = (await talk("backtest nvda above 4.5T within 14d")).data
    assert whole["first"] < short["first"]
    assert len(short["firings"]) <= len(whole["firings"])


async def test_a_new_line_says_how_often_it_would_have_spoken(talk: Talk) -> None:
    assert "would have spoken once, on 29 Oct 2025" in await talk.text("alert add nvda above 5T")
    assert "this would never have spoken" in await talk.text("alert add nvda above 9T")


async def test_the_picture_marks_every_message(talk: Talk) -> None:
    sketches = with_pictures(talk)
    reply = await talk("backtest nvda above 5T")
    (picture,) = pictures(reply)
    assert "Marked: 29 Oct 2025" in picture.alt
    (chart,) = sketches.charts
    assert isinstance(chart, SeriesChart)
    assert chart.look.theme is Theme.DARK
    assert [mark.label for mark in chart.marks] == ["29 Oct 2025"]
    assert lines(reply)["Draw this line"] == "alert add nvda above 5T"


async def test_without_a_picture_the_answer_says_so_in_words(talk: Talk) -> None:
    sketches = with_pictures(talk, "slack")
    sketches.broken = True
    reply = await talk("backtest nvda above 5T")
    assert reply.ok
    assert not pictures(reply)
    said = [block for block in reply.blocks if getattr(block, "tone", None) is Tone.MUTED]
    assert any("could not be drawn" in getattr(block, "text", "") for block in said)


async def test_what_is_no_line_is_refused_in_one_sentence(talk: Talk) -> None:
    assert "There is no rule 7 here" in await talk.refusal("backtest 7")
    assert "Say “above” or “below”" in await talk.refusal("backtest nvda 5T")
    assert "There is no indicator" in await talk.refusal("backtest zzzzzz above 5T")
