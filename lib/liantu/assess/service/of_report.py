"""Service as a report knows it, gathered once for a page; its numbers by department and by county for scorecards."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from liantu.assess.service.problems import problem_lives, solved_curves, steward_load, times_by, times_differ
from liantu.assess.service.rules import ServiceRules, service_rules
from liantu.assess.service.tasks import task_counts, task_faults, task_states
from liantu.chains.labels import chain_words
from liantu.progress.funnel_rules import funnel_rules
from liantu.progress.spells import spells
from liantu.progress.waiting import longest_waiting
from liantu.reference.opened import kept
from liantu.report import Report

GROUPINGS = ("kind", "department", "county")
_DEPARTMENTS = ["department", "tasks", "tasks_done", "tasks_late", "problems", "problems_open", "problems_overdue", "problems_resolved",
                "median_days", "low", "high"]
_COUNTIES = ["county", "problems", "open", "overdue", "median_days", "low", "high"]
_STUCK = ["project_id", "name", "county", "stage", "entered", "waits", "usual", "over", "problems", "overdue", "oldest", "kinds",
          "stewards", "departments"]


@dataclass(frozen=True)
class Service:
    """What is known at a date of key tasks and problems, of the whole city whatever the report's county and chain.

    `tasks` as from `task_states`, `faults` as from `task_faults`; `lives` as from `problem_lives`; `times` (times_by for all and by each of
    GROUPINGS), `curves` (by kind), `differ` (by, groups, n, chi2, p), `load` as from `steward_load`; `stuck`: projects with open problems;
    `moves`: new, solved, reopened and gone since the end of last quarter, NA where the ledgers hold nothing of then. `target` is the
    number of tasks that the plan names (None: no target on record).
    """

    rules: ServiceRules
    target: float | None
    year: int | None
    tasks: pd.DataFrame = field(repr=False)
    faults: pd.DataFrame = field(repr=False)
    lives: pd.DataFrame = field(repr=False)
    times: dict[str, pd.DataFrame] = field(repr=False)
    curves: pd.DataFrame = field(repr=False)
    differ: pd.DataFrame = field(repr=False)
    load: pd.DataFrame = field(repr=False)
    stuck: pd.DataFrame = field(repr=False)
    unmatched: int
    moves: dict[str, int | None]

    @property
    def open(self) -> pd.DataFrame:
        """The open problems, the oldest first."""
        return self.lives[self.lives["state"] == "open"].sort_values(["age", "problem_id"], ascending=[False, True], kind="stable")


def service_of(report: Report) -> Service:
    """The service of the whole city as known at the report's date."""
    return _gathered(report.whole_city)


@kept(maxsize=8)
def _gathered(report: Report) -> Service:
    rules, ledger = service_rules(report.city), report.table("tasks")
    tasks, lives = task_states(ledger, report.as_of, rules), _lives(report, rules)
    few, level = rules.few, rules.level
    year = int(tasks["due"].dt.year.mode().iloc[0]) if tasks["due"].notna().any() else None
    times = {by: times_by(lives, by, few, level) for by in ("", *GROUPINGS)}
    differ = pd.DataFrame([(by, *times_differ(lives, by, few)) for by in GROUPINGS], columns=["by", "groups", "n", "chi2", "p"])
    stuck, unmatched = _stuck(report, lives)
    return Service(
        rules=rules, target=_target(report, rules, year), year=year, tasks=tasks, faults=task_faults(ledger, tasks, rules), lives=lives,
        times=times, curves=solved_curves(lives, "kind", few, level), differ=differ, load=steward_load(lives, level), stuck=stuck,
        unmatched=unmatched, moves=_moves(report, lives, rules))


def _lives(report: Report, rules: ServiceRules) -> pd.DataFrame:
    return problem_lives(report.table("problems"), report.as_of, chain_words(report.city).solved, rules.solved_listed_since)


def _target(report: Report, rules: ServiceRules, year: int | None) -> float | None:
    found = [] if year is None else [target for target in report.city.targets(year).targets if target.id == rules.key_task_target]
    return found[0].value if found else None


