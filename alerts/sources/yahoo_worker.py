"""The one room in which yfinance lives.

Its functions run in a child process (yfinance blocks, and with pandas it weighs 90 MB), take and
return plain values, and never raise: what went wrong is a `Fault`. yfinance, curl_cffi and pandas
are imported inside the functions, since the parent imports this module for its types.

What yfinance makes of an answer is not always to be trusted: `download` turns every error into an
empty frame and tells only a log. So the session keeps a journal of what was really answered, and
stops by itself when Yahoo asks for fewer requests or falls silent, where yfinance would go on to
ask for each symbol twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import ModuleType

    from alerts.sources.yahoo_session import YahooSession


class Trouble(StrEnum):
    RATE_LIMITED = "rate limited"
    UNKNOWN = "unknown"
    """Yahoo answers, and does not have it."""
    UNREACHABLE = "unreachable"
    BROKEN = "broken"
    """Yahoo answers with an error or with nonsense."""


@dataclass(frozen=True, slots=True)
class Fault:
    trouble: Trouble
    text: str
    retry_after: float | None = None
    """Seconds, as Yahoo said."""


@dataclass(frozen=True, slots=True)
class Wire:
    """How to reach Yahoo. Times in seconds; without a base URL it is Yahoo itself."""

    base_url: str | None
    cache_dir: str
    pause: float
    timeout: float
    seed: int = 0
    """Of the part of a pause that is left to chance."""


@dataclass(frozen=True, slots=True)
class Chart:
    """A symbol's daily bars (day and closing price), splits (day and ratio) and dividends.

    Dividends are a day and an amount a share.
    """

    bars: tuple[tuple[date, float], ...] = ()
    splits: tuple[tuple[date, float], ...] = ()
    dividends: tuple[tuple[date, float], ...] = ()
    fault: Fault | None = None


@dataclass(frozen=True, slots=True)
class Quote:
    """The last trade of regular hours: price, Unix time, and the close of the day before."""

    price: float
    at: float | None
    previous_close: float | None


@dataclass(frozen=True, slots=True)
class Company:
    """What `info` says of a company; None where it is silent."""

    implied_shares: float | None
    market_cap: float | None
    price: float | None
    currency: str | None
    financial_currency: str | None
    quote_type: str | None


TopHoldings = tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class StatementRow:
    """A quarter of one statement: the lines that have a figure, in dollars, by Yahoo's names."""

    statement: str
    end: date
    figures: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Statements:
    rows: tuple[StatementRow, ...]


QUOTES_A_REQUEST = 100
_QUOTE_PATH = "/v7/finance/quote"

_TABLES = {
    "balance": "quarterly_balance_sheet",
    "cash": "quarterly_cashflow",
    "income": "quarterly_income_stmt",
}
LINES = {
    "balance": ("Total Debt", "Accounts Receivable", "Inventory"),
    "cash": ("Operating Cash Flow", "Capital Expenditure", "Free Cash Flow"),
    "income": (
        "Total Revenue",
        "Cost Of Revenue",
        "Gross Profit",
        "Operating Income",
        "Interest Expense",
        "Net Income",
    ),
}
"""What is taken of each statement."""


@dataclass(frozen=True, slots=True)
class Details:
    companies: dict[str, Company | Fault]
    funds: dict[str, TopHoldings | Fault]
    statements: dict[str, Statements | Fault]


def fetch_charts(wire: Wire, symbols: tuple[str, ...], start: date, end: date) -> dict[str, Chart]:
    """Daily bars of all symbols from `start` until the day before `end`, in one download."""
    try:
        yfinance, session = _connected(wire)
        frame = yfinance.download(
            list(symbols),
            start=start,
            end=end,
            interval="1d",
            auto_adjust=False,
            actions=True,
            repair=False,
            threads=False,
            progress=False,
            group_by="ticker",
            timeout=wire.timeout,
            session=session,
        )
        return {symbol: _chart(frame[symbol.upper()], symbol, session) for symbol in symbols}
    except Exception as error:
        # download() itself never raises for a symbol: this is a bug, or a change of its shape.
        fault = Fault(Trouble.BROKEN, f"yfinance failed: {error!r}")
        return {symbol: Chart(fault=fault) for symbol in symbols}


def fetch_quotes(wire: Wire, symbols: tuple[str, ...]) -> dict[str, Quote] | Fault:
    """Last trades, a hundred symbols a request; what Yahoo does not know is left out.

    yfinance asks the same address for one symbol at a time (its scrapers/quote.py), and guards it
    with the same crumb.
    """
    from yfinance.data import YfData

    quotes: dict[str, Quote] = {}
    _, session = _connected(wire)
    try:
        for first in range(0, len(symbols), QUOTES_A_REQUEST):
            some = ",".join(symbols[first : first + QUOTES_A_REQUEST])
            answer = YfData(session=session).get_raw_json(
                f"https://query1.finance.yahoo.com{_QUOTE_PATH}",
                params={"symbols": some, "formatted": "false"},
                timeout=wire.timeout,
            )
            for row in answer["quoteResponse"]["result"]:
                price = _number(row.get("regularMarketPrice"))
                if price is not None:
                    at, before = row.get("regularMarketTime"), row.get("regularMarketPreviousClose")
                    quotes[row["symbol"]] = Quote(price, _number(at), _number(before))
    except Exception as error:
        if session.crumb_refused:
            return Fault(Trouble.BROKEN, f"Yahoo answered {symbols[0]} without figures")
        return _fault(session, _QUOTE_PATH, symbols[0], error)
    return quotes


