"""`chart`: what is drawn for whom, and the same in words where there are no pictures."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from alerts.evidence import Close, Evidence, Origin, PriceHistory, prices
from alerts.indicators.valuation import CISCO_RETURN
from alerts.sources.record import Record
from bot.charts.kinds import (
    AgainstChart,
    AnalogueChart,
    SeriesChart,
    StackedChart,
    Theme,
    TwoSeriesChart,
)
from bot.charts.special import then_and_now
from bot.locales import translator
from tests.bot.conftest import Talk, lines
from tests.bot.drawing import pictures, with_pictures


async def test_one_indicator_comes_with_the_lines_of_the_place(talk: Talk) -> None:
    await talk.text("alert add nvda above 5.5T")
    sketches = with_pictures(talk, "terminal")
    assert "Drawn across it: line $5.50T" in await talk.text("chart nvda")
    assert sketches.charts == []


async def test_without_a_line_of_its_own_it_has_the_articles(talk: Talk) -> None:
    sketches = with_pictures(talk)
    reply = await talk("chart nvda")
    (picture,) = pictures(reply)
    assert picture.name == "nvidia_market_cap.png"
    assert "line $5.00T" in picture.alt
    (chart,) = sketches.charts
    assert isinstance(chart, SeriesChart)
    assert chart.trace.last == "$4.30T"
    assert "source record" in chart.caption.footer


async def test_discord_is_dark_and_slack_is_light(talk: Talk) -> None:
    for platform, theme in (("discord", Theme.DARK), ("slack", Theme.LIGHT)):
        sketches = with_pictures(talk, platform)
        await talk.text("chart nvda")
        assert sketches.charts[0].look.theme is theme


async def test_a_terminal_gets_a_sentence_and_a_row_of_blocks(talk: Talk) -> None:
    said = await talk.text("chart nvda 30d")
    assert "Nvidia market cap from " in said
    assert any(block in said for block in "▁▂▃▄▅▆▇█")


async def test_two_indicators_share_their_days(talk: Talk) -> None:
    sketches = with_pictures(talk)
    await talk.text("chart nvda with alphabet last 30d")
    (chart,) = sketches.charts
    assert isinstance(chart, TwoSeriesChart)
    first = min(chart.first.points[0][0], chart.second.points[0][0])
    assert chart.first.points[-1][0] - first <= timedelta(days=31)
    assert "same indicator twice" in await talk.refusal("chart nvda with nvda")


async def test_debt_is_stacked_by_company_and_plain_when_asked(talk: Talk) -> None:
    sketches = with_pictures(talk)
    reply = await talk("chart hyperscaler_debt")
    await talk.text("chart hyperscaler_debt plain")
    stacked, plain = sketches.charts
    assert isinstance(stacked, StackedChart)
    assert [part.name for part in stacked.parts] == [
        "Microsoft", "Alphabet", "Amazon", "Meta", "Oracle",
    ]  # fmt: skip
    assert "Oracle $91.32B" in pictures(reply)[0].alt
    assert isinstance(plain, SeriesChart)


async def test_capex_is_drawn_against_the_cash_that_operations_bring(talk: Talk) -> None:
    sketches = with_pictures(talk)
    await talk.text("chart capex")
    await talk.text("chart hyperscaler_capex_with_oracle")
    four, five = sketches.charts
    assert isinstance(four, AgainstChart)
    assert isinstance(five, AgainstChart)
    assert four.spent.values[-1] is not None
    assert round(four.spent.values[-1] / 1e9, 1) == 329.8
    # CATALOGUE A24: 64.0% in September 2025.
    assert five.caption.value == "63.98%"


async def test_nvidia_over_cisco_is_drawn_from_the_record_where_no_feed_has_answered(
    talk: Talk,
) -> None:
    sketches = with_pictures(talk, "slack")
    (picture,) = pictures(await talk("chart nvidia_over_cisco"))
    assert picture.name == "nvidia_cisco_analogue.png"
    (chart,) = sketches.charts
    assert isinstance(chart, AnalogueChart)
    assert chart.caption.footer == "record"


async def test_without_ciscos_prices_it_says_how_to_get_them(talk: Talk) -> None:
    with_pictures(talk, "slack")
    talk.services = replace(talk.services, evidence=NothingKnown())
    reply = await talk("chart nvidia_over_cisco")
    assert not reply.ok or lines(reply)["Look them up"] == "show price(CSCO)"


class NothingKnown:
    async def evidence(self) -> Evidence:
        return Evidence()


def closes(first: date, peak: date, last: date) -> PriceHistory:
    """Up to a peak and down again."""
    found = []
    for n in range((last - first).days + 1):
        day = first + timedelta(days=n)
        height = 5000 - abs((day - peak).days)
        at = datetime(day.year, day.month, day.day, 21, tzinfo=UTC)
        found.append(Close(day, at, Decimal(height), Origin("yahoo", "https://example.org", at)))
    return PriceHistory(tuple(found))


def test_nvidia_is_laid_over_cisco_peak_on_peak() -> None:
    evidence = Evidence(
        {
            prices("CSCO"): closes(date(1997, 1, 1), date(2000, 3, 27), date(2003, 6, 1)),
            prices("NVDA"): closes(date(2022, 1, 1), date(2025, 10, 29), date(2025, 11, 28)),
        }
    )
    chart = then_and_now(evidence, Theme.LIGHT, translator("en"))
    assert isinstance(chart, AnalogueChart)
    assert (chart.then.peak, chart.now.peak) == ("27 Mar 2000", "29 Oct 2025")
    assert chart.then.points[0][0] < -2.9
    assert then_and_now(Evidence(), Theme.LIGHT, translator("en")) is None


def test_ciscos_peak_is_that_of_2000_whatever_it_has_done_since() -> None:
    """With dividends put back in it is higher in 2025; the record has the years that count."""
    evidence = Record().evidence.merge(
        Evidence({prices("CSCO"): closes(date(2021, 1, 1), date(2025, 11, 19), date(2025, 11, 28))})
    )
    chart = then_and_now(evidence, Theme.LIGHT, translator("en"))
    assert isinstance(chart, AnalogueChart)
    assert (chart.then.peak, chart.now.peak) == ("27 Mar 2000", "29 Oct 2025")
    # 1313% in 756 sessions: the constant that the indicator divides by.
    highest = max(multiple for _, multiple in chart.then.points)
    assert abs(highest - 1 - float(CISCO_RETURN)) < 0.01


async def test_what_is_not_understood_or_not_known_is_refused(talk: Talk) -> None:
    assert "is not a window" in await talk.refusal("chart nvda soon")
    assert "There is no indicator" in await talk.refusal("chart zzzzzz")
