"""A local server that speaks the wire of api.worldbank.org: countries, and their products.

python -m tests.emulators.world_bank --port 0
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from aiohttp import web

from tests.emulators.server import Emulator, serve_by_hand

NAMES = {"USA": "United States", "CHN": "China", "DEU": "Germany", "JPN": "Japan"}
LARGE = {"USA": 27720709000000.0, "CHN": 17794783039552.0, "DEU": 4456081016705.8, "JPN": 4212945}
SUMS = {"WLD": "World", "HIC": "High income"}


def _many() -> dict[str, tuple[str, float | None]]:
    """Two hundred countries: four real ones, the rest made up and small."""
    made_up = {f"X{chr(65 + n // 26)}{chr(65 + n % 26)}": 1e9 + n for n in range(196)}
    return {code: ("2023", usd) for code, usd in {**LARGE, **made_up}.items()}


@dataclass
class WorldBankEmulator(Emulator):
    """Serves `products`: year and dollars by three-letter code; None is a gap, as there are.

    Sums of countries are among them, with the largest values of all.
    """

    products: Mapping[str, tuple[str, float | None]] = field(default_factory=_many)

    def set_product(self, code: str, year: str, usd: float) -> None:
        self.products = {**self.products, code: (year, usd)}

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/v2/country", self._countries),
            web.get("/v2/country/all/indicator/NY.GDP.MKTP.CD", self._products),
        ]

    async def _countries(self, request: web.Request) -> web.StreamResponse:
        rows: list[dict[str, object]] = [
            {
                "id": code,
                "iso2Code": code[:2],
                "name": NAMES.get(code, code.title()),
                "region": {"id": "ECS", "iso2code": "Z7", "value": "Europe & Central Asia"},
                "capitalCity": "",
            }
            for code in self.products
        ]
        rows += [
            {
                "id": code,
                "iso2Code": code[:2],
                "name": name,
                "region": {"id": "NA", "iso2code": "NA", "value": "Aggregates"},
                "capitalCity": "",
            }
            for code, name in SUMS.items()
        ]
        return _page(rows)

    async def _products(self, request: web.Request) -> web.StreamResponse:
        entries = {**self.products, **dict.fromkeys(SUMS, ("2023", 1e14))}
        rows: list[dict[str, object]] = [
            {
                "indicator": {"id": "NY.GDP.MKTP.CD", "value": "GDP (current US$)"},
                "country": {"id": code[:2], "value": NAMES.get(code, SUMS.get(code, code))},
                "countryiso3code": code,
                "date": year,
                "value": usd,
                "unit": "",
                "obs_status": "",
                "decimal": 0,
            }
            for code, (year, usd) in entries.items()
        ]
        return _page(rows)


def _page(rows: list[dict[str, object]]) -> web.Response:
    head = {"page": 1, "pages": 1, "per_page": 400, "total": len(rows), "sourceid": "2"}
    return web.json_response([head, rows])


if __name__ == "__main__":
    serve_by_hand(WorldBankEmulator(), __doc__)
