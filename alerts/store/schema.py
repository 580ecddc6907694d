"""Bring a database to the newest schema with Alembic, or tell what is missing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

from alerts.store.database import Database
from alerts.store.models import Table

if TYPE_CHECKING:
    from alembic.config import Config

# Alembic is imported only where something is migrated: a command on a database that is up to date
# answers a tenth of a second sooner without it.


def _config(connection: Connection | None = None) -> Config:
    from alembic.config import Config

    import migrations

    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    config.attributes["connection"] = connection
    return config


def newest_revision() -> str:
    """The last migration that is installed: files are named by their revision."""
    import migrations

    folder = Path(migrations.__file__).parent / "versions"
    revisions = sorted(path.name.partition("_")[0] for path in folder.glob("[0-9]*_*.py"))
    if not revisions:
        raise LookupError("no migration is installed: the package is incomplete")
    return revisions[-1]


def _revision_of(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()


class SchemaTooNew(Exception):
    """A newer version has been here: one sentence for the operator, with what to do."""


async def revision(database: Database) -> str | None:
    """The schema that a database has; None when it is empty."""
    async with database.read() as connection:
        return await connection.run_sync(_revision_of)


async def upgrade(database: Database) -> tuple[str | None, str]:
    """Run what is missing, in one transaction. Returns the revisions (before, after).

    Raises SchemaTooNew, and leaves such a database as it is.
    """
    newest = newest_revision()
    before = await revision(database)
    if before == newest:
        return before, newest
    if before is not None and before > newest:
        raise SchemaTooNew(
            f"{database.place} has the schema {before}, and this version knows none after "
            f"{newest}; install the version that made it, or a newer one"
        )

    def run(connection: Connection) -> str | None:
        from alembic import command

        # Looked up again under the write lock: another process may have been faster.
        found = _revision_of(connection)
        if found != newest:
            command.upgrade(_config(connection), "head")
        return found

    async with database.write() as connection:
        before = await connection.run_sync(run)
    return before, newest


async def drift(database: Database) -> list[object]:
    """Differences between the migrated database and the models; empty when there are none."""

    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext

    def run(connection: Connection) -> list[object]:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, Table.metadata))

    async with database.read() as connection:
        return await connection.run_sync(run)
