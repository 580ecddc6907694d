"""The files that hosting places read: only documented fields, and what we need of each place."""

from __future__ import annotations

import json
import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from bot.command_line import parser
from bot.settings import Settings
from tests.hosting import documented, published
from tests.hosting.documented import Schema

ROOT = Path(__file__).parents[2]


def read(name: str) -> Any:
    text = (ROOT / name).read_text("utf-8")
    if name.endswith(".toml"):
        return tomllib.loads(text)
    return json.loads(text) if name.endswith(".json") else yaml.safe_load(text)


FILES = {
    "app.json": documented.APP_JSON,
    "deploy/dokku/app.json": documented.DOKKU,
    "render.yaml": documented.RENDER,
    "railway.json": documented.RAILWAY,
    "fly.toml": documented.FLY,
    "deploy/compose.yaml": documented.COMPOSE,
}


@pytest.mark.parametrize(("name", "schema"), FILES.items(), ids=FILES.keys())
def test_only_documented_fields_with_documented_values_are_used(name: str, schema: Schema) -> None:
    wrong = [
        f"{'/'.join(map(str, error.absolute_path))}: {error.message}"
        for error in Draft202012Validator(schema).iter_errors(read(name))
    ]
    assert wrong == []


def variables() -> dict[str, set[str]]:
    """Every environment variable of ours that a file sets, by file."""
    [service] = read("render.yaml")["services"]
    compose = read("deploy/compose.yaml")["services"]["bubblewatch"]
    unit = (ROOT / "deploy/systemd/bubblewatch.service").read_text("utf-8")
    image = (ROOT / "Dockerfile").read_text("utf-8")
    return {
        "app.json": set(read("app.json")["env"]),
        "render.yaml": {one["key"] for one in service["envVars"]} - {"PYTHON_VERSION"},
        "fly.toml": set(read("fly.toml")["env"]),
        "deploy/compose.yaml": set(compose["environment"]),
        "deploy/systemd/bubblewatch.service": set(re.findall(r"BUBBLEWATCH_\w+(?==)", unit)),
        "Dockerfile": set(re.findall(r"BUBBLEWATCH_\w+(?==)", image)),
    }


@pytest.mark.parametrize(("name", "used"), variables().items(), ids=variables().keys())
def test_the_variables_that_a_file_sets_are_settings_of_ours(name: str, used: set[str]) -> None:
    ours = {f"BUBBLEWATCH_{name.upper()}" for name in Settings.model_fields}
    # The last one is read by PostgreSQL's own library.
    assert used <= ours | {"PORT", "DATABASE_URL", "PGPASSWORD"}


def test_heroku_migrates_in_the_release_phase_and_serves_one_web_process() -> None:
    lines = (ROOT / "Procfile").read_text("utf-8").splitlines()
    kinds = {line.partition(": ")[0]: line.partition(": ")[2] for line in lines}
    assert kinds == {"release": "bubblewatch migrate", "web": "bubblewatch run"}
    for command in kinds.values():
        parser().parse_args(command.split()[1:])
    app = read("app.json")
    assert app["formation"]["web"]["quantity"] == 1
    # No disk there outlives a restart.
    assert any(one["plan"].startswith("heroku-postgresql:") for one in app["addons"])


def test_heroku_installs_the_program_itself_after_its_dependencies() -> None:
    hook = ROOT / "bin" / "post_compile"
    assert hook.stat().st_mode & 0o111
    assert "pip install" in hook.read_text("utf-8")
    required = (ROOT / "requirements.txt").read_text("utf-8")
    assert re.search("^hatchling==", required, re.MULTILINE)


def test_every_place_that_builds_by_itself_takes_the_python_of_the_image(tmp_path: Path) -> None:
    hook = ROOT / "bin" / "pre_compile"
    subprocess.run([hook], cwd=tmp_path, check=True)
    heroku = (tmp_path / ".python-version").read_text("utf-8")
    image = re.search(
        r"^FROM python:(\d+\.\d+)-slim", (ROOT / "Dockerfile").read_text("utf-8"), re.M
    )
    assert image is not None
    # All that Heroku's buildpack takes: N.N or N.N.N, in a line by itself.
    assert heroku == f"{image[1]}\n"
    [service] = read("render.yaml")["services"]
    given = {one["key"]: one.get("value") for one in service["envVars"]}
    assert given["PYTHON_VERSION"].startswith(f"{image[1]}.")
    # It would bind everybody's pyenv.
    assert not (ROOT / ".python-version").exists()


