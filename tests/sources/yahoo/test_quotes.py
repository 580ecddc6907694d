"""Last trades in one request, and when only a chart will do, through the real yfinance."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random

import pytest

from alerts.clock import SetClock
from alerts.evidence import Evidence, Need, PriceHistory, prices
from alerts.market_hours import NEW_YORK, MarketHours
from alerts.sources import SourceUnavailable
from alerts.sources.yahoo import YahooSource
from tests.emulators.yahoo import YahooEmulator, every_day
from tests.sources.conftest import utc
from tests.sources.yahoo.conftest import NOVEMBER, collect

# Warnings of pandas to yfinance; not ours to mend.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

SYMBOLS = ("NVDA", "GOOGL", "CSCO", "^GSPC")
NEEDS = tuple(map(prices, SYMBOLS))
NVDA = NEEDS[0]
WEDNESDAY = date(2025, 11, 19)
IN_THE_MORNING, FINAL = utc("2025-11-19 15:00:30"), utc("2025-11-19 21:20")
QUOTE, CHARTS = "/v7/finance/quote", "/v8/finance/chart"


@pytest.fixture
async def known(source: YahooSource, yahoo: YahooEmulator, clock: SetClock) -> Evidence:
    """Everything until Tuesday, when the emulator goes on to Wednesday."""
    yahoo.closes = {symbol: every_day(NOVEMBER, 200.5, -1) for symbol in SYMBOLS}
    evidence = (await collect(source, *NEEDS)).evidence
    for symbol in SYMBOLS:
        yahoo.set_close(symbol, WEDNESDAY, 186.52)
    yahoo.now = clock.now
    # yfinance keeps the crumb of its process: that of another test is refused, and asked for anew.
    yahoo.guards_crumb = False
    clock.set(IN_THE_MORNING)
    return evidence


def figures_asked_for(yahoo: YahooEmulator) -> list[str]:
    paths = [seen.path for seen in yahoo.requests]
    return [path for path in paths if path.startswith(("/v7/", "/v8/", "/v10/", "/ws/"))]


def newest(evidence: Evidence, need: Need[PriceHistory] = NVDA) -> tuple[date, datetime, Decimal]:
    history = evidence.of(need)
    assert history is not None
    close = history.closes[-1]
    return close.session, close.at, close.price


async def test_all_symbols_cost_two_requests_a_look_while_new_york_trades(
    source: YahooSource, yahoo: YahooEmulator, clock: SetClock, known: Evidence
) -> None:
    for look in range(len(SYMBOLS)):
        yahoo.requests.clear()
        clock.set(IN_THE_MORNING + timedelta(minutes=5 * look))
        yahoo.set_close("CSCO", WEDNESDAY, 187.0 + look)
        found = (await collect(source, *NEEDS, known=known)).evidence
        assert figures_asked_for(yahoo) == [QUOTE, f"{CHARTS}/{SYMBOLS[look]}"]
        at = utc("2025-11-19 15:00") + timedelta(minutes=5 * look)
        assert newest(found) == (WEDNESDAY, at, Decimal("186.52"))
        assert newest(found, NEEDS[2]) == (WEDNESDAY, at, Decimal(187 + look))
    yahoo.requests.clear()
    await collect(source, *NEEDS, known=known)
    assert figures_asked_for(yahoo) == [QUOTE]


async def test_a_close_is_final_twenty_minutes_after_the_bell_and_not_asked_for_again(
    source: YahooSource, yahoo: YahooEmulator, clock: SetClock, known: Evidence
) -> None:
    clock.set(FINAL - timedelta(minutes=1))
    yahoo.requests.clear()
    assert not (await collect(source, *NEEDS, known=known)).evidence
    assert QUOTE not in figures_asked_for(yahoo)
    clock.set(FINAL)
    final = (await collect(source, *NEEDS, known=known)).evidence
    assert newest(final) == (WEDNESDAY, utc("2025-11-19 21:00"), Decimal("186.52"))
    known = known.merge(final)
    yahoo.requests.clear()
    for hour in range(1, 8):
        clock.set(FINAL + timedelta(hours=hour))
        assert not (await collect(source, *NEEDS, known=known)).evidence
    assert QUOTE not in figures_asked_for(yahoo)
    assert len(figures_asked_for(yahoo)) <= 7


async def test_before_the_first_trade_of_a_session_there_is_no_price(
    source: YahooSource, yahoo: YahooEmulator, clock: SetClock, known: Evidence
) -> None:
    yahoo.drop_close("NVDA", WEDNESDAY)
    found = (await collect(source, *NEEDS, known=known)).evidence
    assert found.of(NVDA) is None
    assert newest(found, NEEDS[1])[0] == WEDNESDAY


def _split(yahoo: YahooEmulator) -> None:
    yahoo.set_split("NVDA", WEDNESDAY, 10, 1)
    yahoo.set_close("NVDA", WEDNESDAY, 18.65)


def _a_small_split(yahoo: YahooEmulator) -> None:
    yahoo.set_split("NVDA", WEDNESDAY, 21, 20)


def _a_crash(yahoo: YahooEmulator) -> None:
    yahoo.set_close("NVDA", WEDNESDAY, 140.0)


def _a_mended_close(yahoo: YahooEmulator) -> None:
    yahoo.set_close("NVDA", date(2025, 11, 18), 190.0)


@pytest.mark.parametrize("news", [_split, _a_small_split, _a_crash, _a_mended_close])
async def test_what_a_quote_cannot_explain_is_read_in_the_chart(
    source: YahooSource, yahoo: YahooEmulator, clock: SetClock, known: Evidence, news: object
) -> None:
    assert callable(news)
    await collect(source, NVDA, known=known)  # its chart of the day has been read already
    news(yahoo)
    yahoo.requests.clear()
    found = (await collect(source, NVDA, known=known)).evidence
    assert figures_asked_for(yahoo) == [QUOTE, f"{CHARTS}/NVDA"]
    told = known.merge(found).of(NVDA)
    assert told is not None
    served = {day: price and round(price, 2) for day, price in yahoo.closes["NVDA"].items()}
    assert {c.session: round(float(c.price), 2) for c in told.closes} == served
    assert [split.session for split in told.splits] == list(yahoo.splits.get("NVDA", {}))


async def test_a_last_trade_before_the_bell_is_no_close(
    source: YahooSource, yahoo: YahooEmulator, clock: SetClock, known: Evidence
) -> None:
    await collect(source, NVDA, known=known)  # its chart of the day has been read already
    yahoo.now = lambda: utc("2025-11-19 20:12")
    clock.set(FINAL)
    yahoo.requests.clear()
    found = (await collect(source, NVDA, known=known)).evidence
    assert figures_asked_for(yahoo) == [QUOTE, f"{CHARTS}/NVDA"]
    assert newest(found) == (WEDNESDAY, utc("2025-11-19 21:00"), Decimal("186.52"))


async def test_after_a_day_away_the_charts_fill_the_gap(
    source: YahooSource, yahoo: YahooEmulator, clock: SetClock, known: Evidence
) -> None:
    clock.set(utc("2025-11-20 15:00"))
    for symbol in SYMBOLS:
        yahoo.set_close(symbol, date(2025, 11, 20), 180.64)
    found = (await collect(source, *NEEDS, known=known)).evidence
    for need in NEEDS:
        history = found.of(need)
        assert history is not None
        assert [close.session for close in history.closes] == [WEDNESDAY, date(2025, 11, 20)]


async def test_a_new_symbol_costs_its_own_chart_only(
    source: YahooSource, yahoo: YahooEmulator, known: Evidence
) -> None:
    yahoo.set_close("AMD", WEDNESDAY, 223.5)
    yahoo.requests.clear()
    found = (await collect(source, *NEEDS, prices("AMD"), known=known)).evidence
    assert [path for path in figures_asked_for(yahoo) if CHARTS not in path] == [QUOTE]
    assert len(yahoo.chart_requests()) == len(yahoo.chart_requests("AMD")) == 1
    assert newest(found, prices("AMD"))[2] == Decimal("223.5")


# -- quotes that do not come


@pytest.mark.parametrize("status", [200, 429])
async def test_where_the_crumb_is_refused_charts_do_for_an_hour(
    source: YahooSource, yahoo: YahooEmulator, clock: SetClock, known: Evidence, status: int
) -> None:
    yahoo.guards_crumb, yahoo.crumb_refused = True, status
    found = await collect(source, *NEEDS, known=known)
    assert not found.unmet
    assert all(newest(found.evidence, need)[0] == WEDNESDAY for need in NEEDS)
    asked = len(yahoo.paths(QUOTE))
    yahoo.guards_crumb, yahoo.crumb_refused = False, None
    clock.set(clock.now() + timedelta(minutes=55))
    await collect(source, *NEEDS, known=known)
    assert len(yahoo.paths(QUOTE)) == asked
    clock.set(clock.now() + timedelta(minutes=5))
    await collect(source, *NEEDS, known=known)
    assert len(yahoo.paths(QUOTE)) == asked + 1


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, ""),
        (200, "<html>Will be right back</html>"),
        (200, "{}"),
        (200, '{"quoteResponse": {"result": null, "error": null}}'),
        (200, '{"quoteResponse": {"result": [], "error": null}}'),
        (200, '{"quoteResponse": {"result": [{"symbol": "NVDA"}], "error": null}}'),
        (200, '{"quoteResponse": {"result": [{"regularMarketPrice": 1}], "error": null}}'),
        (200, '{"quoteResponse": {"result": [{"symbol": "NVDA", "regularMarketPrice": "1"}]}}'),
        (200, '{"quoteResponse": {"result": [{"symbol": "NVDA", "regularMarketPrice": 1e999}]}}'),
    ],
)
async def test_nonsense_in_place_of_quotes_changes_nothing(
    source: YahooSource, yahoo: YahooEmulator, known: Evidence, status: int, body: str
) -> None:
    yahoo.answer_with(status, body, where="/v7/")
    found = await collect(source, *NEEDS, known=known)
    assert not found.unmet
    assert all(newest(found.evidence, need)[2] == Decimal("186.52") for need in NEEDS)


async def test_a_429_stops_all_prices(
    source: YahooSource, yahoo: YahooEmulator, clock: SetClock, known: Evidence
) -> None:
    yahoo.answer_with(429, headers={"Retry-After": "1800"}, where="/v7/")
    yahoo.requests.clear()
    with pytest.raises(SourceUnavailable, match=r"fewer requests \(429\)") as caught:
        await collect(source, *NEEDS, known=known)
    assert caught.value.retry_at == clock.now() + timedelta(minutes=30)
    assert not yahoo.paths(CHARTS)


async def test_silence_is_not_asked_for_charts(
    source: YahooSource, yahoo: YahooEmulator, known: Evidence
) -> None:
    yahoo.hang(where="/v7/")
    yahoo.requests.clear()
    with pytest.raises(SourceUnavailable, match="Yahoo does not answer"):
        await collect(source, *NEEDS, known=known)
    assert not yahoo.paths(CHARTS)


async def test_a_chart_that_fails_beside_good_quotes_troubles_that_symbol_alone(
    source: YahooSource, yahoo: YahooEmulator, known: Evidence
) -> None:
    _a_crash(yahoo)
    yahoo.answer_with(500, where=f"{CHARTS}/NVDA")
    found = await collect(source, *NEEDS, known=known)
    assert found.unmet == {NVDA: "Yahoo answered NVDA with an error (500)"}
    assert newest(found.evidence, NEEDS[1])[0] == WEDNESDAY


# -- against the charts


@pytest.mark.parametrize("seed", range(2))
async def test_after_weeks_of_looks_every_close_is_what_the_charts_say(
    source: YahooSource, yahoo: YahooEmulator, clock: SetClock, hours: MarketHours, seed: int
) -> None:
    """Splits, mended closes, forgotten sessions and hours without a look, all by chance."""
    random = Random(seed)
    first, last = date(2025, 10, 1), date(2025, 11, 4)
    days = [session for session in hours.sessions if first <= session.day <= last]
    yahoo.closes = {symbol: {days[0].day: 100.0} for symbol in SYMBOLS}
    yahoo.now = clock.now
    known = Evidence()
    for session in days[1:]:
        for symbol in SYMBOLS:
            newest_price = list(yahoo.closes[symbol].values())[-1] or 100.0
            if random.random() < 0.05:
                yahoo.set_split(symbol, session.day, *random.choice([(10, 1), (3, 2), (1, 8)]))
                newest_price = list(yahoo.closes[symbol].values())[-1] or 100.0
            if random.random() < 0.1:
                mended = random.choice(list(yahoo.closes[symbol])[-4:])
                yahoo.set_close(symbol, mended, round(newest_price * 1.01, 2))
            price = round(newest_price * random.uniform(0.75, 1.3), 2)
            yahoo.set_close(symbol, session.day, price)
        for hour in sorted(random.sample(range(24), 5)):
            start = datetime.combine(session.day, datetime.min.time(), NEW_YORK)
            clock.set(start + timedelta(hours=hour, minutes=random.randrange(60)))
            known = known.merge((await collect(source, *NEEDS, known=known)).evidence)
    for hour in range(1, 6):
        clock.set(days[-1].closes + timedelta(hours=hour))
        known = known.merge((await collect(source, *NEEDS, known=known)).evidence)
    clock.set(days[-1].closes + timedelta(hours=12))
    for need in NEEDS:
        known = known.merge((await collect(source, need, known=known)).evidence)
    for need in NEEDS:
        history = known.of(need)
        assert history is not None
        told = {close.session: round(float(close.price), 3) for close in history.closes}
        served = yahoo.closes[need.subject]
        recent = [day for day in served if day >= days[-1].day - timedelta(days=9)]
        assert {day: told[day] for day in recent} == {
            day: round(served[day] or 0, 3) for day in recent
        }
        assert [split.session for split in history.splits] == list(
            yahoo.splits.get(need.subject, {})
        )
