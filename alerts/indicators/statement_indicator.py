"""What all indicators of statements have in common."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Sequence
from datetime import timedelta
from decimal import Decimal

from alerts.indicators import (
    Cadence,
    Claim,
    Guard,
    Indicator,
    Meaning,
    Names,
    PresetLine,
    Section,
)
from alerts.indicators.accounts import Books, Worked, filed_series, statement_needs
from alerts.indicators.preset_lines import A_QUARTER_AND_ITS_REPORT
from alerts.indicators.second_view import TOLERANCE, Series, confirmed_series, second_needs
from alerts.indicators.statement_lines import BACKLOG, CASH_FLOW, COMPANIES, Line
from alerts.quantity import Unit

# A filing is its own confirmation of an ordinary move; what is held is the slip of a unit or tag.
LARGEST_MOVE = Decimal("1.50")
# Orders come in lumps: Oracle's more than trebled in one quarter of 2025.
LARGEST_MOVE_OF_ORDERS = Decimal("5")
BETWEEN_REPORTS = timedelta(days=200)


def statement_guard(tickers: Sequence[str], lines: Sequence[Line]) -> Guard:
    parts = {
        f"{ticker} {line.name}": LARGEST_MOVE_OF_ORDERS if line is BACKLOG else LARGEST_MOVE
        for ticker in tickers
        for line in lines
    }
    return Guard(
        parts,
        second_source_tolerance=TOLERANCE,
        reach=BETWEEN_REPORTS,
        second_source_suffices=True,
    )


def of_statements(
    key: str,
    names: Names,
    section: Section,
    meaning: Meaning,
    unit: Unit,
    tickers: Sequence[str],
    lines: Sequence[Line],
    work: Callable[[Books], Worked],
    *,
    confirm: Callable[[Books], Worked] | None = None,
    formula: str,
    caveat: str,
    claim: Claim | None = None,
    presets: tuple[PresetLine, ...] = (),
    cadence: Cadence = Cadence.FILING,
    stale_after: timedelta = A_QUARTER_AND_ITS_REPORT,
) -> Indicator:
    """An indicator that reads nothing but the statements of some companies.

    Where Yahoo gives the same lines it confirms them, and never holds up what was filed.
    `confirm` makes the parts to compare, where `work` asks for more than Yahoo has.
    """
    series: Series = functools.partial(filed_series, key, unit, tickers, lines, work)
    seconds = second_needs(tickers, lines)
    if seconds:
        series = functools.partial(confirmed_series, series, confirm or work, tickers)
    return Indicator(
        key=key,
        names=names,
        section=section,
        unit=unit,
        cadence=cadence,
        meaning=meaning,
        needs=statement_needs(*tickers),
        series=series,
        formula=formula,
        caveat=caveat,
        stale_after=stale_after,
        guard=statement_guard(tickers, lines),
        claim=claim,
        lines=presets,
        tags=tuple(tag for line in (*lines, CASH_FLOW) for tag in line.tags(tickers)),
        seconds=seconds,
    )


def company_names(ticker: str, en: str, zh_hant: str, zh_hans: str) -> Names:
    """The names of an indicator of one company: `{}` stands for the company.

    The space after it is for names in Latin letters alone.
    """
    names = COMPANIES[ticker]
    return Names(
        en.format(names.en),
        _closed_up(zh_hant.format(names.zh_hant)),
        _closed_up(zh_hans.format(names.zh_hans)),
    )


def _closed_up(name: str) -> str:
    return re.sub(r"(?<=[\u3400-\u9fff]) (?=[\u3400-\u9fff])", "", name)
