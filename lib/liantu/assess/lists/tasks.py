"""The task list: key tasks as ledgers report them, and tasks that follow from the year's targets and from projects' planned dates."""

from __future__ import annotations

import pandas as pd

from liantu.assess.lists.rules import ListRules, list_rules
from liantu.assess.lists.states import by_urgency, with_state
from liantu.progress.targets import against_targets
from liantu.reference import City
from liantu.report import Report

TASKS = ["task_id", "name", "kind", "county", "department", "due", "progress", "done_date", "status", "value", "actual", "gap",
         "project_id", "stage", "origin", "state", "days"]


def key_tasks(tasks: pd.DataFrame, city: City) -> pd.DataFrame:
    """The rows of the table `tasks` that are key tasks: without those that the four lists made and got back."""
    return tasks[~tasks["kind"].isin([*list_rules(city).derived.values()])]


def task_list(report: Report, progress: pd.DataFrame, rules: ListRules) -> pd.DataFrame:
    """Tasks of the whole city, the most overdue first; columns TASKS.

    `origin` is key (of the newest ledger that has key tasks), target (of the year: value, actual, gap = value - actual where short) or step
    (the next planned milestone of a project in progress that is overdue or due by the end of the coming quarter). Derived tasks take
    what was last answered about them (progress, done_date, status). `progress` as from `progress_list`.
    """
    ledger = report.table("tasks")
    key = key_tasks(ledger, report.city)
    key = key[key["snapshot"] == key["snapshot"].max()].assign(origin="key")
    derived = pd.concat([_targets(report, rules), _steps(report, progress, rules)], ignore_index=True)
    derived = _answered(derived, ledger)
    parts = [part.reindex(columns=TASKS[:-2]).astype(_KINDS) for part in (key, derived) if len(part)]
    table = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=TASKS[:-2]).astype(_KINDS)
    done = table["done_date"].notna() | table["status"].isin(rules.task_done) | table["progress"].ge(1)
    # What stands in the ledgers of projects decides whether a target is met, whatever was answered about it.
    done = done.mask(table["origin"] == "target", table["gap"].le(0))
    return by_urgency(with_state(table, done, report.as_of, rules.soon_days), "task_id")


_TEXTS = ("task_id", "name", "kind", "county", "department", "status", "project_id", "stage", "origin")
_KINDS = dict.fromkeys(_TEXTS, "str") | dict.fromkeys(("due", "done_date"), "datetime64[ms]") | dict.fromkeys(
    ("progress", "value", "actual", "gap"), "float64")


def _targets(report: Report, rules: ListRules) -> pd.DataFrame:
    rows = [row for row in against_targets(report).to_dict("records") if not pd.isna(row["value"])]
    zh = {target.id: target.zh for target in report.targets.targets}
    return pd.DataFrame([{
        "task_id": rules.target_id.format(year=report.quarter.year, target=row["target"]), "name": zh[row["target"]],
        "kind": rules.derived["target"], "due": pd.Timestamp(row["due"]), "value": float(row["value"]), "actual": float(row["actual"]),
        "gap": max(float(row["value"]) - float(row["actual"]), 0.0), "origin": "target"} for row in rows])


def _steps(report: Report, progress: pd.DataFrame, rules: ListRules) -> pd.DataFrame:
    """A task for each project in progress whose next planned milestone is overdue or due by the end of the coming quarter."""
    rows = progress[progress["due"].notna() & (progress["due"] <= pd.Timestamp(report.quarter.next.end))]
    words = {stage: term.zh for stage, term in report.city.vocabulary.terms("stages").items()}
    pairs = list(zip(rows["project_id"], rows["name"], rows["next"], strict=True))
    return pd.DataFrame({
        "task_id": [rules.step_id.format(project=project, stage=stage) for project, _, stage in pairs],
        "name": [rules.step_name.format(project=name, stage=words[stage]) for _, name, stage in pairs],
        "kind": rules.derived["step"], "county": rows["county"].to_numpy(), "department": rows["department"].to_numpy(),
        "due": rows["due"].to_numpy(), "project_id": rows["project_id"].to_numpy(), "stage": rows["next"].to_numpy(), "origin": "step"})


def _answered(derived: pd.DataFrame, ledger: pd.DataFrame) -> pd.DataFrame:
    """Derived tasks with what the newest returned list says of each; silence does not erase an earlier answer."""
    if derived.empty:
        return derived
    columns = ["progress", "done_date", "status"]
    told = ledger[ledger["task_id"].isin(derived["task_id"])].sort_values("snapshot", kind="stable").groupby("task_id")[columns].last()
    return derived.join(told, on="task_id")
