"""Brings the catalogues up to date: `python -m bot.locales.update`.

1. Every message that the code says and a catalogue lacks is added, without a translation.
2. What the code does not say any more is dropped.
3. Messages stand in the order of `bot.locales.messages`, so that related ones stay together.

Says what is to be translated; the exit status is 1 as long as there is anything.
"""

from __future__ import annotations

import sys
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

import bot.locales
from bot.locales import LANGUAGES
from bot.locales.messages import messages


def file_of(language: str) -> Path:
    folder = Path(bot.locales.__file__).parent
    return folder / language / "LC_MESSAGES" / "bubblewatch.po"


def update(language: str) -> list[str]:
    """The messages of a language that are still to be translated."""
    file = file_of(language)
    with file.open("rb") as stream:
        catalogue = read_po(stream, locale=language)
    translated = {str(one.id): str(one.string) for one in catalogue if one.id and one.string}
    for one in [str(one.id) for one in catalogue if one.id]:
        catalogue.delete(one)
    catalogue.obsolete.clear()
    for message in messages():
        catalogue.add(message, translated.get(message, ""))
    write(catalogue, file)
    return [message for message in messages() if message not in translated]


def write(catalogue: Catalog, file: Path) -> None:
    """One line a text, under the header that the file has: it changes only where a message does."""
    header, _, _ = file.read_text("utf-8").partition("\n\n")
    with BytesIO() as written:
        write_po(written, catalogue, width=0, omit_header=True)
        text = written.getvalue().decode()
    file.write_text(f"{header}\n\n{text}", "utf-8")


def main() -> int:
    wanting = 0
    for language in LANGUAGES[1:]:
        for message in update(language):
            wanting += 1
            print(f"{language}: {message}")
    print(f"{len(messages())} messages, {wanting} to translate.")
    return min(wanting, 1)


if __name__ == "__main__":
    sys.exit(main())