def fetch_details(
    wire: Wire,
    tickers: tuple[str, ...],
    funds: tuple[str, ...],
    statements: tuple[tuple[str, tuple[str, ...]], ...] = (),
) -> Details:
    """What is asked once a day: share counts, top holdings of funds, and statements by ticker."""
    details = Details({}, {}, {})
    try:
        yfinance, session = _connected(wire)
    except Exception as error:
        fault = Fault(Trouble.BROKEN, f"yfinance failed: {error!r}")
        asked = [ticker for ticker, _ in statements]
        return Details(
            dict.fromkeys(tickers, fault), dict.fromkeys(funds, fault), dict.fromkeys(asked, fault)
        )
    for ticker in tickers:
        details.companies[ticker] = _company(yfinance, session, ticker)
    for fund in funds:
        details.funds[fund] = _top_holdings(yfinance, session, fund)
    for ticker, kinds in statements:
        details.statements[ticker] = _statements(yfinance, session, ticker, kinds)
    return details


@cache
def _session(base_url: str | None, timeout: float) -> YahooSession:
    """The session for these settings; a child that lives on keeps its cookies."""
    from alerts.sources.yahoo_session import YahooSession

    return YahooSession(base_url, timeout)


@cache
def _yfinance(cache_dir: str) -> ModuleType:
    """yfinance, set up for us: exceptions shown, transient errors tried three times."""
    import logging
    import warnings

    import yfinance

    # What pandas tells yfinance's authors is nothing to tell our readers.
    warnings.filterwarnings("ignore", module=r"yfinance\.")
    yfinance.config.debug.hide_exceptions = False
    yfinance.config.network.retries = 2
    yfinance.set_tz_cache_location(cache_dir)
    # download() logs each failure at length; the journal tells us, and we tell people.
    logging.getLogger("yfinance").setLevel(logging.CRITICAL)
    module: ModuleType = yfinance
    return module


def _connected(wire: Wire) -> tuple[ModuleType, YahooSession]:
    from yfinance.data import YfData

    yfinance, session = _yfinance(wire.cache_dir), _session(wire.base_url, wire.timeout)
    session.start_afresh(wire.pause, wire.seed)
    # A 5xx would otherwise be answered from yfinance's cache for as long as the process lives.
    data = YfData(session=session)
    data.cache_get.cache_clear()
    # Once a statement failed, yfinance would ask for it in pieces from then on.
    data.fundamentals_use_chunked = False
    return yfinance, session


def _chart(frame: Any, symbol: str, session: YahooSession) -> Chart:
    closes = frame["Close"].dropna()
    if closes.empty:
        return Chart(fault=_fault(session, f"/v8/finance/chart/{symbol.upper()}", symbol))
    splits, paid = (frame[name].dropna() for name in ("Stock Splits", "Dividends"))
    return Chart(
        tuple((stamp.date(), float(price)) for stamp, price in closes.items()),
        tuple((stamp.date(), float(ratio)) for stamp, ratio in splits.items() if ratio),
        tuple((stamp.date(), float(amount)) for stamp, amount in paid.items() if amount),
    )


def _company(yfinance: ModuleType, session: YahooSession, ticker: str) -> Company | Fault:
    path = f"/v10/finance/quoteSummary/{ticker}"
    if session.limited:
        return _fault(session, path, ticker)
    try:
        info = yfinance.Ticker(ticker, session=session).info
    except Exception as error:
        return _fault(session, path, ticker, error)
    return Company(
        _number(info.get("impliedSharesOutstanding")),
        _number(info.get("marketCap")),
        _number(info.get("regularMarketPrice") or info.get("currentPrice")),
        _word(info.get("currency")),
        _word(info.get("financialCurrency")),
        _word(info.get("quoteType")),
    )


def _top_holdings(yfinance: ModuleType, session: YahooSession, fund: str) -> TopHoldings | Fault:
    path = f"/v10/finance/quoteSummary/{fund}"
    if session.limited:
        return _fault(session, path, fund)
    try:
        table = yfinance.Ticker(fund, session=session).funds_data.top_holdings
        percents = table["Holding Percent"]
        return tuple((str(symbol), float(fraction)) for symbol, fraction in percents.items())
    except Exception as error:
        return _fault(session, path, fund, error)


def _statements(
    yfinance: ModuleType, session: YahooSession, ticker: str, kinds: tuple[str, ...]
) -> Statements | Fault:
    path = f"/ws/fundamentals-timeseries/v1/finance/timeseries/{ticker}"
    if session.limited:
        return _fault(session, path, ticker)
    rows: list[StatementRow] = []
    try:
        company = yfinance.Ticker(ticker, session=session)
        for kind in kinds:
            for end, column in getattr(company, _TABLES[kind]).items():
                figures = column.dropna()
                lines = tuple((n, float(figures[n])) for n in LINES[kind] if n in figures.index)
                rows.append(StatementRow(kind, end.date(), lines))
    except Exception as error:
        return _fault(session, path, ticker, error)
    return Statements(tuple(rows))


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None


def _word(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _fault(session: YahooSession, path: str, symbol: str, error: Exception | None = None) -> Fault:
    """Why nothing came back, as the journal of the session tells it."""
    if session.limited:
        return Fault(
            Trouble.RATE_LIMITED, "Yahoo asks for fewer requests (429)", session.retry_after
        )
    if session.silent:
        return Fault(Trouble.UNREACHABLE, f"Yahoo does not answer ({session.silent})")
    status = session.last_status(path)
    if status == 404:
        return Fault(Trouble.UNKNOWN, f"Yahoo does not know {symbol}")
    if status is not None and status >= 400:
        return Fault(Trouble.BROKEN, f"Yahoo answered {symbol} with an error ({status})")
    what = f" ({type(error).__name__})" if error else ""
    return Fault(Trouble.BROKEN, f"Yahoo answered {symbol} without figures{what}")
