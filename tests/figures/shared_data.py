"""The real figures beside the checkout, as evidence: for whoever has ../shared/data."""

from __future__ import annotations

import csv
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path

from alerts.evidence import (
    Answer,
    Close,
    CompanyFacts,
    Evidence,
    FundHoldings,
    Need,
    Origin,
    PriceHistory,
    Weights,
    adjusted_prices,
    holdings,
    prices,
    statements,
)
from alerts.indicators import filing_tags
from alerts.market_hours import closing_bell
from alerts.sources.holdings import read_holdings
from alerts.sources.sec import read_company_facts

FOLDER = Path(__file__).parents[3] / "shared" / "data"
NVIDIA = 1045810
KNOWN_BY = date(2025, 11, 30)


def origin(name: str) -> Origin:
    return Origin("shared data", f"../shared/data/{name}", datetime(2025, 11, 30, tzinfo=UTC))


@cache
def shared_evidence() -> Evidence | None:
    """Prices since 1990, Nvidia's filings and two days of the fund; None without the folder."""
    if not FOLDER.exists():
        return None
    return _prices().merge(_filings()).merge(_weights())


def _prices() -> Evidence:
    name = "prices_daily_adjclose_1990_2025-11.csv"
    closes: dict[str, list[Close]] = {}
    with (FOLDER / name).open(newline="") as lines:
        for row in csv.DictReader(lines):
            session = date.fromisoformat(row["date"])
            for symbol, price in row.items():
                if symbol != "date" and price:
                    close = Close(session, closing_bell(session), Decimal(price), origin(name))
                    closes.setdefault(symbol, []).append(close)
    answers: dict[Need[Answer], Answer] = {}
    for symbol, known in closes.items():
        # The index is a plain close; all else has its dividends in it already.
        need = prices("^GSPC") if symbol == "GSPC" else adjusted_prices(symbol)
        answers[need] = PriceHistory(tuple(known))
    return Evidence(answers)


def _filings() -> Evidence:
    name = "companyfacts_CIK0001045810_as_of_2025-11-30.json"
    body = (FOLDER / name).read_bytes()
    found = read_company_facts(body, NVIDIA, filing_tags(), origin(name), KNOWN_BY)
    return Evidence({statements("NVDA"): CompanyFacts(()).merge(CompanyFacts(found.facts))})


def _weights() -> Evidence:
    days = []
    for name in ("ivv_holdings_2024-12-06.csv", "ivv_holdings_2025-11-18.csv"):
        sheet = read_holdings((FOLDER / name).read_bytes(), "text/csv", KNOWN_BY)
        days.append(Weights(sheet.as_of, sheet.fractions, True, False, origin(name)))
    return Evidence({holdings("IVV"): FundHoldings(tuple(days))})
