"""replicas"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("delivery", sa.Column("worker", sa.Integer(), nullable=True))


def downgrade() -> None:
    op.execute("ALTER TABLE delivery DROP COLUMN worker")
