"""The Discord platform: posts, finds and edits messages, and answers people.

A nonce keeps a repeated post from becoming a second message while Discord remembers it («the past
few minutes»). Discord does not keep it with the message, so each message also ends with a short
reference in small print, by which `find` knows it later. A message is posted twice only when its
answer was lost, the nonce is forgotten, and the channel's history is closed to us (R22).
"""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import timedelta
from typing import TypedDict

import aiohttp
import discord
import yarl
from discord import app_commands

from alerts import correlation
from alerts.platform import DestinationGone, Message, MessageGone, TemporaryFailure
from alerts.store.destinations import Place
from alerts.store.models import DeliveryKind
from bot.commands import commands
from bot.locales import translator
from bot.platforms import Context, PlatformRefused
from bot.platforms.discord.answering import DiscordAnswering
from bot.platforms.discord.arrivals import Arrivals
from bot.platforms.discord.connection import Connection, point_at
from bot.platforms.discord.doings import Doings
from bot.platforms.discord.failures import UNKNOWN_MESSAGE, told_apart
from bot.platforms.discord.global_limit import GlobalLimit
from bot.platforms.discord.names import MessageName
from bot.platforms.discord.places import NAME, PERSONS, Interaction, person
from bot.platforms.discord.registration import register
from bot.platforms.discord.render import Rendered, file_names, plain, rendered
from bot.platforms.discord.translation import CatalogueTranslator
from bot.platforms.discord.tree import add_commands
from bot.replies import Reply

log = logging.getLogger(__name__)

SIGNED_IN_WITHIN_S = 15.0
LONGEST_PAUSE_S = 30.0
"""A 429 with a longer pause goes back to the outbox, which waits without holding a place."""
LOOK_BACK = 500
LOOK_BACK_TIME = timedelta(hours=25)
"""A delivery is given up after 24 hours (R23)."""
REFERENCE_DIGITS = 2 * correlation.DIGITS
"""Nonces of one look begin alike: as much again tells them apart."""
_DELETED = "0"
"""The name of a message that arrived and was deleted before we learnt its own."""

Channel = discord.PartialMessageable | discord.DMChannel


