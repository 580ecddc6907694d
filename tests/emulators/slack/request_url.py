"""HTTP mode: Slack's own requests to the app, signed, and what the app answered."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlencode

import aiohttp

from tests.emulators.slack.bell import Bell
from tests.emulators.slack.interactions import Ack, Attempt, Interaction
from tests.emulators.slack.world import Json


@dataclass(frozen=True, slots=True)
class Posted:
    """A request that Slack made, exactly, and its answer; status 0 is no answer in time."""

    url: str
    headers: dict[str, str]
    body: bytes
    status: int
    answer: str
    content_type: str
    after_seconds: float


def signed(body: bytes, secret: str, at: int) -> dict[str, str]:
    """https://docs.slack.dev/authentication/verifying-requests-from-slack"""
    basis = b"v0:%d:%b" % (at, body)
    digest = hmac.new(secret.encode(), basis, hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": str(at), "X-Slack-Signature": f"v0={digest}"}


@dataclass
class RequestUrl:
    bell: Bell
    took: Callable[[Interaction, Json | None], None]
    url: str | None = None
    deadline: float = 3.0
    sign_wrongly: int = 0
    """So many of the next requests carry a signature made with another secret."""
    seconds_old: int = 0
    """How far in the past the next requests say they were made (the signature is right)."""
    posted: list[Posted] = field(default_factory=list, init=False)

    async def post(
        self, body: bytes, content_type: str, secret: str, more: dict[str, str] | None = None
    ) -> Posted:
        if self.sign_wrongly > 0:
            self.sign_wrongly -= 1
            secret = "somebody else's"
        headers = {
            "Content-Type": content_type,
            "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
            **signed(body, secret, int(time.time()) - self.seconds_old),
            **(more or {}),
        }
        return await self.post_exactly(body, headers)

    async def post_exactly(self, body: bytes, headers: dict[str, str]) -> Posted:
        """Also for a request of before, once more."""
        assert self.url is not None
        began = time.monotonic()
        status, answer, kind = 0, "", ""
        limit = aiohttp.ClientTimeout(total=self.deadline)
        try:
            async with (
                aiohttp.ClientSession(timeout=limit) as session,
                session.post(self.url, data=body, headers=headers) as response,
            ):
                answer = await response.text()
                status, kind = response.status, response.content_type
        except (aiohttp.ClientError, TimeoutError) as error:
            answer = type(error).__name__
        after = time.monotonic() - began
        posted = Posted(self.url, headers, body, status, answer, kind, after)
        self.posted.append(posted)
        self.bell.ring()
        return posted

    async def send(self, interaction: Interaction, number: int, reason: str, secret: str) -> None:
        body, content_type = _encoded(interaction)
        retry = {"X-Slack-Retry-Num": str(number), "X-Slack-Retry-Reason": reason}
        now = time.monotonic()
        posted = await self.post(body, content_type, secret, retry if number else None)
        interaction.attempts.append(
            Attempt(
                number,
                now,
                "http",
                status=posted.status,
                body=posted.answer,
                after_seconds=posted.after_seconds,
                headers=dict(posted.headers),
            )
        )
        if posted.status == 200:
            payload = _payload(posted)
            interaction.ack = Ack(posted.after_seconds, payload, time.monotonic())
            self.took(interaction, payload)
        elif posted.status == 0 and posted.after_seconds >= self.deadline - 0.1:
            interaction.failure = "operation_timeout"
        else:
            interaction.failure = f"http {posted.status} {posted.answer[:200]}"
        self.bell.ring()


async def verify_url(url: RequestUrl, secret: str) -> Posted:
    """What Slack does when the address is entered: the challenge must come back."""
    question = {"token": "verification-token", "challenge": "3eZbrw1aB", "type": "url_verification"}
    return await url.post(json.dumps(question).encode(), "application/json", secret)


async def check_ssl(url: RequestUrl, secret: str) -> Posted:
    return await url.post(b"ssl_check=1&token=t", "application/x-www-form-urlencoded", secret)


def _encoded(interaction: Interaction) -> tuple[bytes, str]:
    form = "application/x-www-form-urlencoded"
    if interaction.kind == "slash_commands":
        return urlencode(interaction.body).encode(), form
    if interaction.kind == "interactive":
        return urlencode({"payload": json.dumps(interaction.body)}).encode(), form
    return json.dumps(interaction.body).encode(), "application/json"


def _payload(posted: Posted) -> Json | None:
    if not posted.answer.strip():
        return None
    if posted.content_type == "application/json":
        answer = json.loads(posted.answer)
        return answer if isinstance(answer, dict) else None
    return {"text": posted.answer}
