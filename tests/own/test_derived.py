"""Indicators made of others: point in time, carried, missing and held like all the rest."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from alerts import guard
from alerts.evidence import Close, Evidence, Origin, PriceHistory, prices
from alerts.indicators import Cadence, Indicator, catalogue
from alerts.own import tickers
from alerts.own.derived import Definition, derived_series, indicator_of
from alerts.own.formula import BadFormula, Problem, read
from alerts.own.listing import made_of
from alerts.quantity import Unit
from alerts.reading import Missing, Reading, Status
from alerts.sources.record import Record
from alerts.store.own import Defined
from tests.alerts.world import level

NOON = datetime(2025, 11, 3, 21, tzinfo=UTC)
DAY = timedelta(days=1)


def own(text: str, parts: Mapping[str, Indicator]) -> Indicator:
    return indicator_of(Definition("mine", read(text), "Mine"), parts)


def readings(indicator: Indicator, evidence: Evidence) -> list[Reading]:
    return [one for one in indicator.series(evidence) if isinstance(one, Reading)]


def test_it_is_the_formula_of_what_was_known_at_each_moment() -> None:
    evidence = Record().evidence
    known = catalogue()
    mine = own("nvidia_market_cap / hyperscaler_debt", known)
    assert (mine.unit, mine.cadence) == (Unit.RATIO, Cadence.SESSION)
    found = readings(mine, evidence)
    assert found
    caps = {one.as_of: one for one in readings(known["nvidia_market_cap"], evidence)}
    debts = readings(known["hyperscaler_debt"], evidence)
    for one in found:
        debt = [other for other in debts if other.as_of <= one.as_of][-1]
        if one.as_of in caps:
            assert one.value == caps[one.as_of].value / debt.value


def test_there_is_no_look_ahead() -> None:
    evidence = Record().evidence
    mine = own("nvidia_market_cap / hyperscaler_debt", catalogue())
    moment = datetime(2025, 11, 3, 23, tzinfo=UTC)
    then = readings(mine, evidence.known_by(moment))
    now = [one for one in readings(mine, evidence) if one.as_of <= moment]
    assert [(one.as_of, one.value) for one in then] == [(one.as_of, one.value) for one in now]


def test_what_is_computed_for_recent_days_only_is_the_same() -> None:
    evidence = Record().evidence
    mine = own("nvidia_market_cap / hyperscaler_debt", catalogue())
    recent = readings(mine, evidence.since(date(2025, 11, 10)))
    whole = {one.as_of: one.value for one in readings(mine, evidence)}
    assert recent
    assert all(whole[one.as_of] == one.value for one in recent)


def course(key: str, *said: tuple[int, str | None]) -> Indicator:
    """An indicator that says these values after so many days; None is missing."""

    def series(evidence: Evidence) -> list[Reading | Missing]:
        found: list[Reading | Missing] = []
        for day, value in said:
            at = NOON + day * DAY
            if value is None:
                found.append(Missing(key, at, "nobody knows"))
            else:
                found.append(_reading(key, at, value))
        return found

    return replace(level(key), series=series)


def _reading(key: str, at: datetime, value: str) -> Reading:
    return Reading(
        key, Decimal(value), Unit.USD, at, at.date(), key, "https://example.org", at,
        Status.CONFIRMED, "a level",
    )  # fmt: skip


Change = Callable[[Reading], Reading]


def last(text: str, *parts: Indicator) -> Reading | Missing:
    return own(text, {part.key: part for part in parts}).series(Evidence())[-1]


def test_a_part_that_is_missing_or_too_old_makes_the_whole_missing() -> None:
    one = course("one", (0, "10"), (1, None))
    found = last("one + two", one, course("two", (0, "5"), (2, "6")))
    assert isinstance(found, Missing)
    assert found.reason == "one is missing: nobody knows"
    found = last("one + two", course("one", (0, "10")), course("two", (0, "5"), (9, "6")))
    assert isinstance(found, Missing)
    assert "one has had no value since 2025-11-03" in found.reason
    found = last("one + two", course("one"), course("two", (0, "5")))
    assert isinstance(found, Missing)
    assert found.reason == "nothing is known yet of one"


def test_it_begins_where_all_of_its_parts_are_known() -> None:
    mine = own("one + two", {"one": course("one", (0, "1"), (2, "2"), (3, "3")),
                             "two": course("two", (1, "10"))})  # fmt: skip
    found = readings(mine, Evidence())
    assert [((one.as_of - NOON).days, int(one.value)) for one in found] == [
        (1, 11), (2, 12), (3, 13),
    ]  # fmt: skip


def test_dividing_by_zero_is_missing() -> None:
    found = last("one / two", course("one", (0, "1")), course("two", (0, "0")))
    assert isinstance(found, Missing)
    assert found.reason == "it divides by zero"


def test_a_doubtful_part_makes_the_whole_doubtful_and_a_fact_makes_it_manual() -> None:
    def with_status(key: str, status: Status) -> Indicator:
        part = course(key, (0, "4"))
        (reading,) = readings(part, Evidence())
        changed = replace(reading, status=status)
        return replace(part, series=lambda evidence: [changed])

    sure = with_status("sure", Status.CONFIRMED)
    for status, whole in (
        (Status.UNCONFIRMED, Status.UNCONFIRMED),
        (Status.MANUAL, Status.MANUAL),
        (Status.CONFIRMED, Status.CONFIRMED),
    ):
        found = last("sure / other", sure, with_status("other", status))
        assert isinstance(found, Reading)
        assert found.status is whole
        assert [part.name for part in found.parts] == ["sure", "other"]


def closes(symbol: str, *price: str) -> Evidence:
    origin = Origin("yahoo", "https://example.org", NOON)
    said = [
        Close((NOON + n * DAY).date(), NOON + n * DAY, Decimal(one), origin)
        for n, one in enumerate(price)
    ]
    return Evidence({prices(symbol): PriceHistory(tuple(said))})


def test_a_jump_of_a_parts_price_holds_the_whole() -> None:
    tsm, smh = (tickers.indicator_of(f"price({one})") for one in ("TSM", "SMH"))
    assert tsm is not None
    assert smh is not None
    mine = own("price(TSM) / price(SMH)", {tsm.key: tsm, smh.key: smh})
    evidence = closes("TSM", "280", "281", "28").merge(closes("SMH", "350", "351", "352"))
    first, second, third = readings(mine, evidence)
    assert guard.suspicion(mine.guard, first, second) is None
    said = guard.suspicion(mine.guard, second, third)
    assert said is not None
    assert "price(TSM): price moved by" in said


@pytest.mark.parametrize(
    ("key", "unit"),
    [
        ("price(TSM)", Unit.USD),
        ("price(BRK-B)", Unit.USD),
        ("price(^GSPC)", Unit.POINTS),
        ("market_cap(TSM)", Unit.USD),
    ],
)
def test_any_american_symbol_is_an_indicator(key: str, unit: Unit) -> None:
    found = tickers.indicator_of(key)
    assert found is not None
    assert (found.key, found.unit) == (key, unit)


def test_what_people_here_added_is_known_as_theirs() -> None:
    tsm, value = (tickers.indicator_of(one) for one in ("price(TSM)", "market_cap(TSM)"))
    assert tsm
    assert value
    assert tsm.own
    assert value.own
    assert own("price(TSM) / price(TSM)", {tsm.key: tsm}).own
    assert not any(one.own for one in catalogue().values())


@pytest.mark.parametrize(
    "key", ["price(7203.T)", "price(tsm)", "market_cap(^GSPC)", "price()", "price(TOOLONG)", "TSM"]
)
def test_other_names_are_no_tickers(key: str) -> None:
    assert tickers.indicator_of(key) is None


def test_one_class_of_shares_from_a_filing_is_never_taken_for_the_company() -> None:
    meta, msft = (tickers.indicator_of(f"market_cap({one})") for one in ("META", "MSFT"))
    assert meta is not None
    assert msft is not None
    assert "statements" not in {need.kind for need in meta.needs}
    assert "statements" in {need.kind for need in msft.needs}


def defined(**formulas: str) -> list[Defined]:
    return [Defined(key, text, key, "someone", NOON) for key, text in formulas.items()]


def test_definitions_may_stand_on_one_another_but_not_in_a_circle() -> None:
    known = defined(half="nvidia_market_cap / 2", quarter="half / 2")
    found = made_of(known[1], catalogue(), known)
    values = readings(found, Record().evidence)
    caps = readings(catalogue()["nvidia_market_cap"], Record().evidence)
    assert values[-1].value == caps[-1].value / 4
    for circle in (defined(one="one + 1"), defined(one="two + 1", two="one + 1")):
        with pytest.raises(BadFormula) as refused:
            made_of(circle[0], catalogue(), circle)
        assert refused.value.problem is Problem.CIRCLE


def test_a_tower_of_definitions_has_a_limit() -> None:
    tower = defined(a="nvidia_market_cap", **{x: f"{y} * 1" for x, y in zip("bcdefg", "abcdef")})  # noqa: B905
    with pytest.raises(BadFormula) as refused:
        made_of(tower[-1], catalogue(), tower)
    assert refused.value.problem is Problem.TOO_DEEP


def test_a_series_of_parts_without_values_is_empty() -> None:
    assert derived_series("mine", Unit.USD, read("one"), {"one": course("one")}, Evidence()) == []
