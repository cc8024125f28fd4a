"""Which ledger row tells something of a project: the one that counts most, or the one that counts most of those that say something."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow.compute as compute

from liantu.reference.opened import kept
from liantu.report import Report
from liantu.tables.fold import order_of
from liantu.tables.runs import Runs, one_array, picked, ranks

WHERE = ("source_file", "sheet", "row")


@dataclass(frozen=True, eq=False)
class Told:
    """Observations, and the order in which they count (`liantu.tables.fold.order_of`) as runs of one project each."""

    observations: pd.DataFrame
    order: np.ndarray
    runs: Runs

    @classmethod
    def of(cls, observations: pd.DataFrame) -> Told:
        """The order of some observations; `observations` are not copied."""
        order = order_of(observations)
        project = ranks(observations["project_id"])[order]
        return cls(observations, order, Runs(np.flatnonzero(np.diff(project, prepend=-1)), project))

    def places(self, projects: pd.Series, columns: pd.Series | None = None) -> np.ndarray:
        """For each of `projects` (ids) the place in `observations` of the row that counts most; -1 where there is none.

        With `columns`, one for each of `projects`, only rows that say something in that column count; -1 too where no column is named.
        """
        known = one_array(picked(self.observations["project_id"], self.order[self.runs.starts]))
        run = compute.index_in(one_array(projects.astype("str")), known).fill_null(-1).to_numpy(zero_copy_only=False)
        if columns is None:
            return self._last(np.ones(len(self.order), dtype=bool))[run]
        codes, names = pd.factorize(columns)
        places = np.full(len(run), -1)
        for code, name in enumerate(names):
            mine = np.flatnonzero(codes == code)
            places[mine] = self._last(self.observations[name].notna().to_numpy()[self.order])[run[mine]]
        return places

    def rows(self, places: np.ndarray) -> dict[str, object]:
        """source_file, sheet and row of the rows at `places`, missing for -1."""
        return {name: picked(self.observations[name], places).array for name in WHERE}

    def _last(self, says: np.ndarray) -> np.ndarray:
        """For each run the place of its last row for which `says` (in order) holds, -1 for none; and -1 once more, for no run."""
        last = self.runs.last(says)
        return np.append(np.where(last >= 0, self.order[last] if len(self.order) else -1, -1), -1)


@kept(maxsize=4)  # every figure of a page asks for the rows behind its bars
def told_in(report: Report) -> Told:
    """The rows that tell what a report knows."""
    return Told.of(report.table("observations"))
