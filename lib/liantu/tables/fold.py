"""From observations (what one ledger said at one date) to the projects as known at a date.

The same code runs when cleaning (everything known) and when a report opens the tables as known at a date, so that
"as known on 30 June" is never a second truth. The newest snapshot wins; within a snapshot the county's ledger, then the
zone's, then a department's (the order in which sources are believed); field by field, a ledger that says nothing does not erase.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pandas as pd

from liantu.tables.contracts import (
    APPROVAL_ROWS,
    APPROVALS,
    CONTRACTS,
    INVESTMENTS,
    MILESTONES,
    OBSERVATIONS,
    PROJECTS,
    SOURCES,
    STAGES,
)
from liantu.tables.snapshots import snapshots_of_files
from liantu.tables.store import read_table

PROGRESS = ("lead", "negotiating", "signed", "approved", "started", "completed", "producing", "at_capacity")
"""Stages in the order a project passes them; suspended, resumed and terminated stand aside."""
RANK = {stage: place for place, stage in enumerate(PROGRESS)} | {"suspended": 4, "resumed": 4, "terminated": 99}
"""How far a stage is; suspended and resumed works have been started, and nothing comes after a termination."""
_ASIDE = ("suspended", "resumed", "terminated")
PLACED = ("chain", "link", "link_confidence")
"""Columns that one row says together: a link of one row is never put beside the chain of another."""
_AMOUNTS = ["plan_year_wan", "done_year_wan", "done_total_wan"]
_FOLDED = ("projects", "milestones", "investments", "approvals")


def fold(observations: pd.DataFrame, as_of: pd.Timestamp | dt.date | None = None) -> dict[str, pd.DataFrame]:
    """Projects, milestones, investments and approvals as known at `as_of` (None: everything known).

    `observations` follows the contract of that table; observations of later snapshots are not looked at. Returns the four
    tables by name, each held against its contract.
    """
    known = in_order(_until(observations, as_of))
    milestones = fold_milestones(known)
    return {
        "projects": fold_projects(known, milestones),
        "milestones": milestones,
        "investments": fold_investments(known),
        "approvals": fold_approvals(known),
    }


def open_tables(folder: Path, as_of: pd.Timestamp | dt.date | None = None) -> dict[str, pd.DataFrame]:
    """Every tidy table of a processed folder as known at `as_of`, by name.

    Projects, milestones, investments and approvals are folded from the observations up to then; the other tables keep the rows
    whose snapshot is not later; a problem is tied to a project only when the project was known. Raises LiantuError when a table
    is missing or breaks its contract.
    """
    tables = {name: read_table(name, folder) for name in CONTRACTS if name not in _FOLDED}
    tables = {name: _until(frame, as_of) for name, frame in tables.items()} | fold(tables["observations"], as_of)
    unknown = ~tables["problems"]["project_id"].isin(tables["projects"]["project_id"])
    tables["problems"] = tables["problems"].assign(project_id=tables["problems"]["project_id"].mask(unknown))
    return {name: tables[name] for name in CONTRACTS}


def in_order(observations: pd.DataFrame) -> pd.DataFrame:
    """Observations of each project from the one that counts least to the one that counts most.

    Old before new; department, zone, county; within one ledger the later row first, so that the last row of a project is its first mention.
    """
    weight = observations["source"].map({source: -place for place, source in enumerate(SOURCES)})
    rows = observations.assign(_weight=weight.astype("float64")).sort_values(["source_file", "sheet", "row"], ascending=False)
    return rows.sort_values(["project_id", "snapshot", "_weight"], kind="stable").drop(columns="_weight").reset_index(drop=True)


def fold_projects(known: pd.DataFrame, milestones: pd.DataFrame) -> pd.DataFrame:
    """One row per project; `known` in order (see `in_order`), the newest value that is not empty in each field."""
    fields = [name for name in PROJECTS.names if name in OBSERVATIONS.names and name != "project_id"]
    by_project = known.groupby("project_id", sort=True)
    projects = newest(known, ["project_id"], fields)
    seen = by_project["snapshot"].agg(first_snapshot="min", last_snapshot="max", n_reports="size")
    projects = projects.join(seen, on="project_id")
    return PROJECTS.conform(projects.assign(stage=_stages(known, projects, milestones)))


def fold_milestones(known: pd.DataFrame) -> pd.DataFrame:
    """One row per project and stage that any ledger dates or states; `known` in order.

    `planned_date` and `actual_date` are the newest of their kind; `first_reported` is the first snapshot that gave an actual date
    or stated this very stage, so a stage stated without a date has a row without one. `precision` is the actual date's, else the
    planned one's.
    """
    said = pd.concat([_said_of(known, stage) for stage in STAGES], ignore_index=True)
    key = ["project_id", "stage"]
    planned = said[said["planned_date"].notna()].drop_duplicates(key, keep="last").set_index(key)
    actual = said[said["actual_date"].notna()].drop_duplicates(key, keep="last").set_index(key)
    happened = said[said["actual_date"].notna() | said["stated"]].groupby(key)["snapshot"].min()
    rows = said[key].drop_duplicates().set_index(key).assign(
        planned_date=planned["planned_date"], actual_date=actual["actual_date"], first_reported=happened,
        precision=actual["actual_precision"])
    rows["precision"] = rows["precision"].fillna(planned["planned_precision"])
    rows = rows.reset_index()
    place = rows["stage"].map({stage: place for place, stage in enumerate(STAGES)})
    return MILESTONES.conform(rows.assign(_place=place).sort_values(["project_id", "_place"]))


def fold_investments(known: pd.DataFrame) -> pd.DataFrame:
    """One row per project and snapshot that reports it; `known` in order."""
    return INVESTMENTS.conform(newest(known, ["project_id", "snapshot"], _AMOUNTS))


def fold_approvals(known: pd.DataFrame) -> pd.DataFrame:
    """One row per project and approval with its newest status; the date is given only where the approval is done."""
    parts = []
    for approval in APPROVALS:
        part = known[["project_id"]].assign(status=known[f"{approval}_status"], date=known[f"{approval}_date"])
        part = part[part["status"].notna() | part["date"].notna()]
        part = part.assign(status=part["status"].fillna("done"))
        newest = part.drop_duplicates("project_id", keep="last").set_index("project_id")
        dates = part[part["date"].notna()].drop_duplicates("project_id", keep="last").set_index("project_id")["date"]
        newest["date"] = dates.reindex(newest.index).where(newest["status"].eq("done"))
        parts.append(newest.reset_index().assign(approval=approval))
    rows = pd.concat(parts, ignore_index=True)
    place = rows["approval"].map({approval: place for place, approval in enumerate(APPROVALS)})
    return APPROVAL_ROWS.conform(rows.assign(_place=place).sort_values(["project_id", "_place"]))


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
    rows = known[key].drop_duplicates().sort_values(key).set_index(key)
    for field in fields:
        told = known[PLACED[0] if field in PLACED else field].notna()
        said = known.loc[told, [*key, field]].drop_duplicates(key, keep="last")
        rows[field] = said.set_index(key)[field]
    return rows.reset_index()


def _said_of(known: pd.DataFrame, stage: str) -> pd.DataFrame:
    rows = pd.DataFrame({
        "project_id": known["project_id"], "stage": stage, "snapshot": known["snapshot"], "stated": known["stage"].eq(stage),
        "planned_date": known[f"{stage}_planned"], "planned_precision": known[f"{stage}_planned_precision"],
        "actual_date": known[f"{stage}_actual"], "actual_precision": known[f"{stage}_actual_precision"],
    })
    return rows[rows["stated"] | rows["planned_date"].notna() | rows["actual_date"].notna()]


def _stages(known: pd.DataFrame, projects: pd.DataFrame, milestones: pd.DataFrame) -> pd.Series:
    """The newest stated stage, raised by actual dates that were first reported after it was stated.

    Of several such dates the furthest stage counts, unless a suspension, resumption or termination is dated at or after it. What is
    stated as suspended or resumed ranks with started, and only a termination's own reversal (a later resumption) undoes a termination.
    """
    stated = known[known["stage"].notna()].drop_duplicates("project_id", keep="last").set_index("project_id")
    dated = milestones[milestones["actual_date"].notna()]
    since = stated["snapshot"].reindex(dated["project_id"]).set_axis(dated.index)
    reached = _reached(dated[since.isna() | (dated["first_reported"] > since)])
    stages = pd.DataFrame({"stated": projects["stage"], "reached": reached.reindex(projects["project_id"]).array})
    rank_stated, rank_reached = stages["stated"].map(RANK), stages["reached"].map(RANK)
    aside = stages["reached"].isin(_ASIDE) & ~(rank_reached < rank_stated)
    undone = stages["stated"].eq("terminated") & stages["reached"].eq("resumed")
    raised = stages["stated"].isna() | (rank_reached > rank_stated) | aside | undone
    return stages["stated"].mask(raised & stages["reached"].notna(), stages["reached"])


def _reached(dated: pd.DataFrame) -> pd.Series:
    """The stage that dated milestones lead to, by project."""
    rows = dated.assign(rank=dated["stage"].map(RANK))
    along = rows[~rows["stage"].isin(_ASIDE)].sort_values(["project_id", "rank"]).drop_duplicates("project_id", keep="last")
    aside = rows[rows["stage"].isin(_ASIDE)].sort_values(["project_id", "actual_date", "rank"]).drop_duplicates("project_id", keep="last")
    both = along.set_index("project_id")[["stage", "actual_date", "rank"]].join(
        aside.set_index("project_id")[["stage", "actual_date"]].add_suffix("_aside"), how="outer")
    later = both["actual_date_aside"].notna() & ~(both["actual_date"] > both["actual_date_aside"])
    # A resumption brings works back to life, but does not take a completed project back to its building site.
    over = both["stage_aside"].eq("resumed") & (both["rank"] > RANK["resumed"])
    return both["stage"].mask(later & ~over, both["stage_aside"])
