"""Thirty AI stocks against the rest of the index (CATALOGUE A30, A31).

The list is chosen with hindsight, as every such list is; it comes close to a bank's figures that
the article quotes. The rest of the index is worked out from the index's own level and the weight
that the basket had at the beginning.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from alerts.evidence import (
    Answer,
    Close,
    Evidence,
    ListedCap,
    ListedCaps,
    Need,
    PriceHistory,
    listed_caps,
)
from alerts.indicators import Cadence, Claim, Guard, Indicator, Meaning, Names, Section
from alerts.indicators.index_level import INDEX, YEAR_END_GAP
from alerts.indicators.preset_lines import A_WEEKEND, above
from alerts.indicators.year_end_caps import YEAR_END_CAPS
from alerts.quantity import Unit
from alerts.reading import Missing, Part, Reading, Status

SINCE = date(2022, 11, 30)
"""The day on which ChatGPT appeared."""
BASE_INDEX = Decimal("4080.11")
BASE_WEIGHT = Decimal("0.2791")
"""What the basket was of the S&P 500's full market value on that day."""


def _billions(amount: str) -> Decimal:
    return Decimal(amount) * 10**9


BASE_CAPS: Mapping[str, Decimal] = {
    "NVDA": _billions("416.3"),
    "MSFT": _billions("1901.9"),
    "AAPL": _billions("2566.4"),
    "GOOGL": _billions("1307.1"),
    "AMZN": _billions("982.5"),
    "META": _billions("313.1"),
    "AVGO": _billions("223.2"),
    "TSLA": _billions("614.8"),
    "ORCL": _billions("223.9"),
    "PLTR": _billions("15.6"),
    "AMD": _billions("126.3"),
    "MU": _billions("62.7"),
    "CRM": _billions("160.2"),
    "NOW": _billions("84.1"),
    "IBM": _billions("134.6"),
    "QCOM": _billions("141.8"),
    "INTC": _billions("124.1"),
    "AMAT": _billions("94.3"),
    "LRCX": _billions("64.4"),
    "KLAC": _billions("55.7"),
    "ANET": _billions("42.6"),
    "DELL": _billions("32.8"),
    "HPE": _billions("21.6"),
    "SMCI": _billions("4.8"),
    "ADBE": _billions("160.4"),
    "ACN": _billions("189.6"),
    "ETN": _billions("65.0"),
    "CEG": _billions("31.4"),
    "DLR": _billions("32.3"),
}
"""Market values of that day. Alphabet once. GE Vernova was not listed then."""
LATER_LISTED = ("GEV",)
MEMBERS = (*BASE_CAPS, *LATER_LISTED)
# Around no change at all a share of the change says nothing.
SMALLEST_GAIN = Decimal("0.02")

AI, INDEX_RETURN, EX_AI, GAP, SHARE = (
    "ai_basket_return",
    "sp500_return_since_chatgpt",
    "ex_ai_return",
    "ai_return_gap",
    "ai_share_of_year_gain",
)


@dataclass(frozen=True, slots=True)
class Day:
    """The basket and the index on one session."""

    close: Close
    caps: Mapping[str, ListedCap]

    @property
    def basket(self) -> Decimal:
        """Over the basket of the beginning: 1 is no change. Only what was listed then."""
        now = sum((self.caps[ticker].usd for ticker in BASE_CAPS), Decimal(0))
        return now / sum(BASE_CAPS.values(), Decimal(0))

    @property
    def index(self) -> Decimal:
        return self.close.price / BASE_INDEX

    @property
    def rest(self) -> Decimal:
        return (self.index - BASE_WEIGHT * self.basket) / (1 - BASE_WEIGHT)

    def part(self, name: str, value: Decimal, unit: Unit = Unit.FRACTION) -> Part:
        cap = next(iter(self.caps.values()))
        return Part(name, value, unit, self.close.session, cap.origin.source, cap.origin.url)

    @property
    def since_then(self) -> tuple[Part, ...]:
        """Since the beginning."""
        return (
            self.part("AI basket", self.basket - 1),
            self.part("S&P 500", self.index - 1),
            self.part("all but AI", self.rest - 1),
        )


