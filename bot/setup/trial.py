"""A test alert: through the outbox and the platform, as every real one goes."""

from __future__ import annotations

import asyncio
from functools import partial
from random import Random

from alerts.clock import Clock
from alerts.store import deliveries, destinations
from alerts.store.database import Database
from alerts.store.deliveries import LoggedDelivery
from alerts.store.destinations import Place
from alerts.store.models import DeliveryState
from bot.app import AlreadyRunning, App, connection_to, open_app, sole_process
from bot.connections import keep_connected
from bot.locales import Translator
from bot.platforms import Connected, configured
from bot.settings import Settings
from bot.setup.findings import Finding, bad, good, warning

WITHIN_S = 45.0
_LOOK_EVERY_S = 0.1


async def send(settings: Settings, clock: Clock, place: Place, t: Translator) -> Finding:
    """Says whether it arrived. A service that runs meanwhile sends it instead."""
    part = t("test alert")
    name = f"{place.platform}:{place.workspace}:{place.channel}"
    try:
        with sole_process(settings):
            async with open_app(settings, clock, configured, Random()) as app:
                if place.platform not in {one.name for one in app.platforms}:
                    repair = t(
                        "give the settings of {platform} first: {command}",
                        platform=place.platform,
                        command="bubblewatch setup",
                    )
                    said = t("{platform} is not set up", platform=place.platform)
                    return bad(part, said, repair)
                log = await _sent(app, clock, place)
    except AlreadyRunning:
        return warning(
            part,
            t("the service is running here, and it alone speaks"),
            t("say “/bubble alert test 1” in a channel that has a line"),
        )
    if log.state is DeliveryState.SENT:
        return good(part, t("it is in {place}", place=name))
    reason = t("no answer yet") if log.reason is None else t.told(log.reason)
    repair = t(
        "mend that and run “{command}”; what waits is sent when the service runs",
        command="bubblewatch doctor",
    )
    said = t("it did not arrive in {place}: {why}", place=name, why=reason)
    return bad(part, said, repair)


async def _sent(app: App, clock: Clock, place: Place) -> LoggedDelivery:
    """Connects, sends, and waits until the delivery has ended or time is up."""
    database = app.desk.database
    async with database.write() as connection:
        made = await destinations.find_or_make(connection, place, clock.now())
        await deliveries.notice(connection, made.id, {"notice": "test"}, clock.now())
    async with app.leadership.kept(), asyncio.TaskGroup() as group:
        tasks = [group.create_task(app.outbox.run())]
        tasks += [
            group.create_task(
                app.leadership.while_mine(
                    connection_to(one.name),
                    partial(keep_connected, one.name, one, clock, Random()),
                )
            )
            for one in app.platforms
            if isinstance(one, Connected) and one.name == place.platform
        ]
        log = await _ended(database, clock, made.id)
        for task in tasks:
            task.cancel()
    return log


async def _ended(database: Database, clock: Clock, destination_id: int) -> LoggedDelivery:
    over = (DeliveryState.SENT, DeliveryState.DEAD, DeliveryState.PARKED)
    ends = asyncio.get_running_loop().time() + WITHIN_S
    while True:
        async with database.read() as connection:
            [newest] = await deliveries.log(connection, destination_id, 1)
        if newest.state in over or asyncio.get_running_loop().time() > ends:
            return newest
        await clock.sleep(_LOOK_EVERY_S)
