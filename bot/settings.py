"""Settings: from the environment and an optional `.env` file, all with a default that works."""

from __future__ import annotations

from pathlib import Path

from platformdirs import user_data_path
from pydantic import AliasChoices, Field, HttpUrl, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy.engine import make_url

from alerts.store.database import database_url, sqlite_url
from alerts.store.destinations import Place
from bot.locales import known_language, language_of_locale


def place_of(text: str) -> Place:
    """discord:SERVER:CHANNEL, slack:TEAM:CHANNEL or apprise:NAME. Raises ValueError."""
    match [part.strip() for part in text.split(":")]:
        case ["apprise", name] if name:
            return Place("apprise", "operator", name)
        case [platform, workspace, channel] if platform and workspace and channel:
            return Place(platform, workspace, channel)
    raise ValueError(
        f"“{text}” is no place; write discord:SERVER:CHANNEL, slack:TEAM:CHANNEL or apprise:NAME"
    )


def _default_data_dir() -> Path:
    return user_data_path("bubblewatch", appauthor=False)


class Settings(BaseSettings):
    """Every setting is an environment variable with the prefix `BUBBLEWATCH_`."""

    model_config = SettingsConfigDict(
        env_prefix="BUBBLEWATCH_", env_file=".env", env_ignore_empty=True, extra="ignore"
    )

    @classmethod
    def of(cls, file: Path | None) -> Settings:
        """The environment's, and those of a file in the place of `.env`. Raises OSError when it
        cannot be read; one that is not there has none.
        """
        # pydantic-settings takes it; its types say so to a plugin of mypy alone.
        return cls() if file is None else cls(_env_file=file)  # type: ignore[call-arg]

    data_dir: Path = Field(
        default_factory=_default_data_dir,
        description="Where the database, the transcript and caches are kept.",
    )
    database_url: SecretStr | None = Field(
        default=None,
        validation_alias=AliasChoices("BUBBLEWATCH_DATABASE_URL", "DATABASE_URL"),
        description="postgresql://user:password@host/name, for several replicas or a place without "
        "a disk; without it, an SQLite file in `data_dir`.",
    )
    keep_days: int = Field(
        default=90,
        ge=2,
        le=36_500,
        description="So many days deliveries and their attempts are kept; figures and alerts are "
        "kept for ever.",
    )
    contact: str = Field(
        default="",
        description="Your e-mail address, told to the SEC as its rules for programs ask.",
    )
    yahoo_url: HttpUrl | None = Field(
        default=None, description="Another server in the place of Yahoo Finance."
    )
    yahoo_pause: float | None = Field(
        default=None,
        ge=0,
        description="Seconds between two requests to Yahoo or what stands in its place; "
        "2 without it, and 0.5 where another server does.",
    )
    sec_url: HttpUrl | None = Field(
        default=None, description="Another server in the place of https://data.sec.gov."
    )
    holdings_url: HttpUrl | None = Field(
        default=None, description="Another server in the place of https://www.ishares.com."
    )
    ssga_url: HttpUrl | None = Field(
        default=None, description="Another server in the place of https://www.ssga.com."
    )
    fred_url: HttpUrl | None = Field(
        default=None, description="Another server in the place of https://fred.stlouisfed.org."
    )
    world_bank_url: HttpUrl | None = Field(
        default=None, description="Another server in the place of https://api.worldbank.org."
    )
    screener_url: HttpUrl | None = Field(
        default=None, description="Another server in the place of https://api.nasdaq.com."
    )
    discord_token: SecretStr | None = Field(
        default=None, description="The bot token of a Discord application: switches Discord on."
    )
    discord_api_url: HttpUrl | None = Field(
        default=None, description="Another server in the place of https://discord.com/api/v10."
    )
    slack_bot_token: SecretStr | None = Field(
        default=None, description="The bot token (xoxb-) of one Slack workspace."
    )
    slack_app_token: SecretStr | None = Field(
        default=None, description="The app token (xapp-): Slack's Socket Mode, no public address."
    )
    slack_signing_secret: SecretStr | None = Field(
        default=None, description="Slack's signing secret: HTTP mode, on `port`."
    )
    slack_client_id: str = Field(
        default="", description="Slack's client id: many workspaces install the app by OAuth."
    )
    slack_client_secret: SecretStr | None = Field(
        default=None, description="Slack's client secret, with the client id."
    )
    slack_api_url: HttpUrl | None = Field(
        default=None, description="Another server in the place of https://slack.com/api/."
    )
    secret_key: SecretStr | None = Field(
        default=None,
        description="Seals stored tokens: any text of 32 or more characters; the first of several, "
        "separated by commas, seals, all of them open.",
    )
    public_url: HttpUrl | None = Field(
        default=None, description="Where people reach this service from outside, for OAuth."
    )
    port: int | None = Field(
        default=None,
        validation_alias=AliasChoices("BUBBLEWATCH_PORT", "PORT"),
        ge=0,
        le=65535,
        description="Where the service listens; a hosting place sets PORT.",
    )
    apprise: dict[str, SecretStr] = Field(
        default_factory=dict,
        description='Further places to post to, by name: {"mail": "mailto://…"}, Apprise\'s URLs.',
    )
    operators: str = Field(
        default="",
        description="Who may enter facts and define indicators from a chat: discord:ID, slack:ID, "
        "separated by commas. Whoever sits at the terminal may.",
    )
    operator: str = Field(
        default="",
        description="Where the service tells its own troubles: discord:SERVER:CHANNEL, "
        "slack:TEAM:CHANNEL or apprise:NAME.",
    )
    sentry_dsn: SecretStr | None = Field(
        default=None,
        description="Errors go to Sentry too, with the extra `sentry` installed; without secrets.",
    )
    language: str = Field(
        default="", description="Language of the terminal: en, zh_Hant, zh_Hans; empty: locale's."
    )
    ping_url: SecretStr | None = Field(
        default=None,
        description="Called after every look at the sources, and with /fail when a look breaks, a "
        "platform refuses us or the start fails: an address of healthchecks.io or the like.",
    )
    log_level: str = Field(default="WARNING", description="DEBUG, INFO, WARNING or ERROR.")

    @property
    def spoken(self) -> str:
        """The language of the terminal: the one that was set, else its locale's."""
        return self.language or language_of_locale()

    @property
    def operator_names(self) -> frozenset[str]:
        return frozenset(name.strip() for name in self.operators.split(",") if name.strip())

    @property
    def operator_place(self) -> Place | None:
        return place_of(self.operator) if self.operator else None

    @field_validator("language")
    @classmethod
    def _is_spoken(cls, given: str) -> str:
        """`zh-TW` and the like are understood; anything else is refused."""
        if not given.strip():
            return ""
        known = known_language(given)
        if known is None:
            raise ValueError(f"“{given}” is not one of en, zh_Hant and zh_Hans")
        return known

    @field_validator("log_level")
    @classmethod
    def _is_a_level(cls, given: str) -> str:
        level = given.strip().upper()
        if level not in ("DEBUG", "INFO", "WARNING", "ERROR"):
            raise ValueError(f"“{given}” is not one of DEBUG, INFO, WARNING and ERROR")
        return level

    @field_validator("operator")
    @classmethod
    def _is_a_place(cls, given: str) -> str:
        if given:
            place_of(given)
        return given

    @field_validator("database_url")
    @classmethod
    def _understood(cls, given: SecretStr | None) -> SecretStr | None:
        return None if given is None else SecretStr(database_url(given.get_secret_value()))

    @property
    def database_address(self) -> str:
        """With the password in it, where there is one."""
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        return sqlite_url(self.data_dir / "bubblewatch.db")

    @property
    def database_path(self) -> Path | None:
        """The SQLite file; None on PostgreSQL."""
        url = make_url(self.database_address)
        return Path(url.database or "") if url.get_backend_name() == "sqlite" else None

    @property
    def transcript_path(self) -> Path:
        return self.data_dir / "terminal.jsonl"

    @property
    def cache_dir(self) -> Path:
        return self.data_dir / "cache"
