"""Bolt's listeners: each acknowledges at once and hands the rest to a task that is watched."""

from __future__ import annotations

import asyncio
import logging
import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from alerts.platform import TemporaryFailure
from bot.platforms.slack.arrivals import ARRIVALS, Arrivals
from bot.platforms.slack.conversation import Conversation, Where, of_channel
from bot.platforms.slack.errors import SlackRefused
from bot.platforms.slack.home import CHOOSE, OWN, Home, home_of
from bot.platforms.slack.lines import Pressed, pressed
from bot.platforms.slack.modals import Ack, Modals, asks_for_form, stale
from bot.platforms.slack.text import unescaped
from bot.replies import Json

if TYPE_CHECKING:
    from slack_bolt.app.async_app import AsyncApp
    from slack_bolt.response import BoltResponse

log = logging.getLogger(__name__)

COMMAND = "/bubble"
HOME_OPENED = "app_home_opened"
EVENTS = (HOME_OPENED, *ARRIVALS)
"""What Slack is asked to tell us, as in deploy/slack-manifest.json."""
_ANY = re.compile(".*", re.DOTALL)
_MOST_REMEMBERED = 5000
_SUGGEST_WITHIN_S = 2.5
FINISH_WITHIN_S = 3.0
HANDS = 8
"""So many answers are worked on at once: in a rush, acknowledgements do not wait behind them."""

Body = Mapping[str, Json]


class Work:
    """What is in hand after its acknowledgement; whoever opened it waits for it at the end."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()
        self._open = False
        self._hands = asyncio.Semaphore(HANDS)

    async def __aenter__(self) -> Work:
        self._open = True
        return self

    async def __aexit__(self, *error: object) -> None:
        """Answers in hand get a moment; what is cut off then has changed nothing half-way."""
        self._open = False
        with suppress(TimeoutError):
            await asyncio.wait_for(self.rest(), FINISH_WITHIN_S)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def rest(self) -> None:
        """Until nothing is in hand."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    def start(self, doing: Coroutine[None, None, None], *, at_once: bool = False) -> None:
        """`at_once`: before all that waits, for what Slack gives three seconds."""
        if not self._open:
            doing.close()
            log.warning("slack: something came while the service was stopping")
            return
        task = asyncio.create_task(_watched(doing) if at_once else self._in_turn(doing))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _in_turn(self, doing: Coroutine[None, None, None]) -> None:
        try:
            async with self._hands:
                await _watched(doing)
        finally:
            doing.close()


async def _watched(doing: Coroutine[None, None, None]) -> None:
    """One failure ends nothing else."""
    try:
        await doing
    except (SlackRefused, TemporaryFailure) as failed:
        log.warning("slack: an answer was not possible: %s", failed)
    except Exception:
        log.exception("slack: answering failed")