class DiscordPlatform:
    """Everything this service does on Discord."""

    name = NAME

    def __init__(
        self,
        context: Context,
        token: str,
        *,
        servers_wait_s: float = 2.0,
        silence_s: float = 60.0,
    ) -> None:
        """`servers_wait_s`: so long after the last server's arrival all are taken to be there.

        `silence_s`: a gateway that acknowledges nothing for so long is taken to be deaf.
        """
        url = context.settings.discord_api_url
        point_at(None if url is None else str(url))
        self._context = context
        self._servers_wait_s = servers_wait_s
        self._silence_s = silence_s
        self._limit = GlobalLimit()
        self._doings = Doings()
        self._connection = Connection(
            context, token, self._make_client, self._signed_in, self._doings
        )
        self._answering = DiscordAnswering(context.services, self._channel_name, self._doings)
        self._tree: app_commands.CommandTree[discord.Client] | None = None
        self._arrivals: Arrivals | None = None

    async def run(self) -> None:
        await self._connection.run()

    def hears(self) -> bool:
        """Whether people's commands reach us."""
        return self._connection.hears()

    async def post(self, message: Message) -> str:
        client = await self._client()
        reply = await self._context.compose(self._with_name(message))
        shown = self._shown(message, reply)
        with told_apart():
            channel = await _channel(client, message.destination.place)
            try:
                sent = await channel.send(
                    shown.content,
                    embeds=list(shown.embeds),
                    files=shown.files(),
                    nonce=message.nonce,
                    allowed_mentions=shown.mentions(),
                    **_more(message, shown, channel),
                )
            except discord.NotFound as error:
                if error.code != UNKNOWN_MESSAGE:
                    raise
                # The nonce is known, its message is not: it arrived and a person deleted it.
                return _DELETED
            if message.kind is DeliveryKind.BOARD:
                await _pin(sent)
        return MessageName(sent.id, _picture_of(shown), message.plain).written()

    async def find(self, message: Message) -> str | None:
        client = await self._client()
        mine = client.user.id if client.user is not None else 0
        oldest = self._context.clock.now() - LOOK_BACK_TIME
        sought = _signature(message)
        with told_apart():
            channel = await _channel(client, message.destination.place)
            async for found in channel.history(limit=LOOK_BACK):
                if found.created_at < oldest:
                    break
                if found.author.id == mine and _is_signed(found, sought):
                    return MessageName(found.id, _picture_in(found), not found.embeds).written()
        return None

    async def edit(self, message: Message) -> None:
        name = MessageName.read(message.edits or _DELETED)
        if name is None:
            raise MessageGone("it was deleted")
        client = await self._client()
        reply = await self._context.compose(message)
        shown = self._shown(message, reply, name.picture)
        keeps = discord.utils.MISSING
        files: list[discord.File] = shown.files()
        with told_apart(edits=True):
            channel = await _channel(client, message.destination.place)
            await channel.get_partial_message(name.id).edit(
                # Whom it called stays; only words that take another's place are written anew.
                content=shown.content if message.plain or name.plain else keeps,
                embeds=list(shown.embeds),
                attachments=files if files or message.plain else keeps,
                view=shown.view(),
                allowed_mentions=shown.mentions(),
            )

    def person(self, place: Place, user: str) -> Place:
        return person(user)

    def _shown(self, message: Message, reply: Reply, picture: str | None = None) -> Rendered:
        if message.plain:
            return plain(reply, _signature(message))
        t = translator(message.destination.language)
        return rendered(reply, t, _signature(message), picture)

    async def _client(self) -> discord.Client:
        try:
            return await self._connection.client(SIGNED_IN_WITHIN_S)
        except PlatformRefused as refusal:
            raise DestinationGone(str(refusal), whole_workspace=True) from refusal
        except TimeoutError as error:
            raise TemporaryFailure("not signed in to Discord yet", never_arrived=True) from error

    def _make_client(self, shards: int) -> discord.Client:
        """The least that the work needs: servers and their channels; no messages, no members."""
        intents = discord.Intents.none()
        intents.guilds = True
        # Nobody needs to be told that we cannot speak with a voice.
        discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False
        kind = discord.Client if shards == 1 else discord.AutoShardedClient
        client = kind(
            intents=intents,
            shard_count=None if shards == 1 else shards,
            allowed_mentions=discord.AllowedMentions.none(),
            chunk_guilds_at_startup=False,
            member_cache_flags=discord.MemberCacheFlags.none(),
            max_messages=None,
            guild_ready_timeout=self._servers_wait_s,
            heartbeat_timeout=self._silence_s,
            max_ratelimit_timeout=LONGEST_PAUSE_S,
            http_trace=self._limit.trace(),
        )
        connection = self._connection
        database = self._context.services.database
        arrivals = self._arrivals = Arrivals(client, self._context.presence, database)
        for event in arrivals.events():
            client.event(self._doings.owned(event))

        async def on_interaction(interaction: Interaction) -> None:
            await self._answering.happened(interaction)

        async def on_connect() -> None:
            connection.settle()

        client.event(on_interaction)
        client.event(on_connect)
        self._tree = app_commands.CommandTree(client)
        add_commands(self._tree, commands(), self._answering)
        self._tree.error(self._answering.misunderstood)
        return client

    async def _signed_in(self, client: discord.Client) -> None:
        if self._tree is not None:
            await self._tree.set_translator(CatalogueTranslator())
            await register(self._tree, self._context.services.database)

    def _with_name(self, message: Message) -> Message:
        """A notice about another channel calls it as people do."""
        channel = message.notice.get("channel")
        if channel is None:
            return message
        place = replace(message.destination.place, channel=channel)
        called = self._channel_name(place) or (self._arrivals and self._arrivals.called(channel))
        if not called:
            return message
        return replace(message, notice={**message.notice, "called": called})

    def _channel_name(self, place: Place) -> str | None:
        client = self._tree.client if self._tree is not None else None
        if client is None or not place.channel.isdigit():
            return None
        channel = client.get_channel(int(place.channel))
        return f"#{channel.name}" if isinstance(channel, discord.abc.GuildChannel) else None


async def _channel(client: discord.Client, place: Place) -> Channel:
    """Opens a person's direct messages; a channel needs no call."""
    number = int(place.channel)
    if place.workspace == PERSONS:
        return await client.create_dm(discord.Object(number))
    return client.get_partial_messageable(number, guild_id=int(place.workspace))


class _More(TypedDict, total=False):
    view: discord.ui.View
    reference: discord.MessageReference


def _more(message: Message, shown: Rendered, channel: Channel) -> _More:
    """Its buttons, and what it answers; when that is gone it is posted all the same."""
    more = _More()
    view = shown.view()
    if view is not None:
        more["view"] = view
    answered = MessageName.read(message.follows) if message.follows else None
    if answered is not None:
        more["reference"] = discord.MessageReference(
            message_id=answered.id, channel_id=channel.id, fail_if_not_exists=False
        )
    return more


def _signature(message: Message) -> str:
    """«bubblewatch · 3f9a1c02b7d0e815»: what the log calls it by, and as much of its own again."""
    return f"bubblewatch · {message.nonce[:REFERENCE_DIGITS]}"


def _is_signed(message: discord.Message, signature: str) -> bool:
    if any(embed.footer.text == signature for embed in message.embeds):
        return True
    return message.content.rstrip().endswith(signature)


def _picture_of(shown: Rendered) -> str | None:
    names = file_names(shown.pictures)
    return names[0] if names else None


def _picture_in(message: discord.Message) -> str | None:
    """A file that an embed shows is not listed among the message's attachments."""
    for embed in message.embeds:
        address = yarl.URL(embed.image.url or "")
        if "attachments" in address.parts:
            return address.name
    return None


async def _pin(sent: discord.Message) -> None:
    """Not being allowed to pin is no failure to post."""
    try:
        await sent.pin()
    except (discord.HTTPException, discord.RateLimited, aiohttp.ClientError, OSError) as error:
        log.info("the board in channel %s is not pinned: %s", sent.channel.id, error)
