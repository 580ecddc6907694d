"""Replies as Block Kit: what people see, within Slack's limits, whatever was written into them."""

from __future__ import annotations

import re
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.locales import translator
from bot.platforms.slack.blocks import ShownPicture, fallback, render
from bot.platforms.slack.forms import Asked, field_at_fault, fields_of, form_view
from bot.platforms.slack.lines import Pressed, pressed, pressed_value
from bot.platforms.slack.posts import MessageName
from bot.platforms.slack.tables import WIDEST, in_columns, size_of
from bot.platforms.slack.text import cut, cut_mrkdwn, literal
from bot.replies import (
    Button,
    Buttons,
    Cell,
    Choice,
    Column,
    Fields,
    Form,
    FormField,
    Heading,
    Menu,
    Paragraph,
    Picture,
    Reply,
    Table,
    Tone,
)
from bot.wrapping import width
from tests.emulators.slack.block_kit import problems_of_message, problems_of_view
from tests.emulators.slack.pings import pings_of

T = translator("en")
ANYTHING = st.text(max_size=200) | st.sampled_from(
    ["<!channel>", "<@U123>", "<!subteam^S1|x>", "`<!here>`", "&lt;!here&gt;", "@channel", "> q"]
)


def blocks_of(*parts: Any, mentions: tuple[str, ...] = ()) -> list[Any]:
    return render(Reply(parts, mentions=mentions), T)


@given(ANYTHING, ANYTHING, ANYTHING)
def test_whatever_people_write_a_reply_is_valid_and_calls_nobody(a: str, b: str, c: str) -> None:
    reply = Reply(
        (
            Heading(a or "x"),
            Paragraph(a, Tone.WARN),
            Paragraph(b, Tone.MUTED),
            Fields(((a, b), (b, c))),
            Table((Column(a), Column(b, right=True)), ((Cell(b), Cell(c)),)),
            Buttons((Button(a or "x", "show nvda"), Menu(b or "x", (Button(c or "x", "status"),)))),
        )
    )
    blocks = render(reply, T)
    assert problems_of_message(blocks) == []
    assert pings_of({"text": fallback(reply), "blocks": blocks}) == []


def test_the_groups_that_are_to_be_called_are_the_only_ones() -> None:
    reply = Reply((Paragraph("<!channel>"),), mentions=("S123",))
    message = {"text": fallback(reply), "blocks": render(reply, T)}
    assert pings_of(message) == ["!subteam^S123"]


def test_a_mention_that_is_no_group_calls_nobody() -> None:
    reply = Reply((Paragraph("x"),), mentions=("analysts", "S1|x> <!here", "everyone"))
    message = {"text": fallback(reply), "blocks": render(reply, T)}
    assert pings_of(message) == []


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a < b & c > d", "a &lt; b &amp; c &gt; d"),
        ("see https://example.com/a?b=1&c=2.", "see <https://example.com/a?b=1&amp;c=2>."),
        ("（https://example.com/a）。", "（<https://example.com/a>）。"),
        ("nvidia_market_cap", "nvidia_market_cap"),
        ("*bold*", "*\u2060bold*"),
        ("2 * 3 * 4", "2 * 3 * 4"),
        ("> quoted", "\u2060&gt; quoted"),
    ],
)
def test_text_shows_exactly_as_it_was_written(text: str, shown: str) -> None:
    assert literal(text) == shown


def test_what_is_cut_never_ends_inside_an_escape_or_a_link() -> None:
    assert cut("abcdef", 4) == "abc…"
    for most in range(2, 40):
        kept = cut_mrkdwn("a &amp; <https://example.com/long> b &lt;c&gt; and more", most)
        assert len(kept) <= most
        assert not re.search(r"&\w*…$|<[^>]*…$", kept)


def test_tones_are_seen_at_a_glance_and_muted_text_is_small() -> None:
    blocks = blocks_of(
        Paragraph("all is lost", Tone.CRITICAL), Paragraph("source: sec", Tone.MUTED)
    )
    assert blocks[0]["text"]["text"].startswith("🔴 all is lost")
    assert blocks[1]["type"] == "context"


