"""Fetching pages politely: what the sources over plain HTTP share.

Every request has a timeout and a size limit, hosts are given time between requests, unchanged
pages are not sent twice, and a server that refuses is left alone for a while.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import TypedDict

import httpx

from alerts.clock import Clock
from alerts.sources import SourceUnavailable
from alerts.sources.circuit import Circuit

MAX_BYTES = 64 * 1024 * 1024
"""No page that we read comes near it: the longest company facts have some 15 MB."""

SERVER_ERRORS_IN_A_ROW = 3
REFUSALS = {403, 429}
"""SEC answers 403, not 429, to those who ask too often or give no contact (CATALOGUE section 2)."""


class NoAnswer(SourceUnavailable):
    """The server could not be reached, or fell silent: asking it for more now is useless."""


@dataclass(frozen=True, slots=True)
class Page:
    path: str
    body: bytes
    content_type: str
    etag: str | None
    last_modified: str | None


class _Validator(TypedDict):
    etag: str | None
    last_modified: str | None
    proof: str


class Pages:
    """The pages of one host.

    Conditional requests need a *proof*: a short text that the caller derives from the evidence
    that it already has. The validators of a page are sent only when the proof is the one they
    were kept with, so that a page whose content was lost (a crash before the commit, a tag that
    is wanted since) is fetched in full again.
    """

    def __init__(
        self,
        source: str,
        base_url: str,
        user_agent: str,
        clock: Clock,
        cache_dir: Path,
        *,
        interval: timedelta,
        timeout: timedelta,
    ) -> None:
        self.host = httpx.URL(base_url).host
        self._source = source
        self._base_url = base_url.rstrip("/")
        self._clock = clock
        self._interval = interval
        self._timeout = timeout
        self._kept_in = cache_dir / f"{source}-validators.json"
        self._validators: dict[str, _Validator] | None = None
        self._circuit = Circuit(source, clock)
        self._server_errors = 0
        self._last_request: datetime | None = None
        self._turn = asyncio.Lock()
        self._client = httpx.AsyncClient(
            headers={"User-Agent": user_agent, "Accept-Encoding": "gzip"},
            timeout=timeout.total_seconds(),
            follow_redirects=True,
            max_redirects=3,
        )

    async def get(self, path: str, proof: str | None = None) -> Page | None:
        """The page at `path`, or None when it has not changed since it was kept with `proof`.

        Raises NoAnswer when the host is out of reach, SourceUnavailable for any other failure.
        """
        async with self._turn:
            self._circuit.check()
            headers = await self._conditions(path, proof)
            await self._wait_for_turn()
            response, body = await self._request(path, headers)
        if response.status_code == httpx.codes.NOT_MODIFIED and headers:
            self._answered()
            return None
        if response.status_code != httpx.codes.OK:
            raise self._refused(response)
        self._answered()
        return Page(
            path,
            body,
            response.headers.get("Content-Type", ""),
            response.headers.get("ETag"),
            response.headers.get("Last-Modified"),
        )

    async def keep(self, page: Page, proof: str) -> None:
        """Remember that evidence with this proof holds all that the page says."""
        validators = await self._load()
        if page.etag is None and page.last_modified is None:
            validators.pop(page.path, None)
        else:
            validators[page.path] = {
                "etag": page.etag,
                "last_modified": page.last_modified,
                "proof": proof,
            }
        await asyncio.to_thread(_write, self._kept_in, json.dumps(validators))

    async def close(self) -> None:
        await self._client.aclose()

    async def _conditions(self, path: str, proof: str | None) -> dict[str, str]:
        validator = (await self._load()).get(path)
        if proof is None or validator is None or validator["proof"] != proof:
            return {}
        headers = {
            "If-None-Match": validator["etag"],
            "If-Modified-Since": validator["last_modified"],
        }
        return {name: value for name, value in headers.items() if value is not None}

    async def _load(self) -> dict[str, _Validator]:
        if self._validators is None:
            self._validators = await asyncio.to_thread(_read, self._kept_in)
        return self._validators

    async def _wait_for_turn(self) -> None:
        if self._last_request is not None:
            wait = self._last_request + self._interval - self._clock.now()
            if wait > timedelta(0):
                await self._clock.sleep(wait.total_seconds())
        self._last_request = self._clock.now()

    async def _request(self, path: str, headers: dict[str, str]) -> tuple[httpx.Response, bytes]:
        url = self._base_url + path
        body = bytearray()
        try:
            # httpx limits each read; this limits the whole, for servers that drip.
            async with (
                asyncio.timeout(2 * self._timeout.total_seconds()),
                self._client.stream("GET", url, headers=headers) as response,
            ):
                async for chunk in response.aiter_bytes():
                    body += chunk
                    if len(body) > MAX_BYTES:
                        raise SourceUnavailable(self._source, f"{self.host} sent an endless page")
                return response, bytes(body)
        except (httpx.TimeoutException, TimeoutError) as error:
            seconds = f"{self._timeout.total_seconds():g}"
            raise NoAnswer(
                self._source, f"{self.host} did not answer within {seconds} s"
            ) from error
        except httpx.ConnectError as error:
            raise NoAnswer(self._source, f"{self.host} cannot be reached") from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise SourceUnavailable(
                self._source, f"the answer of {self.host} broke off or made no sense ({error})"
            ) from error

    def _answered(self) -> None:
        self._server_errors = 0
        self._circuit.close()

    def _refused(self, response: httpx.Response) -> SourceUnavailable:
        status = response.status_code
        retry_after = _retry_after(response.headers.get("Retry-After"), self._clock.now())
        if status in REFUSALS:
            what = "asks for fewer requests" if status == 429 else "refuses to answer us"
            return self._circuit.open(f"{self.host} {what} ({status})", retry_after)
        if status < 500:
            what = "has no such page" if status in {404, 410} else "gave no page"
            return SourceUnavailable(self._source, f"{self.host} {what} ({status})")
        self._server_errors += 1
        reason = f"{self.host} is in trouble ({status})"
        if self._server_errors >= SERVER_ERRORS_IN_A_ROW or retry_after is not None:
            return self._circuit.open(reason, retry_after)
        return SourceUnavailable(self._source, reason)


def _retry_after(header: str | None, now: datetime) -> timedelta | None:
    """The header's seconds or date, as the time to wait; None when it says nothing usable."""
    if header is None:
        return None
    try:
        if header.strip().isdecimal():
            return timedelta(seconds=int(header))
        when = parsedate_to_datetime(header)
    except (ValueError, OverflowError):
        return None
    return (when if when.tzinfo else when.replace(tzinfo=UTC)) - now


def _read(path: Path) -> dict[str, _Validator]:
    """The validators kept in a file; none when it is not there or not readable as such."""
    try:
        entries: object = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    kept: dict[str, _Validator] = {}
    for page, entry in entries.items() if isinstance(entries, dict) else ():
        if isinstance(entry, dict) and isinstance(entry.get("proof"), str):
            kept[page] = {
                "etag": entry.get("etag"),
                "last_modified": entry.get("last_modified"),
                "proof": entry["proof"],
            }
    return kept


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    partial.write_text(text)
    partial.replace(path)
