"""`bubblewatch doctor`: each requirement with a tick, or the exact repair."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError

from alerts.store import destinations, schema, sources
from alerts.store.database import Database
from alerts.store.destinations import Destination
from alerts.store.sources import SourceState
from bot import __version__
from bot.durability import fleeting
from bot.locales import Translator
from bot.settings import Settings
from bot.setup.findings import Finding, bad, good, warning

SHORTEST_KEY = 32


@dataclass(frozen=True, slots=True)
class _Kept:
    """What the database holds that matters here; empty before the first run."""

    discord: Sequence[Destination] = ()
    slack: Sequence[Destination] = ()
    sources: Sequence[SourceState] = ()


async def examine(settings: Settings, t: Translator) -> list[Finding]:
    """Everything, in the order in which one would repair it. Changes nothing, here or elsewhere."""
    version = good("bubblewatch", t("version {version}", version=__version__))
    found = [version, await _folder(settings, t)]
    stored, kept = await _database(settings, t)
    found += [*stored, *_lasting(settings, t), _contact(settings, t)]
    found += await _platforms(settings, kept, t)
    found += [*_web(settings, t), *_operator(settings, t)]
    found += [*_sources(kept, t), *_switched_off(kept, t)]
    return found


async def _folder(settings: Settings, t: Translator) -> Finding:
    part, folder = t("data folder"), settings.data_dir

    def try_it() -> None:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass

    try:
        await asyncio.to_thread(try_it)
    except OSError as error:
        return bad(
            part,
            t("{folder} cannot be written to ({why})", folder=folder, why=error.strerror),
            t(
                "set BUBBLEWATCH_DATA_DIR to a folder that this user owns, or give this one to "
                "it: {command}",
                command=f"chown -R {os.getuid()}:{os.getgid()} {folder}",
            ),
        )
    return good(part, str(folder))


async def _database(settings: Settings, t: Translator) -> tuple[list[Finding], _Kept]:
    part, file = t("database"), settings.database_path
    if file is not None and not file.exists():
        return [good(part, t("{file} is made at the first start", file=file))], _Kept()
    database = Database(settings.database_address)
    newest = schema.newest_revision()
    try:
        revision = await schema.revision(database)
        if revision == newest:
            kept = await _kept(database)
            said = t("{place}, schema {revision}", place=database.place, revision=revision)
            return [good(part, said)], kept
    except (SQLAlchemyError, OSError) as error:
        return [_unreadable(part, database.place, error, settings, t)], _Kept()
    finally:
        await database.close()
    if revision is not None and revision > newest:
        said = t(
            "its schema {revision} is newer than this version knows ({newest})",
            revision=revision,
            newest=newest,
        )
        repair = t("install the version that made it, or a newer one")
        return [bad(part, said, repair)], _Kept()
    said = t(
        "its schema {revision} is older than this version's {newest}",
        revision=revision or "–",
        newest=newest,
    )
    repair = t("{command} (or just start it)", command="bubblewatch migrate")
    return [warning(part, said, repair)], _Kept()


def _unreadable(
    part: str, place: str, error: Exception, settings: Settings, t: Translator
) -> Finding:
    file = settings.database_path
    repair = (
        t("see that PostgreSQL runs, and that DATABASE_URL names its host, user and password")
        if file is None
        else t("the file is damaged or not ours: {file}; put a backup in its place", file=file)
    )
    kind = type(getattr(error, "orig", None) or error).__name__
    return bad(part, t("{place} cannot be read ({kind})", place=place, kind=kind), repair)


async def _kept(database: Database) -> _Kept:
    async with database.read() as connection:
        return _Kept(
            await destinations.all_of(connection, "discord"),
            await destinations.all_of(connection, "slack"),
            list((await sources.load(connection)).values()),
        )


def _lasting(settings: Settings, t: Translator) -> list[Finding]:
    file = settings.database_path
    if file is None:
        return []
    found = fleeting(file, os.environ)
    if found is None:
        return [good(t("disk"), t("nothing speaks against its lasting"))]
    return [warning(t("disk"), found.what(t), found.repair(t))]


def _contact(settings: Settings, t: Translator) -> Finding:
    if "@" in settings.contact:
        return good(t("contact"), settings.contact)
    return warning(
        t("contact"),
        t("the SEC is told no address, and may refuse programs without one"),
        t("set BUBBLEWATCH_CONTACT to your e-mail address"),
    )


async def _platforms(settings: Settings, kept: _Kept, t: Translator) -> list[Finding]:
    found: list[Finding] = []
    if settings.discord_token is not None:
        from bot.setup import discord_account

        url = None if settings.discord_api_url is None else str(settings.discord_api_url)
        token = settings.discord_token.get_secret_value()
        places = _with_operator("discord", kept.discord, settings)
        found += (await discord_account.look_at(token, url, places, t)).findings
    found += await _slack(settings, kept, t)
    found += await _apprise(settings, t)
    if not found:
        said = t("none is set up: alerts are shown in this terminal only")
        found.append(warning(t("platforms"), said, "bubblewatch setup"))
    return found


def _with_operator(
    platform: str, kept: Sequence[Destination], settings: Settings
) -> Sequence[Destination]:
    """The operator's own place is looked at before it was told anything."""
    place = settings.operator_place
    if place is None or place.platform != platform or place in {one.place for one in kept}:
        return kept
    return [*kept, Destination(0, place, "en", "UTC", None)]


