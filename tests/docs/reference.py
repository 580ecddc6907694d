"""The reference, written from the code: `python -m tests.docs.reference` brings it up to date."""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from aiohttp.test_utils import make_mocked_request
from aiohttp.web import Response
from prometheus_client.metrics_core import Metric
from prometheus_client.parser import text_string_to_metric_families

from alerts.clock import SystemClock
from alerts.indicators import Indicator, PresetLine, Section, catalogue
from alerts.store import schema, sources
from alerts.store.database import Database, sqlite_url
from alerts.store.sources import SourceState
from bot.board import section_name
from bot.charts.drawer import Drawer
from bot.command_line import parser
from bot.commands import Command, commands
from bot.grammar import usage_of
from bot.locales import translator
from bot.naming import ALIASES
from bot.settings import Settings
from bot.vitals import Vitals
from bot.web import metrics
from bot.web.site import Site

FOLDER = Path(__file__).parents[2] / "docs" / "reference"
MADE = "<!-- Made by `python -m tests.docs.reference`; change the code, not this page. -->"


def pages() -> dict[str, str]:
    """Every page by its file name."""
    written = {
        "commands.md": _commands(),
        "command-line.md": _command_line(),
        "settings.md": _settings(),
        "indicators.md": _indicators(),
        "metrics.md": _metrics(),
    }
    return {name: "\n".join([MADE, "", *lines]).rstrip() + "\n" for name, lines in written.items()}


def _commands() -> Iterator[str]:
    yield "# Commands"
    yield ""
    yield (
        "On Discord and Slack with `/bubble` in front, in a terminal with or without it. Words in "
        "`[ ]` may be left out. Commands marked *changes* are for those who manage the place."
    )
    for _, command in sorted(commands().items()):
        yield from _command(command)


def _command(command: Command) -> Iterator[str]:
    yield from ("", f"## {' '.join(command.path)}", "")
    yield _sentence(command.summary) + (" *changes*" if command.changes else "")
    yield from ("", "```usage", usage_of(command), "```")
    if command.params:
        yield from ("", "| word | |", "|---|---|")
        yield from (f"| `{one.name}` | {_cell(one.summary)} |" for one in command.params)
    if command.examples:
        yield from ("", "```text", *command.examples, "```")


def _command_line() -> Iterator[str]:
    top = parser()
    yield "# The command line"
    yield ""
    yield (
        "What one types where bubblewatch is installed. Exit codes: 0 done, 1 could not be done, "
        "2 a mistake in the call or in a setting."
    )
    yield from _subcommands(top, "bubblewatch")


def _subcommands(of: argparse.ArgumentParser, name: str) -> Iterator[str]:
    for action in of._actions:
        if not isinstance(action, argparse._SubParsersAction):
            continue
        told = {one.dest: one.help or "" for one in action._choices_actions}
        for word, sub in action.choices.items():
            yield from ("", f"## {name} {word}", "", _sentence(told.get(word, "")))
            yield from _arguments(sub)
            yield from _subcommands(sub, f"{name} {word}")


def _arguments(of: argparse.ArgumentParser) -> Iterator[str]:
    shown = [
        one
        for one in of._actions
        if not isinstance(one, argparse._SubParsersAction | argparse._HelpAction)
    ]
    if not shown:
        return
    yield from ("", "| argument | |", "|---|---|")
    for one in shown:
        name = ", ".join(one.option_strings) or str(one.metavar or one.dest)
        if one.option_strings and one.metavar:
            name += f" {one.metavar}"
        yield f"| `{name}` | {_cell(one.help or '')} |"


