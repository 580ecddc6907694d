"""A local server that speaks the wire of Yahoo Finance, as far as yfinance 1.7 asks it.

    python -m tests.emulators.yahoo --port 0

One server stands for all of Yahoo's hosts: the cookie (fc.yahoo.com), the consent pages
(guce and consent.yahoo.com), the crumb, chart, quoteSummary, quote and timeseries.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from aiohttp import web

from tests.emulators.server import Emulator, serve_by_hand

NEW_YORK = ZoneInfo("America/New_York")
_crumbs = (f"eMu.lat0r{number}" for number in itertools.count())
Closes = Mapping[date, float | None]


@dataclass(frozen=True, slots=True)
class Listed:
    """What quoteSummary and quote say of a company; None is left out of the answer."""

    implied_shares: float | None
    market_cap: float | None = None
    price: float | None = None
    currency: str | None = "USD"
    financial_currency: str | None = "USD"
    quote_type: str = "EQUITY"


def opening(day: date) -> int:
    """The stamp that Yahoo gives a daily bar: 09:30 in New York, as Unix time."""
    return int(datetime.combine(day, time(9, 30), NEW_YORK).timestamp())


@dataclass
class YahooEmulator(Emulator):
    """Serves closes by symbol and day (None is a row of nulls), splits, dividends, and more.

    A symbol without closes is unknown. `guards_crumb` makes quoteSummary and quote refuse
    requests without the right crumb, as Yahoo does; `crumb_refused` answers the crumb request
    with «Too Many Requests» in the body, with that status. `newest_twice` repeats the last bar
    with the stamp of the last trade, as Yahoo does while the session runs.
    """

    closes: Mapping[str, Closes] = field(default_factory=dict)
    splits: Mapping[str, Mapping[date, tuple[int, int]]] = field(default_factory=dict)
    dividends: Mapping[str, Mapping[date, float]] = field(default_factory=dict)
    companies: Mapping[str, Listed] = field(default_factory=dict)
    funds: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    statements: Mapping[str, Mapping[str, Mapping[date, float | None]]] = field(
        default_factory=dict
    )
    """By symbol and by Yahoo's name of a line (`TotalDebt`): amounts by quarter; None is absent."""
    guards_crumb: bool = True
    crumb_refused: int | None = None
    newest_twice: bool = False
    now: Callable[[], datetime] | None = None
    """When the last trades were at the latest; without it the newest session is over."""
    crumb: str = field(default_factory=lambda: next(_crumbs), init=False)
    """Of this server only: yfinance keeps its crumb as long as its process lives."""

    def set_close(self, symbol: str, day: date, price: float | None) -> None:
        self.closes = {**self.closes, symbol: {**self.closes.get(symbol, {}), day: price}}

    def drop_close(self, symbol: str, day: date) -> None:
        kept = {d: price for d, price in self.closes[symbol].items() if d != day}
        self.closes = {**self.closes, symbol: kept}

    def set_split(self, symbol: str, day: date, new: int, old: int) -> None:
        """A split as it becomes known: older closes are served divided from now on."""
        adjusted = {
            d: price * old / new if price is not None and d < day else price
            for d, price in self.closes[symbol].items()
        }
        self.closes = {**self.closes, symbol: adjusted}
        self.splits = {**self.splits, symbol: {**self.splits.get(symbol, {}), day: (new, old)}}

    def chart_requests(self, symbol: str = "") -> list[Mapping[str, str]]:
        """The queries for whole charts; those for a time zone alone (range=1d) are not among."""
        path = f"/v8/finance/chart/{symbol}"
        return [
            seen.query for seen in self.requests if path in seen.path and "period1" in seen.query
        ]

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/", self._cookie),
            web.get("/consent", self._consent),
            web.get("/copyConsent", self._empty),
            web.post("/v2/collectConsent", self._empty),
            web.get("/v1/test/getcrumb", self._crumb),
            web.get("/v8/finance/chart/{symbol}", self._chart),
            web.get("/v10/finance/quoteSummary/{symbol}", self._quote_summary),
            web.get("/v7/finance/quote", self._quote),
            web.get("/ws/fundamentals-timeseries/v1/finance/timeseries/{symbol}", self._timeseries),
        ]

    # -- cookie, consent, crumb

    async def _cookie(self, _: web.Request) -> web.StreamResponse:
        response = web.Response(status=404, text="<html>Not Found</html>", content_type="text/html")
        response.set_cookie("A3", "d=emulated&S=1", path="/", max_age=31_557_600, httponly=True)
        return response

    async def _consent(self, _: web.Request) -> web.StreamResponse:
        page = (
            '<html><form method="post"><input type="hidden" name="csrfToken" value="t0ken"/>'
            '<input type="hidden" name="sessionId" value="3_cc-session_1"/></form></html>'
        )
        return web.Response(text=page, content_type="text/html")

    async def _empty(self, _: web.Request) -> web.StreamResponse:
        return web.Response(text="<html></html>", content_type="text/html")

    async def _crumb(self, _: web.Request) -> web.StreamResponse:
        if self.crumb_refused is not None:
            return web.Response(status=self.crumb_refused, text="Too Many Requests\r\n")
        return web.Response(text=self.crumb)

    def _refuses(self, request: web.Request) -> bool:
        return self.guards_crumb and request.query.get("crumb") != self.crumb

    # -- prices

    async def _chart(self, request: web.Request) -> web.StreamResponse:
        symbol = request.match_info["symbol"]
        closes = self.closes.get(symbol)
        if closes is None:
            return _error("chart", 404, "Not Found", "No data found, symbol may be delisted")
        if "period1" in request.query:
            first, last = int(request.query["period1"]), int(request.query["period2"])
        else:
            first, last = 0, opening(max(closes))
        rows = {day: closes[day] for day in sorted(closes) if first <= opening(day) <= last}
        if not rows and "period1" in request.query:
            span = f"startDate = {first}, endDate = {last}"
            return _error("chart", 400, "Bad Request", f"Data doesn't exist for {span}")
        return web.json_response({"chart": {"result": [self._result(symbol, rows)], "error": None}})

    def _result(self, symbol: str, rows: Mapping[date, float | None]) -> dict[str, object]:
        stamps = [opening(day) for day in rows]
        prices = list(rows.values())
        if self.newest_twice and stamps:
            stamps.append(stamps[-1] + 3600)
            prices.append(prices[-1])
        quote = dict.fromkeys(("open", "high", "low", "close"), prices)
        volumes = [None if price is None else 1_000_000 for price in prices]
        result: dict[str, object] = {
            "meta": _meta(symbol),
            "timestamp": stamps,
            "indicators": {
                "quote": [{**quote, "volume": volumes}],
                "adjclose": [{"adjclose": [p and round(p * 0.97, 6) for p in prices]}],
            },
        }
        splits = {
            str(opening(day)): {
                "date": opening(day),
                "numerator": float(new),
                "denominator": float(old),
                "splitRatio": f"{new}:{old}",
            }
            for day, (new, old) in self.splits.get(symbol, {}).items()
            if stamps and opening(day) >= stamps[0]
        }
        dividends = {
            str(opening(day)): {"date": opening(day), "amount": amount}
            for day, amount in self.dividends.get(symbol, {}).items()
            if stamps and opening(day) >= stamps[0]
        }
        events: dict[str, object] = {}
        if splits:
            events["splits"] = splits
        if dividends:
            events["dividends"] = dividends
        return result | ({"events": events} if events else {})

    # -- companies and funds

    async def _quote_summary(self, request: web.Request) -> web.StreamResponse:
        if self._refuses(request):
            return _error("finance", 401, "Unauthorized", "Invalid Crumb")
        symbol = request.match_info["symbol"]
        modules = request.query.get("modules", "").split(",")
        found = self._company_modules(symbol) | self._fund_modules(symbol)
        if not found:
            reason = f"Quote not found for symbol: {symbol}"
            return _error("quoteSummary", 404, "Not Found", reason)
        result = {name: found[name] for name in modules if name in found}
        return web.json_response({"quoteSummary": {"result": [result], "error": None}})

    def _company_modules(self, symbol: str) -> dict[str, object]:
        company = self.companies.get(symbol)
        if company is None:
            return {}
        return {
            "quoteType": {"quoteType": company.quote_type, "symbol": symbol, "maxAge": 1},
            "defaultKeyStatistics": _without_none(
                {
                    "impliedSharesOutstanding": company.implied_shares,
                    # Of one class only: nobody should ever use it.
                    "sharesOutstanding": company.implied_shares and company.implied_shares * 0.48,
                    "maxAge": 1,
                }
            ),
            "summaryDetail": _without_none(
                {"marketCap": company.market_cap, "currency": company.currency, "maxAge": 1}
            ),
            "financialData": _without_none(
                {"currentPrice": company.price, "financialCurrency": company.financial_currency}
            ),
            "assetProfile": {"companyOfficers": [], "country": "United States", "maxAge": 86400},
        }

    def _fund_modules(self, symbol: str) -> dict[str, object]:
        fund = self.funds.get(symbol)
        if fund is None:
            return {}
        return {
            "quoteType": {"quoteType": "ETF", "symbol": symbol, "maxAge": 1},
            "summaryProfile": {"longBusinessSummary": "A trust.", "maxAge": 86400},
            "topHoldings": {
                "stockPosition": 0.999,
                "cashPosition": 0.001,
                "holdings": [
                    {"symbol": name, "holdingName": f"{name} Inc", "holdingPercent": fraction}
                    for name, fraction in fund.items()
                ],
                "equityHoldings": {"priceToEarnings": 0.035},
                "bondRatings": [{"us_government": 0}],
                "sectorWeightings": [{"technology": 0.36}],
                "maxAge": 1,
            },
            "fundProfile": {"categoryName": "Large Blend", "family": "SPDR", "maxAge": 1},
        }

    async def _quote(self, request: web.Request) -> web.StreamResponse:
        if self._refuses(request):
            return _error("finance", 401, "Unauthorized", "Invalid Crumb")
        asked = request.query.get("symbols", "").split(",")
        known = [symbol for symbol in asked if symbol in self.companies or symbol in self.closes]
        result = [self._last_trade(symbol) | self._listing(symbol) for symbol in known]
        return web.json_response({"quoteResponse": {"result": result, "error": None}})

    def _last_trade(self, symbol: str) -> dict[str, object]:
        """Of regular hours. Yahoo's close of the day before is in the shares of today."""
        traded = [(d, p) for d, p in sorted(self.closes.get(symbol, {}).items()) if p is not None]
        if self.now is not None:
            traded = [(day, price) for day, price in traded if opening(day) <= _unix(self.now())]
        if not traded:
            return {"symbol": symbol}
        (day, price), before = traded[-1], traded[-2][1] if len(traded) > 1 else None
        at = int(datetime.combine(day, time(16, 0, 1), NEW_YORK).timestamp())
        return _without_none(
            {
                "symbol": symbol,
                "marketState": "CLOSED",
                "exchangeTimezoneName": "America/New_York",
                "regularMarketPrice": price,
                "regularMarketTime": at if self.now is None else min(at, _unix(self.now())),
                "regularMarketPreviousClose": before,
            }
        )

    def _listing(self, symbol: str) -> dict[str, object]:
        company = self.companies.get(symbol)
        if company is None:
            return {"currency": "USD", "quoteType": "INDEX" if symbol[0] == "^" else "EQUITY"}
        return _without_none(
            {
                "quoteType": company.quote_type,
                "currency": company.currency,
                "financialCurrency": company.financial_currency,
                "regularMarketPrice": company.price,
                "marketCap": company.market_cap,
            }
        )

    async def _timeseries(self, request: web.Request) -> web.StreamResponse:
        """One result a line that was asked for; without any amounts it is only its `meta`."""
        symbol = request.match_info["symbol"]
        lines = self.statements.get(symbol, {})
        asked = [name.strip() for name in request.query.get("type", "").split(",")]
        result: list[dict[str, object]] = []
        for name in asked:
            amounts = lines.get(name.removeprefix("quarterly"), {})
            entry: dict[str, object] = {"meta": {"symbol": [symbol], "type": [name]}}
            if amounts and name.startswith("quarterly"):
                entry["timestamp"] = [_midnight(day) for day in amounts]
                entry[name] = [
                    _reported(day, amount) for day, amount in amounts.items() if amount is not None
                ]
            result.append(entry)
        return web.json_response({"timeseries": {"result": result, "error": None}})


