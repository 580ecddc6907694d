"""The `bubblewatch` command."""

from __future__ import annotations

import asyncio
import atexit
import gc
import sys
from argparse import Namespace
from collections.abc import Sequence
from typing import TYPE_CHECKING

from bot import command_line
from bot.locales import Translator, translator

if TYPE_CHECKING:
    from bot.settings import Settings

NEW_OBJECTS_BEFORE_A_SEARCH = 150_000
"""Python's own number is 700. Nearly all that a start makes is there to stay; to search it for
garbage so often would take a tenth of the start."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit code: 0 done, 1 could not be done, 2 a mistake in the call."""
    language = command_line.terminal_language()
    asked = command_line.read(arguments, language)
    gc.set_threshold(NEW_OBJECTS_BEFORE_A_SEARCH)
    # Python's last act would be to search all that a process has for garbage: 0.4 s for nothing.
    atexit.register(gc.freeze)
    # Imported late, here and below, so that `--help` and mistakes answer at once.
    from pydantic import ValidationError
    from pydantic_settings import SettingsError

    from alerts.clock import SystemClock
    from bot import logs, sentry, settings_text

    t = translator(language)
    try:
        settings = _settings(asked)
    except OSError as error:
        said = t("{file} cannot be read: {why}", file=error.filename, why=error.strerror)
        print(said, file=sys.stderr)
        return 2
    except (ValidationError, SettingsError) as error:
        print(*settings_text.complaints(error, t), sep="\n", file=sys.stderr)
        return 2
    logs.configure(settings, settings.log_level, serves=asked.command == "run")
    try:
        sentry.begin(settings, SystemClock())
    except sentry.SentryMissing as refusal:
        print(t.told(str(refusal)), file=sys.stderr)
        return 2
    return _perform(asked, settings, t)


def _settings(asked: Namespace) -> Settings:
    """Raises OSError when a file that is there, or was named to be looked over, cannot be read."""
    from bot.settings import Settings

    file = getattr(asked, "settings_file", None)
    if asked.command == "doctor" and file is not None:
        file.stat()
    return Settings.of(file)


def _perform(asked: Namespace, settings: Settings, t: Translator) -> int:
    from sqlalchemy.exc import OperationalError

    from alerts.store.schema import SchemaTooNew
    from bot import tasks

    try:
        return asyncio.run(tasks.perform(asked, settings))
    except SchemaTooNew as refusal:
        print(t.told(str(refusal)), file=sys.stderr)
        return 1
    except OperationalError as error:
        why = " ".join(str(error.orig).split())
        said = t("the database does not answer, and nothing was changed: {why}", why=why)
        print(said, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The reader of our output went away, as `| head` does.
        sys.stderr.close()
        return 0
