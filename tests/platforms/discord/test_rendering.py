"""Replies as Discord shows them: readable on a phone, within its limits, and never markup."""

from __future__ import annotations

import discord
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.locales import translator
from bot.platforms.discord.pressing import Pressed, id_of, pressed_of
from bot.platforms.discord.render import plain, rendered
from bot.platforms.discord.tables import PHONE, in_columns, in_lines
from bot.platforms.discord.text import cut, escaped
from bot.replies import (
    Block,
    Cell,
    Column,
    Fields,
    Heading,
    Paragraph,
    Picture,
    Reply,
    Table,
    Tone,
)
from bot.wrapping import width

ENGLISH = translator("en")
PICTURE = Picture(b"png", "a line that rises", "chart.png")


def words_of(reply: Reply) -> str:
    return "\n".join(embed.description or "" for embed in rendered(reply, ENGLISH).embeds)


def table(*rows: tuple[str, ...], ranks: tuple[int, ...] = (0, 0, 1)) -> Table:
    columns = tuple(Column(f"c{n}", right=n == 1, rank=rank) for n, rank in enumerate(ranks))
    return Table(columns, tuple(tuple(Cell(text) for text in row) for row in rows))


def test_what_people_write_is_never_markup_a_link_or_a_mention() -> None:
    note = "**b** _i_ ~~s~~ `c` ||d|| [x](y) <@1> <@&2> <#3> @everyone # h"
    disarmed = escaped(note)
    for sign in "*_~`|[]()<>@#":
        assert f"\\{sign}" in disarmed
        assert disarmed.count(sign) == disarmed.count(f"\\{sign}")
    assert escaped(":skull: at 12:30") == "\\:skull: at 12:30"


def test_web_addresses_stay_whole_and_end_where_they_end() -> None:
    assert escaped("see https://example.org/a_b_c") == "see https://example.org/a_b_c"
    assert escaped("(https://example.org/a_b).") == r"\(https://example.org/a_b\)."
    assert escaped("見（https://example.org/a_b）_。") == r"見（https://example.org/a_b）\_。"
    assert escaped("https://example.org/a*b?x=1#y") == r"https://example.org/a\*b?x=1\#y"
    said = words_of(Reply((Fields((("source", "x  https://example.org/a"),)),)))
    assert said == "source: x https://example.org/a"


def test_lists_and_quotes_at_the_start_of_a_line_are_disarmed() -> None:
    assert escaped("- one\n> two\n+ three") == "\\- one\n\\> two\n\\+ three"
    assert escaped("a - b") == "a - b"


@given(st.text(max_size=200), st.integers(2, 100))
def test_cut_text_fits_and_ends_with_no_half_escape(text: str, most: int) -> None:
    short = cut(escaped(text), most)
    assert len(short) <= most
    tail = short.removesuffix("…")
    assert (len(tail) - len(tail.rstrip("\\"))) % 2 == 0 or not short.endswith("…")


def test_east_asian_letters_take_two_columns() -> None:
    assert (width("Nvidia"), width("輝達"), width("5.03兆")) == (6, 4, 6)
    lines = in_columns(table(("輝達", "5.03兆", "x"), ("Oracle", "1", "y")))
    assert lines is not None
    assert len({width(line.rstrip()[: line.rindex(line.split()[-1])]) for line in lines[1:]}) <= 2


def test_a_narrow_table_is_shown_in_columns_without_its_least_important_ones() -> None:
    lines = in_columns(table(("Nvidia", "5.03T", "w" * 40)))
    assert lines == ["c0         c1", "Nvidia  5.03T"]
    assert all(width(line) <= PHONE for line in lines)


def test_a_wide_table_becomes_one_line_a_row() -> None:
    wide = table(("3", "Nvidia market cap at or above five trillion", "fired"), ranks=(0, 0, 0))
    assert in_columns(wide) is None
    assert in_lines(wide) == ["**3** · Nvidia market cap at or above five trillion · fired"]


def test_a_row_of_many_cells_keeps_what_matters_most_on_a_phone() -> None:
    wide = table(("Nvidia market cap", "5.03T", "w" * 70), ranks=(0, 0, 2))
    assert in_lines(wide) == ["**Nvidia market cap** · 5.03T"]


def test_the_gravest_thing_said_gives_the_colour_and_marks_tell_several_apart() -> None:
    reply = Reply((Paragraph("falls", Tone.CRITICAL), Paragraph("rises", Tone.WATCH)))
    [embed] = rendered(reply, ENGLISH).embeds
    assert embed.colour == discord.Colour(0xD1344B)
    assert embed.description == "🔴 falls\n🔵 rises"
    [alone] = rendered(Reply((Paragraph("falls", Tone.CRITICAL),)), ENGLISH).embeds
    assert alone.description == "falls"


def test_a_heading_is_the_title_and_what_is_muted_is_small() -> None:
    reply = Reply(
        (Heading("Board"), Fields((("now", "5.03T"),)), Heading("More"), Paragraph("x", Tone.MUTED))
    )
    [embed] = rendered(reply, ENGLISH, "bubblewatch · 1").embeds
    assert embed.title == "Board"
    assert embed.description == "now: **5.03T**\n**More**\n-# x"
    assert embed.footer.text == "bubblewatch · 1"


