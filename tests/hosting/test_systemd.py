"""The unit of systemd, and the service with its environment and nothing else of anybody's."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.emulators.slack import SlackEmulator
from tests.service.conftest import BUBBLEWATCH, NOWHERE, SOURCES, Service
from tests.service.market import until_yesterday

UNIT = Path(__file__).parents[2] / "deploy" / "systemd" / "bubblewatch.service"
NOBODY = 64800
"""Of the users that systemd makes for a service (61184-65519): no list of users has it."""
LARGEST_EXPOSURE = 2.0
"""Of 10; systemd calls up to 2.9 «OK»."""
AS_NOBODY = ("unshare", "--user", f"--map-user={NOBODY}", f"--map-group={NOBODY}")


def lines(name: str) -> list[str]:
    """What the unit says of one of its settings, in order."""
    said = UNIT.read_text("utf-8").splitlines()
    return [line.partition("=")[2] for line in said if line.startswith(f"{name}=")]


def environment(state: Path, cache: Path) -> dict[str, str]:
    """All that the service gets: systemd's own PATH and what the unit sets."""
    given = [one for line in lines("Environment") for one in line.split()]
    given = [one.replace("%S", str(state)).replace("%C", str(cache)) for one in given]
    return {
        "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin",
        "LANG": "C.UTF-8",
        **dict(one.split("=", 1) for one in given),
    }


@contextmanager
def started(folder: Path, env: Mapping[str, str]) -> Iterator[Service]:
    process = subprocess.Popen(
        [*AS_NOBODY, BUBBLEWATCH, "run"],
        cwd=folder,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield Service(process)
    finally:
        process.kill()
        process.wait()


def may_be_nobody() -> bool:
    if shutil.which("unshare") is None:
        return False
    return subprocess.run([*AS_NOBODY, "true"], capture_output=True, check=False).returncode == 0


@pytest.mark.skipif(not may_be_nobody(), reason="no user namespaces here: the unit was not run")
async def test_a_user_without_a_name_and_a_home_connects_and_looks(
    tmp_path: Path, data: Path
) -> None:
    state, cache = tmp_path / "state", tmp_path / "cache"
    for folder in (state, cache):
        folder.mkdir()
    shutil.copytree(data, state / "bubblewatch")
    (cache / "bubblewatch").mkdir()
    with SlackEmulator() as slack, until_yesterday() as yahoo:
        team = slack.add_team("Acme")
        urls = dict.fromkeys(SOURCES, NOWHERE) | {"yahoo": yahoo.url}
        settings = {
            "BUBBLEWATCH_SLACK_BOT_TOKEN": team.bot_token,
            "BUBBLEWATCH_SLACK_APP_TOKEN": slack.app_token,
            "BUBBLEWATCH_SLACK_API_URL": slack.api_url,
            "BUBBLEWATCH_YAHOO_PAUSE": "0",
            "BUBBLEWATCH_LOG_LEVEL": "INFO",
            **{f"BUBBLEWATCH_{name.upper()}_URL": url for name, url in urls.items()},
        }
        with started(state / "bubblewatch", environment(state, cache) | settings) as service:
            await slack.connected(within=40)
            service.wait_for("fred: 127.0.0.1 cannot be reached", 60)
            code, _ = service.stop()
    assert code == 0, service.output
    assert yahoo.paths("/v8/finance/chart/NVDA")
    assert "Traceback" not in service.output


def test_a_mistake_in_the_settings_is_not_tried_again_and_again() -> None:
    # bubblewatch ends with 2 then; what a database or a network may mend ends otherwise.
    assert lines("RestartPreventExitStatus") == ["2"]


def test_the_unit_is_hardened_in_words() -> None:
    said = UNIT.read_text("utf-8")
    for line in (
        "DynamicUser=yes",
        "ProtectSystem=strict",
        "NoNewPrivileges=yes",
        "StateDirectory=bubblewatch",
        "Restart=always",
    ):
        assert line in said.splitlines()


def test_systemd_itself_finds_nothing_wrong_with_the_unit(tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("no systemd-analyze here")
    unit = tmp_path / UNIT.name
    program = "/opt/bubblewatch/.venv/bin/bubblewatch"
    unit.write_text(UNIT.read_text("utf-8").replace(program, "/bin/true"), "utf-8")
    checked = subprocess.run(
        [analyze, "verify", str(unit)], capture_output=True, text=True, check=False
    )
    assert (checked.returncode, checked.stderr) == (0, "")
    rated = subprocess.run(
        [
            analyze,
            "security",
            "--offline=true",
            f"--threshold={int(LARGEST_EXPOSURE * 10)}",
            str(unit),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert rated.returncode == 0, rated.stdout[-300:]
