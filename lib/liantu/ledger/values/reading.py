"""What reading one cell gives, and how a whole column is read: every distinct value once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any

from liantu.ledger.sheets import Cell

# Types among which no two values of different types are equal, so that a value alone is a safe key.
_NEVER_EQUAL = frozenset({str, type(None), dt.date, dt.datetime, dt.time})
_NUMBERS = frozenset({bool, int, float})


@dataclass(frozen=True, slots=True)
class Reading:
    """One cell as read: a value, or None with the rule that the cell breaks, or None alone when nothing is stated.

    `value` and `rule` may stand together: the value is used and the cell is flagged. `note` keeps what stood beside the
    value (a trailing parenthesis, 约), with personal data removed; `precision` is told for dates only.
    """

    value: Any | None
    rule: str | None = None
    note: str | None = None
    precision: str | None = None


NOTHING = Reading(None)


def read_column(cells: Sequence[Cell], read: Callable[[Cell], Reading]) -> list[Reading]:
    """Read a column, each distinct value once; True, 1 and '1' are distinct. The result is as long as `cells`, in their order."""
    values = cells.tolist() if hasattr(cells, "tolist") else cells
    kinds = set(map(type, values))
    if float in kinds:
        # Every NaN is its own key in a dict; as None they are one.
        values = [None if type(cell) is float and cell != cell else cell for cell in values]
    if kinds - _NEVER_EQUAL - _NUMBERS or len(kinds & _NUMBERS) > 1:
        return _read_mixed(values, read)
    table = {cell: read(cell) for cell in dict.fromkeys(values)}
    return [table[cell] for cell in values]


def _read_mixed(values: Sequence[Any], read: Callable[[Cell], Reading]) -> list[Reading]:
    """As read_column, keyed by type and value; a cell that cannot be a key is read on its own."""
    table: dict[Hashable, Reading] = {}
    readings = []
    for cell in values:
        key = (type(cell), cell)
        try:
            found = table.get(key)
        except (TypeError, ValueError):
            readings.append(read(cell))
            continue
        if found is None:
            found = table[key] = read(cell)
        readings.append(found)
    return readings
