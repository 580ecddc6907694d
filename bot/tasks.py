"""What each `bubblewatch` subcommand does. All but `run` end by themselves."""

from __future__ import annotations

import argparse
import asyncio
import getpass
import json
import sys
from collections.abc import Awaitable, Callable, Mapping

from alerts.clock import SystemClock
from alerts.platform import Platform
from alerts.store import schema
from alerts.store.database import Database
from alerts.store.destinations import Place
from bot.answer import answer
from bot.app import TERMINAL, AlreadyRunning, open_app, open_desk, sole_process
from bot.commands import Request, Services
from bot.compose import Composer
from bot.locales import Translator, known_language, translator
from bot.platforms.terminal import make_console, render
from bot.replies import Json, Reply
from bot.settings import Settings

Task = Callable[[argparse.Namespace, Settings], Awaitable[int]]


async def perform(asked: argparse.Namespace, settings: Settings) -> int:
    """Returns the exit code."""
    tasks: Mapping[str, Task] = {
        "run": _run,
        "ask": _ask,
        "replay": _replay,
        "watch": _watch_once,
        "show": _show,
        "fact": _fact,
        "migrate": _migrate,
        **dict.fromkeys(("backup", "restore", "export", "import"), _custody),
        "setup": _setup,
        "doctor": _doctor,
    }
    return await tasks[asked.command](asked, settings)


def _print(reply: Reply, as_json: bool) -> int:
    if as_json:
        print(json.dumps(reply.data, ensure_ascii=False, indent=2))
    else:
        render(reply, make_console())
    return 0 if reply.ok else 1


def _print_line(data: Json) -> None:
    print(json.dumps(data, ensure_ascii=False), flush=True)


async def _run(asked: argparse.Namespace, settings: Settings) -> int:
    from bot.service import run

    code = 1
    try:
        code = await run(settings, SystemClock(), make_console(), plays=not asked.no_replay)
    except AlreadyRunning as refusal:
        # The other one pings.
        print(translator(settings.spoken).told(str(refusal)), file=sys.stderr)
        return code
    except Exception:
        await _not_running(settings)
        raise
    if code:
        await _not_running(settings)
    return code


async def _not_running(settings: Settings) -> None:
    """Whoever waits for our pings need not wait until one is missing."""
    if settings.ping_url is None:
        return
    from random import Random

    from bot.ping import Pinger

    await Pinger(settings.ping_url.get_secret_value(), SystemClock(), Random()).last_word()


async def _ask(asked: argparse.Namespace, settings: Settings) -> int:
    try:
        place = _place(asked.at, settings) if asked.at else TERMINAL
    except LookupError as refusal:
        print(refusal, file=sys.stderr)
        return 2
    async with open_desk(settings, SystemClock()) as desk:
        request = Request(
            place, "terminal", settings.language or None, place_language=settings.spoken
        )
        reply = await answer(desk.services, request, " ".join(asked.text))
    return _print(reply, asked.json)


def _place(text: str, settings: Settings) -> Place:
    """A place that cannot speak for itself. Raises LookupError with a sentence."""
    from bot.platforms.apprise import place_named

    t = translator(settings.spoken)
    platform, _, name = text.partition(":")
    if platform != "apprise" or not name:
        said = t("--at {text}: write apprise:NAME; people elsewhere say it themselves", text=text)
        raise LookupError(said)
    try:
        return place_named(name, settings)
    except LookupError as refusal:
        raise LookupError(t.told(str(refusal))) from refusal


async def _show(asked: argparse.Namespace, settings: Settings) -> int:
    text = f"show {asked.key}" + (f" on {asked.as_of}" if asked.as_of else "")
    async with open_desk(settings, SystemClock()) as desk:
        request = Request(TERMINAL, "terminal", settings.spoken)
        reply = await answer(desk.services, request, text)
    return _print(reply, asked.json)


async def _fact(asked: argparse.Namespace, settings: Settings) -> int:
    async with open_desk(settings, SystemClock()) as desk:
        if asked.doing == "import":
            return await _import_facts(asked, desk.services, translator(settings.spoken))
        said = " ".join(f"“{word}”" if " " in word else word for word in asked.words)
        request = Request(TERMINAL, _person(), settings.spoken)
        reply = await answer(desk.services, request, f"fact {asked.doing} {said}")
    return _print(reply, asked.json)


