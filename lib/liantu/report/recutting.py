"""Parts of the tidy tables on an entry of a later edition of the chains, cut after the rows are told in its entries."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd

from liantu.report.narrowing import Part
from liantu.tables.runs import among

_OF_NO_CHAIN = ("zones", "tasks", "problems", "lineage")
_ROW = ["source_file", "sheet", "row"]


def on_entry(part: Part, opened: Callable[[Part], pd.DataFrame], sent: Callable[[], pd.Series]) -> pd.DataFrame:
    """The part on an entry, as `ProcessedTables.table` cuts a chain: by its projects, or by the chain that a row names.

    `opened` gives a part told in the entries of the edition, `sent` the files that the part's county sent.
    """
    table = opened(replace(part, chain=""))
    if part.name in _OF_NO_CHAIN:
        return table
    if "chain" in table and "project_id" not in table:
        return _kept(table, (table["chain"] == part.chain).to_numpy(dtype=bool, na_value=False))
    mine = _projects(part, opened)
    if "project_id" in table:
        return _kept(table, among(table["project_id"], mine))
    if part.name == "parts":
        return _kept(table, among(table["whole_id"], mine) | among(table["part_id"], mine))
    told = opened(Part("observations", part.as_of, part.county, also_at=part.also_at))
    told = told[among(told["project_id"], mine)]
    flagged = np.asarray(pd.MultiIndex.from_frame(table[_ROW]).isin(pd.MultiIndex.from_frame(told[_ROW])))
    return _kept(table, flagged | among(table["source_file"], sent()) if part.county else flagged)


def _projects(part: Part, opened: Callable[[Part], pd.DataFrame]) -> pd.Series:
    """The projects on the entry at the part's dates."""
    days = dict.fromkeys((part.as_of, part.also_at or part.as_of))
    known = [opened(Part("projects", day, part.county)) for day in days]
    return pd.concat([projects.loc[projects["chain"] == part.chain, "project_id"] for projects in known])


def _kept(table: pd.DataFrame, rows: np.ndarray) -> pd.DataFrame:
    return table[rows].reset_index(drop=True)
