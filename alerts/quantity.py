"""Units, and the exact integers in which values and lines are stored and compared."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal
from enum import StrEnum


class Unit(StrEnum):
    """The unit of an indicator, a measure or a line."""

    USD = "usd"
    FRACTION = "fraction"
    """A share or a relative change: 0.3042 is 30.42%."""
    POINTS = "points"
    """Index points, or a percentile from 0 to 100."""
    RATIO = "ratio"
    DAYS = "days"
    YEARS = "years"
    COUNT = "count"

    @property
    def places(self) -> int:
        """Decimal places kept in a stored integer of this unit."""
        return _PLACES[self]

    def to_fixed(self, value: Decimal) -> int:
        """`value` as the integer that a database column holds, rounded half to even.

        Raises ValueError for NaN, infinity, and values that a signed 64-bit integer cannot hold.
        """
        if not value.is_finite():
            raise ValueError(f"{value} is not a number that can be stored")
        fixed = int(value.scaleb(self.places).to_integral_value(ROUND_HALF_EVEN))
        if abs(fixed) >= 1 << 63:
            raise ValueError(f"{value} {self.value} is too large to be stored")
        return fixed

    def from_fixed(self, fixed: int) -> Decimal:
        """The exact decimal behind a stored integer."""
        return Decimal(fixed).scaleb(-self.places)


# 64 bits hold 922 trillion dollars at four places, 1 900 times the weight of the largest company.
_PLACES = {
    Unit.USD: 4,
    Unit.FRACTION: 10,
    Unit.POINTS: 6,
    Unit.RATIO: 8,
    Unit.DAYS: 6,
    Unit.YEARS: 8,
    Unit.COUNT: 0,
}
