"""The figures to reproduce: what the article or the catalogue says, of which day, how exactly."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

LAST = date(2025, 11, 30)


class Shown(StrEnum):
    """How a figure is written in the table."""

    TRILLIONS = "T"
    BILLIONS = "B"
    PERCENT = "%"
    POINTS = "pp"
    PLAIN = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """`expected` is the figure with its tolerance; `article` the article's own words of it.

    The reading is the one of the session or balance `of`, else the newest known by `known_by`;
    `view` takes another view of it. `real` needs the files beside the checkout.
    """

    row: str
    indicator: str
    expected: str
    tolerance: str
    shown: Shown
    article: str = ""
    of: date | None = None
    known_by: date = LAST
    view: str | None = None
    real: bool = False
    why: str = ""
    doubted: bool = False
    """Outside its tolerance, and the row is thought wrong, not the number: `why` says so."""


_T, _B, _P, _N = Shown.TRILLIONS, Shown.BILLIONS, Shown.PERCENT, Shown.PLAIN
OCTOBER_29 = date(2025, 10, 29)

WANTED: tuple[Wanted, ...] = (
    Wanted("A1", "nvidia_market_cap", "5.031e12", "0.01", _T, "> $5T", OCTOBER_29),
    Wanted(
        "A2", "nvidia_market_cap_change_4m", "1.182e12", "0.10", _T, "+$1T in four months",
        OCTOBER_29,
    ),
    Wanted(
        "A2", "nvidia_market_cap_change_4m", "0.307", "0.01", _P, "", OCTOBER_29, view="percent"
    ),
    Wanted(
        "A3", "nvidia_gdp_rank", "3", "0", _N, "larger than all but the US and China", OCTOBER_29
    ),
    Wanted("A4", "nvidia_quarterly_revenue", "57.006e9", "0", _B, "$57bn"),
    Wanted("A4", "nvidia_quarterly_revenue", "0.62", "0.01", _P, "", view="year on year"),
    Wanted("A5", "alphabet_market_cap", "3.903e12", "0.01", _T, "near $4T", date(2025, 11, 25)),
    Wanted(
        "A10", "nvidia_cisco_analogue", "1.18", "0.01", _N, "Cisco as analogue", OCTOBER_29,
        real=True,
    ),
    Wanted("A11", "nvidia_private_stakes", "8.187e9", "0", _B),
    Wanted(
        "A11", "nvidia_private_stakes", "3.80e9", "0.01", _B, known_by=date(2025, 9, 30)
    ),
    Wanted("A12", "nvidia_receivable_inventory_days", "53", "0.01", _N),
    Wanted(
        "A13", "oracle_debt", "91.315e9", "0", _B, "≈ $96bn", view="ex_lease",
        why="the article's 96 is the balance of February 2025, or this one with finance leases",
    ),
    Wanted("A13", "oracle_debt", "95.332e9", "0", _B, "≈ $96bn"),
    Wanted("A13", "oracle_debt", "111.622e9", "0", _B, view="with_all_leases"),
    Wanted(
        "A13", "hyperscaler_debt.ORCL", "96.276e9", "0", _B, "≈ $96bn", known_by=date(2025, 4, 1)
    ),
    Wanted("A14", "oracle_interest_to_income", "0.315", "0.02", _P),
    Wanted("A15", "oracle_interest_coverage", "4.9", "0.01", _N),
    Wanted("A16", "oracle_backlog_to_revenue", "7.7", "0.01", _N),
    Wanted("A17", "coreweave_debt", "14.03e9", "0.001", _B),
    Wanted("A18", "coreweave_interest_to_revenue", "0.208", "0.005", _P),
    Wanted("A19", "hyperscaler_debt", "245.276e9", "0", _B),
    Wanted("A19", "hyperscaler_debt", "318.589e9", "0", _B, view="with_finance_leases"),
    Wanted("A19", "hyperscaler_debt", "481.276e9", "0", _B, view="with_all_leases"),
    Wanted("A21", "hyperscaler_capex", "329.8e9", "0.001", _B),
    Wanted("A21", "hyperscaler_capex_with_oracle", "357.2e9", "0.001", _B),
    Wanted("A21", "hyperscaler_capex_with_oracle", "0.72", "0.02", _P, view="year on year"),
    Wanted(
        "A22", "hyperscaler_capex_growth", "0.551", "0.0036", _P, "> 60% two years running",
        why="2024 over 2023; the second year was not over",
    ),
    Wanted("A22", "hyperscaler_capex_growth", "228.3e9", "0.001", _B, view="this year"),
    Wanted("A22", "hyperscaler_capex_growth", "147.2e9", "0.001", _B, view="the year before"),
    Wanted("A23", "hyperscaler_free_cash_flow", "207.0e9", "0.001", _B, "declining since 2024"),
    Wanted(
        "A23", "hyperscaler_free_cash_flow", "223.8e9", "0.001", _B, "declining since 2024",
        known_by=date(2024, 11, 30),
    ),
    Wanted("A23", "hyperscaler_free_cash_flow.ORCL", "-5.9e9", "0.01", _B),
    Wanted("A24", "capex_to_cash_flow", "0.640", "0.0016", _P, "near the limit of cash flow"),
    Wanted(
        "A24", "capex_to_cash_flow", "0.462", "0.0022", _P, known_by=date(2024, 11, 30),
        doubted=True,
        why="46.2% contradicts the +72% of A21: 357.2 ÷ 1.72 is 207.7 of capex, and that over "
        "441.8 of cash flow is 47.0%; the filings give 206.8 and 46.8%",
    ),
    Wanted("A25", "hyperscaler_leases", "236e9", "0.001", _B),
    Wanted("A26", "unrecorded_commitments", "58e9", "0.01", _B),
    Wanted(
        "A29", "top5_weight", "0.3042", "0", _P, "30%", date(2025, 11, 18),
    ),
    Wanted("A29", "top5_weight", "0.2805", "0", _P, "", date(2024, 12, 6)),
    Wanted(
        "A29", "top5_weight", "0.2909", "0.0005", _P, "30%", date(2025, 10, 17),
        why="full market values: about 0.5 pp under the index's own weight",
    ),
    Wanted("A30", "ai_basket_return", "1.61", "0.0062", _P, "165%", date(2025, 10, 17)),
    Wanted("A30", "ai_basket_return", "1.75", "0.0057", _P, "165%", date(2025, 10, 30)),
    Wanted("A30", "sp500_return_since_chatgpt", "0.679", "0.001", _P, "68%"),
    Wanted(
        "A30", "ex_ai_return", "0.24", "0.042", _P, "24%", date(2025, 10, 17), doubted=True,
        why="24% is a bank's figure for its own thirty names and day, neither of them published; "
        "the index's 63.3% and the basket's 160.6% at a weight of 27.91% leave 25.7%",
    ),
    Wanted(
        "A31", "ai_share_of_year_gain", "0.67", "0.02", _P, "80% (early October)",
        date(2025, 10, 17),
        why="the article's basket and base day are not given",
    ),
    Wanted("A31", "ai_share_of_year_gain", "0.75", "0.02", _P, "", date(2025, 10, 30)),
    Wanted("A31", "ai_share_of_year_gain", "0.66", "0.02", _P, "", date(2025, 11, 28)),
    Wanted("A32", "sp500_year_to_date", "0.164", "0.004", _P, "+16%", date(2025, 11, 28)),
    Wanted("A32", "sp500_five_year", "0.960", "0.002", _P, "+95%", date(2025, 10, 24)),
    Wanted("A33", "sp500_drawdown", "-0.0511", "0.002", _P, "", date(2025, 11, 20)),
    Wanted("A33", "sp500_drawdown", "-0.254", "0.002", _P, "25%", date(2022, 10, 12)),
    Wanted("A33", "sp500_drawdown", "-0.491", "0.002", _P, "50%", date(2002, 10, 9)),
    Wanted(
        "A34", "equal_to_cap_weight", "-0.068", "0.02", Shown.POINTS, "", date(2025, 11, 28)
    ),
    Wanted("A35", "us_against_world", "-0.115", "0.005", Shown.POINTS, "", date(2025, 11, 28)),
    Wanted(
        "A38", "top_decile_stock_share", "0.85", "0.03", _P, "85%",
        why="the Federal Reserve's figure for the first quarter of 2025",
    ),
    Wanted(
        "M1", "openai_commitments_to_revenue", "107.7", "0.001", _N, "$1.4T on $13bn"
    ),
    Wanted("M2", "nvidia_vendor_financing", "110e9", "0", _B, "OpenAI 100 + Anthropic 10",
           view="pledged"),
)  # fmt: skip


def expected(wanted: Wanted) -> Decimal:
    return Decimal(wanted.expected)
