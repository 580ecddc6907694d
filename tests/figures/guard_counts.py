"""What the guard makes of five years of a real feed (RULES.md R3), as a table."""

from __future__ import annotations

from datetime import date

from tests.alerts.test_guard import FEED, GENUINE, GROSS_ERRORS, NAMES, feed, verdicts

FLIPS = ("META", date(2023, 1, 1), date(2023, 3, 1))
"""Between the shares of one class and all shares."""


def guard_counts() -> str:
    """By company: days, how many were held, how many of these were confirmed in the end."""
    if not FEED.exists():
        return "Needs `../shared/data`, which is not here."
    rows: list[tuple[str, int, int, int]] = []
    total = (0, 0, 0)
    for name in NAMES:
        seen = verdicts(name)
        held = [used for held, used in seen.values() if held]
        days, sure = len(feed()[name]), sum(held)
        total = (total[0] + days, total[1] + len(held), total[2] + sure)
        rows.append((name, days, len(held), sure))
    errors = [
        verdicts(name)[date.fromisoformat(day)] == (True, False) for name, day in GROSS_ERRORS
    ]
    genuine = [verdicts(name)[date.fromisoformat(day)] == (False, True) for name, day in GENUINE]
    name, first, last = FLIPS
    flips = sum(held for day, (held, _) in verdicts(name).items() if first <= day < last)
    lines = [
        f"Of {total[0]} days of {len(NAMES)} companies {total[1]} were held when they came, "
        f"{total[2]} of these\nwere confirmed by later looks, {total[1] - total[2]} never were. "
        f"Gross errors of the feed held and never confirmed:\n{sum(errors)} of {len(errors)}; "
        f"genuine moves that passed at once: {sum(genuine)} of {len(genuine)}; days of "
        f"Meta's flip between share\nclasses in early 2023 that were held: {flips}.",
        "",
        "| company | days | held | confirmed later | never |",
        "|---|---|---|---|---|",
        *map(_line, (*rows, ("all", *total))),
        "",
        f"Gross errors: {', '.join(f'{name} {day}' for name, day in GROSS_ERRORS)}. "
        f"Genuine: {', '.join(f'{name} {day}' for name, day in GENUINE)}.",
    ]  # fmt: skip
    return "\n".join(lines)


def _line(row: tuple[str, int, int, int]) -> str:
    name, days, held, sure = row
    return f"| {name} | {days} | {held} | {sure} | {held - sure} |"
