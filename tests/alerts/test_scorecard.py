"""The scorecard: scales, sections, and no number without enough behind it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from alerts.indicators import Cadence, Indicator, Section, catalogue
from alerts.measures import VALUE, Point
from alerts.rules import Direction
from alerts.scorecard import WEIGHTS, Scale, draw_up, is_sign, past, scale_of

NOW = datetime(2025, 11, 28, 21, tzinfo=UTC)
DAY = timedelta(days=1)
UP = Scale(VALUE, Direction.ABOVE, (Decimal(20), Decimal(30), Decimal(50)))
DOWN = Scale(VALUE, Direction.BELOW, (Decimal("-0.1"), Decimal("-0.25"), Decimal("-0.5")))


@pytest.mark.parametrize(
    ("scale", "value", "score"),
    [
        (UP, "20", 50),
        (UP, "25", "62.5"),
        (UP, "30", 75),
        (UP, "40", "87.5"),
        (UP, "50", 100),
        (UP, "80", 100),
        (UP, "10", 25),
        (UP, "-50", 0),
        (DOWN, "-0.1", 50),
        (DOWN, "-0.25", 75),
        (DOWN, "-0.5", 100),
        (DOWN, "0.3", 0),
    ],
)
def test_a_scale_goes_through_its_lines(scale: Scale, value: str, score: int | str) -> None:
    assert scale.score(Decimal(value)) == Decimal(score)


def test_a_scale_of_two_lines_goes_on_as_steeply_to_its_end() -> None:
    two = Scale(VALUE, Direction.ABOVE, (Decimal("0.50"), Decimal("0.52")))
    assert [two.score(Decimal(v)) for v in ("0.5", "0.52", "0.53")] == [50, 75, Decimal("87.5")]


def test_every_section_has_a_weight_and_signs_with_a_scale() -> None:
    assert sum(WEIGHTS.values()) == 100
    for section in Section:
        signs = [
            one for one in catalogue().values()
            if one.section is section and is_sign(one) and scale_of(one) is not None
        ]  # fmt: skip
        assert len(signs) >= 3, section


def signs() -> list[Indicator]:
    return [one for one in catalogue().values() if is_sign(one) and scale_of(one) is not None]


def at_its_line(indicator: Indicator, line: int, now: datetime = NOW) -> list[Point]:
    """A history that ends with the measure at one of its lines."""
    scale = scale_of(indicator)
    assert scale is not None
    target = scale.lines[min(line, len(scale.lines) - 1)]
    if scale.measure == VALUE:
        return [Point(now - DAY, target), Point(now, target)]
    change = 1 + target if scale.measure.kind.value == "percent_change" else None
    base = Decimal(100)
    last = base * change if change is not None else base + target
    gap = indicator.cadence.longest_gap
    days = [now - timedelta(days=351 + 1) + n * gap / 2 for n in range(800)]
    held = [Point(day, base) for day in days if day < now]
    return [*held, Point(now, last)]


def histories(line: int) -> dict[str, Sequence[Point]]:
    return {one.key: at_its_line(one, line) for one in signs()}


def test_everything_at_its_first_line_is_fifty_and_at_its_second_seventy_five() -> None:
    for line, composite in ((0, 50), (1, 75)):
        card = draw_up(catalogue().values(), histories(line), NOW)
        assert card.composite is not None
        assert round(card.composite, 6) == composite
        assert card.coverage == 1
        assert card.lacking == ()


def test_too_little_that_is_fresh_is_no_number_and_says_what_is_lacking() -> None:
    known = histories(1)
    for one in signs():
        if one.section is Section.DEBT:
            del known[one.key]
    card = draw_up(catalogue().values(), known, NOW)
    assert card.composite is None
    assert card.sections[Section.DEBT] is None
    assert card.sections[Section.ACCOUNTING] is not None
    assert {one.section for one in card.lacking} == {Section.DEBT}


def test_what_is_old_does_not_count() -> None:
    card = draw_up(catalogue().values(), histories(1), NOW + timedelta(days=3000))
    assert card.composite is None
    assert card.coverage == 0
    assert not any(sign.counts for sign in card.signs)


def test_a_sign_stands_in_its_own_history_and_so_does_the_articles_figure() -> None:
    weight = catalogue()["top5_weight"]
    history = [Point(NOW - n * DAY, Decimal(n) / 200) for n in range(100, 0, -1)]
    history.append(Point(NOW, Decimal("0.10")))
    card = draw_up([weight], {weight.key: history}, NOW)
    (sign,) = card.signs
    assert sign.percentile == Decimal(100 * 21) / 101
    assert sign.claimed == Decimal(100 * 61) / 101
    short = draw_up([weight], {weight.key: history[-5:]}, NOW).signs[0]
    assert short.percentile is None
    assert short.score == 0


def test_the_past_knows_only_what_was_known_then() -> None:
    known = histories(0)
    later = {
        key: [*history, Point(NOW + 30 * DAY, history[-1].value)]
        for key, history in known.items()
        if catalogue()[key].cadence is Cadence.SESSION
    }
    course = past(catalogue().values(), known | later, NOW - 40 * DAY, NOW + 2 * DAY)
    assert [point.as_of for point in course] == [NOW + 2 * DAY]
    assert round(course[0].value, 6) == 50
