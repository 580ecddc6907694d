"""The child process that draws: `python -m bot.charts.worker SECONDS`.

It reads charts from its standard input and writes pictures to its standard output, and ends when
nothing was asked for SECONDS, or when its parent is gone. matplotlib weighs 86 MiB and is imported
here alone. Pickles pass only between a process and the child that it started.
"""

from __future__ import annotations

import pickle
import select
import struct
import sys
import traceback
import warnings
from typing import BinaryIO

LENGTH = struct.Struct(">?I")
"""Before each message: whether it is what was asked for, and its length in bytes."""


def main() -> None:
    idle_s = float(sys.argv[1])
    asked, answers = sys.stdin.buffer, sys.stdout.buffer
    # Whatever else is printed must not get between the pictures.
    sys.stdout = sys.stderr
    # A letter that no font has is drawn as a box; there is nobody to tell.
    warnings.filterwarnings("ignore", "Glyph .* missing")
    # The long part of the start, which nobody waits for yet.
    _importable()
    while select.select([asked], [], [], idle_s)[0]:
        head = asked.read(LENGTH.size)
        if len(head) < LENGTH.size:
            return
        chart = asked.read(LENGTH.unpack(head)[1])
        _answer(answers, *_drawn(chart))


def _importable() -> None:
    try:
        import bot.charts.drawing  # noqa: F401
    except Exception:
        # Told to whoever asks for a picture.
        traceback.print_exc()


def _drawn(chart: bytes) -> tuple[bool, bytes]:
    try:
        from bot.charts.drawing import draw

        return True, draw(pickle.loads(chart))
    except Exception as error:
        traceback.print_exc()
        return False, repr(error).encode()


def _answer(answers: BinaryIO, fine: bool, body: bytes) -> None:
    answers.write(LENGTH.pack(fine, len(body)) + body)
    answers.flush()


if __name__ == "__main__":
    main()
