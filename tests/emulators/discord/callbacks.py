"""The first answer to an interaction: a message, a promise of one, an update, choices, a form."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from tests.emulators.discord.bodies import numbered_modal, write
from tests.emulators.discord.calls import Answer, Call, route
from tests.emulators.discord.command_limits import problems_of_choices
from tests.emulators.discord.component_limits import problems_of_modal
from tests.emulators.discord.errors import DiscordError, invalid_form
from tests.emulators.discord.interactions import (
    AUTOCOMPLETE,
    CHOICES,
    COMMAND,
    COMPONENT,
    DEFERRED,
    DEFERRED_UPDATE,
    EPHEMERAL,
    FORM,
    MESSAGE,
    MODAL,
    UPDATE,
    Ack,
    Interaction,
)
from tests.emulators.discord.messages import edited
from tests.emulators.discord.world import Json, public

LOADING = 1 << 7

_ALLOWED: dict[int, tuple[int, ...]] = {
    COMMAND: (MESSAGE, DEFERRED, FORM),
    COMPONENT: (MESSAGE, DEFERRED, DEFERRED_UPDATE, UPDATE, FORM),
    AUTOCOMPLETE: (CHOICES,),
    MODAL: (MESSAGE, DEFERRED, DEFERRED_UPDATE, UPDATE),
}


@contextmanager
def noting(interaction: Interaction) -> Iterator[None]:
    """The interaction remembers which calls about it were refused."""
    try:
        yield
    except DiscordError as error:
        interaction.refused.append(error.code)
        raise


@route(
    "POST",
    "/interactions/{interaction_id}/{interaction_token}/callback",
    bucket="callback",
    place="interaction_token",
    free=True,
)
async def callback(call: Call) -> Answer:
    """1. whose it is, and is it in time · 2. may it be answered so · 3. what comes of it."""
    interaction = call.discord.by_token.get(call["interaction_token"])
    if interaction is None or interaction.id != call["interaction_id"]:
        raise DiscordError(10062)
    after = time.monotonic() - interaction.sent_at
    with noting(interaction):
        interaction.check_unanswered(call.discord.answer_within)
        kind, data = call.form.get("type"), call.form.get("data") or {}
        allowed = _ALLOWED[interaction.kind]
        if kind not in allowed or (kind in (DEFERRED_UPDATE, UPDATE) and not interaction.source):
            told = f"Value must be one of {set(allowed)}."
            raise invalid_form([("type", "BASE_TYPE_CHOICES", told)])
        _take(call, interaction, kind, data)
    interaction.ack = Ack(kind, data, after)
    return _told(interaction) if call.flag("with_response") else None


def _take(call: Call, interaction: Interaction, kind: int, data: Json) -> None:
    match kind:
        case 4:
            message = new_answer(call, interaction)
            write(call.discord, interaction.channel, message, data, call.files, at="data.")
            interaction.original = message
            show(call, interaction, message)
        case 5:
            message = new_answer(call, interaction)
            message["flags"] |= (data.get("flags", 0) & EPHEMERAL) | LOADING
            interaction.original, interaction.pending = message, True
            show(call, interaction, message)
        case 6:
            interaction.original, interaction.pending = interaction.source, True
        case 7:
            assert interaction.source is not None
            write(
                call.discord,
                interaction.channel,
                interaction.source,
                data,
                call.files,
                at="data.",
            )
            interaction.original = interaction.source
            seen_again(call, interaction, interaction.source)
        case 8:
            choices = data.get("choices") or []
            if problems := list(problems_of_choices(choices, "data.choices")):
                raise invalid_form(problems)
            interaction.choices = choices
        case _:
            if problems := list(problems_of_modal(data)):
                raise invalid_form(problems)
            interaction.modal = numbered_modal(data)


def new_answer(call: Call, interaction: Interaction) -> Json:
    """A message that belongs to an interaction, still without words."""
    message = call.discord.new_message(interaction.channel, call.discord.bot)
    if interaction.kind == COMMAND:
        message["type"] = 20
    elif interaction.source is not None:
        refer(message, interaction.source)
    return message | {
        "application_id": call.discord.application_id,
        "webhook_id": call.discord.application_id,
        "interaction_metadata": _metadata(interaction),
    }


def _metadata(interaction: Interaction) -> Json:
    found: Json = {
        "id": interaction.id,
        "type": interaction.kind,
        "user": interaction.user.wire(),
        "authorizing_integration_owners": interaction.payload["authorizing_integration_owners"],
    }
    if interaction.kind == COMMAND:
        found["name"] = interaction.payload["data"]["name"]
    elif interaction.opened_by is not None:
        found["triggering_interaction_metadata"] = _metadata(interaction.opened_by)
    elif interaction.source is not None:
        found["interacted_message_id"] = interaction.source["id"]
    return found


def refer(message: Json, to: Json) -> None:
    message["type"] = 19
    message["message_reference"] = {
        "type": 0,
        "channel_id": to["channel_id"],
        "message_id": to["id"],
    }


def show(call: Call, interaction: Interaction, message: Json) -> None:
    """To everyone in the channel, or to the person alone."""
    if message["flags"] & EPHEMERAL:
        call.discord.bell.ring()
    else:
        call.discord.keep(interaction.channel, message)


def seen_again(call: Call, interaction: Interaction, message: Json) -> None:
    if message["id"] in interaction.channel.messages:
        edited(call, interaction.channel, message)
    else:
        message["_edits"] += 1


def _told(interaction: Interaction) -> Json:
    found: Json = {"id": interaction.id, "type": interaction.kind}
    message, kind = interaction.original, interaction.ack.kind if interaction.ack else 0
    if message is None or kind == DEFERRED_UPDATE:
        return {"interaction": found}
    found |= {
        "response_message_id": message["id"],
        "response_message_loading": interaction.pending,
        "response_message_ephemeral": bool(message["flags"] & EPHEMERAL),
    }
    if kind == DEFERRED:
        return {"interaction": found}
    return {"interaction": found, "resource": {"type": kind, "message": public(message)}}
