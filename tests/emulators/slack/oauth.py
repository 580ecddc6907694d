"""OAuth v2: consent in a browser, codes, tokens, and tokens that rotate."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import unescape
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

import aiohttp

from tests.emulators.slack.account import enterprise_of
from tests.emulators.slack.calls import Call, SlackError, method
from tests.emulators.slack.delivery import issue_token
from tests.emulators.slack.world import Json, Team, Token, User

if TYPE_CHECKING:
    from tests.emulators.slack.slack_server import SlackServer

CODE_LIFETIME = 600.0


@dataclass(eq=False)
class Consent:
    """Somebody agreed; the code is good for one exchange within ten minutes."""

    team: Team
    user: User
    scopes: frozenset[str]
    redirect_uri: str
    made_at: float = field(default_factory=time.monotonic)
    used: bool = False


def consent(
    slack: SlackServer, asked: Mapping[str, str], team: Team, user: User, *, deny: bool = False
) -> str:
    """The address that Slack sends the browser back to."""
    if asked.get("client_id") != slack.client_id:
        raise SlackError("invalid_client_id")
    scopes = frozenset(filter(None, re.split("[, ]", asked.get("scope", ""))))
    if not scopes:
        raise SlackError("invalid_scope_requested")
    back = asked.get("redirect_uri") or slack.redirect_url
    if not back:
        raise SlackError("bad_redirect_uri")
    state = {"state": asked.get("state", "")}
    if deny:
        return f"{back}?{urlencode({'error': 'access_denied', **state})}"
    code = f"{team.id}.{slack.new_secret()}"
    slack.consents[code] = Consent(team, user, scopes, asked.get("redirect_uri") or "")
    return f"{back}?{urlencode({'code': code, **state})}"


@dataclass(frozen=True, slots=True)
class Page:
    url: str
    status: int
    text: str
    headers: Mapping[str, str]


class Browser:
    """Someone's browser: keeps cookies, follows the install page to Slack and back."""

    def __init__(self, slack: SlackServer) -> None:
        self.slack = slack
        self.cookies: dict[str, str] = {}

    async def get(self, url: str) -> Page:
        """One page; redirects are not followed."""
        said = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        limit = aiohttp.ClientTimeout(total=10)
        async with (
            aiohttp.ClientSession(timeout=limit, cookie_jar=aiohttp.DummyCookieJar()) as session,
            session.get(
                url, headers={"Cookie": said} if said else {}, allow_redirects=False
            ) as response,
        ):
            for name, cookie in response.cookies.items():
                if cookie["max-age"] in ("0", 0) or not cookie.value:
                    self.cookies.pop(name, None)
                else:
                    self.cookies[name] = cookie.value
            return Page(url, response.status, await response.text(), response.headers)

    async def agree(
        self, install_url: str, team: Team, user: User | None = None, *, deny: bool = False
    ) -> str:
        """Up to Slack's «Allow»: the address at which the app gets the code."""
        page = await self.get(install_url)
        link = page.headers.get("Location") or _link(page.text)
        if link is None:
            raise AssertionError(f"{install_url} leads nowhere: {page.status} {page.text[:300]}")
        asked = dict(parse_qsl(urlsplit(urljoin(page.url, link)).query))
        who = user or next((u for u in team.users.values() if not u.bot), team.bot)
        return consent(self.slack, asked, team, who, deny=deny)

    async def install(
        self, install_url: str, team: Team, user: User | None = None, *, deny: bool = False
    ) -> Page:
        """The whole way; the page that the app shows at its end."""
        return await self.get(await self.agree(install_url, team, user, deny=deny))


def _link(page: str) -> str | None:
    found = re.search(r"""["']([^"']*/oauth/v2/authorize[^"']*)["']""", page)
    return unescape(found.group(1)) if found else None


def _check_client(call: Call) -> None:
    if call.text("client_id") != call.slack.client_id:
        raise SlackError("invalid_client_id")
    if call.text("client_secret") != call.slack.client_secret:
        raise SlackError("bad_client_secret")


@method("oauth.v2.access", token=None, per_minute=100)
async def access(call: Call) -> Json:
    _check_client(call)
    grant = call.text("grant_type") or "authorization_code"
    if grant == "refresh_token":
        return _refresh(call)
    if grant != "authorization_code":
        raise SlackError("invalid_grant_type")
    consent = call.slack.consents.get(call.text("code"))
    if consent is None or time.monotonic() - consent.made_at > CODE_LIFETIME:
        raise SlackError("invalid_code")
    if consent.used:
        raise SlackError("code_already_used")
    if call.text("redirect_uri") != consent.redirect_uri:
        raise SlackError("bad_redirect_uri")
    consent.used = True
    answer = _grant(call, consent.team, consent.scopes)
    return answer | {"authed_user": {"id": consent.user.id}}


def _refresh(call: Call) -> Json:
    """A refresh token works once; the tokens of before live on until they run out."""
    old = call.slack.refresh_tokens.pop(call.text("refresh_token"), None)
    if old is None or old.team is None or old.error is not None:
        raise SlackError("invalid_refresh_token")
    if not old.team.installed:
        raise SlackError("invalid_refresh_token")
    return _grant(call, old.team, old.scopes or frozenset())


def _grant(call: Call, team: Team, scopes: frozenset[str]) -> Json:
    lifetime = call.slack.token_lifetime if call.slack.rotation else None
    token = issue_token(call.slack, team, scopes, lifetime)
    answer: Json = {
        "access_token": token.value,
        "token_type": "bot",
        "scope": ",".join(sorted(scopes)),
        "bot_user_id": team.bot.id,
        "app_id": call.slack.app_id,
        "team": {"id": team.id, "name": team.name},
        "enterprise": enterprise_of(team),
        "is_enterprise_install": False,
    }
    return answer | (_rotating(call.slack, token) if lifetime is not None else {})


def _rotating(slack: SlackServer, token: Token) -> Json:
    refresh = f"xoxe-1-{slack.new_secret()}"
    slack.refresh_tokens[refresh] = token
    return {"refresh_token": refresh, "expires_in": int(slack.token_lifetime)}


@method("oauth.v2.exchange", token=None, per_minute=50)
async def exchange(call: Call) -> Json:
    """A token that never expires for one that rotates; the old one ends."""
    _check_client(call)
    old = call.slack.tokens.get(call.bearer or "")
    if old is None or old.team is None:
        raise SlackError("invalid_auth")
    if old.refusal is not None:
        raise SlackError(old.refusal)
    if old.expires_at is not None:
        raise SlackError("token_already_rotated")
    call.slack.rotation = True
    answer = _grant(call, old.team, old.scopes or frozenset())
    old.error = "token_revoked"
    return answer
