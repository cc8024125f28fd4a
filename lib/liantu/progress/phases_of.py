"""The tidy tables as phases: one row for each project and stage of a life that is reached or still ahead."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import numpy as np
import pandas as pd

from liantu.progress.counts import FLOW

TALKS = ("lead", "negotiating")
COLUMNS = ("project", "stage", "start", "planned_end", "actual_end", "first_reported", "county", "size_wan", "construction")
_NONE = np.datetime64("NaT", "ms")


def phases_of(tables: Mapping[str, pd.DataFrame], as_of: object) -> pd.DataFrame:
    """One row for each project and stage of `FLOW` that is reached or still ahead, in the columns `COLUMNS`; dates are datetime64[ms].

    `tables` holds `projects` and `milestones` by their contracts as known at `as_of` (a report's `tables`); what was reported after `as_of`
    is left out. A stage is reached when a ledger has reported it, with or without a date (`actual_end` is NaT then). Stages passed without
    a report are left out: a project approved and never signed was not attracted. A project still in talks, or that no ledger gives a stage
    or an actual date, has an open row for each stage, `signed` only where ledgers say that it is in talks. Terminated projects have no open
    rows; nor have those which their county's newest ledgers no longer list. Suspended projects stay open. `start` is the date of the last
    stage reached before (its first report where it has no date; the first ledger for a project with nothing before); NaT for a stage that
    still waits for another one. Of dates out of order nothing is changed: see `phase_notes`.
    """
    day = pd.Timestamp(as_of)
    projects = tables["projects"].drop_duplicates("project_id")
    life = _life(tables["milestones"], projects["project_id"], day)
    shape = (len(projects), len(FLOW))
    reached = life["reached"]
    last = np.where(reached, np.arange(len(FLOW)), -1).max(axis=1, initial=-1)
    lowest = np.where((last < 0) & ~projects["stage"].isin(TALKS).to_numpy(), 0, last)
    ahead = (np.arange(len(FLOW)) > lowest[:, None]) & ~closed(tables, projects, day)[:, None]
    listed = projects["first_snapshot"].to_numpy(dtype="datetime64[ms]") if "first_snapshot" in projects else np.full(len(projects), _NONE)
    start = _starts(reached, life["when"], np.broadcast_to(listed[:, None], shape))
    begun = reached | (np.arange(len(FLOW)) == np.maximum(last, lowest)[:, None] + 1)
    row, stage = np.nonzero(reached | ahead)
    told = projects.iloc[row]
    return pd.DataFrame({
        "project": told["project_id"].array, "stage": pd.array(np.array(FLOW, dtype=object)[stage], dtype="str"),
        "start": np.where(begun, start, _NONE)[row, stage], "planned_end": life["planned"][row, stage],
        "actual_end": life["end"][row, stage], "first_reported": life["first"][row, stage],
        "county": told["county"].array, "size_wan": told["total_investment_wan"].array, "construction": told["construction"].array,
    }, columns=list(COLUMNS))  # fmt: skip


def phase_notes(tables: Mapping[str, pd.DataFrame], as_of: dt.date) -> list[tuple[str, dict[str, int]]]:
    """What is odd or thin in the phases of some tables: codes with the number of rows or projects.

    `out_of_order` (projects with a stage dated before an earlier stage), `end_without_date`, `not_listed` (projects that their county's
    newest ledgers leave out, not at capacity), `no_plan_dates`, `no_rows`.
    """
    phases = phases_of(tables, as_of)
    done, waiting = phases["first_reported"].notna(), phases["actual_end"].isna() & phases["first_reported"].isna()
    order = phases["stage"].map({stage: place for place, stage in enumerate(FLOW)})
    dated = phases[done & phases["actual_end"].notna()].assign(order=order).sort_values(["project", "order"], kind="stable")
    back = dated["actual_end"] < dated.groupby("project")["actual_end"].shift()
    projects = tables["projects"].drop_duplicates("project_id")
    gone = closed(tables, projects, pd.Timestamp(as_of)) & ~projects["stage"].isin(["at_capacity", "terminated"]).to_numpy()
    counts = {"out_of_order": dated.loc[back, "project"].nunique(), "end_without_date": int((done & phases["actual_end"].isna()).sum()),
              "not_listed": int(gone.sum())}
    notes = [(code, {"count": int(count)}) for code, count in counts.items() if count]
    if not len(phases):
        notes.append(("no_rows", {}))
    elif phases.loc[waiting, "planned_end"].isna().all():
        notes.append(("no_plan_dates", {"count": int(waiting.sum())}))
    return notes


def closed(tables: Mapping[str, pd.DataFrame], projects: pd.DataFrame, as_of: pd.Timestamp) -> np.ndarray:
    """For each of `projects` whether nothing more is expected of it: terminated, or not in the newest ledgers of its county.

    Ledgers drop what was finished in an earlier year; of those dropped few are ever reported again, and what is comes as of a project not
    listed. A county that has sent nothing since keeps its projects: its own newest ledger counts.
    """
    milestones = tables["milestones"]
    ended = milestones[(milestones["stage"] == "terminated") & (milestones["first_reported"] <= as_of)]
    over = projects["stage"].eq("terminated").fillna(False).to_numpy() | projects["project_id"].isin(ended["project_id"]).to_numpy()
    if "last_snapshot" not in projects:
        return over
    newest = projects.groupby("county", dropna=False)["last_snapshot"].transform("max")
    return over | (projects["last_snapshot"] < newest).to_numpy()


def _life(milestones: pd.DataFrame, projects: pd.Series, day: pd.Timestamp) -> dict[str, np.ndarray]:
    """Projects x stages: reached, end and first report of what is reached, planned, and when (the end, else its first report)."""
    place = pd.Index(projects).get_indexer(milestones["project_id"])
    stage = pd.Index(FLOW).get_indexer(milestones["stage"])
    mine = np.flatnonzero((place >= 0) & (stage >= 0))
    where = (place[mine], stage[mine])
    found = {}
    for name, column in (("end", "actual_date"), ("first", "first_reported"), ("planned", "planned_date")):
        found[name] = np.full((len(projects), len(FLOW)), _NONE)
        found[name][where] = milestones[column].to_numpy(dtype="datetime64[ms]")[mine]
    reached = found["first"] <= day.to_datetime64()
    for name in ("end", "first"):
        found[name] = np.where(reached, found[name], _NONE)
    return {**found, "reached": reached, "when": np.where(np.isnat(found["end"]), found["first"], found["end"])}


def _starts(reached: np.ndarray, when: np.ndarray, first: np.ndarray) -> np.ndarray:
    """For each stage the date of the last stage reached before it; `first` where there is none."""
    steps = np.where(reached, np.arange(reached.shape[1]), -1)
    before = np.concatenate([np.full((len(steps), 1), -1), np.maximum.accumulate(steps, axis=1)[:, :-1]], axis=1)
    found = np.take_along_axis(when, np.maximum(before, 0), axis=1) if when.size else when
    # What was reached before any ledger was seen began at an unknown date.
    return np.where(before >= 0, found, np.where(reached, _NONE, first))
