"""What Yahoo's share counts and top holdings are worth: figures, or the reason why not."""

from __future__ import annotations

from decimal import Decimal

from alerts.sources.yahoo_bars import to_decimal
from alerts.sources.yahoo_worker import Company, TopHoldings

AGREEMENT = Decimal("0.10")
"""Share count times price may differ this much from the market capitalisation beside it."""


def whole_company_shares(company: Company) -> Decimal:
    """Shares of all classes: `impliedSharesOutstanding`, else market capitalisation / price.

    `sharesOutstanding` is of one class and never used (CATALOGUE.md, section 0). A company that
    keeps its books in another currency is listed by receipts, each for several of its shares, and
    a count alone does not say which of the two it counts: it must agree with the market
    capitalisation in dollars. Raises ValueError for what is not listed in dollars as a company,
    and when the three figures contradict each other.
    """
    if company.quote_type != "EQUITY":
        raise ValueError(f"Yahoo lists it as {company.quote_type or 'nothing'}, not as a company")
    if company.currency != "USD":
        raise ValueError(f"its figures are in {company.currency or 'no currency'} instead of USD")
    implied, cap, price = (
        None if figure is None or not 0 < figure < float("inf") else to_decimal(figure)
        for figure in (company.implied_shares, company.market_cap, company.price)
    )
    derived = cap / price if cap and price else None
    books = company.financial_currency or "USD"
    if books != "USD" and not (implied and derived):
        raise ValueError(
            f"its books are in {books}, and Yahoo does not give share count, market "
            "capitalisation and price together, which alone would show that receipts are counted"
        )
    if implied and derived and abs(implied / derived - 1) > AGREEMENT:
        raise ValueError(
            f"its {implied:.0f} shares contradict market capitalisation / price = {derived:.0f}"
        )
    count = implied or derived
    if count is None:
        raise ValueError("Yahoo gives neither a share count nor a market capitalisation")
    return Decimal(round(count))


def fractions(top: TopHoldings) -> dict[str, Decimal]:
    """The ten largest holdings. Raises ValueError when they cannot be fractions of one fund."""
    sane = all(0 < fraction < 1 for _, fraction in top) and sum(f for _, f in top) <= 1
    if not top or not sane or len({symbol for symbol, _ in top}) < len(top):
        raise ValueError("the list of top holdings makes no sense")
    return {symbol: to_decimal(fraction) for symbol, fraction in top}
