"""What people do on Discord: acknowledged at once, answered when the answer is there.

Discord waits three seconds for a sign and fifteen minutes for the answer.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping

import aiohttp
import discord
from discord import app_commands

from alerts.store import destinations
from alerts.store.destinations import Place
from bot.answer import answer, form, line_with, translator_for
from bot.commands import Command, Param, ParamKind, Request, Services, commands
from bot.locales import Translator, known_language, translator
from bot.platforms.discord.doings import Doings
from bot.platforms.discord.forms import FormTooLong, answers_in, modal_of
from bot.platforms.discord.places import NAME, Interaction, request_of
from bot.platforms.discord.pressing import Pressed, pressed_in
from bot.platforms.discord.render import Rendered, plain, rendered
from bot.platforms.discord.tree import needs
from bot.replies import Form, Paragraph, Reply, Tone
from bot.suggestions import suggestions

log = logging.getLogger(__name__)

AT_ONCE = 4
"""So many answers are worked on at a time: more would make everyone's first sign late."""
FORM_WITHIN_S = 2.0
SUGGEST_WITHIN_S = 2.0
DECIDE_WITHIN_S = 1.0
CALL_WITHIN_S = 60.0
_ALREADY_ACKNOWLEDGED, _TOO_LATE = 40060, 10062

ChannelName = Callable[[Place], str | None]
"""What people call a channel, when it is still there."""


class DiscordAnswering:
    """Translates what people do into lines, and replies into messages."""

    def __init__(self, services: Services, channel_name: ChannelName, doings: Doings) -> None:
        self._services = services
        self._channel_name = channel_name
        self._doings = doings
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def commanded(
        self, interaction: Interaction, command: Command, fields: Mapping[str, str]
    ) -> None:
        """A slash command: privately, or with a form when the line leaves something open."""
        request = request_of(interaction, self._services)
        line = " ".join(command.path)
        with self._doings.one():
            if _leaves_open(command, fields):
                await self._open(interaction, request, line_with(command, line, fields))
            elif await self._defer(interaction, private=_is_private(interaction)):
                await self._finish(interaction, request, line, fields)

    async def happened(self, interaction: Interaction) -> None:
        """A press, a choice in a menu, or a form that was sent; all others are commands."""
        data: Mapping[str, object] = dict(interaction.data or {})
        pressed = pressed_in(data)
        if pressed is None:
            return
        with self._doings.one():
            if interaction.type is discord.InteractionType.modal_submit and pressed.form:
                await self._say(interaction, pressed, answers_in(data))
            elif interaction.type is discord.InteractionType.component and pressed.opens:
                request = request_of(interaction, self._services)
                await self._open(interaction, request, pressed.line, replaces=pressed.replaces)
            elif interaction.type is discord.InteractionType.component:
                await self._say(interaction, pressed, {})

    async def _say(
        self, interaction: Interaction, pressed: Pressed, fields: Mapping[str, str]
    ) -> None:
        public = pressed.public and await self._may_say(interaction, pressed.line)
        request = request_of(interaction, self._services, public=public)
        # A public message is everyone's: it is never replaced by one person's answer.
        replaces = pressed.replaces and _stands_in_private(interaction)
        private = not public and _is_private(interaction)
        if await self._defer(interaction, private=private, replaces=replaces):
            await self._finish(interaction, request, pressed.line, fields)

    async def _may_say(self, interaction: Interaction, line: str) -> bool:
        """A refusal is nobody else's business, so it has to be known before the first sign."""
        words = tuple(line.split())
        known = commands()
        command = known.get(words[:2]) or known.get(words[:1])
        if command is None or not command.changes:
            return command is not None
        try:
            async with asyncio.timeout(DECIDE_WITHIN_S):
                return await request_of(interaction, self._services).may_change()
        except Exception:
            log.exception("whether %s may change things is unknown", interaction.user.id)
            return False

    async def suggested(
        self, interaction: Interaction, param: Param, typed: str
    ) -> list[tuple[str, str]]:
        """Never raises: nothing to choose from is better than an error while typing."""
        request = request_of(interaction, self._services)
        try:
            with self._doings.one():
                return await self._suggestions(request, param.kind, typed)
        except TimeoutError:
            log.warning("suggestions for %s took too long", param.kind)
        except Exception:
            log.exception("suggestions for %s failed", param.kind)
        return []

    async def _suggestions(
        self, request: Request, kind: ParamKind, typed: str
    ) -> list[tuple[str, str]]:
        async with asyncio.timeout(SUGGEST_WITHIN_S):
            if kind is ParamKind.CHANNEL:
                return await self._channels(request, typed)
            found = await suggestions(self._services, request, kind, typed)
        return [(choice.value, choice.label) for choice in found]

    async def _channels(self, request: Request, typed: str) -> list[tuple[str, str]]:
        """Other places of this workspace: those that are lost have no name any more."""
        place = request.place
        async with self._services.database.read() as connection:
            known = await destinations.of_workspace(connection, NAME, place.workspace)
        wanted = typed.strip().casefold().lstrip("#")
        found = []
        for other in known:
            if other.place == place or other.direct:
                continue
            name = self._channel_name(other.place) or other.off_reason or ""
            label = f"{name} ({other.place.channel})" if name else other.place.channel
            if wanted in label.casefold():
                found.append((other.place.channel, label))
        return found

    async def _open(
        self, interaction: Interaction, request: Request, line: str, *, replaces: bool = False
    ) -> None:
        """A form must be the first thing Discord hears, so it has to be ready in time."""
        t = translator(request.language or "en")
        asked: Form | Reply
        try:
            async with asyncio.timeout(FORM_WITHIN_S):
                t = await self._translator(request)
                asked = await form(self._services, request, line)
        except TimeoutError:
            asked = _sentence(t("That took too long; please try again."))
        if isinstance(asked, Form):
            try:
                modal = modal_of(asked, interaction.guild, replaces=replaces)
            except FormTooLong:
                asked = _sentence(t("That is too much for a form here; write it as a command."))
            else:
                await _call("opening a form", interaction.response.send_modal(modal))
                return
        shown = rendered(asked, t)
        await _call(
            "refusing a form",
            interaction.response.send_message(
                embeds=list(shown.embeds), ephemeral=True, allowed_mentions=shown.mentions()
            ),
        )

    async def _translator(self, request: Request) -> Translator:
        """A database that fails must not leave a person without any word."""
        try:
            return await translator_for(self._services, request)
        except Exception:
            log.exception("the language of %s is unknown", request.place)
            return translator("en")

    async def misunderstood(
        self, interaction: Interaction, error: app_commands.AppCommandError
    ) -> None:
        """Commands that changed a moment ago may still be shown by some clients as they were."""
        if interaction.type is discord.InteractionType.autocomplete:
            log.warning("nothing to suggest: %s", error)
            return
        t = translator(known_language(str(interaction.locale)) or "en")
        if isinstance(error, app_commands.CommandNotFound | app_commands.CommandSignatureMismatch):
            log.warning("a command was used as it was before an update: %s", error)
            said = t("This command has changed; reload Discord and say it again.")
        else:
            log.error("a command failed", exc_info=error)
            said = t("That failed, and nothing was changed. The reason is in the operator's log.")
        if interaction.response.is_done():
            await _call("answering", _edit(interaction, rendered(_sentence(said), t)))
        else:
            send = interaction.response.send_message(said, ephemeral=True)
            await _call("answering", send)

    async def _defer(
        self, interaction: Interaction, *, private: bool, replaces: bool = False
    ) -> bool:
        """The sign within three seconds. False: Discord waits no longer, and nothing is done."""
        try:
            async with asyncio.timeout(CALL_WITHIN_S):
                await interaction.response.defer(ephemeral=private, thinking=not replaces)
        except discord.InteractionResponded:
            return True
        except discord.HTTPException as error:
            if error.code == _ALREADY_ACKNOWLEDGED:
                # The first try arrived and its answer was lost.
                return True
            log.warning("a person was not answered in time: %s", error)
            return False
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            log.warning("a person could not be answered: %s", type(error).__name__)
            return False
        return True

    async def _finish(
        self, interaction: Interaction, request: Request, line: str, fields: Mapping[str, str]
    ) -> None:
        async with self._turns:
            reply = await answer(self._services, request, line, fields)
            t = await self._translator(request)
        if await _call("answering", _edit(interaction, rendered(reply, t))) == "refused":
            await _call("answering plainly", _edit(interaction, plain(reply)))


