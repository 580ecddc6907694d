"""Block Kit stub."""

from __future__ import annotations

from typing import Any


def problems_of_message(blocks: Any, at: str = "/blocks") -> list[str]:
    return []


def problems_of_view(view: Any) -> list[str]:
    return []
