"""`settings`: what this place is subscribed to, its language and hours; changed by clicking."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from alerts.indicators import presets
from alerts.store import destinations, workspaces
from alerts.store.destinations import Destination
from bot import chosen
from bot.answer import translator_for
from bot.commands import Arguments, BadInput, Command, Param, ParamKind, Request, Services, about
from bot.locales import Translator, translator
from bot.places import check_mention, place_of, role_name
from bot.reader import OFF
from bot.replies import (
    Block,
    Button,
    Buttons,
    Choice,
    Fields,
    Form,
    FormField,
    Heading,
    Json,
    Menu,
    Paragraph,
    Reply,
    Tone,
)
from bot.subscribing import subscribe_to, unsubscribe_from
from bot.suggestions import language_choices

ON = "on"


@dataclass(frozen=True, slots=True)
class Standing:
    """A place as it is set; `place` is None where nobody asked for anything yet.

    `language`: what it speaks, or would begin with.
    """

    place: Destination | None
    language: str
    presets: list[str]
    rules: int
    managers: str | None


async def run(request: Request, services: Services, arguments: Arguments) -> Reply:
    t = await translator_for(services, request)
    if arguments:
        if not await request.may_change():
            raise BadInput(t("Only those who manage this place may change that."))
        if "managers" in arguments and not await request.may_change_everywhere():
            raise BadInput(t("Only those who manage the whole workspace may say who manages it."))
        if arguments.get("managers", OFF) != OFF:
            await check_mention(request, str(arguments["managers"]), t)
        async with services.database.write() as connection:
            await _change(connection, request, services, arguments, t)
        if "language" in arguments and request.language is None:
            t = translator(chosen.language(str(arguments["language"]), t))
    async with services.database.read() as connection:
        standing = await _standing(connection, request)
    named = await role_name(request, standing.managers)
    done = [Paragraph(t("Changed."), Tone.GOOD)] if arguments else []
    return Reply((*done, *_blocks(standing, named, request, t)), _data(standing))


async def _change(
    connection: AsyncConnection,
    request: Request,
    services: Services,
    arguments: Arguments,
    t: Translator,
) -> None:
    """Everything that was named, or nothing: what is not understood ends the transaction."""
    now = services.clock.now()
    columns = _columns(arguments, t)
    place = await place_of(connection, request, now)
    if columns:
        await destinations.choose(connection, place.id, now, **columns)
    if "managers" in arguments:
        if request.direct:
            raise BadInput(t("In a conversation with you alone nobody else manages anything."))
        role = str(arguments["managers"])
        await workspaces.set_managers(
            connection,
            request.place.platform,
            request.place.workspace,
            None if role.casefold() == OFF else role,
        )
    if "subscribe" in arguments:
        preset = str(arguments["subscribe"])
        await subscribe_to(connection, request, services, place, preset, t)
    if "unsubscribe" in arguments:
        ended = [str(arguments["unsubscribe"])]
        await unsubscribe_from(connection, request, services, place, ended, t)
        services.wake_outbox()


def _columns(arguments: Arguments, t: Translator) -> dict[str, str | int | bool | None]:
    columns: dict[str, str | int | bool | None] = {}
    if "language" in arguments:
        with about("language"):
            columns["language"] = chosen.language(str(arguments["language"]), t)
    if "timezone" in arguments:
        with about("timezone"):
            columns["timezone"] = chosen.timezone(str(arguments["timezone"]), t)
    if "quiet" in arguments:
        with about("quiet"):
            start, end = chosen.quiet_hours(str(arguments["quiet"]), t)
        columns |= {"quiet_from": start, "quiet_to": end}
    if "digest" in arguments:
        with about("digest"):
            time = chosen.digest(str(arguments["digest"]), t)
        columns |= {"digest": time.often, "digest_minute": time.minute,
                    "digest_weekday": time.weekday}  # fmt: skip
    if "cleared" in arguments:
        columns["tells_cleared"] = arguments["cleared"] == ON
    return columns


async def _standing(connection: AsyncConnection, request: Request) -> Standing:
    place = await destinations.find(connection, request.place)
    if place is None:
        return Standing(None, request.place_language or "en", [], 0, None)
    return Standing(
        place,
        place.language,
        await destinations.presets_of(connection, place.id),
        len(await destinations.rules_of(connection, place.id)),
        await workspaces.managers_of(connection, place.place.platform, place.place.workspace),
    )


def _blocks(
    standing: Standing, managers: str | None, request: Request, t: Translator
) -> list[Block]:
    """`managers`: what people call the role or group that manages."""
    place = standing.place
    pairs = [
        (t("presets"), t(", ").join(standing.presets) or t("none")),
        (t("lines"), str(standing.rules)),
        (t("language"), _language_name(standing.language)),
        (t("time zone"), place.timezone if place else "UTC"),
        (t("quiet hours"), chosen.quiet_text(place, t)),
        (t("digest"), chosen.digest_text(place, t)),
        (t("tells when it is over"), t("yes") if place and place.tells_cleared else t("no")),
    ]
    if not request.direct:
        pairs.append((t("who may change this"), managers or t("those who manage it")))
    if place is not None and place.board_id is not None:
        pairs.append((t("pinned board"), t("yes")))
    blocks: list[Block] = [Heading(t("Settings of this place")), Fields(tuple(pairs))]
    if place is not None and place.off_reason is not None:
        said = t(
            "This place is off: {reason}. “on” switches it on again.",
            reason=t.told(place.off_reason),
        )
        blocks.append(Paragraph(said, Tone.WARN))
    return [*blocks, *_buttons(standing, t)]


def _language_name(code: str) -> str:
    return next((c.label for c in language_choices() if c.value == code), code)


def _buttons(standing: Standing, t: Translator) -> list[Buttons]:
    def button(label: str, line: str) -> Button:
        return Button(label, line, replaces=True)

    subscribing = [
        button(t("Unsubscribe from {preset}", preset=preset), f"settings unsubscribe {preset}")
        if preset in standing.presets
        else button(t("Subscribe to {preset}", preset=preset), f"settings subscribe {preset}")
        for preset in presets()
    ]
    rows = [Buttons(tuple(subscribing[i : i + 5])) for i in range(0, len(subscribing), 5)]
    languages = tuple(
        button(choice.label, f"settings language {choice.value}") for choice in language_choices()
    )
    rows.append(Buttons((Menu(t("Language …"), languages),)))
    tells = standing.place is not None and standing.place.tells_cleared
    cleared = (
        button(t("Do not tell when it is over"), "settings cleared off")
        if tells
        else button(t("Tell when it is over"), "settings cleared on")
    )
    off = standing.place is not None and standing.place.off_reason is not None
    switch = [Button(t("Switch on"), "on", replaces=True)] if off else []
    change = Button(t("Change …"), "settings", opens=True)
    # A list of roles has no entry for none.
    alone = button(t("Only those who manage it"), "settings managers off")
    last = [alone] if standing.managers is not None else []
    rows.append(Buttons((*switch, cleared, button(t("Lines"), "alert list"), change, *last)))
    return rows


def _data(standing: Standing) -> Json:
    place = standing.place
    return {
        "language": standing.language,
        "timezone": place.timezone if place else "UTC",
        "presets": list(standing.presets),
        "rules": standing.rules,
        "quiet": None if place is None or place.quiet_from is None else chosen.typed_quiet(place),
        "digest": chosen.typed_digest(place),
        "cleared": place.tells_cleared if place else False,
        "managers": standing.managers,
        "off": place.off_reason if place else None,
    }


async def ask(request: Request, services: Services, arguments: Arguments) -> Form:
    """The form, as the place is set."""
    t = await translator_for(services, request)
    if not await request.may_change():
        raise BadInput(t("Only those who manage this place may change that."))
    async with services.database.read() as connection:
        standing = await _standing(connection, request)
    place = standing.place
    fields = [
        FormField(
            "language",
            t("Language"),
            value=standing.language,
            choices=language_choices(),
        ),
        FormField(
            "timezone",
            t("Time zone"),
            "Asia/Taipei",
            place.timezone if place else "UTC",
            searched=True,
        ),
        FormField("quiet", t("Quiet hours"), "22:00-07:00", chosen.typed_quiet(place)),
        FormField("digest", t("Digest"), "daily 09:00", chosen.typed_digest(place)),
        FormField(
            "cleared",
            t("Tell when it is over"),
            value=ON if place and place.tells_cleared else OFF,
            choices=(Choice(ON, t("yes")), Choice(OFF, t("no"))),
        ),
    ]
    return Form(t("Settings"), "settings", tuple(fields), t("Save"))


def _param(name: str, kind: ParamKind, summary: str, *keywords: str) -> Param:
    return Param(name, kind, summary, required=False, keywords=keywords)


COMMANDS = (
    Command(
        ("settings",),
        "what this place is subscribed to, its language, hours and digest",
        run,
        (
            _param("language", ParamKind.LANGUAGE, "en, zh_Hant, zh_Hans", "language", "lang"),
            _param("timezone", ParamKind.TIMEZONE, "like Asia/Taipei", "timezone", "tz"),
            Param(
                "quiet",
                ParamKind.TEXT,
                "22:00-07:00: what is not critical waits; or “off”",
                required=False,
                keywords=("quiet",),
                clearable=True,
            ),
            Param(
                "digest",
                ParamKind.TEXT,
                "the board unasked: “daily 09:00”, “weekly mon 09:00”, “off”",
                required=False,
                keywords=("digest",),
                clearable=True,
            ),
            Param(
                "cleared",
                ParamKind.CHOICE,
                "whether to tell when a value is back",
                required=False,
                keywords=("cleared",),
                choices=(ON, OFF),
            ),
            Param(
                "managers",
                ParamKind.MENTION,
                "the role or group that may change things, or “off”",
                required=False,
                keywords=("managers",),
            ),
            _param("subscribe", ParamKind.PRESET, "take a preset's lines", "subscribe"),
            _param("unsubscribe", ParamKind.PRESET, "leave a preset", "unsubscribe"),
        ),
        examples=(
            "/bubble settings language zh_Hant timezone Asia/Taipei",
            "/bubble settings quiet 22:00-07:00 digest weekly mon 09:00",
        ),
        changes_if_told=True,
        form=ask,
    ),
)