def _person() -> str:
    """Who sits here, for the ledger; a container may have no name for its user."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "terminal"


async def _import_facts(asked: argparse.Namespace, services: Services, t: Translator) -> int:
    from bot.fact_desk import BadTable, import_table

    try:
        text = await asyncio.to_thread(asked.file.read_text, "utf-8-sig")
        entered = await import_table(services, text)
    except (OSError, UnicodeDecodeError) as error:
        print(t("{file} cannot be read: {why}", file=asked.file, why=error), file=sys.stderr)
        return 1
    except BadTable as refusal:
        for reason in refusal.reasons:
            print(f"{asked.file}: {t.told(reason)}", file=sys.stderr)
        print(t("Nothing was entered."), file=sys.stderr)
        return 1
    if asked.json:
        _print_line([{"key": fact.key, "date": fact.day.isoformat()} for fact in entered])
    else:
        counted = t("{file}: {n} facts entered", file=asked.file, n=len(entered))
        print(t("{counted}; they count from the next look on.", counted=counted))
    return 0


async def _replay(asked: argparse.Namespace, settings: Settings) -> int:
    from bot.platforms.json_lines import JsonLines
    from bot.platforms.terminal import TerminalPlatform
    from bot.replay import replay

    language = settings.spoken
    t = translator(language)
    if asked.first > asked.last:
        said = t("--from {first} is after --to {last}", first=asked.first, last=asked.last)
        print(said, file=sys.stderr)
        return 2
    async with open_desk(settings, SystemClock()) as desk:
        evidence = await desk.watch.evidence()

    def platform(composer: Composer) -> Platform:
        if asked.json:
            return JsonLines(sys.stdout, composer)
        return TerminalPlatform(None, make_console(), composer, t("replay"))

    alerts = await replay(
        evidence,
        asked.first,
        asked.last,
        platform,
        presets=asked.preset or ["article"],
        language=language,
        days_per_second=asked.speed,
    )
    said = t("{n} alerts from {first} to {last}", n=alerts, first=asked.first, last=asked.last)
    print(said, file=sys.stderr)
    return 0


async def _watch_once(asked: argparse.Namespace, settings: Settings) -> int:
    from random import Random

    from bot.observed import report_reply

    console = make_console(sys.stderr)
    t = translator(settings.spoken)
    try:
        with sole_process(settings):
            async with open_app(settings, SystemClock(), lambda context: (), Random(0)) as app:
                with console.status(t("Asking the sources …")):
                    report = await app.desk.watch.tick()
    except AlreadyRunning as refusal:
        print(t.told(str(refusal)), file=sys.stderr)
        return 1
    reply = report_reply(report, app.desk.services.indicators, t)
    if not asked.json:
        return _print(reply, as_json=False)
    for observation in reply.data if isinstance(reply.data, list) else ():
        _print_line(observation)
    return 0


async def _migrate(asked: argparse.Namespace, settings: Settings) -> int:
    database = Database(settings.database_address)
    try:
        before, after = await schema.upgrade(database)
    finally:
        await database.close()
    t, place = translator(settings.spoken), database.place
    if before == after:
        print(t("{place}: already at schema {after}", place=place, after=after))
    elif before is None:
        print(t("{place}: a new database, brought at schema {after}", place=place, after=after))
    else:
        said = t(
            "{place}: from {before} brought at schema {after}",
            place=place,
            before=before,
            after=after,
        )
        print(said)
    return 0


async def _custody(asked: argparse.Namespace, settings: Settings) -> int:
    from bot import custody

    return await custody.perform(asked, settings)


async def _setup(asked: argparse.Namespace, settings: Settings) -> int:
    from bot.setup.asking import Interrupted, nobody, person
    from bot.setup.guide import ANSWERS, Guide

    if asked.slack_manifest:
        from bot.setup.slack_account import manifest

        print(json.dumps(manifest(), indent=2))
        return 0
    given = {name: said for name in ANSWERS if (said := getattr(asked, name)) is not None}
    console = make_console()
    asks = nobody if asked.no_input or not sys.stdin.isatty() else person(console)
    said = known_language(asked.language or "")
    t = translator(said or settings.spoken)
    file = asked.settings_file
    guide = Guide(settings, console, asks, SystemClock(), file, given, t, asked.test)
    try:
        return 0 if await guide.run() else 1
    except (OSError, ValueError) as error:
        why: object = error
        if isinstance(error, OSError) and error.filename is not None:
            why = f"{error.filename}: {error.strerror}"
        print(t("setup stops here: {why}", why=why), file=sys.stderr)
        return 1
    except (Interrupted, asyncio.CancelledError) as left:
        written = t("Stopped; {file} is written, and all in it is kept.", file=file)
        said = written if guide.written else t("Stopped; nothing was written.")
        print(f"\n{said}", file=sys.stderr)
        if isinstance(left, asyncio.CancelledError):
            # Ctrl-C while a platform was asked: the loop ends the process.
            raise
        return 130


async def _doctor(asked: argparse.Namespace, settings: Settings) -> int:
    from bot.setup.doctor import examine
    from bot.setup.findings import all_well, show

    # Programs read English whoever starts them.
    language = "en" if asked.json else settings.spoken
    t = translator(language)
    findings = await examine(settings, t)
    if asked.json:
        print(json.dumps([one.data for one in findings], ensure_ascii=False, indent=2))
    else:
        show(findings, make_console(), t)
    return 0 if all_well(findings) else 1
