"""Every unfinished project of a report scheduled backwards from its date, with the chance of making it as drawn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from liantu.progress.delays import reporting_delays
from liantu.progress.originals import originals
from liantu.progress.scheduling.chances import drawn_ends, made_by
from liantu.progress.scheduling.dropouts import dropout_rates, staying
from liantu.progress.scheduling.durations import StepLengths, step_lengths
from liantu.progress.scheduling.networks import LONG_AGO, critical, earliest, latest
from liantu.progress.scheduling.standing import NOT_NEEDED, OPEN, STATES, Standing, standing
from liantu.progress.scheduling.step_rules import StepRules, step_rules
from liantu.progress.scheduling.working_days import Calendar, Days, as_dates, as_days, city_calendar, in_reach
from liantu.reference.opened import kept
from liantu.report import Report

_SEED = 20220207
_NEVER = np.iinfo("int64").max
_LAG_KNOWN = 0.75
"""Ends are taken to be known up to the day by which this share of reports has come in."""
_STAGES = ("lead", "negotiating", "signed", "approved", "started", "completed", "producing", "at_capacity")
STEP_COLUMNS = [
    "project_id", "step", "duration_days", "latest_start", "latest_finish", "done", "state", "slack_days", "critical", "late",
    "earliest_finish", "overtaken"]
PROJECT_COLUMNS = [
    "project_id", "name", "county", "department", "due", "due_from", "stage", "next_step", "slack_days", "late_steps", "chance", "verdict",
    "goal", "chance_error", "likely", "likely_late", "planned_date", "start_due", "start_due_from", "start_chance", "missing_papers",
    "drawn_chance", "drawn_start_chance"]


@dataclass(frozen=True, eq=False)
class ProjectSchedules:
    """The schedules of a report's unfinished projects; kept, so the caller must not change them.

    `steps`: one row for each project with a due date and each step up to its goal: project_id, step, duration_days (of the step's own
    calendar: working days, days of works, calendar days; 0 where not needed), latest_start, latest_finish, done (date, NaT where open or
    unknown), state (done, not_needed, open), slack_days (calendar days; latest less actual or earliest finish; NaN where neither is known),
    critical, late (open, and its latest finish has passed, or its latest start while it cannot begin), earliest_finish, overtaken (open
    though a later step is done: the paper is missing).
    `projects`: one row for each: project_id, name, county, department, due, due_from (original: first promise, since moved; plan: the
    plan as it stands, never moved; target: the city's date for starts planned in its window; empty: no date), stage, next_step,
    slack_days, late_steps, chance (NaN without a date), verdict (done: nothing more was promised; late: the date has passed, or usual
    lengths miss it and the chance is below `tight_chance`; tight: less than `tight_days` of slack or a chance below; on_track; unknown:
    no date), goal (step asked for), chance_error (Monte-Carlo standard error of the drawn chance), likely and likely_late (dates by which
    half and nine tenths of the draws reach the goal, of projects that do not drop out), planned_date (the newest plan), start_due,
    start_due_from and start_chance (of projects not started), missing_papers (number of overtaken steps), drawn_chance and
    drawn_start_chance (before what earlier chances came to is counted in).
    `durations`: see `StepLengths.table`. `notes`: (code, values) of what a reader must know.
    """

    steps: pd.DataFrame
    projects: pd.DataFrame
    durations: pd.DataFrame
    notes: tuple[tuple[str, dict[str, object]], ...]


@kept(maxsize=8)
def drawn_schedules(report: Report) -> ProjectSchedules:
    """The schedules of the unfinished projects of a report's county and chain; lengths of steps and dropouts are those of the whole city.

    The due date is the first promise (a plan that may be moved binds nobody); chance and dates by simulation, the seed is fixed. Chances
    are the drawn ones: nothing is counted in of what earlier chances came to (`project_schedules`).
    """
    rules, calendar = step_rules(report.city), city_calendar(report.city)
    tables = report.tables
    listed, notes = _unfinished(report)
    own = standing(listed, tables["milestones"], tables["approvals"], rules)
    city = report.whole_city
    known = _city_standing(city)
    lags = _lags(city)
    today = int(as_days(np.datetime64(report.as_of)))
    cut = today - int(np.quantile(lags, _LAG_KNOWN))
    lengths = step_lengths(own, known, rules, calendar, _opened(city), cut)
    dues = _dues(report, own, rules)
    ends = drawn_ends(own, lengths, rules.steps, calendar, today, lags, rules.draws, _SEED)
    steps = _steps(own, dues, lengths, rules, calendar, today)
    rates = dropout_rates([city.known_at(day.date()).projects for day in city.collected], city.collected)
    projects = _projects(own, dues, steps, ends, rates, rules, today)
    return ProjectSchedules(steps.table[STEP_COLUMNS], projects[PROJECT_COLUMNS], lengths.table,
                            (*notes, *_notes(report, own, dues, lengths, lags, calendar, steps)))


def _unfinished(report: Report) -> tuple[pd.DataFrame, list[tuple[str, dict[str, object]]]]:
    """The projects still to be finished that the newest two ledgers name, and how many others are left out."""
    projects = report.projects
    over = projects["stage"].isin(("at_capacity", "terminated"))
    seen = report.collected
    # Ledgers drop what was finished in an earlier year: one that none of the newest two names is not under way.
    gone = ~over & (projects["last_snapshot"] < seen[-2]) if len(seen) > 1 else over & False
    notes = [("finished", {"projects": int(over.sum())})] if over.any() else []
    notes += [("not_listed", {"projects": int(gone.sum())})] if gone.any() else []
    return projects[~over & ~gone].reset_index(drop=True), notes


@kept(maxsize=8)
def _city_standing(city: Report) -> Standing:
    # Terminated projects stay in, open: of those that wait, some never come.
    tables = city.tables
    return standing(tables["projects"], tables["milestones"], tables["approvals"], step_rules(city.city))


def _lags(city: Report) -> np.ndarray:
    """Reporting delays in days as seen so far, with no delay where none can be told."""
    seen = reporting_delays(city.milestones, pd.Timestamp(city.collected[0])) if city.collected else pd.DataFrame({"days": []})
    return seen["days"].to_numpy(dtype="int64") if len(seen) else np.zeros(1, dtype="int64")


def _opened(city: Report) -> int:
    """The day from which ends are known: the beginning of the year of the first ledgers."""
    first = pd.Timestamp(city.collected[0]) if city.collected else pd.Timestamp(city.as_of)
    return int(as_days(np.datetime64(f"{first.year}-01-01")))


@dataclass(frozen=True, eq=False)
class _Dues:
    """For each project the place of its goal (-1: none), the due day (LONG_AGO: none) and what it is from; and the same for its start."""

    goal: np.ndarray
    due: Days
    due_from: np.ndarray
    planned: np.ndarray
    start: Days
    start_from: np.ndarray
    disordered: int
    out_of_reach: int
    """Plan dates that no ledger can mean; they are left out."""


def _dues(report: Report, own: Standing, rules: StepRules) -> _Dues:
    ids = own.projects["project_id"]
    told = originals(report.table("changes"), report.milestones)
    plans = {stage: rows.drop_duplicates("project_id").set_index("project_id").reindex(ids) for stage, rows in told.groupby("stage")}
    stage = stage_now(own, rules)
    count = len(ids)
    goal, due, planned = np.full(count, -1), np.full(count, LONG_AGO), np.full(count, LONG_AGO)
    due_from = np.full(count, "", dtype=object)
    for entry in rules.goals:
        if entry.stage not in plans:
            continue
        rows, place = plans[entry.stage], own.net.place(entry.step)
        first, newest = in_reach(rows["original_date"].to_numpy()), in_reach(rows["planned_date"].to_numpy())
        fits = (goal < 0) & np.isin(stage, entry.stands) & (first != LONG_AGO) & (own.state[place] == OPEN)
        goal[fits], due[fits], planned[fits] = place, first[fits], newest[fits]
        due_from[fits] = np.where((rows["times_moved"] > 0).to_numpy(dtype=bool, na_value=False)[fits], "original", "plan")
    start, start_from = _start_dues(report, own, plans)
    out_of_reach = sum(int((rows["original_date"].notna() & (in_reach(rows["original_date"].to_numpy()) == LONG_AGO)).sum())
                       for rows in plans.values())
    only_start = (goal == own.net.place("start")) & (start_from == "target")
    due, due_from = np.where(only_start, start, due), np.where(only_start, "target", due_from)
    return _Dues(goal, due, due_from, planned, start, start_from, _disordered_plans(plans, stage), out_of_reach)


def _start_dues(report: Report, own: Standing, plans: dict[str, pd.DataFrame]) -> tuple[Days, np.ndarray]:
    """The day by which each project not started must: the city's date where its first plan lies in a target's window, else that plan."""
    count = len(own.projects)
    start, origin = np.full(count, LONG_AGO), np.full(count, "", dtype=object)
    if "started" not in plans:
        return start, origin
    first = in_reach(plans["started"]["original_date"].to_numpy())
    moved = (plans["started"]["times_moved"] > 0).to_numpy(dtype=bool, na_value=False)
    waits = (own.state[own.net.place("start")] == OPEN) & (first != LONG_AGO)
    start[waits], origin[waits] = first[waits], np.where(moved, "original", "plan")[waits]
    for target in report.targets.targets:
        if target.measure == "new_starts" and target.window_start and target.value:
            inside = waits & (first >= as_days(np.datetime64(target.window_start))) & (first <= as_days(np.datetime64(target.due)))
            start[inside], origin[inside] = as_days(np.datetime64(target.due)), "target"
    return start, origin


def _disordered_plans(plans: dict[str, pd.DataFrame], stage: np.ndarray) -> int:
    """How many projects have a plan for completion that lies before that for the start."""
    if "started" not in plans or "completed" not in plans:
        return 0
    wrong = plans["completed"]["original_date"] < plans["started"]["original_date"]
    return int((wrong.to_numpy(dtype=bool) & (stage != "at_capacity")).sum())


def stage_now(own: Standing, rules: StepRules) -> np.ndarray:
    """The stage of each project: as stated, else the furthest whose step is done (lead where none is)."""
    furthest = np.full(len(own.projects), "lead", dtype=object)
    furthest[own.signed] = "signed"
    for place, step in enumerate(rules.steps):
        if step.stage in _STAGES:
            furthest[own.state[place] == 1] = step.stage
    stated = own.projects["stage"].to_numpy(dtype=object)
    return np.where(pd.isna(stated), furthest, stated)


@dataclass(frozen=True, eq=False)
class _Steps:
    table: pd.DataFrame
    slack: np.ndarray
    """Of each project's goal (projects)."""
    late: np.ndarray
    next_step: np.ndarray
    overtaken: np.ndarray


def _steps(own: Standing, dues: _Dues, lengths: StepLengths, rules: StepRules, calendar: Calendar, today: int) -> _Steps:
    """Both passes for all projects at once, and what they say of each step."""
    counts = [calendar.counting(step.kind) for step in rules.steps]
    inside = _up_to_goal(own, dues.goal)
    days = np.where((own.state == NOT_NEEDED) | ~inside, 0, lengths.usual())
    bound = np.where(dues.due == LONG_AGO, today, dues.due)
    start, finish = latest(own.net, days, bound, counts)
    count = len(own.projects)
    origin = np.where(own.signed, own.since, today)
    over = np.where(own.state == NOT_NEEDED, LONG_AGO, own.passed)
    early = earliest(own.net, days, origin, counts, over, np.full(count, today))[1]
    is_open = (own.state == OPEN) & inside & (dues.goal >= 0)
    decides = np.zeros(is_open.shape, dtype=bool)
    for goal in np.unique(dues.goal[dues.goal >= 0]):
        mine = dues.goal == goal
        decides[:, mine] = critical(own.net, early[:, mine], is_open[:, mine] & ~own.overtaken[:, mine], [int(goal)])
    waits = is_open & ~own.overtaken & ~own.running
    late = is_open & ((finish < today) | (waits & (start < today)))
    ended = np.where(is_open & ~own.overtaken, early, own.ended)
    slack = np.where(ended == LONG_AGO, np.nan, (finish - np.where(ended == LONG_AGO, 0, ended)).astype("float64"))
    at_goal = (finish - early)[np.maximum(dues.goal, 0), np.arange(count)]
    shown = np.where(is_open & ~own.overtaken, early, LONG_AGO)
    columns = {"duration_days": days, "latest_start": start, "latest_finish": finish, "done": own.ended, "slack_days": slack,
               "critical": decides, "late": late, "earliest_finish": shown, "overtaken": own.overtaken & inside}
    return _Steps(_table(own, columns, inside & (dues.goal >= 0), rules), np.where(dues.goal >= 0, at_goal, np.nan),
                  (late & ~own.overtaken).sum(axis=0), _next(own, inside, np.where(own.running, finish - early, _NEVER), rules),
                  own.overtaken & inside)


def _disordered_dates(own: Standing) -> int:
    """How many projects have a step that ended before one that it comes after."""
    pairs = [(step, earlier) for step, afters in enumerate(own.net.after) for earlier in afters]
    wrong = [(own.ended[earlier] > own.ended[step]) & (own.ended[step] != LONG_AGO) for step, earlier in pairs]
    return int(np.any(wrong, axis=0).sum())


def _up_to_goal(own: Standing, goal: np.ndarray) -> np.ndarray:
    """Which steps (steps x projects) lie on the way to each project's goal, itself included; all where there is none."""
    inside = np.ones((len(own.net.steps), len(goal)), dtype=bool)
    for place in range(len(own.net.steps)):
        inside[own.net.later(place)] &= goal != place
    return inside


def _next(own: Standing, inside: np.ndarray, slack: np.ndarray, rules: StepRules) -> np.ndarray:
    """The open step with least slack among those that nothing holds up; of a project not signed the first one; empty where all is done."""
    names = np.array([*(step.id for step in rules.steps), ""], dtype=object)
    least = np.where(inside, slack, _NEVER)
    found = np.where((own.running & inside).any(axis=0), least.argmin(axis=0), len(names) - 1)
    return names[np.where(own.signed, found, 0)]


def _table(own: Standing, columns: dict[str, np.ndarray], shown: np.ndarray, rules: StepRules) -> pd.DataFrame:
    """The arrays (steps x projects) as one row for each project and step shown, project by project."""
    project, step = np.nonzero(shown.T)
    table = pd.DataFrame({"project_id": own.projects["project_id"].to_numpy(dtype=object)[project],
                          "step": np.array([entry.id for entry in rules.steps], dtype=object)[step],
                          "state": np.array(STATES, dtype=object)[own.state[step, project]]}).astype("str")
    for name, values in columns.items():
        picked = values[step, project]
        table[name] = _dates(picked) if name in ("latest_start", "latest_finish", "done", "earliest_finish") else picked
    return table


def _projects(own: Standing, dues: _Dues, steps: _Steps, ends: np.ndarray, rates: pd.DataFrame, rules: StepRules, today: int
              ) -> pd.DataFrame:
    """One row for each project."""
    count, dated = len(own.projects), dues.goal >= 0
    at_goal = ends[np.maximum(dues.goal, 0), np.arange(count)].astype("int64")
    stands = own.projects["stage"].fillna("").to_numpy(dtype=object)
    places = {name: own.net.place(name) for name in ("filing", "start", "completion")}
    chance, error = made_by(at_goal, dues.due, staying(ends, places, stands, rates, today, at_goal))
    starts, at_start = dues.start != LONG_AGO, ends[places["start"]].astype("int64")
    start_chance = made_by(at_start, dues.start, staying(ends, places, stands, rates, today, at_start))[0]
    likely = [_dates(np.where(dated, np.quantile(at_goal, level, axis=1, method="higher"), LONG_AGO)) for level in (0.5, 0.9)]
    names = [step.id for step in rules.steps]
    stage = stage_now(own, rules)
    without = np.where(_nothing_left(own, stage), "done", "unknown")
    texts = {"stage": stage, "next_step": steps.next_step, "due_from": dues.due_from, "start_due_from": dues.start_from,
             "verdict": np.where(dated, verdicts(dues.due < today, steps.slack, chance, rules), without),
             "goal": np.array([*names, ""], dtype=object)[dues.goal]}
    drawn, drawn_start = np.where(dated, chance, np.nan), np.where(starts, start_chance, np.nan)
    return own.projects[["project_id", "name", "county", "department"]].assign(
        **{name: pd.Series(values, index=own.projects.index, dtype="str") for name, values in texts.items()},
        due=_dates(dues.due), slack_days=steps.slack, late_steps=np.where(dated, steps.late, 0), chance=drawn, drawn_chance=drawn,
        chance_error=np.where(dated, error, np.nan), likely=likely[0], likely_late=likely[1], planned_date=_dates(dues.planned),
        start_due=_dates(dues.start), start_chance=drawn_start, drawn_start_chance=drawn_start,
        missing_papers=steps.overtaken.sum(axis=0))


def verdicts(passed: np.ndarray, slack: np.ndarray, chance: np.ndarray, rules: StepRules) -> np.ndarray:
    """late, tight or on_track of projects with a date: whether it has passed, their slack in days, their chance of making it."""
    unlikely = chance < rules.tight_chance
    return np.select([passed | ((slack < 0) & unlikely), (slack < rules.tight_days) | unlikely], ["late", "tight"], "on_track")


def _nothing_left(own: Standing, stage: np.ndarray) -> np.ndarray:
    """A project that is built and was promised for nothing more: roads need no trial production."""
    built = own.state[own.net.place("completion")] == 1
    return built & ~np.isin(stage, ("suspended", "resumed"))


def _dates(days: np.ndarray) -> np.ndarray:
    return as_dates(days).astype("datetime64[ms]")


def _notes(report: Report, own: Standing, dues: _Dues, lengths: StepLengths, lags: np.ndarray, calendar: Calendar, steps: _Steps
           ) -> list[tuple[str, dict[str, object]]]:
    """What a reader must know of these schedules, by code."""
    dated, rules = dues.goal >= 0, step_rules(report.city)
    last = as_dates(dues.due[dated].max()).astype(object) if dated.any() else report.as_of
    legal = lengths.table.loc[lengths.table["used_from"] == "legal", "step"].drop_duplicates().tolist()
    timed = [step.id for step in rules.steps if (step.stage or step.approval) and step.id not in {other.rest_of for other in rules.steps}]
    few, never = [step for step in legal if step in timed], [step for step in legal if step not in timed]
    suspended, wrong = int((own.projects["stage"] == "suspended").sum()), _disordered_dates(own)
    undated = ~dated & ~_nothing_left(own, stage_now(own, rules))
    found = [
        ("no_projects", {}, not len(own.projects)),
        ("no_date", {"projects": int(undated.sum())}, True),
        ("one_snapshot", {}, len(report.collected) < 2),
        ("lag", {"median": float(np.median(lags)), "n": len(lags)}, len(lags) > 1),
        ("too_few_observed", {"steps": few}, bool(few)),
        ("not_in_ledgers", {"steps": never}, bool(never) and dated.any()),
        ("plans_out_of_order", {"projects": dues.disordered}, dues.disordered > 0),
        ("dates_out_of_reach", {"dates": dues.out_of_reach}, dues.out_of_reach > 0),
        ("dates_out_of_order", {"projects": wrong}, wrong > 0),
        ("missing_papers", {"projects": int(steps.overtaken.any(axis=0).sum())}, bool(steps.overtaken.any())),
        ("suspended", {"projects": suspended}, suspended > 0),
        ("holidays_assumed", {"from": calendar.assumed_from}, calendar.assumes(last)),
        ("draws", {"draws": rules.draws}, bool(dated.any()))]
    return [(code, values) for code, values, holds in found if holds and values.get("projects", 1)]
