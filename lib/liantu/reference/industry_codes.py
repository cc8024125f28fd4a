"""The codes of industries in GB/T 4754-2017 (国民经济行业分类), which hold for the whole country and not for one city."""

from __future__ import annotations

import csv
from functools import lru_cache
from pathlib import Path

from liantu.reference.folders import reference_folder
from liantu.reference.loading import ReferenceFileError

FILE = "gbt4754-2017.csv"


def industry_codes() -> dict[str, str]:
    """Every group (3 digits) and class (4 digits) of the standard with its Chinese name.

    Raises ReferenceFileError when the file is missing or a line of it is not `code,name`.
    """
    return dict(_read(reference_folder("chaoyang").parent / FILE, FILE))


@lru_cache
def _read(path: Path, name: str) -> dict[str, str]:
    # A moved data root may hold a city's reference data without the country's: then the shipped list counts.
    if not path.is_file():
        path = Path(__file__).resolve().parents[3] / "data" / "reference" / name
    try:
        lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    except FileNotFoundError:
        raise ReferenceFileError(f"{path}: the file is missing") from None
    codes: dict[str, str] = {}
    for number, row in enumerate(csv.reader(lines[1:]), start=2):
        if len(row) != 2 or not row[0].isdigit() or len(row[0]) not in (3, 4) or not row[1] or row[0] in codes:
            raise ReferenceFileError(f"{path}: entry {number}: give a code of 3 or 4 digits, once, and its name, found {','.join(row)!r}")
        codes[row[0]] = row[1]
    return codes
