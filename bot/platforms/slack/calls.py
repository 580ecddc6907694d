"""Calls of Slack's Web API: at the right pace, with the right token, and errors that have names."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
import orjson

from alerts.clock import SteadyClock, SystemClock
from alerts.platform import TemporaryFailure
from bot.platforms.slack.errors import TEMPORARY, SlackRefused
from bot.platforms.slack.pace import LONGEST_WAIT_S, Pace
from bot.platforms.slack.workspaces import Installation, Workspaces
from bot.replies import Json

if TYPE_CHECKING:
    from slack_sdk.web.async_client import AsyncWebClient

log = logging.getLogger(__name__)

TIMEOUT_S = 20
OFFICIAL = "https://slack.com/api/"

# These take their arguments only as a form, not as JSON.
_FORMS = frozenset(
    {
        "auth.test",
        "conversations.history",
        "conversations.info",
        "conversations.replies",
        "files.getUploadURLExternal",
        "files.info",
        "oauth.v2.access",
        "usergroups.list",
        "usergroups.users.list",
        "users.info",
    }
)

Answer = Mapping[str, Json]


def _proxy_to(url: str) -> str | None:
    """By HTTPS_PROXY and NO_PROXY of the environment."""
    host = urlsplit(url).hostname or ""
    if not url.startswith("https") or proxy_bypass(host):
        return None
    return getproxies().get("https")


def shared(part: object) -> object:
    """A part of the arguments of many calls, written once."""
    return orjson.Fragment(_written(part))


def _written(body: object) -> bytes:
    try:
        return orjson.dumps(body)
    except TypeError:
        # Half a letter, which people's programs send now and then, is no UTF-8.
        return json.dumps(body).encode()


def sdk_logger() -> logging.Logger:
    """slack-sdk asks a logger for its own level, and takes none for DEBUG: it would put every
    request and answer into words that nobody reads."""
    logger = logging.getLogger("bot.platforms.slack.sdk")
    logger.setLevel(logger.getEffectiveLevel())
    return logger


class SlackCalls:
    """One HTTP session for everything; `close` ends it. No call is ever repeated by itself: what
    may have arrived is for the outbox to decide (R22)."""

    def __init__(self, api_url: str | None) -> None:
        self.base_url = (api_url or OFFICIAL).rstrip("/") + "/"
        # Slack counts in time that passes, whatever clock rules the rest and whoever sets it.
        self.pace = Pace(SteadyClock(SystemClock().now()))
        self._session: aiohttp.ClientSession | None = None
        self._clients: dict[str, AsyncWebClient] = {}
        self._proxy = _proxy_to(self.base_url)

    def client(self, token: str = "") -> AsyncWebClient:
        """slack-sdk's own client on our session, without its retries."""
        from slack_sdk.web.async_client import AsyncWebClient

        known = self._clients.get(token)
        if known is not None and known.session is self.session:
            return known
        made = AsyncWebClient(
            token or None,
            self.base_url,
            timeout=TIMEOUT_S,
            session=self.session,
            retry_handlers=[],
            logger=sdk_logger(),
        )
        # slack-sdk takes HTTPS_PROXY from the environment and does not look at NO_PROXY.
        made.proxy = self._proxy
        if len(self._clients) > 1000:
            self._clients.clear()
        self._clients[token] = made
        return made

    @property
    def session(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            self._clients.clear()
            self._session = aiohttp.ClientSession(
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(total=TIMEOUT_S),
                connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=30),
            )
        return self._session

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def ask(self, token: str, method: str, arguments: Mapping[str, object]) -> Answer:
        """One call. Raises SlackRefused, or TemporaryFailure when asking again may help.

        By our session itself: slack-sdk's own call takes as long again for each message.
        """
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        given = {name: value for name, value in arguments.items() if value is not None}
        body: bytes | dict[str, str]
        if method in _FORMS:
            body = {name: str(value) for name, value in given.items()}
        else:
            body = _written(given)
            headers["Content-Type"] = "application/json; charset=utf-8"
        try:
            async with self.session.post(
                self.base_url + method, data=body, headers=headers, proxy=self._proxy
            ) as response:
                answer = _object(await response.read())
        except aiohttp.ClientConnectorError as error:
            raise TemporaryFailure(
                f"Slack cannot be reached ({error.strerror or error})", never_arrived=True
            ) from error
        except TimeoutError as error:
            raise TemporaryFailure(f"Slack did not answer {method} in {TIMEOUT_S} s") from error
        except aiohttp.ClientError as error:
            said = f"the connection to Slack broke during {method} ({type(error).__name__})"
            raise TemporaryFailure(said) from error
        if response.status == 200 and answer.get("ok") is True:
            return answer
        raise _said_no(method, response.status, response.headers, answer)


