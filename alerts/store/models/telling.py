"""Alerts and the deliveries that they travel in."""

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
    false,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from alerts.quantity import Unit
from alerts.rules import Kind, Level, Withheld
from alerts.store.models.table import Id, Table, Word


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
    PARKED = "parked"
    """It waits until its destination, which is off, is on again (R24)."""
    FOLDED = "folded"
    """It needs no message of its own: its alerts went into another one (R15), or there is nothing
    left to say."""


class DeliveryKind(StrEnum):
    """What a message is."""

    ALERTS = "alerts"
    EDIT = "edit"
    """An earlier message tells how its story went on (R26)."""
    DIGEST = "digest"
    BOARD = "board"
    """The pinned board, posted or brought up to date."""
    NOTICE = "notice"
    """A word from the program itself: a greeting, a lost channel."""


_OPEN = text("state IN ('due', 'claimed', 'retry')")
_UNSENT = text("state IN ('due', 'claimed', 'retry', 'parked')")


class DeliveryRow(Table):
    """One message to one destination (R18, R20). `nonce` travels with it (R22).

    `platform` is the destination's, so that each platform's queue is a range of one index. While
    a delivery is claimed, `due_at` is the end of its lease. `edits_id`: the delivery whose message
    it edits; `follows_id`: the one whose message it answers (R26). `worker`: the replica that
    claimed it last, where there may be several. `quiet`: it waits for the end
    of quiet hours, and what is critical goes past it.
    """

    __tablename__ = "delivery"
    __table_args__ = (
        Index(
            "ix_delivery_unsent_destination",
            "destination_id",
            "id",
            sqlite_where=_UNSENT,
            postgresql_where=_UNSENT,
        ),
        Index(
            "ix_delivery_open_due",
            "platform",
            "due_at",
            "id",
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
        Index("ix_delivery_destination_id_id", "destination_id", "id"),
        Index(
            "ix_delivery_edits_id",
            "edits_id",
            sqlite_where=text("edits_id IS NOT NULL"),
            postgresql_where=text("edits_id IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    nonce: Mapped[str] = mapped_column(String(32), unique=True)
    platform: Mapped[str] = mapped_column(String(40))
    destination_id: Mapped[int] = mapped_column(Id, ForeignKey("destination.id"))
    state: Mapped[DeliveryState] = mapped_column(Word(DeliveryState))
    away: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    worker: Mapped[int | None]
    uncertain: Mapped[bool] = mapped_column(default=False)
    plain: Mapped[bool] = mapped_column(default=False)
    attempts: Mapped[int] = mapped_column(default=0)
    first_tried_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]
    reason: Mapped[str | None] = mapped_column(Text)
    message: Mapped[str | None] = mapped_column(String(200))
    kind: Mapped[DeliveryKind] = mapped_column(
        Word(DeliveryKind), default=DeliveryKind.ALERTS, server_default="alerts"
    )
    quiet: Mapped[bool] = mapped_column(default=False, server_default=false())
    edits_id: Mapped[int | None] = mapped_column(Id)
    follows_id: Mapped[int | None] = mapped_column(Id)
    notice: Mapped[dict[str, str] | None] = mapped_column(JSON)


class AttemptRow(Table):
    """One try at a delivery, and how it ended."""

    __tablename__ = "attempt"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    delivery_id: Mapped[int] = mapped_column(Id, ForeignKey("delivery.id"), index=True)
    at: Mapped[datetime]
    outcome: Mapped[str] = mapped_column(String(20))
    detail: Mapped[str | None] = mapped_column(Text)
