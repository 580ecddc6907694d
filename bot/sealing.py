"""Seals what must not be readable from the database alone: tokens, and states of an installation.

The key comes from the setting `secret_key`: any text; several separated by commas while it is
being changed. The first seals, all of them open.
"""

from __future__ import annotations

import base64
from datetime import datetime, timedelta

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

SHORTEST_KEY = 32


class SealBroken(Exception):
    """Not sealed by us with any of these keys, changed since, or too old."""


class KeyTooShort(ValueError):
    """One sentence for the operator."""


class Seal:
    """`purpose` keeps apart what is sealed for different ends: one never opens as the other.

    Raises KeyTooShort.
    """

    def __init__(self, secret_key: str, purpose: str) -> None:
        keys = [key.strip() for key in secret_key.split(",") if key.strip()]
        if not keys or min(map(len, keys)) < SHORTEST_KEY:
            raise KeyTooShort(
                f"BUBBLEWATCH_SECRET_KEY needs {SHORTEST_KEY} or more characters; "
                "`openssl rand -hex 32` makes one"
            )
        self._fernet = MultiFernet([Fernet(_derived(key, purpose)) for key in keys])

    def seal(self, content: bytes, now: datetime) -> bytes:
        return self._fernet.encrypt_at_time(content, int(now.timestamp()))

    def open(
        self, sealed: bytes, now: datetime | None = None, within: timedelta | None = None
    ) -> bytes:
        """Raises SealBroken; with `now` and `within` also when it was sealed too long ago."""
        try:
            if now is None or within is None:
                return self._fernet.decrypt(sealed)
            seconds = int(within.total_seconds())
            return self._fernet.decrypt_at_time(sealed, seconds, int(now.timestamp()))
        except InvalidToken as error:
            raise SealBroken("the seal is broken") from error


def _derived(key: str, purpose: str) -> bytes:
    kdf = HKDF(hashes.SHA256(), length=32, salt=None, info=f"bubblewatch {purpose}".encode())
    return base64.urlsafe_b64encode(kdf.derive(key.encode()))
