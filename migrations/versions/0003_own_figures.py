"""own figures"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import alerts.store.models

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "fact",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("value", sa.String(length=80), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("source_url", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("review_after", sa.Date(), nullable=False),
        sa.Column("entered_by", sa.String(length=200), nullable=False),
        sa.Column(
            "entered_at", alerts.store.models.table.UtcDateTime(timezone=True), nullable=False
        ),
        sa.Column("retired_by", sa.String(length=200), nullable=True),
        sa.Column(
            "retired_at", alerts.store.models.table.UtcDateTime(timezone=True), nullable=True
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fact")),
    )
    op.create_index("ix_fact_key", "fact", ["key", "day"], unique=False)
    op.create_table(
        "own_indicator",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("formula", sa.Text(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("defined_by", sa.String(length=200), nullable=False),
        sa.Column(
            "defined_at", alerts.store.models.table.UtcDateTime(timezone=True), nullable=False
        ),
        sa.Column("removed_by", sa.String(length=200), nullable=True),
        sa.Column(
            "removed_at", alerts.store.models.table.UtcDateTime(timezone=True), nullable=True
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_own_indicator")),
        sa.UniqueConstraint("key", name=op.f("uq_own_indicator_key")),
    )
    op.create_table(
        "ticker",
        sa.Column(
            "destination_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("asked_at", alerts.store.models.table.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["destination_id"],
            ["destination.id"],
            name=op.f("fk_ticker_destination_id_destination"),
        ),
        sa.PrimaryKeyConstraint("destination_id", "key", name=op.f("pk_ticker")),
    )


def downgrade() -> None:
    op.drop_table("ticker")
    op.drop_table("own_indicator")
    op.drop_index("ix_fact_key", table_name="fact")
    op.drop_table("fact")
