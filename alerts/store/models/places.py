"""Where people are, and what they chose there."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import (
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from alerts.store.models.table import Id, Table, Word


class Digest(StrEnum):
    """How often a destination gets the board unasked."""

    OFF = "off"
    DAILY = "daily"
    WEEKLY = "weekly"


class DestinationRow(Table):
    """A channel on a platform in a workspace. `off_reason` says why nothing is posted there, and
    `off_with_workspace` that the whole workspace was lost, so that it comes back with it.

    `owner`: who first asked for something there, told when it is lost (R30). `direct`: a person's
    own messages. Quiet hours and the digest's time are minutes after local midnight; weekdays
    count from Monday. `board_id`: the delivery whose message is the pinned board.
    """

    __tablename__ = "destination"
    __table_args__ = (
        UniqueConstraint("platform", "workspace", "channel"),
        Index(
            "ix_destination_digest_due_at",
            "digest_due_at",
            sqlite_where=text("digest_due_at IS NOT NULL"),
            postgresql_where=text("digest_due_at IS NOT NULL"),
        ),
        Index(
            "ix_destination_board_id",
            "board_id",
            sqlite_where=text("board_id IS NOT NULL"),
            postgresql_where=text("board_id IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    platform: Mapped[str] = mapped_column(String(40))
    workspace: Mapped[str] = mapped_column(String(120))
    channel: Mapped[str] = mapped_column(String(120))
    language: Mapped[str] = mapped_column(String(20), default="en")
    timezone: Mapped[str] = mapped_column(String(60), default="UTC")
    off_reason: Mapped[str | None] = mapped_column(Text)
    off_with_workspace: Mapped[bool] = mapped_column(default=False, server_default=false())
    created_at: Mapped[datetime]
    owner: Mapped[str | None] = mapped_column(String(120))
    direct: Mapped[bool] = mapped_column(default=False, server_default=false())
    tells_cleared: Mapped[bool] = mapped_column(default=False, server_default=false())
    quiet_from: Mapped[int | None]
    quiet_to: Mapped[int | None]
    digest: Mapped[Digest] = mapped_column(Word(Digest), default=Digest.OFF, server_default="off")
    digest_minute: Mapped[int] = mapped_column(default=9 * 60, server_default="540")
    digest_weekday: Mapped[int] = mapped_column(default=0, server_default="0")
    digest_due_at: Mapped[datetime | None]
    board_id: Mapped[int | None] = mapped_column(Id)


class SubscriptionRow(Table):
    """A destination takes a preset's rules."""

    __tablename__ = "subscription"
    __table_args__ = (UniqueConstraint("destination_id", "preset"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    destination_id: Mapped[int] = mapped_column(Id, ForeignKey("destination.id"))
    preset: Mapped[str] = mapped_column(String(40))
    created_at: Mapped[datetime]


class WorkspaceRow(Table):
    """A server or workspace. `managers` is the role or user group that may change things there."""

    __tablename__ = "workspace"
    __table_args__ = (UniqueConstraint("platform", "workspace"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    platform: Mapped[str] = mapped_column(String(40))
    workspace: Mapped[str] = mapped_column(String(120))
    managers: Mapped[str | None] = mapped_column(String(120))
    greeted_at: Mapped[datetime | None]


class CredentialRow(Table):
    """What a platform gave us to act in a workspace, sealed: never readable from the file alone."""

    __tablename__ = "credential"
    __table_args__ = (UniqueConstraint("platform", "workspace"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    platform: Mapped[str] = mapped_column(String(40))
    workspace: Mapped[str] = mapped_column(String(120))
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    stored_at: Mapped[datetime]


class MemoryRow(Table):
    """A few facts that a platform keeps over restarts, like which commands it has registered."""

    __tablename__ = "memory"

    key: Mapped[str] = mapped_column(String(120), primary_key=True)
    value: Mapped[str] = mapped_column(Text)
