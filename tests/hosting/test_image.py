"""The image: what it promises, as far as it can be had without a daemon."""

from __future__ import annotations

import os
import re
import runpy
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

ROOT = Path(__file__).parents[2]
DOCKER = ROOT / "deploy" / "docker"


def instructions() -> list[tuple[str, str]]:
    """(instruction, the rest), with continued lines put together."""
    text = (ROOT / "Dockerfile").read_text("utf-8")
    kept = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
    whole = kept.replace("\\\n", " ")
    lines = [line.strip() for line in whole.splitlines() if line.strip()]
    return [(line.split(" ", 1)[0], line.split(" ", 1)[1].strip()) for line in lines]


def of(instruction: str) -> list[str]:
    return [rest for name, rest in instructions() if name == instruction]


def test_it_is_built_in_one_stage_and_run_in_another_that_is_not_root() -> None:
    stages = of("FROM")
    assert len(stages) == 3
    assert stages[0].endswith(" AS build")
    assert "build" not in stages[-1]
    user = of("USER")[-1]
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", user), "a number, so that places can check it"
    assert instructions()[-1] == ("USER", user)


def test_base_images_have_a_version() -> None:
    stages = {rest.split(" AS ")[-1] for rest in of("FROM")}
    bases = {rest.split(" AS ")[0] for rest in of("FROM")} - stages
    assert all(re.search(r":\d+\.\d+", base) for base in bases)


def test_every_dependency_is_checked_by_its_hash() -> None:
    installs = [rest for rest in of("RUN") if "install --no-cache-dir" in rest]
    assert all("--require-hashes" in one or "--no-deps" in one for one in installs)


def test_what_is_copied_into_the_build_is_let_through_by_the_ignore_file() -> None:
    allowed = {
        line[1:]
        for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines()
        if line.startswith("!")
    }
    assert all((ROOT / name).exists() for name in allowed)
    assert {"alerts", "bot", "migrations", "pyproject.toml", "requirements.txt"} <= allowed
    named = set(re.findall(r"deploy/docker/\w+", (ROOT / "Dockerfile").read_text("utf-8")))
    scripts = ("slim", "start", "healthy", "whole", "compiled")
    assert named == {f"deploy/docker/{name}" for name in scripts}
    assert "deploy/docker" in allowed
    assert not {".env", ".git", "tests"} & allowed


def test_a_root_file_system_that_is_read_only_suffices() -> None:
    given = " ".join(of("ENV"))
    assert "PYTHONDONTWRITEBYTECODE=1" in given
    assert "MPLCONFIGDIR=/tmp/" in given
    assert "BUBBLEWATCH_DATA_DIR=/data" in given
    # Railway refuses images that declare a volume by themselves.
    assert of("VOLUME") == []


