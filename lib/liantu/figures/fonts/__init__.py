"""The Chinese font that the suite brings along: Liantu Sans SC, a subset of Noto Sans SC.

Licence: OFL.txt. Built by tools/build_fonts.py.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from matplotlib.font_manager import FontProperties, fontManager
from matplotlib.ft2font import FT2Font
from matplotlib.textpath import TextToPath

FAMILY = "Liantu Sans SC"
FOLDER = Path(__file__).parent
FILES = (FOLDER / "LiantuSansSC-Regular.ttf", FOLDER / "LiantuSansSC-Bold.ttf")
GETA = "〓"  # the printers' mark for a character that the font does not hold
_PATHS = TextToPath()


def register() -> str:
    """Make both weights known to matplotlib in this process and return the family's name; repeating it changes nothing.

    Only the list in memory grows: matplotlib's font cache on disk is not written, so processes cannot race for it.
    """
    known = {entry.fname for entry in fontManager.ttflist}
    for path in FILES:
        if str(path) not in known:
            fontManager.addfont(path)
    return FAMILY


@cache
def covered() -> frozenset[int]:
    """The code points that the regular weight has a glyph for."""
    return frozenset(FT2Font(FILES[0]).get_charmap())


def drawable(text: object) -> str:
    """`text` with each character that the font lacks replaced by 〓, so that a rare name never breaks a figure or prints an empty box."""
    said, known = str(text), covered()
    if known.issuperset(map(ord, said)):
        return said
    return "".join(character if character == "\n" or ord(character) in known else GETA for character in said)


def width(text: str, size: float, bold: bool = False) -> float:
    """Width in inches of one line of `text` at `size` points: the sum of its advances, so at most a little more than drawn with kerning."""
    return sum(_advance(character, bold) for character in drawable(text)) * size / 72


@cache
def _advance(character: str, bold: bool) -> float:
    """The width of a character in sizes."""
    prop = FontProperties(fname=FILES[1] if bold else FILES[0], size=100)
    return _PATHS.get_text_width_height_descent(character, prop, ismath=False)[0] / 100
