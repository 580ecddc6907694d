"""What the tests of Discord share. Every request must be one that Discord's description allows."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import discord as library
import pytest

from tests.emulators.discord import DiscordEmulator
from tests.platforms.discord.home import Home, at_home, connected, fill


@pytest.fixture(autouse=True)
def signs_in_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """discord.py gives its users this hook in which to wait between two sessions; itself, it
    waits five seconds there."""

    async def at_once(self: library.Client, shard_id: int | None, *, initial: bool = False) -> None:
        """There is nobody else who signs in."""

    monkeypatch.setattr(library.Client, "before_identify_hook", at_once)


@pytest.fixture
def discord() -> Iterator[DiscordEmulator]:
    with DiscordEmulator() as emulator:
        # Each new client asks where the gateway is, and Discord lets it ask twice in five seconds.
        emulator.rates.buckets["gateway"] = (100, 5.0)
        yield emulator
        assert emulator.violations == []


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("filled") / "bubblewatch.db"
    asyncio.run(fill(path))
    return path


@pytest.fixture
async def away(tmp_path: Path, filled: Path, discord: DiscordEmulator) -> AsyncIterator[Home]:
    """Nothing runs yet."""
    own = tmp_path / "bubblewatch.db"
    shutil.copy(filled, own)
    async with at_home(own, discord) as home:
        yield home


@pytest.fixture
async def home(away: Home) -> AsyncIterator[Home]:
    """Connected."""
    async with connected(away):
        yield away
