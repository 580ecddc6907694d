"""`bubblewatch setup`: the first run, question by question.

What a flag or the environment already answers is not asked; without a terminal nothing is.
"""

from __future__ import annotations

import asyncio
import getpass
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from pydantic import SecretStr

from alerts.clock import Clock
from alerts.store.destinations import Place
from bot.locales import Translator
from bot.settings import Settings, place_of
from bot.setup import env_file, trial
from bot.setup.findings import Finding, all_well, good, show

if TYPE_CHECKING:
    import discord
    from rich.console import Console

_MOST_OFFERED = 20
ANSWERS = (
    "contact",
    "discord_token",
    "slack_bot_token",
    "slack_app_token",
    "data_dir",
    "language",
)
"""The settings that flags may give."""


class Asks(Protocol):
    """Somebody who answers, or nobody: then every answer is empty."""

    async def __call__(self, question: str, *, secret: bool = False) -> str: ...


async def nobody(question: str, *, secret: bool = False) -> str:
    """Without a terminal."""
    return ""


def person(console: Console) -> Asks:
    """Whoever sits at the terminal; a secret is not shown while it is typed."""

    async def ask(question: str, *, secret: bool = False) -> str:
        # getpass hides first and asks then: what is typed at once is not shown, and not lost.
        how = getpass.getpass if secret else console.input
        return (await asyncio.to_thread(how, f"{question}: ")).strip()

    return ask


def _needed(t: Translator) -> tuple[str, ...]:
    """What somebody must have at hand, in lines."""
    discord = t("an application with a bot: its token (ten clicks, docs/discord.md)")
    slack = t("an app made from the manifest below: its bot token (xoxb-) and app token (xapp-)")
    return (
        t("bubblewatch needs, for each place where it is to speak:"),
        f"  Discord   {discord}",
        f"  Slack     {slack}",
        t(
            "and your e-mail address, which the SEC wants to know of programs that read its "
            "figures."
        ),
        t("Leave out what you do not use; run this again at any time."),
    )


@dataclass
class Guide:
    """One run. `given` are the answers of the flags, by setting, in lower case."""

    settings: Settings
    console: Console
    ask: Asks
    clock: Clock
    file: Path
    given: Mapping[str, str]
    t: Translator
    test: str | None = None
    findings: list[Finding] = field(default_factory=list)
    _chosen: dict[str, str] = field(default_factory=dict)
    _channels: tuple[discord.TextChannel, ...] = ()

    async def run(self) -> bool:
        """True when nothing is wrong.

        1. Say what is needed.
        2. Ask for what is not known yet, and check each token by calling its platform.
        3. Write the settings file.
        4. Send a test alert.
        """
        for line in _needed(self.t):
            self._say(line)
        await self._contact()
        await self._discord()
        await self._slack()
        await self._write()
        await self._test()
        self._say(
            self.t(
                "Next: “{run}” starts it, “{doctor}” looks it over.",
                run="bubblewatch run",
                doctor="bubblewatch doctor",
            )
        )
        return all_well(self.findings)

    def _say(self, line: str) -> None:
        # Never broken by us: addresses and the manifest are there to be copied.
        self.console.print(line, soft_wrap=True, highlight=False, markup=False)

    def _found(self, *findings: Finding) -> bool:
        self.findings += findings
        show(findings, self.console, self.t)
        return all_well(findings)

    def _known(self, name: str) -> str:
        """What a flag, the environment or the settings file says."""
        if name in self.given:
            return self.given[name]
        value = getattr(self.settings, name)
        return value.get_secret_value() if isinstance(value, SecretStr) else str(value or "")

    async def _answer(self, name: str, question: str, *, secret: bool = False) -> str:
        known = self._known(name)
        answer = known or await self.ask(question, secret=secret)
        if answer:
            self._chosen[name] = answer
        return answer

    async def _contact(self) -> None:
        await self._answer("contact", self.t("Your e-mail address"))
        for name in ("data_dir", "language"):
            if name in self.given:
                self._chosen[name] = self.given[name]

    async def _discord(self) -> None:
        question = self.t("Discord bot token (empty: no)")
        token = await self._answer("discord_token", question, secret=True)
        if not token:
            return
        from bot.setup import discord_account

        url = self.settings.discord_api_url
        address = None if url is None else str(url)
        account = await discord_account.look_at(token, address, (), self.t)
        if not self._found(*account.findings):
            self._chosen.pop("discord_token", None)
        if account.invitation is not None:
            self._say(self.t("Let the bot into a server, with exactly what it needs:"))
            self._say(account.invitation)
        self._channels = account.channels

    async def _slack(self) -> None:
        from bot.setup import slack_account

        self._say(self.t("The manifest for a Slack app (Create New App → From a manifest):"))
        self._say(json.dumps(slack_account.manifest(), indent=2))
        question = self.t("Slack bot token, xoxb-… (empty: no)")
        bot = await self._answer("slack_bot_token", question, secret=True)
        if not bot:
            return
        question = self.t("Slack app token, xapp-…")
        app = await self._answer("slack_app_token", question, secret=True)
        url = self.settings.slack_api_url
        account = await slack_account.look_at(
            bot, app or None, None if url is None else str(url), (), self.t
        )
        if not self._found(*account.findings):
            # A file with a token that does not work would be worse than one without.
            for name in ("slack_bot_token", "slack_app_token"):
                self._chosen.pop(name, None)

    async def _write(self) -> None:
        chosen = {f"BUBBLEWATCH_{name.upper()}": value for name, value in self._chosen.items()}
        if not chosen:
            self._say(self.t("There is nothing to write."))
            return
        await asyncio.to_thread(env_file.write, self.file, chosen)
        said = self.t(
            "{file} (only you can read it): {names}",
            file=self.file.absolute(),
            names=self.t(", ").join(sorted(chosen)),
        )
        self._found(good(self.t("settings"), said))

    async def _test(self) -> None:
        place = place_of(self.test) if self.test else await self._asked_for_a_place()
        if place is None:
            return
        tokens = {
            name: SecretStr(value) if name.endswith("_token") else value
            for name, value in self._chosen.items()
            if name not in ("data_dir",)
        }
        folder = self._chosen.get("data_dir")
        if folder is not None:
            settings = self.settings.model_copy(update={**tokens, "data_dir": Path(folder)})
        else:
            settings = self.settings.model_copy(update=tokens)
        self._found(await trial.send(settings, self.clock, place, self.t))

    async def _asked_for_a_place(self) -> Place | None:
        offered = self._channels[:_MOST_OFFERED]
        if not offered:
            return None
        for number, channel in enumerate(offered, 1):
            where = self.t("#{channel} in {name}", channel=channel.name, name=channel.guild.name)
            self._say(f"  {number}. {where}")
        answer = await self.ask(self.t("Send a test alert to which of them? (empty: none)"))
        if not answer.isdecimal() or not 1 <= int(answer) <= len(offered):
            return None
        channel = offered[int(answer) - 1]
        return Place("discord", str(channel.guild.id), str(channel.id))
