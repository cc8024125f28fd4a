"""The words of pages and of the index in Chinese and English, from words.yml."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import yaml

TEMPLATES = Path(__file__).parent / "templates"


@cache
def words(lang: str) -> dict[str, str]:
    """The words in `lang`; Chinese for a language that the suite does not speak."""
    # BaseLoader keeps `yes` and `no` as the words they are
    spoken = yaml.load((Path(__file__).parent / "words.yml").read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    return spoken.get(lang, spoken["zh"])
