"""The log: one line an event, for people in a terminal and for machines elsewhere, no secrets."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
import structlog
from pydantic import BaseModel, SecretStr

from alerts import correlation
from bot import logs
from bot.logs import HIDDEN, configure

log = logging.getLogger("bot.test_logs")


class Place(BaseModel):
    token: SecretStr | None = None


class Example(BaseModel):
    token: SecretStr | None = SecretStr("hunter2-and-more")
    keys: SecretStr = SecretStr("first-long-key,second-long-key")
    places: dict[str, SecretStr] = {"mail": SecretStr("mailto://me:pässword@example.org")}
    name: str = "an ordinary word"


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    logging.getLogger("alerts.collect").setLevel(logging.NOTSET)
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.fixture
def out() -> StringIO:
    stream = StringIO()
    configure(Example(), "INFO", stream)
    return stream


def events(out: StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_elsewhere_each_event_is_one_line_of_json(out: StringIO) -> None:
    log.info("the %s was %s", "tick", "good", extra={"alerts": 3})
    structlog.get_logger("bot.other").warning("posted\nin two lines", delivery=7)
    first, second = events(out)
    assert first["message"] == "the tick was good"
    assert (first["level"], first["logger"], first["alerts"]) == ("info", "bot.test_logs", 3)
    assert first["timestamp"].endswith("Z")
    assert second["message"] == "posted\nin two lines"
    assert (second["level"], second["delivery"]) == ("warning", 7)


@pytest.mark.parametrize(
    ("stream", "level", "serves", "shown"),
    [
        (StringIO, "WARNING", True, True),
        (StringIO, "ERROR", True, False),
        (StringIO, "WARNING", False, False),
        (StringIO, "INFO", False, True),
        (Terminal, "WARNING", True, False),
        (Terminal, "INFO", True, True),
    ],
)
def test_silent_sources_are_warned_of_where_the_terminal_does_not_say_so(
    stream: type[StringIO], level: str, serves: bool, shown: bool
) -> None:
    out = stream()
    configure(Example(), level, out, serves=serves)
    logging.getLogger("alerts.collect").warning("no answer from yahoo")
    assert ("no answer from yahoo" in out.getvalue()) is shown


def test_a_traceback_stays_within_its_line(out: StringIO) -> None:
    try:
        raise ValueError("what happened")
    except ValueError:
        log.exception("it failed")
    [event] = events(out)
    assert "ValueError: what happened" in event["exception"]
    assert "Traceback" in event["exception"]


def test_in_a_terminal_it_reads_like_a_sentence() -> None:
    stream = Terminal()
    configure(Example(), "INFO", stream)
    log.warning("the source %s is closed", "sec")
    text = stream.getvalue()
    assert "the source sec is closed" in text
    assert "{" not in text


def test_the_level_is_kept_and_libraries_are_quiet(out: StringIO) -> None:
    log.debug("details")
    logging.getLogger("apscheduler.scheduler").info("chatter")
    logging.getLogger("discord.http").warning("We are being rate limited.")
    assert [event["message"] for event in events(out)] == ["We are being rate limited."]


# Put together here, so that no scanner takes them for secrets of someone.
SLACK = "xoxb" + "-1234567890-ABCDEFabcdef0123456789"
DISCORD = "MTA5ODc2NTQzMjEwOTg3NjU0" + ".GaBcDe." + "abcdefghijklmnopqrstuvwxyz-0123456789"


@pytest.mark.parametrize(
    ("said", "secret"),
    [
        ("the token hunter2-and-more is refused", "hunter2-and-more"),
        ("key second-long-key opens", "second-long-key"),
        ("posting to mailto://me:pässword@example.org", "pässword"),
        ("GET /?to=mailto%3A%2F%2Fme%3Ap%C3%A4ssword%40example.org", "ssword"),
        (f"auth with {SLACK}", SLACK),
        (f"xapp{SLACK[4:]} fell", SLACK[4:]),
        (f"login as {DISCORD}", DISCORD),
        ("POST https://hooks.slack.com/services/T1/B2/abcdEFGH1234", "abcdEFGH1234"),
        ("PATCH /webhooks/1234/aW50ZXJhY3Rpb246MTIzNDU2Nzg5/messages", "aW50ZXJhY3Rpb24"),
        ("Authorization: Bot abcdefghij.klmnop.qrstuvwxyz", "klmnop"),
        ("postgresql://me:s3cr3t-word@db.example.org/x", "s3cr3t-word"),
        ("GET /oauth?code=abc123def&state=x", "abc123def"),
    ],
)
def test_no_secret_passes_in_words_arguments_fields_or_tracebacks(
    out: StringIO, said: str, secret: str
) -> None:
    log.info(said)
    log.info("argument: %s", said)
    log.info("field", extra={"detail": said})
    try:
        raise RuntimeError(said)
    except RuntimeError:
        log.exception("failed")
    assert secret not in out.getvalue()
    assert out.getvalue().count(HIDDEN) >= 4
    assert len(events(out)) == 4


def test_ordinary_words_pass_unchanged(out: StringIO) -> None:
    said = "an ordinary word: delivery 42 to slack:C012AB3CD at https://slack.com/api/?limit=3"
    log.info(said)
    assert events(out)[0]["message"] == said


def test_settings_without_secrets_hide_nothing(out: StringIO) -> None:
    assert logs.secrets_of(Place()) == set()


async def test_what_belongs_together_carries_one_identifier(out: StringIO) -> None:
    async def later() -> None:
        log.info("in a task that it started")

    with correlation.begun() as mine:
        log.info("the command")
        [nonce] = correlation.new_nonces(1)
        await asyncio.create_task(later())
    log.info("outside")
    with correlation.begun(correlation.of_nonce(nonce)):
        log.info("its delivery")
    command, task, outside, delivery = events(out)
    assert command["correlation"] == task["correlation"] == delivery["correlation"] == mine
    assert "correlation" not in outside


def test_nonces_are_all_of_one_length_and_none_is_like_another() -> None:
    with correlation.begun():
        inside = set(correlation.new_nonces(100))
    outside = set(correlation.new_nonces(100))
    assert len(inside | outside) == 200
    assert {len(nonce) for nonce in inside | outside} == {24}
