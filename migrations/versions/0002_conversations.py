"""conversations"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from alembic import op

import alerts.store.models

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_OPEN = sa.text("state IN ('due', 'claimed', 'retry')")
_UNSENT = sa.text("state IN ('due', 'claimed', 'retry', 'parked')")
_EDITS = sa.text("edits_id IS NOT NULL")
_WHERE_OPEN: Mapping[str, Any] = {"sqlite_where": _OPEN, "postgresql_where": _OPEN}
_WHERE_EDITS: Mapping[str, Any] = {"sqlite_where": _EDITS, "postgresql_where": _EDITS}


def upgrade() -> None:
    # Without Alembic's batches: they copy a table and drop it, which the rows that point to it
    # forbid.
    op.create_table(
        "credential",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("platform", sa.String(length=40), nullable=False),
        sa.Column("workspace", sa.String(length=120), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column(
            "stored_at", alerts.store.models.table.UtcDateTime(timezone=True), nullable=False
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credential")),
        sa.UniqueConstraint("platform", "workspace", name=op.f("uq_credential_platform_workspace")),
    )
    op.create_table(
        "memory",
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_memory")),
    )
    op.create_table(
        "workspace",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("platform", sa.String(length=40), nullable=False),
        sa.Column("workspace", sa.String(length=120), nullable=False),
        sa.Column("managers", sa.String(length=120), nullable=True),
        sa.Column(
            "greeted_at", alerts.store.models.table.UtcDateTime(timezone=True), nullable=True
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workspace")),
        sa.UniqueConstraint("platform", "workspace", name=op.f("uq_workspace_platform_workspace")),
    )
    op.create_table(
        "act",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("rule_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "acknowledged",
                "snoozed",
                "awakened",
                "paused",
                "resumed",
                "edited",
                "removed",
                name="actkind",
                native_enum=False,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("user", sa.String(length=120), nullable=False),
        sa.Column("by", sa.String(length=120), nullable=False),
        sa.Column("at", alerts.store.models.table.UtcDateTime(timezone=True), nullable=False),
        sa.Column("until", alerts.store.models.table.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["rule_id"], ["rule.id"], name=op.f("fk_act_rule_id_rule")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_act")),
    )
    op.create_index(op.f("ix_act_rule_id"), "act", ["rule_id"], unique=False)

    op.add_column(
        "delivery",
        sa.Column(
            "kind",
            sa.Enum(
                "alerts",
                "edit",
                "digest",
                "board",
                "notice",
                name="deliverykind",
                native_enum=False,
                length=20,
            ),
            server_default="alerts",
            nullable=False,
        ),
    )
    op.add_column(
        "delivery", sa.Column("quiet", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.add_column(
        "delivery",
        sa.Column("edits_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
    )
    op.add_column(
        "delivery",
        sa.Column(
            "follows_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
    )
    op.add_column("delivery", sa.Column("notice", sa.JSON(), nullable=True))
    op.add_column(
        "delivery", sa.Column("platform", sa.String(length=40), server_default="", nullable=False)
    )
    op.drop_index("ix_delivery_open", table_name="delivery", **_WHERE_OPEN)
    op.drop_index("ix_delivery_open_destination", table_name="delivery", **_WHERE_OPEN)
    op.execute(
        "UPDATE delivery SET platform ="
        " (SELECT platform FROM destination WHERE destination.id = delivery.destination_id)"
    )
    op.execute("UPDATE delivery SET due_at = lease_until WHERE state = 'claimed'")
    op.execute("ALTER TABLE delivery DROP COLUMN lease_until")
    op.create_index(
        "ix_delivery_unsent_destination",
        "delivery",
        ["destination_id", "id"],
        unique=False,
        sqlite_where=_UNSENT,
        postgresql_where=_UNSENT,
    )
    op.create_index(
        "ix_delivery_open_due",
        "delivery",
        ["platform", "due_at", "id"],
        unique=False,
        **_WHERE_OPEN,
    )
    op.create_index(
        "ix_delivery_destination_id_id", "delivery", ["destination_id", "id"], unique=False
    )
    op.create_index("ix_delivery_edits_id", "delivery", ["edits_id"], unique=False, **_WHERE_EDITS)

    op.add_column("destination", sa.Column("owner", sa.String(length=120), nullable=True))
    op.add_column(
        "destination",
        sa.Column("off_with_workspace", sa.Boolean(), server_default=sa.false(), nullable=False),
    )
    op.add_column(
        "destination", sa.Column("direct", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.add_column(
        "destination",
        sa.Column("tells_cleared", sa.Boolean(), server_default=sa.false(), nullable=False),
    )
    op.add_column("destination", sa.Column("quiet_from", sa.Integer(), nullable=True))
    op.add_column("destination", sa.Column("quiet_to", sa.Integer(), nullable=True))
    op.add_column(
        "destination",
        sa.Column(
            "digest",
            sa.Enum("off", "daily", "weekly", name="digest", native_enum=False, length=20),
            server_default="off",
            nullable=False,
        ),
    )
    op.add_column(
        "destination",
        sa.Column("digest_minute", sa.Integer(), server_default="540", nullable=False),
    )
    op.add_column(
        "destination", sa.Column("digest_weekday", sa.Integer(), server_default="0", nullable=False)
    )
    op.add_column(
        "destination",
        sa.Column(
            "digest_due_at", alerts.store.models.table.UtcDateTime(timezone=True), nullable=True
        ),
    )
    op.add_column(
        "destination",
        sa.Column("board_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
    )
    op.create_index(
        "ix_destination_board_id",
        "destination",
        ["board_id"],
        unique=False,
        sqlite_where=sa.text("board_id IS NOT NULL"),
        postgresql_where=sa.text("board_id IS NOT NULL"),
    )
    op.create_index(
        "ix_destination_digest_due_at",
        "destination",
        ["digest_due_at"],
        unique=False,
        sqlite_where=sa.text("digest_due_at IS NOT NULL"),
        postgresql_where=sa.text("digest_due_at IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index(
        "ix_destination_digest_due_at",
        table_name="destination",
        sqlite_where=sa.text("digest_due_at IS NOT NULL"),
        postgresql_where=sa.text("digest_due_at IS NOT NULL"),
    )
    op.drop_index(
        "ix_destination_board_id",
        table_name="destination",
        sqlite_where=sa.text("board_id IS NOT NULL"),
        postgresql_where=sa.text("board_id IS NOT NULL"),
    )
    for column in (
        "board_id",
        "digest_due_at",
        "digest_weekday",
        "digest_minute",
        "digest",
        "quiet_to",
        "quiet_from",
        "tells_cleared",
        "direct",
        "off_with_workspace",
        "owner",
    ):
        op.execute(f"ALTER TABLE destination DROP COLUMN {column}")

    op.drop_index("ix_delivery_edits_id", table_name="delivery", **_WHERE_EDITS)
    op.drop_index("ix_delivery_destination_id_id", table_name="delivery")
    op.drop_index("ix_delivery_open_due", table_name="delivery", **_WHERE_OPEN)
    op.drop_index(
        "ix_delivery_unsent_destination",
        table_name="delivery",
        sqlite_where=_UNSENT,
        postgresql_where=_UNSENT,
    )
    op.add_column(
        "delivery",
        sa.Column(
            "lease_until",
            alerts.store.models.table.UtcDateTime(timezone=True),
            nullable=True,
        ),
    )
    op.execute("UPDATE delivery SET state = 'retry' WHERE state = 'parked'")
    op.execute("UPDATE delivery SET lease_until = due_at WHERE state = 'claimed'")
    for column in ("platform", "notice", "follows_id", "edits_id", "quiet", "kind"):
        op.execute(f"ALTER TABLE delivery DROP COLUMN {column}")
    op.create_index("ix_delivery_open", "delivery", ["id"], unique=False, **_WHERE_OPEN)
    op.create_index(
        "ix_delivery_open_destination",
        "delivery",
        ["destination_id", "id"],
        unique=False,
        **_WHERE_OPEN,
    )

    op.drop_index(op.f("ix_act_rule_id"), table_name="act")

    op.drop_table("act")
    op.drop_table("workspace")
    op.drop_table("memory")
    op.drop_table("credential")
