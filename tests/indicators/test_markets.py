"""What the formulas over prices, caps and published series make of their evidence."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from alerts.evidence import (
    Answer,
    Close,
    Dividend,
    Evidence,
    Figures,
    ListedCap,
    ListedCaps,
    Need,
    Origin,
    PriceHistory,
    ShareCount,
    ShareCounts,
    Split,
    adjusted_prices,
    listed_caps,
    national_gdp,
    prices,
    published,
    shares,
)
from alerts.indicators import catalogue
from alerts.indicators.ai_basket import BASE_CAPS, BASE_WEIGHT, MEMBERS
from alerts.indicators.market_cap import cap_series
from alerts.indicators.year_end_caps import YEAR_END_CAPS
from alerts.published import Figure, Gdp, NationalGdps
from alerts.reading import Missing, Reading, Status
from alerts.sources.record import Record

Answers = dict[Need[Answer], Answer]
READ = Origin("yahoo", "https://example.org/", datetime(2025, 11, 30, tzinfo=UTC))


def at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 21, tzinfo=UTC)


def close(day: str, price: str | int) -> Close:
    session = date.fromisoformat(day)
    return Close(session, at(session), Decimal(price), READ)


def history(*closes: tuple[str, str | int], dividends: tuple[Dividend, ...] = ()) -> PriceHistory:
    return PriceHistory(tuple(close(day, price) for day, price in closes), (), dividends)


def last(key: str, answers: Answers) -> Reading | Missing:
    return catalogue()[key].series(Evidence(answers))[-1]


def value(key: str, answers: Answers) -> Decimal:
    reading = last(key, answers)
    assert isinstance(reading, Reading), reading
    return reading.value


def test_the_year_begins_at_the_last_close_of_the_year_before() -> None:
    known = history(("2024-12-30", 90), ("2024-12-31", 100), ("2025-11-28", 116))
    assert value("sp500_year_to_date", {prices("^GSPC"): known}) == Decimal("0.16")


def test_a_year_without_its_base_is_missing() -> None:
    known = history(("2024-12-20", 100), ("2025-11-28", 116))
    reading = last("sp500_year_to_date", {prices("^GSPC"): known})
    assert isinstance(reading, Missing)


def test_dividends_count_in_a_race_of_funds() -> None:
    paid = (Dividend(date(2025, 6, 20), Decimal(50)),)
    spy = history(("2024-12-31", 100), ("2025-06-20", 50), ("2025-11-28", 60), dividends=paid)
    vxus = history(("2024-12-31", 100), ("2025-06-20", 100), ("2025-11-28", 130))
    # 50 paid on 100 and reinvested at 50: 100 became 100, then 120.
    answers: Answers = {prices("SPY"): spy, prices("VXUS"): vxus}
    assert round(value("us_against_world", answers), 10) == Decimal("-0.1")


def test_adjusted_closes_of_the_record_serve_where_no_feed_answers() -> None:
    spy, vxus = (
        history(("2024-12-31", 100), ("2025-11-28", 117)),
        history(("2024-12-31", 100), ("2025-11-28", 129)),
    )
    answers: Answers = {adjusted_prices("SPY"): spy, adjusted_prices("VXUS"): vxus}
    assert round(value("us_against_world", answers), 10) == Decimal("-0.12")


def test_a_split_that_becomes_known_brings_dividends_along() -> None:
    before = PriceHistory(
        (close("2024-06-07", 1200),), (), (Dividend(date(2024, 6, 7), Decimal("0.1")),)
    )
    after = before.merge(PriceHistory((), (Split(date(2024, 6, 10), Decimal(10)),)))
    assert after.closes[0].price == 120
    assert after.dividends[0].amount == Decimal("0.01")


def basket(factor: str, session: str = "2025-10-17", **wrong: str) -> Answers:
    day = date.fromisoformat(session)
    caps = {ticker: cap * Decimal(factor) for ticker, cap in BASE_CAPS.items()}
    caps |= {ticker: Decimal(usd) for ticker, usd in wrong.items()}
    answers: Answers = {
        listed_caps(ticker): ListedCaps((ListedCap(day, at(day), usd, READ),))
        for ticker, usd in caps.items()
    }
    return answers | {prices("^GSPC"): history(("2024-12-31", 5000), (session, "8160.22"))}


def test_the_rest_of_the_index_is_what_the_basket_leaves() -> None:
    assert value("ai_basket_return", basket("3")) == 2
    rest = (2 - BASE_WEIGHT * 3) / (1 - BASE_WEIGHT) - 1
    assert round(value("ex_ai_return", basket("3")), 10) == round(rest, 10)


def test_a_basket_without_a_member_is_missing() -> None:
    answers = basket("3")
    del answers[listed_caps("AMD")]
    reading = last("ai_basket_return", answers)
    assert isinstance(reading, Missing)
    assert reading.reason == "no market value of AMD"


def test_a_share_of_hardly_any_gain_is_not_told() -> None:
    answers = basket("3") | {prices("^GSPC"): history(("2024-12-31", 100), ("2025-10-17", 101))}
    reading = last("ai_share_of_year_gain", answers)
    assert isinstance(reading, Missing)


def gdps(**trillions: str) -> NationalGdps:
    known = tuple(
        Gdp(code, code.title(), 2023, Decimal(t) * 10**12, date(2024, 7, 1), READ)
        for code, t in trillions.items()
    )
    return NationalGdps(()).merge(NationalGdps(known))


def caps_of(ticker: str, usd: str) -> Answers:
    day = date(2025, 10, 29)
    return {listed_caps(ticker): ListedCaps((ListedCap(day, at(day), Decimal(usd), READ),))}


def test_the_rank_counts_larger_countries_only_and_needs_the_largest() -> None:
    known = gdps(USA="27.7", CHN="17.8", DEU="4.46", JPN="4.21", IND="3.6")
    assert value("nvidia_gdp_rank", caps_of("NVDA", "5.031e12") | {national_gdp(): known}) == 3
    assert value("nvidia_gdp_rank", caps_of("NVDA", "4.3e12") | {national_gdp(): known}) == 4
    partial = gdps(CHN="17.8", DEU="4.46", JPN="4.21")
    reading = last("nvidia_gdp_rank", caps_of("NVDA", "5e12") | {national_gdp(): partial})
    assert isinstance(reading, Missing)
    assert "USA" in reading.reason


def test_a_market_value_is_confirmed_by_an_exchanges_list_that_agrees() -> None:
    """And one that is a day late proves nothing against it."""
    day = date(2025, 10, 29)
    count = ShareCounts((ShareCount(day, Decimal(24_300_000_000), READ),))
    priced: Answers = {prices("PLTR"): history(("2025-10-29", 200)), shares("PLTR"): count}
    for listed, confirmed_by in (("4.87e12", "yahoo"), ("4.5e12", None)):
        (reading,) = cap_series("x", "PLTR", Evidence(priced | caps_of("PLTR", listed)))
        assert isinstance(reading, Reading)
        assert (reading.status, reading.confirmed_by) == (Status.CONFIRMED, confirmed_by)


def figures(*values: tuple[str, str, str]) -> Figures:
    """Day, day from which it was known, value."""
    known = tuple(
        Figure(date.fromisoformat(day), date.fromisoformat(seen), Decimal(number), READ)
        for day, seen, number in values
    )
    return Figures(()).merge(Figures(known))


def test_a_spread_in_percent_is_read_as_a_fraction_on_the_day_it_was_published() -> None:
    known = figures(("2025-10-29", "2025-10-30", "2.76"), ("2025-10-31", "2025-11-03", "2.81"))
    reading = last("high_yield_spread", {published("BAMLH0A0HYM2"): known})
    assert isinstance(reading, Reading)
    assert reading.value == Decimal("0.0281")
    assert (reading.period_end, reading.as_of.date()) == (date(2025, 10, 31), date(2025, 11, 3))


def test_days_that_become_known_at_once_give_one_reading_the_newest() -> None:
    """A month's end on a weekend, and a source that was silent for days."""
    known = figures(
        ("2025-10-30", "2025-10-31", "2.80"),
        ("2025-10-31", "2025-11-03", "2.81"),
        ("2025-11-01", "2025-11-03", "2.81"),
        ("2025-11-02", "2025-11-03", "2.83"),
        ("2025-10-30", "2025-11-04", "2.79"),
        ("2025-11-03", "2025-11-05", "2.85"),
    )
    series = catalogue()["high_yield_spread"].series(Evidence({published("BAMLH0A0HYM2"): known}))
    seen = [(r.as_of.date(), r.period_end) for r in series if isinstance(r, Reading)]
    assert seen == [
        (date(2025, 10, 31), date(2025, 10, 30)),
        (date(2025, 11, 3), date(2025, 11, 2)),
        (date(2025, 11, 5), date(2025, 11, 3)),
    ]


