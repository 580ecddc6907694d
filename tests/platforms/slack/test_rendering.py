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
from bot.platforms.slack.tables import size_of, table_lines, width_of
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
        (Cell("輝達市值與標普五百前五大公司權重合計"), Cell("30.42%"), Cell("ishares")),
    ),
)


def test_a_table_is_even_in_every_font_and_fits_a_telephone_also_in_chinese() -> None:
    lines = table_lines(TABLE, 60)
    assert max(map(width_of, table_lines(TABLE))) <= 44
    # However wide a Chinese character is: what stands before the last column is equally wide.
    before = {size_of(line[: line.index(end)]) for line in lines for end in ENDS if end in line}
    assert len(before) == 1


ENDS = ("source", "yahoo", "ishares")


def test_columns_of_the_highest_rank_go_first_where_it_is_tight() -> None:
    assert "source" in table_lines(TABLE, 60)[0]
    english = Table(TABLE.columns, TABLE.rows[:1])
    assert "source" not in table_lines(english, 24)[0]
    assert max(map(width_of, table_lines(english, 24))) <= 24


def test_a_narrower_column_stands_where_a_weightier_one_is_too_wide() -> None:
    columns = (
        Column("indicator", wraps=True),
        Column("value", right=True),
        Column("change", right=True, rank=2),
        Column("nearest line", rank=1),
    )
    row = ("Nvidia market cap", "$4.30T", "−$79.22B", "≥ $1.00T, $1.01T off, and more")
    lines = table_lines(Table(columns, (tuple(map(Cell, row)),)))
    assert lines[0].split() == ["indicator", "value", "change"]
    assert len(lines) == 2


def test_a_heading_in_a_table_takes_no_columns_width() -> None:
    columns = (Column("indicator", wraps=True), Column("value", right=True))
    title = "Accounting and Nvidia itself, and all that belongs to it"
    rows = ((Cell(title, Tone.HEADING), Cell("")), (Cell("Nvidia market cap"), Cell("$4.30T")))
    assert table_lines(Table(columns, rows))[1:3] == ["", title]
    assert table_lines(Table(columns, rows))[3].split() == ["Nvidia", "market", "cap", "$4.30T"]


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
    assert field_at_fault("“plenty” is not a number.", fields) == "line"
    assert field_at_fault("「plenty」不是數字。", fields) == "line"
    assert field_at_fault("That cannot be.", fields) == "indicator"
