"""`python -m tests.faults`: every named fault, as a table of what was lost, repeated, out of order.

Ends with 1 when anything was. The kills are `python -m tests.faults.chat`.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

from alerts.store import schema
from alerts.store.database import Database, sqlite_url
from tests.faults.named import FAULTS
from tests.faults.reckoning import Reckoning, table


async def _reckoned(name: str, folder: Path) -> Reckoning:
    path = folder / "bubblewatch.db"
    database = Database(sqlite_url(path))
    try:
        await schema.upgrade(database)
    finally:
        await database.close()
    return await FAULTS[name](path)


def main() -> int:
    rows: list[tuple[object, ...]] = []
    good = True
    for name in FAULTS:
        with tempfile.TemporaryDirectory(prefix="bubblewatch-faults-") as folder:
            found = asyncio.run(_reckoned(name, Path(folder)))
        rows.append((name, found.due, found.lost, found.repeated, found.disordered))
        good = good and found.is_good
    print(table(("fault", "messages", "lost", "repeated", "places out of order"), rows))
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
