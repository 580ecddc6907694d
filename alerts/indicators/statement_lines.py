"""Where each company puts a line of its statements (CATALOGUE 3.2).

A line lists, for each company, groups of tags, best first. For every period the first group whose
every tag has a figure is taken, and its tags are added up: companies change tags, and what counts
is the period, not the company.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from alerts.indicators import Names

COMPANIES: Mapping[str, Names] = {
    "MSFT": Names("Microsoft", "微軟", "微软"),
    "GOOGL": Names("Alphabet", "Alphabet", "Alphabet"),
    "AMZN": Names("Amazon", "亞馬遜", "亚马逊"),
    "META": Names("Meta", "Meta", "Meta"),
    "ORCL": Names("Oracle", "甲骨文", "甲骨文"),
    "NVDA": Names("Nvidia", "輝達", "英伟达"),
    "CRWV": Names("CoreWeave", "CoreWeave", "CoreWeave"),
    "PLTR": Names("Palantir", "Palantir", "Palantir"),
}
FIVE = ("MSFT", "GOOGL", "AMZN", "META", "ORCL")
"""The user's five hyperscalers."""
FOUR = FIVE[:4]
"""The article's four: without Oracle."""

Group = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """`usual` serves every company that `own` does not name; `second` is Yahoo's name for it."""

    name: str
    usual: tuple[Group, ...] = ()
    own: Mapping[str, tuple[Group, ...]] | None = None
    second: str | None = None

    def groups(self, ticker: str) -> tuple[Group, ...]:
        return (self.own or {}).get(ticker, self.usual)

    def tags(self, tickers: Iterable[str]) -> tuple[str, ...]:
        return tuple(tag for t in tickers for group in self.groups(t) for tag in group)


def _one_of(*tags: str) -> tuple[Group, ...]:
    return tuple((f"us-gaap:{tag}",) for tag in tags)


def _sum_of(*tags: str) -> tuple[Group, ...]:
    return (tuple(f"us-gaap:{tag}" for tag in tags),)


_PPE = "PropertyPlantAndEquipment"
_PPE_AND_LEASES = f"{_PPE}AndFinanceLeaseRightOfUseAsset"

CASH_FLOW = Line(
    "operating cash flow",
    _one_of("NetCashProvidedByUsedInOperatingActivities"),
    second="yahoo:OperatingCashFlow",
)
"""Every company tags it in every report, so it tells which report is the newest."""

CAPEX = Line(
    "capex",
    _one_of(f"PaymentsToAcquire{_PPE}", "PaymentsToAcquireProductiveAssets"),
    {
        # Both used the first tag once, for another figure.
        ticker: _one_of("PaymentsToAcquireProductiveAssets", f"PaymentsToAcquire{_PPE}")
        for ticker in ("NVDA", "AMZN")
    },
    second="yahoo:CapitalExpenditure",
)
REVENUE = Line(
    "revenue",
    _one_of("Revenues", "RevenueFromContractWithCustomerExcludingAssessedTax"),
    {
        ticker: _one_of("RevenueFromContractWithCustomerExcludingAssessedTax", "Revenues")
        for ticker in ("MSFT", "AMZN", "META", "ORCL", "CRWV", "PLTR")
    },
    second="yahoo:TotalRevenue",
)
OPERATING_INCOME = Line(
    "operating income", _one_of("OperatingIncomeLoss"), second="yahoo:OperatingIncome"
)
NET_INCOME = Line("net income", _one_of("NetIncomeLoss"), second="yahoo:NetIncome")
GROSS_PROFIT = Line("gross profit", _one_of("GrossProfit"), second="yahoo:GrossProfit")
COST_OF_REVENUE = Line("cost of revenue", _one_of("CostOfRevenue"), second="yahoo:CostOfRevenue")
INTEREST = Line(
    "interest",
    _one_of("InterestExpenseNonoperating", "InterestExpense", "InterestExpenseDebt"),
    {
        "MSFT": _one_of("InterestExpense", "InterestExpenseNonoperating"),
        "ORCL": _one_of("InterestExpense", "InterestExpenseNonoperating"),
        "CRWV": _one_of("InterestExpenseDebt"),
        "META": _one_of("InterestExpenseNonoperating", "InterestExpenseDebt", "InterestExpense"),
    },
    second="yahoo:InterestExpense",
)
# Microsoft's own line of the cash-flow statement is a custom tag that company facts leave out.
DEPRECIATION_AND_AMORTISATION = Line(
    "depreciation and amortisation",
    _one_of("DepreciationDepletionAndAmortization"),
    {
        "MSFT": _one_of("Depreciation"),
        "GOOGL": _one_of("Depreciation"),
        "ORCL": (*_sum_of("Depreciation", "AmortizationOfIntangibleAssets"),),
    },
)
DEPRECIATION = Line("depreciation", _one_of("Depreciation"))
GROSS_PROPERTY = Line(
    "gross property and equipment",
    (
        *_one_of(f"{_PPE}Gross", f"{_PPE_AND_LEASES}BeforeAccumulatedDepreciationAndAmortization"),
        *_sum_of(
            f"{_PPE_AND_LEASES}AfterAccumulatedDepreciationAndAmortization",
            f"{_PPE_AND_LEASES}AccumulatedDepreciationAndAmortization",
        ),
    ),
)
RECEIVABLES = Line(
    "receivables", _one_of("AccountsReceivableNetCurrent"), second="yahoo:AccountsReceivable"
)
INVENTORY = Line("inventory", _one_of("InventoryNet"), second="yahoo:Inventory")
PRIVATE_STAKES = Line(
    "private stakes", _one_of("EquitySecuritiesWithoutReadilyDeterminableFairValueAmount")
)
BACKLOG = Line("backlog", _one_of("RevenueRemainingPerformanceObligation"))
# One tag a company: Alphabet has used both for different sums.
COMMITMENTS = Line(
    "commitments",
    _one_of("UnrecordedUnconditionalPurchaseObligationBalanceSheetAmount"),
    {ticker: _one_of("PurchaseObligation") for ticker in ("GOOGL", "NVDA")},
)
COREWEAVE_DEBT = Line(
    "debt",
    (
        *_one_of("LongTermDebt"),
        *_sum_of("LongTermDebtCurrent", "LongTermDebtNoncurrent"),
        *_one_of("DebtInstrumentCarryingAmount"),
    ),
)
FINANCE_LEASES = Line(
    "finance leases",
    (
        *_one_of("FinanceLeaseLiability"),
        *_sum_of("FinanceLeaseLiabilityCurrent", "FinanceLeaseLiabilityNoncurrent"),
    ),
)
OPERATING_LEASES = Line(
    "operating leases",
    (
        *_one_of("OperatingLeaseLiability"),
        *_sum_of("OperatingLeaseLiabilityCurrent", "OperatingLeaseLiabilityNoncurrent"),
    ),
)
