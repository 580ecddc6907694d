"""Letters for pictures: a subset of Noto Sans CJK (OFL.txt), since a slim server has none.

Three files: Latin letters; Simplified Chinese with its own Latin letters and signs, which are
wider; and of Traditional Chinese only those characters that the second lacks or draws in another
way. `rebuild.py` makes them.
"""

from __future__ import annotations

from pathlib import Path

FALLBACK = "DejaVu Sans"
"""Comes with matplotlib; × and ÷ are taken from it, since those of Chinese letters are too wide."""
LATIN = "Bubblewatch Sans"
SIMPLIFIED = "Bubblewatch Sans SC"
TRADITIONAL = "Bubblewatch Sans TC"

FILES = {
    LATIN: Path(__file__).parent / "BubblewatchSans.otf",
    SIMPLIFIED: Path(__file__).parent / "BubblewatchSansSC.otf",
    TRADITIONAL: Path(__file__).parent / "BubblewatchSansTC.otf",
}


def families(language: str) -> list[str]:
    """Which family to look for a character in, first to last."""
    if language == "zh_Hant":
        return [TRADITIONAL, SIMPLIFIED, FALLBACK]
    if language == "zh_Hans":
        return [SIMPLIFIED, TRADITIONAL, FALLBACK]
    return [LATIN, SIMPLIFIED, TRADITIONAL, FALLBACK]
