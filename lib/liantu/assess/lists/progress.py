"""The progress list: every project in progress with its dates, its money and the milestone that comes next."""

from __future__ import annotations

import numpy as np
import pandas as pd

from liantu.assess.lists.rules import ListRules
from liantu.assess.lists.states import by_urgency, with_state
from liantu.report import Report
from liantu.tables.fold import RANK

PROGRESS_LIST = ["project_id", "name", "company", "county", "construction", "total_investment_wan", "department", "stage", "last_snapshot",
                 "plan_year_wan", "done_year_wan", "done_total_wan", "money_as_of"]


def in_progress(projects: pd.DataFrame, rules: ListRules) -> pd.Series:
    """True for projects at a stage in progress, or at none that is reported, which the newest ledgers of their county still have."""
    newest = projects.groupby("county", dropna=False)["last_snapshot"].transform("max")
    return (projects["stage"].isin(rules.in_progress) | projects["stage"].isna()) & (projects["last_snapshot"] == newest)


def progress_list(report: Report, rules: ListRules) -> pd.DataFrame:
    """One row for each project in progress of the whole city, the most overdue first.

    Columns: PROGRESS_LIST (amounts in 万元, of the newest row that tells any, `money_as_of` its snapshot), `<step>_planned` and
    `<step>_actual` of each of the rules' steps, each with `_precision`, `<step>_reached`, `next` (the first step not reached that has a
    planned date; missing: none), `due` (that date), `state`, `days`. `name`, `company` and `county` are those of one row of a ledger, so
    that the row is known again when it comes back.
    """
    projects = report.projects
    table = _as_reported(projects[in_progress(projects, rules)], report.table("observations"))
    money = report.investments.dropna(subset=["plan_year_wan", "done_year_wan", "done_total_wan"], how="all").sort_values("snapshot")
    money = money.drop_duplicates("project_id", keep="last").rename(columns={"snapshot": "money_as_of"})
    table = table.merge(money, on="project_id", how="left")[PROGRESS_LIST]
    table = table.join(_dates(report.milestones, rules), on="project_id")
    for name in _sides(rules):
        known = _said(report, name).drop_duplicates(["project_id", name], keep="last").drop(columns="source")
        table = table.merge(known, on=["project_id", name], how="left")
    for step in rules.steps:
        passed = table["stage"].map(RANK).fillna(-1) >= RANK[step]
        table[f"{step}_reached"] = table[f"{step}_reached"].fillna(False).astype(bool) | passed
    table = table.assign(**_next(table, rules))
    return by_urgency(with_state(table, pd.Series(False, index=table.index), report.as_of, rules.soon_days), "project_id")


def _as_reported(projects: pd.DataFrame, observations: pd.DataFrame) -> pd.DataFrame:
    """The projects with name, company and county as the newest row of a ledger gives them together: identity goes by the three."""
    rows = observations[observations["project_id"].isin(projects["project_id"])]
    rows = rows.assign(_weight=(rows["source"] != "county")).sort_values(["snapshot", "_weight"], ascending=[False, True], kind="stable")
    said = rows.drop_duplicates("project_id").set_index("project_id")[["name", "company", "county"]]
    return projects.drop(columns=["name", "company", "county"]).join(said, on="project_id")


def as_sent_by(progress: pd.DataFrame, report: Report, rules: ListRules, kind: str) -> pd.DataFrame:
    """The progress list with sums and dates as one kind of reporter (county, department) last gave them, where it gave any.

    What comes back unchanged then says what that reporter had said before: nobody's figure becomes somebody else's change.
    """
    table = progress.copy()
    for name in ("total_investment_wan", *_sides(rules)):
        own = _said(report, name)
        own = own[own["source"] == kind].drop_duplicates("project_id", keep="last").set_index("project_id").drop(columns="source")
        told = own.reindex(table["project_id"]).set_axis(table.index)
        given = told[name].notna()
        for column in told.columns:
            table[column] = told[column].where(given, table[column])
    return table


def _said(report: Report, name: str) -> pd.DataFrame:
    """The rows of all ledgers that give a field, oldest first: project_id, source, the field and its precision."""
    rows = report.table("observations")
    precision = [f"{name}_precision"] if f"{name}_precision" in rows else []
    return rows.dropna(subset=[name]).sort_values("snapshot", kind="stable")[["project_id", "source", name, *precision]]


def _sides(rules: ListRules) -> list[str]:
    return [f"{step}_{side}" for step in rules.steps for side in ("planned", "actual")]


def _dates(milestones: pd.DataFrame, rules: ListRules) -> pd.DataFrame:
    made = {}
    for step in rules.steps:
        rows = milestones[milestones["stage"] == step].set_index("project_id")
        made |= {f"{step}_planned": rows["planned_date"], f"{step}_actual": rows["actual_date"],
                 f"{step}_reached": rows["first_reported"].notna()}
    return pd.DataFrame(made)


def _next(table: pd.DataFrame, rules: ListRules) -> dict[str, pd.Series]:
    """The first step with a planned date that neither is reached nor lies before one that is."""
    step = np.full(len(table), None, dtype=object)
    due = np.full(len(table), np.datetime64("NaT", "ms"))
    past = np.zeros(len(table), dtype=bool)
    for name in reversed(rules.steps):
        past |= table[f"{name}_reached"].to_numpy(bool)
        planned = table[f"{name}_planned"].to_numpy("datetime64[ms]")
        taken = ~past & ~np.isnat(planned)
        step, due = np.where(taken, name, step), np.where(taken, planned, due)
    return {"next": pd.Series(step, index=table.index, dtype="str"), "due": pd.Series(due, index=table.index).astype("datetime64[ms]")}
