"""The tables. Values and lines are integers of their unit's quantum (`Unit.to_fixed`)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any, ClassVar, cast

from sqlalchemy import (
    JSON,
    BigInteger,
    DateTime,
    Dialect,
    Enum,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeEngine

from alerts.measures import MeasureKind
from alerts.quantity import Unit
from alerts.reading import Status
from alerts.rules import Direction, Kind, Level, State, Withheld


class UtcDateTime(TypeDecorator[datetime]):
    """An aware datetime, kept in UTC; a naive one is a mistake and raises ValueError.

    SQLite has no type for it: there it is ISO text with microseconds, which sorts as time does.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(
            String(26) if dialect.name == "sqlite" else DateTime(timezone=True)
        )

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value} has no time zone")
        return _iso_utc(value) if dialect.name == "sqlite" else value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if isinstance(value, str):
            return datetime.fromisoformat(value).replace(tzinfo=UTC)
        return cast("datetime", value).astimezone(UTC)


@lru_cache(maxsize=512)
def _iso_utc(value: datetime) -> str:
    """Remembered: one tick writes the same few instants into thousands of rows."""
    return value.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")


def word(kind: type[StrEnum]) -> Enum:
    """An enumeration kept as its word, so that a database can be read without the code."""
    return Enum(
        kind,
        native_enum=False,
        create_constraint=False,
        length=20,
        values_callable=lambda members: [member.value for member in members],
    )


# SQLite numbers rows by itself only for a column declared exactly INTEGER.
Id = BigInteger().with_variant(Integer, "sqlite")


class Table(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: UtcDateTime(),
        Unit: word(Unit),
        Status: word(Status),
        Direction: word(Direction),
        Level: word(Level),
        Kind: word(Kind),
        State: word(State),
        Withheld: word(Withheld),
        MeasureKind: word(MeasureKind),
    }


class EvidenceRow(Table):
    """The newest answer to a need, whole, as JSON compressed with zlib."""

    __tablename__ = "evidence"

    need: Mapped[str] = mapped_column(String(80), primary_key=True)
    payload: Mapped[bytes] = mapped_column(LargeBinary)
    stored_at: Mapped[datetime]


