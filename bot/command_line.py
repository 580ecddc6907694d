"""What one may type after `bubblewatch`, and how it is explained."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from bot import __version__
from bot.argparse_words import Lines, Parser, in_cells, spoken
from bot.locales import known_language, language_of_locale, translator
from bot.locales.told import Say
from bot.setup import env_file

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[Parser]


def terminal_language() -> str:
    """The terminal's language as long as the settings are not read, or cannot be."""
    name = "BUBBLEWATCH_LANGUAGE"
    given = os.environ.get(name) or env_file.value_of(Path(".env"), name)
    return known_language(given) or language_of_locale()


def read(arguments: Sequence[str] | None, language: str) -> argparse.Namespace:
    """Ends the process after a question for help (0) and after a mistake (2), as argparse does."""
    with spoken(_in_cells(language)):
        return parser(language).parse_args(arguments)


def parser(language: str = "en") -> Parser:
    """Its help is in one of `LANGUAGES`; argparse's own words are in it only within `read`."""
    t = _in_cells(language)
    top = Parser(
        prog="bubblewatch",
        description=t("Watches the numbers that tell whether AI is a bubble."),
        formatter_class=Lines,
    )
    top.add_argument(
        "--version",
        action="version",
        version=f"bubblewatch {__version__}",
        help=t("show program's version number and exit"),
    )
    commands = top.add_subparsers(dest="command", required=True, metavar=t("COMMAND"))
    for add in (_run, _ask, _replay, _watch, _show, _fact, _setup, _doctor, _migrate, _custody):
        add(commands, t)
    return top


def _in_cells(language: str) -> Say:
    said = translator(language)

    def say(message: str, **values: object) -> str:
        return in_cells(said(message, **values))

    return say


def _add(commands: Commands, name: str, told: str) -> Parser:
    return commands.add_parser(name, help=told, description=told, formatter_class=Lines)


def _also_json(command: Parser, t: Say) -> None:
    command.add_argument("--json", action="store_true", help=t("for machines"))


def _run(commands: Commands, t: Say) -> None:
    run = _add(commands, "run", t("watch and tell, in this terminal, until stopped"))
    run.add_argument(
        "--no-replay",
        action="store_true",
        help=t("on a first start, do not play the autumn of 2025"),
    )


def _ask(commands: Commands, t: Say) -> None:
    ask = _add(commands, "ask", t("answer one command, like '/bubble status', and exit"))
    ask.add_argument(
        "text", nargs="+", metavar=t("text"), help=t("the command; quote it as a whole")
    )
    ask.add_argument(
        "--at",
        metavar="PLATFORM:NAME",
        help=t("for another place, like apprise:mail (default: here)"),
    )
    _also_json(ask, t)


def _replay(commands: Commands, t: Say) -> None:
    replay = _add(commands, "replay", t("play a span of history through the same machine"))
    day = _day(t)
    replay.add_argument("--from", dest="first", type=day, required=True, metavar=t("DATE"))
    replay.add_argument("--to", dest="last", type=day, required=True, metavar=t("DATE"))
    replay.add_argument(
        "--preset",
        action="append",
        metavar=t("PRESET"),
        help=t("which lines to watch (default: article); repeatable"),
    )
    replay.add_argument(
        "--speed",
        type=_speed(t),
        metavar="X",
        help=t("days a second (default: as fast as it can)"),
    )
    _also_json(replay, t)


def _watch(commands: Commands, t: Say) -> None:
    watch = _add(commands, "watch", t("look at all sources and print what is new"))
    watch.add_argument("--once", action="store_true", required=True, help=t("one look, then exit"))
    _also_json(watch, t)


def _show(commands: Commands, t: Say) -> None:
    show = _add(commands, "show", t("one indicator, as it was known on a date"))
    show.add_argument("key", metavar=t("key"), help=t("an indicator, like oracle_debt"))
    show.add_argument("--as-of", type=_day(t), metavar=t("DATE"), help=t("default: today"))
    _also_json(show, t)


