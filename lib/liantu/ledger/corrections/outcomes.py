"""What became of an entry of corrections.yml, and whether a cell still shows what the entry expects."""

from __future__ import annotations

import datetime as dt
import math
import re
from dataclasses import dataclass
from typing import Any

from liantu.ledger.corrections.entries import CellEntry, RowEntry, Ruling, Side
from liantu.ledger.findings import STALE, Finding
from liantu.ledger.sheets import Cell
from liantu.ledger.values import privacy

_NUMBER = re.compile(r"[-+]?(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d*)?(?:[eE][-+]?\d+)?%?|[-+]?\.\d+%?")
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T]0{1,2}:00(?::00)?)?")


@dataclass(frozen=True)
class Outcome:
    """What became of an entry: applied when its finding is of the kind `corrected`, or when a row of a ruling stands (no finding)."""

    number: int
    side: str = ""
    """`one` or `other` for a row of a ruling, `row` for that of a placing."""
    finding: Finding | None = None

    @property
    def stale(self) -> bool:
        """True when the entry could not be applied."""
        return self.finding is not None and self.finding["kind"] == STALE


def stale(number: int, entry: CellEntry | RowEntry, case: str, side: Side | None = None, **told: Any) -> Finding:
    """The finding of an entry that is not applied, with what stands in its place now."""
    row = side or (entry.one if isinstance(entry, Ruling) else entry)
    return {
        "kind": STALE, "case": case, "source_file": row.file, "sheet": row.sheet, "entry": number, "do": entry.do, "row": row.row,
        "column": getattr(entry, "column", None), "expect": privacy.scrub(row.expect), **signed(entry), **told}


def signed(entry: CellEntry | RowEntry) -> dict[str, str]:
    """Reason, reporter and date of an entry, without personal data."""
    return {"reason": privacy.scrub(entry.reason), "reporter": privacy.scrub(entry.reporter), "date": entry.date.isoformat()}


def shows(cell: Cell, expect: str) -> bool:
    """Whether a cell shows what an entry expects; blanks and line breaks count as one blank, numbers and days by their value.

    >>> shows(12000.0, "12,000"), shows("约 3亿元", "约3亿元"), shows(None, "")
    (True, False, True)
    """
    expect = " ".join(expect.split())
    if cell is None:
        return not expect
    if isinstance(cell, bool):
        return expect.upper() == str(cell).upper()
    if isinstance(cell, int | float):
        return _same_number(float(cell), expect)
    if isinstance(cell, dt.datetime | dt.date):
        return _same_day(cell, expect)
    text = " ".join(str(cell).split())
    if text == expect:
        return True
    # A number kept as text (csv) shows as the same number with or without separators, not with other digits: 2022.1 is not 2022.10.
    return bool(_NUMBER.fullmatch(text) and _NUMBER.fullmatch(expect)) and text.replace(",", "") == expect.replace(",", "")


def _same_number(number: float, expect: str) -> bool:
    if not _NUMBER.fullmatch(expect):
        return False
    told = float(expect.rstrip("%").replace(",", "")) / (100 if expect.endswith("%") else 1)
    return math.isclose(number, told, rel_tol=1e-9, abs_tol=1e-12)


def _same_day(day: dt.date, expect: str) -> bool:
    if expect in (day.isoformat(), str(day)):
        return True
    told = _DAY.fullmatch(expect)
    midnight = not isinstance(day, dt.datetime) or day.time() == dt.time()
    return bool(told) and midnight and (day.year, day.month, day.day) == tuple(map(int, told.groups()))
