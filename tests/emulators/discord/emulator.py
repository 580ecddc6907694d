"""The Discord server: what people do in it, what goes wrong, and the door for the bot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from aiohttp import web

from tests.emulators.discord import (
    account,
    applications,
    callbacks,
    hand,
    messages,
    payloads,
    pins,
    webhooks,
)
from tests.emulators.discord.calls import routes_of
from tests.emulators.discord.commands import CommandBook, Value
from tests.emulators.discord.interactions import (
    AUTOCOMPLETE,
    COMMAND,
    COMPONENT,
    MODAL,
    Interaction,
)
from tests.emulators.discord.mischief import Mishap
from tests.emulators.discord.openapi import Description, described
from tests.emulators.discord.places import Places
from tests.emulators.discord.rates import Rates
from tests.emulators.discord.world import Channel, Json, User

MODULES = (account, applications, callbacks, messages, pins, webhooks)


@dataclass
class DiscordEmulator(Places):
    """See the package's own words. Limits are attributes: set them before or while the bot runs."""

    rates: Rates = field(default_factory=Rates)
    commands: CommandBook = field(default_factory=CommandBook)
    check_requests: bool = True
    """Against Discord's published description; a bench turns it off."""
    check_answers: bool = False
    """The emulator's own, for its own tests."""
    nonce_window: float = 180.0
    answer_within: float = 3.0
    token_lives: float = 900.0
    largest_upload: int = 10 * 1024 * 1024
    violations: list[str] = field(default_factory=list, init=False)
    interactions: list[Interaction] = field(default_factory=list, init=False)
    """Every one so far."""
    largest_body: ClassVar[int] = 64 * 1024**2

    def __post_init__(self) -> None:
        super().__post_init__()
        self.description: Description | None = described()
        self.mishaps: list[Mishap] = []
        self.nonces: dict[tuple[str, str], tuple[float, str]] = {}
        """By channel and nonce: until when, and which message."""
        self.uploads: dict[str, bytes] = {}
        """By attachment id."""
        self.by_token: dict[str, Interaction] = {}

    @property
    def api_url(self) -> str:
        """For BUBBLEWATCH_DISCORD_API_URL."""
        return f"{self.url}/api/v10"

    @property
    def gateway_url(self) -> str:
        """The one that GET /gateway/bot names."""
        return self.url.replace("http", "ws", 1)

    @property
    def described(self) -> bool:
        """Whether Discord's published description is here, so that requests are checked."""
        return self.description is not None

    def routes(self) -> list[web.RouteDef]:
        gateway = [web.get(path, self.gateway.connect) for path in ("/", "/resume/")]
        return [*gateway, *hand.routes(self), *routes_of(self)]

    def upload(self, attachment: Json) -> bytes:
        """The file behind an attachment of a message."""
        return self.uploads[attachment["id"]]

    # -- what people do with the app

    def slash(
        self,
        channel: Channel,
        user: User,
        line: str,
        options: Mapping[str, Value] | None = None,
    ) -> Interaction:
        """`line` names a registered command with its groups, such as `bubble alert add`.

        Raises LookupError when the person would not be offered it there, ValueError when Discord
        would not let it be sent with these options.
        """
        command = self.commands.find(self, channel, user, line.split()[0])
        data = payloads.command_data(self, channel, command, line.split()[1:], options or {})
        return self._send(COMMAND, channel, user, data, installs=command["integration_types"])

    def autocomplete(
        self, channel: Channel, user: User, line: str, options: Mapping[str, Value]
    ) -> Interaction:
        """A person types: the last of `options` has the focus, the others are filled in."""
        command = self.commands.find(self, channel, user, line.split()[0])
        data = payloads.command_data(
            self, channel, command, line.split()[1:], options, focused=list(options)[-1]
        )
        return self._send(AUTOCOMPLETE, channel, user, data, installs=command["integration_types"])

    def press(self, message: Json, custom_id: str, user: User) -> Interaction:
        """A button of a message, by its custom_id or its label. LookupError: it has none such."""
        component = payloads.component_of(message, custom_id, kinds=(2,))
        if component.get("disabled"):
            raise ValueError(f"the button {custom_id} is disabled")
        data = {"component_type": 2, "custom_id": component["custom_id"], "id": component["id"]}
        return self._press(message, data, user)

    def choose(
        self, message: Json, custom_id: str, values: Sequence[str], user: User
    ) -> Interaction:
        """Options of a menu of a message, by value."""
        component = payloads.component_of(message, custom_id, kinds=(3, 5, 6, 7, 8))
        data: Json = {
            "component_type": component["type"],
            "custom_id": component["custom_id"],
            "id": component["id"],
            "values": list(values),
        }
        payloads.check_chosen(component, values)
        if component["type"] != 3:
            channel = self._channel_of(message)
            kind = payloads.SELECTED[component["type"]]
            data["resolved"] = payloads.resolved(self, channel, kind, values)
        return self._press(message, data, user)

    def submit(self, opened: Interaction, values: Mapping[str, str | Sequence[str]]) -> Interaction:
        """Send the form that an interaction was answered with; answers by custom_id."""
        assert opened.modal is not None, "there is no form"
        data = payloads.modal_data(self, opened.channel, opened.modal, values)
        installs = opened.payload["authorizing_integration_owners"]
        return self._send(
            MODAL,
            opened.channel,
            opened.user,
            data,
            installs=[int(one) for one in installs],
            source=opened.source,
            opened_by=opened,
        )

    def expire(self, interaction: Interaction) -> None:
        """Its token works no more, as after fifteen minutes (three seconds if unanswered)."""
        interaction.expired = True

    def _press(self, message: Json, data: Json, user: User) -> Interaction:
        return self._send(
            COMPONENT,
            self._channel_of(message),
            user,
            data,
            installs=[0, 1],
            source=message,
        )

    def _channel_of(self, message: Json) -> Channel:
        return self.channels[message["channel_id"]]

    def _send(
        self,
        kind: int,
        channel: Channel,
        user: User,
        data: Json,
        *,
        installs: Sequence[int],
        source: Json | None = None,
        opened_by: Interaction | None = None,
    ) -> Interaction:
        interaction = Interaction(kind, channel, user, {}, self.bell, source, opened_by)
        interaction.token = payloads.new_token(interaction.id)
        interaction.payload = payloads.payload_of(self, interaction, data, installs)
        self.interactions.append(interaction)
        self.by_token[interaction.token] = interaction
        self.gateway.tell(channel.guild, "INTERACTION_CREATE", lambda _: interaction.payload)
        return interaction

    # -- what goes wrong

    def fail(
        self, code: int, *, where: str = "", method: str = "", times: int | None = None
    ) -> None:
        """One of Discord's JSON errors, by its number (errors.ERRORS)."""
        self.mishaps.append(Mishap("error", where, method, times, code))

    def server_error(
        self,
        status: int = 500,
        *,
        where: str = "",
        method: str = "",
        times: int | None = None,
        body: str = '{"message": "500: Internal Server Error", "code": 0}',
    ) -> None:
        self.mishaps.append(Mishap("status", where, method, times, status, body))

    def hang(self, where: str = "", times: int | None = None, *, method: str = "") -> None:
        """Take the call from the wire, and never answer it nor do it."""
        self.mishaps.append(Mishap("hang", where, method, times))

    def cut(
        self,
        *,
        taken: bool = False,
        where: str = "",
        method: str = "",
        times: int | None = 1,
    ) -> None:
        """The connection breaks; `taken`: after the call has done its work."""
        self.mishaps.append(Mishap("cut after" if taken else "cut before", where, method, times))

    def too_many(
        self,
        retry_after: float,
        *,
        where: str = "",
        method: str = "",
        times: int | None = 1,
        everywhere: bool = False,
        via: bool | None = None,
        scope: str = "",
    ) -> None:
        """A 429 that nobody earned; `via` False: Cloudflare's, without the header."""
        self.mishaps.append(
            Mishap("429", where, method, times, retry_after, "", everywhere, via, scope)
        )

    def revoke_token(self) -> None:
        """The token was reset: 401 from now on, and the gateway closes with 4004."""
        self.token = "revoked"
        self.gateway.drop(4004)

    def forget_nonces(self) -> None:
        """The window in which a nonce is known is over."""
        self.nonces.clear()

    def behave(self) -> None:
        super().behave()
        self.mishaps.clear()
        self.gateway.accept()
        self.gateway.hear_again()
