"""What stands beside a spread or a race of funds confirms a direction and holds nothing up."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from alerts.evidence import Answer, Dividend, Evidence, Need, PriceHistory, prices, published
from alerts.indicators import catalogue
from alerts.published import Figures
from alerts.reading import Reading, Status
from tests.indicators.test_markets import Answers, figures, history, last

SPREAD, BAA, HYG = published("BAMLH0A0HYM2"), published("BAA10Y"), prices("HYG")
DAYS = [date(2025, 10, 1) + timedelta(days=n) for n in range(21)]


def moved(first: str, last_: str) -> Figures:
    """21 days of a series, each known from the next day on."""
    values = [first] * 20 + [last_]
    return figures(
        *((str(d), str(d + timedelta(days=1)), v) for d, v in zip(DAYS, values, strict=True))
    )


def fund(first: int, last_: int, paid: int = 0) -> PriceHistory:
    dividends = (Dividend(DAYS[10], Decimal(paid)),) if paid else ()
    closes = [(str(day), first) for day in DAYS[:-1]] + [(str(DAYS[-1]), last_)]
    return history(*closes, dividends=dividends)


def spread(change: str, *beside: tuple[Need[Answer], Answer]) -> Reading:
    known: Answers = {SPREAD: moved("3.00", change)}
    reading = last("high_yield_spread", known | dict(beside))
    assert isinstance(reading, Reading)
    assert reading.status is Status.CONFIRMED
    return reading


def views(reading: Reading) -> dict[str, Decimal]:
    return {view.name: view.value for view in reading.views}


@pytest.mark.parametrize(("change", "price"), [("3.40", 78), ("2.60", 82)])
def test_a_spread_that_widens_while_the_fund_falls_is_confirmed_by_it(
    change: str, price: int
) -> None:
    reading = spread(change, (HYG, fund(80, price)))
    assert reading.confirmed_by == "yahoo, direction of HYG"
    growth = Decimal(price) / 80 - 1
    assert views(reading)["HYG over 20 sessions, interest included"] == growth


def test_interest_that_the_fund_paid_is_no_fall() -> None:
    reading = spread("2.60", (HYG, fund(80, 80, paid=1)))
    assert reading.confirmed_by == "yahoo, direction of HYG"


def test_moodys_spread_confirms_where_the_fund_does_not() -> None:
    for price in (None, 81):
        beside: list[tuple[Need[Answer], Answer]] = [(BAA, moved("1.70", "1.90"))]
        if price is not None:
            beside.append((HYG, fund(80, price)))
        reading = spread("3.40", *beside)
        assert reading.confirmed_by == "yahoo, direction of BAA10Y"
        assert views(reading)["Moody's Baa spread over 20 sessions"] == Decimal("0.002")


def test_witnesses_that_went_the_other_way_are_told_and_hold_nothing_up() -> None:
    reading = spread("3.40", (HYG, fund(80, 82)), (BAA, moved("1.90", "1.70")))
    assert reading.confirmed_by is None
    assert reading.note == "HYG, BAA10Y went the other way"
    assert reading.value == Decimal("0.034")


@pytest.mark.parametrize("beside", [[], [(HYG, fund(80, 80))], [(BAA, moved("1.70", "1.72"))]])
def test_who_saw_no_direction_says_nothing(beside: list[tuple[Need[Answer], Answer]]) -> None:
    reading = spread("3.40", *beside)
    assert (reading.confirmed_by, reading.note) == (None, None)


def test_a_spread_that_hardly_moved_has_no_direction_to_confirm() -> None:
    reading = spread("3.04", (HYG, fund(80, 78)), (BAA, moved("1.70", "1.90")))
    assert (reading.confirmed_by, reading.note) == (None, None)
    assert len(reading.views) == 3


def test_a_fund_without_a_price_near_the_day_is_no_witness() -> None:
    late = PriceHistory(tuple(c for c in fund(80, 78).closes if c.session < DAYS[10]))
    assert spread("3.40", (HYG, late)).confirmed_by is None


def race(*others: str) -> Reading:
    answers: Answers = {
        prices("SPY"): history(("2024-12-31", 100), ("2025-11-28", 117)),
        prices("VXUS"): history(("2024-12-31", 100), ("2025-11-28", 129)),
    }
    closes = {"VEA": 131, "VGK": 132}
    answers |= {
        prices(symbol): history(("2024-12-31", 100), ("2025-11-28", closes[symbol]))
        for symbol in others
    }
    reading = last("us_against_world", answers)
    assert isinstance(reading, Reading)
    return reading


def test_developed_markets_and_europe_stand_beside_the_rest_of_the_world() -> None:
    reading = race("VEA", "VGK")
    assert reading.value == Decimal("-0.12")
    assert views(reading) == {
        "against developed markets (VEA)": Decimal("-0.14"),
        "against Europe (VGK)": Decimal("-0.15"),
    }


def test_a_fund_that_is_not_known_is_no_view_and_changes_no_value() -> None:
    assert (race().value, race().views) == (race("VEA").value, ())
    assert set(views(race("VGK"))) == {"against Europe (VGK)"}


def test_what_stands_beside_is_asked_for_and_not_waited_for() -> None:
    for key in ("high_yield_spread", "us_against_world"):
        indicator = catalogue()[key]
        assert indicator.seconds
        assert not set(indicator.seconds) & set(indicator.needs)
    assert not [r for r in catalogue()["us_against_world"].series(Evidence()) if r]
