"""Commands, written once for every platform: (Request, Services) -> Reply.

One file a command; each module of this package lists its `COMMANDS`. A command declares its
parameters, so that a platform with typed options and the text grammar read the same declaration.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from typing import Protocol

from alerts.clock import Clock
from alerts.evidence import Evidence
from alerts.indicators import Indicator
from alerts.store.database import Database
from alerts.store.destinations import Place
from bot.charts.kinds import Chart
from bot.limits import CommandLimits
from bot.replies import Form, Reply


class ParamKind(StrEnum):
    """What a parameter's words mean; the grammar reads each kind in its own way."""

    INDICATOR = "indicator"
    PRESET = "preset"
    MEASURE = "measure"
    WINDOW = "window"
    DIRECTION = "direction"
    QUANTITY = "quantity"
    """A number with a unit; what units are right depends on the indicator and measure."""
    DURATION = "duration"
    DATE = "date"
    LEVEL = "level"
    RULE = "rule"
    """The number of a rule of this destination."""
    RULES = "rules"
    """Numbers of rules, `3 4 7-9`, or `all`."""
    COUNT = "count"
    CHOICE = "choice"
    FLAG = "flag"
    """Present or absent: the keyword alone."""
    TEXT = "text"
    MENTION = "mention"
    """A role or user group."""
    CHANNEL = "channel"
    LANGUAGE = "language"
    TIMEZONE = "timezone"


@dataclass(frozen=True, slots=True)
class Param:
    """`keywords` introduce the value in text (`for 3d`, `note "…"`); without, it is positional.

    `bare`: with keywords, it may stand without them too. `clearable`: “off” takes away what is
    set, and so does an empty field of a form.
    """

    name: str
    kind: ParamKind
    summary: str
    required: bool = True
    keywords: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    bare: bool = False
    clearable: bool = False


Called = Callable[[str], Awaitable[str | None]]


@dataclass(frozen=True, slots=True)
class Request:
    """Who asks, where, and in which language (None: that of the place).

    `name` is how others read the person's name. `place_language`: what a place that is new here
    begins with. `direct`: a conversation with one person alone. `private`: the answer is for the
    person alone, so it offers to be shown to everyone. `permission` finds out whether the person
    may change things there; without it everyone may. `permission_everywhere` asks the same for the
    whole workspace, where that is not the same question. `role_called` and `channel_called` give
    the names that people know, by ids; None where there is no such role, group or channel.
    """

    place: Place
    user: str
    language: str | None = None
    name: str = ""
    place_language: str | None = None
    direct: bool = False
    private: bool = False
    permission: Callable[[], Awaitable[bool]] | None = None
    permission_everywhere: Callable[[], Awaitable[bool]] | None = None
    role_called: Called | None = None
    channel_called: Called | None = None

    async def may_change(self) -> bool:
        return self.permission is None or await self.permission()

    async def may_change_everywhere(self) -> bool:
        """Who manages one channel, or speaks with us alone, need not manage the others."""
        if self.permission_everywhere is not None:
            return await self.permission_everywhere()
        return not self.direct and await self.may_change()


class EvidenceKeeper(Protocol):
    """Gives all that is known without asking any source (`alerts.watch.Watch`)."""

    async def evidence(self) -> Evidence: ...


class ChartDrawer(Protocol):
    """Makes a PNG of a chart (`bot.charts.drawer.Drawer`). Raises ChartFailed."""

    async def draw(self, chart: Chart) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Services:
    """What commands work with.

    `drawer`: without it answers say in words what a picture would show. `operators`: who may
    change what all places share, as `platform:user`; who sits at the terminal always may.
    `limits`: how often people may ask. `editing`: the platforms whose messages live on; None:
    all of them.
    """

    database: Database
    indicators: Mapping[str, Indicator]
    clock: Clock
    evidence: EvidenceKeeper
    wake_outbox: Callable[[], None]
    drawer: ChartDrawer | None = None
    operators: frozenset[str] = frozenset()
    limits: CommandLimits = field(default_factory=CommandLimits)
    editing: Collection[str] | None = None


class BadInput(Exception):
    """What a person wrote cannot be done; the message is one clear sentence in their language.

    `parameter`: the name of the one that is to be written anew, where it is a single one.
    """

    def __init__(self, sentence: str, parameter: str | None = None) -> None:
        super().__init__(sentence)
        self.parameter = parameter


@contextmanager
def about(parameter: str) -> Iterator[None]:
    """What is refused in the block is refused because of this parameter."""
    try:
        yield
    except BadInput as mistake:
        mistake.parameter = mistake.parameter or parameter
        raise


Arguments = Mapping[str, object]
Run = Callable[[Request, Services, Arguments], Awaitable[Reply]]
MakeForm = Callable[[Request, Services, Arguments], Awaitable[Form]]


@dataclass(frozen=True, slots=True)
class Command:
    """`path` are the words after `/bubble`. `changes`: only for those who may change things.

    `changes_if_told`: it only reads until it is given arguments. `form` asks for what a line leaves
    open, on platforms that have forms.
    """

    path: tuple[str, ...]
    summary: str
    run: Run
    params: tuple[Param, ...] = ()
    changes: bool = False
    changes_if_told: bool = False
    examples: tuple[str, ...] = field(default=())
    form: MakeForm | None = None


@cache
def commands() -> Mapping[tuple[str, ...], Command]:
    """All commands by path."""
    found: dict[tuple[str, ...], Command] = {}
    for module in sorted(info.name for info in pkgutil.iter_modules(__path__)):
        loaded = importlib.import_module(f"{__name__}.{module}")
        for command in getattr(loaded, "COMMANDS", ()):
            if command.path in found:
                raise ValueError(f"two commands are called {' '.join(command.path)}")
            found[command.path] = command
    return found
