"""From observations (what one ledger said at one date) to the projects as known at a date.

The same code runs when cleaning (everything known) and when a report opens the tables as known at a date, so that
"as known on 30 June" is never a second truth. The newest snapshot wins; within a snapshot the county's ledger, then the
zone's, then a department's (the order in which sources are believed); field by field, a ledger that says nothing does not erase.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from liantu.tables.contracts import (
    APPROVALS,
    CONTRACTS,
    OBSERVATIONS,
    PROJECTS,
    SOURCES,
    STAGES,
    nothing,
)
from liantu.tables.runs import Runs, among, codes_of, picked, ranks, runs_of, taken, texts_of
from liantu.tables.snapshots import snapshots_of_files
from liantu.tables.store import read_table

PROGRESS = ("lead", "negotiating", "signed", "approved", "started", "completed", "producing", "at_capacity")
"""Stages in the order a project passes them; suspended, resumed and terminated stand aside."""
RANK = {stage: place for place, stage in enumerate(PROGRESS)} | {"suspended": 4, "resumed": 4, "terminated": 99}
"""How far a stage is; suspended and resumed works have been started, and nothing comes after a termination."""
_STAGES = (*PROGRESS, "suspended", "resumed", "terminated")
_ASIDE = np.array([_STAGES.index(stage) for stage in ("suspended", "resumed", "terminated")])
_RANKS = np.array([*(RANK[stage] for stage in _STAGES), -1])
"""The rank of each place in `_STAGES`; the last one is that of no stage (place -1)."""
PLACED = ("chain", "link", "link_confidence")
"""Columns that one row says together: a link of one row is never put beside the chain of another."""
_KINDS = {column.name: column.kind for column in OBSERVATIONS.columns}
_AMOUNTS = ["plan_year_wan", "done_year_wan", "done_total_wan"]
_NOT_FOLDED = {"source", "source_file", "sheet", "row", "note"}
FOLDED = ("projects", "milestones", "investments", "approvals")
"""The tables that are folded from observations."""
Day = pd.Timestamp | dt.date | None


def fold(observations: pd.DataFrame, as_of: pd.Timestamp | dt.date | None = None) -> dict[str, pd.DataFrame]:
    """Projects, milestones, investments and approvals as known at `as_of` (None: everything known).

    `observations` follows the contract of that table; observations of later snapshots are not looked at. Returns the four
    tables by name, each held against its contract.
    """
    return {table: CONTRACTS[table].conform(part) for table, part in fold_part(in_order(_until(observations, as_of))).items()}


def fold_part(known: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The same of a part of the observations, in order (`in_order`) or with each project in one row only, and not held against contracts.

    `known` may lack columns that hold nothing; so may the tables.
    """
    folding = Folding(known)
    return {table: folding.table(table) for table in FOLDED}


class Folding:
    """Observations in order (`in_order`), and the tables that are folded from them, each when it is first asked for."""

    def __init__(self, known: pd.DataFrame) -> None:
        self._known = known

    def table(self, name: str) -> pd.DataFrame:
        """One of `FOLDED`, not held against its contract."""
        if name == "projects":
            return _projects(self._known, self._runs, *self._milestones)
        if name == "milestones":
            return self._milestones[1]
        return _investments(self._known) if name == "investments" else _approvals(self._known, self._runs)

    @cached_property
    def homes(self) -> pd.DataFrame:
        """project_id, county, chain as in `projects`, one row for each project in its order."""
        fields = [name for name in ("county", "chain") if name in self._known]
        return _newest(self._known, self._runs, ["project_id"], fields).reindex(columns=["project_id", "county", "chain"])

    @cached_property
    def _runs(self) -> Runs:
        return runs_of(self._known, ["project_id"])

    @cached_property
    def _milestones(self) -> tuple[np.ndarray, pd.DataFrame]:
        return _milestones(self._known, self._runs)


def open_tables(folder: Path, as_of: pd.Timestamp | dt.date | None = None) -> dict[str, pd.DataFrame]:
    """Every tidy table of a processed folder as known at `as_of`, by name (`KnownTables`)."""
    known = KnownTables(folder)
    return {name: known.table(name, as_of) for name in CONTRACTS}


