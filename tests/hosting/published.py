"""`make places`: the files of the hosting places against the schemas that these publish.

check-jsonschema brings the one of Compose along and asks the places for theirs. Ends with 1 when a
file is wrong. A schema that cannot be had is said to be skipped; with `--required` that is 2.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys

SCHEMAS = {
    "app.json": (
        "--schemafile",
        "https://raw.githubusercontent.com/heroku/heroku-mcp-server/main/src/utils/app-json.schema.json",
    ),
    "deploy/compose.yaml": ("--builtin-schema", "vendor.compose-spec"),
    "fly.toml": ("--schemafile", "https://www.schemastore.org/fly.json"),
    "railway.json": ("--schemafile", "https://railway.com/railway.schema.json"),
    "render.yaml": ("--schemafile", "https://render.com/schema/render.yaml.json"),
}
"""By file, how check-jsonschema is told which. Dokku publishes none of its app.json."""
_COMMAND = (sys.executable, "-m", "uv", "tool", "run", "check-jsonschema", "--output-format=json")
_WITHIN_S = 120
_WRONG, _SKIPPED = 1, 2


def verdict(name: str, answer: str) -> tuple[int, str]:
    """What check-jsonschema's answer about a file means: (0, 1 or 2; one line for people)."""
    try:
        found = json.loads(answer)
        faults = [f"{one['path']}: {one['message']}" for one in found["errors"]]
        faults += [str(one) for one in found.get("parse_errors", ())]
    except (ValueError, KeyError, TypeError):
        return _SKIPPED, f"skipped  {name}: its schema could not be had"
    if faults or found["status"] != "ok":
        return _WRONG, f"wrong    {name}: {'; '.join(faults)}"
    return 0, f"good     {name}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--required", action="store_true", help="skipped is failed")
    required: bool = parser.parse_args().required
    codes: set[int] = set()
    for name, schema in SCHEMAS.items():
        try:
            answer = subprocess.run(
                (*_COMMAND, *schema, name),
                capture_output=True,
                text=True,
                check=False,
                timeout=_WITHIN_S,
            ).stdout
        except subprocess.TimeoutExpired:
            answer = ""
        code, words = verdict(name, answer)
        codes.add(code)
        print(words)
    if _WRONG in codes:
        return _WRONG
    return _SKIPPED if required and _SKIPPED in codes else 0


if __name__ == "__main__":
    sys.exit(main())
