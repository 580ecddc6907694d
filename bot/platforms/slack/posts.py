"""Messages of the outbox in Slack: posted, found again, edited (RULES.md R22, R24, R26)."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from alerts.platform import Message, MessageGone, MessageRefused, TemporaryFailure
from alerts.store.models import DeliveryKind
from bot.alert_text import with_picture
from bot.locales import translator
from bot.platforms.slack.blocks import Pictures, ShownPicture, fallback, render
from bot.platforms.slack.calls import Answer, TeamCalls, shared
from bot.platforms.slack.errors import MESSAGE_GONE, SlackRefused, failure
from bot.platforms.slack.pictures import Gallery
from bot.replies import Json, Picture, Reply

log = logging.getLogger(__name__)

EVENT_TYPE = "bubblewatch_delivery"
_LONGEST_ALT_KEPT = 120
_MOST_RENDERED = 256
_PAGES = 3
_A_PAGE = 100
_BEFORE = timedelta(hours=2)
"""How far before its alerts a message is looked for: our clock may have been an hour ahead when
they were made. The newest come first, so looking further back costs nothing."""


@dataclass(frozen=True, slots=True)
class MessageName:
    """Our own name of a message: where it is, and the picture that it shows, for its next edit."""

    channel: str
    ts: str
    picture: ShownPicture | None = None

    def __str__(self) -> str:
        named = f"{self.channel}:{self.ts}"
        if self.picture is not None:
            named += f":{self.picture.file}:{self.picture.alt[:_LONGEST_ALT_KEPT]}"
        return named

    @classmethod
    def parse(cls, text: str) -> MessageName:
        channel, ts, *picture = text.split(":", 3)
        file, alt = (*picture, "", "")[:2]
        return cls(channel, ts, ShownPicture(file, alt) if file else None)


class Posts:
    """What the outbox asks of Slack, in the outbox's own errors."""

    def __init__(self, call: TeamCalls, compose: Callable[[Message], Awaitable[Reply]]) -> None:
        self._call = call
        self._compose = compose
        self._gallery = Gallery(call)
        self._rendered: OrderedDict[Hashable, tuple[Reply, dict[str, object]]] = OrderedDict()

    async def post(self, message: Message) -> str:
        """One message; a board is pinned where that is allowed."""
        await self._allowed(message)
        reply = await self._compose(message)
        pictures = await self._pictures(message, reply)
        try:
            said = await self._said(message, self._content(message, reply, pictures))
        except MessageRefused as refused:
            if not pictures:
                raise
            log.warning("slack: refused with its picture (%s), sent without", refused)
            self._gallery.forget(message.destination.place.workspace, pictures)
            pictures = {}
            said = await self._said(message, self._content(message, reply, pictures))
        shown = next(iter(pictures.values()), None)
        name = MessageName(str(said["channel"]), str(said["ts"]), shown)
        if message.kind is DeliveryKind.BOARD:
            await self._pin(message, name)
        return str(name)

    async def find(self, message: Message) -> str | None:
        """Look through what was said there since the alerts for the one that carries the nonce."""
        team = message.destination.place.workspace
        try:
            channel = await self._channel(message)
            where = {"channel": channel}
            found = await self._in(message, "conversations.history", where)
            if found is None and message.follows is not None:
                where["ts"] = MessageName.parse(message.follows).ts
                found = await self._in(message, "conversations.replies", where)
        except SlackRefused as refused:
            if refused.error in MESSAGE_GONE:
                return None
            if refused.error in ("missing_scope", "not_in_channel"):
                # The only duplicate that stays possible is the one we are not allowed to see.
                log.warning("slack: %s does not let us read what we posted: %s", team, refused)
                return None
            raise failure(refused, translator(message.destination.language)) from refused
        if found is None:
            return None
        return str(MessageName(channel, str(found["ts"]), _shown_in(found)))

    async def edit(self, message: Message) -> None:
        """Other words in the place of those of `message.edits`; its picture stays."""
        assert message.edits is not None
        name = MessageName.parse(message.edits)
        reply = await self._compose(message)
        pictures = dict(await self._pictures(message, reply))
        if name.picture is not None and not pictures:
            kept = Picture(b"", name.picture.alt)
            reply = with_picture(reply, kept)
            pictures[kept] = name.picture
        content = _content(message, replace(reply, mentions=()), pictures)
        where = {"channel": name.channel, "ts": name.ts, "blocks": []}
        await self._asked(message, "chat.update", where | content)

    async def _allowed(self, message: Message) -> None:
        """The workspace's token is looked up first: the picture may still be drawn."""
        try:
            await self._call.workspaces.of(message.destination.place.workspace)
        except SlackRefused as refused:
            raise failure(refused, translator(message.destination.language)) from refused

    def _content(self, message: Message, reply: Reply, pictures: Pictures) -> dict[str, object]:
        """Those who are told the same in the same workspace are shown the same blocks."""
        files = tuple(picture.file for picture in pictures.values())
        key = id(reply), message.plain, message.destination.language, files
        # What is kept keeps its reply: the id cannot come to mean another one.
        known = self._rendered.get(key)
        if known is None:
            content = _content(message, reply, pictures)
            known = self._rendered[key] = reply, {name: shared(it) for name, it in content.items()}
            if len(self._rendered) > _MOST_RENDERED:
                self._rendered.popitem(last=False)
        return known[1]

    async def _pictures(self, message: Message, reply: Reply) -> Pictures:
        if message.plain:
            return {}
        return await self._gallery.brought(message.destination.place.workspace, reply)

    async def _said(self, message: Message, content: Mapping[str, object]) -> Answer:
        """Post. What follows another message is a reply to it, and stands alone when that is gone.

        What takes the place of a message that cannot be edited is shown in the channel too.
        """
        content = {
            **content,
            "channel": message.destination.place.channel,
            "metadata": {
                "event_type": EVENT_TYPE,
                "event_payload": {"nonce": message.nonce},
            },
            "unfurl_links": False,
            "unfurl_media": False,
        }
        if message.follows is not None:
            thread = {
                "thread_ts": MessageName.parse(message.follows).ts,
                "reply_broadcast": message.kind is DeliveryKind.EDIT,
            }
            try:
                return await self._asked(message, "chat.postMessage", content | thread)
            except MessageGone:
                log.info("slack: the message that this one answers is gone")
        return await self._asked(message, "chat.postMessage", content)

    async def _asked(
        self, message: Message, method: str, arguments: Mapping[str, object]
    ) -> Answer:
        team = message.destination.place.workspace
        try:
            try:
                return await self._call(team, method, arguments)
            except SlackRefused as refused:
                if not await self._joined(message, refused):
                    raise
                return await self._call(team, method, arguments)
        except SlackRefused as refused:
            raise failure(refused, translator(message.destination.language)) from refused

    async def _joined(self, message: Message, refused: SlackRefused) -> bool:
        """People asked for messages in a channel that we are not in: public ones can be joined."""
        place = message.destination.place
        if refused.error != "not_in_channel":
            return False
        try:
            await self._call(place.workspace, "conversations.join", {"channel": place.channel})
        except SlackRefused as no:
            log.info("slack: %s cannot be joined: %s", place.channel, no)
            return False
        return True

    async def _pin(self, message: Message, name: MessageName) -> None:
        try:
            await self._call(
                message.destination.place.workspace,
                "pins.add",
                {"channel": name.channel, "timestamp": name.ts},
            )
        except (SlackRefused, TemporaryFailure) as failed:
            log.info("slack: the board is posted, but not pinned: %s", failed)

    async def _channel(self, message: Message) -> str:
        """Messages to a person are in the conversation with them."""
        place = message.destination.place
        if not place.channel.startswith(("U", "W")):
            return place.channel
        said = await self._call(place.workspace, "conversations.open", {"users": place.channel})
        channel = said.get("channel")
        return str(channel["id"]) if isinstance(channel, dict) else place.channel

    async def _in(
        self, message: Message, method: str, where: Mapping[str, str]
    ) -> Mapping[str, Json] | None:
        """The message with the nonce, on the newest pages of a channel or a thread."""
        oldest = min((alert.created_at for alert in message.alerts), default=None)
        since = None if oldest is None else f"{(oldest - _BEFORE).timestamp():.6f}"
        cursor: Json = None
        for _ in range(_PAGES):
            page = await self._call(
                message.destination.place.workspace,
                method,
                {
                    **where,
                    "oldest": since,
                    "cursor": cursor,
                    "limit": str(_A_PAGE),
                    "include_all_metadata": "true",
                },
            )
            messages = page.get("messages")
            for said in messages if isinstance(messages, list) else ():
                if isinstance(said, dict) and _nonce(said) == message.nonce:
                    return said
            after = page.get("response_metadata")
            cursor = after.get("next_cursor") if isinstance(after, dict) else None
            if not cursor:
                return None
        return None


def _content(message: Message, reply: Reply, pictures: Pictures) -> dict[str, object]:
    """Words, and blocks unless they were refused before (R24)."""
    text = fallback(reply)
    if message.plain:
        return {"text": text}
    blocks = render(reply, translator(message.destination.language), pictures, posted=True)
    return {"text": text, "blocks": blocks} if blocks else {"text": text}


def _nonce(said: Mapping[str, Json]) -> str | None:
    metadata = said.get("metadata")
    payload = metadata.get("event_payload") if isinstance(metadata, dict) else None
    if not isinstance(metadata, dict) or metadata.get("event_type") != EVENT_TYPE:
        return None
    return str(payload["nonce"]) if isinstance(payload, dict) and "nonce" in payload else None


def _shown_in(said: Mapping[str, Json]) -> ShownPicture | None:
    blocks = said.get("blocks")
    for block in blocks if isinstance(blocks, list) else ():
        file = block.get("slack_file") if isinstance(block, dict) else None
        if isinstance(file, dict) and file.get("id"):
            return ShownPicture(str(file["id"]), str(block.get("alt_text") or ""))
    return None
