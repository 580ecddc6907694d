"""Whether a file will still be there tomorrow: what hosting places do with their disks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.locales import Translator

MOUNTS = Path("/proc/self/mountinfo")

_IN_MEMORY = frozenset({"tmpfs", "ramfs"})
_LAYERED = frozenset({"overlay", "aufs"})
_NEVER_LASTS = {
    "DYNO": "Heroku",
    "K_SERVICE": "Cloud Run",
    "VERCEL": "Vercel",
    "AWS_LAMBDA_FUNCTION_NAME": "AWS Lambda",
}
"""Places without any disk that outlives a restart, by a variable that they set."""
_NEEDS_A_VOLUME = {
    "RENDER": "Render",
    "RAILWAY_ENVIRONMENT": "Railway",
    "RAILWAY_ENVIRONMENT_ID": "Railway",
    "FLY_APP_NAME": "Fly.io",
    "KOYEB_APP_NAME": "Koyeb",
}
"""Places that keep only what lies on a volume of its own."""


@dataclass(frozen=True, slots=True)
class Mount:
    """A file system and where it is attached."""

    at: Path
    kind: str


@dataclass(frozen=True, slots=True)
class Fleeting:
    """A disk that does not last. `place` is the hosting place's name, empty when unknown.

    `volume`: a volume can be added there; False: only a database elsewhere helps.
    """

    place: str
    volume: bool
    in_memory: bool = False

    def sentence(self, t: Translator) -> str:
        """What will happen and what to do, without any path: the status page is public."""
        return t("{what} {repair}", what=self.what(t), repair=self.repair(t))

    def what(self, t: Translator) -> str:
        if self.in_memory:
            return t("The database lies in memory: everything is lost at the next restart.")
        if self.place:
            return t(
                "The database lies on a disk that {place} empties at every restart and "
                "deployment: alerts, lines and history will be lost.",
                place=self.place,
            )
        return t(
            "The database lies inside the container: when the container is made anew, "
            "alerts, lines and history are lost."
        )

    def repair(self, t: Translator) -> str:
        if self.volume:
            return t(
                "Attach a volume and set BUBBLEWATCH_DATA_DIR to where it is mounted, or set "
                "DATABASE_URL to a PostgreSQL database."
            )
        return t("Set DATABASE_URL to a PostgreSQL database.")


def fleeting(path: Path, environ: Mapping[str, str], mounts: Path = MOUNTS) -> Fleeting | None:
    """Why what is written at `path` will not last; None when nothing speaks against it.

    Where the list of mounts cannot be read (no Linux), only the environment speaks.
    """
    for variable, place in _NEVER_LASTS.items():
        if environ.get(variable):
            return Fleeting(place, volume=False)
    mount = mount_of(path, mounts)
    if mount is not None and mount.kind in _IN_MEMORY:
        return Fleeting("", volume=True, in_memory=True)
    own_volume = mount is not None and mount.at != Path("/") and mount.kind not in _LAYERED
    for variable, place in _NEEDS_A_VOLUME.items():
        if environ.get(variable) and not own_volume:
            return Fleeting(place, volume=True)
    if mount is not None and mount.kind in _LAYERED:
        return Fleeting("", volume=True)
    return None


def mount_of(path: Path, mounts: Path = MOUNTS) -> Mount | None:
    """The file system that `path` is or would be on; the last one mounted there counts."""
    try:
        text = mounts.read_text("utf-8")
    except OSError:
        return None
    whole = path.absolute()
    around = {whole, *whole.parents}
    best: Mount | None = None
    for line in text.splitlines():
        before, separator, after = line.partition(" - ")
        fields = before.split()
        if not separator or len(fields) < 5 or not after:
            continue
        at = Path(_unescaped(fields[4]))
        if at in around and (best is None or len(at.parts) >= len(best.at.parts)):
            best = Mount(at, after.split()[0])
    return best


def _unescaped(text: str) -> str:
    """mountinfo writes space, tab, newline and backslash as octal numbers."""
    for octal, character in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        text = text.replace(octal, character)
    return text
