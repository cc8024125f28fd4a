"""Pace: completion held against elapsed time (双过半, 序时进度) by county and target, and the lists behind it.

The speech sets targets for the city and none for a county. So a county is held against its own plan: the projects whose original plan date
of the measure's stage lies in the target's window. It is the county's word, not a task set for it; a county that plans little looks good.
"""

from __future__ import annotations

import datetime as dt
from decimal import ROUND_HALF_UP, Decimal

import numpy as np
import pandas as pd

from liantu.progress.counts import FINISHED, FLOW, STAGE_OF, stage_of_rows
from liantu.progress.delays import reporting_delays
from liantu.progress.slips import slips
from liantu.progress.targets import comparable, counted_in, counted_targets, months_left, window_share
from liantu.progress.told import told_in
from liantu.reference import Target
from liantu.reference.opened import kept
from liantu.report import Report

PLACES = 2
"""Percentages are rounded half up to two decimals, and points are the difference of rounded percentages, as progress notices do."""
_PACE = ["county", "target", "planned", "due_by_now", "done", "share_done", "share_elapsed", "points", "per_month_needed", "note",
         "done_of_plan", "backlog", "half"]
_SHOULD = ["project_id", "county", "department", "planned_date", "original_date", "days_late", "reason", "name", "times_moved", "suspended",
           "last_report", "sure"]
_EARLY = ["project_id", "county", "department", "planned_date", "original_date", "actual_date", "days_early", "name", "note"]


def percent(share: float, places: int = PLACES) -> float:
    """A share as a percentage, rounded half up to `places` decimals (NaN stays).

    Checked against a published notice: 313.64 of 1,015 is 30.90 %.
    """
    if not np.isfinite(share):
        return float("nan")
    return float(Decimal(repr(100 * float(share))).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP))


def points_ahead(share_done: float, share_elapsed: float, places: int = PLACES) -> float:
    """Percentage points that completion is ahead of elapsed time (negative: behind), both rounded before they are subtracted.

    Checked against a published notice: 313.64 of 1,015 at the end of March is 5.90 points over elapsed time.
    """
    return round(percent(share_done, places) - percent(share_elapsed, places), places)


@kept(maxsize=4)
def county_pace(report: Report) -> pd.DataFrame:
    """Completion against elapsed time of every target, by county and, last, the city; kept, so the caller must not change it.

    Columns: county (GB/T code; 211300: the city's own projects, if any; "": the whole city, not in a county's report), target, planned (a
    county: its projects whose original plan of the stage lies in the window, for 开复工 with those carried over; the city: the target's
    value, NaN without one),
    due_by_now (of the planned, those whose original date has passed; the city: value times elapsed share), done (as the target counts),
    share_done (done / planned, NaN without a plan), share_elapsed (of the window, whole quarters as quarters), points (rounded:
    `points_ahead`), per_month_needed (to reach the plan by the due date; NaN when it has passed), note: "" or one of `no_plan`,
    `few` (under 12 planned), `beyond_plan` (more done than planned), `no_target`; done_of_plan (of the planned projects, how many are
    counted: done also counts projects planned for another year or not at all), backlog (planned before the window and not reached before
    it: these come on top of the plan), half (share_done is at least one half; what 双过半 asks at mid-year).
    """
    own = report.parameters.county
    counties = [own] if own else [*report.city.divisions.codes]
    city = report.city.divisions.city.code
    rows = []
    for target in counted_targets(report):
        facts = _plan_of(report, target)
        rows += [_county_row(report, target, facts, code) for code in counties]
        if not own:
            rows += [_county_row(report, target, facts, city)] if (facts["county"] == city).any() else []
            rows.append(_city_row(report, target, facts))
    return pd.DataFrame(rows, columns=_PACE)


