"""A local server that speaks the wire of data.sec.gov: company facts.

python -m tests.emulators.sec --port 0
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from aiohttp import web

from tests.emulators.server import Emulator, serve_by_hand

LAST_MODIFIED = "Fri, 14 Nov 2025 21:30:00 GMT"
_E_MAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")


@dataclass(frozen=True, slots=True)
class Filed:
    """One row of a company facts page, in the order in which one thinks of it.

    `value` may be anything that JSON can carry, so that wrong types can be served.
    """

    tag: str
    end: date
    value: object
    filed: date
    start: date | None = None
    form: str = "10-Q"
    unit: str = "USD"
    accession: str = ""
    fiscal_year: int | None = None
    fiscal_period: str | None = None
    frame: str | None = None

    def as_json(self) -> dict[str, object]:
        row: dict[str, object] = {} if self.start is None else {"start": self.start.isoformat()}
        row |= {
            "end": self.end.isoformat(),
            "val": self.value,
            "accn": self.accession or f"0000000000-{self.filed:%y}-{self.filed:%j}000",
            "fy": self.fiscal_year,
            "fp": self.fiscal_period,
            "form": self.form,
            "filed": self.filed.isoformat(),
        }
        return row if self.frame is None else row | {"frame": self.frame}


def company_facts(cik: int, name: str, rows: Iterable[Filed]) -> bytes:
    """The page of one company, as the SEC serves it. NaN is written as `NaN`."""
    facts: dict[str, dict[str, dict[str, object]]] = {}
    for row in rows:
        taxonomy, _, tag = row.tag.partition(":")
        concept = facts.setdefault(taxonomy, {}).setdefault(
            tag, {"label": tag, "description": f"What {tag} means.", "units": {}}
        )
        units = concept["units"]
        assert isinstance(units, dict)
        units.setdefault(row.unit, []).append(row.as_json())
    return json.dumps({"cik": cik, "entityName": name, "facts": facts}).encode()


@dataclass
class SecEmulator(Emulator):
    """Serves `facts` (rows by CIK) or, where given, whole `pages` (bytes by CIK).

    Answers 403 without a User-Agent that names a contact, as the SEC does; gzip when accepted;
    ETag and Last-Modified, and 304 to those who have the page. An unknown company is a 404.
    """

    facts: Mapping[int, Iterable[Filed]] = field(default_factory=dict)
    pages: Mapping[int, bytes] = field(default_factory=dict)

    def set_facts(self, cik: int, rows: Iterable[Filed]) -> None:
        self.facts = {**self.facts, cik: tuple(rows)}

    def routes(self) -> list[web.RouteDef]:
        return [web.get(r"/api/xbrl/companyfacts/CIK{cik:\d{10}}.json", self._company_facts)]

    async def _company_facts(self, request: web.Request) -> web.StreamResponse:
        if not _E_MAIL.search(request.headers.get("User-Agent", "")):
            return web.Response(
                status=403,
                text="<html><title>SEC.gov | Your Request Originates from an Undeclared "
                "Automated Tool</title></html>",
                content_type="text/html",
            )
        cik = int(request.match_info["cik"])
        if cik in self.pages:
            body = self.pages[cik]
        elif cik in self.facts:
            body = company_facts(cik, f"COMPANY {cik}", self.facts[cik])
        else:
            return web.Response(
                status=404,
                text="<?xml version='1.0'?><Error><Code>NoSuchKey</Code></Error>",
                content_type="application/xml",
            )
        headers = {
            "ETag": f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"',
            "Last-Modified": LAST_MODIFIED,
        }
        if request.headers.get("If-None-Match") == headers["ETag"]:
            return web.Response(status=304, headers=headers)
        if "gzip" in request.headers.get("Accept-Encoding", ""):
            headers["Content-Encoding"] = "gzip"
            body = gzip.compress(body, compresslevel=1)
        return web.Response(body=body, content_type="application/json", headers=headers)


ORACLE = 1341439
ORACLE_AUGUST_2025 = tuple(
    Filed(f"us-gaap:{tag}", date(2025, 8, 31), value, date(2025, 9, 10))
    for tag, value in (
        ("NotesPayableCurrent", 9_079_000_000),
        ("LongTermNotesAndLoans", 82_236_000_000),
        ("FinanceLeaseLiability", 4_017_000_000),
        ("OperatingLeaseLiability", 16_290_000_000),
    )
)
"""Sums as in CATALOGUE.md A13 (91.315, 95.332 and 111.622 billion); the split of the first is
made up."""

if __name__ == "__main__":
    serve_by_hand(SecEmulator(facts={ORACLE: ORACLE_AUGUST_2025}), __doc__)
