"""Forms from their opening to their end.

A trigger lives three seconds, so a modal opens at once with a word to wait, and is filled then.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Protocol

from alerts.platform import TemporaryFailure
from bot.answer import form
from bot.commands import ParamKind, commands
from bot.locales import Translator
from bot.platforms.slack.blocks import SlackJson
from bot.platforms.slack.calls import TeamCalls
from bot.platforms.slack.conversation import Conversation, Where
from bot.platforms.slack.errors import SlackRefused
from bot.platforms.slack.forms import (
    Asked,
    asked_of,
    field_at_fault,
    fields_of,
    form_view,
    kind_of,
    options,
    words_view,
)
from bot.replies import Choice, Form, Json, Paragraph, Reply, Tone
from bot.suggestions import suggestions

log = logging.getLogger(__name__)

DECIDE_WITHIN_S = 2.0
"""Slack waits three seconds for what becomes of a form; the way there and back takes its part."""
_EXPIRED = frozenset({"expired_trigger_id", "exchanged_trigger_id", "trigger_expired"})
_TITLE = "bubblewatch"

Ack = Callable[..., Awaitable[object]]


class Home(Protocol):
    async def show(self, where: Where, said: Reply | None = None) -> None: ...


def asks_for_form(line: str) -> bool:
    """`alert add` and `settings` without further words, and `alert edit 3`."""
    words = tuple(line.split())
    command = commands().get(words)
    if command is not None:
        return command.form is not None
    before = commands().get(words[:-1])
    return (
        before is not None
        and before.form is not None
        and words[-1].isdecimal()
        and any(p.kind in (ParamKind.RULE, ParamKind.RULES) and p.required for p in before.params)
    )


class Modals:
    """Opens forms, fills their lists while people type, and carries out what comes back."""

    def __init__(self, call: TeamCalls, conversation: Conversation, home: Home) -> None:
        self._call = call
        self._conversation = conversation
        self._home = home

    async def open(self, where: Where, line: str, trigger: str) -> None:
        """Raises nothing that a person could do something about: the modal says it."""
        view = await self._opened(where, trigger)
        if view is None:
            return
        t = await self._conversation.words(where)
        request = await self._conversation.request(where)
        asked = await form(self._conversation.services, request, line)
        if isinstance(asked, Reply):
            await self._shown(where.team, view, words_view(_TITLE, asked, t))
            return
        asked = _with_group_lists(asked)
        carried = Asked(asked.line, where.channel, where.direct, where.response_url, where.home)
        labels = await self._labels(where, asked)
        await self._shown(where.team, view, form_view(asked, carried, labels, t))

    async def _opened(self, where: Where, trigger: str) -> str | None:
        """The id of the modal; None when it came too late, which the person is told."""
        t = self._conversation.words_at_hand(where)
        wait = Reply((Paragraph(t("One moment …")),))
        view = words_view(_TITLE, wait, t)
        try:
            said = await self._call(where.team, "views.open", {"trigger_id": trigger, "view": view})
        except (SlackRefused, TemporaryFailure) as failed:
            log.warning("slack: a form could not be opened: %s", failed)
            late = isinstance(failed, SlackRefused) and failed.error in _EXPIRED
            sentence = (
                t("The form came too late for Slack. Please press once more.")
                if late
                else t("The form could not be opened. Please try again in a minute.")
            )
            await self._answered(where, Reply((Paragraph(sentence, Tone.WARN),), ok=False))
            return None
        opened = said.get("view")
        return str(opened["id"]) if isinstance(opened, dict) else None

    async def _shown(self, team: str, view: str, content: SlackJson) -> None:
        try:
            await self._call(team, "views.update", {"view_id": view, "view": content})
        except SlackRefused as refused:
            if refused.error != "not_found":
                raise
            # Closed by the person in the meantime.

    async def _labels(self, where: Where, asked: Form) -> dict[str, str]:
        """How the values that stand in searched fields are read."""
        labels: dict[str, str] = {}
        for field in asked.fields:
            kind = kind_of(asked.line, field.name) if field.searched and field.value else None
            if kind is None:
                continue
            found = await self._found(where, kind, field.value)
            chosen = next((c for c in found if c.value == field.value), None)
            if chosen is not None:
                labels[field.name] = chosen.label
        return labels

    async def suggested(self, body: Mapping[str, Json]) -> list[SlackJson]:
        """What may be chosen, for what was typed so far into a list that is searched."""
        asked = asked_of(_view(body).get("private_metadata"))
        if asked is None:
            return []
        where = _where(body, asked)
        kind = kind_of(asked.line, str(body.get("action_id")))
        if kind is None:
            return []
        return options(await self._found(where, kind, str(body.get("value") or "")))

    async def _found(self, where: Where, kind: ParamKind, typed: str) -> tuple[Choice, ...]:
        """User groups are Slack's to name, everything else is `bot.suggestions`'."""
        if kind is ParamKind.MENTION:
            groups = await self._conversation.groups(where)
            wanted = typed.strip().lstrip("@").casefold()
            return tuple(
                Choice(group, f"@{handle}")
                for handle, group in sorted(groups.items())
                if wanted in handle.casefold() or typed == group
            )
        request = await self._conversation.request(where)
        return await suggestions(self._conversation.services, request, kind, typed)

    async def submitted(self, ack: Ack, body: Mapping[str, Json]) -> None:
        """Errors are shown in the form; what went well closes it, and is said where it was asked.

        What takes longer than Slack waits is told in the modal itself when it is done.
        """
        view = _view(body)
        asked = asked_of(view.get("private_metadata"))
        if asked is None:
            await ack(response_action="update", view=self._stale(body))
            return
        where = _where(body, asked)
        fields = fields_of(view.get("state"))
        work = asyncio.ensure_future(self._conversation.carried_out(where, asked.line, fields))
        try:
            reply = await asyncio.wait_for(asyncio.shield(work), DECIDE_WITHIN_S)
        except TimeoutError:
            t = self._conversation.words_at_hand(where)
            wait = words_view(_TITLE, Reply((Paragraph(t("One moment …")),)), t)
            await ack(response_action="update", view=wait)
            content = words_view(_TITLE, await work, t)
            await self._shown(where.team, str(view.get("id")), content)
            return
        finally:
            if not work.done():
                work.cancel()
        await self._ended(ack, where, reply, fields)

    async def _ended(self, ack: Ack, where: Where, reply: Reply, fields: Mapping[str, str]) -> None:
        if reply.ok:
            await ack()
            await self._answered(where, reply)
            return
        sentence = next((b.text for b in reply.blocks if isinstance(b, Paragraph)), "")
        fault = field_at_fault(reply.data, sentence, fields)
        if fault is None:
            t = self._conversation.words_at_hand(where)
            await ack(response_action="update", view=words_view(_TITLE, reply, t))
        else:
            await ack(response_action="errors", errors={fault: sentence[:1000]})

    async def _answered(self, where: Where, reply: Reply) -> None:
        if where.home:
            await self._home.show(where, reply)
        elif where.response_url:
            await self._conversation.say(where, reply)

    def _stale(self, body: Mapping[str, Json]) -> SlackJson:
        where = _where(body, Asked("", "", direct=True))
        t = self._conversation.words_at_hand(where)
        return words_view(_TITLE, stale(t), t)


def _with_group_lists(asked: Form) -> Form:
    """A group to mention is chosen, not typed: only its id calls anyone."""
    fields = tuple(
        replace(field, searched=True)
        if kind_of(asked.line, field.name) is ParamKind.MENTION
        else field
        for field in asked.fields
    )
    return replace(asked, fields=fields)


def stale(t: Translator) -> Reply:
    """For what an earlier version of the program put on a screen."""
    sentence = t("This is from an earlier version and does not work any more. /bubble help")
    return Reply((Paragraph(sentence, Tone.WARN),), {"error": sentence}, ok=False)


def _view(body: Mapping[str, Json]) -> Mapping[str, Json]:
    view = body.get("view")
    return view if isinstance(view, dict) else {}


def _where(body: Mapping[str, Json], asked: Asked) -> Where:
    user, team = body.get("user"), body.get("team")
    return Where(
        str(team.get("id")) if isinstance(team, dict) else "",
        str(user.get("id")) if isinstance(user, dict) else "",
        asked.channel,
        asked.direct,
        asked.response_url,
        asked.home,
    )