def test_too_much_is_cut_with_a_word_and_keeps_its_buttons() -> None:
    many = [Paragraph(f"line {n}") for n in range(80)]
    blocks = blocks_of(*many, Buttons((Button("Show", "status"),)))
    assert len(blocks) == 50
    assert blocks[-1]["type"] == "actions"
    assert blocks[-2]["elements"][0]["text"] == "and 32 more"
    assert problems_of_message(blocks) == []


def test_a_long_paragraph_becomes_several_blocks_and_loses_nothing() -> None:
    lines = [f"line {n} " + "x" * 90 for n in range(60)]
    blocks = blocks_of(Paragraph("\n".join(lines)))
    assert len(blocks) == 2
    assert "\n".join(block["text"]["text"] for block in blocks).count("line ") == 60


def test_a_picture_that_slack_has_is_shown_with_its_text_and_others_are_left_out() -> None:
    there, not_there = Picture(b"1", "a rising line"), Picture(b"2", "lost")
    reply = Reply((there, not_there))
    [image] = render(reply, T, {there: ShownPicture("F1", "a rising line")})
    assert image == {"type": "image", "slack_file": {"id": "F1"}, "alt_text": "a rising line"}
    assert fallback(reply) == "a rising line\nlost"


def test_a_button_carries_everything_that_it_means() -> None:
    button = Button("Edit", "alert edit 3", opens=True, replaces=True)
    assert pressed(pressed_value(button)) == Pressed("alert edit 3", True, True, False)
    public = pressed_value(Button("Show", "status: now", public=True))
    assert pressed(public) == Pressed("status: now", False, False, True)


@pytest.mark.parametrize("value", ["", "ack:17", "2:show nvda", "1r", "1:", "show nvda"])
def test_a_value_of_another_version_is_known_as_such(value: str) -> None:
    assert pressed(value) is None


def test_the_name_of_a_message_remembers_its_picture() -> None:
    name = MessageName("C1", "1.2", ShownPicture("F1", "chart: a line: rising"))
    assert MessageName.parse(str(name)) == name
    assert MessageName.parse("C1:1.2") == MessageName("C1", "1.2")
    assert len(str(MessageName("C0123456789", "1" * 17, ShownPicture("F" * 11, "x" * 900)))) <= 200


# -- tables

TABLE = Table(
    (Column("indicator", wraps=True), Column("now", right=True), Column("source", rank=1)),
    (
        (Cell("Nvidia market cap"), Cell("$4.30T"), Cell("yahoo")),
        (Cell("輝達市值"), Cell("5.03兆"), Cell("ishares")),
    ),
)


def test_columns_are_even_in_every_font_and_fit_a_telephone_also_in_chinese() -> None:
    lines = in_columns(TABLE)
    assert lines is not None
    assert max(map(width, lines)) <= WIDEST
    # However wide a Chinese character is: what stands before the last column is equally wide.
    before = {size_of(line[: line.index(end)]) for line in lines for end in ENDS if end in line}
    assert len(before) == 1


ENDS = ("source", "yahoo", "ishares")


def test_columns_of_the_highest_rank_go_first_where_it_is_tight() -> None:
    columns = Column("indicator"), Column("value", right=True), Column("source", rank=5)
    short = Table(columns, (tuple(map(Cell, ("Nvidia", "$4.30T", "yahoo"))),))
    assert in_columns(short) == ["indicator   value  source", "Nvidia     $4.30T  yahoo"]
    long = Table(columns, (tuple(map(Cell, ("Nvidia", "$4.30T", "y" * 30))),))
    assert in_columns(long) == ["indicator   value", "Nvidia     $4.30T"]


def test_what_no_telephone_shows_in_columns_is_a_line_a_row_under_its_heading() -> None:
    columns = Column("indicator"), Column("value", right=True), Column("nearest line", rank=1)
    rows = (
        (Cell("Accounting and Nvidia itself", Tone.HEADING), Cell(""), Cell("")),
        (Cell("Nvidia market cap"), Cell("$4.30T"), Cell("≥ $5.00T, 16.2% off")),
        (Cell("Concentration", Tone.HEADING), Cell(""), Cell("")),
        (Cell("Top-5 weight"), Cell("30.42%"), Cell("")),
    )
    blocks = blocks_of(Table(columns, rows))
    assert [block["text"]["text"] for block in blocks] == [
        "*Accounting and Nvidia itself*\n*Nvidia market cap* · $4.30T · ≥ $5.00T, 16.2% off",
        "*Concentration*\n*Top-5 weight* · 30.42%",
    ]
    assert all(block["expand"] for block in blocks)
    assert problems_of_message(blocks) == []


