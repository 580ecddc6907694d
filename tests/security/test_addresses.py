"""Addresses that people write are kept and shown, and never asked (SSRF)."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest

from alerts.store.destinations import Place
from bot.answer import answer
from bot.commands import Command, ParamKind, Request, commands
from bot.commands import fact as fact_commands
from bot.platforms.terminal import plain_text
from tests.bot.conftest import Talk

METADATA = "https://169.254.169.254/latest/meta-data/"
"""Where a cloud tells a machine its secrets."""
ADDRESSES = (METADATA, "http://127.0.0.1:9/x", "file:///etc/passwd", "gopher://127.0.0.1:1/_x")


@dataclass
class Wire:
    """What this process looked up or connected to while it was `tapped`."""

    tapped: bool = False
    asked: list[str] = field(default_factory=list)


WIRE = Wire()


def _note(name: str, arguments: tuple[object, ...]) -> None:
    # A hook of the interpreter cannot be taken out again.
    if WIRE.tapped and name in ("socket.connect", "socket.getaddrinfo", "urllib.Request"):
        WIRE.asked.append(f"{name} {arguments[1:]}")


sys.addaudithook(_note)


@contextmanager
def tapped() -> Iterator[list[str]]:
    WIRE.asked.clear()
    WIRE.tapped = True
    try:
        yield WIRE.asked
    finally:
        WIRE.tapped = False


def fields_with(command: Command, address: str) -> dict[str, str]:
    """The address wherever words are taken, beside what else the command needs."""
    fitting = {
        ParamKind.INDICATOR: "nvidia_market_cap",
        ParamKind.PRESET: "article",
        ParamKind.DIRECTION: "above",
        ParamKind.QUANTITY: "6T",
        ParamKind.RULE: "1",
        ParamKind.RULES: "all",
        ParamKind.TEXT: address,
    }
    return {p.name: fitting[p.kind] for p in command.params if p.kind in fitting}


@pytest.mark.parametrize("address", ADDRESSES)
async def test_no_command_asks_an_address_that_a_person_wrote(talk: Talk, address: str) -> None:
    talk.request = Request(Place("slack", "T1", "C1"), "ann")
    with tapped() as asked:
        for path, command in commands().items():
            request = Request(Place("slack", "T1", f"C-{'-'.join(path)}"), f"ann-{path}")
            await answer(talk.services, request, " ".join(path), fields_with(command, address))
            await answer(talk.services, request, f"{' '.join(path)} {address}")
    assert asked == []


async def test_the_source_of_a_fact_is_kept_and_not_asked(talk: Talk) -> None:
    assert fact_commands.COMMANDS
    line = f"fact add openai_valuation 600B on 2025-11-20 from {METADATA}"
    with tapped() as asked:
        reply = await talk(line)
        shown = await talk("fact list openai_valuation")
    assert asked == []
    assert reply.ok, plain_text(reply)
    assert METADATA in plain_text(shown)


async def test_only_an_operator_may_enter_an_address_that_others_are_shown(talk: Talk) -> None:
    talk.request = Request(Place("slack", "T1", "C1"), "ann")
    line = f"fact add openai_valuation 600B on 2025-11-20 from {METADATA}"
    assert "operator" in await talk.refusal(line)


def test_the_tap_hears_what_is_asked() -> None:
    import socket

    with tapped() as asked, pytest.raises(OSError, match=r"."), socket.socket() as wire:
        wire.connect(("127.0.0.1", 9))
    assert asked
