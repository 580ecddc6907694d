"""A local server that speaks the wire of fred.stlouisfed.org: one series as a comma-separated file.

python -m tests.emulators.fred --port 0
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from aiohttp import web

from tests.emulators.server import Emulator, serve_by_hand


@dataclass
class FredEmulator(Emulator):
    """Serves `series`: text by day, `.` and nothing being what FRED writes for missing days.

    `header` is the name of the first column, which FRED changed in December 2024. An unknown series
    is a 404 with a web page.
    """

    series: Mapping[str, Mapping[date, str]] = field(default_factory=dict)
    header: str = "observation_date"

    def publish(self, series: str, values: Mapping[date, str]) -> None:
        known = self.series.get(series, {})
        self.series = {**self.series, series: {**known, **values}}

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/graph/fredgraph.csv", self._file)]

    async def _file(self, request: web.Request) -> web.StreamResponse:
        series = request.query.get("id", "")
        if series not in self.series:
            return web.Response(status=404, text="<html>Not found</html>", content_type="text/html")
        since = date.fromisoformat(request.query.get("cosd", "1776-07-04"))
        rows = [
            f"{day},{text}" for day, text in sorted(self.series[series].items()) if day >= since
        ]
        body = "\n".join((f"{self.header},{series}", *rows, "")).encode()
        etag = f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"'
        if request.headers.get("If-None-Match") == etag:
            return web.Response(status=304, headers={"ETag": etag})
        return web.Response(body=body, content_type="text/csv", headers={"ETag": etag})


SPREAD = {date(2025, 10, 29): "2.76", date(2025, 10, 30): ".", date(2025, 10, 31): "2.81"}

if __name__ == "__main__":
    serve_by_hand(FredEmulator(series={"BAMLH0A0HYM2": SPREAD}), __doc__)
