"""`bubblewatch setup`: the first run, question by question.

What a flag or the environment already answers is not asked; without a terminal nothing is.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import SecretStr

from alerts.clock import Clock
from alerts.store.destinations import Place
from bot.locales import Translator
from bot.platforms.wrapping import Wrapped
from bot.settings import Settings, place_of
from bot.setup import env_file, trial
from bot.setup.asking import Asks, nobody
from bot.setup.findings import Finding, all_well, good, show

if TYPE_CHECKING:
    from rich.console import Console

_MOST_OFFERED = 20
"""Channels of a platform."""
NEW_SLACK_APP = "https://api.slack.com/apps?new_app=1"
ANSWERS = (
    "contact",
    "discord_token",
    "slack_bot_token",
    "slack_app_token",
    "data_dir",
    "language",
)
"""The settings that flags may give."""


YES = ("y", "是", "好", "要", "对", "對")


def _needed(t: Translator) -> tuple[str, ...]:
    """What somebody must have at hand, in lines."""
    discord = t("an application with a bot: its token (ten clicks, docs/discord.md)")
    slack = t("an app made from a manifest: its bot token (xoxb-) and app token (xapp-)")
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


@dataclass(frozen=True, slots=True)
class _Channel:
    """Where a test alert may go, and how people call it."""

    place: Place
    called: str


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
    written: bool = False
    _found: dict[str, tuple[Finding, ...]] = field(default_factory=dict)
    """By platform or step: what is asked again is found anew."""
    _chosen: dict[str, str] = field(default_factory=dict)
    _channels: list[_Channel] = field(default_factory=list)

    async def run(self) -> bool:
        """True when nothing is wrong. Raises OSError where the file cannot be written, ValueError
        where `test` is no place, and Interrupted.

        1. Say what is needed.
        2. Ask for what is not known yet, and check each token by calling its platform.
        3. Write the settings file.
        4. Send a test alert.
        """
        await asyncio.to_thread(env_file.check, self.file)
        place = place_of(self.test) if self.test else None
        for line in _needed(self.t):
            self.console.print(Wrapped(line))
        await self._contact()
        await self._discord()
        await self._slack()
        await self._write()
        await self._test(place)
        said = self.t(
            "Next: “{run}” starts it, “{doctor}” looks it over.",
            run="bubblewatch run",
            doctor="bubblewatch doctor",
        )
        self.console.print(Wrapped(said))
        return all_well(one for found in self._found.values() for one in found)

    def _to_copy(self, line: str) -> None:
        # Never broken by us: addresses and the manifest are there to be copied.
        self.console.print(line, soft_wrap=True, highlight=False, markup=False)

    def _show(self, step: str, *findings: Finding) -> bool:
        self._found[step] = findings
        show(findings, self.console, self.t)
        return all_well(findings)

    def _known(self, name: str) -> str:
        """What a flag, the environment or the settings file says."""
        if name in self.given:
            return self.given[name]
        value = getattr(self.settings, name)
        return value.get_secret_value() if isinstance(value, SecretStr) else str(value or "")

    async def _contact(self) -> None:
        contact = self._known("contact") or await self.ask(self.t("Your e-mail address"))
        if contact:
            self._chosen["contact"] = contact
        for name in ("data_dir", "language"):
            if name in self.given:
                self._chosen[name] = self.given[name]

    async def _discord(self) -> None:
        """Until a token works or none is given."""
        question = self.t("Discord bot token (empty: no)")
        token = self._known("discord_token")
        while token := token or await self.ask(question, secret=True):
            if await self._is_discord(token):
                self._chosen["discord_token"] = token
                return
            token = ""

    async def _is_discord(self, token: str) -> bool:
        from bot.setup import discord_account

        url = self.settings.discord_api_url
        address = None if url is None else str(url)
        account = await discord_account.look_at(token, address, (), self.t)
        well = self._show("discord", *account.findings)
        if account.invitation is not None:
            said = self.t("Let the bot into a server, with exactly what it needs:")
            self.console.print(Wrapped(said))
            self._to_copy(account.invitation)
        self._offer(
            _Channel(
                Place("discord", str(channel.guild.id), str(channel.id)),
                self._called(channel.name, channel.guild.name),
            )
            for channel in account.channels
        )
        return well

    async def _slack(self) -> None:
        """Until both tokens work or none is given."""
        bot, app = self._known("slack_bot_token"), self._known("slack_app_token")
        if not bot and not await self._wants_slack():
            return
        question = self.t("Slack bot token, xoxb-… (empty: no)")
        while bot := bot or await self.ask(question, secret=True):
            app = app or await self.ask(self.t("Slack app token, xapp-…"), secret=True)
            if await self._is_slack(bot, app):
                tokens = {"slack_bot_token": bot, "slack_app_token": app}
                self._chosen |= {name: token for name, token in tokens.items() if token}
                return
            bot = app = ""

    async def _wants_slack(self) -> bool:
        """Shows the manifest to who does: there is no token before there is an app."""
        if self.ask is not nobody:
            question = self.t("Slack too? “y” prints the manifest for its app (empty: no)")
            answer = await self.ask(question)
            if not answer.lower().startswith(YES):
                return False
        from bot.setup import slack_account

        said = self.t("The manifest for a Slack app (Create New App → From a manifest):")
        self.console.print(Wrapped(said))
        self._to_copy(NEW_SLACK_APP)
        self._to_copy(json.dumps(slack_account.manifest(), indent=2))
        return True

    async def _is_slack(self, bot: str, app: str) -> bool:
        from bot.setup import slack_account

        url = self.settings.slack_api_url
        address = None if url is None else str(url)
        account = await slack_account.look_at(bot, app or None, address, (), self.t)
        well = self._show("slack", *account.findings)
        team = account.team
        if well and team is not None and self.ask is not nobody:
            self._offer(
                _Channel(Place("slack", team.id, id_), self._called(name, team.name))
                for id_, name in await slack_account.writable(bot, address)
            )
        return well

    def _called(self, channel: str, name: str) -> str:
        return self.t("#{channel} in {name}", channel=channel, name=name)

    def _offer(self, channels: Iterable[_Channel]) -> None:
        self._channels += list(channels)[:_MOST_OFFERED]

    async def _write(self) -> None:
        chosen = {f"BUBBLEWATCH_{name.upper()}": value for name, value in self._chosen.items()}
        if not chosen:
            self.console.print(self.t("There is nothing to write."))
            return
        await asyncio.to_thread(env_file.write, self.file, chosen)
        self.written = True
        said = self.t(
            "{file} (only you can read it): {names}",
            file=self.file.absolute(),
            names=self.t(", ").join(sorted(chosen)),
        )
        self._show("settings", good(self.t("settings"), said))

    async def _test(self, place: Place | None) -> None:
        place = place or await self._asked_for_a_place()
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
        self._show("test", await trial.send(settings, self.clock, place, self.t))

    async def _asked_for_a_place(self) -> Place | None:
        if not self._channels:
            return None
        for number, channel in enumerate(self._channels, 1):
            self.console.print(Wrapped(f"  {number}. {channel.called}"))
        answer = await self.ask(self.t("Send a test alert to which of them? (empty: none)"))
        if not answer.isdecimal() or not 1 <= int(answer) <= len(self._channels):
            return None
        return self._channels[int(answer) - 1].place
