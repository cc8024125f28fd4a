"""What was known of the whole city at a date, and what every rule asks of it: who claims which stage since when, and the newest words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd

from liantu.progress.counts import FLOW, stage_of_rows
from liantu.progress.scheduling.working_days import DayCount, works_days
from liantu.reference.models import WinterPause
from liantu.report import Report
from liantu.tables.fold import in_order
from liantu.tables.runs import Runs, among, picked, runs_of

TABLES = ("projects", "milestones", "investments", "approvals", "observations", "merges", "parts", "changes", "enterprises",
          "problems", "quarantine")
WIDTHS = {"day": 0, "ten_days": 10, "month": 30, "quarter": 91, "half": 183, "year": 365}
"""Days by which the true date may lie before the last day of its period, at most."""
_UNIT_DOUBTS = ("unit_slip", "amount_implausible")
_REACH = (pd.Timestamp("1990-01-01"), pd.Timestamp("2100-01-01"))
RANKS = {stage: place for place, stage in enumerate(FLOW)} | {"suspended": FLOW.index("started"), "resumed": FLOW.index("started")}
"""How far along each stage is; works that rest or go on again have been started."""


@dataclass(frozen=True, eq=False)
class Known:
    """City-wide tables as known at `as_of`: those of the data dictionary, the dates of the ledgers, and the winter pause."""

    as_of: dt.date
    collected: tuple[pd.Timestamp, ...]
    pause: WinterPause
    counties: tuple[str, ...]
    city: str
    projects: pd.DataFrame = field(repr=False)
    milestones: pd.DataFrame = field(repr=False)
    investments: pd.DataFrame = field(repr=False)
    approvals: pd.DataFrame = field(repr=False)
    observations: pd.DataFrame = field(repr=False)
    merges: pd.DataFrame = field(repr=False)
    parts: pd.DataFrame = field(repr=False)
    changes: pd.DataFrame = field(repr=False)
    enterprises: pd.DataFrame = field(repr=False)
    problems: pd.DataFrame = field(repr=False)
    quarantine: pd.DataFrame = field(repr=False)

    @cached_property
    def facts(self) -> pd.DataFrame:
        """`projects` by project_id, without those terminated: a claim given up is no claim."""
        rows = self.projects
        return rows[rows["stage"].ne("terminated").to_numpy(bool, na_value=True)].set_index("project_id")

    @cached_property
    def claims(self) -> Mapping[str, pd.DataFrame]:
        """For each stage the projects that are said to have reached it, by project_id: begin, end (of the period dated), precision, since.

        `since` is the first ledger that says so. Terminated projects are left out.
        """
        rows = self.milestones[self.milestones["first_reported"].notna() & among(self.milestones["project_id"], self.facts.index)]
        widths = pd.to_timedelta(rows["precision"].map(WIDTHS).astype("float64").fillna(0), unit="D")
        rows = rows.assign(end=rows["actual_date"], begin=rows["actual_date"] - widths, since=rows["first_reported"])
        table = rows.set_index("project_id")[["stage", "begin", "end", "precision", "since"]]
        return {stage: table[table["stage"] == stage].drop(columns="stage") for stage in FLOW}

    def reached(self, stage: str) -> pd.DataFrame:
        """As `claims` of one stage, with the projects of which only a later stage is told: they have its `since` and no date."""
        own = self.claims[stage]
        later = [self.claims[other] for other in FLOW[FLOW.index(stage) + 1:]]
        since = pd.concat([part["since"] for part in later]).groupby(level=0).min() if later else own["since"].iloc[:0]
        return own.reindex(own.index.union(since.index)).assign(since=lambda table: table["since"].fillna(since))

    @cached_property
    def furthest(self) -> pd.DataFrame:
        """The furthest stage that each project is said to have reached, by project_id: stage, begin, end, precision, since."""
        parts = [table.assign(stage=stage) for stage, table in self.claims.items()]
        table = pd.concat(parts) if parts else pd.DataFrame()
        return table[~table.index.duplicated(keep="last")]

    @cached_property
    def doubtful(self) -> pd.Index:
        """Projects of which cleaning suspects a sum to be written in another unit: what it says of money is asked about there, not here."""
        cells = self.quarantine[self.quarantine["rule"].isin(_UNIT_DOUBTS)]
        keys = ["source_file", "sheet", "row"]
        rows = self.observations[["project_id", *keys]].merge(cells[keys].drop_duplicates(), on=keys)
        return pd.Index(rows["project_id"].unique(), name="project_id")

    # --- the newest words

    @cached_property
    def _ordered(self) -> pd.DataFrame:
        return in_order(self.observations)

    def newest(self, columns: str | Iterable[str]) -> pd.DataFrame:
        """What the row that counts most of those that fill one of `columns` says, by project_id: value (of the first), snapshot.

        Only projects of which some row says something.
        """
        names, known = [columns] if isinstance(columns, str) else list(columns), self._ordered
        runs = self._runs
        told = np.zeros(len(known), dtype=bool)
        for name in names:
            told |= known[name].notna().to_numpy()
        last = runs.last(told)
        ids = picked(known["project_id"], runs.starts)
        table = pd.DataFrame({"value": picked(known[names[0]], last), "snapshot": picked(known["snapshot"], last)})
        return table.set_index(pd.Index(ids, name="project_id"))[last >= 0]

    @cached_property
    def _runs(self) -> Runs:
        return runs_of(self._ordered, ["project_id"])

    def permit(self, approval: str) -> pd.DataFrame:
        """The newest word on an approval by project_id: value (status), snapshot; a date without a word says that it is done."""
        table = self.newest([f"{approval}_status", f"{approval}_date"])
        return table.assign(value=table["value"].fillna("done"))

    @cached_property
    def money(self) -> pd.DataFrame:
        """The newest row of `investments` of each project that tells money done, by project_id: snapshot and the sums."""
        rows = self.investments.dropna(subset=["done_total_wan"]).sort_values("snapshot", kind="stable")
        return rows.drop_duplicates("project_id", keep="last").set_index("project_id")

    # --- days

    def works(self, begin: pd.Series, end: pd.Series) -> np.ndarray:
        """Days between two columns of dates outside the winter pause; NaN where one is missing."""
        both = (begin.notna() & end.notna()).to_numpy()
        days = np.full(len(both), np.nan)
        # A slip of the pen in a year is no reason to fail: what lies outside is taken for the nearest day that is counted.
        start, stop = (column[both].clip(*_REACH).to_numpy().astype("datetime64[D]") for column in (begin, end))
        days[both] = self._counted.between(start, stop)
        return days

    @cached_property
    def _counted(self) -> DayCount:
        return works_days(self.pause, 0.0)

    # --- what each row says

    @cached_property
    def told(self) -> pd.DataFrame:
        """Each ledger row that tells a stage: project_id, snapshot, source, source_file, sheet, rank (-1 before signed), can.

        In the order in which they count. Rows that tell termination are left out. `can` is the furthest stage that any row of the same
        sheet tells: a form that only asks whether works have started cannot deny a completion.
        """
        known = self._ordered
        stage = stage_of_rows(known)
        rows = known[["project_id", "snapshot", "source", "source_file", "sheet", "row"]].assign(
            rank=stage.map(RANKS).fillna(-1).astype(int))[(stage.notna() & stage.ne("terminated")).to_numpy(bool)]
        return rows.assign(can=rows.groupby(["source_file", "sheet"], dropna=False)["rank"].transform("max"))

    @cached_property
    def standing(self) -> pd.DataFrame:
        """`told` of projects that are not terminated."""
        return self.told[among(self.told["project_id"], self.facts.index)]


def known_of(report: Report) -> Known:
    """What a report knows of its whole city."""
    city = report.whole_city
    tables = {name: city.enterprises if name == "enterprises" else city.table(name) for name in TABLES}
    divisions = report.city.divisions
    return Known(as_of=report.as_of, collected=city.collected, pause=report.city.calendar.winter_pause, counties=divisions.codes,
                 city=divisions.city.code, **tables)