def test_another_spread_stands_in_for_the_index_and_moves_no_rule() -> None:
    known = figures(("2025-10-29", "2025-10-30", "1.72"))
    reading = last("investment_grade_spread", {published("BAA10Y"): known})
    assert isinstance(reading, Reading)
    assert reading.status is Status.UNCONFIRMED


QUARTERS = ("2024-07-01", "2024-10-01", "2025-01-01", "2025-04-01")


def accounts(growth: tuple[str, ...], tech: str = "0.5") -> Answers:
    def series(values: tuple[str, ...]) -> Figures:
        rows = [(q, str(_later(q)), v) for q, v in zip(QUARTERS, values, strict=True)]
        return figures(*rows)

    return {
        published("A191RL1Q225SBEA"): series(growth),
        published("Y034RY2Q224SBEA"): series((tech,) * 4),
        published("B985RY2Q224SBEA"): series((tech,) * 4),
    }


def _later(quarter: str) -> date:
    return date.fromisoformat(quarter) + timedelta(days=122)


def test_the_share_of_growth_is_summed_over_four_quarters() -> None:
    answers = accounts(("3.1", "2.4", "-0.6", "3.8"))
    assert round(value("tech_share_of_gdp_growth", answers), 6) == round(
        Decimal(4) / Decimal("8.7"), 6
    )
    assert value("gdp_growth_without_tech", answers) == Decimal("0.006")


