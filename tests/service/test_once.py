"""The subcommands that end by themselves: replay, show, watch --once, ask, migrate."""

from __future__ import annotations

import json
import subprocess
from decimal import Decimal
from pathlib import Path

import pytest

from tests.emulators.holdings import HoldingsEmulator
from tests.emulators.sec import SecEmulator
from tests.service.conftest import BUBBLEWATCH, ask, environment
from tests.service.market import until_yesterday


def test_a_replay_prints_one_json_object_for_each_alert(data: Path) -> None:
    done = ask(data, "replay", "--from", "2025-10-20", "--to", "2025-11-28", "--json")
    assert done.returncode == 0, done.stderr
    alerts = [json.loads(line) for line in done.stdout.splitlines()]
    assert {"indicator", "kind", "as_of", "value", "line", "text"} <= set(alerts[0])
    nvidia = [a for a in alerts if a["indicator"] == "nvidia_market_cap"]
    assert [(a["kind"], a["as_of"][:10]) for a in nvidia] == [
        ("fired", "2025-10-29"),
        ("cleared", "2025-11-04"),
    ]
    assert Decimal(nvidia[0]["value"]) == 5_031_072_000_000
    assert Decimal(nvidia[0]["line"]) == 5_000_000_000_000
    assert "$5.03T" in nvidia[0]["text"]


def test_a_replay_tells_the_same_twice(data: Path) -> None:
    arguments = ("replay", "--from", "2025-09-01", "--to", "2025-11-28", "--preset", "heat",
                 "--preset", "crack", "--json")  # fmt: skip
    first, second = ask(data, *arguments), ask(data, *arguments)
    assert first.stdout == second.stdout
    assert len(first.stdout.splitlines()) > 10


def test_a_replay_changes_nothing_of_the_service(data: Path) -> None:
    ask(data, "replay", "--from", "2025-10-20", "--to", "2025-11-28")
    assert json.loads(ask(data, "ask", "--json", "alert list").stdout) == []


def in_a_shell(data: Path, command: str) -> subprocess.CompletedProcess[str]:
    """With the pipes that people put behind it."""
    return subprocess.run(
        ["bash", "-c", command],
        env=environment(data),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_replay_into_a_pipe_that_closes_ends_quietly(data: Path) -> None:
    command = (
        f"{BUBBLEWATCH} replay --from 2025-09-01 --to 2025-11-28 --preset heat --json | head -n 1"
    )
    done = in_a_shell(data, command)
    assert len(done.stdout.splitlines()) == 1
    assert "Error" not in done.stderr


def test_an_answer_into_a_pipe_that_closes_ends_quietly_and_well(data: Path) -> None:
    command = f"set -o pipefail; {BUBBLEWATCH} ask '/bubble status' | (exec <&-)"
    done = in_a_shell(data, command)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_replay_backwards_is_refused(data: Path) -> None:
    done = ask(data, "replay", "--from", "2025-11-28", "--to", "2025-10-20")
    assert done.returncode == 2
    assert "is after" in done.stderr


def test_one_indicator_is_shown_as_it_was_known_on_a_date(data: Path) -> None:
    done = ask(data, "show", "oracle_debt", "--as-of", "2025-11-30", "--json")
    shown = json.loads(done.stdout)
    assert Decimal(shown["value"]) == 95_332_000_000
    assert {view["name"]: Decimal(view["value"]) for view in shown["views"]} == {
        "ex_lease": 91_315_000_000,
        "with_finance_leases": 95_332_000_000,
        "with_all_leases": 111_622_000_000,
    }
    assert shown["as_of"].startswith("2025-09-10")
    assert all(part["source_url"].startswith("https://") for part in shown["parts"])


def test_an_indicator_with_a_typo_gets_the_nearest_name(data: Path) -> None:
    done = ask(data, "show", "nvidia_market_kap")
    assert done.returncode == 1
    assert "did you mean nvidia_market_cap?" in done.stdout


def test_one_look_prints_what_is_new_and_a_second_nothing(data: Path) -> None:
    with until_yesterday() as yahoo, SecEmulator() as sec, HoldingsEmulator() as fund:
        env = environment(data, yahoo=yahoo.url, sec=sec.url, holdings=fund.url)
        done = ask(data, "watch", "--once", "--json", env=env)
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        caps = [line for line in lines if line["indicator"] == "nvidia_market_cap"]
        assert Decimal(caps[-1]["value"]) == 4_860_000_000_000
        assert caps[-1]["source"] == "yahoo"
        assert ask(data, "watch", "--once", "--json", env=env).stdout == ""


def test_without_a_network_one_look_says_which_sources_failed(data: Path) -> None:
    done = ask(data, "watch", "--once")
    assert done.returncode == 0
    assert "sec: 127.0.0.1 cannot be reached: statements:" in done.stdout
    assert "yahoo: Yahoo does not answer" in done.stdout
    assert len(done.stdout.splitlines()) < 20, "each reason is said once"
    assert done.stderr == ""
    told = ask(data, "ask", "sources").stdout
    for source in ("yahoo", "sec", "ishares"):
        assert source in told


def test_migrating_twice_changes_nothing(tmp_path: Path) -> None:
    assert "brought" in ask(tmp_path, "migrate").stdout
    assert "already" in ask(tmp_path, "migrate").stdout
    assert (tmp_path / "bubblewatch.db").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("replay", "--from", "yesterday", "--to", "2025-01-01"), "is not a date"),
        (("frobnicate",), "invalid choice"),
        ((), "required"),
    ],
)
def test_a_wrong_call_is_explained(tmp_path: Path, arguments: tuple[str, ...], says: str) -> None:
    done = ask(tmp_path, *arguments)
    assert done.returncode == 2
    assert says in done.stderr


def test_a_wrong_setting_is_named(tmp_path: Path) -> None:
    done = ask(tmp_path, "ask", "status", env={"BUBBLEWATCH_SEC_URL": "not an address"})
    assert done.returncode == 2
    assert "BUBBLEWATCH_SEC_URL" in done.stderr


def test_an_answer_needs_no_heavy_import(data: Path) -> None:
    from benchmarks.startup import heavy_imports

    assert heavy_imports(str(data)) == []


def test_a_chinese_locale_is_answered_in_chinese(data: Path) -> None:
    done = ask(data, "show", "nvidia_market_cap", env={"LANG": "zh_TW.UTF-8"})
    assert "輝達市值" in done.stdout
    done = ask(data, "ask", "/bubble fact add openai_valuation 500B", env={"LANG": "zh_TW.UTF-8"})
    assert "缺少「on DAY」" in done.stdout
    done = ask(data, "watch", "--once", env={"LANG": "zh_TW.UTF-8"})
    assert "Yahoo 沒有回應" in done.stdout
    assert "cannot" not in done.stdout
