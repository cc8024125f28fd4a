"""Build the suite's Chinese fonts: a subset of Noto Sans SC (SIL Open Font License 1.1), renamed Liantu Sans SC.

    python tools/build_fonts.py NotoSansSC-Regular.ttf NotoSansSC-Bold.ttf lib/liantu/figures/fonts

Each source may be a static TrueType font or the variable one (then the weight is cut from its `wght` axis). The fonts shipped were
cut from Noto Sans SC 2.004 as Google Fonts distributes it. The result is the same byte for byte when run again on the same sources.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont

FAMILY = "Liantu Sans SC"
WEIGHTS = {"Regular": 400, "Bold": 700}
RANGES = (
    (0x20, 0x7E), (0xA0, 0xFF), (0x2B9, 0x2DD), (0x370, 0x3FF), (0x2010, 0x2027), (0x2030, 0x205E), (0x2070, 0x209C), (0x20A0, 0x20BF),
    (0x2100, 0x214F), (0x2150, 0x218B), (0x2190, 0x21FF), (0x2200, 0x22FF), (0x2460, 0x24FF), (0x2500, 0x257F), (0x2580, 0x259F),
    (0x25A0, 0x25FF), (0x2600, 0x2612), (0x2713, 0x2718), (0x3000, 0x303F), (0x3200, 0x33FF), (0xFF00, 0xFFEF),
)
# The source font has no superscript 4 to 9, no subscript digits, no ballot marks: they are made of scaled components of what it has.
SUPERSCRIPTS = dict(zip("⁰⁴⁵⁶⁷⁸⁹⁺⁻", "0456789+−", strict=True))
SUBSCRIPTS = dict(zip("₀₁₂₃₄₅₆₇₈₉₊₋", "0123456789+−", strict=True))
SAME = {"✔": "✓", "✅": "✓", "☑": "✓", "✘": "✗", "☒": "✗", "☐": "□", "►": "▶"}
DAY = 3723408000  # 2022-01-27 in seconds since 1904: a fixed date, so that a rebuild gives the same bytes


def gb2312() -> set[str]:
    """Every character of GB 2312-80."""
    cells = (bytes([row, cell]) for row in range(0xA1, 0xF8) for cell in range(0xA1, 0xFF))
    return {character for cell in cells for character in cell.decode("gb2312", "ignore")}


def extra_characters(path: Path) -> set[str]:
    """The characters of a list in which lines that start with # are comments."""
    lines = (line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#"))
    return {character for line in lines for character in line if not character.isspace()}


def wanted() -> set[int]:
    """Code points the fonts should carry, as far as the source has them."""
    extra = extra_characters(Path(__file__).with_name("font_extra_characters.txt"))
    ranges = {code for first, last in RANGES for code in range(first, last + 1)}
    return ranges | {ord(character) for character in gb2312() | extra}


def source_font(path: Path, weight: int) -> TTFont:
    """The static font of one weight."""
    font = TTFont(path, recalcTimestamp=False)
    return instantiateVariableFont(font, {"wght": weight}) if "fvar" in font else font


def scaled(font: TTFont, character: str, model: str, scale: float, shift: tuple[int, int]) -> None:
    """Add `character` as a scaled component of the glyph of `model`, unless the font has it."""
    cmap = font.getBestCmap()
    if ord(character) in cmap or ord(model) not in cmap:
        return
    base, name = cmap[ord(model)], f"liantu{ord(character):04X}"
    pen = TTGlyphPen(font.getGlyphSet())
    pen.addComponent(base, (scale, 0, 0, scale, *shift))
    font.setGlyphOrder([*font.getGlyphOrder(), name])
    font["glyf"][name] = pen.glyph()
    advance, bearing = font["hmtx"][base]
    font["hmtx"][name] = (round(advance * scale) + max(shift[0], 0), round(bearing * scale) + shift[0])
    for table in font["cmap"].tables:
        if table.isUnicode():
            table.cmap[ord(character)] = name


def add_composites(font: TTFont) -> None:
    """Superscripts, subscripts and marks that the source lacks."""
    for character, model in SUPERSCRIPTS.items():
        scaled(font, character, model, 0.6, (15, 330))
    for character, model in SUBSCRIPTS.items():
        scaled(font, character, model, 0.6, (15, -130))
    scaled(font, "✗", "×", 1.35, (0, -130))
    for character, model in SAME.items():
        scaled(font, character, model, 1.0, (0, 0))


def rename(font: TTFont, style: str, weight: int) -> None:
    """Give the font its own name (the licence reserves 'Source') and the weight that matplotlib reads."""
    names = font["name"]
    for record in list(names.names):
        if record.nameID not in (0, 13, 14):
            names.removeNames(nameID=record.nameID)
    texts = {1: FAMILY, 2: style, 3: f"2.004;{FAMILY};{style}", 4: f"{FAMILY} {style}", 5: "Version 2.004; subset",
             6: f"{FAMILY.replace(' ', '')}-{style}", 10: "Subset of Noto Sans SC for project reports"}
    for name, text in texts.items():
        names.setName(text, name, 3, 1, 0x409)
        names.setName(text, name, 1, 0, 0)
    font["OS/2"].usWeightClass = weight
    bold = style == "Bold"
    font["OS/2"].fsSelection = 0x20 if bold else 0x40
    font["head"].macStyle = int(bold)
    font["head"].created = font["head"].modified = DAY


def build(source: Path, style: str, folder: Path) -> Path:
    """Cut one weight from `source` into `folder`; returns the file written."""
    font = source_font(source, WEIGHTS[style])
    options = Options(layout_features=["kern", "locl", "ccmp"], hinting=False, name_IDs=["*"], notdef_outline=True, glyph_names=False,
                      drop_tables=["BASE", "vhea", "vmtx", "VORG", "STAT", "DSIG", "gasp"], recalc_timestamp=False)
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=wanted() & set(font.getBestCmap()))
    subsetter.subset(font)
    add_composites(font)
    rename(font, style, WEIGHTS[style])
    path = folder / f"LiantuSansSC-{style}.ttf"
    font.save(path)
    return path


def main() -> None:
    """Build both weights and say what was written."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("regular", type=Path)
    parser.add_argument("bold", type=Path)
    parser.add_argument("folder", type=Path)
    options = parser.parse_args()
    for style, source in (("Regular", options.regular), ("Bold", options.bold)):
        path = build(source, style, options.folder)
        covered = set(TTFont(path).getBestCmap())
        missing = "".join(sorted(character for character in gb2312() if ord(character) not in covered))
        print(f"{path}: {path.stat().st_size / 1e6:.2f} MB; GB2312 characters missing: {missing or 'none'}")


if __name__ == "__main__":
    main()
