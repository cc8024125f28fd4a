"""The simulation's own words (words/*.yml), read once."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

_HOME = Path(__file__).parent / "words"


@cache
def words(name: str) -> dict[str, Any]:
    """One word file as a dict; `name` is the file's name without its ending."""
    return yaml.load((_HOME / f"{name}.yml").read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)


def card() -> str:
    """dataset.yml of every simulated data set: each page made from it says that it is simulated."""
    return (_HOME / "dataset.yml").read_text(encoding="utf-8")


def readme() -> str:
    """The text that stands beside every simulated data set, with places for seed and scale."""
    return (_HOME / "readme.md").read_text(encoding="utf-8")
