"""How Discord says no, and what that means for a delivery (RULES.md R23, R24)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import aiohttp
import discord

from alerts.platform import DestinationGone, MessageGone, MessageRefused, TemporaryFailure

UNKNOWN_MESSAGE = 10008
_NOT_OURS, _ARCHIVED = 50005, 50083
_EDITED_TOO_OFTEN = 30046

_DESTINATION = {
    10003: "the channel is gone",
    50001: "I may not see the channel; give me View Channel there",
    50013: "I may not post there; give me Send Messages and Embed Links",
    50007: "this person takes no messages from me",
    50278: "this person takes no messages from me",
    50008: "messages cannot be posted in that kind of channel",
    _ARCHIVED: "the thread is closed",
    160005: "the thread is locked",
}
_WORKSPACE = {10004: "the server is gone, or I am no longer in it"}
_MESSAGE = {50035, 40005, 50006, 50109, 20009, 240000}
_BANNED_PAUSE_S = 60.0


@contextmanager
def told_apart(*, edits: bool = False) -> Iterator[None]:
    """Turns whatever posting raises into the outbox's errors."""
    try:
        yield
    except discord.RateLimited as limited:
        raise TemporaryFailure("Discord asks for a pause", limited.retry_after) from limited
    except discord.HTTPException as error:
        raise _meant(error, edits=edits) from error
    except aiohttp.ClientConnectorError as error:
        reason = "Discord cannot be reached"
        raise TemporaryFailure(reason, never_arrived=True) from error
    except (aiohttp.ClientError, OSError) as error:
        raise TemporaryFailure(f"the connection was lost ({type(error).__name__})") from error


def _meant(error: discord.HTTPException, *, edits: bool) -> Exception:
    """One row of RULES.md R24's table a line; what is not known is tried again (R23)."""
    code, said = error.code, f"{error.status} {error.text[:200]}".strip()
    if edits and code in {UNKNOWN_MESSAGE, _NOT_OURS, _ARCHIVED}:
        return MessageGone(said)
    if code in _DESTINATION:
        return DestinationGone(_DESTINATION[code])
    if code in _WORKSPACE:
        return DestinationGone(_WORKSPACE[code], whole_workspace=True)
    if error.status == 401:
        return DestinationGone("Discord no longer takes the bot's token", whole_workspace=True)
    if code in _MESSAGE or error.status == 413:
        return MessageRefused(said)
    if error.status == 429 or code == _EDITED_TOO_OFTEN:
        return TemporaryFailure(f"Discord asks for a pause: {said}", _pause(error))
    # A refusal that was never decided on: 404 and 403 without a code come from what stands between.
    if error.status == 400 and code:
        return MessageRefused(said)
    if error.status == 403 and code:
        return DestinationGone(f"Discord refuses: {said}")
    return TemporaryFailure(f"Discord failed: {said}")


def _pause(error: discord.HTTPException) -> float:
    """Seconds, as the answer says; a ban by the network in front of Discord names none."""
    try:
        return float(error.response.headers.get("Retry-After", ""))
    except ValueError:
        return _BANNED_PAUSE_S