def test_trying_the_image_says_what_it_takes_where_that_is_not_there(tmp_path: Path) -> None:
    tried = subprocess.run(
        [sys.executable, str(DOCKER / "try")],
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert tried.returncode == 2
    assert tried.stderr.count("\n") == 1
    assert "apt-get install buildah mmdebstrap" in tried.stderr


async def check_health(port: int) -> subprocess.CompletedProcess[str]:
    import asyncio

    [command] = of("HEALTHCHECK")
    assert command.endswith('CMD ["/app/healthy"]')
    return await asyncio.to_thread(
        subprocess.run,
        [sys.executable, str(DOCKER / "healthy")],
        env={**os.environ, "PORT": str(port), "http_proxy": "http://127.0.0.1:9"},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


@pytest.mark.parametrize(("status", "code"), [(200, 0), (503, 1)])
async def test_the_health_check_tells_what_healthz_says(status: int, code: int) -> None:
    async def healthz(_: web.Request) -> web.Response:
        return web.Response(status=status)

    app = web.Application()
    app.router.add_get("/healthz", healthz)
    async with TestServer(app) as server:
        assert server.port is not None
        told = await check_health(server.port)
    assert told.returncode == code, told


async def test_the_health_check_fails_when_nobody_answers() -> None:
    told = await check_health(9)
    assert told.returncode == 1
    assert "Traceback" not in told.stderr


def test_slimming_takes_tests_and_symbols_and_leaves_the_program(tmp_path: Path) -> None:
    site = tmp_path / "site"
    for name in (
        "pandas/tests/test_all.py",
        "pandas/core.py",
        "pandas/core.pyi",
        "babel/locale-data/de.dat",
        "babel/locale-data/zh_Hant.dat",
        "babel/locale-data/en.dat",
        "babel/locale-data/root.dat",
        "bot/locales/zh_Hant/LC_MESSAGES/bubblewatch.po",
        "bot/__pycache__/cli.pyc",
        "numpy.libs/libopenblas.so",
        "fontTools/agl.py",
        "fontTools/misc/bezierTools.so",
        "fontTools/ttLib/woff2.py",
        "bot/charts/fonts/rebuild.py",
        "PIL/_webp.cpython-313-x86_64-linux-gnu.so",
        "pillow.libs/libwebpmux-8fb1c9f6.so.3.1.2",
        "pillow.libs/libjpeg-6dc8d115.so.62.4.0",
        "pygments/lexers/python.py",
        "pygments/lexers/haskell.py",
        "matplotlib/mpl-data/fonts/ttf/DejaVuSans-Bold.ttf",
        "matplotlib/mpl-data/fonts/ttf/DejaVuSerif.ttf",
    ):
        (site / name).parent.mkdir(parents=True, exist_ok=True)
        (site / name).write_text("x")
    subprocess.run(["sh", str(DOCKER / "slim"), str(site)], check=True)
    left = {str(path.relative_to(site)) for path in site.rglob("*") if path.is_file()}
    assert left == {
        "pandas/core.py",
        "babel/locale-data/zh_Hant.dat",
        "babel/locale-data/en.dat",
        "babel/locale-data/root.dat",
        "bot/locales/zh_Hant/LC_MESSAGES/bubblewatch.po",
        "numpy.libs/libopenblas.so",
        "fontTools/agl.py",
        "pillow.libs/libjpeg-6dc8d115.so.62.4.0",
        "pygments/lexers/python.py",
        "matplotlib/mpl-data/fonts/ttf/DejaVuSans-Bold.ttf",
    }


def test_the_check_of_the_build_passes_here_where_nothing_was_taken() -> None:
    told = subprocess.run(
        [sys.executable, str(DOCKER / "whole")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (told.returncode, told.stdout) == (0, "whole\n"), told.stderr


def test_large_libraries_are_compiled_and_run_without_their_sources(tmp_path: Path) -> None:
    package = tmp_path / "large"
    (package / "inner").mkdir(parents=True)
    (package / "__init__.py").write_text("from large.inner import answer")
    (package / "inner" / "__init__.py").write_text("answer = 42")
    compiled()["leave_no_sources"](package)
    assert not list(package.rglob("*.py"))
    assert python("import large; print(large.answer)", tmp_path) == "42\n"


def test_what_was_compiled_in_the_build_is_not_asked_whether_it_is_stale(tmp_path: Path) -> None:
    source = tmp_path / "built" / "part" / "answer.py"
    source.parent.mkdir(parents=True)
    source.write_text("answer = 42")
    compiled()["compile_one"](source, tmp_path / "built", tmp_path / "laid")
    shutil.copytree(tmp_path / "built", tmp_path / "laid", dirs_exist_ok=True)
    (tmp_path / "laid" / "part" / "answer.py").write_text("answer = 43")
    assert python("import answer; print(answer.answer)", tmp_path / "laid" / "part") == "42\n"


def compiled() -> dict[str, Any]:
    """The functions of the build's script, which is no module."""
    return runpy.run_path(str(DOCKER / "compiled"), run_name="compiled")


def python(code: str, path: Path) -> str:
    told = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(path)},
        capture_output=True,
        text=True,
        check=True,
    )
    return told.stdout


def test_it_starts_a_command_as_whoever_it_is() -> None:
    told = subprocess.run(
        ["setpriv", "--reuid=65534", "--clear-groups", "sh", str(DOCKER / "start"), "id", "-u"]
        if os.getuid() == 0
        else ["sh", str(DOCKER / "start"), "id", "-u"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.strip() == ("65534" if os.getuid() == 0 else str(os.getuid()))


def test_the_shell_scripts_are_scripts() -> None:
    for path in (DOCKER / "slim", DOCKER / "start", ROOT / "bin" / "post_compile"):
        shell = "bash" if "bash" in path.read_text("utf-8").splitlines()[0] else "sh"
        subprocess.run([shell, "-n", str(path)], check=True)