def days(indicator: str, evidence: Evidence) -> list[Day | Missing]:
    """Every session on which an exchange's list was read."""
    history = evidence.of(INDEX) or PriceHistory(())
    closes = {close.session: close for close in history.closes[history.first :]}
    by_session: dict[date, dict[str, ListedCap]] = {}
    for ticker in MEMBERS:
        for cap in (evidence.of(listed_caps(ticker)) or ListedCaps(())).caps:
            by_session.setdefault(cap.session, {})[ticker] = cap
    # Of two companies the record has many more days: a day is one on which most were read.
    most = len(BASE_CAPS) // 2
    found: list[Day | Missing] = []
    for session in sorted(by_session):
        caps = by_session[session]
        if len(caps) < most or (history.begins and session < history.begins):
            continue
        at = next(iter(caps.values())).at
        absent = [ticker for ticker in BASE_CAPS if ticker not in caps]
        if absent:
            found.append(Missing(indicator, at, f"no market value of {', '.join(absent)}"))
        elif session not in closes:
            found.append(Missing(indicator, at, f"no close of the S&P 500 on {session}"))
        else:
            found.append(Day(closes[session], caps))
    return found


def returns(
    indicator: str, work: Callable[[Day], Decimal], definition: str, evidence: Evidence
) -> list[Reading | Missing]:
    return [
        day
        if isinstance(day, Missing)
        else _reading(indicator, day, work(day), definition, day.since_then)
        for day in days(indicator, evidence)
    ]


def _reading(
    indicator: str, day: Day, value: Decimal, definition: str, made_of: tuple[Part, ...]
) -> Reading:
    cap = next(iter(day.caps.values()))
    return Reading(
        indicator,
        value,
        Unit.FRACTION,
        day.close.at,
        day.close.session,
        cap.origin.source,
        cap.origin.url,
        cap.origin.fetched_at,
        Status.CONFIRMED,
        definition,
        parts=(
            *made_of,
            *(
                Part(t, cap.usd, Unit.USD, cap.session, cap.origin.source, cap.origin.url)
                for t, cap in day.caps.items()
            ),
        ),
    )


def index_return(evidence: Evidence) -> list[Reading | Missing]:
    """The index alone: every session, whether an exchange's list was read or not."""
    history = evidence.of(INDEX) or PriceHistory(())
    return [
        Reading(
            INDEX_RETURN,
            close.price / BASE_INDEX - 1,
            Unit.FRACTION,
            close.at,
            close.session,
            close.origin.source,
            close.origin.url,
            close.origin.fetched_at,
            Status.CONFIRMED,
            "price index, without dividends",
            parts=(
                Part(
                    "price",
                    close.price,
                    Unit.POINTS,
                    close.session,
                    close.origin.source,
                    close.origin.url,
                ),
            ),
        )
        for close in history.closes[history.first :]
        if close.session > SINCE
    ]


def share_of_gain(evidence: Evidence) -> list[Reading | Missing]:
    """The basket's gain in market value this year over the index's.

    The index's market value is taken to move with its level, from what it was on 2022-11-30.
    """
    whole = sum(BASE_CAPS.values(), Decimal(0)) / BASE_WEIGHT
    history = evidence.of(INDEX) or PriceHistory(())
    ends = _year_ends(evidence)
    found: list[Reading | Missing] = []
    for day in days(SHARE, evidence):
        if isinstance(day, Missing):
            found.append(day)
            continue
        year = day.close.session.year
        base = history.last_by(date(year - 1, 12, 31), YEAR_END_GAP)
        before = ends.get(year - 1)
        if base is None or before is None or set(BASE_CAPS) - set(before):
            reason = f"the market values of the last session of {year - 1} are not known"
            found.append(Missing(SHARE, day.close.at, reason))
            continue
        moved = day.close.price / base.price - 1
        if abs(moved) < SMALLEST_GAIN:
            reason = f"the index moved by {moved:.1%} this year: no share of that can be told"
            found.append(Missing(SHARE, day.close.at, reason))
            continue
        members = [ticker for ticker in MEMBERS if ticker in before and ticker in day.caps]
        gain = sum((day.caps[t].usd - before[t] for t in members), Decimal(0))
        index_gain = whole * (day.close.price - base.price) / BASE_INDEX
        made_of = (
            day.part("AI basket, gained this year", gain, Unit.USD),
            day.part("S&P 500, gained this year", index_gain, Unit.USD),
        )
        definition = "gain of market value since the year's end"
        found.append(_reading(SHARE, day, gain / index_gain, definition, made_of))
    return found