def _settings() -> Iterator[str]:
    yield "# Settings"
    yield ""
    yield (
        "Environment variables, or lines of a file `.env` in the folder where it is started; the "
        "environment counts first. Everything has a default that works. `bubblewatch setup` "
        "writes the file, `bubblewatch doctor` checks what is set."
    )
    yield from ("", "| variable | default | |", "|---|---|---|")
    for name, one in Settings.model_fields.items():
        alias = {"port": " or `PORT`", "database_url": " or `DATABASE_URL`"}.get(name, "")
        default = "–" if one.default in (None, "") or one.is_required() else f"`{one.default}`"
        if one.default_factory is not None:
            default = "the user's data folder" if name == "data_dir" else "–"
        told = _cell(one.description or "")
        yield f"| `BUBBLEWATCH_{name.upper()}`{alias} | {default} | {told} |"


def _indicators() -> Iterator[str]:
    found, t = catalogue(), translator("en")
    yield "# Indicators"
    yield ""
    yield (
        f"All {len(found)}, by section. Lines in brackets belong to a preset: "
        "`/bubble subscribe article` takes those of `article`."
    )
    for section in Section:
        yield from ("", f"## {section_name(section, t)}")
        for indicator in found.values():
            if indicator.section is section:
                yield from _indicator(indicator)


def _indicator(one: Indicator) -> Iterator[str]:
    yield from ("", f"### `{one.key}`", "", f"**{one.names.en}.** {_sentence(one.formula)}")
    yield from ("", f"*{one.caveat}*", "")
    yield f"- Unit `{one.unit.value}`, {one.cadence.value}, old after {_days(one)}"
    if also := ALIASES.get(one.key):
        yield f"- Also called {', '.join(also)}"
    if one.lines:
        yield f"- Lines: {'; '.join(_line(line) for line in one.lines)}"
    if one.claim is not None:
        yield f"- The article, {one.claim.on}: {one.claim.says}"


def _days(one: Indicator) -> str:
    hours = one.stale_after.total_seconds() / 3600
    return f"{hours / 24:g} days" if hours >= 48 else f"{hours:g} hours"


def _line(line: PresetLine) -> str:
    measure = "" if str(line.measure) == "value" else f"{line.measure} "
    return f"{measure}{line.direction.value} {line.line} {line.level.value} ({line.preset})"


def _metrics() -> Iterator[str]:
    yield "# Metrics"
    yield ""
    yield (
        "At `/metrics`, for Prometheus, beside what its client library tells of the process. A "
        "dashboard and alert rules are in `deploy/grafana` and `deploy/prometheus`."
    )
    yield from ("", "| metric | kind | |", "|---|---|---|")
    ours = (
        one
        for one in asyncio.run(_scraped())
        if one.name.startswith("bubblewatch_") and not one.name.endswith("_created")
    )
    for one in sorted(ours, key=lambda one: one.name):
        name = f"{one.name}_total" if one.type == "counter" else one.name
        yield f"| `{name}` | {one.type} | {_cell(one.documentation)} |"


async def _scraped() -> list[Metric]:
    """What a service that has just begun answers."""
    with tempfile.TemporaryDirectory() as folder:
        database = Database(sqlite_url(Path(folder) / "bubblewatch.db"))
        try:
            await schema.upgrade(database)
            clock = SystemClock()
            async with database.write() as connection:
                # Some are only there once a source has been asked.
                asked = [SourceState("yahoo", clock.now(), clock.now())]
                await sources.save(connection, asked)
            async with Drawer(Path(folder)) as drawer:
                site = Site(database, catalogue(), clock, drawer, Vitals(clock))
                [route] = metrics.routes(site)
                answer = await route.handler(make_mocked_request("GET", metrics.PATH))
        finally:
            await database.close()
    assert isinstance(answer, Response)
    assert isinstance(answer.body, bytes)
    return list(text_string_to_metric_families(answer.body.decode()))


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "?", "!")) else ".")


def differing(folder: Path) -> Iterable[str]:
    """The pages that are not as the code would write them."""
    for name, text in pages().items():
        file = folder / name
        if not file.exists() or file.read_text("utf-8") != text:
            yield name


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    for page, text in pages().items():
        (FOLDER / page).write_text(text, "utf-8")
