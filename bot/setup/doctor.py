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
from bot.locales import translator
from bot.settings import Settings
from bot.setup.findings import Finding, bad, good, warning

SHORTEST_KEY = 32


@dataclass(frozen=True, slots=True)
class _Kept:
    """What the database holds that matters here; empty before the first run."""

    discord: Sequence[Destination] = ()
    slack: Sequence[Destination] = ()
    sources: Sequence[SourceState] = ()


async def examine(settings: Settings) -> list[Finding]:
    """Everything, in the order in which one would repair it. Changes nothing, here or elsewhere."""
    found = [good("bubblewatch", f"version {__version__}"), await _folder(settings)]
    stored, kept = await _database(settings)
    found += [*stored, *_lasting(settings), _contact(settings)]
    found += await _platforms(settings, kept)
    found += [*_web(settings), *_operator(settings)]
    found += [*_sources(kept), *_switched_off(kept)]
    return found


async def _folder(settings: Settings) -> Finding:
    part, folder = "data folder", settings.data_dir

    def try_it() -> None:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass

    try:
        await asyncio.to_thread(try_it)
    except OSError as error:
        return bad(
            part,
            f"{folder} cannot be written to ({error.strerror})",
            "set BUBBLEWATCH_DATA_DIR to a folder that this user owns, or give this one to it: "
            f"chown -R {os.getuid()}:{os.getgid()} {folder}",
        )
    return good(part, str(folder))


async def _database(settings: Settings) -> tuple[list[Finding], _Kept]:
    part, file = "database", settings.database_path
    if file is not None and not file.exists():
        return [good(part, f"{file} is made at the first start")], _Kept()
    database = Database(settings.database_address)
    newest = schema.newest_revision()
    try:
        revision = await schema.revision(database)
        if revision == newest:
            kept = await _kept(database)
            return [good(part, f"{database.place}, schema {revision}")], kept
    except (SQLAlchemyError, OSError) as error:
        repair = (
            "see that PostgreSQL runs, and that DATABASE_URL names its host, user and password"
            if file is None
            else f"the file is damaged or not ours: {file}; put a backup in its place"
        )
        kind = type(getattr(error, "orig", None) or error).__name__
        return [bad(part, f"{database.place} cannot be read ({kind})", repair)], _Kept()
    finally:
        await database.close()
    if revision is not None and revision > newest:
        said = f"its schema {revision} is newer than this version knows ({newest})"
        return [bad(part, said, "install the version that made it, or a newer one")], _Kept()
    said = f"its schema {revision or '–'} is older than this version's {newest}"
    return [warning(part, said, "bubblewatch migrate (or just start it)")], _Kept()


async def _kept(database: Database) -> _Kept:
    async with database.read() as connection:
        return _Kept(
            await destinations.all_of(connection, "discord"),
            await destinations.all_of(connection, "slack"),
            list((await sources.load(connection)).values()),
        )


def _lasting(settings: Settings) -> list[Finding]:
    file = settings.database_path
    if file is None:
        return []
    found = fleeting(file, os.environ)
    if found is None:
        return [good("disk", "nothing speaks against its lasting")]
    what, _, repair = found.sentence(translator("en")).rpartition(". ")
    return [warning("disk", f"{what}.", repair)]


def _contact(settings: Settings) -> Finding:
    if "@" in settings.contact:
        return good("contact", settings.contact)
    return warning(
        "contact",
        "the SEC is told no address, and may refuse programs without one",
        "set BUBBLEWATCH_CONTACT to your e-mail address",
    )


async def _platforms(settings: Settings, kept: _Kept) -> list[Finding]:
    found: list[Finding] = []
    if settings.discord_token is not None:
        from bot.setup import discord_account

        url = None if settings.discord_api_url is None else str(settings.discord_api_url)
        token = settings.discord_token.get_secret_value()
        found += (await discord_account.look_at(token, url, kept.discord)).findings
    found += await _slack(settings, kept)
    found += await _apprise(settings)
    if not found:
        found.append(
            warning(
                "platforms",
                "none is set up: alerts are shown in this terminal only",
                "bubblewatch setup",
            )
        )
    return found


