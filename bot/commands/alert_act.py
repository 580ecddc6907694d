"""`alert acknowledge|pause|mute|resume`: what people do about a line that speaks."""

from __future__ import annotations

from alerts.groups import with_groups
from alerts.rules import State
from alerts.store import destinations
from alerts.store.models import ActKind
from bot.answer import translator_for
from bot.commands import Arguments, BadInput, Command, Param, ParamKind, Request, Services
from bot.commands.alert import RULES
from bot.doings import note_act
from bot.lines import begun, footing, outlook
from bot.places import rule_of, rules_named
from bot.replies import Button, Buttons, Paragraph, Reply, Tone
from bot.rule_text import state_of, title


async def acknowledge(request: Request, services: Services, arguments: Arguments) -> Reply:
    """Everyone who reads the message sees who has taken notice, and when (R26)."""
    t = await translator_for(services, request)
    now = services.clock.now()
    async with services.database.write() as connection:
        named = await rules_named(connection, request, arguments["rules"], t)
        # What has come back since has still been told: its message waits to be taken notice of.
        told = [
            rule
            for rule in named.rules
            if rule.rule.state is State.FIRED or rule.rule.told_at is not None
        ]
        if not told:
            raise BadInput(t("Nothing has fired there, so there is nothing to acknowledge."))
        await note_act(connection, request, told, ActKind.ACKNOWLEDGED, now)
    services.wake_outbox()
    said = [
        Paragraph(t("Acknowledged: {rule}.", rule=title(rule, services, t)), Tone.GOOD)
        for rule in told
    ]
    return Reply((*said, *named.rest(t)), {"acknowledged": [rule.number for rule in told]})


async def pause(request: Request, services: Services, arguments: Arguments) -> Reply:
    t = await translator_for(services, request)
    now = services.clock.now()
    async with services.database.write() as connection:
        named = await rules_named(connection, request, arguments["rules"], t)
        paused = [r for r in named.rules if await destinations.pause_rule(connection, r.id)]
        if not paused:
            rule = named.rules[0]
            raise BadInput(
                t(
                    "Rule {n} is {state}; nothing was changed.",
                    n=rule.number,
                    state=state_of(rule, named.place.timezone, t),
                )
            )
        await note_act(connection, request, paused, ActKind.PAUSED, now)
    services.wake_outbox()
    said = [
        Paragraph(
            t(
                "Paused: {rule}. “alert resume {n}” wakes it.",
                rule=title(rule, services, t),
                n=rule.number,
            ),
            Tone.GOOD,
        )
        for rule in paused
    ]
    wake = [
        Buttons((Button(t("Resume"), f"alert resume {rule.number}", replaces=True),))
        for rule in paused
        if len(paused) == 1
    ]
    return Reply((*said, *named.rest(t), *wake), {"paused": [rule.number for rule in paused]})


async def resume(request: Request, services: Services, arguments: Arguments) -> Reply:
    t = await translator_for(services, request)
    now = services.clock.now()
    known = await with_groups(services.database, services.indicators)
    async with services.database.write() as connection:
        place, rule = await rule_of(connection, request, int(str(arguments["rule"])), t)
        indicator = known.get(rule.indicator)
        if not rule.paused and rule.rule.snoozed_until is not None:
            raise BadInput(
                t("Rule {n} is not paused but snoozed; “snooze {n} off” wakes it.", n=rule.number)
            )
        if not rule.paused or indicator is None:
            raise BadInput(
                t(
                    "Rule {n} is {state}; nothing was changed.",
                    n=rule.number,
                    state=state_of(rule, place.timezone, t),
                )
            )
        on = await footing(connection, indicator, rule.measure, now)
        again = begun(rule.rule, on, now)
        await destinations.resume_rule(connection, rule.id, again)
        await note_act(connection, request, [rule], ActKind.RESUMED, now)
    services.wake_outbox()
    said = t("Resumed: {rule}.", rule=title(rule, services, t))
    return Reply(
        (Paragraph(said, Tone.GOOD), Paragraph(outlook(again, on, t))), {"resumed": rule.number}
    )


COMMANDS = (
    Command(
        ("alert", "acknowledge"),
        "say that you have seen it: the message shows who and when",
        acknowledge,
        (RULES,),
        changes=True,
        examples=("/bubble alert acknowledge 1",),
    ),
    Command(
        ("alert", "pause"), "lines are silent until they are resumed", pause, (RULES,), changes=True
    ),
    Command(("alert", "mute"), "the same as “alert pause”", pause, (RULES,), changes=True),
    Command(
        ("alert", "resume"),
        "wake a paused line",
        resume,
        (Param("rule", ParamKind.RULE, "its number in “alert list”"),),
        changes=True,
    ),
)
