"""The wheel: it holds everything, and works where nothing of this folder is."""

from __future__ import annotations

import re
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path
from zipfile import ZipFile

import pytest

from alerts.store import schema
from bot import __version__
from tests.service.conftest import environment

ROOT = Path(__file__).parents[2]
PACKAGES = ("alerts", "bot", "migrations")


@dataclass(frozen=True)
class Installed:
    """An environment with the wheel in it, and a folder to work in that is not ours."""

    bin: Path
    home: Path

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(self.bin / "bubblewatch"), *arguments],
            env=environment(self.home / "data"),
            cwd=self.home,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(out)],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    [built] = out.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """Dependencies are lent from here: only their code, not this folder's own installation."""
    home = tmp_path_factory.mktemp("elsewhere")
    made = home / "environment"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(made)], check=True)
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    subprocess.run(
        [*pip, "--python", str(made / "bin" / "python"), "install", "--no-deps", "--no-index",
         str(wheel)],
        check=True,
    )  # fmt: skip
    [site] = made.glob("lib/python*/site-packages")
    # A path in a .pth file is added, but the .pth files in it are not read.
    (site / "lent.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return Installed(made / "bin", home)


def test_it_holds_every_file_of_the_packages(wheel: Path) -> None:
    listed = subprocess.run(
        ["git", "ls-files", *PACKAGES], cwd=ROOT, capture_output=True, text=True, check=True
    )
    tracked = {name for name in listed.stdout.splitlines() if (ROOT / name).exists()}
    with ZipFile(wheel) as file:
        held = set(file.namelist())
    assert tracked - held == set()
    endings = {Path(name).suffix for name in held}
    assert {".py", ".po", ".csv", ".html", ".css"} <= endings
    assert not any("__pycache__" in name or name.startswith("tests/") for name in held)


def test_it_has_the_version_that_the_program_tells_and_the_changelog_describes(
    wheel: Path, installed: Installed
) -> None:
    assert wheel.name.startswith(f"bubblewatch-{__version__}-py3-none-any")
    assert installed.run("--version").stdout == f"bubblewatch {__version__}\n"
    changes = (ROOT / "CHANGELOG.md").read_text("utf-8")
    assert re.findall(r"^## (\S+)", changes, re.MULTILINE)[0] == __version__


def test_a_release_tag_names_the_version_of_its_commit() -> None:
    told = subprocess.run(
        ["git", "tag", "--points-at", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    releases = [tag for tag in told.stdout.split() if re.fullmatch(r"v\d+\.\d+\.\d+", tag)]
    assert releases in ([], [f"v{__version__}"])


def test_elsewhere_it_migrates_twice_and_answers_in_every_language(installed: Installed) -> None:
    newest = schema.newest_revision()
    first, second = installed.run("migrate"), installed.run("migrate")
    assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
    assert f"brought at schema {newest}" in first.stdout
    assert f"already at schema {newest}" in second.stdout

    status = installed.run("ask", "/bubble status")
    assert status.returncode == 0, status.stderr
    assert "Hyperscaler debt" in status.stdout
    assert installed.run("ask", "/bubble settings language zh_Hant").returncode == 0
    assert re.search("[\u4e00-\u9fff]", installed.run("ask", "/bubble help").stdout)


def test_elsewhere_it_runs_from_the_wheel_and_knows_its_platforms(installed: Installed) -> None:
    asked = (
        "import bot, alerts, migrations; from importlib.metadata import entry_points;"
        "print(bot.__file__, alerts.__file__, migrations.__file__);"
        "print(sorted(one.name for one in entry_points(group='bubblewatch.platforms')))"
    )
    told = subprocess.run(
        [str(installed.bin / "python"), "-c", asked],
        cwd=installed.home,
        capture_output=True,
        text=True,
        check=True,
    )
    places, platforms = told.stdout.splitlines()
    assert str(ROOT) not in places
    assert platforms == "['apprise', 'discord', 'slack']"
