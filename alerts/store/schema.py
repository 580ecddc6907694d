"""Bring a database to the newest schema with Alembic, or tell what is missing."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from alerts.store.database import Database
from alerts.store.models import Table


def _config(connection: Connection | None = None) -> Config:
    import migrations

    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    config.attributes["connection"] = connection
    return config


def newest_revision() -> str:
    head = ScriptDirectory.from_config(_config()).get_current_head()
    if head is None:
        raise LookupError("no migration is installed: the package is incomplete")
    return head


async def upgrade(database: Database) -> tuple[str | None, str]:
    """Run what is missing, in one transaction. Returns the revisions (before, after)."""

    def run(connection: Connection) -> str | None:
        before = MigrationContext.configure(connection).get_current_revision()
        if before != newest_revision():
            command.upgrade(_config(connection), "head")
        return before

    async with database.write() as connection:
        before = await connection.run_sync(run)
    return before, newest_revision()


async def drift(database: Database) -> list[object]:
    """Differences between the migrated database and the models; empty when there are none."""

    def run(connection: Connection) -> list[object]:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, Table.metadata))

    async with database.read() as connection:
        return await connection.run_sync(run)
