"""Make the font files from Noto Sans CJK, for a machine that has it:

    apt-get install fonts-noto-cjk
    python -m bot.charts.fonts.rebuild /usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc

Kept are the Latin letters, signs, the characters of GB 2312's and Big5's first levels (what
ordinary texts are written with), and whatever else our own catalogues say. fontTools comes with
matplotlib.
"""

from __future__ import annotations

import sys
from pathlib import Path

from fontTools import subset  # type: ignore[import-untyped]
from fontTools.ttLib import TTCollection, TTFont  # type: ignore[import-untyped]

from alerts.indicators import catalogue
from bot.charts.fonts import FILES, LATIN, SIMPLIFIED, TRADITIONAL
from bot.locales import translator
from bot.locales.messages import messages

SIGNS = "–—‘’“”•…‰′″€−≈≠≤≥±·°→←↑↓▲▼●○、。「」『』《》（），：；？！％＋～"
# The Korean face has the narrow signs that English is written with.
_FACES = {
    LATIN: "Noto Sans CJK KR",
    SIMPLIFIED: "Noto Sans CJK SC",
    TRADITIONAL: "Noto Sans CJK TC",
}
WIDE = {ord("×"), ord("÷")}
_DROPPED = ["vhea", "vmtx", "VORG", "BASE", "GPOS", "GSUB", "DSIG"]


def latin() -> set[int]:
    return {*range(0x20, 0x7F), *range(0xA0, 0x180), *map(ord, SIGNS)} - WIDE


def first_level(encoding: str, leads: range) -> set[int]:
    """The characters of a double-byte encoding whose first byte is one of `leads`."""
    found: set[int] = set()
    for lead in leads:
        for trail in range(0x40, 0xFF):
            text = bytes((lead, trail)).decode(encoding, "ignore")
            found |= {ord(text)} if len(text) == 1 else set()
    return found


def said(language: str) -> set[int]:
    """Every character that our own words need."""
    t = translator(language)
    texts = [t(message) for message in messages()]
    for indicator in catalogue().values():
        texts += [indicator.names.zh_hant, indicator.names.zh_hans]
    return {ord(character) for text in texts for character in text if ord(character) > 0x20}


def rebuild(collection: Path) -> None:
    """Write the files beside this one."""
    simplified = first_level("gb2312", range(0xB0, 0xD8)) | said("zh_Hans") | latin()
    traditional = (first_level("big5", range(0xA4, 0xC7)) | said("zh_Hant")) - latin()
    one, other = (_face(collection, _FACES[name]) for name in (SIMPLIFIED, TRADITIONAL))
    glyphs_one, glyphs_other = one.getBestCmap(), other.getBestCmap()
    differing = {
        code
        for code in traditional
        if code not in simplified or glyphs_one.get(code) != glyphs_other.get(code)
    }
    _write(_face(collection, _FACES[LATIN]), latin(), LATIN)
    _write(one, simplified - WIDE, SIMPLIFIED)
    _write(other, differing - WIDE, TRADITIONAL)


def _face(collection: Path, name: str) -> TTFont:
    for font in TTCollection(str(collection), lazy=True).fonts:
        if font["name"].getDebugName(4) == name:
            return font
    raise LookupError(f"{collection} has no {name}")


def _write(font: TTFont, characters: set[int], family: str) -> None:
    options = subset.Options()
    options.hinting = False
    options.notdef_outline = True
    options.layout_features = []
    options.name_IDs = [0, 7, 13, 14]
    options.drop_tables += _DROPPED
    cut = subset.Subsetter(options)
    cut.populate(unicodes=characters)
    cut.subset(font)
    # A name of its own, as the licence asks of changed fonts, and so that none installed is meant.
    compact = family.replace(" ", "")
    for number, text in ((1, family), (2, "Regular"), (4, family), (6, f"{compact}-Regular")):
        font["name"].setName(text, number, 3, 1, 0x409)
    outlines = font["CFF "].cff
    outlines.fontNames = [f"{compact}-Regular"]
    outlines.topDictIndex[0].FullName = outlines.topDictIndex[0].FamilyName = family
    font.save(FILES[family])
    print(f"{FILES[family]}: {FILES[family].stat().st_size:,} bytes")


if __name__ == "__main__":
    rebuild(Path(sys.argv[1]))
