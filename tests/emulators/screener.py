"""A local server that speaks the wire of api.nasdaq.com: the screener's list of all companies.

python -m tests.emulators.screener --port 0
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from aiohttp import web

from tests.emulators.server import Emulator, serve_by_hand


@dataclass(frozen=True, slots=True)
class Quoted:
    """A row's last price and market value, as the text that they are."""

    lastsale: str
    market_cap: str


NVIDIA = Quoted("$177.00", "4301100000000.00")
ALPHABET = Quoted("$320.18", "3863613000000.00")


@dataclass
class ScreenerEmulator(Emulator):
    """Serves `listed` and `others` made-up rows beside it, some of them without a market value."""

    listed: Mapping[str, Quoted] = field(
        default_factory=lambda: {"NVDA": NVIDIA, "GOOGL": ALPHABET, "GOOG": ALPHABET}
    )
    others: int = 3100

    def quote(self, symbol: str, lastsale: str, market_cap: str) -> None:
        self.listed = {**self.listed, symbol: Quoted(lastsale, market_cap)}

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/api/screener/stocks", self._list)]

    async def _list(self, request: web.Request) -> web.StreamResponse:
        made_up = {
            f"Z{number:04}": Quoted("$1.00", "" if number % 50 == 0 else "1000000.00")
            for number in range(self.others)
        }
        rows = [
            {
                "symbol": symbol,
                "name": f"{symbol} Common Stock",
                "lastsale": quoted.lastsale,
                "netchange": "-2.13",
                "pctchange": "-0.982%",
                "volume": "98540439",
                "marketCap": quoted.market_cap,
                "country": "United States",
                "ipoyear": "1999",
                "industry": "Semiconductors",
                "sector": "Technology",
                "url": f"/market-activity/stocks/{symbol.lower()}",
            }
            for symbol, quoted in {**made_up, **self.listed}.items()
        ]
        data = {"asOf": None, "headers": {"symbol": "Symbol"}, "rows": rows}
        status = {"rCode": 200, "bCodeMessage": None, "developerMessage": None}
        return web.json_response({"data": data, "message": None, "status": status})


if __name__ == "__main__":
    serve_by_hand(ScreenerEmulator(), __doc__)