async def _slack(settings: Settings, kept: _Kept) -> list[Finding]:
    bot, app = settings.slack_bot_token, settings.slack_app_token
    signing, client = settings.slack_signing_secret, settings.slack_client_id
    if not (bot or app or signing or client):
        return []
    from bot.setup import slack_account

    found = list(_slack_settings(settings))
    url = None if settings.slack_api_url is None else str(settings.slack_api_url)
    account = await slack_account.look_at(
        None if bot is None else bot.get_secret_value(),
        None if app is None else app.get_secret_value(),
        url,
        kept.slack,
    )
    return [*found, *account.findings]


def _slack_settings(settings: Settings) -> list[Finding]:
    """Whether the settings that belong together are all there."""
    part = "Slack settings"
    if settings.slack_app_token is not None:
        if settings.slack_bot_token is None and not settings.slack_client_id:
            repair = "set BUBBLEWATCH_SLACK_BOT_TOKEN (xoxb-): app page → Install App"
            return [bad(part, "there is an app token, but no bot token", repair)]
        return []
    if settings.slack_signing_secret is None:
        return [
            bad(
                part,
                "nothing tells how Slack reaches us",
                "set BUBBLEWATCH_SLACK_APP_TOKEN (xapp-, no public address needed), or "
                "BUBBLEWATCH_SLACK_SIGNING_SECRET for the HTTP mode",
            )
        ]
    wanted = {
        "BUBBLEWATCH_PORT": settings.port is not None,
        "BUBBLEWATCH_PUBLIC_URL": settings.public_url is not None,
    }
    if settings.slack_client_id:
        key = settings.secret_key
        long = key is not None and len(key.get_secret_value().split(",")[0]) >= SHORTEST_KEY
        wanted |= {
            "BUBBLEWATCH_SLACK_CLIENT_SECRET": settings.slack_client_secret is not None,
            f"BUBBLEWATCH_SECRET_KEY ({SHORTEST_KEY} or more characters)": long,
        }
    missing = [name for name, there in wanted.items() if not there]
    if missing:
        return [bad(part, "the HTTP mode lacks something", f"set {', '.join(missing)}")]
    return [good(part, "those of the HTTP mode are all there")]


async def _apprise(settings: Settings) -> list[Finding]:
    if not settings.apprise:
        return []
    from bot.platforms.apprise import understands

    found: list[Finding] = []
    for name, url in settings.apprise.items():
        if await asyncio.to_thread(understands, url):
            found.append(good(f"Apprise “{name}”", "its URL is understood"))
        else:
            repair = f"mend “{name}” in BUBBLEWATCH_APPRISE; it is one URL, like mailto://…"
            found.append(bad(f"Apprise “{name}”", "its URL is not one that Apprise knows", repair))
    return found


def _web(settings: Settings) -> list[Finding]:
    if settings.port is None:
        repair = "set BUBBLEWATCH_PORT=8080 to have the page, /healthz and /metrics"
        return [warning("web", "no port: there is no status page", repair)]
    return [good("web", f"port {settings.port}")]


def _operator(settings: Settings) -> list[Finding]:
    place = settings.operator_place
    if place is None:
        repair = "set BUBBLEWATCH_OPERATOR, like discord:SERVER:CHANNEL"
        return [warning("operator", "the service's own troubles are told in the log only", repair)]
    there = {
        "discord": settings.discord_token is not None,
        "slack": settings.slack_bot_token is not None or bool(settings.slack_client_id),
        "apprise": place.channel in settings.apprise,
    }
    if not there.get(place.platform, True):
        said = f"{settings.operator} is on a platform that is not set up"
        return [bad("operator", said, "set that platform up, or choose another place")]
    return [good("operator", settings.operator)]


def _sources(kept: _Kept) -> list[Finding]:
    ill = [state for state in kept.sources if state.trouble is not None]
    if kept.sources and not ill:
        return [good("sources", f"all {len(kept.sources)} answered when they were last asked")]
    return [
        warning(
            f"source {state.name}",
            f"{state.trouble} (asked {state.asked_at:%Y-%m-%d %H:%M} UTC)",
            "it is asked again by itself; “bubblewatch watch --once” asks now",
        )
        for state in ill
    ]


def _switched_off(kept: _Kept) -> list[Finding]:
    return [
        warning(
            f"{one.place.platform} {one.place.workspace}/{one.place.channel}",
            f"switched off: {one.off_reason}",
            f"mend it and say “/bubble on” there, or “/bubble move {one.place.channel}” elsewhere",
        )
        for one in (*kept.discord, *kept.slack)
        if one.off_reason is not None and not one.direct
    ]
