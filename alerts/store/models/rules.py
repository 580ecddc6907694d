"""Rules, their conditions, and what people did about them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import (
    JSON,
    BigInteger,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from alerts.rules import Direction, Level, State
from alerts.store.models.table import Id, Table, Word


class Where(StrEnum):
    """Which rules stand in which partial index.

    A query that is to use the index repeats these very words: SQLite recognises a partial index by
    its condition's form (`primed = 1` is not `primed`), and does not look into parameters.
    """

    ARMED_ABOVE = "state = 'armed' AND direction = 'above' AND primed AND NOT paused"
    ARMED_BELOW = "state = 'armed' AND direction = 'below' AND primed AND NOT paused"
    PENDING_ABOVE = "state = 'pending' AND direction = 'above' AND primed AND NOT paused"
    PENDING_BELOW = "state = 'pending' AND direction = 'below' AND primed AND NOT paused"
    FIRED_ABOVE = "state = 'fired' AND direction = 'above' AND primed AND NOT paused"
    FIRED_BELOW = "state = 'fired' AND direction = 'below' AND primed AND NOT paused"
    HELD = "state = 'pending' AND primed AND NOT paused"
    UNPRIMED = "NOT primed AND NOT paused AND state != 'done'"
    EXPIRES = "expires_at IS NOT NULL AND state != 'done' AND NOT paused"
    SNOOZED = "snoozed_until IS NOT NULL AND state != 'done' AND NOT paused"
    REMINDS = "remind_at IS NOT NULL AND state != 'done' AND NOT paused"

    def on(self, *columns: str) -> Index:
        name = f"ix_rule_{self.name.lower()}"
        where = text(self.value)
        return Index(name, *columns, sqlite_where=where, postgresql_where=where)


class RuleRow(Table):
    """A rule (R8). The machine's own columns carry the names of `alerts.rules.Rule`.

    The partial indexes keep a tick's cost with what fires: a rule stands only in those that its
    next move is looked up in.
    """

    __tablename__ = "rule"
    __table_args__ = (
        UniqueConstraint("destination_id", "number"),
        Where.ARMED_ABOVE.on("measure_id", "line"),
        Where.ARMED_BELOW.on("measure_id", "line"),
        Where.PENDING_ABOVE.on("measure_id", "line"),
        Where.PENDING_BELOW.on("measure_id", "line"),
        Where.FIRED_ABOVE.on("measure_id", "rearm"),
        Where.FIRED_BELOW.on("measure_id", "rearm"),
        Where.HELD.on("measure_id", "pending_until"),
        Where.UNPRIMED.on("measure_id"),
        Where.EXPIRES.on("expires_at"),
        Where.SNOOZED.on("snoozed_until"),
        Where.REMINDS.on("remind_at"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    destination_id: Mapped[int] = mapped_column(Id, ForeignKey("destination.id"))
    subscription_id: Mapped[int | None] = mapped_column(Id, ForeignKey("subscription.id"))
    number: Mapped[int]
    measure_id: Mapped[int] = mapped_column(Id, ForeignKey("measure.id"))
    level: Mapped[Level]
    note: Mapped[str | None] = mapped_column(Text)
    mention: Mapped[str | None] = mapped_column(String(120))
    created_by: Mapped[str] = mapped_column(String(120))
    created_at: Mapped[datetime]
    paused: Mapped[bool] = mapped_column(default=False)
    removed_at: Mapped[datetime | None]

    direction: Mapped[Direction]
    line: Mapped[int] = mapped_column(BigInteger)
    rearm: Mapped[int] = mapped_column(BigInteger)
    hold_seconds: Mapped[int] = mapped_column(default=0)
    once: Mapped[bool] = mapped_column(default=False)
    remind_seconds: Mapped[int | None]
    cooldown_seconds: Mapped[int] = mapped_column(default=0)
    expires_at: Mapped[datetime | None]
    snoozed_until: Mapped[datetime | None]
    state: Mapped[State]
    primed: Mapped[bool]
    since: Mapped[datetime | None]
    pending_until: Mapped[datetime | None]
    told_at: Mapped[datetime | None]
    remind_at: Mapped[datetime | None]
    held_back: Mapped[int] = mapped_column(default=0)
    recent: Mapped[list[str]] = mapped_column(JSON, default=list)
    quiet_until: Mapped[datetime | None]


class ConditionRow(Table):
    """A member of a `k of n` rule (R27): one line on one measure."""

    __tablename__ = "condition"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    group: Mapped[str] = mapped_column(String(80), index=True)
    position: Mapped[int]
    needed: Mapped[int]
    window_days: Mapped[int]
    measure_id: Mapped[int] = mapped_column(Id, ForeignKey("measure.id"))
    direction: Mapped[Direction]
    line: Mapped[int] = mapped_column(BigInteger)
    beyond_at: Mapped[datetime | None]


class ActKind(StrEnum):
    """What people do about an alert."""

    ACKNOWLEDGED = "acknowledged"
    SNOOZED = "snoozed"
    AWAKENED = "awakened"
    PAUSED = "paused"
    RESUMED = "resumed"
    EDITED = "edited"
    REMOVED = "removed"


class ActRow(Table):
    """Something that a person did about a rule: told in its living message (R26)."""

    __tablename__ = "act"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    rule_id: Mapped[int] = mapped_column(Id, ForeignKey("rule.id"), index=True)
    kind: Mapped[ActKind] = mapped_column(Word(ActKind))
    user: Mapped[str] = mapped_column(String(120))
    by: Mapped[str] = mapped_column(String(120))
    at: Mapped[datetime]
    until: Mapped[datetime | None]