class KnownTables:
    """The tidy tables of a processed folder as known at any date, each read and folded when it is first asked for, and kept.

    Projects, milestones, investments and approvals are folded from the observations up to then; the other tables keep the rows
    whose snapshot is not later; a problem is tied to a project only when the project was known. Raises LiantuError when a table
    is missing or breaks its contract.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = Path(folder)
        self._read: dict[str, pd.DataFrame] = {}
        self._known: dict[tuple[str, Day], pd.DataFrame] = {}
        self._folded: dict[Day, Folding] = {}

    def table(self, name: str, as_of: Day = None) -> pd.DataFrame:
        """A tidy table as known at a date (None: everything known); it is kept, so the caller must not change it."""
        if (name, as_of) not in self._known:
            self._known[name, as_of] = self._open(name, as_of)
        return self._known[name, as_of]

    def homes(self, as_of: Day = None) -> pd.DataFrame:
        """project_id, county, chain of each project known at a date."""
        return self._folding(as_of).homes

    def whole(self, name: str) -> pd.DataFrame:
        """A table as it lies on disk, held against its contract."""
        if name not in self._read:
            self._read[name] = read_table(name, self.folder)
        return self._read[name]

    def _open(self, name: str, as_of: Day) -> pd.DataFrame:
        if name in FOLDED:
            return CONTRACTS[name].conform(self._folding(as_of).table(name))
        table = _until(self.whole(name), as_of)
        if name != "problems":
            return table
        unknown = ~among(table["project_id"], self.homes(as_of)["project_id"])
        return table.assign(project_id=table["project_id"].mask(unknown))

    def _folding(self, as_of: Day) -> Folding:
        if as_of not in self._folded:
            self._folded[as_of] = Folding(_until(self._in_order, as_of))
        return self._folded[as_of]

    @cached_property
    def _in_order(self) -> pd.DataFrame:
        # What holds nothing is left out: a third of the columns, of which each would be copied for every date.
        observations = self.whole("observations")
        kept = [name for name in observations if name not in _NOT_FOLDED and observations[name].notna().any()]
        needed = dict.fromkeys(["project_id", "snapshot", "source", "source_file", "sheet", "row", *kept])
        return in_order(observations[list(needed)]).drop(columns=["source", "source_file", "sheet", "row"])


def in_order(observations: pd.DataFrame) -> pd.DataFrame:
    """Observations of each project from the one that counts least to the one that counts most.

    Old before new; department, zone, county; within one ledger the later row first, so that the last row of a project is its first mention.
    """
    order = order_of(observations)
    kept = bool((order == np.arange(len(order))).all())
    return observations.reset_index(drop=True) if kept else taken(observations, order)


def order_of(observations: pd.DataFrame) -> np.ndarray:
    """The places of the rows in the order of `in_order`."""
    weight = len(SOURCES) - codes_of(observations["source"], SOURCES)
    later_first = [-ranks(observations[name]) for name in ("row", "sheet", "source_file")]
    return np.lexsort([*later_first, weight, ranks(observations["snapshot"]), ranks(observations["project_id"])])


def _projects(known: pd.DataFrame, runs: Runs, owners: np.ndarray, milestones: pd.DataFrame) -> pd.DataFrame:
    """One row per project: the newest value that is not empty in each field."""
    fields = [name for name in PROJECTS.names if name in OBSERVATIONS.names and name in known and name not in ("project_id", "stage")]
    projects = _newest(known, runs, ["project_id"], fields)
    seen = known["snapshot"]
    ends = runs.starts + runs.sizes() - 1
    return projects.assign(
        first_snapshot=picked(seen, runs.starts), last_snapshot=picked(seen, ends), n_reports=runs.sizes(),
        stage=_stages(known, runs, owners, milestones))


def _milestones(known: pd.DataFrame, runs: Runs) -> tuple[np.ndarray, pd.DataFrame]:
    """One row per project and stage that any ledger dates or states, and before it the number of the project of each.

    `planned_date` and `actual_date` are the newest of their kind; `first_reported` is the first snapshot that gave an actual date
    or stated this very stage, so a stage stated without a date has a row without one. `precision` is the actual date's, else the
    planned one's.
    """
    stages = _codes(known, "stage", STAGES)
    parts = [_milestones_of(known, runs, stages == place, stage) for place, stage in enumerate(STAGES)]
    numbers, frames = [part[0] for part in parts], [part[1] for part in parts]
    owners = np.concatenate(numbers)
    order = np.argsort(owners, kind="stable")
    return owners[order], taken(pd.concat([frame for frame in frames if len(frame)] or frames[:1], ignore_index=True), order)


def _milestones_of(known: pd.DataFrame, runs: Runs, stated: np.ndarray, stage: str) -> tuple[np.ndarray, pd.DataFrame]:
    """The numbers of the projects of which a ledger dates or states one stage, and their rows of `milestones`."""
    dated = {side: _told(known, f"{stage}_{side}") for side in ("planned", "actual")}
    said = np.zeros(len(runs), dtype=bool)
    said[runs.of[stated | dated["planned"] | dated["actual"]]] = True
    numbers = np.flatnonzero(said)
    last = {side: runs.last(told)[numbers] for side, told in dated.items()}
    precision = {side: _picked(known, f"{stage}_{side}_precision", places) for side, places in last.items()}
    return numbers, pd.DataFrame({
        "project_id": picked(known["project_id"], runs.starts[numbers]),
        "stage": texts_of(np.zeros(len(numbers), dtype=np.int8), [stage]),
        "planned_date": _picked(known, f"{stage}_planned", last["planned"]),
        "actual_date": _picked(known, f"{stage}_actual", last["actual"]),
        "precision": precision["actual"].fillna(precision["planned"]),
        "first_reported": picked(known["snapshot"], runs.first(stated | dated["actual"])[numbers]),
    })


def _investments(known: pd.DataFrame) -> pd.DataFrame:
    """One row per project and snapshot that reports it."""
    key = ["project_id", "snapshot"]
    return _newest(known, runs_of(known, key), key, [name for name in _AMOUNTS if name in known])


def _approvals(known: pd.DataFrame, runs: Runs) -> pd.DataFrame:
    """One row per project and approval with its newest status; the date is given only where the approval is done."""
    parts = [_approvals_of(known, runs, approval) for approval in APPROVALS]
    order = np.argsort(np.concatenate([numbers for numbers, _ in parts]), kind="stable")
    frames = [frame for _, frame in parts]
    return taken(pd.concat([frame for frame in frames if len(frame)] or frames[:1], ignore_index=True), order)


def _approvals_of(known: pd.DataFrame, runs: Runs, approval: str) -> tuple[np.ndarray, pd.DataFrame]:
    """The numbers of the projects that report one approval, and their rows of `approvals`."""
    dated = _told(known, f"{approval}_date")
    last = runs.last(_told(known, f"{approval}_status") | dated)
    numbers = np.flatnonzero(last >= 0)
    # A date without a word says that it is done.
    status = _picked(known, f"{approval}_status", last[numbers]).fillna("done")
    dates = _picked(known, f"{approval}_date", runs.last(dated)[numbers])
    return numbers, pd.DataFrame({
        "project_id": picked(known["project_id"], runs.starts[numbers]), "approval": texts_of(np.zeros(len(numbers), np.int8), [approval]),
        "status": status, "date": dates.where(status.eq("done"))})


def _told(known: pd.DataFrame, name: str) -> np.ndarray:
    """For each row whether a column says something; it may be absent."""
    return known[name].notna().to_numpy() if name in known else np.zeros(len(known), dtype=bool)


def _picked(known: pd.DataFrame, name: str, places: np.ndarray) -> pd.Series:
    """As `picked` of a column of observations that may be absent."""
    return picked(known[name], places) if name in known else nothing(_KINDS[name], len(places))


def _codes(known: pd.DataFrame, name: str, words: Sequence[str]) -> np.ndarray:
    return codes_of(known[name], words) if name in known else np.full(len(known), -1)


def _until(frame: pd.DataFrame, as_of: pd.Timestamp | dt.date | None) -> pd.DataFrame:
    if as_of is None:
        return frame
    if "snapshot" in frame.columns:
        snapshots = frame["snapshot"]
    elif "source_file" in frame.columns:
        snapshots = snapshots_of_files(frame["source_file"])
    else:
        return frame
    return frame[~(snapshots > pd.Timestamp(as_of))].reset_index(drop=True)


def newest(known: pd.DataFrame, key: list[str], fields: list[str]) -> pd.DataFrame:
    """The last value that is not empty of each field, for each key; sorted by key. What `PLACED` names comes from one row."""
    order = np.lexsort([ranks(known[name]) for name in reversed(key)])
    if len(order) and not (order == np.arange(len(order))).all():
        known = taken(known, order)
    return _newest(known, runs_of(known, key), key, fields)


def _newest(known: pd.DataFrame, runs: Runs, key: list[str], fields: list[str]) -> pd.DataFrame:
    told = {field: PLACED[0] if field in PLACED else field for field in fields}
    places = {field: runs.last(known[field].notna().to_numpy()) for field in dict.fromkeys(told.values())}
    return pd.DataFrame(
        {name: picked(known[name], runs.starts) for name in key}
        | {field: picked(known[field], places[of]) for field, of in told.items()})


def _stages(known: pd.DataFrame, runs: Runs, owners: np.ndarray, milestones: pd.DataFrame) -> pd.Series:
    """The newest stated stage, raised by actual dates that were first reported after it was stated.

    Of several such dates the furthest stage counts, unless a suspension, resumption or termination is dated at or after it. What is
    stated as suspended or resumed ranks with started, and only a termination's own reversal (a later resumption) undoes a termination.
    """
    codes = _codes(known, "stage", _STAGES)
    last = runs.last(codes >= 0)
    stated = np.where(last >= 0, codes[last], -1)
    since = picked(known["snapshot"], last).to_numpy()
    has_date = milestones["actual_date"].notna().to_numpy()
    dated, project = milestones[has_date], owners[has_date]
    news = np.isnat(since[project]) | (dated["first_reported"].to_numpy() > since[project])
    reached = _reached(project[news], codes_of(dated["stage"], _STAGES)[news], dated["actual_date"].to_numpy()[news], len(runs))
    aside = np.isin(reached, _ASIDE) & ~((_RANKS[reached] < _RANKS[stated]) & (stated >= 0))
    undone = (stated == _STAGES.index("terminated")) & (reached == _STAGES.index("resumed"))
    raised = (stated < 0) | (_RANKS[reached] > _RANKS[stated]) | aside | undone
    return texts_of(np.where(raised & (reached >= 0), reached, stated), _STAGES)


def _reached(project: np.ndarray, stage: np.ndarray, date: np.ndarray, projects: int) -> np.ndarray:
    """The stage (its place in `_STAGES`) that dated milestones lead to, by the number of the project; -1 without any."""
    aside = np.isin(stage, _ASIDE)
    along, way = _furthest(project, ~aside, np.lexsort([_RANKS[stage], project]), projects), _furthest(
        project, aside, np.lexsort([_RANKS[stage], date, project]), projects)
    never = np.array([np.datetime64("NaT")], dtype=date.dtype)
    stage, date = np.append(stage, -1), np.append(date, never)
    later = ~np.isnat(date[way]) & ~(date[along] > date[way])
    # A resumption brings works back to life, but does not take a completed project back to its building site.
    over = (stage[way] == _STAGES.index("resumed")) & (_RANKS[stage[along]] > RANK["resumed"]) & (along >= 0)
    return np.where(later & ~over, stage[way], stage[along])


def _furthest(project: np.ndarray, chosen: np.ndarray, order: np.ndarray, projects: int) -> np.ndarray:
    """For each project the place of its last chosen milestone in `order`; -1 without any."""
    places = np.full(projects, -1)
    ordered = order[chosen[order]]
    places[project[ordered]] = ordered
    return places