def _leaves_open(command: Command, fields: Mapping[str, str]) -> bool:
    """A form asks when something required is missing, or when only rules were named to change."""
    if command.form is None:
        return False
    if any(param.required and param.name not in fields for param in command.params):
        return True
    named = [param.name for param in command.params if needs(command, param)]
    return bool(named) and set(fields) == set(named)


def _is_private(interaction: Interaction) -> bool:
    """In a conversation with the bot alone there is nobody to hide from."""
    return not interaction.context.dm_channel


def _stands_in_private(interaction: Interaction) -> bool:
    """Whether only this person sees the message that the button stands in."""
    message = interaction.message
    if message is None:
        return False
    return message.flags.ephemeral or not _is_private(interaction)


def _sentence(said: str) -> Reply:
    return Reply((Paragraph(said, Tone.WARN),), {"error": said}, ok=False)


async def _edit(interaction: Interaction, shown: Rendered) -> None:
    await interaction.edit_original_response(
        content=shown.content,
        embeds=list(shown.embeds),
        attachments=shown.files(),
        view=shown.view(),
        allowed_mentions=shown.mentions(),
    )


async def _call(what: str, call: Awaitable[object]) -> str:
    """«done», «refused» for a message that Discord will not take, or «failed»."""
    try:
        async with asyncio.timeout(CALL_WITHIN_S):
            await call
    except discord.HTTPException as error:
        log.warning("%s failed: %s", what, error)
        refused = error.status == 400 and error.code not in {_ALREADY_ACKNOWLEDGED, _TOO_LATE}
        return "refused" if refused else "failed"
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        log.warning("%s failed: %s", what, type(error).__name__)
        return "failed"
    return "done"
