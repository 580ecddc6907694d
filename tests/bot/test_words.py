"""Numbers and times in words."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot import words
from bot.locales import translator


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "<1 min"), (59, "<1 min"), (60, "1 min"), (3599, "59 min"), (3600, "1 h")],
)
def test_what_happened_a_moment_ago_is_not_nothing(seconds: int, said: str) -> None:
    assert words.span(timedelta(seconds=seconds), translator("en")) == said
