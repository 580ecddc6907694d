"""Settings: from the environment and an optional `.env` file, all with a default that works."""

from __future__ import annotations

from pathlib import Path

from platformdirs import user_data_path
from pydantic import Field, HttpUrl
from pydantic_settings import BaseSettings, SettingsConfigDict


def _default_data_dir() -> Path:
    return user_data_path("bubblewatch", appauthor=False)


class Settings(BaseSettings):
    """Every setting is an environment variable with the prefix `BUBBLEWATCH_`."""

    model_config = SettingsConfigDict(
        env_prefix="BUBBLEWATCH_", env_file=".env", env_ignore_empty=True, extra="ignore"
    )

    data_dir: Path = Field(
        default_factory=_default_data_dir,
        description="Where the database, the transcript and caches are kept.",
    )
    contact: str = Field(
        default="",
        description="Your e-mail address, told to the SEC as its rules for programs ask.",
    )
    yahoo_url: HttpUrl | None = Field(
        default=None, description="Another server in the place of Yahoo Finance."
    )
    sec_url: HttpUrl | None = Field(
        default=None, description="Another server in the place of https://data.sec.gov."
    )
    holdings_url: HttpUrl | None = Field(
        default=None, description="Another server in the place of https://www.ishares.com."
    )
    language: str = Field(
        default="", description="Language of the terminal: en, zh_Hant, zh_Hans; empty: locale's."
    )
    log_level: str = Field(default="WARNING", description="DEBUG, INFO, WARNING or ERROR.")

    @property
    def database_path(self) -> Path:
        return self.data_dir / "bubblewatch.db"

    @property
    def transcript_path(self) -> Path:
        return self.data_dir / "terminal.jsonl"

    @property
    def cache_dir(self) -> Path:
        return self.data_dir / "cache"
