"""The App Home: what a person's own place or a channel follows, to be changed by clicking."""

from __future__ import annotations

from dataclasses import replace

from bot.answer import answer
from bot.locales import Translator
from bot.platforms.slack.blocks import MOST_HOME_BLOCKS, SlackJson, plain, render
from bot.platforms.slack.calls import TeamCalls
from bot.platforms.slack.conversation import Conversation, Where
from bot.platforms.slack.pictures import brought
from bot.replies import Json, Picture, Reply

CHOOSE, OWN = "home-channel", "home-own"


class Home:
    """Published anew after everything that is done in it."""

    def __init__(self, call: TeamCalls, conversation: Conversation) -> None:
        self._call = call
        self._conversation = conversation

    async def show(self, where: Where, said: Reply | None = None) -> None:
        """`said` is the answer to what was pressed; it stands on top."""
        t = await self._conversation.words(where)
        settings = await self._answer(where, "settings")
        board = await self._answer(where, "status")
        pictures = await brought(self._call, where.team, _together(said, settings, board))
        blocks: list[Json] = [*_head(where, t)]
        if said is not None:
            blocks += [*_named("said", render(said, t, pictures, 30)), {"type": "divider"}]
        blocks += [*_named("settings", render(settings, t, pictures, 30)), {"type": "divider"}]
        blocks += _named("board", render(board, t, pictures, 30))
        view: SlackJson = {
            "type": "home",
            "private_metadata": where.channel,
            "blocks": blocks[:MOST_HOME_BLOCKS],
        }
        await self._call(where.team, "views.publish", {"user_id": where.user, "view": view})

    async def _answer(self, where: Where, line: str) -> Reply:
        request = await self._conversation.request(where)
        # Nothing here is to be shown to everyone.
        request = replace(request, private=False)
        return await answer(self._conversation.services, request, line)


def home_of(team: str, user: str, channel: str) -> Where:
    """`channel` empty: the person's own place."""
    return Where(team, user, channel, direct=not channel, home=True)


def _head(where: Where, t: Translator) -> list[Json]:
    """Whose rules are shown, and the choice of others."""
    choice: SlackJson = {
        "type": "conversations_select",
        "action_id": CHOOSE,
        "placeholder": plain(t("Choose a channel"), 150),
        "filter": {"include": ["public", "private"], "exclude_bot_users": True},
    }
    elements: list[Json] = [choice]
    if where.direct:
        said = t("Your own alerts, told to you alone. Choose a channel to see what it follows.")
    else:
        choice["initial_conversation"] = where.channel
        said = t("What this channel follows.")
        own: SlackJson = {
            "type": "button",
            "action_id": OWN,
            "text": plain(t("My own alerts"), 75),
            "value": OWN,
        }
        elements.append(own)
    return [
        {"type": "header", "text": plain("bubblewatch", 150)},
        {"type": "context", "elements": [plain(said, 2000)]},
        {"type": "actions", "block_id": "home-head", "elements": elements},
    ]


def _named(part: str, blocks: list[SlackJson]) -> list[SlackJson]:
    """No two elements of a view may have the same action_id: each part has its own."""
    for block in blocks:
        elements = block.get("elements")
        if block["type"] == "actions" and isinstance(elements, list):
            block["elements"] = [{**e, "action_id": f"{part}-{e['action_id']}"} for e in elements]
    return blocks


def _together(*replies: Reply | None) -> Reply:
    found = [b for r in replies if r for b in r.blocks if isinstance(b, Picture)]
    return Reply(tuple(found))