def test_where_the_economy_hardly_grew_no_share_is_told() -> None:
    reading = last("tech_share_of_gdp_growth", accounts(("0.5", "0.5", "-0.6", "0.1")))
    assert isinstance(reading, Missing)
    assert "hardly grew" in reading.reason


def test_a_missing_quarter_is_not_bridged() -> None:
    answers = accounts(("3.1", "2.4", "-0.6", "3.8"))
    growth = answers[published("A191RL1Q225SBEA")]
    assert isinstance(growth, Figures)
    holed = replace(growth, figures=(growth.figures[0], *growth.figures[2:]))
    reading = last("tech_share_of_gdp_growth", answers | {published("A191RL1Q225SBEA"): holed})
    assert isinstance(reading, Missing)


def test_shares_counted_after_a_close_serve_for_it_from_then_on() -> None:
    """A first start on a weekend: Friday's value is known from Saturday on, not on Friday."""
    friday, saturday = date(2025, 11, 28), date(2025, 11, 29)
    count = ShareCounts((ShareCount(saturday, Decimal(10), READ),))
    answers: Answers = {
        prices("PLTR"): history(("2025-11-26", 160), ("2025-11-28", 170)),
        shares("PLTR"): count,
    }
    before, last_close = cap_series("cap", "PLTR", Evidence(answers))
    assert isinstance(before, Missing)
    assert isinstance(last_close, Reading)
    assert (last_close.value, last_close.period_end) == (Decimal(1700), friday)
    assert last_close.as_of == datetime(2025, 11, 29, tzinfo=UTC)


def test_a_year_that_began_after_the_record_ended_has_its_beginning() -> None:
    """Started in 2026, the program knows what the thirty were worth on 31 December 2025."""
    before = YEAR_END_CAPS[2025]
    assert set(before) == set(MEMBERS)
    answers = basket("1", "2026-10-01", **{t: str(cap * 2) for t, cap in before.items()})
    answers[prices("^GSPC")] = history(("2025-12-31", 6000), ("2026-10-01", 9000))
    gain = sum(before.values(), Decimal(0))
    whole = sum(BASE_CAPS.values(), Decimal(0)) / BASE_WEIGHT
    share = gain / (whole * 3000 / Decimal("4080.11"))
    assert round(value("ai_share_of_year_gain", answers), 10) == round(share, 10)


def test_the_caps_of_a_years_end_are_near_those_of_the_record_a_month_before() -> None:
    """A slip of a digit would show: no company of the basket moved by a third in that month."""
    november = {}
    for ticker in MEMBERS:
        known = Record().evidence.of(listed_caps(ticker))
        assert known is not None
        november[ticker] = known.caps[-1].usd
    moves = {t: abs(cap / november[t] - 1) for t, cap in YEAR_END_CAPS[2025].items()}
    assert max(moves.values()) < Decimal("0.33"), moves
