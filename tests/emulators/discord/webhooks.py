"""What comes after the first answer: its edits, and follow-ups, for fifteen minutes."""

from __future__ import annotations

from tests.emulators.discord.bodies import write
from tests.emulators.discord.callbacks import LOADING, new_answer, noting, refer, seen_again, show
from tests.emulators.discord.calls import Answer, Call, route
from tests.emulators.discord.errors import DiscordError
from tests.emulators.discord.interactions import EPHEMERAL, Interaction
from tests.emulators.discord.world import Json, public

_WEBHOOK = "/webhooks/{application_id}/{interaction_token}"
_ORIGINAL = _WEBHOOK + "/messages/@original"
_MESSAGE = _WEBHOOK + "/messages/{message_id}"
_TOKEN = "interaction_token"


def _interaction(call: Call) -> Interaction:
    interaction = call.discord.by_token.get(call["interaction_token"])
    if interaction is None or call["application_id"] != call.discord.application_id:
        raise DiscordError(10015)
    interaction.check_open(call.discord.answer_within, call.discord.token_lives)
    return interaction


def _message(call: Call, interaction: Interaction) -> Json:
    """The one of the path; @original when it names none."""
    own = call.parameters.get("message_id")
    known = [interaction.original, *interaction.followups]
    found = next((one for one in known if one is not None and own in (None, one["id"])), None)
    if found is None or (own is None and found is not interaction.original):
        raise DiscordError(10008)
    return found


def _noted(call: Call) -> Interaction:
    """Like `_interaction`; one that comes too late is remembered by the interaction."""
    known = call.discord.by_token.get(call["interaction_token"])
    if known is None:
        return _interaction(call)
    with noting(known):
        return _interaction(call)


@route("POST", _WEBHOOK, bucket="webhook", place=_TOKEN, free=True)
async def follow_up(call: Call) -> Answer:
    """The first one after a deferral takes the place of what was promised."""
    interaction = _noted(call)
    with noting(interaction):
        if interaction.pending and interaction.original is not interaction.source:
            return _fill(call, interaction)
        message = new_answer(call, interaction)
        if interaction.original is not None:
            refer(message, interaction.original)
        write(call.discord, interaction.channel, message, call.form, call.files)
    interaction.followups.append(message)
    show(call, interaction, message)
    return public(message)


@route("GET", _ORIGINAL, bucket="webhook", place=_TOKEN, free=True)
@route("GET", _MESSAGE, bucket="webhook", place=_TOKEN, free=True)
async def fetch(call: Call) -> Answer:
    return public(_message(call, _noted(call)))


@route("PATCH", _ORIGINAL, bucket="webhook", place=_TOKEN, free=True)
@route("PATCH", _MESSAGE, bucket="webhook", place=_TOKEN, free=True)
async def edit(call: Call) -> Answer:
    interaction = _noted(call)
    with noting(interaction):
        message = _message(call, interaction)
        if message is interaction.original:
            return _fill(call, interaction)
        write(call.discord, interaction.channel, message, call.form, call.files)
    seen_again(call, interaction, message)
    return public(message)


def _fill(call: Call, interaction: Interaction) -> Json:
    """Words for @original; whether it is for one person alone was decided by the first answer."""
    message = interaction.original
    assert message is not None
    private = message["flags"] & EPHEMERAL
    write(call.discord, interaction.channel, message, call.form, call.files)
    message["flags"] = (message["flags"] & ~(LOADING | EPHEMERAL)) | private
    interaction.pending = False
    seen_again(call, interaction, message)
    return public(message)


@route("DELETE", _ORIGINAL, bucket="webhook", place=_TOKEN, free=True)
@route("DELETE", _MESSAGE, bucket="webhook", place=_TOKEN, free=True)
async def delete(call: Call) -> Answer:
    interaction = _noted(call)
    message = _message(call, interaction)
    if message["id"] in interaction.channel.messages:
        call.discord.delete_message(interaction.channel, message["id"])
    if message is interaction.original:
        interaction.original, interaction.pending = None, False
    else:
        interaction.followups.remove(message)
    return None
