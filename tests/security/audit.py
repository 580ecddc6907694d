"""`make audit`: every locked dependency against the known vulnerabilities, with pip-audit.

Ends with 1 when one is vulnerable. Where nobody can be asked, or does not know our packages, it
says that the audit was skipped and ends with 0; with `--required`, with 2.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from dataclasses import dataclass

LOCK = "requirements.txt"
COMMAND = (
    *(sys.executable, "-m", "uv", "tool", "run", "pip-audit"),
    *("--require-hashes", "--disable-pip", "--progress-spinner", "off", "--format", "json"),
)
WITHIN_S = 300
_VULNERABLE, _SKIPPED = 1, 2


@dataclass(frozen=True, slots=True)
class Verdict:
    """`code`: 0 all are known to be good, 1 one is not, 2 it could not be found out."""

    code: int
    words: str


def verdict(answer: str, complaint: str) -> Verdict:
    """What pip-audit's answer means; `complaint` is what it said beside it."""
    try:
        found = json.loads(answer)["dependencies"]
    except (ValueError, KeyError, TypeError):
        last = complaint.strip().splitlines()[-1:] or ["it said nothing"]
        return Verdict(_SKIPPED, f"Skipped: pip-audit could not ask anybody ({last[0][:200]}).")
    faults = [
        f"{one['name']} {one['version']}: {fault['id']}"
        + (f", mended in {', '.join(fault['fix_versions'])}" if fault["fix_versions"] else "")
        for one in found
        for fault in one.get("vulns", ())
    ]
    if faults:
        return Verdict(_VULNERABLE, "\n".join(faults))
    unknown = [one["name"] for one in found if "skip_reason" in one]
    if unknown or not found:
        return Verdict(
            _SKIPPED,
            f"Skipped: of {len(found)} dependencies {len(unknown)} could not be looked up; is "
            "this machine online, and does its package index know of vulnerabilities?",
        )
    return Verdict(0, f"{len(found)} dependencies, none with a known vulnerability.")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--required", action="store_true", help="skipped is failed")
    required: bool = parser.parse_args().required
    try:
        done = subprocess.run(
            [*COMMAND, "-r", LOCK], capture_output=True, text=True, timeout=WITHIN_S, check=False
        )
        found = verdict(done.stdout, done.stderr)
    except subprocess.TimeoutExpired:
        found = Verdict(_SKIPPED, f"Skipped: no answer within {WITHIN_S} s.")
    print(found.words)
    return 0 if found.code == _SKIPPED and not required else found.code


if __name__ == "__main__":
    sys.exit(main())
