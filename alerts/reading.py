"""A reading: one value of one indicator with everything needed to sign it (RULES.md R1)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from alerts.quantity import Unit


class Status(StrEnum):
    CONFIRMED = "confirmed"
    UNCONFIRMED = "unconfirmed"
    MANUAL = "manual"
    STALE = "stale"
    MISSING = "missing"

    @property
    def moves_rules(self) -> bool:
        return self in (Status.CONFIRMED, Status.MANUAL)


@dataclass(frozen=True, slots=True)
class Part:
    """One term of a formula, or another view of the same figure, with its own date and origin."""

    name: str
    value: Decimal
    unit: Unit
    as_of: date
    source: str
    source_url: str


@dataclass(frozen=True, slots=True)
class Reading:
    """A computed value, not yet stored.

    `as_of` is the instant at which the value was known (a session's close, a filing's day);
    `period_end` is the day that it describes (the session, the balance-sheet date).
    `definition` names what was counted, `views` are the same figure under other definitions.
    """

    indicator: str
    value: Decimal
    unit: Unit
    as_of: datetime
    period_end: date
    source: str
    source_url: str
    fetched_at: datetime
    status: Status
    definition: str
    parts: tuple[Part, ...] = ()
    views: tuple[Part, ...] = ()
    confirmed_by: str | None = None
    note: str | None = None

    def held(self, reason: str) -> Reading:
        return replace(self, status=Status.UNCONFIRMED, note=reason)

    def part(self, name: str) -> Part | None:
        return next((part for part in self.parts if part.name == name), None)


@dataclass(frozen=True, slots=True)
class Missing:
    """No value at a moment, and why: one sentence for people (RULES.md R4)."""

    indicator: str
    as_of: datetime
    reason: str
