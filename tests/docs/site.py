"""`make site`: the documentation as pages, in site/; a link or a page that is missing is a fault.

MkDocs is no dependency of ours: uv brings it for the occasion. Where it cannot be had the pages are
said to be skipped, with uv's own reason, and the exit status is 0; with `--required` it is 2.
"""

from __future__ import annotations

import argparse
import subprocess
import sys

GENERATOR = "mkdocs>=1.6,<2"
_SKIPPED = 2
_COMMAND = (sys.executable, "-m", "uv", "tool", "run", "--quiet", "--from", GENERATOR, "mkdocs")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--required", action="store_true", help="skipped is failed")
    required: bool = parser.parse_args().required
    had = subprocess.run((*_COMMAND, "--version"), capture_output=True, text=True, check=False)
    if had.returncode:
        reason = " ".join(had.stderr.split()) or f"uv ended with {had.returncode}"
        print(f"skipped  site: {GENERATOR} could not be had: {reason}", file=sys.stderr)
        return _SKIPPED if required else 0
    # Not --quiet: warnings that are not said are not counted, and --strict would pass them.
    built = subprocess.run(
        (*_COMMAND, "build", "--strict"), capture_output=True, text=True, check=False
    )
    if built.returncode:
        print(built.stdout + built.stderr, file=sys.stderr)
    print("good     site/" if built.returncode == 0 else "wrong    site: its words are above")
    return built.returncode


if __name__ == "__main__":
    sys.exit(main())
