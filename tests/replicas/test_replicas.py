"""Several processes on one PostgreSQL: nothing lost, nothing twice, somebody always goes on."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from alerts import leadership
from tests.databases import PostgresServer


@pytest.fixture
def url(postgres: PostgresServer, migrated_postgres: str) -> str:
    return postgres.create(migrated_postgres)


@pytest.mark.timeout(110)
def test_three_replicas_killed_in_turn_lose_nothing_and_repeat_nothing(
    url: str, tmp_path: Path
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.replicas.replica_driver", url, str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    assert done.returncode == 0, done.stderr
    outcome = json.loads(done.stdout)
    wrong = {name: outcome[name] for name in ("lost", "repeated", "disordered")}
    assert wrong == {"lost": 0, "repeated": 0, "disordered": 0}, done.stderr
    assert outcome["messages"] >= 200
    assert max(outcome["takeovers"]) < 15
    # Deliveries are shared by all; the connected platform is one replica's at a time.
    assert outcome["speakers"]["shared"] >= 3
    assert outcome["speakers"]["gate"] >= 2


def test_with_the_service_s_own_pauses_others_go_on_within_fifteen_seconds() -> None:
    looks = leadership.DEAD_AFTER_LOOKS + 1
    assert looks * leadership.LOOK_EVERY_S + leadership.LOOK_WITHIN_S < 15
