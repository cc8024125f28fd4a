"""The Chinese fonts that lie beside pages, for machines that have none."""

from __future__ import annotations

from pathlib import Path

_FOLDER = Path(__file__).resolve().parents[2] / "figures" / "fonts"


def font_files() -> list[Path]:
    """The fonts under the names that the style sheet asks for, and their licence."""
    return sorted([*_FOLDER.glob("*.ttf"), *_FOLDER.glob("OFL*")])
