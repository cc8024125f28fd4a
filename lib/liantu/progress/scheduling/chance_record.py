"""Were the chances honest: what was said at earlier ledgers, held against what later became known."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd

from liantu.progress.originals import originals
from liantu.progress.scheduling.project_schedules import project_schedules
from liantu.progress.scheduling.step_rules import step_rules
from liantu.reference.opened import kept
from liantu.report import Report

BANDS = (0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0)
"""The edges of the bands in which chances are told."""
_COLUMNS = ["goal", "project_id", "made_on", "due", "chance", "base", "made"]


@kept(maxsize=4)
def past_chances(report: Report) -> pd.DataFrame:
    """Every chance stated at an earlier ledger whose date has come: goal, project_id, made_on, due, chance, base, made (0 or 1).

    Only dates after the ledger, and at least `grace_days` before the report's date, so that what happened has had time to be reported. A
    date is made when the step ended by then as known now; a project that was ended before (terminated) has not made it. A step stated
    without a date counts as made when a ledger no later than the due date said so, and is left out otherwise. `base` is the base rate as
    known at that ledger: the share made of the first promises of that stage that had come, with time to be reported; one half without any.
    """
    until = pd.Timestamp(report.as_of) - pd.Timedelta(days=step_rules(report.city).grace_days)
    parts = [_held(report, day, until) for day in report.collected if day < until]
    found = [part for part in parts if len(part)]
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=_COLUMNS)


def chances_against_outcomes(report: Report) -> pd.DataFrame:
    """The stated chances in bands against what came of them: goal, band, projects, expected, made, low, high.

    `goal` is a step (start, completion, trial, capacity) or `all`; `expected` is the mean chance, `made` the share that made the date,
    `low` and `high` Wilson's interval (95 %) of that share. Empty where no earlier ledger tells. Honest chances have `expected` inside
    the interval. The rows are those of `past_chances`; a project may stand in several (one for each ledger), so the intervals are
    rather narrow.
    """
    # Slow to import, and not wanted where nothing was forecast.
    from statsmodels.stats.proportion import proportion_confint

    past = past_chances(report)
    edges = np.array(BANDS)
    place = np.clip(np.searchsorted(edges, past["chance"].to_numpy(dtype="float64"), side="right") - 1, 0, len(edges) - 2)
    names = np.array([f"{low:.0%} - {high:.0%}" for low, high in pairwise(BANDS)], dtype=object)
    rows = []
    for goal, mine in _by_goal(past):
        for band in range(len(names)):
            held = past[mine & (place == band)]
            if len(held):
                low, high = proportion_confint(held["made"].sum(), len(held), method="wilson")
                rows.append((goal, names[band], len(held), held["chance"].mean(), held["made"].mean(), low, high))
    return pd.DataFrame(rows, columns=["goal", "band", "projects", "expected", "made", "low", "high"])


def chance_scores(report: Report) -> pd.DataFrame:
    """Brier scores of the stated chances: goal, n, expected, made, brier, base (Brier score of the base rates), skill
    (1 - brier / base). Nothing in either is taken from what came after. Source: Brier, Monthly Weather Review 78 (1950) 1-3.
    """
    past = past_chances(report)
    rows = []
    for goal, mine in _by_goal(past):
        held = past[mine]
        score, naive = (float(((held[name] - held["made"]) ** 2).mean()) for name in ("chance", "base"))
        rows.append((goal, len(held), held["chance"].mean(), held["made"].mean(), score, naive, 1 - score / naive if naive else np.nan))
    return pd.DataFrame(rows, columns=["goal", "n", "expected", "made", "brier", "base", "skill"])


def _base(then: Report, stage: str) -> float:
    """The share of the first promises of a stage that were made, of those that had come in the year before, as known then."""
    told = originals(then.table("changes"), then.milestones)
    last = pd.Timestamp(then.as_of) - pd.Timedelta(days=step_rules(then.city).grace_days)
    told = told[(told["stage"] == stage) & told["original_date"].between(last - pd.Timedelta(days=365), last)]
    return float((told["actual_date"] <= told["original_date"]).mean()) if len(told) else 0.5


def _by_goal(past: pd.DataFrame) -> list[tuple[str, np.ndarray]]:
    goals = sorted(past["goal"].unique())
    every = [("all", np.ones(len(past), dtype=bool))] if len(past) else []
    return every + [(goal, (past["goal"] == goal).to_numpy()) for goal in goals]


def _held(report: Report, day: pd.Timestamp, until: pd.Timestamp) -> pd.DataFrame:
    """What was stated at one ledger, of dates that have come, beside what is known now."""
    stated = project_schedules(report.known_at(day.date())).projects
    by_goal = stated[["project_id", "goal", "due", "chance"]]
    starts = stated[["project_id", "start_due", "start_chance"]].rename(columns={"start_due": "due", "start_chance": "chance"})
    both = pd.concat([by_goal[by_goal["goal"] != "start"], starts.assign(goal="start")], ignore_index=True)
    both = both[both["chance"].notna() & (both["due"] > day) & (both["due"] <= until)]
    stage = {step.id: step.stage for step in step_rules(report.city).steps}
    now = report.milestones.set_index(["project_id", "stage"])[["actual_date", "first_reported"]]
    known = now.reindex(pd.MultiIndex.from_arrays([both["project_id"], both["goal"].map(stage)])).set_axis(both.index)
    undated = known["actual_date"].isna() & known["first_reported"].notna()
    made = (known["actual_date"] <= both["due"]) | (undated & (known["first_reported"] <= both["due"]))
    base = both["goal"].map({goal: _base(report.known_at(day.date()), name) for goal, name in stage.items() if name})
    table = both.assign(made=made.astype("int64"), made_on=day, base=base.astype("float64"))[~(undated & ~made)]
    return table[_COLUMNS].reset_index(drop=True)
