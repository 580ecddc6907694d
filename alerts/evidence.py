"""What sources bring and indicators read: typed, dated, and always with its origin.

A *need* names one thing that an indicator reads (the closes of a symbol, the filings of a
company). Each kind of need has one type of answer. `Evidence` maps needs to answers. Answers are
immutable, sorted by date, and merge: a union by date in which the newer fetch wins.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Generic, Self, TypeVar, cast


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a figure was read and when. `source` is a short name: yahoo, sec, ishares, record."""

    source: str
    url: str
    fetched_at: datetime


@dataclass(frozen=True, slots=True)
class Close:
    """One session's last price, in dollars (or points, for an index).

    Split-adjusted to the day of the fetch, never dividend-adjusted. `at` is the instant that the
    price stands for: the session's close, or the minute of the fetch while the session runs.
    """

    session: date
    at: datetime
    price: Decimal
    origin: Origin


@dataclass(frozen=True, slots=True)
class Split:
    """From `session` on, one old share is `ratio` new ones."""

    session: date
    ratio: Decimal


@dataclass(frozen=True)
class PriceHistory:
    closes: tuple[Close, ...]
    splits: tuple[Split, ...] = ()

    def merge(self, newer: PriceHistory) -> PriceHistory:
        """Union by session; where a split became known since, older closes are brought along."""
        fresh = [split for split in newer.splits if split not in self.splits]
        closes = {close.session: _adjusted(close, fresh) for close in self.closes}
        closes |= {close.session: close for close in newer.closes}
        splits = {split.session: split for split in (*self.splits, *newer.splits)}
        return PriceHistory(
            tuple(closes[day] for day in sorted(closes)),
            tuple(splits[day] for day in sorted(splits)),
        )

    def known_by(self, moment: datetime) -> PriceHistory:
        """Splits stay whole: today's adjusted prices need all of them."""
        return PriceHistory(tuple(c for c in self.closes if c.at <= moment), self.splits)

    def since(self, day: date) -> PriceHistory:
        """The closes from `day` on, and the highest of those before it: peaks stay the same."""
        first = bisect_left(self.closes, day, key=lambda close: close.session)
        kept = self.closes[first:]
        return PriceHistory((self.peaks[first - 1], *kept) if first else kept, self.splits)

    def split_ratio_after(self, day: date, until: date | None = None) -> Decimal:
        """How many of today's shares one share of `day` became."""
        ratio = Decimal(1)
        for split in self.splits:
            if split.session > day and (until is None or split.session <= until):
                ratio *= split.ratio
        return ratio

    @cached_property
    def peaks(self) -> tuple[Close, ...]:
        """For each close, the highest close up to and including it."""
        highest: list[Close] = []
        for close in self.closes:
            if highest and highest[-1].price >= close.price:
                highest.append(highest[-1])
            else:
                highest.append(close)
        return tuple(highest)


def _adjusted(close: Close, fresh: Iterable[Split]) -> Close:
    price = close.price
    for split in fresh:
        if close.session < split.session:
            price /= split.ratio
    if price == close.price:
        return close
    return Close(close.session, close.at, price, close.origin)


@dataclass(frozen=True, slots=True)
class ShareCount:
    """Shares of the whole company, all classes, as of a day."""

    as_of: date
    shares: Decimal
    origin: Origin


@dataclass(frozen=True)
class ShareCounts:
    counts: tuple[ShareCount, ...]

    def merge(self, newer: ShareCounts) -> ShareCounts:
        counts = {count.as_of: count for count in (*self.counts, *newer.counts)}
        return ShareCounts(tuple(counts[day] for day in sorted(counts)))

    def known_by(self, moment: datetime) -> ShareCounts:
        return ShareCounts(tuple(c for c in self.counts if c.as_of <= moment.date()))


@dataclass(frozen=True, slots=True)
class ListedCap:
    """A market capitalisation as an exchange's list gives it, in dollars, of the whole company."""

    session: date
    at: datetime
    usd: Decimal
    origin: Origin


@dataclass(frozen=True)
class ListedCaps:
    caps: tuple[ListedCap, ...]

    def merge(self, newer: ListedCaps) -> ListedCaps:
        caps = {cap.session: cap for cap in (*self.caps, *newer.caps)}
        return ListedCaps(tuple(caps[day] for day in sorted(caps)))

    def known_by(self, moment: datetime) -> ListedCaps:
        return ListedCaps(tuple(cap for cap in self.caps if cap.at <= moment))


@dataclass(frozen=True, slots=True)
class Fact:
    """One number of one filing, as SEC company facts give it.

    `tag` carries its taxonomy: `us-gaap:LongTermDebtNoncurrent`. `start` is None for balances.
    """

    tag: str
    unit: str
    start: date | None
    end: date
    value: Decimal
    filed: date
    form: str
    accession: str
    origin: Origin


