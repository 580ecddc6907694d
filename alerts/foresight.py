"""What messages will need, made ready while their alerts are still being recorded.

To record an alert for each of thousands of places takes as long as to draw the picture that they
are all shown: the two go on at the same time.
"""

from __future__ import annotations

from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from alerts.store.alerts import Alert


class Foresight(Protocol):
    """Whoever makes something ready. Nothing that it does may be seen by anybody before the
    transaction is over (R20)."""

    def some(self) -> None:
        """There will be something to tell in a moment."""
        ...

    async def many(self, connection: AsyncConnection, alert: Alert) -> None:
        """Many places will be told of the same crossing; `alert` is the first of them. It is not
        recorded yet, and has no id; `connection` sees what it rests on."""
        ...

    def none(self) -> None:
        """Nothing was kept: nobody will be told."""
        ...


class Blind:
    """Makes nothing ready."""

    def some(self) -> None:
        pass

    async def many(self, connection: AsyncConnection, alert: Alert) -> None:
        pass

    def none(self) -> None:
        pass
