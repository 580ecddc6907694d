"""`snooze`: silence for a while (RULES.md R13)."""

from __future__ import annotations

from alerts.rules import State
from alerts.store import destinations
from alerts.store.models import ActKind
from bot import words
from bot.answer import is_pressable, translator_for
from bot.commands import Arguments, BadInput, Command, Param, ParamKind, Request, Services
from bot.commands.alert import RULES
from bot.doings import note_act
from bot.places import rules_named
from bot.quantities import duration
from bot.reader import OFF
from bot.replies import Button, Buttons, Paragraph, Reply, Tone
from bot.rule_text import numbers_text, titles


async def run(request: Request, services: Services, arguments: Arguments) -> Reply:
    t = await translator_for(services, request)
    time = str(arguments["time"])
    now = services.clock.now()
    until = None if time.casefold() == OFF else now + duration(time, t)
    async with services.database.write() as connection:
        named = await rules_named(connection, request, arguments["rules"], t)
        # With `off` the snooze ends now, and a rule that is still fired says so once.
        ends = now if until is None else until
        living = [rule for rule in named.rules if rule.rule.state is not State.DONE]
        if not living:
            raise BadInput(t("That is done and will not speak again; nothing was changed."))
        count = await destinations.snooze_rules(connection, [rule.id for rule in living], ends)
        kind = ActKind.AWAKENED if until is None else ActKind.SNOOZED
        await note_act(connection, request, living, kind, now, until)
    services.wake_outbox()
    named_all = titles(living, services, t)
    line = f"snooze {numbers_text(rule.number for rule in living)} off"
    data = {"rules": count, "until": None if until is None else until.isoformat()}
    if until is None:
        said = Paragraph(t("Awake again: {rules}.", rules=named_all), Tone.GOOD)
        return Reply((said, *named.rest(t)), data)
    said = Paragraph(
        t(
            "Silent for {time}, until {at}: {rules}. What happens meanwhile is recorded; what is "
            "still beyond its line then is said once.",
            time=words.span(until - now, t),
            at=words.moment(until, named.place.timezone, t),
            rules=named_all,
        ),
        Tone.GOOD,
    )
    wake = [Buttons((Button(t("Wake"), line, replaces=True),))] if is_pressable(line) else []
    return Reply((said, *named.rest(t), *wake), data)


COMMANDS = (
    Command(
        ("snooze",),
        "silence lines, or all, for a while",
        run,
        (RULES, Param("time", ParamKind.DURATION, "12h, 3d, 1w, or “off”")),
        changes=True,
        examples=("/bubble snooze 3 1d", "/bubble snooze 1 2 5-7 1w", "/bubble snooze 3 off"),
    ),
)
