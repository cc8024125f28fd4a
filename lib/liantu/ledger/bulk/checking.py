"""The checks that hold rows against each other, over the rows of all pieces, by the columns that they look at."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from liantu.ledger.assembling import Rulebook
from liantu.ledger.bulk import aside
from liantu.ledger.bulk.tasks import Setting
from liantu.ledger.bulk.typed import complete
from liantu.ledger.checking.checks import Checked, Found, check
from liantu.ledger.checking.slips import find_slips
from liantu.ledger.checking.sources import disagreements
from liantu.ledger.identity.parts import link_parts
from liantu.reference.checking import checking_rules
from liantu.tables.contracts import CHANGES, OBSERVATIONS, PARTS

_SLIPS = ("project_id", "snapshot", "source", "source_file", "sheet", "row", "total_investment_wan", "plan_year_wan", "done_year_wan",
          "done_total_wan", "area_mu")
_PARTS = ("project_id", "snapshot", "name", "company", "county", "total_investment_wan")
Headers = Callable[[int, int], Mapping[str, str]]
"""The headers by field of a record: by the number under which it was put aside, and its own."""


def parts_of(setting: Setting, numbers: Sequence[int], packaged: bool, book: Rulebook) -> pd.DataFrame:
    """The table `parts`; `packaged` tells whether any project's name says that it is a package."""
    return link_parts(_frame(setting, numbers, _PARTS), book.names) if packaged else PARTS.conform([])


def checked(setting: Setting, numbers: Sequence[int], several_dates: bool, parts: pd.DataFrame, refused: Iterable[Any],
            headers: Headers, book: Rulebook) -> tuple[Checked, dict[int, list[tuple[int, int, Found]]]]:
    """What the checks find, and for each unit the record, the place in it and the flaw.

    At one date only slips of unit (in whole sheets) and sources that differ (in projects of several rows) can be found.
    """
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

    rows = _frame(setting, numbers, OBSERVATIONS.names if several_dates else _SLIPS)
    told = check(rows, book.city, header, set(parts["whole_id"]), refused) if several_dates else _at_one_date(rows, header, book)
    found: dict[int, list[tuple[int, int, Found]]] = {}
    for flaw in told.flaws:
        number, record, place = where(flaw.index)
        found.setdefault(number, []).append((record, place, flaw))
    return told, found


def _at_one_date(rows: pd.DataFrame, header: Callable[[int, str], str], book: Rulebook) -> Checked:
    several = rows[rows["project_id"].duplicated(keep=False)]
    # Texts that are the same for all rows of a sheet are kept once each.
    kept_once = {name: rows[name].astype("category") for name in ("source", "source_file", "sheet")}
    slips = find_slips(rows.assign(**kept_once), checking_rules(book.city).slips)
    flaws = [Found(index, column, "sources_differ") for index, column in disagreements(several)]
    flaws += [Found(slip.index, slip.column, "unit_slip", f"{rows.at[slip.index, slip.column]:g}",
                    slip.suspected.told(header(slip.index, slip.column))) for slip in slips.cells]
    return Checked(tuple(flaws), slips.sheets, CHANGES.conform([]))


def _frame(setting: Setting, numbers: Sequence[int], names: Sequence[str]) -> pd.DataFrame:
    """Some columns of all observations, in their order."""
    frames = [aside.read_frame(setting.folder, f"observations-{number:05}", names) for number in numbers]
    whole: dict[str, pd.Series] = {}
    for name in names:
        columns = [frame.pop(name) for frame in frames]
        if any(column.notna().any() for column in columns):
            whole[name] = pd.concat(columns, ignore_index=True)
    # A column that nobody fills costs nothing: its pages are never touched.
    return complete(pd.DataFrame(whole), names)[list(names)]
