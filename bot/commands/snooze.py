"""`snooze`: silence for a while (RULES.md R13)."""

from __future__ import annotations

from alerts.store import destinations
from bot import words
from bot.answer import translator_for
from bot.commands import Arguments, BadInput, Command, Param, ParamKind, Request, Services
from bot.quantities import duration
from bot.replies import Paragraph, Reply, Tone


async def run(request: Request, services: Services, arguments: Arguments) -> Reply:
    t = await translator_for(services, request)
    which, time = str(arguments["rule"]), str(arguments["time"])
    off = time.casefold() == "off"
    until = None if off else services.clock.now() + duration(time, t)
    digits = which.lstrip("#")
    if which.casefold() != "all" and not (digits.isascii() and digits.isdigit()):
        raise BadInput(t("Say which: a number from “alert list”, or “all”."))
    async with services.database.write() as connection:
        place = await destinations.find(connection, request.place)
        numbers = None if which.casefold() == "all" else [int(digits[:9])]
        mine = await destinations.rules_of(connection, place.id, numbers) if place else []
        if not mine:
            raise BadInput(t("There is no such rule here; “alert list” shows them."))
        # With `off` the snooze ends now, and a rule that is still fired says so once.
        ends = services.clock.now() if until is None else until
        count = await destinations.snooze_rules(connection, [rule.id for rule in mine], ends)
    if until is None:
        said = t("Awake again: {n} lines.", n=count)
    else:
        said = t(
            "Silent for {time}: {n} lines. What happens meanwhile is recorded; what is still "
            "beyond its line then is said once.",
            time=words.span(until - services.clock.now(), t),
            n=count,
        )
    return Reply(
        (Paragraph(said, Tone.GOOD),),
        {"rules": count, "until": None if until is None else until.isoformat()},
    )


COMMANDS = (
    Command(
        ("snooze",),
        "silence a line, or all, for a while",
        run,
        (
            Param("rule", ParamKind.TEXT, "its number, or “all”"),
            Param("time", ParamKind.DURATION, "12h, 3d, 1w, or “off”"),
        ),
        changes=True,
        examples=("/bubble snooze 3 1d", "/bubble snooze all 1w", "/bubble snooze 3 off"),
    ),
)
