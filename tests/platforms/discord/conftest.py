"""What the tests of Discord share. Every request must be one that Discord's description allows."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.emulators.discord import DiscordEmulator
from tests.platforms.discord.home import Home, at_home, connected


@pytest.fixture
def discord() -> Iterator[DiscordEmulator]:
    with DiscordEmulator() as emulator:
        yield emulator
        assert emulator.violations == []


@pytest.fixture
async def away(tmp_path: Path, discord: DiscordEmulator) -> AsyncIterator[Home]:
    """Nothing runs yet."""
    async with at_home(tmp_path, discord) as home:
        yield home


@pytest.fixture
async def home(away: Home) -> AsyncIterator[Home]:
    """Connected."""
    async with connected(away):
        yield away
