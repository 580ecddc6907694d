"""Pictures: every kind in every language on both grounds, and numbers as they come."""

from __future__ import annotations

import warnings
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO
from itertools import pairwise

import numpy as np
import pytest
from matplotlib.ft2font import FT2Font
from PIL import Image

from alerts.indicators import catalogue
from alerts.quantity import Unit
from bot.charts.alt_text import LONGEST, alt_text
from bot.charts.drawing import draw
from bot.charts.fonts import FILES, families
from bot.charts.from_history import aligned, highest_day
from bot.charts.kinds import (
    Caption,
    Chart,
    Line,
    Look,
    Mark,
    Part,
    Points,
    StackedChart,
    StandsChart,
    Theme,
    TwoSeriesChart,
)
from bot.locales import LANGUAGES, translator
from bot.locales.messages import messages
from tests.bot.charts_to_draw import QUARTERS, one_of_each, series, walk

KINDS = sorted(one_of_each("en", Theme.LIGHT))
BLUE = (0x00, 0x72, 0xB2)


def picture(chart: Chart) -> Image.Image:
    return Image.open(BytesIO(draw(chart))).convert("RGB")


def columns_with(image: Image.Image, colour: tuple[int, int, int]) -> list[int]:
    """Which columns of pixels hold a colour, within what rounding does to it."""
    near = np.abs(np.asarray(image).astype(int) - colour).max(axis=2) < 12
    return [int(column) for column in np.flatnonzero(near.any(axis=0))]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("language", "theme"),
    [("en", Theme.LIGHT), ("zh_Hant", Theme.DARK), ("zh_Hans", Theme.LIGHT)],
)
def test_every_kind_is_drawn_sharp_on_its_ground_with_every_letter(
    kind: str, language: str, theme: Theme
) -> None:
    with warnings.catch_warnings():
        # A letter that no font has is a warning of matplotlib's.
        warnings.simplefilter("error")
        image = picture(one_of_each(language, theme)[kind])
    assert image.width == 1600
    ground = (255, 255, 255) if theme is Theme.LIGHT else (0x1E, 0x20, 0x25)
    assert {image.getpixel((0, 0)), image.getpixel((1599, image.height - 1))} == {ground}
    counted = image.getcolors(1 << 20)
    assert counted is not None
    assert len(counted) > 30


def test_the_same_chart_is_the_same_picture() -> None:
    chart = one_of_each("en", Theme.LIGHT)["series"]
    assert draw(chart) == draw(chart)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_letters_hold_every_character_that_we_say(language: str) -> None:
    t = translator(language)
    said = "".join(t(message) for message in messages())
    for indicator in catalogue().values():
        names = indicator.names
        said += {"zh_Hant": names.zh_hant, "zh_Hans": names.zh_hans}.get(language, names.en)
    drawn: set[int] = set()
    for family in families(language):
        if family in FILES:
            drawn |= set(FT2Font(str(FILES[family])).get_charmap())
    fallback = set("×÷")
    assert {c for c in said if c.isprintable() and ord(c) not in drawn} <= fallback


@pytest.mark.parametrize(
    ("points", "unit"),
    [
        ((), Unit.USD),
        (((date(2025, 1, 1), 5e12),), Unit.USD),
        (((date(2025, 1, 1), 0.0),), Unit.COUNT),
        (tuple((day, 30.0) for day, _ in walk(50)), Unit.POINTS),
        (tuple((day, -value) for day, value in walk(50, 0.05)), Unit.FRACTION),
        (walk(250, 9e14), Unit.USD),
        (walk(250, 1e-9), Unit.RATIO),
        (walk(5000), Unit.USD),
    ],
    ids=["none", "one", "zero", "constant", "negative", "huge", "tiny", "long"],
)
def test_any_numbers_can_be_drawn(points: Points, unit: Unit) -> None:
    image = picture(series(points, unit=unit, lines=(Line(0.3, "line", above=False),)))
    assert image.size == (1600, 840)


def test_a_hole_in_the_data_is_a_hole_in_the_course() -> None:
    points = walk()
    first, last = date(2025, 2, 1), date(2025, 5, 1)
    holed = tuple(point for point in points if not first < point[0] < last)
    whole, broken = (columns_with(picture(series(p)), BLUE) for p in (points, holed))
    assert max(b - a for a, b in pairwise(whole)) <= 4
    assert max(b - a for a, b in pairwise(broken)) > 250