def _moves(report: Report, lives: pd.DataFrame, rules: ServiceRules) -> dict[str, int | None]:
    """What changed since the end of last quarter, as its own ledgers knew it."""
    names, end = ("new", "solved", "reopened", "gone"), report.quarter.previous.end
    then = report.known_at(end) if report.as_of > end else None
    if then is None or then.table("problems").empty:
        return dict.fromkeys(names)
    before = _lives(then, rules).set_index("problem_id")["state"].reindex(lives["problem_id"]).set_axis(lives.index)
    state = lives["state"]
    return {"new": int(before.isna().sum()), "solved": int(((state == "solved") & (before.fillna("") != "solved")).sum()),
            "reopened": int(((state == "open") & (before == "solved")).sum()), "gone": int(((state == "gone") & (before == "open")).sum())}


def _stuck(report: Report, lives: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    """Projects with open problems, those beyond the usual days in their stage first, and how many open problems name no known project."""
    rows = lives[lives["state"] == "open"]
    projects = report.projects.set_index("project_id")[["name", "county", "stage"]]
    known = rows[rows["project_id"].isin(projects.index)]
    table = known.groupby("project_id").agg(
        problems=("problem_id", "size"), overdue=("overdue", "sum"), oldest=("age", "max"), kinds=("kind", _joined),
        stewards=("steward", _joined), departments=("department", _joined)).join(projects)
    first = report.collected[0] if report.collected else None
    stays = spells(report.projects, report.milestones, report.as_of, first)
    waits = longest_waiting(stays, len(stays), funnel_rules(report.city).few).drop_duplicates("project_id").set_index("project_id")
    table = table.join(waits[["entered", "days", "usual", "over"]].rename(columns={"days": "waits"}))
    table = table.reset_index().sort_values(["over", "oldest", "project_id"], ascending=[False, False, True], na_position="last")
    return table[_STUCK].reset_index(drop=True), len(rows) - len(known)


def _joined(values: pd.Series) -> str:
    return "、".join(sorted(set(values.dropna().astype("str"))))


def department_measures(report: Report) -> pd.DataFrame:
    """Key tasks and problems of each department of the city, as known at the report's date, of the whole city.

    Columns: department, tasks, tasks_done, tasks_late (not done, overdue or said to be late), problems, problems_open, problems_overdue,
    problems_resolved, median_days (until solved, Kaplan-Meier with open ones censored), low, high (90 % interval; NaN where a department
    has fewer than `few` problems of service.yml, or too few are solved). A department without tasks or problems has 0 of them, but all
    are missing (not reported) where that ledger was not sent at all; nobody's rows (no department stated) are left out.
    """
    made = service_of(report)
    tasks = task_counts(made.tasks, "department").set_index("group")[["tasks", "done", "late"]]
    problems = made.times["department"].set_index("group")
    names = sorted({*tasks.index, *problems.index} - {""})
    table = pd.DataFrame({"department": pd.Series(names, dtype="str")})
    taken = {"tasks": tasks["tasks"], "tasks_done": tasks["done"], "tasks_late": tasks["late"], "problems": problems["problems"],
             "problems_open": problems["open"], "problems_overdue": problems["overdue"], "problems_resolved": problems["solved"]}
    for name, values in taken.items():
        sent = len(made.tasks) if name.startswith("tasks") else len(made.lives)
        counts = values.reindex(names).fillna(0 if sent else np.nan).to_numpy("float64")
        table[name] = pd.Series(counts).astype("Int64")
    for name, own in (("median_days", "median"), ("low", "low"), ("high", "high")):
        table[name] = problems[own].reindex(names).to_numpy("float64")
    return table[_DEPARTMENTS]


def county_service(report: Report) -> pd.DataFrame:
    """Problems of each county's projects: county, problems, open, overdue, median_days, low, high; one row for each county of the city.

    Of the whole city whatever the report's county. `median_days` until solved with its 90 % interval as in `department_measures`. Where no
    problem log was sent all numbers are missing (not reported), never 0.
    """
    made = service_of(report)
    times, codes = made.times["county"].set_index("group"), list(report.city.divisions.codes)
    codes += [code for code in times.index if code and code not in codes]
    table = pd.DataFrame({"county": pd.Series(codes, dtype="str")})
    for name in ("problems", "open", "overdue"):
        counts = times[name].reindex(codes).fillna(0 if len(made.lives) else np.nan).to_numpy("float64")
        table[name] = pd.Series(counts).astype("Int64")
    for name, own in (("median_days", "median"), ("low", "low"), ("high", "high")):
        table[name] = times[own].reindex(codes).to_numpy("float64")
    return table[_COUNTIES]
