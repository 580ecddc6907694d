"""The addresses of the emulated Slack, and how a call of the Web API goes through its door."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from aiohttp import web

from tests.emulators.slack import (  # noqa: F401 - they enter their methods into the table
    account,
    conversations,
    directory,
    files,
    messages,
    oauth,
    response_urls,
    views,
)
from tests.emulators.slack.calls import (
    METHODS,
    Call,
    Called,
    Method,
    SlackError,
    arguments_of,
)
from tests.emulators.slack.troubles import Trouble
from tests.emulators.slack.world import Json, Token

if TYPE_CHECKING:
    from tests.emulators.slack.slack_server import SlackServer


def routes(slack: SlackServer) -> list[web.RouteDef]:
    async def api(request: web.Request) -> web.StreamResponse:
        return await _call(slack, request)

    async def respond(request: web.Request) -> web.StreamResponse:
        return await response_urls.respond(slack, request)

    async def upload(request: web.Request) -> web.StreamResponse:
        return await files.take_upload(slack, request)

    async def download(request: web.Request) -> web.StreamResponse:
        return await files.download(slack, request)

    async def authorize(request: web.Request) -> web.StreamResponse:
        return _consent(slack, request)

    return [
        web.get("/api/{method}", api),
        web.post("/api/{method}", api),
        web.get("/link/", slack.sockets.connect),
        web.post("/commands/{team}/{id}/{secret}", respond),
        web.post("/actions/{team}/{id}/{secret}", respond),
        web.post("/upload/v1/{id}/{secret}", upload),
        web.get("/files-pri/{id}/{name}", download),
        web.get("/oauth/v2/authorize", authorize),
    ]


def _consent(slack: SlackServer, request: web.Request) -> web.StreamResponse:
    """The last workspace agrees at once."""
    if not slack.teams:
        return web.Response(status=404, text="no workspace: add_team first")
    team = list(slack.teams.values())[-1]
    user = next((u for u in team.users.values() if not u.bot), team.bot)
    try:
        back = oauth.consent(slack, request.query, team, user)
    except SlackError as refused:
        return web.Response(status=200, text=f"Oops: {refused.error}")
    return web.Response(status=302, headers={"Location": back})


async def _call(slack: SlackServer, request: web.Request) -> web.StreamResponse:
    """1. What is asked, by whom. 2. May they. 3. Is something to go wrong. 4. Do it. 5. Note it."""
    name = request.match_info["method"]
    arguments, bearer = await arguments_of(request)
    token = slack.tokens.get(bearer or "")
    team = token.team.id if token is not None and token.team is not None else None
    record = Called(name, team, arguments, bearer, time.monotonic(), request.method)
    slack.calls.append(record)
    trouble = slack.troubles.of(name, team, str(arguments.get("channel", "")))
    if trouble is not None and trouble.what in ("hang", "cut_before", "status", "limit"):
        record.answer = {"ok": False, "error": trouble.what}
        slack.bell.ring()
        return await _misbehave(slack, request, trouble)
    method = METHODS.get(name)
    try:
        if trouble is not None and trouble.what == "error":
            raise SlackError(trouble.error, **trouble.more)
        if method is None:
            raise SlackError("unknown_method", req_method=name)
        call = Call(slack, name, arguments, token, bearer)
        _let_in(method, call)
        slack.rates.earn(name, team or bearer or request.remote or "")
        record.answer = {"ok": True, **await method.answer(call)}
    except SlackError as refused:
        record.answer = {"ok": False, "error": refused.error, **refused.more}
    slack.bell.ring()
    if trouble is not None and trouble.what == "cut_after":
        return _cut(request)
    return _answer(record.answer, method, token)


async def _misbehave(
    slack: SlackServer, request: web.Request, trouble: Trouble
) -> web.StreamResponse:
    if trouble.what == "limit":
        return _answer(
            {"ok": False, "error": "ratelimited", "retry_after": trouble.retry_after}, None, None
        )
    if trouble.what == "status":
        page = "<html><body>We are sorry, something is wrong at our end.</body></html>"
        return web.Response(status=trouble.status, text=page, content_type="text/html")
    if trouble.what == "hang":
        await slack.troubles.silence()
    return _cut(request)


def _cut(request: web.Request) -> web.StreamResponse:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


def _answer(answer: Json, method: Method | None, token: Token | None) -> web.StreamResponse:
    headers = {"x-slack-req-id": f"emulated-{time.monotonic_ns()}"}
    if token is not None and token.scopes is not None:
        headers["x-oauth-scopes"] = ",".join(sorted(token.scopes))
    if method is not None and method.scope is not None:
        headers["x-accepted-oauth-scopes"] = method.scope
    if answer.get("error") == "ratelimited":
        wait = int(answer.get("retry_after") or 1)
        body = {"ok": False, "error": "ratelimited"}
        return web.json_response(body, status=429, headers={**headers, "Retry-After": str(wait)})
    return web.json_response(answer, headers=headers)


def _let_in(method: Method, call: Call) -> None:
    """In the order in which Slack complains: no token, a bad one, a wrong kind, a missing scope."""
    if method.token is None:
        return
    if call.bearer is None:
        raise SlackError("not_authed")
    token = call.token
    if token is None:
        raise SlackError("invalid_auth")
    if token.refusal is not None:
        raise SlackError(token.refusal)
    if token.kind != method.token:
        raise SlackError("not_allowed_token_type")
    if method.scope is not None and token.kind == "bot":
        call.needs(method.scope)
