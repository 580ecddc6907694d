"""Evidence between two ticks: the newest answer to every need, kept whole."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Mapping
from datetime import datetime

from pydantic import TypeAdapter
from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from alerts.evidence import Answer, Evidence, Need
from alerts.store.models import EvidenceRow

_CODECS: dict[type[Answer], TypeAdapter[Answer]] = {}


def _codec(answer: type[Answer]) -> TypeAdapter[Answer]:
    """Made at the first use: building one costs milliseconds."""
    if answer not in _CODECS:
        _CODECS[answer] = TypeAdapter(answer)
    return _CODECS[answer]


def _decode(need: Need[Answer], payload: bytes) -> Answer:
    return _codec(need.answer).validate_json(zlib.decompress(payload))


def _encode(need: Need[Answer], answer: Answer) -> bytes:
    return zlib.compress(_codec(need.answer).dump_json(answer), level=3)


async def load(connection: AsyncConnection, needs: frozenset[Need[Answer]]) -> Evidence:
    """What is stored for these needs; needs without an answer are left out."""
    by_name = {str(need): need for need in needs}
    rows = await connection.execute(
        select(EvidenceRow.need, EvidenceRow.payload).where(EvidenceRow.need.in_(by_name))
    )
    payloads = {by_name[name]: payload for name, payload in rows}

    def decode_all() -> Evidence:
        return Evidence({need: _decode(need, payload) for need, payload in payloads.items()})

    # Twenty thousand closes take tens of milliseconds: not on the event loop.
    return await asyncio.to_thread(decode_all)


async def encode(answers: Mapping[Need[Answer], Answer]) -> dict[str, bytes]:
    """Payloads by need, made off the event loop and before any transaction begins."""
    return await asyncio.to_thread(
        lambda: {str(need): _encode(need, answer) for need, answer in answers.items()}
    )


async def save(connection: AsyncConnection, payloads: Mapping[str, bytes], now: datetime) -> None:
    if not payloads:
        return
    await connection.execute(delete(EvidenceRow).where(EvidenceRow.need.in_(payloads)))
    rows = [
        {"need": need, "payload": payload, "stored_at": now} for need, payload in payloads.items()
    ]
    await connection.execute(insert(EvidenceRow), rows)
