"""The table of the article's figures against ours: `python -m tests.figures.reproduce`.

From the record, and from ../shared/data where that is present. Prints the table and writes it to
docs/reproduction.md. Ends with 1 when a figure lies outside its tolerance and its row is not in
doubt.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path

from alerts.evidence import Evidence
from alerts.indicators import catalogue
from alerts.reading import Reading
from alerts.sources.record import Record
from tests.figures.claims import WANTED, Shown, Wanted, expected
from tests.figures.guard_counts import guard_counts
from tests.figures.shared_data import shared_evidence

PAGE = Path(__file__).parents[2] / "docs" / "reproduction.md"


@dataclass(frozen=True, slots=True)
class Found:
    """Our figure beside the wanted one; without a value, why there is none."""

    wanted: Wanted
    value: Decimal | None
    day: date | None
    basis: str
    reason: str = ""

    @property
    def within(self) -> bool | None:
        """None where there is nothing to compare."""
        if self.value is None:
            return None
        target = expected(self.wanted)
        return abs(self.value - target) <= abs(target) * Decimal(self.wanted.tolerance)


@cache
def _evidence(known_by: date, real: bool) -> Evidence | None:
    """What could be known by the end of a day."""
    evidence = Record().evidence
    if real:
        shared = shared_evidence()
        if shared is None:
            return None
        evidence = evidence.merge(shared)
    end = datetime.combine(known_by + timedelta(days=1), time.min, UTC) - timedelta(seconds=1)
    return evidence.known_by(end)


@cache
def _readings(indicator: str, known_by: date, real: bool) -> tuple[Reading, ...]:
    evidence = _evidence(known_by, real)
    if evidence is None:
        return ()
    series = catalogue()[indicator].series(evidence)
    return tuple(reading for reading in series if isinstance(reading, Reading))


def find(wanted: Wanted) -> Found:
    """Our figure of the day that is wanted, from the record or the real files."""
    basis = "shared data" if wanted.real else "record"
    if wanted.real and shared_evidence() is None:
        return Found(wanted, None, None, basis, "needs ../shared/data, which is not here")
    known_by = wanted.of or wanted.known_by
    readings = _readings(wanted.indicator, known_by, wanted.real)
    if wanted.of is not None:
        readings = tuple(reading for reading in readings if reading.period_end == wanted.of)
    if not readings:
        return Found(wanted, None, None, basis, "no reading of that day")
    newest = readings[-1]
    if wanted.view is None:
        return Found(wanted, newest.value, newest.period_end, basis)
    views = [view for view in newest.views if view.name == wanted.view]
    if not views:
        return Found(wanted, None, None, basis, f"no view {wanted.view}")
    return Found(wanted, views[0].value, newest.period_end, basis)


def shown(value: Decimal, how: Shown) -> str:
    match how:
        case Shown.TRILLIONS:
            return f"{value / 10**12:.3f}T"
        case Shown.BILLIONS:
            return f"{value / 10**9:.3f}B"
        case Shown.PERCENT:
            return f"{value * 100:.2f}%"
        case Shown.POINTS:
            return f"{value * 100:.1f} pp"
        case _:
            return f"{value:.2f}"


def table(found: list[Found]) -> str:
    lines = [
        "| row | indicator | of | the article | expected | ours | difference | within | why |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    lines += [_line(one) for one in found]
    return "\n".join(lines)


def _line(one: Found) -> str:
    wanted = one.wanted
    target = expected(wanted)
    name = wanted.indicator if wanted.view is None else f"{wanted.indicator} ({wanted.view})"
    ours, apart = "–", "–"
    if one.value is not None:
        ours = shown(one.value, wanted.shown)
        apart = f"{(one.value / target - 1) * 100:+.2f}%" if target else "–"
    verdict = {None: "–", True: "yes", False: "**no**"}[one.within]
    if one.within is False and wanted.doubted:
        verdict = "no, the row is doubted"
    why = "; ".join(part for part in (wanted.why, one.reason) if part)
    cells = (
        wanted.row,
        f"`{name}`",
        one.day.isoformat() if one.day else "–",
        wanted.article or "–",
        f"{shown(target, wanted.shown)} ± {Decimal(wanted.tolerance) * 100:.2f}%",
        ours,
        apart,
        verdict,
        why or "–",
    )
    return "| " + " | ".join(cells) + " |"


def page(found: list[Found]) -> str:
    outside = [one for one in found if one.within is False]
    compared = [one for one in found if one.within is not None]
    return (
        "# The article's figures, reproduced\n\n"
        "Made by `make reproduce` from `alerts/sources/record.csv`, `alerts/sources/facts.csv` "
        "and, where it is present,\n`../shared/data`. Every figure is computed from what was "
        "known on its day: statements by their filing day,\nprices by their session. "
        "*Expected* is the figure with its tolerance as the catalogue (sections 1 and 7) gives "
        "it;\nthe article's own words stand beside it.\n\n"
        f"{len(compared) - len(outside)} of {len(compared)} within tolerance.\n\n"
        f"{table(found)}\n\n"
        "## The guard on the real feed\n\n"
        "Every close and market value of a screener's daily list, 2021 to November 2025, in the "
        "order in which they came:\na jump waits for a second source or for two more looks.\n\n"
        f"{guard_counts()}\n\n"
        "## What is not in the table\n\n"
        "Not in the record, computed from live sources only: A6 and A7 (yearly property and "
        "capex of eight years),\nA10 (it takes 756 sessions in a row; the row above is of "
        "`../shared/data`), A27 and A28's own series (ICE's may not\nbe copied; A28 is Moody's "
        "spread until they answer), A36 and A37 (no stored copy of the series), A40 (Meta's\n"
        "interest of the quarters is not tagged).\n"
    )


def main() -> int:
    found = [find(wanted) for wanted in WANTED]
    print(table(found))
    print(f"\n{guard_counts()}")
    PAGE.write_text(page(found), "utf-8")
    outside = [one for one in found if one.within is False and not one.wanted.doubted]
    for one in outside:
        print(f"outside its tolerance: {one.wanted.row} {one.wanted.indicator}", file=sys.stderr)
    return 1 if outside else 0


if __name__ == "__main__":
    sys.exit(main())
