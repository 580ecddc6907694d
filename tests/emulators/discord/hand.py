"""Doors for a person with curl: do what people do in Discord, and read what was said.

    curl -d '{"line": "status"}' $DISCORD/people/slash      the answer, as Discord would show it
    curl -d '{"line": "why", "options": {"indicator": "top5"}}' $DISCORD/people/slash
    curl -d '{"what": "Show to everyone"}' $DISCORD/people/press      in what was said last
    curl -d '{"what": "More …", "value": "Mute"}' $DISCORD/people/choose      from its menu
    curl -d '{"answers": {"line": "6T"}}' $DISCORD/people/submit      the form that is open
    curl $DISCORD/people/said      every message so far
Who and where is the first person and the first channel, unless `user` and `channel` name others.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from aiohttp import web

from tests.emulators.by_hand import asked_for, page
from tests.emulators.discord.interactions import Interaction
from tests.emulators.discord.payloads import component_of
from tests.emulators.discord.world import Channel, Json, User, public

if TYPE_CHECKING:
    from tests.emulators.discord.emulator import DiscordEmulator

MENUS = (3, 5, 6, 7, 8)


def routes(discord: DiscordEmulator) -> list[web.RouteDef]:
    async def slash(request: web.Request) -> web.StreamResponse:
        said = await asked_for(request)
        line, options = f"bubble {said.get('line', '')}".strip(), said.get("options") or {}
        return await _became(
            lambda: discord.slash(_where(discord, said), _who(discord, said), line, options)
        )

    async def press(request: web.Request) -> web.StreamResponse:
        said = await asked_for(request)
        return await _became(
            lambda: discord.press(_latest(discord), str(said.get("what")), _who(discord, said))
        )

    async def choose(request: web.Request) -> web.StreamResponse:
        said = await asked_for(request)

        def chosen() -> Interaction:
            message, what = _latest(discord), str(said.get("what"))
            menu = component_of(message, what, kinds=MENUS)
            named = {one["label"]: one["value"] for one in menu.get("options") or ()}
            value = str(said.get("value"))
            return discord.choose(
                message, menu["custom_id"], [named.get(value, value)], _who(discord, said)
            )

        return await _became(chosen)

    async def submit(request: web.Request) -> web.StreamResponse:
        said = await asked_for(request)
        return await _became(lambda: discord.submit(_open_form(discord), said.get("answers") or {}))

    async def everything(_: web.Request) -> web.StreamResponse:
        channels = {
            channel.name or channel.id: [public(one) for one in channel.messages.values()]
            for channel in discord.channels.values()
        }
        return page({"channels": channels, "against": discord.violations})

    return [
        web.post("/people/slash", slash),
        web.post("/people/press", press),
        web.post("/people/choose", choose),
        web.post("/people/submit", submit),
        web.get("/people/said", everything),
    ]


def _who(discord: DiscordEmulator, said: Json) -> User:
    people = [user for user in discord.users.values() if user is not discord.bot]
    return discord.users.get(str(said.get("user"))) or people[0]


def _where(discord: DiscordEmulator, said: Json) -> Channel:
    return discord.channels.get(str(said.get("channel"))) or next(iter(discord.channels.values()))


def _latest(discord: DiscordEmulator) -> Json:
    """In a channel, or in answer to somebody alone. Raises LookupError before the first."""
    seen = [message for one in discord.channels.values() for message in one.messages.values()]
    seen += [one.original for one in discord.interactions if one.original is not None]
    if not seen:
        raise LookupError("nothing was said yet")
    return max(seen, key=lambda message: int(message["id"]))


def _open_form(discord: DiscordEmulator) -> Interaction:
    opened = [one for one in discord.interactions if one.modal is not None]
    if not opened:
        raise LookupError("no form is open")
    return opened[-1]


async def _became(do: Callable[[], Interaction]) -> web.StreamResponse:
    """Waits for an answer. What Discord's own client would not let a person do is a 400."""
    try:
        done = do()
    except (LookupError, ValueError) as refused:
        return web.json_response({"error": str(refused)}, status=400)
    failure = None
    try:
        await done.bell.until(lambda: _is_over(done), 5, "no answer in five seconds")
    except TimeoutError as late:
        failure = str(late)
    return page(
        {
            "acknowledged_after": done.ack.after_seconds if done.ack else None,
            "failure": failure,
            "for_the_person_alone": done.ephemeral,
            "answer": None if done.original is None else public(done.original),
            "form": done.modal,
        }
    )


def _is_over(done: Interaction) -> bool:
    return done.modal is not None or (done.original is not None and not done.pending)
