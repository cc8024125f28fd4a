"""The font holds every character the suite can be expected to print, under its own name and weights."""

import importlib.util
from pathlib import Path

import matplotlib.font_manager as manager
import numpy as np
import pytest
from fontTools.ttLib import TTFont
from matplotlib.ft2font import FT2Font

from liantu.figures import fonts
from liantu.reference.folders import data_root

ROOT = Path(__file__).parents[2]
_spec = importlib.util.spec_from_file_location("build_fonts", ROOT / "tools" / "build_fonts.py")
build_fonts = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(build_fonts)


def missing(characters, path):
    held = set(FT2Font(path).get_charmap())
    return sorted(character for character in set(characters) if not character.isspace() and ord(character) not in held)


@pytest.mark.parametrize("path", fonts.FILES, ids=lambda path: path.stem)
def test_gb2312_and_the_list_of_rare_characters_are_complete(path):
    rare = build_fonts.extra_characters(ROOT / "tools" / "font_extra_characters.txt")
    assert len(rare - build_fonts.gb2312()) > 300
    assert missing(build_fonts.gb2312() | rare, path) == []


@pytest.mark.parametrize("path", fonts.FILES, ids=lambda path: path.stem)
def test_signs_of_figures_are_there(path):
    assert missing("±−×÷≤≥≈→↑↓●■▲▼◆○□△✓✗①②⑩⑳αβγΔμΩ²³⁴m₀₁₂₉‰℃…—·“”（），。〓½", path) == []


def test_every_character_of_the_reference_data_and_messages_is_there():
    texts = [file.read_text(encoding="utf-8") for file in sorted((data_root() / "reference").rglob("*.yml"))]
    texts += [file.read_text(encoding="utf-8") for file in sorted((ROOT / "lib" / "liantu").rglob("*.yml"))]
    assert len(texts) > 20
    assert missing("".join(texts), fonts.FILES[0]) == []


@pytest.mark.parametrize("character", "锆喆镕堃龑✗₂⁵")
def test_a_rare_character_draws_its_own_outline(character):
    for path in fonts.FILES:
        font = FT2Font(path)
        font.set_size(40, 72)
        font.load_char(ord(character))
        outline = font.get_path()[0]
        font.load_glyph(0)
        blank = font.get_path()[0]
        assert len(outline) > 8 and not np.array_equal(outline, blank)


@pytest.mark.parametrize(("path", "weight"), list(zip(fonts.FILES, (400, 700), strict=True)), ids=("regular", "bold"))
def test_names_and_weight(path, weight):
    entry = manager.ttfFontProperty(FT2Font(path))
    assert (entry.name, entry.weight, entry.style) == ("Liantu Sans SC", weight, "normal")
    names = {record.nameID: str(record) for record in TTFont(path)["name"].names}
    assert "Source" not in names[1] + names[4] + names[6] and "Noto" not in names[1] + names[4] + names[6]
    assert "Adobe" in names[0] and "Open Font License" in names[13]
    assert path.stat().st_size < 3_000_000


def test_the_licence_is_whole():
    text = (fonts.FOLDER / "OFL.txt").read_text(encoding="utf-8")
    for part in ("Copyright 2014-2021 Adobe", "SIL OPEN FONT LICENSE Version 1.1", "PERMISSION & CONDITIONS", "TERMINATION", "DISCLAIMER"):
        assert part in text


def test_register_is_idempotent_and_leaves_the_cache_alone(monkeypatch):
    monkeypatch.setattr(manager, "json_dump", lambda *_: pytest.fail("the font cache must not be written"))
    assert fonts.register() == fonts.register() == "Liantu Sans SC"
    found = [entry.weight for entry in manager.fontManager.ttflist if entry.name == fonts.FAMILY]
    assert sorted(found) == [400, 700]
    assert Path(manager.findfont(manager.FontProperties(family=fonts.FAMILY, weight="bold"))) == fonts.FILES[1]


def test_what_the_font_lacks_becomes_a_geta():
    assert fonts.drawable("朝阳𠮷\U0001f600\n喆") == "朝阳〓〓\n喆"
