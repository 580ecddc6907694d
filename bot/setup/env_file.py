"""The settings file: what is set is replaced in its place, everything else stays as it is."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Mapping
from pathlib import Path

_NAME = re.compile(r"^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=")
_PLAIN = re.compile(r"^[A-Za-z0-9_@%+:,./=-]*$")


def value_of(path: Path, name: str) -> str:
    """A plain value as the file has it, without quotes; empty when it has none or is not there."""
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        # Whoever needs the file will say what is wrong with it.
        return ""
    said = [line.partition("=")[2] for line in lines if (m := _NAME.match(line)) and m[1] == name]
    return said[-1].strip().strip("'\"") if said else ""


def check(path: Path) -> None:
    """Raises OSError when `write` could not read what is there, or write beside it."""
    if path.exists():
        path.read_text("utf-8")
    folder = path.absolute().parent
    while not folder.exists():
        folder = folder.parent
    if not os.access(folder, os.W_OK | os.X_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))


def write(path: Path, values: Mapping[str, str]) -> None:
    """Readable by its owner alone, whole or not at all. Raises OSError."""
    before = path.read_text("utf-8").splitlines() if path.exists() else []
    left = dict(values)
    lines: list[str] = []
    for line in before:
        found = _NAME.match(line)
        name = found[1] if found else ""
        if name not in values:
            lines.append(line)
        elif name in left:
            lines.append(f"{name}={_quoted(left.pop(name))}")
    lines += [f"{name}={_quoted(value)}" for name, value in left.items()]
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f"{path.name}.new")
    handle = os.open(beside, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        os.fchmod(handle, 0o600)
        file.write("\n".join(lines) + "\n")
        file.flush()
        os.fsync(handle)
    beside.replace(path)


def _quoted(value: str) -> str:
    if _PLAIN.match(value):
        return value
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