def _meta(symbol: str) -> dict[str, object]:
    index = symbol.startswith("^")
    return {
        "currency": "USD",
        "symbol": symbol,
        "exchangeName": "SNP" if index else "NMS",
        "instrumentType": "INDEX" if index else "EQUITY",
        "firstTradeDate": 917015400,
        "regularMarketTime": 1764363600,
        "gmtoffset": -18000,
        "timezone": "EST",
        "exchangeTimezoneName": "America/New_York",
        "priceHint": 2,
        "dataGranularity": "1d",
        "range": "",
        "validRanges": ["1d", "5d", "1mo", "3mo", "6mo", "1y", "2y", "5y", "10y", "ytd", "max"],
    }


def _unix(moment: datetime) -> int:
    return int(moment.timestamp())


def _midnight(day: date) -> int:
    return int(datetime.combine(day, time(), UTC).timestamp())


def _reported(day: date, amount: float) -> dict[str, object]:
    return {
        "dataId": 20_000,
        "asOfDate": day.isoformat(),
        "periodType": "3M",
        "currencyCode": "USD",
        "reportedValue": {"raw": amount, "fmt": f"{amount / 1e9:.2f}B"},
    }


def _error(envelope: str, status: int, code: str, description: str) -> web.Response:
    error = {"code": code, "description": description}
    return web.json_response({envelope: {"result": None, "error": error}}, status=status)


def _without_none(fields: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in fields.items() if value is not None}


def every_day(days: Iterable[date], first: float, step: float) -> dict[date, float | None]:
    """A made-up line of prices: `first`, and `step` more each day."""
    return {day: round(first + step * at, 2) for at, day in enumerate(days)}


def _by_hand() -> YahooEmulator:
    """Made-up lines of prices until yesterday, around real levels of autumn 2025."""
    today = datetime.now(UTC).date()  # the emulator is a program of its own, outside the clock
    back = [today - timedelta(days=age) for age in range(400, 0, -1)]
    weekdays = [day for day in back if day.weekday() < 5]
    return YahooEmulator(
        closes={
            "NVDA": every_day(weekdays, 150.0, 0.2),
            "GOOGL": every_day(weekdays, 250.0, 0.2),
            "^GSPC": every_day(weekdays, 6000.0, 3.0),
        },
        companies={
            "NVDA": Listed(24_300_000_000),
            "GOOGL": Listed(12_077_000_000),
        },
        funds={"SPY": {"NVDA": 0.0782, "AAPL": 0.0702, "MSFT": 0.0649}},
    )


if __name__ == "__main__":
    serve_by_hand(_by_hand(), __doc__)