@dataclass(frozen=True)
class CompanyFacts:
    facts: tuple[Fact, ...]

    def merge(self, newer: CompanyFacts) -> CompanyFacts:
        facts = {
            (f.tag, f.unit, f.start, f.end, f.filed, f.accession): f
            for f in (*self.facts, *newer.facts)
        }
        return CompanyFacts(tuple(sorted(facts.values(), key=lambda f: (f.filed, f.end, f.tag))))

    def known_by(self, moment: datetime) -> CompanyFacts:
        """Only what was filed by that day: a balance sheet is known when it is filed."""
        return CompanyFacts(tuple(f for f in self.facts if f.filed <= moment.date()))

    @cached_property
    def by_tag(self) -> Mapping[str, tuple[Fact, ...]]:
        grouped: dict[str, list[Fact]] = {}
        for fact in self.facts:
            grouped.setdefault(fact.tag, []).append(fact)
        return {tag: tuple(facts) for tag, facts in grouped.items()}

    @cached_property
    def filing_days(self) -> tuple[date, ...]:
        return tuple(sorted({fact.filed for fact in self.facts}))


@dataclass(frozen=True, slots=True)
class Weights:
    """A fund's holdings on a day: fraction of the fund by ticker.

    `dated` is False when the publisher gives no date and `as_of` is only the day of the fetch;
    `estimate` is True when the weights were derived instead of published.
    """

    as_of: date
    fractions: Mapping[str, Decimal]
    dated: bool
    estimate: bool
    origin: Origin


@dataclass(frozen=True)
class FundHoldings:
    days: tuple[Weights, ...]

    def merge(self, newer: FundHoldings) -> FundHoldings:
        """Union by day; a published, dated day is never replaced by a weaker one."""
        days: dict[date, Weights] = {}
        for day in (*self.days, *newer.days):
            known = days.get(day.as_of)
            if known is None or _rank(day) >= _rank(known):
                days[day.as_of] = day
        return FundHoldings(tuple(days[day] for day in sorted(days)))

    def known_by(self, moment: datetime) -> FundHoldings:
        return FundHoldings(tuple(day for day in self.days if day.as_of <= moment.date()))


def _rank(day: Weights) -> int:
    return 2 * (not day.estimate) + day.dated


Answer = PriceHistory | ShareCounts | ListedCaps | CompanyFacts | FundHoldings
T_co = TypeVar("T_co", bound=Answer, covariant=True)


@dataclass(frozen=True, slots=True)
class Need(Generic[T_co]):
    """One thing an indicator reads. `kind` and `subject` identify it in the store."""

    kind: str
    subject: str
    answer: type[T_co]

    def __str__(self) -> str:
        return f"{self.kind}:{self.subject}"


def prices(symbol: str) -> Need[PriceHistory]:
    """Daily closes and splits of a Yahoo symbol (`NVDA`, `^GSPC`)."""
    return Need("prices", symbol, PriceHistory)


def shares(ticker: str) -> Need[ShareCounts]:
    """Whole-company share counts that the market source publishes."""
    return Need("shares", ticker, ShareCounts)


def listed_caps(ticker: str) -> Need[ListedCaps]:
    """Whole-company market capitalisations from an exchange's list."""
    return Need("listed_caps", ticker, ListedCaps)


def statements(ticker: str) -> Need[CompanyFacts]:
    """A company's filed facts."""
    return Need("statements", ticker, CompanyFacts)


def holdings(fund: str) -> Need[FundHoldings]:
    """A fund's holdings by weight (`IVV`)."""
    return Need("holdings", fund, FundHoldings)


class Evidence(Mapping["Need[Answer]", Answer]):
    """Answers by need. Immutable; `merge` gives a new one."""

    def __init__(self, answers: Mapping[Need[Answer], Answer] | None = None) -> None:
        self._answers = dict(answers or {})

    def __getitem__(self, need: Need[Answer]) -> Answer:
        return self._answers[need]

    def __iter__(self) -> Iterator[Need[Answer]]:
        return iter(self._answers)

    def __len__(self) -> int:
        return len(self._answers)

    def of(self, need: Need[T_co]) -> T_co | None:
        """The answer to `need`, or None when no source has given one."""
        answer = self._answers.get(cast("Need[Answer]", need))
        return cast("T_co | None", answer)

    def known_by(self, moment: datetime) -> Self:
        """Only what could be known at that moment: no look-ahead."""
        return type(self)({need: answer.known_by(moment) for need, answer in self.items()})

    def since(self, day: date) -> Self:
        """Without the long tail of prices before `day`; everything else is whole."""
        return type(self)(
            {
                need: answer.since(day) if isinstance(answer, PriceHistory) else answer
                for need, answer in self.items()
            }
        )

    def merge(self, newer: Evidence) -> Self:
        merged = dict(self._answers)
        for need, answer in newer.items():
            known = merged.get(need)
            # Need fixes the answer's type, so both sides are of one type here.
            merged[need] = answer if known is None else known.merge(answer)  # type: ignore[arg-type]
        return type(self)(merged)
