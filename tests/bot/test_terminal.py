"""The terminal: what is told stands in the transcript once, and the screen shows it well."""

from __future__ import annotations

from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest
from rich.cells import cell_len
from rich.console import Console

from bot.platforms.terminal import Transcript, make_console, render
from bot.replies import Cell, Column, Fields, Paragraph, Reply, Table
from bot.wrapping import lines_of
from tests.bot.conftest import Talk

AT = datetime(2025, 10, 29, 20, 0, tzinfo=UTC)


def screen(width: int, *, colours: bool = False) -> tuple[Console, StringIO]:
    stream = StringIO()
    console = Console(
        file=stream,
        width=width,
        force_terminal=colours,
        no_color=not colours,
        markup=False,
        emoji=False,
        highlight=False,
        legacy_windows=False,
    )
    return console, stream


@pytest.mark.parametrize("width", [40, 60, 80, 120, 200])
@pytest.mark.parametrize("language", ["en", "zh_Hant"])
async def test_the_board_fits_every_width_and_keeps_names_and_values(
    talk: Talk, width: int, language: str
) -> None:
    await talk.text(f"settings language {language}")
    console, stream = screen(width)
    render(await talk("status"), console)
    lines = stream.getvalue().splitlines()
    assert max(cell_len(line) for line in lines) <= width
    text = stream.getvalue()
    assert ("$4.30T" if language == "en" else "4.30兆") in text
    assert ("Oracle debt" if language == "en" else "甲骨文債務") in text


@pytest.mark.parametrize("width", [40, 60])
def test_what_matters_most_shrinks_before_it_is_left_out(width: int) -> None:
    columns = (
        Column("source"),
        Column("answered"),
        Column("how", wraps=True),
        Column("next", rank=1),
    )
    row = ("world bank", "<1 min ago", "api.worldbank.org cannot be reached (for 1 min)", "in 1 h")
    console, stream = screen(width)
    render(Reply((Table(columns, (tuple(map(Cell, row)),)),)), console)
    lines = stream.getvalue().splitlines()
    assert "how" in lines[0]
    assert ("next" in lines[0]) == (width == 60)
    assert max(map(cell_len, lines)) <= width


async def test_a_wide_screen_shows_all_columns(talk: Talk) -> None:
    console, stream = screen(160)
    render(await talk("status"), console)
    header = stream.getvalue().splitlines()[0]
    for title in ("indicator", "value", "change", "trend", "nearest line", "age", "source"):
        assert title in header


async def test_columns_are_aligned(talk: Talk) -> None:
    console, stream = screen(160)
    render(await talk("status"), console)
    lines = stream.getvalue().splitlines()
    ends = {line.rindex("  record") for line in lines if "  record" in line}
    assert len(ends) == 1


async def test_a_pipe_gets_plain_text_without_any_escape(talk: Talk) -> None:
    stream = StringIO()
    render(await talk("status"), make_console(stream))
    assert "\x1b" not in stream.getvalue()


async def test_a_terminal_gets_colours(talk: Talk) -> None:
    console, stream = screen(120, colours=True)
    render(await talk("status"), console)
    assert "\x1b[" in stream.getvalue()


async def test_markup_in_a_note_is_only_text(talk: Talk) -> None:
    await talk.text('alert add nvda above 5.5T note "[bold red]hm[/] :boom:"')
    console, stream = screen(120, colours=True)
    render(await talk("alert show 1"), console)
    assert "[bold red]hm[/] :boom:" in stream.getvalue()


def test_a_message_stands_in_the_transcript_and_is_found_by_its_nonce(tmp_path: Path) -> None:
    transcript = Transcript(tmp_path / "terminal.jsonl")
    assert not transcript.find("one")
    transcript.append("one", AT, "Nvidia has reached $5.03T", [])
    assert transcript.find("one")
    assert not transcript.find("two")
    assert (tmp_path / "terminal.jsonl").stat().st_mode & 0o777 == 0o600


def test_half_a_line_is_cut_off_and_its_message_was_not_told(tmp_path: Path) -> None:
    path = tmp_path / "terminal.jsonl"
    transcript = Transcript(path)
    transcript.append("one", AT, "first", [])
    with path.open("a") as file:
        file.write('{"nonce": "two", "text": "torn of')
    assert not transcript.find("two")
    transcript.append("two", AT, "second", [])
    assert transcript.find("one")
    assert transcript.find("two")
    assert len(path.read_text().splitlines()) == 2


@pytest.mark.parametrize("cells", range(8, 60))
def test_no_line_of_chinese_begins_with_closing_or_ends_with_opening_punctuation(
    cells: int,
) -> None:
    text = "輝達市值「5.03兆美元」（2025年10月29日），越過了「5兆美元」這條線。來源：Yahoo；還有？"
    console, stream = screen(cells)
    render(Reply((Paragraph(text), Fields((("線", text),)))), console)
    for line in lines_of(text, cells):
        assert line[0] not in "。，、；：？）」"
        assert line[-1] not in "（「"
    assert "".join(lines_of(text, cells)).replace(" ", "") == text.replace(" ", "")
    assert max(cell_len(line) for line in stream.getvalue().splitlines()) <= cells


def test_a_line_of_chinese_is_filled_before_the_next_begins() -> None:
    assert lines_of("沒有任何一條線被越過。今天 NVDA 很安靜。", 12) == [
        "沒有任何一條",
        "線被越過。今",
        "天 NVDA 很安",
        "靜。",
    ]
