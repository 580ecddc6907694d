"""Every line of the threat model in docs/security.md is held by tests that are there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "security.md").read_text("utf-8")
NAMED = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+))?`")


def lines_of_the_model() -> list[list[str]]:
    rows = [line.strip("|").split(" | ") for line in TEXT.splitlines() if line.startswith("| ")]
    return rows[1:]


def defined_in(path: Path) -> set[str]:
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return {
        node.name for node in ast.parse(path.read_text("utf-8")).body if isinstance(node, kinds)
    }


def test_every_line_names_a_test() -> None:
    rows = lines_of_the_model()
    assert len(rows) >= 15
    assert [row[0] for row in rows if not NAMED.search(row[-1])] == []


def test_every_test_that_is_named_is_there() -> None:
    named = NAMED.findall(TEXT)
    gone = [path for path, _ in named if not (ROOT / path).exists()]
    assert gone == []
    missing = [
        f"{path}::{name}" for path, name in named if name and name not in defined_in(ROOT / path)
    ]
    assert missing == []


def test_every_file_of_security_tests_is_named() -> None:
    here = {f"tests/security/{path.name}" for path in Path(__file__).parent.glob("test_*.py")}
    assert here - {path for path, _ in NAMED.findall(TEXT)} - {_own_name()} == set()


def _own_name() -> str:
    return f"tests/security/{Path(__file__).name}"
