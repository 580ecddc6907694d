"""What is known and observed."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import (
    JSON,
    BigInteger,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from alerts.measures import MeasureKind
from alerts.quantity import Unit
from alerts.reading import Status
from alerts.store.models.table import Id, Table


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


class SourceRow(Table):
    """How a source is doing: told by `sources`, kept over restarts."""

    __tablename__ = "source"

    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    asked_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    trouble: Mapped[str | None] = mapped_column(Text)
    trouble_since: Mapped[datetime | None]
    retry_at: Mapped[datetime | None]
