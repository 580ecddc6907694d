"""The picture that goes with an alert, from what is stored."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from alerts.measures import ALL, VALUE, Measure, MeasureKind, Point, Window
from alerts.quantity import Unit
from alerts.rules import Direction, Kind, Level, Rule, State
from alerts.store import observations
from alerts.store.alerts import Alert
from bot.charts.alert_picture import KEPT, AlertPictures, alert_chart, theme_for
from bot.charts.drawer import ChartFailed, Drawer
from bot.charts.kinds import Chart, SeriesChart, Theme
from bot.locales import translator
from tests.bot.conftest import Talk

EN = translator("en")
KEY = "nvidia_market_cap"
MEASURE_4MO = Measure(MeasureKind.CHANGE, Window.parse("4mo"))


class Easel(Drawer):
    """Keeps what it is to draw, and gives a number for a picture."""

    def __init__(self) -> None:
        super().__init__(Path())
        self.charts: list[SeriesChart] = []
        self.fails = False

    async def draw(self, chart: Chart) -> bytes:
        if self.fails:
            raise ChartFailed("no picture within 20 s")
        assert isinstance(chart, SeriesChart)
        await asyncio.sleep(0)
        self.charts.append(chart)
        return str(len(self.charts)).encode()


@pytest.fixture
async def easel() -> Easel:
    return Easel()


@pytest.fixture
def pictures(talk: Talk, easel: Easel) -> AlertPictures:
    return AlertPictures(talk.services.database, easel)


async def alert_of(
    talk: Talk,
    on: date = date(2025, 10, 29),
    *,
    key: str = KEY,
    line: str = "5e12",
    measure: Measure = VALUE,
    kind: Kind = Kind.FIRED,
    rule: Rule | None = None,
) -> Alert:
    """An alert on the stored observation of a day, with 2% to the re-arm line."""
    async with talk.services.database.read() as connection:
        stored = await observations.since(connection, key, None, 2000)
    observation = next(one for one in stored if one.as_of.date() == on)
    indicator = talk.services.indicators[key]
    unit = measure.unit(indicator.unit)
    fixed = unit.to_fixed(Decimal(line))
    own = rule or Rule(Direction.ABOVE, fixed, fixed * 98 // 100, state=State.FIRED)
    return Alert(
        id=1,
        rule_id=1,
        number=1,
        destination_id=1,
        delivery_id=1,
        indicator=key,
        kind=kind,
        level=Level.WARN,
        as_of=observation.as_of,
        happened_at=observation.as_of,
        created_at=observation.as_of,
        value=observation.fixed,
        unit=unit,
        previous=None,
        previous_as_of=None,
        restated_from=None,
        held_back=0,
        withheld=None,
        measure=measure,
        rule=own,
        note=None,
        mention=None,
        observation_id=observation.id,
    )


async def drawn(pictures: AlertPictures, easel: Easel, talk: Talk, alert: Alert) -> SeriesChart:
    assert await pictures.of(alert, talk.services.indicators, EN) is not None
    return easel.charts[-1]


async def test_the_last_year_the_line_and_the_crossing(
    talk: Talk, pictures: AlertPictures, easel: Easel
) -> None:
    chart = await drawn(pictures, easel, talk, await alert_of(talk))
    days = [day for day, _ in chart.trace.points]
    assert days[0] >= date(2024, 10, 29)
    assert days[0] <= date(2024, 11, 1)
    assert days[-1] == date(2025, 10, 29)
    assert [line.label for line in chart.lines] == ["line $5.00T", "re-arms at $4.90T"]
    assert [line.above for line in chart.lines] == [True, None]
    assert [(mark.on, mark.value) for mark in chart.marks] == [chart.trace.points[-1]]
    caption = chart.caption
    assert (caption.title, caption.value) == ("Nvidia market cap", "$5.03T")
    assert caption.value_note == "29 Oct 2025"
    assert caption.footer.endswith("source record; as of 29 Oct 2025")


async def test_it_is_named_after_its_indicator_and_says_what_it_shows(
    talk: Talk, pictures: AlertPictures
) -> None:
    picture = await pictures.of(await alert_of(talk), talk.services.indicators, EN)
    assert picture is not None
    assert picture.name == "nvidia_market_cap.png"
    assert "to 29 Oct 2025, between $2.61T and $5.03T, $5.03T at the end" in picture.alt
    assert "line $5.00T" in picture.alt


async def test_what_came_after_the_alert_is_not_in_its_picture(
    talk: Talk, pictures: AlertPictures, easel: Easel
) -> None:
    chart = await drawn(pictures, easel, talk, await alert_of(talk, date(2025, 7, 10), line="4e12"))
    assert chart.trace.points[-1][0] == date(2025, 7, 10)
    assert max(value for _, value in chart.trace.points) < 4.5e12


async def test_languages_have_their_own_pictures(
    talk: Talk, pictures: AlertPictures, easel: Easel
) -> None:
    alert = await alert_of(talk)
    for language in ("en", "zh_Hant", "zh_Hans"):
        await pictures.of(alert, talk.services.indicators, translator(language))
    assert [chart.caption.value for chart in easel.charts] == [
        "$5.03T",
        "5.03兆美元",
        "5.03万亿美元",
    ]
    assert [chart.caption.title for chart in easel.charts] == [
        "Nvidia market cap",
        "輝達市值",
        "英伟达市值",
    ]


async def test_a_crossing_told_to_many_places_is_drawn_once(
    talk: Talk, pictures: AlertPictures, easel: Easel
) -> None:
    alert = await alert_of(talk)
    told = await asyncio.gather(
        *(
            pictures.of(alert._replace(id=n, destination_id=n), talk.services.indicators, EN)
            for n in range(50)
        )
    )
    assert len(easel.charts) == 1
    assert len({picture.png for picture in told if picture}) == 1
    await pictures.of(alert, talk.services.indicators, EN, Theme.DARK)
    assert len(easel.charts) == 2


async def test_only_the_last_pictures_are_kept(
    talk: Talk, pictures: AlertPictures, easel: Easel
) -> None:
    alert = await alert_of(talk)
    assert alert.rule is not None
    for n in range(KEPT + 1):
        other = alert._replace(rule=replace(alert.rule, line=alert.rule.line + n))
        await pictures.of(other, talk.services.indicators, EN)
    await pictures.of(alert, talk.services.indicators, EN)
    assert len(easel.charts) == KEPT + 2


async def test_a_line_on_a_change_is_drawn_across_the_change(
    talk: Talk, pictures: AlertPictures, easel: Easel
) -> None:
    chart = await drawn(
        pictures, easel, talk, await alert_of(talk, line="1e12", measure=MEASURE_4MO)
    )
    assert chart.caption.title == "Nvidia market cap, change over 4mo"
    assert chart.trace.points[-1][1] == pytest.approx(1.18e12, rel=0.02)
    assert min(value for _, value in chart.trace.points) < 0


async def test_a_new_high_is_drawn_as_the_value_without_a_line(
    talk: Talk, pictures: AlertPictures, easel: Easel
) -> None:
    high = Measure(MeasureKind.HIGH, ALL)
    chart = await drawn(pictures, easel, talk, await alert_of(talk, line="1", measure=high))
    assert chart.lines == ()
    assert chart.caption.value == "$5.03T"


async def test_quarterly_figures_show_three_years(talk: Talk) -> None:
    last = date(2025, 9, 10)
    alert = await alert_of(talk, last, key="oracle_debt", line="9.5e10")
    assert alert.rule is not None
    filed = [alert.as_of - timedelta(days=91 * n) for n in range(20)]
    history = [Point(day, Decimal(10) ** 10) for day in reversed(filed)]
    indicator = talk.services.indicators["oracle_debt"]
    chart = alert_chart(alert, alert.rule, indicator, history, None, EN)
    assert chart is not None
    assert len(chart.trace.points) == 13
    assert chart.trace.points[-1][0] == last


async def test_what_clears_shows_where_its_story_began(
    talk: Talk, pictures: AlertPictures, easel: Easel
) -> None:
    fired = await alert_of(talk)
    assert fired.rule is not None
    rule = replace(fired.rule, told_at=fired.as_of, state=State.ARMED)
    cleared = await alert_of(talk, date(2025, 11, 20), kind=Kind.CLEARED, rule=rule)
    chart = await drawn(pictures, easel, talk, cleared)
    assert [(mark.on, mark.label) for mark in chart.marks] == [
        (date(2025, 10, 29), "29 Oct 2025"),
        (date(2025, 11, 20), ""),
    ]
    assert not chart.caption.struck


@pytest.mark.parametrize("kind", [Kind.STALE, Kind.RESUMED, Kind.EXPIRED])
async def test_what_is_no_crossing_has_no_picture(
    talk: Talk, pictures: AlertPictures, kind: Kind
) -> None:
    alert = await alert_of(talk, kind=kind)
    assert await pictures.of(alert, talk.services.indicators, EN) is None
    assert await pictures.of(alert._replace(rule=None), talk.services.indicators, EN) is None


async def test_an_unknown_indicator_has_no_picture(talk: Talk, pictures: AlertPictures) -> None:
    assert await pictures.of(await alert_of(talk), {}, EN) is None


async def test_the_words_go_without_a_picture_that_fails(
    talk: Talk, pictures: AlertPictures, easel: Easel, caplog: pytest.LogCaptureFixture
) -> None:
    alert = await alert_of(talk)
    easel.fails = True
    with caplog.at_level(logging.WARNING):
        assert await pictures.of(alert, talk.services.indicators, EN) is None
    assert "nvidia_market_cap goes without its picture: no picture within 20 s" in caplog.text
    # The other places are not kept waiting for the same failure; the next crossing is drawn.
    easel.fails = False
    assert await pictures.of(alert, talk.services.indicators, EN) is None
    other = await alert_of(talk, date(2025, 11, 3))
    assert await pictures.of(other, talk.services.indicators, EN) is not None


async def test_a_value_just_past_its_line_is_not_written_as_the_line(talk: Talk) -> None:
    alert = await alert_of(talk)
    indicator = talk.services.indicators[KEY]
    assert alert.rule is not None
    just = [Point(datetime(2025, 10, 29, 20, tzinfo=UTC), Decimal("5000400000000"))]
    chart = alert_chart(alert, alert.rule, indicator, just, None, EN)
    assert chart is not None
    assert chart.caption.value == "$5.0004T"
    assert chart.trace.unit is Unit.USD


def test_discord_is_dark_and_others_are_light() -> None:
    themes = [theme_for(platform) for platform in ("discord", "slack", "apprise")]
    assert themes == [Theme.DARK, Theme.LIGHT, Theme.LIGHT]
