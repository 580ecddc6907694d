"""An emulated Slack with a workspace, and a bubblewatch beside it."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from alerts.indicators import catalogue
from alerts.sources.record import Record
from alerts.store import schema
from alerts.watch import Watch
from bot.platforms.slack import pace
from tests.emulators.slack import Channel, SlackEmulator, Team, User
from tests.platforms.slack.office import Office, RecordClock, database_at, settings_of


@dataclass(frozen=True)
class Acme:
    """A workspace: Ann is an admin, Ben made #general, Cai speaks Chinese and changes nothing."""

    team: Team
    ann: User
    ben: User
    cai: User
    general: Channel
    random: Channel


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database with the record in it, to be copied."""
    path = tmp_path_factory.mktemp("seeded") / "bubblewatch.db"

    async def seed() -> None:
        database = database_at(path)
        await schema.upgrade(database)
        await Watch(database, catalogue(), (), Record().evidence, RecordClock()).tick(())
        await database.close()

    asyncio.run(seed())
    return path


@pytest.fixture
def slack() -> Iterator[SlackEmulator]:
    with SlackEmulator() as emulator:
        emulator.sockets.ping_every = 0.2
        yield emulator


@pytest.fixture
def quick_posts(slack: SlackEmulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither Slack nor we count the messages of a channel: for tests of other things."""
    slack.rates.posts_per_second = 0
    monkeypatch.setattr(pace, "POSTS_IN_CHANNEL", pace.Limit(0.001))


@pytest.fixture
def acme(slack: SlackEmulator) -> Acme:
    team = slack.add_team("Acme")
    ann = team.add_user("Ann", admin=True)
    ben = team.add_user("Ben")
    cai = team.add_user("Cai", locale="zh-TW")
    general = team.add_channel("general", creator=ben, members=[ann, cai])
    random = team.add_channel("random", creator=ben, members=[ann, cai])
    return Acme(team, ann, ben, cai, general, random)


@pytest.fixture
async def office(
    slack: SlackEmulator, acme: Acme, seeded: Path, tmp_path: Path
) -> AsyncIterator[Office]:
    """Socket Mode in Acme; nothing runs yet. What was sent must be within Slack's limits."""
    path = tmp_path / "bubblewatch.db"
    shutil.copy(seeded, path)
    database = database_at(path)
    made = Office(slack, database, settings_of(slack, acme.team), RecordClock())
    yield made
    await made.close()
    assert slack.violations == []
    assert slack.rates.count_429 == 0