def test_render_keeps_the_database_on_a_disk_that_lasts() -> None:
    [service] = read("render.yaml")["services"]
    given = {one["key"]: one.get("value") for one in service["envVars"]}
    assert given["BUBBLEWATCH_DATA_DIR"] == service["disk"]["mountPath"]
    assert service["numInstances"] == 1
    assert service["plan"] != "free"


def test_dokku_builds_the_dockerfile_and_gives_its_user_the_folder() -> None:
    # With buildpacks in app.json Dokku writes them down, and no longer looks for a Dockerfile.
    told = (ROOT / "docs/how-to/host.md").read_text("utf-8")
    assert "dokku app-json:set bubblewatch appjson-path deploy/dokku/app.json" in told
    assert "buildpacks" not in read("deploy/dokku/app.json")
    assert "dokku builder:set bubblewatch selected dockerfile" in told
    user = re.search(r"--uid (\d+)", (ROOT / "Dockerfile").read_text("utf-8"))
    assert user is not None
    assert f"chown {user[1]}:{user[1]} " in told


def test_railway_asks_for_the_volume_where_the_image_keeps_its_data() -> None:
    deploy = read("railway.json")["deploy"]
    image = (ROOT / "Dockerfile").read_text("utf-8")
    assert f"BUBBLEWATCH_DATA_DIR={deploy['requiredMountPath']}" in image
    assert deploy["overlapSeconds"] == 0
    assert not deploy["sleepApplication"]


def test_fly_never_stops_the_machine_and_keeps_the_database_on_its_volume() -> None:
    fly = read("fly.toml")
    service = fly["http_service"]
    assert service["auto_stop_machines"] == "off"
    assert service["min_machines_running"] == 1
    assert fly["env"]["BUBBLEWATCH_DATA_DIR"] == fly["mounts"]["destination"]
    assert fly["env"]["PORT"] == str(service["internal_port"])
    image = (ROOT / "Dockerfile").read_text("utf-8")
    assert f" AS {fly['build']['build-target']}\n" in image


def test_every_place_asks_for_our_health() -> None:
    assert read("deploy/dokku/app.json")["healthchecks"]["web"][0]["path"] == "/healthz"
    assert read("render.yaml")["services"][0]["healthCheckPath"] == "/healthz"
    assert read("railway.json")["deploy"]["healthcheckPath"] == "/healthz"
    assert read("fly.toml")["http_service"]["checks"][0]["path"] == "/healthz"


def test_compose_waits_for_postgresql_and_gives_the_program_no_rights() -> None:
    services = read("deploy/compose.yaml")["services"]
    ours = services["bubblewatch"]
    assert ours["depends_on"]["postgres"]["condition"] == "service_healthy"
    assert ours["read_only"] is True
    assert ours["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in ours["security_opt"]
    # By its address: through its socket PostgreSQL is ready before anybody can reach it.
    assert "--host=127.0.0.1" in services["postgres"]["healthcheck"]["test"]
    # A password may hold what means something else in an address.
    assert "PASSWORD" not in ours["environment"]["DATABASE_URL"]
    # Nothing is open to the world without a proxy in front.
    assert all(port.startswith("127.0.0.1:") for port in ours["ports"])
    assert "ports" not in services["postgres"]
    named = {volume.split(":")[0] for one in services.values() for volume in one["volumes"]}
    assert named == set(read("deploy/compose.yaml")["volumes"])


def test_no_file_holds_a_secret() -> None:
    for name in FILES:
        text = (ROOT / name).read_text("utf-8")
        assert not re.search(r"xox[bap]-\w|xapp-\w", text), name


@pytest.mark.parametrize(
    ("answer", "code", "said"),
    [
        ('{"status": "ok", "errors": []}', 0, "good     fly.toml"),
        (
            '{"status": "fail", "errors": [{"path": "$.app", "message": "5 is no text"}]}',
            1,
            "wrong    fly.toml: $.app: 5 is no text",
        ),
        ("", 2, "skipped  fly.toml: its schema could not be had"),
        ("Traceback", 2, "skipped  fly.toml: its schema could not be had"),
    ],
)
def test_a_schema_that_cannot_be_had_is_neither_good_nor_wrong(
    answer: str, code: int, said: str
) -> None:
    assert published.verdict("fly.toml", answer) == (code, said)


def test_only_files_that_are_there_are_held_against_published_schemas() -> None:
    assert set(published.SCHEMAS) < set(FILES)
