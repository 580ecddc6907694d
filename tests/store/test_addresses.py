"""DATABASE_URL as hosting places write it (issue 5)."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from alerts.store.database import Database, UnknownDatabase, database_url
from bot.settings import Settings

SECRET = "hunter2"


@pytest.mark.parametrize(
    ("given", "understood"),
    [
        ("postgres://u:p@host:5433/name", "postgresql+psycopg://u:p@host:5433/name"),
        ("postgresql://u@host/name?sslmode=require", None),
        ("postgresql+asyncpg://u@host/name", "postgresql+psycopg://u@host/name"),
        (" postgresql+psycopg://host/name\n", "postgresql+psycopg://host/name"),
        ("sqlite:////data/my.db", "sqlite+aiosqlite:////data/my.db"),
    ],
)
def test_the_usual_spellings_are_understood(given: str, understood: str | None) -> None:
    expected = understood or "postgresql+psycopg://u@host/name?sslmode=require"
    assert database_url(given) == expected


@pytest.mark.parametrize("given", ["mysql://u:hunter2@host/name", "sqlite://", "hunter2"])
def test_others_are_refused_without_their_password(given: str) -> None:
    with pytest.raises(UnknownDatabase) as refused:
        database_url(given)
    assert SECRET not in str(refused.value)


@pytest.mark.parametrize("name", ["DATABASE_URL", "BUBBLEWATCH_DATABASE_URL"])
def test_both_names_of_the_setting_are_heard(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, f"postgres://u:{SECRET}@host/name")
    settings = Settings()
    assert settings.database_address == f"postgresql+psycopg://u:{SECRET}@host/name"
    assert settings.database_path is None
    assert SECRET not in repr(settings)
    assert SECRET not in Database(settings.database_address).place


def test_without_it_the_file_is_in_the_data_folder(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    assert settings.database_path == tmp_path / "bubblewatch.db"


def test_a_mistake_in_it_is_told_without_the_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", f"mysql://u:{SECRET}@host/name")
    with pytest.raises(ValidationError) as refused:
        Settings()
    [problem] = refused.value.errors()
    assert "only PostgreSQL and SQLite" in problem["msg"]
    assert SECRET not in problem["msg"]
