"""How people write the symbol of a company."""

from __future__ import annotations

import re

from alerts.own.tickers import is_ticker

_FUNCTION = re.compile(r"(price|market_cap|cap)\((\^?[a-z0-9-]+)\)", re.IGNORECASE | re.ASCII)
_BARE = re.compile(r"\$([A-Za-z]{1,5}(?:-[A-Za-z]{1,2})?)|([A-Z]{2,5}(?:-[A-Z])?)", re.ASCII)


def written_out(text: str) -> str | None:
    """`price(tsm)`, `market_cap(TSM)` as the key that it is."""
    match = _FUNCTION.fullmatch(text.strip())
    if match is None:
        return None
    function = "price" if match[1].casefold() == "price" else "market_cap"
    key = f"{function}({match[2].upper()})"
    return key if is_ticker(key) else None


def bare_symbol(text: str) -> str | None:
    """`TSM` in capitals, or `$tsm`: its price."""
    match = _BARE.fullmatch(text.strip())
    return None if match is None else f"price({(match[1] or match[2]).upper()})"
