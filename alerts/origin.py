"""Where a figure comes from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a figure was read and when. `source` is a short name: yahoo, sec, ishares, record."""

    source: str
    url: str
    fetched_at: datetime
