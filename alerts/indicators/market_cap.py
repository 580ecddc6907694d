"""Market capitalisation: one close times the shares of the whole company (CATALOGUE 0, A1 A2 A5).

The share count is, in this order: the market source's own whole-company count of the last ten
days; the newest count in a filing known by that session; and where no close is known at all, the
capitalisation that an exchange's list gave for the session. What agrees with a filing or with an
exchange's list within 3% is confirmed by it.
"""

from __future__ import annotations

import functools
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from dateutil.relativedelta import relativedelta

from alerts.evidence import (
    Answer,
    Close,
    CompanyFacts,
    Evidence,
    ListedCaps,
    Need,
    Origin,
    PriceHistory,
    ShareCount,
    ShareCounts,
    listed_caps,
    prices,
    shares,
    statements,
)
from alerts.indicators import (
    Cadence,
    Claim,
    Guard,
    Indicator,
    Meaning,
    Names,
    PresetLine,
    Section,
)
from alerts.measures import Measure, MeasureKind, Window
from alerts.quantity import Unit
from alerts.reading import Missing, Part, Reading, Status
from alerts.rules import Direction, Level

COVER_SHARES = "dei:EntityCommonStockSharesOutstanding"
BALANCE_SHARES = "us-gaap:CommonStockSharesOutstanding"

AVERAGE_SHARES = "us-gaap:WeightedAverageNumberOfSharesOutstandingBasic"

# Alphabet's cover page gives shares by class only, which company facts leave out; the balance
# sheet's count is of all classes. Adding GOOG's and GOOGL's caps would count the company twice.
# Palantir has three classes; the average of a quarter's shares is of all of them.
SHARE_TAGS = {"NVDA": COVER_SHARES, "GOOGL": BALANCE_SHARES, "PLTR": AVERAGE_SHARES}

AGREEMENT = Decimal("0.03")
FRESH_COUNT = timedelta(days=10)
# The market source's count has no date but that of the fetch: where nothing else was known on a
# Friday, the first fetch, before Monday's opening, serves for its close, and is known from then on.
COUNTED_AFTER = timedelta(days=5)
# A four-month base falls on the last session before it; four days bridge any long weekend.
BASE_GAP = timedelta(days=4)
# An average over a whole year lags behind the shares of its end.
ONE_QUARTER = timedelta(days=100)

CAP_GUARD = Guard({"price": Decimal("0.40"), "shares": Decimal("0.08")}, Decimal("0.40"))
CHANGE_GUARD = Guard({"price": Decimal("0.40"), "shares": Decimal("0.08"), "now": Decimal("0.40")})


@dataclass(frozen=True, slots=True)
class Shares:
    count: Decimal
    as_of: date
    origin: Origin


def cap_needs(ticker: str) -> tuple[Need[Answer], ...]:
    return (prices(ticker), shares(ticker), statements(ticker), listed_caps(ticker))


def cap_series(indicator: str, ticker: str, evidence: Evidence) -> list[Reading | Missing]:
    """One reading a session, in dollars."""
    history = evidence.of(prices(ticker)) or PriceHistory(())
    published = evidence.of(shares(ticker)) or ShareCounts(())
    filed = evidence.of(statements(ticker)) or CompanyFacts(())
    listed = evidence.of(listed_caps(ticker)) or ListedCaps(())
    counts = _filed_counts(filed, SHARE_TAGS.get(ticker, COVER_SHARES), history)

    found: dict[date, Reading | Missing] = {
        cap.session: Reading(
            indicator,
            cap.usd,
            Unit.USD,
            cap.at,
            cap.session,
            cap.origin.source,
            cap.origin.url,
            cap.origin.fetched_at,
            Status.CONFIRMED,
            "whole company, as listed",
        )
        for cap in listed.caps
        if history.begins is None or cap.session >= history.begins
    }
    for close in history.closes[history.first :]:
        priced = _price(indicator, ticker, close, published, counts, history)
        beside = found.get(close.session)
        if isinstance(priced, Reading):
            found[close.session] = _seconded(priced, beside)
        elif beside is None:
            found[close.session] = priced
    return [found[session] for session in sorted(found)]


def _seconded(priced: Reading, listed: Reading | Missing | None) -> Reading:
    """Confirmed by the exchange's list where it agrees; a list that is a day late proves nothing.

    So a difference alone does not make a reading doubtful.
    """
    if not isinstance(listed, Reading) or priced.confirmed_by is not None:
        return priced
    if abs(priced.value / listed.value - 1) > AGREEMENT:
        return priced
    return replace(priced, status=Status.CONFIRMED, confirmed_by=listed.source, note=None)