def _plan_of(report: Report, target: Target) -> pd.DataFrame:
    """One row for each project planned for the window of a target, left from before, or counted: county and what of these it is."""
    start, due = pd.Timestamp(target.window_start or dt.date(target.due.year, 1, 1)), pd.Timestamp(target.due)
    rows = slips(report)
    rows = rows[(rows["stage"] == STAGE_OF[target.measure]) & (rows["note"] != "terminated")].set_index("project_id")
    done = counted_in(report, target)
    planned = rows["original_date"].between(start, due)
    waiting = (rows["original_date"] < start) & ~(rows["actual_date"] < start) & ~rows["note"].eq("no_date")
    everyone = rows.index.union(pd.Index(done["project_id"].astype("str"), name="project_id"))
    facts = pd.DataFrame({
        "planned": planned.reindex(everyone, fill_value=False), "backlog": waiting.reindex(everyone, fill_value=False),
        "due": (planned & (rows["original_date"] <= pd.Timestamp(report.as_of))).reindex(everyone, fill_value=False),
        "done": everyone.isin(done["project_id"])}, index=everyone)
    if target.measure == "at_work":
        # What is carried over is planned for the whole window: it was at work before it. Nothing counts twice: one row for each project.
        carried = facts["done"] & ~everyone.isin(_new_in(report, done, start, due))
        facts["planned"], facts["due"], facts["backlog"] = facts["planned"] | carried, facts["due"] | carried, facts["backlog"] & ~carried
    facts["county"] = report.projects.set_index("project_id")["county"].reindex(everyone).to_numpy()
    return facts


def _new_in(report: Report, done: pd.DataFrame, start: pd.Timestamp, due: pd.Timestamp) -> pd.Series:
    """Those of `done` that started in the window."""
    starts = report.milestones
    starts = starts[(starts["stage"] == "started") & starts["actual_date"].between(start, due)]
    return done.loc[done["project_id"].isin(starts["project_id"]), "project_id"]


def _county_row(report: Report, target: Target, facts: pd.DataFrame, county: str) -> dict[str, object]:
    own = facts[(facts["county"] == county).to_numpy(dtype=bool, na_value=False)]
    planned, done = int(own["planned"].sum()), int(own["done"].sum())
    note = "no_plan" if not planned else "beyond_plan" if done > planned else "few" if planned < 12 else ""
    more = {"due_by_now": float(own["due"].sum()), "done_of_plan": int((own["planned"] & own["done"]).sum()),
            "backlog": int(own["backlog"].sum()), "note": note}
    return _pace_row(report, target, county, float(planned) if planned else np.nan, done, more) | {"planned": float(planned)}


def _city_row(report: Report, target: Target, facts: pd.DataFrame) -> dict[str, object]:
    value = float(target.value) if comparable(report) and target.value is not None else np.nan
    elapsed = window_share(target, report.as_of)
    more = {"due_by_now": value * elapsed, "done_of_plan": int((facts["planned"] & facts["done"]).sum()),
            "backlog": int(facts["backlog"].sum()), "note": "no_target" if np.isnan(value) else ""}
    return _pace_row(report, target, "", value, int(facts["done"].sum()), more)


def _pace_row(report: Report, target: Target, county: str, planned: float, done: int, more: dict[str, object]) -> dict[str, object]:
    share, elapsed = done / planned, window_share(target, report.as_of)
    months = months_left(target.due, report.as_of)
    return {"county": county, "target": target.id, "planned": planned, "done": done, "share_done": share, "share_elapsed": elapsed,
            "points": points_ahead(share, elapsed), "half": bool(share >= 0.5),
            "per_month_needed": max(planned - done, 0) / months if months > 0 else np.nan, **more}


@kept(maxsize=8)
def should_have(report: Report, stage: str = "started") -> pd.DataFrame:
    """应…未…: plans of a stage whose original date has passed at `report.as_of` and that no ledger reports reached, the latest first.

    Left out, and counted in `left_out`: projects without a plan of the stage, terminated ones, and those that a ledger reports beyond it.
    Columns: project_id, county, department, planned_date (latest), original_date, days_late (since the original date), reason (for moving
    the plan; missing: none given), name, times_moved, suspended (the newest row says so), last_report (the project's last ledger), sure:
    `told` (the newest ledger lists the project and does not say that it is reached), `old` (the project's last ledger is older than the
    newest one collected), `may_be_unreported` (days late are within the usual reporting delay of the stage, so it may have happened).
    Kept, so the caller must not change it.
    """
    rows = _overdue(report, stage)
    rows = rows[rows["left_out"] == ""]
    projects = report.projects.set_index("project_id").reindex(rows["project_id"])
    rows = rows.assign(name=projects["name"].to_numpy(), last_report=projects["last_snapshot"].to_numpy(),
                       suspended=rows["project_id"].isin(_now_in(report, "suspended")))
    rows["sure"] = _sureness(report, stage, rows)
    return rows.sort_values(["days_late", "project_id"], ascending=[False, True])[_SHOULD].reset_index(drop=True)


