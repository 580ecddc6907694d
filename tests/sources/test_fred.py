"""Published series, over a real HTTP client."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from alerts.clock import SetClock
from alerts.evidence import Evidence, Figures, published
from alerts.sources import Collected, SourceUnavailable
from alerts.sources.fred import RELEASED_AFTER, FredSource, read_series
from tests.emulators.fred import SPREAD, FredEmulator
from tests.sources.conftest import utc

HIGH_YIELD, GROWTH = published("BAMLH0A0HYM2"), published("A191RL1Q225SBEA")
QUARTERS = {date(2025, 1, 1): "-0.6", date(2025, 4, 1): "3.8"}


@pytest.fixture
def clock() -> SetClock:
    return SetClock(utc("2025-11-03 15:00"))


@pytest.fixture
def fred() -> Iterator[FredEmulator]:
    series = {"BAMLH0A0HYM2": SPREAD, "A191RL1Q225SBEA": QUARTERS}
    with FredEmulator(series=series) as emulator:
        yield emulator


@pytest.fixture
async def source(fred: FredEmulator, clock: SetClock, tmp_path: Path) -> AsyncIterator[FredSource]:
    made = FredSource(
        fred.url, tmp_path, clock, chance=random.Random(1), timeout=timedelta(seconds=0.5)
    )
    yield made
    await made.close()


def figures_of(collected: Collected, series: str = "BAMLH0A0HYM2") -> Figures:
    answer = collected.evidence.of(published(series))
    assert answer is not None
    return answer


@pytest.mark.parametrize("header", ["observation_date", "DATE"])
async def test_a_series_arrives_under_both_of_freds_headers_without_its_gaps(
    source: FredSource, fred: FredEmulator, header: str
) -> None:
    fred.header = header
    fred.publish("BAMLH0A0HYM2", {date(2025, 11, 1): ""})
    figures = figures_of(await source.collect([HIGH_YIELD], Evidence()))
    assert {figure.day: figure.value for figure in figures.figures} == {
        date(2025, 10, 29): Decimal("2.76"),
        date(2025, 10, 31): Decimal("2.81"),
    }
    origin = figures.figures[0].origin
    assert (origin.source, origin.url) == (
        "fred",
        "https://fred.stlouisfed.org/series/BAMLH0A0HYM2",
    )


async def test_a_first_look_dates_figures_by_their_usual_delay_never_on_a_weekend(
    source: FredSource,
) -> None:
    daily = figures_of(await source.collect([HIGH_YIELD], Evidence()))
    known = [(figure.day.isoformat(), figure.known_from.isoformat()) for figure in daily.figures]
    # 31 October 2025 is a Friday: it was not public on the Saturday.
    assert known == [("2025-10-29", "2025-10-30"), ("2025-10-31", "2025-11-03")]


async def test_a_quarters_first_estimate_is_not_known_while_the_quarter_runs(
    source: FredSource,
) -> None:
    growth = figures_of(await source.collect([GROWTH], Evidence()), "A191RL1Q225SBEA")
    assert not growth.known_by(utc("2025-04-30 12:00")).figures
    assert [f.day for f in growth.known_by(utc("2025-07-31 12:00")).figures] == [date(2025, 1, 1)]


async def test_a_revision_is_a_further_figure_known_from_today(
    source: FredSource, fred: FredEmulator, clock: SetClock
) -> None:
    known = (await source.collect([GROWTH], Evidence())).evidence
    fred.publish("A191RL1Q225SBEA", {date(2025, 4, 1): "3.9"})
    clock.set(utc("2025-11-26 15:00"))
    collected = await source.collect([GROWTH], known)
    (revised,) = figures_of(collected, "A191RL1Q225SBEA").figures
    assert (revised.value, revised.known_from) == (Decimal("3.9"), date(2025, 11, 26))
    whole = known.merge(collected.evidence).of(GROWTH)
    assert whole is not None
    assert whole.current[date(2025, 4, 1)].value == Decimal("3.9")
    before = whole.known_by(utc("2025-11-25 15:00"))
    assert before.current[date(2025, 4, 1)].value == Decimal("3.8")


async def test_only_the_last_years_are_asked_for_again_and_only_when_they_changed(
    source: FredSource, fred: FredEmulator, clock: SetClock
) -> None:
    known = (await source.collect([HIGH_YIELD], Evidence())).evidence
    assert fred.requests[0].query["cosd"] == "1990-01-01"
    for _ in range(2):
        clock.set(clock.now() + timedelta(hours=4))
        again = await source.collect([HIGH_YIELD], known)
        assert not again.evidence
        assert not again.unmet
    assert fred.requests[1].query["cosd"] == "2023-08-23"
    assert "If-None-Match" in fred.requests[2].headers


async def test_between_two_looks_nothing_is_asked(source: FredSource, fred: FredEmulator) -> None:
    known = (await source.collect([HIGH_YIELD], Evidence())).evidence
    await source.collect([HIGH_YIELD], known)
    assert len(fred.requests) == 1


async def test_a_series_that_fails_leaves_the_others_alone(
    source: FredSource, fred: FredEmulator
) -> None:
    fred.series = {"A191RL1Q225SBEA": QUARTERS}
    collected = await source.collect([HIGH_YIELD, GROWTH], Evidence())
    assert figures_of(collected, "A191RL1Q225SBEA").figures
    assert collected.unmet == {HIGH_YIELD: "127.0.0.1 has no such page (404)"}


async def test_refusal_is_honoured(source: FredSource, fred: FredEmulator, clock: SetClock) -> None:
    fred.answer_with(429, headers={"Retry-After": "7200"})
    with pytest.raises(SourceUnavailable) as caught:
        await source.collect([HIGH_YIELD, GROWTH], Evidence())
    assert caught.value.retry_at == clock.now() + timedelta(hours=2)
    assert len(fred.requests) == 1


async def test_silence_costs_one_timeout(source: FredSource, fred: FredEmulator) -> None:
    fred.hang()
    with pytest.raises(SourceUnavailable, match=r"did not answer within 0\.5 s"):
        await source.collect([HIGH_YIELD, GROWTH], Evidence())
    assert len(fred.requests) == 1


@pytest.mark.parametrize(
    ("body", "kind", "reason"),
    [
        ("", "text/csv", "does not begin with a date"),
        ("<html>maintenance</html>", "text/csv", "a web page came"),
        ("observation_date,BAA10Y\n2025-10-29,1.7\n", "text/csv", "does not begin with a date"),
        ("observation_date,BAMLH0A0HYM2\n2025-10-29\n", "text/csv", "breaks off"),
        ("observation_date,BAMLH0A0HYM2\n2025-10-29,.\n", "text/csv", "has no figures"),
        ("sorry", "text/html", "a web page came"),
    ],
)
async def test_nonsense_is_told_and_gives_no_figures(
    source: FredSource, fred: FredEmulator, body: str, kind: str, reason: str
) -> None:
    fred.answer_with(200, body, content_type=kind)
    with pytest.raises(SourceUnavailable, match=reason):
        await source.collect([HIGH_YIELD], Evidence())


def test_what_cannot_be_read_or_is_still_to_come_is_left_out_with_a_reason() -> None:
    body = b"DATE,X\n2025-10-29,2.76\nyesterday,1\n2025-10-30,NaN\n2025-12-01,3\n"
    sheet = read_series(body, "text/csv", "X", date(2025, 11, 3))
    assert list(sheet.values) == [date(2025, 10, 29)]
    assert [reason.partition(" left out")[0] for reason in sheet.rejected] == [
        "yesterday",
        "2025-10-30",
        "2025-12-01",
    ]


def test_it_supplies_the_series_of_the_catalogue_only(source: FredSource) -> None:
    assert all(source.supplies(published(series)) for series in RELEASED_AFTER)
    assert not source.supplies(published("GDP"))


def test_a_file_cut_off_anywhere_gives_no_number_that_is_not_its_own() -> None:
    whole = b"observation_date,BAA10Y\n2025-10-29,1.72\n2025-10-30,.\n2025-10-31,11.70\n"
    today = date(2025, 11, 3)
    true = read_series(whole, "text/csv", "BAA10Y", today).values
    for length in range(len(whole)):
        try:
            found = read_series(whole[:length], "text/csv", "BAA10Y", today).values
        except ValueError:
            continue
        assert found.items() <= true.items(), whole[:length]
    without_an_end = read_series(whole.rstrip(b"\n"), "text/csv", "BAA10Y", today)
    assert without_an_end.values == true
