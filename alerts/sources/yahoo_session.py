"""The HTTP session that yfinance is given. Imported in the child process only."""

from __future__ import annotations

import time
from random import Random
from typing import Any
from urllib.parse import urlsplit

from curl_cffi.requests import Response, Session
from curl_cffi.requests.exceptions import RequestException
from curl_cffi.requests.session import HttpMethod

REFUSALS_TO_BELIEVE = 2
"""yfinance asks a second time with another cookie after an error: one 429 may be the cookie's."""

FAILURES_TO_BELIEVE = 3
"""A first try and the two retries of yfinance."""

JITTER = 0.25
"""This part of a pause is left to chance, so that the bots of this world do not ask in step."""

FIGURES = ("/v7/", "/v8/", "/v10/", "/ws/")
"""Where figures come from; other requests are for cookies, and figures may come without them."""


class GaveUp(Exception):
    """Not sent: Yahoo has refused or been silent often enough in this round.

    Not an OSError, so that yfinance takes it for final.
    """


class YahooSession(Session[Response]):
    """curl_cffi's session, sent to another server when one is set, and keeping a journal.

    yfinance has its addresses as literals (query1, query2, fc, guce, consent .yahoo.com), so they
    are rewritten here, where the last moment is (WIRE.md). Times are in seconds.
    """

    def __init__(self, base_url: str | None, timeout: float) -> None:
        super().__init__(impersonate="chrome")
        self._base_url = base_url.rstrip("/") if base_url else None
        self._timeout = timeout
        self.start_afresh(0)

    def start_afresh(self, pause: float, seed: int = 0) -> None:
        """A new round: an empty journal, and the benefit of the doubt.

        Before each request for figures it waits for `pause`, and up to a quarter more by chance.
        """
        self._pause = pause
        self._random = Random(seed)
        self._statuses: dict[str, int] = {}
        self._refusals = 0
        self._failures = 0
        self._last_failure = ""
        self._crumb_refused = False
        self.retry_after: float | None = None

    @property
    def limited(self) -> bool:
        """Yahoo asked for fewer requests: by status, or by the words in place of a crumb."""
        return self._refusals > 0 or self.crumb_refused

    @property
    def crumb_refused(self) -> bool:
        """Figures that need no crumb may come all the same."""
        refused = self._crumb_refused and 401 in self._statuses.values()
        return refused and self._refusals == 0

    @property
    def silent(self) -> str:
        """How the last request failed when none came through; empty when Yahoo answers."""
        return self._last_failure if self._failures else ""

    def last_status(self, path: str) -> int | None:
        return self._statuses.get(path)

    # The override is looser than the original: yfinance passes everything by name, and to repeat
    # curl_cffi's 35 parameters would say nothing.
    def request(self, method: HttpMethod, url: str, **options: Any) -> Response:  # type: ignore[override]
        if self._refusals >= REFUSALS_TO_BELIEVE or self._failures >= FAILURES_TO_BELIEVE:
            raise GaveUp(url)
        path = urlsplit(url).path
        if self._pause and path.startswith(FIGURES):
            time.sleep(self._pause * (1 + JITTER * self._random.random()))
        options["timeout"] = min(options.get("timeout") or self._timeout, self._timeout)
        try:
            response = super().request(method, self._rewritten(url), **options)
        except RequestException as error:
            if path.startswith(FIGURES):
                self._failures += 1
                self._last_failure = type(error).__name__
            raise
        self._note(path, response)
        return response

    def _rewritten(self, url: str) -> str:
        parts = urlsplit(url)
        host = parts.hostname or ""
        if self._base_url is None or not (host == "yahoo.com" or host.endswith(".yahoo.com")):
            return url
        return self._base_url + (parts.path or "/") + (f"?{parts.query}" if parts.query else "")

    def _note(self, path: str, response: Response) -> None:
        limited = response.status_code == 429
        if not path.startswith(FIGURES):
            self._crumb_refused |= limited or "Too Many Requests" in response.text[:200]
            return
        self._failures = 0
        self._statuses[path] = response.status_code
        self._refusals = self._refusals + 1 if limited else 0
        if limited:
            seconds = response.headers.get("Retry-After") or ""
            self.retry_after = float(seconds) if seconds.isdecimal() else None
