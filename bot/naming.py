"""What people call things, and the nearest known name to what they typed."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

from alerts.indicators import Indicator
from alerts.own.tickers import is_ticker
from bot.commands import BadInput
from bot.locales import Translator
from bot.symbols import bare_symbol, written_out

# What else people call an indicator; keys and names in three languages are known anyway.
ALIASES: Mapping[str, tuple[str, ...]] = {
    "nvidia_market_cap": ("nvda", "nvidia", "辉达", "輝達", "英伟达"),
    "nvidia_market_cap_change_4m": ("nvda_change", "nvidia_change", "nvda_4m"),
    "alphabet_market_cap": ("googl", "goog", "google", "alphabet"),
    "top5_weight": ("top5", "top-5", "concentration", "weight"),
    "hyperscaler_debt": ("debt", "hyperscalers", "hyperscaler"),
    "oracle_debt": ("orcl", "oracle", "甲骨文"),
    "hyperscaler_capex": ("capex",),
    "hyperscaler_free_cash_flow": ("fcf", "free_cash_flow"),
    "hyperscaler_leases": ("leases",),
    "capex_to_cash_flow": ("capex_to_ocf",),
    "coreweave_debt": ("crwv", "coreweave"),
    "high_yield_spread": ("hy", "high_yield", "junk_spread"),
    "investment_grade_spread": ("ig", "investment_grade"),
    "openai_valuation": ("openai",),
    "nvidia_quarterly_revenue": ("nvda_revenue", "nvidia_revenue"),
    "nvidia_gross_margin": ("nvda_margin", "gross_margin"),
    "nvidia_gdp_rank": ("gdp_rank",),
    "nvidia_cisco_analogue": ("cisco", "csco", "nvidia_over_cisco"),
    "palantir_price_to_sales": ("pltr", "palantir"),
    "sp500_year_to_date": ("ytd",),
    "equal_to_cap_weight": ("equal_weight", "rsp"),
    "sp500_drawdown": ("drawdown", "sp500", "spx", "s&p500", "s&p", "gspc"),
}


def nearest(text: str, known: Sequence[str]) -> str | None:
    found = difflib.get_close_matches(text.casefold(), known, n=1, cutoff=0.55)
    return found[0] if found else None


def folded(text: str) -> str:
    """Alike for all ways of writing a name: «AI占今年漲幅», «AI 占今年漲幅», `（` for `(`."""
    plain = unicodedata.normalize("NFKC", text.strip()).casefold()
    closed_up = re.sub(r"(?<=[\u3400-\u9fff])\s+|\s+(?=[\u3400-\u9fff])", "", plain)
    return re.sub(r"[\s_\-]+", "_", closed_up)


def _is_slip(text: str, names: Iterable[str]) -> bool:
    """«NVIDA» is more likely a slip of the pen than a company of that symbol."""
    long = len(text) >= 4
    return long and bool(difflib.get_close_matches(text, list(names), n=1, cutoff=0.8))


def indicator_names(indicators: Mapping[str, Indicator]) -> dict[str, str]:
    """Everything that names an indicator, folded, to its key."""
    found: dict[str, str] = {}
    for key, indicator in indicators.items():
        names = indicator.names
        for name in (names.en, names.zh_hant, names.zh_hans, *ALIASES.get(key, ())):
            found.setdefault(folded(name), key)
    # A key itself goes before any nickname.
    return found | {folded(key): key for key in indicators}


def named_indicator(
    texts: Sequence[str], indicators: Mapping[str, Indicator], t: Translator
) -> tuple[str, int]:
    """The indicator that the longest run of first words names, and how many words that took.

    Keys, nicknames and names in three languages count. Raises BadInput with the nearest name.
    """
    names = indicator_names(indicators)
    written = written_out(texts[0])
    if written is not None and written in indicators:
        return written, 1
    for length in range(min(6, len(texts)), 0, -1):
        key = names.get(folded(" ".join(texts[:length])))
        if key is not None:
            return key, length
    text = texts[0]
    beginning = folded(text)
    starting = {key for name, key in names.items() if beginning and name.startswith(beginning)}
    if len(starting) == 1:
        return starting.pop(), 1
    prices = [key for key in starting if key.startswith("price(")]
    if len(prices) == 1 and all(map(is_ticker, starting)):
        # Its price and its market value are both looked at: a symbol alone is the price.
        return prices[0], 1
    if starting:
        choices = t(", ").join(sorted(starting)[:5])
        raise BadInput(t("“{text}” could be {choices}.", text=text[:40], choices=choices))
    symbol = bare_symbol(text)
    if symbol is not None and symbol in indicators and not _is_slip(beginning, names):
        return symbol, 1
    if near := nearest(beginning, sorted(names)):
        raise BadInput(
            t(
                "There is no indicator “{text}”; did you mean {near}?",
                text=text[:40],
                near=names[near],
            )
        )
    raise BadInput(
        t("There is no indicator “{text}”. “indicators” lists them all.", text=text[:40])
    )
