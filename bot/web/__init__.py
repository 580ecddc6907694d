"""The web side: everything that this service shows on its one port.

`server` puts it together. For people: `page` (the board and each indicator) and `charts`. For
programs: `feed`, `api` with its description `openapi`, `health` and `metrics`. `overview` loads
what all of them show, `crossings` finds what is told in public. `guard` watches over every answer.

What is private is never here: nothing in this package reads a place, a rule or a note.
"""


class CannotListen(Exception):
    """The port is not to be had: one sentence for the operator, with what to do."""
