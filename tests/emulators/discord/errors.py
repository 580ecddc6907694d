"""How Discord says no: a JSON body with a code, and for forms the tree of what is wrong where."""

from __future__ import annotations

from collections.abc import Iterable

from tests.emulators.discord.world import Json

ERRORS: dict[int, tuple[int, str]] = {
    0: (401, "401: Unauthorized"),
    10002: (404, "Unknown Application"),
    10003: (404, "Unknown Channel"),
    10004: (404, "Unknown Guild"),
    10007: (404, "Unknown Member"),
    10008: (404, "Unknown Message"),
    10011: (404, "Unknown Role"),
    10013: (404, "Unknown User"),
    10015: (404, "Unknown Webhook"),
    10062: (404, "Unknown interaction"),
    10063: (404, "Unknown application command"),
    30003: (400, "Maximum number of pins reached (250)"),
    30034: (400, "Max number of daily application command creates has been reached (200)"),
    30046: (
        429,
        "Maximum number of edits to messages older than 1 hour reached. Try again later",
    ),
    40001: (401, "Unauthorized"),
    40005: (413, "Request entity too large"),
    40060: (400, "Interaction has already been acknowledged."),
    50001: (403, "Missing Access"),
    50003: (403, "Cannot execute action on a DM channel"),
    50005: (403, "Cannot edit a message authored by another user"),
    50006: (400, "Cannot send an empty message"),
    50007: (403, "Cannot send messages to this user"),
    50013: (403, "Missing Permissions"),
    50027: (401, "Invalid Webhook Token"),
    50035: (400, "Invalid Form Body"),
    50083: (400, "Thread is archived"),
    50109: (400, "The request body contains invalid JSON."),
    50278: (403, "Cannot send messages to this user due to having no mutual guilds"),
    160002: (400, "You cannot reply without permission to read message history"),
}
"""By Discord's number: the HTTP status and the message."""


_SAMPLES: dict[int, Json] = {
    50035: {"_errors": [{"code": "BASE_TYPE_BAD_LENGTH", "message": "Told to refuse it."}]}
}
"""For errors on demand that never come without a tree."""


class DiscordError(Exception):
    def __init__(self, code: int, errors: Json | None = None) -> None:
        self.status, message = ERRORS[code]
        super().__init__(message)
        self.code = code
        self.errors = errors or _SAMPLES.get(code)

    def wire(self) -> Json:
        found: Json = {"message": str(self), "code": self.code}
        return found | ({"errors": self.errors} if self.errors else {})


Problem = tuple[str, str, str]
"""Where (`embeds.0.title`), Discord's name of it (`BASE_TYPE_MAX_LENGTH`), and in words."""


def invalid_form(problems: Iterable[Problem]) -> DiscordError:
    """50035 with the tree that leads to each problem."""
    tree: Json = {}
    for path, code, message in problems:
        node = tree
        for step in path.split("."):
            node = node.setdefault(step, {})
        node.setdefault("_errors", []).append({"code": code, "message": message})
    return DiscordError(50035, tree)
