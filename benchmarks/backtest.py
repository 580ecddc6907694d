"""What it costs to ask when a rule would have spoken in twenty years of daily values.

Run alone: `python -m benchmarks.backtest`. Goal: under a second for each measure.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random

from alerts.backtest import backtest
from alerts.measures import ALL, VALUE, Measure, MeasureKind, Point, Window
from alerts.quantity import Unit
from alerts.rules import Direction, Rule, default_rearm

YEARS = 20
START = datetime(2005, 11, 1, 21, tzinfo=UTC)
GAP = timedelta(days=8)
YEAR = Window(1, "y")
CASES = (
    (VALUE, Direction.ABOVE, "150"),
    (Measure(MeasureKind.PERCENT_CHANGE, Window(4, "mo")), Direction.ABOVE, "0.1"),
    (Measure(MeasureKind.DRAWDOWN, YEAR), Direction.BELOW, "-0.1"),
    (Measure(MeasureKind.PERCENTILE, YEAR), Direction.ABOVE, "95"),
    (Measure(MeasureKind.PERCENTILE, ALL), Direction.ABOVE, "95"),
    (Measure(MeasureKind.HIGH, YEAR), Direction.ABOVE, "1"),
)


def walk() -> list[Point]:
    """Every weekday, a step of up to two percent."""
    random, value, found = Random(0), 100.0, []
    for day in range(YEARS * 365):
        at = START + timedelta(days=day)
        if at.weekday() < 5:
            value *= 1 + random.uniform(-0.02, 0.0203)
            found.append(Point(at, Decimal(f"{value:.4f}")))
    return found


def main() -> None:
    history = walk()
    title = f"a rule on {len(history):,} daily values ({YEARS} years)"
    print(f"{title:52}     time      goal   messages")
    for measure, direction, text in CASES:
        line = measure.unit(Unit.USD).to_fixed(Decimal(text))
        rule = Rule(direction, line, default_rearm(direction, line))
        began = time.perf_counter()
        past = backtest(rule, measure, Unit.USD, history, GAP)
        taken = (time.perf_counter() - began) * 1000
        said = f"{measure} {direction.value} {text}"
        print(f"{said:52} {taken:5.0f} ms   < 1000 ms {len(past.firings):10}")


if __name__ == "__main__":
    main()
