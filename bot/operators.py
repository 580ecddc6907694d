"""Who may change what all places share: facts and own indicators."""

from __future__ import annotations

from bot.commands import BadInput, Request, Services
from bot.locales import Translator

TERMINAL = "terminal"


def name_of(request: Request) -> str:
    """As it stands in the setting `operators`: `discord:81384788765712384`."""
    return f"{request.place.platform}:{request.user}"


def is_operator(request: Request, services: Services) -> bool:
    """Who sits at the machine's terminal may do more than this anyway."""
    return request.place.platform == TERMINAL or name_of(request) in services.operators


def check_operator(request: Request, services: Services, t: Translator) -> None:
    """Raises BadInput, which says how to become one."""
    if not is_operator(request, services):
        raise BadInput(
            t(
                "Only the operators of this service may change that, for it holds in every place. "
                "You are {name}; whoever runs it adds that to BUBBLEWATCH_OPERATORS.",
                name=name_of(request),
            )
        )


def signature(request: Request) -> str:
    """Who did it, as a ledger keeps it."""
    shown = request.name.strip()
    return f"{shown} ({name_of(request)})"[:200] if shown else name_of(request)
