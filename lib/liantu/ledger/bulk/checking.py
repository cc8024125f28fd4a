"""The checks that hold rows against each other, over the rows of all pieces, by the columns that they look at."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from liantu.ledger.assembling import Rulebook
from liantu.ledger.bulk import aside
from liantu.ledger.bulk.tasks import Setting
from liantu.ledger.checking.checks import AT_ONE_DATE, Checked, Found, check
from liantu.ledger.identity.parts import link_parts
from liantu.ledger.rows.typed import complete
from liantu.tables.contracts import CHANGES, OBSERVATIONS, PARTS, nothing

_PARTS = ("project_id", "snapshot", "name", "company", "county", "total_investment_wan")
_KINDS = {column.name: column.kind for column in OBSERVATIONS.columns}
Headers = Callable[[int, int], Mapping[str, str]]
"""The headers by field of a record: by the number under which it was put aside, and its own."""


def parts_of(setting: Setting, numbers: Sequence[int], packaged: bool, book: Rulebook) -> pd.DataFrame:
    """The table `parts`; `packaged` tells whether any project's name says that it is a package."""
    return link_parts(_frame(setting, numbers, _PARTS), book.names) if packaged else PARTS.conform([])


def checked(setting: Setting, numbers: Sequence[int], several_dates: bool, parts: pd.DataFrame, refused: Iterable[Any],
            headers: Headers, book: Rulebook) -> tuple[Checked, dict[int, list[tuple[int, int, Found]]]]:
    """What the checks find, and for each unit the record, the place in it and the flaw."""
    if not numbers:
        return Checked((), (), CHANGES.conform([])), {}
    ends = np.cumsum([aside.rows_of(setting.folder, f"rows-{number:05}") for number in numbers])
    places: dict[int, pd.DataFrame] = {}

    def where(index: int) -> tuple[int, int, int]:
        unit = int(np.searchsorted(ends, index, side="right"))
        number = numbers[unit]
        if number not in places:
            places[number] = aside.read_frame(setting.folder, f"rows-{number:05}", ("record", "place"))
        at = places[number].iloc[index - (ends[unit - 1] if unit else 0)]
        return number, int(at["record"]), int(at["place"])

    def header(index: int, column: str) -> str:
        return headers(*where(index)[:2]).get(column, "")

    rows = _frame(setting, numbers, OBSERVATIONS.names if several_dates else AT_ONE_DATE, coded=not several_dates)
    told = check(rows, book.city, header, set(parts["whole_id"]), refused)
    found: dict[int, list[tuple[int, int, Found]]] = {}
    for flaw in told.flaws:
        number, record, place = where(flaw.index)
        found.setdefault(number, []).append((record, place, flaw))
    return told, found


def _frame(setting: Setting, numbers: Sequence[int], names: Sequence[str], coded: bool = False) -> pd.DataFrame:
    """Some columns of all observations, in their order; `coded`: texts that are the same for all rows of a sheet are kept once each."""
    frames = [aside.read_frame(setting.folder, f"observations-{number:05}", names) for number in numbers]
    whole: dict[str, pd.Series] = {}
    for name in names:
        if any(name in frame for frame in frames):
            columns = [frame.pop(name) if name in frame else nothing(_KINDS[name], len(frame)) for frame in frames]
            whole[name] = _coded(columns) if coded and name in ("source", "source_file", "sheet") else pd.concat(columns, ignore_index=True)
    return complete(pd.DataFrame(whole), names)[list(names)]


def _coded(columns: Sequence[pd.Series]) -> pd.Series:
    return pd.Series(pd.api.types.union_categoricals([column.astype("category") for column in columns], sort_categories=True))