def _price(
    indicator: str,
    ticker: str,
    close: Close,
    published: ShareCounts,
    counts: Sequence[tuple[date, Shares]],
    history: PriceHistory,
) -> Reading | Missing:
    market = _published_count(published, close, history)
    filing = _known_count(counts, close.session)
    used = market or filing or _counted_soon_after(published, close, history)
    if used is None:
        return Missing(indicator, close.at, f"no share count of {ticker} was known on that day")
    counted = datetime.combine(used.as_of, datetime.min.time(), UTC)
    value = close.price * used.count
    status, confirmed_by, note = Status.CONFIRMED, None, None
    if market is not None and filing is not None:
        apart = abs(market.count / filing.count - 1)
        if apart <= AGREEMENT:
            confirmed_by = f"{filing.origin.source}, shares of {filing.as_of}"
        else:
            status = Status.UNCONFIRMED
            note = f"{market.origin.source} and {filing.origin.source} differ by {apart:.1%}"
    return Reading(
        indicator,
        value,
        Unit.USD,
        max(close.at, counted),
        close.session,
        close.origin.source,
        close.origin.url,
        close.origin.fetched_at,
        status,
        "whole company: last price times all shares",
        parts=(
            Part(
                "price",
                close.price,
                Unit.USD,
                close.session,
                close.origin.source,
                close.origin.url,
            ),
            Part("shares", used.count, Unit.COUNT, used.as_of, used.origin.source, used.origin.url),
        ),
        confirmed_by=confirmed_by,
        note=note,
    )


def _published_count(published: ShareCounts, close: Close, history: PriceHistory) -> Shares | None:
    """The count of the last days before a session; what was counted later was not known then."""
    at = bisect_right(published.counts, close.session, key=lambda count: count.as_of)
    count = published.counts[at - 1] if at else None
    if count is None or close.session - count.as_of > FRESH_COUNT:
        return None
    return _shares(count, history)


def _counted_soon_after(
    published: ShareCounts, close: Close, history: PriceHistory
) -> Shares | None:
    """The first count after a session, when no other session lies between."""
    at = bisect_right(published.counts, close.session, key=lambda count: count.as_of)
    for count in published.counts[at : at + 1]:
        last = history.last_by(count.as_of - timedelta(days=1), COUNTED_AFTER)
        if last is not None and last.session == close.session:
            return _shares(count, history)
    return None


def _shares(count: ShareCount, history: PriceHistory) -> Shares:
    ratio = history.split_ratio_after(count.as_of)
    return Shares(count.shares * ratio, count.as_of, count.origin)


def _filed_counts(
    facts: CompanyFacts, tag: str, history: PriceHistory
) -> list[tuple[date, Shares]]:
    """Share counts by the day on which they were filed, in today's shares."""
    known: list[tuple[date, Shares]] = []
    for fact in sorted(facts.by_tag.get(tag, ()), key=lambda fact: (fact.filed, fact.end)):
        if known and fact.end < known[-1][1].as_of:
            continue
        if fact.start is not None and fact.end - fact.start > ONE_QUARTER:
            continue
        ratio = history.split_ratio_after(fact.end)
        known.append((fact.filed, Shares(fact.value * ratio, fact.end, fact.origin)))
    return known


def _known_count(counts: Sequence[tuple[date, Shares]], session: date) -> Shares | None:
    at = bisect_right(counts, session, key=lambda entry: entry[0])
    return counts[at - 1][1] if at else None


def four_month_change(
    indicator: str, cap_indicator: str, ticker: str, evidence: Evidence
) -> list[Reading | Missing]:
    """cap(d) − cap(last session not after d − 4 calendar months), in dollars."""
    caps = cap_series(cap_indicator, ticker, evidence)
    sessions = [_session(cap) for cap in caps]
    changes: list[Reading | Missing] = []
    for cap, session in zip(caps, sessions, strict=True):
        base_day = session - relativedelta(months=4)
        at = bisect_right(sessions, base_day)
        base = caps[at - 1] if at and base_day - sessions[at - 1] <= BASE_GAP else None
        changes.append(_change(indicator, cap, base, base_day))
    return changes


def _session(cap: Reading | Missing) -> date:
    return cap.period_end if isinstance(cap, Reading) else cap.as_of.date()


