"""The `bubblewatch` command."""

from __future__ import annotations

import argparse
import asyncio
import atexit
import gc
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from bot import __version__


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"“{text}” is not a date; write 2025-10-29") from error


def _speed(text: str) -> float:
    try:
        speed = float(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"“{text}” is not a number of days a second") from error
    if not 0.01 <= speed <= 100_000:
        raise argparse.ArgumentTypeError("choose between 0.01 and 100000 days a second")
    return speed


_SECRET = "better in the environment: others here can read a command line"
_ANSWERS = {
    "contact": "your e-mail address, for the SEC",
    "discord-token": f"a Discord bot's token ({_SECRET})",
    "slack-bot-token": f"xoxb-… ({_SECRET})",
    "slack-app-token": f"xapp-… ({_SECRET})",
    "data-dir": "where the database is to be",
    "language": "of the terminal: en, zh_Hant, zh_Hans",
}
"""What `setup` may be told by flags."""


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(
        prog="bubblewatch",
        description="Watches the numbers that tell whether AI is a bubble.",
    )
    top.add_argument("--version", action="version", version=f"bubblewatch {__version__}")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")

    run = commands.add_parser("run", help="watch and tell, in this terminal, until stopped")
    run.add_argument(
        "--no-replay", action="store_true", help="on a first start, do not play the autumn of 2025"
    )

    ask = commands.add_parser("ask", help="answer one command, like '/bubble status', and exit")
    ask.add_argument("text", nargs="+", help="the command; quote it as a whole")
    ask.add_argument(
        "--at", metavar="PLATFORM:NAME", help="for another place, like apprise:mail (default: here)"
    )

    replay = commands.add_parser("replay", help="play a span of history through the same machine")
    replay.add_argument("--from", dest="first", type=_day, required=True, metavar="DATE")
    replay.add_argument("--to", dest="last", type=_day, required=True, metavar="DATE")
    replay.add_argument(
        "--preset", action="append", help="which lines to watch (default: article); repeatable"
    )
    replay.add_argument(
        "--speed", type=_speed, metavar="X", help="days a second (default: as fast as it can)"
    )

    watch = commands.add_parser("watch", help="look at all sources and print what is new")
    watch.add_argument("--once", action="store_true", required=True, help="one look, then exit")

    show = commands.add_parser("show", help="one indicator, as it was known on a date")
    show.add_argument("key", help="an indicator, like oracle_debt")
    show.add_argument("--as-of", type=_day, metavar="DATE", help="default: today")

    fact = commands.add_parser("fact", help="figures entered by hand: list, add, retire, import")
    doings = fact.add_subparsers(dest="doing", required=True, metavar="list|add|retire|import")
    listing = doings.add_parser("list", help="the newest of each, or the whole story of one")
    listing.add_argument("words", nargs="*", metavar="KEY", help="one fact, like openai_valuation")
    add = doings.add_parser("add", help="KEY VALUE on DATE from URL [review DATE] [note WORDS]")
    add.add_argument("words", nargs="+", help="openai_valuation 500B on 2025-10-31 from https://…")
    retire = doings.add_parser("retire", help="KEY on DATE [about WORDS]: it is kept, but not used")
    retire.add_argument("words", nargs="+", help="openai_valuation on 2025-10-31")
    table = doings.add_parser("import", help="every row of a CSV table, or none of them")
    table.add_argument("file", type=Path, help="with the columns of the table that travels along")

    setup = commands.add_parser("setup", help="the first run: questions, checks, a settings file")
    for name, told in _ANSWERS.items():
        setup.add_argument(f"--{name}", metavar="…", help=told)
    setup.add_argument(
        "--test", metavar="PLACE", help="send a test alert to discord:SERVER:CHANNEL or the like"
    )
    setup.add_argument(
        "--file", type=Path, default=Path(".env"), help="the settings file (default: .env)"
    )
    setup.add_argument("--no-input", action="store_true", help="ask nothing")
    setup.add_argument(
        "--slack-manifest", action="store_true", help="print the manifest for a Slack app, no more"
    )

    doctor = commands.add_parser("doctor", help="each requirement: a tick, or the exact repair")
    commands.add_parser("migrate", help="bring the database to this version's schema")
    backup = commands.add_parser("backup", help="copy the SQLite database, while it is in use")
    restore = commands.add_parser("restore", help="put a backup where there is no database yet")
    export = commands.add_parser("export", help="places, lines and facts as JSON; no secrets")
    bring = commands.add_parser("import", help="an export into a new database of either kind")
    for moving in (backup, restore, export, bring):
        moving.add_argument("file", type=Path, metavar="FILE")
    for command in (ask, replay, watch, show, listing, add, retire, table, doctor):
        command.add_argument("--json", action="store_true", help="for machines")
    return top


NEW_OBJECTS_BEFORE_A_SEARCH = 150_000
"""Python's own number is 700. Nearly all that a start makes is there to stay; to search it for
garbage so often would take a tenth of the start."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit code: 0 done, 1 could not be done, 2 a mistake in the call."""
    asked = parser().parse_args(arguments)
    gc.set_threshold(NEW_OBJECTS_BEFORE_A_SEARCH)
    # Python's last act would be to search all that a process has for garbage: 0.4 s for nothing.
    atexit.register(gc.freeze)
    # Imported late, so that `--help` and mistakes answer at once.
    from pydantic import ValidationError
    from pydantic_settings import SettingsError
    from sqlalchemy.exc import OperationalError

    from alerts.store.schema import SchemaTooNew
    from bot import logs, sentry, tasks
    from bot.settings import Settings

    try:
        settings = Settings()
    except ValidationError as error:
        for problem in error.errors():
            name = "_".join(str(part) for part in problem["loc"]).upper()
            name = name.removeprefix("BUBBLEWATCH_")
            print(f"setting BUBBLEWATCH_{name}: {problem['msg']}", file=sys.stderr)
        return 2
    except SettingsError as error:
        # It names the setting, and not the value.
        print(f"{error}; it is to be written as JSON", file=sys.stderr)
        return 2
    logs.configure(settings, settings.log_level)
    try:
        sentry.begin(settings)
    except sentry.SentryMissing as refusal:
        print(refusal, file=sys.stderr)
        return 2
    try:
        return asyncio.run(tasks.perform(asked, settings))
    except SchemaTooNew as refusal:
        print(refusal, file=sys.stderr)
        return 1
    except OperationalError as error:
        said = " ".join(str(error.orig).split())
        print(f"the database does not answer, and nothing was changed: {said}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The reader of our output went away, as `| head` does.
        sys.stderr.close()
        return 0
