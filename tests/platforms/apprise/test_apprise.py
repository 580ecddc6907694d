"""Apprise's places: what arrives there, and what becomes of what does not (R22 to R24)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from random import Random

import pytest
from pydantic import SecretStr

from alerts.outbox import Outbox
from alerts.platform import Message
from alerts.rules import Level
from alerts.store import schema
from alerts.store.database import Database, sqlite_url
from alerts.store.destinations import Place
from bot.platforms.apprise import ApprisePlatform, place_named
from bot.replies import Block, Buttons, Heading, Paragraph, Picture, Reply
from bot.settings import Settings
from tests.alerts.posting import Office
from tests.platforms.apprise.receiver import Receiver

PNG = b"\x89PNG\r\n\x1a\nnot much of a picture"
SECRET = "s3cr3t-t0k3n"
NEWS: tuple[Block, ...] = (
    Heading("Nvidia market cap has reached $5.03T"),
    Paragraph("at or above $5.00T, as of 29 Oct 2025"),
    Picture(PNG, "a chart", "nvidia_market_cap.png"),
    Buttons(()),
)


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    database = Database(sqlite_url(tmp_path / "test.db"))
    await schema.upgrade(database)
    yield Office(database)
    await database.close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as running:
        yield running


class Post:
    """Alerts for one named place, sent by a real outbox through Apprise."""

    def __init__(self, office: Office, url: str, blocks: tuple[Block, ...] = NEWS) -> None:
        self.office = office
        self.blocks = blocks
        self.platform = ApprisePlatform({"mail": SecretStr(url)}, self.compose, timeout_s=5)
        platforms = {self.platform.name: self.platform}
        self.outbox = Outbox(office.database, platforms, office.clock, Random(7))

    async def compose(self, message: Message) -> Reply:
        return Reply(self.blocks)

    async def send(self, *levels: Level, channel: str = "mail") -> None:
        await self.office.alert(channel, *levels, platform="apprise")
        await self.outbox.drain()

    async def again(self, seconds: float) -> None:
        self.office.set(seconds)
        await self.outbox.drain()

    async def told(self) -> tuple[str, str | None]:
        """How the last delivery stands, and why."""
        row = (await self.office.deliveries())[-1]
        return row.state.value, row.reason


async def test_words_and_picture_arrive(office: Office, receiver: Receiver) -> None:
    post = Post(office, f"json://{receiver.address}/hook")
    await post.send(Level.CRITICAL)
    [message] = receiver.received()
    assert message.path == "/hook"
    assert message.title == "Nvidia market cap has reached $5.03T"
    assert message.text == "at or above $5.00T, as of 29 Oct 2025"
    assert message.pictures == (("nvidia_market_cap.png", PNG),)
    [row] = await office.deliveries()
    assert (row.state.value, row.message) == ("sent", row.nonce)


@pytest.mark.parametrize("scheme", ["gotify", "ntfy"])
async def test_other_services_get_the_words(
    office: Office, receiver: Receiver, scheme: str
) -> None:
    post = Post(office, f"{scheme}://{receiver.address}/token", NEWS[:2])
    await post.send()
    assert await post.told() == ("sent", None)
    [message] = receiver.received()
    assert "at or above $5.00T" in message.text


async def test_a_service_without_attachments_gets_the_words_alone(
    office: Office, receiver: Receiver
) -> None:
    post = Post(office, f"gotify://{receiver.address}/token")
    await post.send()
    assert await post.told() == ("sent", None)
    [message] = receiver.received()
    assert message.title == "Nvidia market cap has reached $5.03T"


async def test_how_grave_it_is_goes_along(office: Office, receiver: Receiver) -> None:
    post = Post(office, f"json://{receiver.address}/")
    for level in Level:
        await post.send(level)
    kinds = [message.kind for message in receiver.received()]
    assert kinds == ["info", "warning", "failure"]


async def test_one_sentence_needs_no_title(office: Office, receiver: Receiver) -> None:
    post = Post(office, f"json://{receiver.address}/", (Paragraph("One sentence."),))
    await post.send()
    [message] = receiver.received()
    assert (message.title, message.text) == ("", "One sentence.")


async def test_a_note_cannot_call_anybody(office: Office, receiver: Receiver) -> None:
    said = "@everyone <!channel> <@U1> <#C1>, but a < b and a@ b"
    post = Post(office, f"json://{receiver.address}/", (Paragraph(said),))
    await post.send()
    [message] = receiver.received()
    for call in ("@everyone", "<!channel>", "<@U1>", "<#C1>"):
        assert call not in message.text
    assert message.text.replace("\u200b", "") == said


@pytest.mark.parametrize("status", [400, 413, 415, 422])
async def test_r24_what_is_refused_is_tried_once_as_plain_text(
    office: Office, receiver: Receiver, status: int
) -> None:
    receiver.answer_with(status)
    post = Post(office, f"json://{receiver.address}/{SECRET}")
    await post.send()
    await post.again(60)
    assert await post.told() == ("dead", f"“mail” refused the message ({status})")
    rich, plain = receiver.received()
    assert len(rich.pictures) == 1
    assert plain.pictures == ()
    assert plain.text == rich.text


@pytest.mark.parametrize("status", [401, 403, 404, 429, 500, 502, 503])
async def test_r23_what_may_pass_is_tried_again(
    office: Office, receiver: Receiver, status: int
) -> None:
    receiver.answer_with(status, times=1)
    post = Post(office, f"json://{receiver.address}/{SECRET}")
    await post.send()
    assert await post.told() == ("retry", f"“mail” answered with {status}")
    await post.again(60)
    assert (await post.told())[0] == "sent"
    assert len(receiver.received()) == 2


async def test_r23_a_server_that_is_away_is_tried_again(office: Office) -> None:
    with Receiver() as receiver:
        address = receiver.address
    post = Post(office, f"json://{address}/{SECRET}")
    await post.send()
    said = "“mail” could not be reached or did not take the message"
    assert await post.told() == ("retry", said)


async def test_r23_silence_ends_in_time(office: Office, receiver: Receiver) -> None:
    receiver.hang()
    post = Post(office, f"json://{receiver.address}/{SECRET}")
    post.platform = ApprisePlatform(
        {"mail": SecretStr(f"json://{receiver.address}/{SECRET}")}, post.compose, timeout_s=0.3
    )
    post.outbox = Outbox(office.database, {"apprise": post.platform}, office.clock, Random(7))
    await post.send()
    assert await post.told() == ("retry", "“mail” did not answer within 0.3 s")


async def test_one_silent_service_delays_no_other(office: Office, receiver: Receiver) -> None:
    receiver.hang(where="/slow")
    names = ("slow", "quick", "swift")
    for name in names:
        await office.alert(name)
    await office.drain()

    async def compose(message: Message) -> Reply:
        return Reply(NEWS)

    urls = {name: SecretStr(f"json://{receiver.address}/{name}") for name in names}
    platform = ApprisePlatform(urls, compose, timeout_s=30)
    slow, *others = [asyncio.create_task(platform.post(one)) for one in office.recorder.posted]
    async with asyncio.timeout(10):
        await asyncio.gather(*others)
    assert not slow.done()
    slow.cancel()
    with pytest.raises(asyncio.CancelledError):
        await slow


@pytest.mark.parametrize(
    "url", ["nonsense://x", "", "hello", "json://localhost/a, json://localhost/b"]
)
async def test_a_url_that_is_not_one_service_is_told_to_the_operator_and_nothing_breaks(
    office: Office, caplog: pytest.LogCaptureFixture, url: str
) -> None:
    with caplog.at_level(logging.ERROR):
        post = Post(office, url)
    said = "the URL of “mail” is not one service that Apprise knows"
    assert said in caplog.text
    await post.send()
    assert (await post.told())[1] == said


def test_the_operator_speaks_for_a_place_by_its_name() -> None:
    settings = Settings(apprise={"mail": SecretStr("json://localhost"), "phone": SecretStr("x")})
    assert place_named("phone", settings) == Place("apprise", "operator", "phone")
    with pytest.raises(LookupError, match=r"has no “fax”; it has mail, phone"):
        place_named("fax", settings)
    with pytest.raises(LookupError, match="it has nothing yet"):
        place_named("fax", Settings(apprise={}))


async def test_a_name_that_is_no_longer_set_switches_its_place_off(
    office: Office, receiver: Receiver
) -> None:
    post = Post(office, f"json://{receiver.address}/")
    await post.send(channel="phone")
    assert (await post.told())[1] == "BUBBLEWATCH_APPRISE has no “phone” any more"
    assert receiver.received() == []


async def test_no_secret_of_a_url_is_written_anywhere(
    office: Office, receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    receiver.answer_with(500)
    with caplog.at_level(logging.DEBUG):
        for url in (f"json://me:{SECRET}@{receiver.address}/{SECRET}", f"nonsense://{SECRET}"):
            post = Post(office, url)
            await post.send()
            assert SECRET not in repr(await post.told())
            assert SECRET not in repr(post.platform)
    assert SECRET not in "".join(
        record.getMessage() for record in caplog.records if record.name != "aiosqlite"
    )