def _year_ends(evidence: Evidence) -> dict[int, dict[str, Decimal]]:
    """By year and company the market value of its last session, in dollars."""
    found = {year: dict(caps) for year, caps in YEAR_END_CAPS.items()}
    for ticker in MEMBERS:
        for cap in (evidence.of(listed_caps(ticker)) or ListedCaps(())).caps:
            if date(cap.session.year, 12, 31) - cap.session <= timedelta(days=5):
                found.setdefault(cap.session.year, {})[ticker] = cap.usd
    return found


GUARD = Guard(dict.fromkeys(MEMBERS, Decimal("0.40")), reach=timedelta(days=6))
CAVEAT = "Whoever lists the winners afterwards finds that they won."
CLAIM = Claim(
    "AI stocks 165%, the index 68%, without them 24% since ChatGPT",
    date(2025, 10, 17),
    "https://africa.businessinsider.com/markets/"
    "jpmorgan-estimates-30-ai-stocks-have-made-americans-dollar5-trillion-richer-in-the/3p1e6l9",
)
NEEDS: tuple[Need[Answer], ...] = (*(listed_caps(ticker) for ticker in MEMBERS), INDEX)
FORMULA_OF_THE_REST = "(1 + return of the index − 0.2791 × (1 + return of the basket)) ÷ 0.7209 − 1"


def _basket(
    key: str,
    names: Names,
    work: Callable[[Day], Decimal],
    formula: str,
    meaning: Meaning,
    article: tuple[str, ...] = (),
    heat: tuple[str, ...] = (),
) -> Indicator:
    return Indicator(
        key=key,
        names=names,
        section=Section.CONCENTRATION,
        unit=Unit.FRACTION,
        cadence=Cadence.SESSION,
        meaning=meaning,
        needs=NEEDS,
        series=functools.partial(returns, key, work, "since 2022-11-30, without dividends"),
        formula=formula,
        caveat=CAVEAT,
        stale_after=A_WEEKEND,
        guard=GUARD,
        claim=CLAIM,
        lines=(*above("article", *article), *above("heat", *heat)),
    )


INDICATORS = (
    _basket(
        AI,
        Names("AI stocks since ChatGPT", "AI 股自 ChatGPT 以來報酬", "AI 股自 ChatGPT 以来回报"),
        lambda day: day.basket - 1,
        "market value of 29 AI companies ÷ that of 30 November 2022 − 1",
        Meaning.HOTTER,
        article=("165%",),
    ),
    Indicator(
        key=INDEX_RETURN,
        names=Names(
            "S&P 500 since ChatGPT", "標普500自 ChatGPT 以來報酬", "标普500自 ChatGPT 以来回报"
        ),
        section=Section.CONCENTRATION,
        unit=Unit.FRACTION,
        cadence=Cadence.SESSION,
        meaning=Meaning.HOTTER,
        needs=(INDEX,),
        series=index_return,
        formula="close of the S&P 500 ÷ 4080.11 − 1",
        caveat="It begins near the low of 2022, which flatters it.",
        stale_after=A_WEEKEND,
        guard=Guard({"price": Decimal("0.40")}),
        claim=CLAIM,
        lines=above("article", "68%"),
    ),
    _basket(
        EX_AI,
        Names(
            "S&P 500 without AI since ChatGPT",
            "非 AI 股自 ChatGPT 以來報酬",
            "非 AI 股自 ChatGPT 以来回报",
        ),
        lambda day: day.rest - 1,
        FORMULA_OF_THE_REST,
        Meaning.SUPPORTIVE,
    ),
    _basket(
        GAP,
        Names(
            "AI stocks less the rest since ChatGPT",
            "AI 股與非 AI 股報酬差",
            "AI 股与非 AI 股回报差",
        ),
        lambda day: day.basket - day.rest,
        "return of the AI basket − return of the rest of the index",
        Meaning.HOTTER,
        heat=("100%", "150%", "200%"),
    ),
    Indicator(
        key=SHARE,
        names=Names("AI's share of this year's gain", "AI 占今年漲幅", "AI 占今年涨幅"),
        section=Section.CONCENTRATION,
        unit=Unit.FRACTION,
        cadence=Cadence.SESSION,
        meaning=Meaning.HOTTER,
        needs=NEEDS,
        series=share_of_gain,
        formula="gain in market value of the AI basket since the year's beginning ÷ "
        "that of the S&P 500",
        caveat="New shares and buy-backs are in it; above 100% the rest has fallen.",
        stale_after=A_WEEKEND,
        guard=GUARD,
        claim=Claim("80% of this year's gain", date(2025, 10, 6)),
        lines=above("heat", "60%", "75%", "90%"),
    ),
)