class ObservationRow(Table):
    """A stored reading (R2): restatements are further versions, nothing is overwritten.

    `held`: the guard (R3) waits for later looks; `seen_again_at` is the first of them.
    """

    __tablename__ = "observation"
    __table_args__ = (
        UniqueConstraint("indicator", "as_of", "version"),
        Index("ix_observation_indicator_period_end", "indicator", "period_end"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    indicator: Mapped[str] = mapped_column(String(80))
    as_of: Mapped[datetime]
    version: Mapped[int]
    period_end: Mapped[date]
    value: Mapped[int] = mapped_column(BigInteger)
    unit: Mapped[Unit]
    status: Mapped[Status]
    source: Mapped[str] = mapped_column(String(80))
    source_url: Mapped[str] = mapped_column(Text)
    fetched_at: Mapped[datetime]
    definition: Mapped[str] = mapped_column(String(200))
    parts: Mapped[list[dict[str, str]]] = mapped_column(JSON)
    views: Mapped[list[dict[str, str]]] = mapped_column(JSON)
    held: Mapped[bool] = mapped_column(default=False)
    seen_again_at: Mapped[datetime | None]
    confirmed_by: Mapped[str | None] = mapped_column(String(200))
    note: Mapped[str | None] = mapped_column(Text)


class IndicatorRow(Table):
    """What the watch knows about an indicator beside its observations.

    `looked_at`: the last time that its sources answered; `stale_since`: the as-of after which no
    data came, while destinations have been told so (R5); `trouble`: why there is no newer value.
    """

    __tablename__ = "indicator"

    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    looked_at: Mapped[datetime | None]
    stale_since: Mapped[datetime | None]
    trouble: Mapped[str | None] = mapped_column(Text)


class MeasureRow(Table):
    """A measure that rules look at, and its newest value (R7: computed once an observation)."""

    __tablename__ = "measure"
    __table_args__ = (UniqueConstraint("indicator", "kind", "window"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    indicator: Mapped[str] = mapped_column(String(80))
    kind: Mapped[MeasureKind]
    window: Mapped[str] = mapped_column(String(12))
    unit: Mapped[Unit]
    value: Mapped[int | None] = mapped_column(BigInteger)
    as_of: Mapped[datetime | None]
    observation_id: Mapped[int | None] = mapped_column(Id, ForeignKey("observation.id"))


class DestinationRow(Table):
    """A channel on a platform in a workspace. `off_reason` says why nothing is posted there."""

    __tablename__ = "destination"
    __table_args__ = (UniqueConstraint("platform", "workspace", "channel"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    platform: Mapped[str] = mapped_column(String(40))
    workspace: Mapped[str] = mapped_column(String(120))
    channel: Mapped[str] = mapped_column(String(120))
    language: Mapped[str] = mapped_column(String(20), default="en")
    timezone: Mapped[str] = mapped_column(String(60), default="UTC")
    off_reason: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime]


class SubscriptionRow(Table):
    """A destination takes a preset's rules."""

    __tablename__ = "subscription"
    __table_args__ = (UniqueConstraint("destination_id", "preset"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    destination_id: Mapped[int] = mapped_column(Id, ForeignKey("destination.id"))
    preset: Mapped[str] = mapped_column(String(40))
    created_at: Mapped[datetime]


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


class AlertRow(Table):
    """Something that happened and is told, or was recorded and withheld.

    R17: one for each (rule, observation, kind). Notices that belong to no rule (R5) are one for
    each (destination, indicator, kind, as_of).
    """

    __tablename__ = "alert"
    __table_args__ = (
        UniqueConstraint("rule_id", "observation_id", "kind"),
        Index(
            "uq_alert_notice",
            "destination_id",
            "indicator",
            "kind",
            "as_of",
            unique=True,
            sqlite_where=text("rule_id IS NULL"),
            postgresql_where=text("rule_id IS NULL"),
        ),
        Index("ix_alert_delivery_id", "delivery_id"),
        Index("ix_alert_destination_id_id", "destination_id", "id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    rule_id: Mapped[int | None] = mapped_column(Id, ForeignKey("rule.id"))
    observation_id: Mapped[int | None] = mapped_column(Id, ForeignKey("observation.id"))
    destination_id: Mapped[int] = mapped_column(Id, ForeignKey("destination.id"))
    delivery_id: Mapped[int | None] = mapped_column(Id, ForeignKey("delivery.id"))
    indicator: Mapped[str] = mapped_column(String(80))
    kind: Mapped[Kind]
    level: Mapped[Level]
    as_of: Mapped[datetime]
    happened_at: Mapped[datetime]
    created_at: Mapped[datetime]
    value: Mapped[int | None] = mapped_column(BigInteger)
    unit: Mapped[Unit]
    previous: Mapped[int | None] = mapped_column(BigInteger)
    previous_as_of: Mapped[datetime | None]
    restated_from: Mapped[int | None] = mapped_column(BigInteger)
    held_back: Mapped[int] = mapped_column(default=0)
    withheld: Mapped[Withheld | None]


class DeliveryState(StrEnum):
    DUE = "due"
    CLAIMED = "claimed"
    RETRY = "retry"
    SENT = "sent"
    DEAD = "dead"
    FOLDED = "folded"
    """Its alerts went into an earlier message of the same destination (R15)."""


_OPEN = text("state IN ('due', 'claimed', 'retry')")


class DeliveryRow(Table):
    """One message to one destination (R18, R20). `nonce` travels with it (R22)."""

    __tablename__ = "delivery"
    __table_args__ = (
        Index(
            "ix_delivery_open_destination",
            "destination_id",
            "id",
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
        Index("ix_delivery_open", "id", sqlite_where=_OPEN, postgresql_where=_OPEN),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    nonce: Mapped[str] = mapped_column(String(32), unique=True)
    destination_id: Mapped[int] = mapped_column(Id, ForeignKey("destination.id"))
    state: Mapped[DeliveryState] = mapped_column(word(DeliveryState))
    away: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    lease_until: Mapped[datetime | None]
    uncertain: Mapped[bool] = mapped_column(default=False)
    plain: Mapped[bool] = mapped_column(default=False)
    attempts: Mapped[int] = mapped_column(default=0)
    first_tried_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]
    reason: Mapped[str | None] = mapped_column(Text)
    message: Mapped[str | None] = mapped_column(String(200))


class AttemptRow(Table):
    """One try at a delivery, and how it ended."""

    __tablename__ = "attempt"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    delivery_id: Mapped[int] = mapped_column(Id, ForeignKey("delivery.id"), index=True)
    at: Mapped[datetime]
    outcome: Mapped[str] = mapped_column(String(20))
    detail: Mapped[str | None] = mapped_column(Text)


class SourceRow(Table):
    """How a source is doing: told by `sources`, kept over restarts."""

    __tablename__ = "source"

    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    asked_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    trouble: Mapped[str | None] = mapped_column(Text)
    trouble_since: Mapped[datetime | None]
    retry_at: Mapped[datetime | None]
