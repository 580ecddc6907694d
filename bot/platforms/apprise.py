"""Apprise: mail, Telegram, ntfy, Matrix, Teams and whatever else has one of its URLs. Post-only.

The operator names the URLs in BUBBLEWATCH_APPRISE; a destination there is
`Place("apprise", "operator", name)`. Nobody answers from such a place: the operator subscribes it.

A service behind Apprise gives no name to a message and no way to ask for one. So a message whose
fate is unknown (a timeout, a connection lost half-way) is sent again, and may be there twice
(RULES.md R22).
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from pydantic import SecretStr

from alerts.platform import (
    DestinationGone,
    Message,
    MessageRefused,
    Platform,
    TemporaryFailure,
)
from alerts.rules import Kind, Level
from alerts.store.destinations import Place
from bot.platforms import Compose, Context
from bot.platforms.terminal import plain_text
from bot.replies import Picture, Reply
from bot.settings import Settings

if TYPE_CHECKING:
    from apprise import Apprise, NotifyType
    from apprise.attachment.memory import AttachMemory

log = logging.getLogger(__name__)

WORKSPACE = "operator"
TIMEOUT_S = 45
"""Less than the outbox waits, so that the reason is ours."""
LONGEST_TITLE = 150
_REFUSED = frozenset({400, 413, 415, 422})
"""Answers that say that this message will never be taken."""
_STATUS = re.compile(r"\berror=(\d{3})\b")
_CALLS = re.compile(r"@(?=\w)|<(?=[!@#])")
"""Where a service could read a call to people (`@everyone`, `<!channel>`) out of a note."""


def make(context: Context) -> Platform | None:
    urls = context.settings.apprise
    return ApprisePlatform(urls, context.compose) if urls else None


def place_named(name: str, settings: Settings) -> Place:
    """The place behind a name. Raises LookupError with a sentence for the operator."""
    if name not in settings.apprise:
        known = ", ".join(sorted(settings.apprise)) or "nothing yet"
        raise LookupError(f"BUBBLEWATCH_APPRISE has no “{name}”; it has {known}")
    return Place("apprise", WORKSPACE, name)


class ApprisePlatform:
    """Each name is one URL. What is wrong with a URL is told to the operator at the start."""

    name = "apprise"

    def __init__(
        self, urls: Mapping[str, SecretStr], compose: Compose, *, timeout_s: float = TIMEOUT_S
    ) -> None:
        self._compose = compose
        self._timeout_s = timeout_s
        self._services = {name: _service(url) for name, url in urls.items()}
        for name, service in self._services.items():
            if service is None:
                log.error("BUBBLEWATCH_APPRISE: %s; nothing is posted there", _unknown(name))

    async def post(self, message: Message) -> str:
        channel = message.destination.place.channel
        service = self._services.get(channel)
        if service is None:
            known = channel in self._services
            raise DestinationGone(
                _unknown(channel) if known else f"BUBBLEWATCH_APPRISE has no “{channel}” any more"
            )
        reply = await self._compose(message)
        title, body = _words(reply)
        try:
            async with asyncio.timeout(self._timeout_s):
                # Apprise sends in threads of its own.
                result = await service.async_notify(
                    title=title,
                    body=body,
                    notify_type=_type(message),
                    body_format="text",
                    attach=None if message.plain else _attachment(reply),
                )
        except TimeoutError as error:
            raise TemporaryFailure(
                f"“{channel}” did not answer within {self._timeout_s:g} s"
            ) from error
        if result:
            return message.nonce
        # Its sentences may hold parts of the URL: only the number is taken from them.
        told = " ".join(entry.message for one in result.results for entry in one.logs())
        raise _failure(channel, told)

    async def find(self, message: Message) -> str | None:
        return None


def _service(url: SecretStr) -> Apprise | None:
    """One service that Apprise knows; None for anything else."""
    # Imported here: 0.4 s and 40 MiB that only those need who have such a place.
    from apprise import Apprise, AppriseAsset

    # At DEBUG these write whole URLs, and with them their secrets.
    for name in ("apprise", "urllib3"):
        logging.getLogger(name).setLevel(logging.WARNING)
    asset = AppriseAsset(app_id="bubblewatch", app_desc="bubblewatch", service_timeout=0)
    made = Apprise(asset=asset)
    # Of two, one could fail alone, and the other would get everything again.
    return made if made.add(url.get_secret_value()) and len(made) == 1 else None


def understands(url: SecretStr) -> bool:
    """Whether it is one service that Apprise knows; nobody is asked."""
    return _service(url) is not None


def _unknown(name: str) -> str:
    return f"the URL of “{name}” is not one service that Apprise knows"


def _failure(channel: str, told: str) -> TemporaryFailure | MessageRefused:
    found = _STATUS.search(told)
    if found is None:
        return TemporaryFailure(f"“{channel}” could not be reached or did not take the message")
    status = int(found[1])
    if status in _REFUSED:
        return MessageRefused(f"“{channel}” refused the message ({status})")
    return TemporaryFailure(
        f"“{channel}” answered with {status}", never_arrived=400 <= status < 500 and status != 408
    )


def _words(reply: Reply) -> tuple[str, str]:
    """Title and body. Services without titles put them together again."""
    text = _CALLS.sub(lambda match: f"{match[0]}\u200b", plain_text(reply)).strip()
    first, _, rest = text.partition("\n")
    if len(first) > LONGEST_TITLE or not rest.strip():
        return "", text
    return first, rest


def _type(message: Message) -> NotifyType:
    from apprise import NotifyType

    if not message.alerts:
        return NotifyType.INFO
    worst = message.alerts[0]
    if worst.kind in (Kind.CLEARED, Kind.RESUMED):
        return NotifyType.SUCCESS
    return {
        Level.WATCH: NotifyType.INFO,
        Level.WARN: NotifyType.WARNING,
        Level.CRITICAL: NotifyType.FAILURE,
    }[worst.level]


def _attachment(reply: Reply) -> AttachMemory | None:
    """The first picture; services that take none get the words alone."""
    from apprise.attachment.memory import AttachMemory

    for block in reply.blocks:
        if isinstance(block, Picture):
            return AttachMemory(  # type: ignore[no-untyped-call]
                content=block.png, name=block.name, mimetype="image/png"
            )
    return None