def test_a_long_table_says_less_in_each_line() -> None:
    columns = Column("name"), Column("value"), Column("trend", rank=4), Column("source", rank=5)
    row = tuple(map(Cell, ("Nvidia market cap", "$4.30T", "▁▂▃▄▅▆▇█", "the record of the past")))
    top = (Cell("Nvidia", Tone.HEADING), *(Cell("") for _ in columns[1:]))
    short = str(blocks_of(Table(columns, (top, *[row] * 20))))
    assert "↳ ▁▂▃▄▅▆▇█ · the record of the past" in short
    long = str(blocks_of(Table(columns, (top, *[row] * 90))))
    assert ("$4.30T · ▁▂" in long, "record" in long) == (True, False)


def test_words_in_a_line_of_a_table_mark_up_and_call_nothing() -> None:
    rows = (tuple(map(Cell, ("x" * 40 + "*a*", "<!channel> & `b`"))),)
    blocks = blocks_of(Table((Column("a"), Column("b")), rows))
    assert pings_of({"blocks": blocks}) == []
    assert "&lt;!channel&gt; &amp;" in blocks[0]["text"]["text"]


def test_a_table_cannot_end_its_own_block() -> None:
    [block] = blocks_of(Table((Column("a"),), ((Cell("``` <!channel>"),),)))
    assert block["type"] == "rich_text"
    assert pings_of({"blocks": [block]}) == []


# -- forms

FORM = Form(
    "A new line that is too long a title",
    "alert add",
    (
        FormField("indicator", "What to watch", searched=True, value="nvda", required=True),
        FormField("level", "Level", choices=(Choice("warn", "warn"), Choice("watch", "watch"))),
        FormField("note", "Note", "your own words", "hello", long=True),
    ),
    "Watch",
)


def test_a_form_is_a_modal_within_the_limits_with_what_is_known_filled_in() -> None:
    asked = Asked("alert add", "C1", direct=False)
    view = form_view(FORM, asked, {"indicator": "Nvidia market cap"}, T)
    assert problems_of_view(view, "modal") == []
    first, second, third = cast(Any, view["blocks"])
    assert first["element"]["initial_option"]["text"]["text"] == "Nvidia market cap"
    assert second["optional"] is True
    assert third["element"]["initial_value"] == "hello"


def test_what_was_put_into_a_form_is_read_by_field_and_nothing_is_an_empty_text() -> None:
    state: Any = {
        "values": {
            "indicator": {"indicator": {"selected_option": {"value": "nvidia_market_cap"}}},
            "line": {"line": {"value": "5T"}},
            "note": {"note": {"value": None}},
        }
    }
    assert fields_of(state) == {"indicator": "nvidia_market_cap", "line": "5T", "note": ""}


def test_the_field_at_fault_is_the_one_that_the_sentence_quotes() -> None:
    fields = {"indicator": "nvda", "line": "plenty"}
    assert field_at_fault({}, "“plenty” is not a number.", fields) == "line"
    assert field_at_fault({}, "「plenty」不是數字。", fields) == "line"
    assert field_at_fault({}, "That cannot be.", fields) == "indicator"


def test_what_is_read_first_is_bold_beside_its_mark() -> None:
    [block] = blocks_of(Paragraph("falls", Tone.WARN, strong=True))
    assert block["text"]["text"] == "🟠 *falls*"


def test_a_notification_reads_no_empty_cells() -> None:
    table = Table(
        (Column("name"), Column("value"), Column("change")), ((Cell("a"), Cell(""), Cell("1")),)
    )
    assert fallback(Reply((table,))) == "a · 1"


def test_a_notification_is_short_enough_for_an_edit_in_every_script() -> None:
    for letters in ("數字。", "x", "&"):
        said = fallback(Reply((Paragraph(letters * 4000),)))
        assert 3500 < len(said.encode()) <= 4000
        assert said.endswith("…")
        assert not said.removesuffix("…").endswith("&am")
