"""What every answer has in common: safe headers, limits, validators, and pages for mistakes."""

from __future__ import annotations

import asyncio
import hashlib
import ipaddress
import logging
from collections import OrderedDict
from collections.abc import Collection
from http import HTTPStatus
from types import MappingProxyType

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from bot.locales import Translator
from bot.replies import Json
from bot.web.language import translator_of
from bot.web.rendering import json_response, lost_page

log = logging.getLogger(__name__)

HEADERS = MappingProxyType(
    {
        "Content-Security-Policy": "default-src 'none'; img-src 'self'; style-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "no-referrer",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Server": "bubblewatch",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
)
AT_ONCE = 64
"""So many requests are answered at the same time; who comes on top is asked to come back."""
BURST, PER_SECOND = 120, 10.0
"""What one visitor may ask for: so many requests at once, then so many a second."""
VISITORS = 4096
ANSWER_WITHIN_S = 30.0
LARGEST_BODY = 1024 * 1024
"""In bytes; Slack's events stay far below it."""


_FREE = ("/healthz", "/readyz")
"""Whoever watches over us is always answered."""


def guard(doors: Collection[str] = ()) -> Middleware:
    """`doors`: paths that a platform answers; they pass as they are, because its callers are known
    by their signature.
    """
    visitors = _Visitors()
    under_way = 0

    @web.middleware
    async def guarded(request: web.Request, handler: Handler) -> web.StreamResponse:
        nonlocal under_way
        if request.path in doors:
            return await handler(request)
        limited = request.path not in _FREE
        if limited and (
            under_way >= AT_ONCE
            or not visitors.may_ask(visitor(request), asyncio.get_running_loop().time())
        ):
            return _marked(_refusal(request, HTTPStatus.TOO_MANY_REQUESTS, {"Retry-After": "2"}))
        under_way += limited
        try:
            return _marked(await _answered(request, handler))
        finally:
            under_way -= limited

    return guarded


async def _answered(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        async with asyncio.timeout(ANSWER_WITHIN_S):
            response = await handler(request)
    except web.HTTPException as refusal:
        if refusal.status < 400:
            raise
        allowed = {"Allow": refusal.headers["Allow"]} if "Allow" in refusal.headers else {}
        return _refusal(request, HTTPStatus(refusal.status), allowed)
    except TimeoutError:
        log.error("no answer to %s within %g s", request.path, ANSWER_WITHIN_S)
        return _refusal(request, HTTPStatus.SERVICE_UNAVAILABLE, {"Retry-After": "30"})
    except Exception:
        log.exception("the answer to %s failed", request.path)
        return _refusal(request, HTTPStatus.INTERNAL_SERVER_ERROR, {})
    return _validated(request, response)


def _validated(request: web.Request, response: web.StreamResponse) -> web.StreamResponse:
    """An answer that may be kept gets an ETag; who has that very one gets no body."""
    cacheable = "Cache-Control" in response.headers and request.method in ("GET", "HEAD")
    if not cacheable or response.status != 200 or not isinstance(response, web.Response):
        return response
    body = response.body
    if not isinstance(body, bytes):
        return response
    tag = hashlib.sha256(body).hexdigest()[:24]
    known = request.if_none_match or ()
    if any(one.value in (tag, "*") for one in known):
        kept = {
            name: response.headers[name]
            for name in ("Cache-Control", "Vary", "Content-Language")
            if name in response.headers
        }
        response = web.Response(status=304, headers=kept)
    response.etag = tag
    return response


def _marked(response: web.StreamResponse) -> web.StreamResponse:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Cache-Control", "no-store")
    return response


def _refusal(
    request: web.Request, status: HTTPStatus, headers: dict[str, str]
) -> web.StreamResponse:
    t = translator_of(request)
    said = _said(status, t)
    if request.path.startswith("/api/"):
        body: Json = {"error": said, "status": int(status)}
        response = json_response(body, status=status)
    elif "text/html" in request.headers.get("Accept", ""):
        response = lost_page(status, said, t)
    else:
        response = web.Response(text=f"{said}\n", status=status)
    response.headers.update(headers)
    response.headers["Cache-Control"] = "no-store"
    return response


def _said(status: HTTPStatus, t: Translator) -> str:
    match status:
        case HTTPStatus.NOT_FOUND:
            return t("There is nothing at this address.")
        case HTTPStatus.METHOD_NOT_ALLOWED:
            return t("This address can only be read.")
        case HTTPStatus.BAD_REQUEST:
            return t("This address cannot be understood.")
        case HTTPStatus.TOO_MANY_REQUESTS:
            return t("Too many requests at once. Please come back in a moment.")
        case HTTPStatus.SERVICE_UNAVAILABLE:
            return t("This cannot be answered right now. Please come back in a moment.")
        case _ if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return t("That failed. The reason is in the operator's log.")
        case _:
            return t("This request cannot be answered.")


class _Visitors:
    """A token bucket for each of those who came last."""

    def __init__(self) -> None:
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def may_ask(self, who: str, now: float) -> bool:
        left, at = self._left.pop(who, (float(BURST), now))
        left = min(float(BURST), left + (now - at) * PER_SECOND)
        may = left >= 1
        self._left[who] = (left - 1 if may else left, now)
        if len(self._left) > VISITORS:
            self._left.popitem(last=False)
        return may


def visitor(request: web.Request) -> str:
    """Who asks. Behind a hosting place's proxy: the address that the proxy itself saw.

    Only the last entry of X-Forwarded-For is the proxy's own; visitors can write the others.
    """
    peer = request.remote or ""
    passed_on = request.headers.get("X-Forwarded-For", "")
    if passed_on and _is_private(peer):
        return passed_on.rpartition(",")[2].strip()[:60]
    return peer


def _is_private(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_private
    except ValueError:
        return False