def left_out(report: Report, stage: str = "started") -> pd.DataFrame:
    """Why projects are not in `should_have` although the stage is not reported reached: reason, projects.

    Reasons: `no_plan` (no plan date of the stage, and not terminated), `terminated`, `beyond` (a later stage is reported), `ahead` (the
    original date lies ahead). Rows with zero are kept.
    """
    rows, milestones = _overdue(report, stage), report.milestones
    reached = milestones[(milestones["stage"] == stage) & (milestones["first_reported"].notna() | milestones["actual_date"].notna())]
    known = [reached["project_id"], rows["project_id"], _reached_beyond(milestones, stage), _now_in(report, "terminated")]
    unplanned = int((~report.projects["project_id"].isin(pd.concat(known))).sum())
    counts = rows["left_out"].value_counts()
    reasons = [("no_plan", unplanned), *((name, int(counts.get(name, 0))) for name in ("terminated", "beyond", "ahead"))]
    return pd.DataFrame(reasons, columns=["reason", "projects"])


@kept(maxsize=8)
def _overdue(report: Report, stage: str) -> pd.DataFrame:
    rows = slips(report)
    rows = rows[(rows["stage"] == stage) & ~rows["reached"]].copy()
    rows["days_late"] = (pd.Timestamp(report.as_of) - rows["original_date"]).dt.days
    beyond = rows["project_id"].isin(_reached_beyond(report.milestones, stage))
    ended = rows["project_id"].isin(_now_in(report, "terminated"))
    rows["left_out"] = np.select([ended, beyond, rows["days_late"] <= 0], ["terminated", "beyond", "ahead"], "")
    return rows


def _reached_beyond(milestones: pd.DataFrame, stage: str) -> pd.Series:
    """Projects that a ledger reports in a stage of the flow after `stage`."""
    later = FLOW[FLOW.index(stage) + 1:] if stage in FLOW else FINISHED
    told = milestones["first_reported"].notna() | milestones["actual_date"].notna()
    return milestones.loc[told & milestones["stage"].isin(later), "project_id"]


def _now_in(report: Report, stage: str) -> pd.Series:
    """Projects that stand in a stage: of the newest row that says one; terminated ones also by their milestone."""
    if stage == "terminated":
        rows = report.milestones
        return rows.loc[(rows["stage"] == stage) & rows["first_reported"].notna(), "project_id"]
    told = told_in(report)
    stages = stage_of_rows(told.observations)
    newest = told.observations["project_id"].iloc[told.order], stages.iloc[told.order]
    last = pd.Series(newest[1].to_numpy(), index=newest[0].to_numpy()).dropna().groupby(level=0).last()
    return last.index[last == stage].to_series()


def _sureness(report: Report, stage: str, rows: pd.DataFrame) -> np.ndarray:
    newest = max(report.collected, default=pd.NaT) if not report.parameters.county else report.projects["last_snapshot"].max()
    delays = reporting_delays(report.milestones, report.projects["first_snapshot"].min())
    delays = delays.loc[delays["stage"] == stage, "days"]
    usual = delays.median() if len(delays) else np.nan
    return np.select([rows["last_report"] < newest, rows["days_late"] <= usual], ["old", "may_be_unreported"], "told").astype(object)


@kept(maxsize=8)
def started_early(report: Report, stage: str = "started") -> pd.DataFrame:
    """Projects that reached a stage before its original plan date, within the report's year: the earliest first.

    Columns: project_id, county, department, planned_date, original_date, actual_date, days_early, name, note (of `slips`: a date given for
    before the project's first ledger, or behind the ledger that reports it, is less sure). Kept, so the caller must not change it.
    """
    rows = slips(report)
    year = rows["actual_date"].dt.year == report.quarter.year
    rows = rows[(rows["stage"] == stage) & year & (rows["overrun_days"] < 0)]
    names = report.projects.set_index("project_id")["name"].reindex(rows["project_id"]).to_numpy()
    rows = rows.assign(days_early=(-rows["overrun_days"]).astype("int64"), name=names)
    return rows.sort_values(["days_early", "project_id"], ascending=[False, True])[_EARLY].reset_index(drop=True)
