"""What sources bring and indicators read: typed, dated, and always with its origin.

A *need* names one thing that an indicator reads (the closes of a symbol, the filings of a
company). Each kind of need has one type of answer. `Evidence` maps needs to answers. Answers are
immutable, sorted by date, and merge: a union by date in which the newer fetch wins.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Generic, Self, TypeVar, cast

from alerts.filings import CompanyFacts, Fact
from alerts.origin import Origin
from alerts.published import Figures, NationalGdps, StatedFacts

__all__ = ["CompanyFacts", "Fact", "Figures", "NationalGdps", "Origin", "StatedFacts"]


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


@dataclass(frozen=True, slots=True)
class Dividend:
    """Paid to whoever held a share before `session`, in dollars of today's shares."""

    session: date
    amount: Decimal


@dataclass(frozen=True)
class PriceHistory:
    """`begins`: readings are wanted from this day on; older closes are there to look back at."""

    closes: tuple[Close, ...]
    splits: tuple[Split, ...] = ()
    dividends: tuple[Dividend, ...] = ()
    begins: date | None = None

    def merge(self, newer: PriceHistory) -> PriceHistory:
        """Union by session; where a split became known since, older amounts are brought along."""
        fresh = [split for split in newer.splits if split not in self.splits]
        closes = {close.session: _adjusted(close, fresh) for close in self.closes}
        closes |= {close.session: close for close in newer.closes}
        splits = {split.session: split for split in (*self.splits, *newer.splits)}
        paid = {
            dividend.session: Dividend(
                dividend.session, dividend.amount / _new_shares(dividend.session, fresh)
            )
            for dividend in self.dividends
        }
        paid |= {dividend.session: dividend for dividend in newer.dividends}
        return PriceHistory(
            tuple(closes[day] for day in sorted(closes)),
            tuple(splits[day] for day in sorted(splits)),
            tuple(paid[day] for day in sorted(paid)),
        )

    def known_by(self, moment: datetime) -> PriceHistory:
        """Splits stay whole: today's adjusted prices need all of them."""
        return PriceHistory(
            tuple(c for c in self.closes if c.at <= moment),
            self.splits,
            tuple(d for d in self.dividends if d.session <= moment.date()),
            self.begins,
        )

    def since(self, day: date) -> PriceHistory:
        """The same closes; whoever goes through them begins on that day."""
        return PriceHistory(self.closes, self.splits, self.dividends, day)

    @property
    def first(self) -> int:
        """Where the closes begin for which readings are wanted."""
        if self.begins is None:
            return 0
        return bisect_left(self.closes, self.begins, key=lambda close: close.session)

    def last_by(self, day: date, within: timedelta) -> Close | None:
        """The last close not after a day, unless it is older than `within`."""
        at = bisect_right(self.closes, day, key=lambda close: close.session)
        close = self.closes[at - 1] if at else None
        return close if close is not None and day - close.session <= within else None

    def growth(self, since: date) -> list[tuple[Close, Decimal]]:
        """Every close from `since` on, with what a dollar of the first became, dividends kept in.

        Each dividend buys shares at the close before it: the way adjusted prices are made.
        """
        first = bisect_left(self.closes, since, key=lambda close: close.session)
        paid = {dividend.session: dividend.amount for dividend in self.dividends}
        grown: list[tuple[Close, Decimal]] = []
        level, before = Decimal(1), None
        for close in self.closes[first:]:
            if before is not None:
                amount = paid.get(close.session, Decimal(0))
                level *= close.price / (before.price - amount if amount < before.price
                                        else before.price)  # fmt: skip
            grown.append((close, level))
            before = close
        return grown

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


def _new_shares(session: date, fresh: Iterable[Split]) -> Decimal:
    ratio = Decimal(1)
    for split in fresh:
        if session < split.session:
            ratio *= split.ratio
    return ratio


def _adjusted(close: Close, fresh: Iterable[Split]) -> Close:
    ratio = _new_shares(close.session, fresh)
    if ratio == 1:
        return close
    return Close(close.session, close.at, close.price / ratio, close.origin)


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


Answer = (
    PriceHistory
    | ShareCounts
    | ListedCaps
    | CompanyFacts
    | FundHoldings
    | Figures
    | NationalGdps
    | StatedFacts
)
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


def adjusted_prices(symbol: str) -> Need[PriceHistory]:
    """Closes with dividends already put back in; where `prices` are known these are not needed."""
    return Need("adjusted", symbol, PriceHistory)


def shares(ticker: str) -> Need[ShareCounts]:
    """Whole-company share counts that the market source publishes."""
    return Need("shares", ticker, ShareCounts)


def listed_caps(ticker: str) -> Need[ListedCaps]:
    """Whole-company market capitalisations from an exchange's list."""
    return Need("listed_caps", ticker, ListedCaps)


def statements(ticker: str) -> Need[CompanyFacts]:
    """A company's filed facts."""
    return Need("statements", ticker, CompanyFacts)


def second_statements(ticker: str) -> Need[CompanyFacts]:
    """A company's newest quarters as the market source gives them: to confirm what was filed.

    Its facts count as filed on the day on which they were fetched.
    """
    return Need("second_statements", ticker, CompanyFacts)


def holdings(fund: str) -> Need[FundHoldings]:
    """A fund's holdings by weight (`IVV`)."""
    return Need("holdings", fund, FundHoldings)


def published(series: str) -> Need[Figures]:
    """A series of the Federal Reserve Bank of St. Louis (`BAMLH0A0HYM2`), as published there."""
    return Need("published", series, Figures)


def national_gdp() -> Need[NationalGdps]:
    """The gross domestic product of every country, in dollars."""
    return Need("gdp", "countries", NationalGdps)


def stated(key: str) -> Need[StatedFacts]:
    """A fact that people entered by hand."""
    return Need("stated", key, StatedFacts)


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
        """For readings from `day` on: all that is known stays there to look back at."""
        return type(self)(
            {
                need: answer.since(day)
                if isinstance(answer, PriceHistory | CompanyFacts | Figures)
                else answer
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
