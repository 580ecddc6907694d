"""What people add to the catalogue: facts, indicators of their own, tickers."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from alerts.store.models.table import Id, Table


class FactRow(Table):
    """A fact that was entered here, or one that travels with the program and was retired here.

    `value` is an exact decimal. Nothing is deleted: what is retired keeps who did it and when.
    """

    __tablename__ = "fact"
    __table_args__ = (Index("ix_fact_key", "key", "day"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    key: Mapped[str] = mapped_column(String(80))
    value: Mapped[str] = mapped_column(String(80))
    day: Mapped[date]
    source_url: Mapped[str] = mapped_column(Text)
    note: Mapped[str] = mapped_column(Text)
    review_after: Mapped[date]
    entered_by: Mapped[str] = mapped_column(String(200))
    entered_at: Mapped[datetime]
    retired_by: Mapped[str | None] = mapped_column(String(200))
    retired_at: Mapped[datetime | None]


class OwnIndicatorRow(Table):
    """An indicator that a person defined. A removed one keeps its row: its history is there."""

    __tablename__ = "own_indicator"
    __table_args__ = (UniqueConstraint("key"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    key: Mapped[str] = mapped_column(String(80))
    formula: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(String(120))
    defined_by: Mapped[str] = mapped_column(String(200))
    defined_at: Mapped[datetime]
    removed_by: Mapped[str | None] = mapped_column(String(200))
    removed_at: Mapped[datetime | None]


class TickerRow(Table):
    """A ticker that somebody asked for in a place: `price(TSM)`."""

    __tablename__ = "ticker"

    destination_id: Mapped[int] = mapped_column(Id, ForeignKey("destination.id"), primary_key=True)
    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    asked_at: Mapped[datetime]
