"""Charts of what is stored."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from alerts.evidence import Evidence
from alerts.indicators import Cadence, catalogue
from alerts.measures import Point
from alerts.quantity import Unit
from alerts.reading import Reading
from alerts.rules import Direction, Rule
from alerts.sources.record import Record
from bot.charts.drawing import draw
from bot.charts.from_history import (
    against_chart,
    analogue_chart,
    default_span,
    indicator_chart,
    latest,
    stacked_chart,
    trace_of,
    two_chart,
)
from bot.locales import translator

EN = translator("en")
CAP = catalogue()["nvidia_market_cap"]
WEIGHT = catalogue()["top5_weight"]
DEBT = catalogue()["hyperscaler_debt"]
NAMES = {
    "MSFT": "Microsoft",
    "GOOGL": "Alphabet",
    "AMZN": "Amazon",
    "META": "Meta",
    "ORCL": "Oracle",
}
START = datetime(2024, 1, 2, 21, tzinfo=UTC)


def rise(days: int = 500, to: str = "5e12") -> list[Point]:
    step = Decimal(to) / days
    return [Point(START + timedelta(days=n), step * (n + 1)) for n in range(days)]


def recorded() -> list[Reading]:
    evidence: Evidence = Record().evidence
    return [one for one in DEBT.series(evidence) if isinstance(one, Reading)]


def test_a_picture_goes_back_as_far_as_there_is_a_course_to_see() -> None:
    spans = {cadence: default_span(cadence).days // 365 for cadence in Cadence}
    assert spans[Cadence.SESSION] == 1
    assert spans[Cadence.FILING] == 3
    assert all(years >= 1 for years in spans.values())
    history = rise()
    assert len(latest(history, timedelta(days=100))) == 101
    assert latest([], timedelta(days=100)) == []


def test_one_indicator_with_its_lines_and_crossings() -> None:
    history = rise()
    fixed = Unit.USD.to_fixed(Decimal("4e12"))
    rule = Rule(Direction.ABOVE, fixed, fixed * 98 // 100)
    chart = indicator_chart(CAP, history, EN, rules=[rule], crossings=[history[399]])
    assert [line.label for line in chart.lines] == ["line $4.00T"]
    assert [(mark.on, mark.label) for mark in chart.marks] == [(date(2025, 2, 4), "4 Feb 2025")]
    assert (chart.caption.value, chart.caption.subtitle) == ("$5.00T", "2 Jan 2024 to 15 May 2025")
    assert draw(chart)


def test_many_crossings_are_marked_without_words_and_earlier_ones_not_at_all() -> None:
    history = rise()
    chart = indicator_chart(CAP, history[100:], EN, crossings=history[50:300:50])
    assert len(chart.marks) == 4
    assert {mark.label for mark in chart.marks} == {""}


def test_no_history_is_a_chart_that_says_so() -> None:
    chart = indicator_chart(CAP, [], EN)
    assert chart.caption.value == ""
    assert draw(chart)
    assert draw(two_chart(chart.trace, chart.trace, EN))


def test_two_indicators_share_their_days() -> None:
    first = trace_of(CAP, rise(), EN)
    second = trace_of(WEIGHT, rise(600, "0.3"), EN)
    chart = two_chart(first, second, EN, source="source record")
    assert chart.caption.title == f"{first.name} and {second.name}"
    assert chart.caption.subtitle == "2 Jan 2024 to 23 Aug 2025"
    assert draw(chart)


def test_debt_by_company_adds_up_to_the_sum_of_each_quarter() -> None:
    readings = recorded()
    chart = stacked_chart(DEBT, readings, NAMES, EN)
    assert [part.name for part in chart.parts] == list(NAMES.values())
    sums = {reading.period_end: float(reading.value) for reading in reversed(readings)}
    for n, period in enumerate(chart.periods):
        assert sum(part.values[n] or 0 for part in chart.parts) == pytest.approx(sums[period])
    quarters = [(day.year, (day.month - 1) // 3) for day in chart.periods]
    assert len(set(quarters)) == len(quarters)
    assert chart.caption.value == "$245.28B"
    assert draw(chart)


def test_a_company_that_is_missing_is_unknown_and_not_nothing() -> None:
    chart = stacked_chart(DEBT, recorded(), {**NAMES, "XYZ": "Another"}, EN)
    assert set(chart.parts[-1].values) == {None}


def test_capex_against_cash_flow_says_the_share_that_is_spent() -> None:
    ends = [date(2024, 12, 31), date(2025, 3, 31), date(2025, 6, 30)]
    spent = [(day, Decimal(6 + n) * 10**10) for n, day in enumerate(ends)]
    earned = [(day, Decimal(10) ** 11) for day in ends]
    chart = against_chart(("capex", spent), ("cash flow", earned), Unit.USD, EN)
    assert chart.periods == tuple(ends)
    assert chart.caption.title == "capex against cash flow"
    assert chart.caption.value == "80.00%"
    assert draw(chart)


@pytest.mark.parametrize("last", [Decimal(0), Decimal(-5), None])
def test_without_cash_flow_there_is_no_share(last: Decimal | None) -> None:
    ends = [date(2025, 3, 31), date(2025, 6, 30)]
    spent = [(day, Decimal(7)) for day in ends]
    earned = [(ends[0], Decimal(10))] + ([] if last is None else [(ends[1], last)])
    chart = against_chart(("capex", spent), ("cash flow", earned), Unit.USD, EN)
    assert chart.caption.value == ""
    assert draw(chart)


def test_nvidia_over_cisco_is_named_and_laid_peak_on_peak() -> None:
    def prices(first: date, peak: int) -> list[tuple[date, Decimal]]:
        days = (first + timedelta(days=n) for n in range(2200))
        return [(day, Decimal(3000 - abs(n - peak))) for n, day in enumerate(days)]

    then, now = prices(date(1997, 3, 1), 1122), prices(date(2022, 10, 1), 1124)
    chart = analogue_chart(("Cisco", then), ("Nvidia", now), EN, value="1.18×")
    assert chart.caption.title == "Nvidia over Cisco"
    assert (chart.then.peak, chart.now.peak) == ("27 Mar 2000", "29 Oct 2025")
    assert max(chart.now.points, key=lambda one: one[1])[0] == 0
    assert draw(chart)
    assert draw(analogue_chart(("Cisco", []), ("Nvidia", []), EN))


def test_making_charts_needs_no_matplotlib() -> None:
    program = (
        "import sys, bot.charts.from_history, bot.charts.alert_picture, bot.charts.alt_text\n"
        "print('matplotlib' in sys.modules, 'numpy' in sys.modules)"
    )
    said = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    assert said.stdout.split() == ["False", "False"]