async def _slack(settings: Settings, kept: _Kept, t: Translator) -> list[Finding]:
    bot, app = settings.slack_bot_token, settings.slack_app_token
    signing, client = settings.slack_signing_secret, settings.slack_client_id
    if not (bot or app or signing or client):
        return []
    from bot.setup import slack_account

    found = list(_slack_settings(settings, t))
    url = None if settings.slack_api_url is None else str(settings.slack_api_url)
    account = await slack_account.look_at(
        None if bot is None else bot.get_secret_value(),
        None if app is None else app.get_secret_value(),
        url,
        _with_operator("slack", kept.slack, settings),
        t,
    )
    return [*found, *account.findings]


def _slack_settings(settings: Settings, t: Translator) -> list[Finding]:
    """Whether the settings that belong together are all there."""
    part = t("Slack settings")
    if settings.slack_app_token is not None:
        if settings.slack_bot_token is None and not settings.slack_client_id:
            repair = t("set BUBBLEWATCH_SLACK_BOT_TOKEN (xoxb-): app page → Install App")
            return [bad(part, t("there is an app token, but no bot token"), repair)]
        return []
    if settings.slack_signing_secret is None:
        repair = t(
            "set BUBBLEWATCH_SLACK_APP_TOKEN (xapp-, no public address needed), or "
            "BUBBLEWATCH_SLACK_SIGNING_SECRET for the HTTP mode"
        )
        return [bad(part, t("nothing tells how Slack reaches us"), repair)]
    wanted = {
        "BUBBLEWATCH_PORT": settings.port is not None,
        "BUBBLEWATCH_PUBLIC_URL": settings.public_url is not None,
    }
    if settings.slack_client_id:
        key = settings.secret_key
        long = key is not None and len(key.get_secret_value().split(",")[0]) >= SHORTEST_KEY
        name = t(
            "{setting} ({number} or more characters)",
            setting="BUBBLEWATCH_SECRET_KEY",
            number=SHORTEST_KEY,
        )
        wanted |= {
            "BUBBLEWATCH_SLACK_CLIENT_SECRET": settings.slack_client_secret is not None,
            name: long,
        }
    missing = t(", ").join(name for name, there in wanted.items() if not there)
    if missing:
        return [bad(part, t("the HTTP mode lacks something"), t("set {names}", names=missing))]
    return [good(part, t("those of the HTTP mode are all there"))]


async def _apprise(settings: Settings, t: Translator) -> list[Finding]:
    if not settings.apprise:
        return []
    from bot.platforms.apprise import understands

    found: list[Finding] = []
    for name, url in settings.apprise.items():
        part = t("Apprise “{name}”", name=name)
        if await asyncio.to_thread(understands, url):
            found.append(good(part, t("its URL is understood")))
        else:
            repair = t(
                "mend “{name}” in BUBBLEWATCH_APPRISE; it is one URL, like mailto://…", name=name
            )
            found.append(bad(part, t("its URL is not one that Apprise knows"), repair))
    return found


def _web(settings: Settings, t: Translator) -> list[Finding]:
    if settings.port is None:
        repair = t("set BUBBLEWATCH_PORT=8080 to have the page, /healthz and /metrics")
        return [warning(t("web"), t("no port: there is no status page"), repair)]
    return [good(t("web"), t("port {port}", port=settings.port))]


def _operator(settings: Settings, t: Translator) -> list[Finding]:
    part, place = t("operator"), settings.operator_place
    if place is None:
        said = t("the service's own troubles are told in the log only")
        return [warning(part, said, t("set BUBBLEWATCH_OPERATOR, like discord:SERVER:CHANNEL"))]
    there = {
        "discord": settings.discord_token is not None,
        "slack": settings.slack_bot_token is not None or bool(settings.slack_client_id),
        "apprise": place.channel in settings.apprise,
    }
    if not there.get(place.platform, True):
        said = t("{place} is on a platform that is not set up", place=settings.operator)
        return [bad(part, said, t("set that platform up, or choose another place"))]
    return [good(part, settings.operator)]


def _sources(kept: _Kept, t: Translator) -> list[Finding]:
    ill = [(state, state.trouble) for state in kept.sources if state.trouble is not None]
    if kept.sources and not ill:
        said = t("all {number} answered when they were last asked", number=len(kept.sources))
        return [good(t("sources"), said)]
    return [
        warning(
            t("source {name}", name=t.told(state.name)),
            t(
                "{why} (asked {time} UTC)",
                why=t.told(trouble),
                time=f"{state.asked_at:%Y-%m-%d %H:%M}",
            ),
            t(
                "it is asked again by itself; “{command}” asks now",
                command="bubblewatch watch --once",
            ),
        )
        for state, trouble in ill
    ]


def _switched_off(kept: _Kept, t: Translator) -> list[Finding]:
    return [
        warning(
            f"{one.place.platform} {one.place.workspace}/{one.place.channel}",
            t("switched off: {why}", why=t.told(one.off_reason)),
            t(
                "mend it and say “/bubble on” there, or “/bubble move {channel}” elsewhere",
                channel=one.place.channel,
            ),
        )
        for one in (*kept.discord, *kept.slack)
        if one.off_reason is not None and not one.direct
    ]
