"""Lines end where Chinese and English allow it, in the help of the command and in replies alike."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from bot.argparse_words import Lines, in_cells, printed
from bot.wrapping import lines_of, narrowest, width

CLOSING = "，。、；：！？）」』”%"
OPENING = "（「『“"
LONGEST = 18
"""No word below is wider with the marks about it."""
WORDS = st.sampled_from(["NVDA", "$5.03T", "hyperscaler", "5.03兆", "2025年", "-20%", "don't"])
HAN = st.text(st.sampled_from("輝達市值越過門檻盯着数字"), min_size=1, max_size=12)
QUOTED = HAN.map(lambda text: f"「{text}」")
ASIDE = WORDS.map(lambda text: f"（{text}）")
PARTS = st.tuples(st.one_of(WORDS, HAN, QUOTED, ASIDE), st.sampled_from("，。、 \n"))
TEXTS = st.lists(PARTS, min_size=1, max_size=25).map(lambda parts: "".join(map("".join, parts)))
CELLS = st.integers(LONGEST, 60)


def squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)


@given(st.text(st.characters(exclude_categories=("Cs", "Cc"))), st.integers(2, 60))
def test_no_line_is_wider_and_nothing_is_lost_whatever_the_text(text: str, cells: int) -> None:
    lines = lines_of(text, cells)
    assert [line for line in lines if width(line) > cells] == []
    assert squeezed("".join(lines)) == squeezed(text)


@given(TEXTS, CELLS)
def test_no_line_begins_with_what_closes_or_ends_with_what_opens(text: str, cells: int) -> None:
    for line in filter(None, lines_of(text, cells)):
        assert line[0] not in CLOSING
        assert line[-1] not in OPENING


@given(st.lists(st.one_of(WORDS, HAN), min_size=1, max_size=20), CELLS)
def test_no_word_or_number_is_broken_where_a_line_holds_it(words: list[str], cells: int) -> None:
    text = "，".join(words)
    ends = {0}
    for line in lines_of(text, cells):
        ends.add(max(ends) + len(line))
    at = 0
    for word in words:
        if word.isascii() or word[0].isdigit():
            assert ends.isdisjoint(range(at + 1, at + len(word)))
        at += len(word) + 1


@given(HAN, CELLS)
def test_a_line_of_chinese_is_full_before_the_next_begins(text: str, cells: int) -> None:
    *full, _ = lines_of(text * 10, cells)
    assert all(width(line) >= cells - 1 for line in full)


def test_a_line_may_end_between_chinese_and_latin_letters() -> None:
    assert lines_of("在Slack說話", 7) == ["在Slack", "說話"]
    assert lines_of("讓它在Slack說話", 8) == ["讓它在", "Slack說", "話"]


def test_a_number_stays_with_its_unit_and_leaves_what_stands_in_brackets() -> None:
    assert lines_of("位置從0（最低）到100（最高）", 8) == [
        "位置從0",
        "（最低）",
        "到100",
        "（最高）",
    ]
    assert lines_of("共5.03兆", 6) == ["共", "5.03兆"]
    assert lines_of("甲骨文債務 ≥ 960億", 14) == ["甲骨文債務", "≥ 960億"]


def test_a_name_that_begins_with_a_dot_does_not_hold_the_words_before_it() -> None:
    assert lines_of("檔案（預設：.env）", 12) == ["檔案（預設：", ".env）"]


def test_an_accent_stays_on_its_letter() -> None:
    assert lines_of("e\u0301" * 4, 2) == ["e\u0301e\u0301"] * 2
    assert lines_of("字字\u0301字", 2) == ["字", "字\u0301", "字"]


def test_a_word_that_is_longer_than_a_line_fills_it() -> None:
    assert lines_of("見 https://example.org/long", 10) == ["見", "https://ex", "ample.org/", "long"]
    assert narrowest("見 https://example.org/long") == 24


@given(TEXTS, CELLS)
def test_help_and_replies_end_their_lines_alike(text: str, cells: int) -> None:
    told = " ".join(text.split())
    helped = Lines("bubblewatch")._split_lines(in_cells(told), cells)
    assert [printed(line) for line in helped] == lines_of(told, cells)
