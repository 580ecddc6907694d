"""Which disks last, told from the mounts and the environment of real places."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from bot.durability import fleeting, mount_of
from bot.locales import translator

ROOT_EXT4 = "22 1 259:2 / / rw,relatime shared:1 - ext4 /dev/nvme0n1p2 rw"
ROOT_OVERLAY = "1200 1100 0:131 / / rw,relatime - overlay overlay rw,lowerdir=/var/lib"
TMP = "31 22 0:27 / /tmp rw,nosuid,nodev shared:14 - tmpfs tmpfs rw"
VOLUME = "1300 1200 254:16 / /data rw,relatime - ext4 /dev/vdb rw"
SPACED = "1301 1200 254:32 / /my\\040data rw,relatime - xfs /dev/vdc rw"
HOME = Path("/data/bubblewatch.db")


def mounted(tmp_path: Path, *lines: str) -> Path:
    file = tmp_path / "mountinfo"
    file.write_text("\n".join(lines) + "\n")
    return file


@pytest.mark.parametrize(
    ("where", "mounts", "environ"),
    [
        ("/home/me/x.db", [ROOT_EXT4, TMP], {}),
        ("/data/x.db", [ROOT_OVERLAY, VOLUME], {}),
        ("/data/x.db", [ROOT_OVERLAY, VOLUME], {"RENDER": "true"}),
        ("/data/x.db", [ROOT_EXT4, VOLUME], {"FLY_APP_NAME": "bubble"}),
        ("/my data/x.db", [ROOT_OVERLAY, SPACED], {"RAILWAY_ENVIRONMENT": "production"}),
        ("/home/me/x.db", [ROOT_EXT4], {"RENDER": ""}),
    ],
)
def test_a_machine_or_a_volume_of_its_own_lasts(
    tmp_path: Path, where: str, mounts: list[str], environ: Mapping[str, str]
) -> None:
    assert fleeting(Path(where), environ, mounted(tmp_path, *mounts)) is None


@pytest.mark.parametrize(
    ("where", "mounts", "environ", "said"),
    [
        ("/app/x.db", [ROOT_EXT4], {"DYNO": "worker.1"}, ["Heroku", "DATABASE_URL"]),
        ("/data/x.db", [ROOT_OVERLAY, VOLUME], {"DYNO": "web.1"}, ["Heroku"]),
        ("/app/x.db", [ROOT_OVERLAY], {"RENDER": "true"}, ["Render", "volume", "DATA_DIR"]),
        ("/app/x.db", [ROOT_EXT4, VOLUME], {"FLY_APP_NAME": "b"}, ["Fly.io", "volume"]),
        ("/app/x.db", [ROOT_OVERLAY], {"KOYEB_APP_NAME": "b"}, ["Koyeb"]),
        ("/app/x.db", [ROOT_OVERLAY], {}, ["inside the container", "volume"]),
        ("/tmp/x.db", [ROOT_EXT4, TMP], {}, ["in memory", "next restart"]),
    ],
)
def test_what_does_not_last_is_told_with_what_to_do(
    tmp_path: Path, where: str, mounts: list[str], environ: Mapping[str, str], said: list[str]
) -> None:
    found = fleeting(Path(where), environ, mounted(tmp_path, *mounts))
    assert found is not None
    sentence = found.sentence(translator("en"))
    for words in said:
        assert words in sentence
    assert where not in sentence, "the page is public"


def test_of_two_mounts_at_one_place_the_last_counts(tmp_path: Path) -> None:
    over = "1400 1300 0:99 / /data rw - tmpfs tmpfs rw"
    found = mount_of(HOME, mounted(tmp_path, ROOT_EXT4, VOLUME, over))
    assert found is not None
    assert found.kind == "tmpfs"


def test_without_a_list_of_mounts_only_the_environment_speaks(tmp_path: Path) -> None:
    nowhere = tmp_path / "nothing"
    assert fleeting(HOME, {}, nowhere) is None
    assert fleeting(HOME, {"DYNO": "web.1"}, nowhere) is not None


def test_lines_that_are_no_mounts_are_passed_over(tmp_path: Path) -> None:
    assert mount_of(HOME, mounted(tmp_path, "", "nonsense", "a b - ", ROOT_EXT4)) is not None
