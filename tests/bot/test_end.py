"""How a process of the `bubblewatch` command ends."""

from __future__ import annotations

import subprocess
import sys

MISTAKEN = {"BUBBLEWATCH_PORT": "a door"}


def test_the_end_searches_for_no_garbage() -> None:
    """To search all that was imported is most of what an end takes; those that are told first
    come last."""
    ending = (
        "import atexit, gc; atexit.register(lambda: print('left:', len(gc.get_objects()) < 1000));"
        "from bot.cli import main; main(['doctor'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", ending], env=MISTAKEN, capture_output=True, text=True, check=True
    )
    assert done.stdout == "left: True\n"
    assert "BUBBLEWATCH_PORT" in done.stderr