def _object(body: bytes) -> dict[str, Json]:
    """Empty for what is no JSON object, as a proxy's page of an error is none."""
    try:
        read = _read(body)
    except ValueError:
        return {}
    return read if isinstance(read, dict) else {}


def _read(body: bytes) -> Json:
    """Raises ValueError."""
    try:
        read: Json = orjson.loads(body)
    except ValueError:
        # Half a letter, which people's programs send now and then, comes back in answers.
        read = json.loads(body)
    return read


def _said_no(
    method: str, status: int, headers: Mapping[str, str], said: Mapping[str, Json]
) -> Exception:
    """An answer that is no success, by status and by its error string."""
    word = str(said.get("error") or "")
    if status == 429 or word in ("ratelimited", "rate_limited"):
        wait = float(headers.get("Retry-After") or 30)
        return TemporaryFailure(f"Slack asks to wait before {method}", retry_after=wait)
    if word and word not in TEMPORARY and status < 500:
        return SlackRefused(word, _detail(said))
    if word == "message_limit_exceeded":
        return TemporaryFailure(f"Slack says {word} to {method}", never_arrived=True)
    return TemporaryFailure(f"Slack answers {method} with {word or f'status {status}'}")


def _detail(said: Mapping[str, Json]) -> str:
    if said.get("needed"):
        return str(said["needed"])
    metadata = said.get("response_metadata")
    messages = metadata.get("messages") if isinstance(metadata, dict) else None
    return "; ".join(map(str, messages))[:500] if isinstance(messages, list) else ""


class TeamCalls:
    """Calls in the name of workspaces."""

    def __init__(self, calls: SlackCalls, workspaces: Workspaces) -> None:
        self.calls = calls
        self.workspaces = workspaces

    async def __call__(
        self,
        team: str,
        method: str,
        arguments: Mapping[str, object],
        *,
        longest_wait: float = LONGEST_WAIT_S,
    ) -> Answer:
        """Raises SlackRefused and TemporaryFailure. A token that has just expired is renewed once,
        if it is one that rotates."""
        channel = str(arguments.get("channel") or "")
        await self.calls.pace.turn(method, team, channel, longest_wait)
        installation = await self.workspaces.of(team)
        try:
            return await self._ask(installation, method, channel, arguments)
        except SlackRefused as refused:
            if refused.error != "token_expired":
                raise
            fresh = await self.workspaces.renewed(installation)
            if fresh is None:
                raise
            return await self._ask(fresh, method, channel, arguments)

    async def _ask(
        self,
        installation: Installation,
        method: str,
        channel: str,
        arguments: Mapping[str, object],
    ) -> Answer:
        pace, team = self.calls.pace, installation.team
        try:
            return await self.calls.ask(installation.token, method, arguments)
        except TemporaryFailure as failure:
            if failure.retry_after is not None:
                pace.pause(method, team, channel, failure.retry_after)
            raise
        finally:
            pace.answered(method, team, channel)

    async def upload(self, url: str, content: bytes) -> None:
        """Bytes to the address that files.getUploadURLExternal gave."""
        try:
            async with self.calls.session.post(url, data=content) as response:
                await response.read()
                if response.status != 200:
                    raise TemporaryFailure(f"Slack answers an upload with status {response.status}")
        except (aiohttp.ClientError, TimeoutError) as error:
            raise TemporaryFailure(f"an upload broke ({type(error).__name__})") from error

    async def respond(self, url: str, body: Mapping[str, Json]) -> None:
        """An answer to a response_url. It may be used five times within half an hour."""
        try:
            async with self.calls.session.post(url, json=body) as response:
                said = await response.text()
        except (aiohttp.ClientError, TimeoutError) as error:
            raise TemporaryFailure(f"an answer broke ({type(error).__name__})") from error
        if response.status >= 400 or _is_no(said):
            word = _word(said) or f"status {response.status}"
            if response.status >= 500 or response.status == 429:
                raise TemporaryFailure(f"Slack answers a response with {word}")
            raise SlackRefused(word)


def _is_no(said: str) -> bool:
    return said.startswith("{") and json.loads(said).get("ok") is False


def _word(said: str) -> str:
    return str(json.loads(said).get("error")) if said.startswith("{") else said[:100]


async def introduced(calls: SlackCalls, token: str) -> Installation:
    """`auth.test`: whose token this is."""
    await calls.pace.turn("auth.test", "")
    said = await calls.ask(token, "auth.test", {})
    return Installation(
        str(said["team_id"]), token, str(said.get("user_id")), str(said.get("bot_id"))
    )