def test_a_picture_stands_in_its_embed_with_words_for_those_who_do_not_see_it() -> None:
    shown = rendered(Reply((Paragraph("news"), PICTURE, Paragraph("more"))), ENGLISH)
    [embed] = shown.embeds
    assert embed.image.url == "attachment://chart.png"
    [file] = shown.files()
    assert (file.filename, file.description) == ("chart.png", "a line that rises")


def test_two_pictures_have_two_names() -> None:
    shown = rendered(Reply((PICTURE, Paragraph("and"), PICTURE)), ENGLISH)
    assert [embed.image.url for embed in shown.embeds] == [
        "attachment://chart.png",
        "attachment://2-chart.png",
    ]
    assert [file.filename for file in shown.files()] == ["chart.png", "2-chart.png"]


def test_a_picture_that_was_sent_leaves_memory_at_once() -> None:
    shown = rendered(Reply((PICTURE,)), ENGLISH)
    first, again = *shown.files(), *shown.files()
    # As discord.py does when a message was sent.
    first.close()
    assert first.fp.closed
    assert again.fp.read() == PICTURE.png


def test_only_named_roles_can_be_called() -> None:
    reply = Reply((Paragraph("<@&5> @everyone"),), mentions=("7", "everyone", "<@8>"))
    shown = rendered(reply, ENGLISH)
    assert shown.content == "<@&7>"
    allowed = shown.mentions().to_dict()
    assert (allowed["parse"], allowed["roles"]) == ([], [7])
    nobody = rendered(Reply((Paragraph("@everyone"),)), ENGLISH).mentions().to_dict()
    assert nobody["parse"] == []


def test_too_many_rows_are_counted_and_not_cut_in_the_middle() -> None:
    rows = [(str(n), "Nvidia market cap ≥ five trillion dollars and more", "x") for n in range(200)]
    embeds = rendered(Reply((table(*rows, ranks=(0, 0, 0)),)), ENGLISH).embeds
    parts = [embed.description or "" for embed in embeds]
    shown = sum(part.count("**") for part in parts) // 2
    assert shown > 60
    assert parts[-1].endswith(f"and {200 - shown} more")
    assert max(map(len, parts)) <= 4096
    assert sum(map(len, parts)) <= 6000


def test_a_table_in_columns_that_is_too_long_still_closes_its_block() -> None:
    rows = [(str(n), "x" * 20, "y") for n in range(400)]
    embeds = rendered(Reply((table(*rows),)), ENGLISH).embeds
    parts = [embed.description or "" for embed in embeds]
    assert [part.count("```") for part in parts] == [2, 2]
    assert "more" in parts[-1].splitlines()[-1]


def test_plain_words_carry_everything_but_looks() -> None:
    reply = Reply((Heading("Board"), Paragraph("5 * 3"), PICTURE), mentions=("7",))
    shown = plain(reply, "bubblewatch · 1")
    assert shown.content == "<@&7> Board\n5 \\* 3\n-# bubblewatch · 1"
    assert (shown.embeds, shown.pictures) == ((), ())


TEXT = st.text(max_size=3000)
BLOCK: st.SearchStrategy[Block] = st.one_of(
    st.builds(Heading, TEXT),
    st.builds(Paragraph, TEXT, st.sampled_from(Tone)),
    st.builds(Fields, st.lists(st.tuples(TEXT, TEXT), max_size=4).map(tuple)),
    st.builds(
        lambda rows: table(*rows),
        st.lists(st.tuples(TEXT, TEXT, TEXT), max_size=4),
    ),
    st.just(PICTURE),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(BLOCK, max_size=8))
def test_whatever_is_said_fits_into_a_message(blocks: list[Block]) -> None:
    reply = Reply(tuple(blocks))
    embeds = rendered(reply, ENGLISH, "bubblewatch · 0123456789").embeds
    assert 1 <= len(embeds) <= 10
    assert sum(len(embed) for embed in embeds) <= 6000
    for embed in embeds:
        assert len(embed.description or "") <= 4096
        assert len(embed.title or "") <= 256
        assert embed.title or embed.description or embed.image.url
        assert (embed.description or "").count("```") % 2 == 0
    assert 1 <= len(plain(reply, "bubblewatch · 0123456789").content or "") <= 2000


@given(
    st.text(max_size=90),
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.booleans(),
)
def test_a_buttons_line_is_read_as_it_was_written(
    line: str, opens: bool, replaces: bool, public: bool, form: bool
) -> None:
    pressed = Pressed(line, opens, replaces, public, form)
    custom_id = id_of(pressed)
    assert custom_id is not None
    assert pressed_of(custom_id) == pressed


def test_a_strangers_button_says_nothing() -> None:
    assert pressed_of("confirm") is None
    assert pressed_of("xyz|alert list") is None


def test_what_is_read_first_is_bold_unless_an_address_would_break() -> None:
    reply = Reply(
        (Paragraph("falls * 2", strong=True), Paragraph("at https://x.test", strong=True))
    )
    [embed] = rendered(reply, ENGLISH).embeds
    assert embed.description == "**falls \\* 2**\nat https://x.test"
