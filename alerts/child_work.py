"""The child process itself: `python -m alerts.child_work SECONDS [MODULE]`.

It reads work from its standard input and writes what came of it to its standard output, and ends
when nothing was asked for SECONDS, or when its parent is gone. MODULE is imported at the start.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import pickle
import select
import struct
import sys
import traceback
from typing import BinaryIO

LENGTH = struct.Struct(">?I")
"""Before each message: whether it is what was asked for, and its length in bytes."""
FIRST_WORK_S = 30.0
"""Whoever starts us has work, and may be slow to hand it over."""


def main() -> None:
    idle_s, first = float(sys.argv[1]), sys.argv[2]
    # Python's last act would be to search all that was imported for garbage.
    atexit.register(gc.freeze)
    asked, answers = sys.stdin.buffer, sys.stdout.buffer
    # Whatever else is printed must not get between the answers.
    sys.stdout = sys.stderr
    if first:
        _import(first)
    wait_s = max(idle_s, FIRST_WORK_S)
    while select.select([asked], [], [], wait_s)[0]:
        head = asked.read(LENGTH.size)
        if len(head) < LENGTH.size:
            return
        work = asked.read(LENGTH.unpack(head)[1])
        try:
            _answer(answers, *_done(work))
        except BrokenPipeError:
            # The parent is gone, or has given this piece of work up.
            return
        wait_s = idle_s


def _import(module: str) -> None:
    """The long part of a start. What it makes is there to stay, and not searched for garbage."""
    gc.disable()
    try:
        importlib.import_module(module)
    except Exception:
        # Told to whoever asks for work that needs it.
        traceback.print_exc()
    gc.freeze()
    gc.enable()


def _done(body: bytes) -> tuple[bool, bytes]:
    try:
        work, args = pickle.loads(body)
        return True, pickle.dumps(work(*args))
    except Exception as error:
        return False, _as_pickle(error)


def _as_pickle(error: Exception) -> bytes:
    """With as much of it as can travel."""
    try:
        body = pickle.dumps(error)
        pickle.loads(body)
    except Exception:
        return pickle.dumps(RuntimeError(f"{type(error).__name__}: {error}"))
    return body


def _answer(answers: BinaryIO, fine: bool, body: bytes) -> None:
    answers.write(LENGTH.pack(fine, len(body)) + body)
    answers.flush()


if __name__ == "__main__":
    main()