def test_a_value_alone_between_two_holes_is_seen() -> None:
    points = walk()
    alone = points[120]
    kept = (*points[:60], alone, *points[180:])
    broken = columns_with(picture(series(kept)), BLUE)
    without = columns_with(picture(series((*points[:60], *points[180:]))), BLUE)
    assert len(broken) > len(without)


def test_a_sum_with_an_unknown_part_has_no_column() -> None:
    values = tuple(5e10 for _ in QUARTERS)
    unknown = (*values[:5], None, *values[6:])

    def stacked(second: tuple[float | None, ...]) -> Image.Image:
        parts = (Part("one", values), Part("two", second))
        return picture(StackedChart(Look(), Caption("Debt"), Unit.USD, QUARTERS, parts))

    whole, broken = (len(columns_with(stacked(second), BLUE)) for second in (values, unknown))
    assert broken < whole * 10.5 / 11


def test_a_note_with_dollars_is_no_formula() -> None:
    chart = series(walk())
    caption = replace(chart.caption, title="from $4T_x to $5T^y {\\frac")
    assert draw(replace(chart, caption=caption))


def test_words_of_any_length_stay_within_the_picture() -> None:
    chart = series(walk(), lines=(Line(4e12, "a line with a very long name " * 3, above=True),))
    long = Caption("market " * 60, "since " * 80, "$5.03T", "as of " * 40, "source " * 90)
    image = picture(replace(chart, caption=long))
    edge = image.crop((image.width - 20, 0, image.width, image.height))
    assert edge.getcolors() == [(20 * image.height, (255, 255, 255))]


def test_empty_charts_of_all_kinds_say_so() -> None:
    look, caption = Look("zh_Hant"), Caption("空")
    empty = series((), look=look).trace
    for chart in (
        TwoSeriesChart(look, caption, empty, empty),
        StackedChart(look, caption, Unit.USD, (), ()),
        StackedChart(look, caption, Unit.USD, QUARTERS, (Part("x", (None,) * 11),)),
        StandsChart(look, caption, ()),
    ):
        assert picture(chart).width == 1600


def test_one_empty_course_beside_a_full_one_is_drawn() -> None:
    full, empty = series(walk()).trace, series(()).trace
    share = replace(full, unit=Unit.FRACTION)
    look, caption = Look(), Caption("two")
    for pair in ((full, empty), (empty, full), (share, empty), (empty, share)):
        assert picture(TwoSeriesChart(look, caption, *pair)).width == 1600


def test_courses_are_laid_peak_on_peak() -> None:
    days = [date(1997, 1, 1) + timedelta(days=n) for n in range(2600)]
    prices = [(day, Decimal(2000 - abs(n - 1200))) for n, day in enumerate(days)]
    peak = highest_day(prices)
    assert peak == days[1200]
    course = aligned(prices, peak)
    assert course[0][0] == pytest.approx(-3, abs=0.01)
    assert course[0][1] == 1
    assert max(course, key=lambda one: one[1])[0] == 0
    assert course[-1][0] == pytest.approx(3, abs=0.01)


def test_a_course_that_begins_too_late_is_not_laid_over_another() -> None:
    days = [date(1999, 1, 1) + timedelta(days=n) for n in range(900)]
    assert aligned([(day, Decimal(1)) for day in days], date(2000, 3, 27)) == ()
    assert highest_day([]) is None


# -- the words for those who do not see it


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_picture_has_words_that_name_what_it_shows(kind: str, language: str) -> None:
    chart = one_of_each(language, Theme.LIGHT)[kind]
    said = alt_text(chart, translator(language))
    assert chart.caption.title in said
    assert len(said) <= LONGEST
    assert "{" not in said


def test_the_words_give_range_last_value_line_and_mark() -> None:
    points = ((date(2025, 1, 2), 3.5e12), (date(2025, 4, 4), 2.3e12), (date(2025, 10, 29), 5.03e12))
    chart = series(points, lines=(Line(5e12, "line $5.00T"), Line(4.9e12, "re-arm", faint=True)))
    chart = replace(chart, marks=(Mark(date(2025, 10, 29), 5.03e12),))
    assert alt_text(chart, translator("en")) == (
        "Chart: cap from 2 Jan 2025 to 29 Oct 2025, between $2.30T and $5.03T, $5.03T at the end. "
        "Drawn across it: line $5.00T. Marked: 29 Oct 2025."
    )


def test_a_hundred_marks_are_told_by_the_last_five() -> None:
    chart = series(walk())
    marks = tuple(Mark(day, value) for day, value in chart.trace.points[:100])
    said = alt_text(replace(chart, marks=marks), translator("en"))
    assert said.count("2025") == 6
    assert "…" in said
