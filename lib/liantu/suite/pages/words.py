"""The words of pages and of the index in Chinese and English, from words.yml."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import yaml

TEMPLATES = Path(__file__).parent / "templates"


@cache
def words(lang: str) -> dict[str, str]:
    """The words in `lang`; Chinese for a language that the suite does not speak."""
    # BaseLoader keeps `yes` and `no` as the words they are; the one in C, where PyYAML has it, takes a tenth of the time
    spoken = yaml.load((Path(__file__).parent / "words.yml").read_text(encoding="utf-8"), getattr(yaml, "CBaseLoader", yaml.BaseLoader))
    return spoken.get(lang, spoken["zh"])
