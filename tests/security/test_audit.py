"""The audit of dependencies never calls good what nobody looked at."""

from __future__ import annotations

import json

import pytest

from tests.security.audit import verdict

GOOD = {"name": "yarl", "version": "1.0", "vulns": []}
UNKNOWN = {"name": "rich", "skip_reason": "Dependency not found on PyPI"}
BAD = {
    "name": "jinja2",
    "version": "2.0",
    "vulns": [{"id": "CVE-2024-1", "fix_versions": ["2.1"]}, {"id": "X-2", "fix_versions": []}],
}


@pytest.mark.parametrize(
    ("found", "code", "words"),
    [
        ([GOOD], 0, "1 dependencies, none with a known vulnerability."),
        ([GOOD, BAD], 1, "jinja2 2.0: CVE-2024-1, mended in 2.1\njinja2 2.0: X-2"),
        ([UNKNOWN, BAD], 1, "jinja2"),
        ([GOOD, UNKNOWN], 2, "Skipped: of 2 dependencies 1 could not be looked up"),
        ([], 2, "Skipped"),
    ],
)
def test_only_what_was_looked_up_is_good(
    found: list[dict[str, object]], code: int, words: str
) -> None:
    said = verdict(json.dumps({"dependencies": found, "fixes": []}), "")
    assert said.code == code
    assert words in said.words


@pytest.mark.parametrize("answer", ["", "[]", "{}", "<html>"])
def test_without_a_network_it_says_that_it_was_skipped(answer: str) -> None:
    said = verdict(answer, "Traceback\nerror: no route to host\n")
    assert said.code == 2
    assert said.words == "Skipped: pip-audit could not ask anybody (error: no route to host)."
