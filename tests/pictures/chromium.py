"""Pages to PNG files through Debian's Chromium, without a screen."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image

TALLEST = 2400
_END = (255, 0, 254)
"""The colour of the line under everything; no platform uses it."""


class NoChromium(Exception):
    """There is no browser on this machine."""


def screenshot(page: str, path: Path, width: int = 680) -> None:
    """Draw a page at twice its size, cut to what stands on it. Raises NoChromium."""
    browser = shutil.which("chromium") or shutil.which("chromium-browser")
    if browser is None:
        raise NoChromium(
            "these pictures need Chromium: "
            "apt-get install chromium fonts-noto-cjk fonts-noto-color-emoji"
        )
    with TemporaryDirectory(prefix="bubblewatch-pictures-") as folder:
        source, target = Path(folder, "page.html"), Path(folder, "page.png")
        # The last line tells, by its colour, where the page ends.
        source.write_text(page + '<div style="height:2px;background:#ff00fe;width:40px"></div>')
        subprocess.run(
            [
                browser,
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--no-first-run",
                "--hide-scrollbars",
                "--force-device-scale-factor=2",
                f"--user-data-dir={folder}/profile",
                f"--window-size={width},{TALLEST}",
                f"--screenshot={target}",
                source.as_uri(),
            ],
            check=True,
            capture_output=True,
            timeout=60,
        )
        _cut(target, path)


def _cut(source: Path, path: Path) -> None:
    """Without the empty rest of the window below the page."""
    with Image.open(source) as image:
        picture = image.convert("RGB")
    ends = [
        y for y in range(picture.height) if _END in {picture.getpixel((x, y)) for x in (44, 60)}
    ]
    bottom = min(ends) if ends else picture.height
    picture.crop((0, 0, picture.width, bottom)).save(path, optimize=True)