def _change(
    indicator: str, cap: Reading | Missing, base: Reading | Missing | None, base_day: date
) -> Reading | Missing:
    if isinstance(cap, Missing):
        return Missing(indicator, cap.as_of, cap.reason)
    if not isinstance(base, Reading):
        reason = f"the market cap of {base_day}, four months before, is not known"
        return Missing(indicator, cap.as_of, reason)
    sure = cap.status.moves_rules and base.status.moves_rules
    return Reading(
        indicator,
        cap.value - base.value,
        Unit.USD,
        cap.as_of,
        cap.period_end,
        cap.source,
        cap.source_url,
        cap.fetched_at,
        Status.CONFIRMED if sure else Status.UNCONFIRMED,
        "market cap less that of four calendar months before",
        # The cap's own parts come along, so that the guard sees a wrong price or share count here.
        parts=(
            *(
                Part(name, end.value, Unit.USD, end.period_end, end.source, end.source_url)
                for name, end in (("now", cap), ("before", base))
            ),
            *cap.parts,
        ),
        views=(
            Part(
                "percent",
                cap.value / base.value - 1,
                Unit.FRACTION,
                cap.period_end,
                cap.source,
                cap.source_url,
            ),
        ),
        confirmed_by=cap.confirmed_by,
        note=cap.note or base.note,
    )


def _above(preset: str, trillions: str, level: Level) -> PresetLine:
    return PresetLine(preset, Direction.ABOVE, _trillions(trillions), level)


def _below(preset: str, trillions: str, level: Level) -> PresetLine:
    return PresetLine(preset, Direction.BELOW, _trillions(trillions), level)


def _trillions(amount: str) -> Decimal:
    return Decimal(amount) * 10**12


NVIDIA_CAP = "nvidia_market_cap"

INDICATORS = (
    Indicator(
        key=NVIDIA_CAP,
        names=Names("Nvidia market cap", "輝達市值", "英伟达市值"),
        section=Section.ACCOUNTING,
        unit=Unit.USD,
        cadence=Cadence.SESSION,
        meaning=Meaning.HOTTER,
        needs=cap_needs("NVDA"),
        series=functools.partial(cap_series, NVIDIA_CAP, "NVDA"),
        formula="last price of NVDA × shares of the whole company",
        caveat="A market cap is what the last buyer paid times every share; "
        "nobody could sell them all at that price.",
        stale_after=timedelta(days=5),
        guard=CAP_GUARD,
        claim=Claim("the first company worth more than 5 trillion dollars", date(2025, 10, 29)),
        lines=(
            _above("article", "5", Level.WARN),
            _above("heat", "4", Level.WATCH),
            _above("heat", "5", Level.WARN),
            _above("heat", "6", Level.CRITICAL),
            PresetLine(
                "crack",
                Direction.BELOW,
                Decimal("-0.20"),
                Level.WARN,
                Measure(MeasureKind.DRAWDOWN, Window(1, "y")),
            ),
        ),
        tags=(COVER_SHARES,),
    ),
    Indicator(
        key="nvidia_market_cap_change_4m",
        names=Names(
            "Nvidia market cap, 4-month change", "輝達市值四個月變動", "英伟达市值四个月变动"
        ),
        section=Section.ACCOUNTING,
        unit=Unit.USD,
        cadence=Cadence.SESSION,
        meaning=Meaning.HOTTER,
        needs=cap_needs("NVDA"),
        series=functools.partial(
            four_month_change, "nvidia_market_cap_change_4m", NVIDIA_CAP, "NVDA"
        ),
        formula="market cap − market cap at the last session four calendar months before",
        caveat="The same dollars are a smaller share of a larger company: see the percentage too.",
        stale_after=timedelta(days=5),
        guard=CHANGE_GUARD,
        claim=Claim("a trillion dollars more within four months", date(2025, 10, 29)),
        lines=(
            _above("article", "1", Level.WARN),
            _above("heat", "0.5", Level.WATCH),
            _above("heat", "1", Level.WARN),
            _above("heat", "1.5", Level.CRITICAL),
            _below("crack", "-0.75", Level.WATCH),
            _below("crack", "-1", Level.WARN),
            _below("crack", "-1.5", Level.CRITICAL),
        ),
        tags=(COVER_SHARES,),
    ),
    Indicator(
        key="alphabet_market_cap",
        names=Names("Alphabet market cap", "Alphabet 市值", "Alphabet 市值"),
        section=Section.ACCOUNTING,
        unit=Unit.USD,
        cadence=Cadence.SESSION,
        meaning=Meaning.HOTTER,
        needs=cap_needs("GOOGL"),
        series=functools.partial(cap_series, "alphabet_market_cap", "GOOGL"),
        formula="last price of GOOGL × shares of all classes, counted once",
        caveat="GOOG and GOOGL are two classes of one company: the two listed caps are "
        "the same cap twice.",
        stale_after=timedelta(days=5),
        guard=CAP_GUARD,
        claim=Claim("Alphabet nears 4 trillion dollars", date(2025, 11, 25)),
        lines=(
            _above("article", "4", Level.WARN),
            _above("heat", "4", Level.WATCH),
            _above("heat", "5", Level.WARN),
            _above("heat", "6", Level.CRITICAL),
        ),
        tags=(BALANCE_SHARES,),
    ),
)