class Doings:
    """Everything that people and Slack tell us."""

    def __init__(
        self,
        conversation: Conversation,
        modals: Modals,
        home: Home,
        arrivals: Arrivals,
        work: Work,
    ) -> None:
        self._conversation = conversation
        self._modals = modals
        self._home = home
        self._arrivals = arrivals
        self._work = work
        self._seen: OrderedDict[str, None] = OrderedDict()

    def listen(self, app: AsyncApp) -> None:
        """Enter every listener into a Bolt app."""
        app.middleware(self._only_once)
        app.command(COMMAND)(self._command)
        app.block_action(_ANY)(self._action)
        app.options(_ANY)(self._options)
        app.view(_ANY)(self._submission)
        app.event(HOME_OPENED)(self._home_opened)
        for kind, told in ARRIVALS.items():
            app.event(kind)(self._event(partial(told, self._arrivals)))

    async def _only_once(
        self,
        body: Body,
        next: Callable[[], Awaitable[None]],
    ) -> BoltResponse | None:
        """Slack tells again what it does not know to have arrived, and a request that somebody
        recorded may be sent again: each is acknowledged and done once."""
        from slack_bolt.response import BoltResponse

        mark = str(body.get("event_id") or body.get("trigger_id") or "")
        if mark and mark in self._seen:
            return BoltResponse(status=200)
        if mark:
            self._seen[mark] = None
            if len(self._seen) > _MOST_REMEMBERED:
                self._seen.popitem(last=False)
        await next()
        return None

    async def _command(self, ack: Ack, body: Body) -> None:
        await ack()
        line = unescaped(str(body.get("text") or "")).strip() or "help"
        opens = asks_for_form(line)
        self._work.start(self._commanded(body, line, opens=opens), at_once=opens)

    async def _commanded(self, body: Body, line: str, *, opens: bool) -> None:
        where = of_channel(
            str(body.get("team_id")),
            str(body.get("user_id")),
            str(body.get("channel_id") or ""),
            str(body.get("response_url") or ""),
        )
        if opens:
            await self._modals.open(where, line, str(body.get("trigger_id")))
        else:
            await self._conversation.say(where, await self._conversation.carried_out(where, line))

    async def _action(self, ack: Ack, body: Body) -> None:
        await ack()
        action = _first(body.get("actions"))
        option = action.get("selected_option")
        value = option.get("value") if isinstance(option, dict) else action.get("value")
        wish = pressed(str(value or ""))
        opens = wish is not None and wish.opens
        self._work.start(self._acted(body, action, wish), at_once=opens)

    async def _acted(self, body: Body, action: Body, wish: Pressed | None) -> None:
        """A button, a menu, or the choice of a channel in the App Home."""
        where = _where(body)
        if action.get("action_id") == CHOOSE:
            channel = str(action.get("selected_conversation") or "")
            await self._home.show(home_of(where.team, where.user, channel))
            return
        if action.get("action_id") == OWN:
            await self._home.show(home_of(where.team, where.user, ""))
            return
        if wish is None:
            reply = stale(await self._conversation.words(where))
        elif wish.opens:
            await self._modals.open(where, wish.line, str(body.get("trigger_id")))
            return
        else:
            reply = await self._conversation.carried_out(where, wish.line, public=wish.public)
        if where.home:
            await self._home.show(where, reply)
        else:
            await self._conversation.say(
                where,
                reply,
                public=wish is not None and wish.public and reply.ok,
                replaces=wish is not None and wish.replaces and _stands_alone(body),
            )

    async def _options(self, ack: Ack, body: Body) -> None:
        self._work.start(self._suggested(ack, body), at_once=True)

    async def _suggested(self, ack: Ack, body: Body) -> None:
        """Worked on before its acknowledgement, which is the answer."""
        try:
            async with asyncio.timeout(_SUGGEST_WITHIN_S):
                found = await self._modals.suggested(body)
        except TimeoutError:
            log.warning("slack: suggestions took too long")
            found = []
        await ack(options=found)

    async def _submission(self, ack: Ack, body: Body) -> None:
        self._work.start(self._modals.submitted(ack, body), at_once=True)

    async def _home_opened(self, body: Body) -> None:
        event = body.get("event")
        told = event if isinstance(event, dict) else {}
        if told.get("tab") != "home":
            return
        view = told.get("view")
        channel = str(view.get("private_metadata") or "") if isinstance(view, dict) else ""
        where = home_of(str(body.get("team_id")), str(told.get("user")), channel)
        self._work.start(self._home.show(where))

    def _event(
        self, told: Callable[[Body], Coroutine[None, None, None]]
    ) -> Callable[..., Awaitable[None]]:
        async def listen(body: Body) -> None:
            self._work.start(told(body))

        return listen


def _where(body: Body) -> Where:
    """Where something was pressed: in a message, or in a view without a channel."""
    team, user, view = body.get("team"), body.get("user"), body.get("view")
    team_id = str(team.get("id")) if isinstance(team, dict) else ""
    user_id = str(user.get("id")) if isinstance(user, dict) else ""
    if isinstance(view, dict):
        return home_of(team_id, user_id, str(view.get("private_metadata") or ""))
    channel = body.get("channel")
    return of_channel(
        team_id,
        user_id,
        str(channel.get("id")) if isinstance(channel, dict) else "",
        str(body.get("response_url") or ""),
    )


def _stands_alone(body: Body) -> bool:
    """In a message that the person alone sees; one that all see stays as it is."""
    container = body.get("container")
    return isinstance(container, dict) and container.get("is_ephemeral") is True


def _first(actions: Json) -> Mapping[str, Json]:
    action = actions[0] if isinstance(actions, list) and actions else None
    return action if isinstance(action, dict) else {}
