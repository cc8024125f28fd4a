"""Where the suite keeps its files: `LIANTU_DATA` and `LIANTU_REPORTS` move the two roots."""

from __future__ import annotations

import os
from pathlib import Path

_CHECKOUT = Path(__file__).resolve().parents[3]


def data_root() -> Path:
    """The folder that holds raw/, reference/ and processed/."""
    return Path(os.environ.get("LIANTU_DATA") or _CHECKOUT / "data")


def reports_root() -> Path:
    """The folder that holds reports/<dataset>/<quarter>/."""
    return Path(os.environ.get("LIANTU_REPORTS") or _CHECKOUT / "reports")


def notebooks_root() -> Path:
    """The folder that holds suite.yml and the notebooks."""
    return _CHECKOUT / "notebooks"


def raw_folder(dataset: str) -> Path:
    """The raw ledgers of one data set: one sub-folder for each snapshot."""
    return data_root() / "raw" / dataset


def processed_folder(dataset: str) -> Path:
    """The tidy tables of one data set."""
    return data_root() / "processed" / dataset


def reference_folder(city: str) -> Path:
    """The reference data of one city; a moved data root without any falls back on the checkout's."""
    moved = data_root() / "reference" / city
    return moved if moved.is_dir() else _CHECKOUT / "data" / "reference" / city


def reference_name(path: Path) -> str | None:
    """The name of a file of a city's reference data, relative to the city's folder, with `/` between; None for any other file."""
    for root in (data_root() / "reference", _CHECKOUT / "data" / "reference"):
        if path.is_relative_to(root):
            return "/".join(path.relative_to(root).parts[1:]) or None
    return None


def datasets() -> list[str]:
    """The names of the data sets that can be opened."""
    raw = data_root() / "raw"
    return sorted(path.name for path in raw.iterdir() if path.is_dir()) if raw.is_dir() else []