def _fact(commands: Commands, t: Say) -> None:
    fact = _add(commands, "fact", t("figures entered by hand: list, add, retire, import"))
    doings = fact.add_subparsers(dest="doing", required=True, metavar="list|add|retire|import")
    listing = _add(doings, "list", t("the newest of each, or the whole story of one"))
    listing.add_argument(
        "words", nargs="*", metavar=t("KEY"), help=t("one fact, like openai_valuation")
    )
    add = _add(doings, "add", t("KEY VALUE on DATE from URL [review DATE] [note WORDS]"))
    add.add_argument(
        "words",
        nargs="+",
        metavar=t("words"),
        help="openai_valuation 500B on 2025-10-31 from https://…",
    )
    retire = _add(doings, "retire", t("KEY on DATE [about WORDS]: it is kept, but not used"))
    retire.add_argument(
        "words", nargs="+", metavar=t("words"), help="openai_valuation on 2025-10-31"
    )
    table = _add(doings, "import", t("every row of a CSV table, or none of them"))
    table.add_argument(
        "file",
        type=Path,
        metavar=t("file"),
        help=t("with the columns of the table that travels along"),
    )
    for command in (listing, add, retire, table):
        _also_json(command, t)


def _setup(commands: Commands, t: Say) -> None:
    setup = _add(commands, "setup", t("the first run: questions, checks, a settings file"))
    secret = t("better in the environment: others here can read a command line")
    answers = {
        "contact": t("your e-mail address, for the SEC"),
        "discord-token": t("a Discord bot's token ({secret})", secret=secret),
        "slack-bot-token": t("xoxb-… ({secret})", secret=secret),
        "slack-app-token": t("xapp-… ({secret})", secret=secret),
        "data-dir": t("where the database is to be"),
        "language": t("of the terminal: en, zh_Hant, zh_Hans"),
    }
    for name, told in answers.items():
        setup.add_argument(f"--{name}", metavar="…", help=told)
    setup.add_argument(
        "--test",
        metavar=t("PLACE"),
        help=t("send a test alert to discord:SERVER:CHANNEL or the like"),
    )
    _settings_file(setup, t, Path(".env"))
    setup.add_argument("--no-input", action="store_true", help=t("ask nothing"))
    setup.add_argument(
        "--slack-manifest",
        action="store_true",
        help=t("print the manifest for a Slack app, no more"),
    )


def _doctor(commands: Commands, t: Say) -> None:
    doctor = _add(commands, "doctor", t("each requirement: a tick, or the exact repair"))
    _settings_file(doctor, t, None)
    _also_json(doctor, t)


def _settings_file(command: Parser, t: Say, default: Path | None) -> None:
    """With `None` one that is named must be there, and one that is not named need not."""
    command.add_argument(
        "--file",
        dest="settings_file",
        type=Path,
        default=default,
        metavar=t("FILE"),
        help=t("the settings file (default: .env)"),
    )


def _migrate(commands: Commands, t: Say) -> None:
    _add(commands, "migrate", t("bring the database to this version's schema"))


def _custody(commands: Commands, t: Say) -> None:
    for name, told in (
        ("backup", t("copy the SQLite database, while it is in use")),
        ("restore", t("put a backup where there is no database yet")),
        ("export", t("places, lines and facts as JSON; no secrets")),
        ("import", t("an export into a new database of either kind")),
    ):
        _add(commands, name, told).add_argument("file", type=Path, metavar=t("FILE"))


def _day(t: Say) -> Callable[[str], date]:
    def day(text: str) -> date:
        try:
            return date.fromisoformat(text)
        except ValueError as error:
            said = t("“{text}” is not a date; write 2025-10-29", text=text)
            raise argparse.ArgumentTypeError(said) from error

    return day


def _speed(t: Say) -> Callable[[str], float]:
    def speed(text: str) -> float:
        try:
            given = float(text)
        except ValueError as error:
            said = t("“{text}” is not a number of days a second", text=text)
            raise argparse.ArgumentTypeError(said) from error
        if not 0.01 <= given <= 100_000:
            raise argparse.ArgumentTypeError(t("choose between 0.01 and 100000 days a second"))
        return given

    return speed
