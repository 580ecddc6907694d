"""What all tests share: databases. Those marked `both_databases` run on SQLite and PostgreSQL."""

from __future__ import annotations

import asyncio
import gc
import shutil
import signal
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from types import FrameType

import pytest
from sqlalchemy.engine import make_url

from alerts.store import schema
from alerts.store.database import Database, sqlite_url
from tests.databases import PostgresServer, postgres_server

BOTH = ("sqlite", "postgresql")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "both_databases: runs on SQLite and on PostgreSQL")
    # Python's own handler would be taken for asyncio's at each run of a loop, and given back with
    # a description of all that a fixture holds (signal._int_to_enum), which nobody reads.
    signal.signal(signal.SIGINT, _interrupt)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def pytest_collection_finish() -> None:
    """What the imports made lives until the end: to look through it again and again for garbage
    would take a tenth of the time."""
    gc.collect()
    gc.freeze()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "database_kind" in metafunc.fixturenames:
        both = metafunc.definition.get_closest_marker("both_databases") is not None
        metafunc.parametrize("database_kind", BOTH if both else BOTH[:1], scope="session")


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """One server a worker, started by the first test that wants it."""
    with postgres_server() as server:
        yield server


async def migrate(url: str) -> None:
    database = Database(url)
    try:
        await schema.upgrade(database)
    finally:
        await database.close()


@pytest.fixture(scope="session")
def migrated_postgres(postgres: PostgresServer) -> str:
    """The name of a migrated database that others are made from."""
    url = postgres.create()
    asyncio.run(migrate(url))
    return make_url(url).database or ""


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated file that others are copied from."""
    path = tmp_path_factory.mktemp("migrated") / "bubblewatch.db"
    asyncio.run(migrate(sqlite_url(path)))
    return path


@pytest.fixture
def database_address(
    tmp_path: Path, database_kind: str, request: pytest.FixtureRequest
) -> Iterator[str]:
    """A migrated, empty database of one's own."""
    if database_kind == "postgresql":
        server: PostgresServer = request.getfixturevalue("postgres")
        url = server.create(request.getfixturevalue("migrated_postgres"))
        yield url
        server.drop(url)
    else:
        copied = shutil.copy(request.getfixturevalue("migrated_file"), tmp_path / "bubblewatch.db")
        yield sqlite_url(Path(copied))


@pytest.fixture
async def database(database_address: str) -> AsyncIterator[Database]:
    """Migrated and empty."""
    made = Database(database_address)
    yield made
    await made.close()
