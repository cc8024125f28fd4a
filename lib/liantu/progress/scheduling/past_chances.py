"""What was drawn and stated at earlier ledgers beside what became known by a date, and the recalibration that follows from it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from liantu.progress.originals import originals
from liantu.progress.scheduling.drawn_schedules import drawn_schedules
from liantu.progress.scheduling.recalibration import Recalibration, recalibration
from liantu.progress.scheduling.step_rules import step_rules
from liantu.reference.opened import kept
from liantu.report import Report
from liantu.tables.made_once import made_once

COLUMNS = ["goal", "project_id", "made_on", "due", "raw", "base", "made"]
_KEPT = ".measures"
_CODE = Path(__file__).parents[1]


@kept(maxsize=8)
def city_recalibration(report: Report) -> Recalibration:
    """How drawn chances are to be stated at a report's date: told by the city's drawn chances whose dates had come, as known then."""
    return recalibration(drawn_past(report.whole_city), step_rules(report.city).stated_chances)


@kept(maxsize=8)
def past_chances(report: Report) -> pd.DataFrame:
    """Every chance stated at an earlier ledger whose date has come: goal, project_id, made_on, due, chance, raw, base, made (0 or 1).

    `chance` as it would have been stated then: `raw`, the drawn one, recalibrated by what was known at that ledger. Only dates after the
    ledger, and at least `grace_days` before the report's date, so that what happened has had time to be reported. A date is made when the
    step ended by then as known now; a project that was ended before (terminated) has not made it. A step stated without a date counts as
    made when a ledger no later than the due date said so, and is left out otherwise. `base` is the base rate as known at that ledger: the
    share made of the first promises of that stage that had come, with time to be reported; one half without any.
    """
    past = drawn_past(report)
    stated = np.full(len(past), np.nan)
    for day in past["made_on"].unique():
        mine = (past["made_on"] == day).to_numpy()
        stated[mine] = city_recalibration(report.known_at(day.date())).stated(past.loc[mine, "raw"].to_numpy())
    table = past.assign(chance=stated)
    return table[["goal", "project_id", "made_on", "due", "chance", "raw", "base", "made"]]


@kept(maxsize=8)
def drawn_past(report: Report) -> pd.DataFrame:
    """The drawn chances of `past_chances`, without the stated ones; those of the whole city are made once for all pages."""
    until = pd.Timestamp(report.as_of) - pd.Timedelta(days=step_rules(report.city).grace_days)
    days = [day for day in report.collected if day < until]
    if not days:
        return _nothing()
    now = ("projects", "milestones", "approvals", "changes")
    tables = [part.table(name) for part in (report, *(report.known_at(day.date()) for day in days)) for name in now]
    place = report.city
    dates = (str(report.as_of), str(report.quarter), *(str(day) for day in report.collected))
    of = (*tables, step_rules(place), *dates, *_files(place.folder))
    return made_once(report.folder / _KEPT, f"chances-{report.as_of}", of, lambda: _made(report, days, until), _CODE)


def _files(folder: Path) -> list[bytes]:
    """The reference files that dates and calendars are from."""
    return [path.read_bytes() for path in (folder / "calendar.yml", folder / "targets.yml") if path.exists()]


def _nothing() -> pd.DataFrame:
    return pd.DataFrame(columns=COLUMNS).astype({"raw": "float64", "base": "float64", "made": "int64", "made_on": "datetime64[ms]",
                                                 "due": "datetime64[ms]", "goal": "str", "project_id": "str"})


def _made(report: Report, days: list[pd.Timestamp], until: pd.Timestamp) -> pd.DataFrame:
    found = [part for part in (_held(report, day, until) for day in days if _came(report, day, until)) if len(part)]
    return pd.concat(found, ignore_index=True) if found else _nothing()


def _came(report: Report, day: pd.Timestamp, until: pd.Timestamp) -> bool:
    """Whether any date asked for at a ledger has come by `until`: drawing takes seconds."""
    then = report.known_at(day.date())
    asked = [pd.Timestamp(target.due) for target in then.targets.targets if target.due]
    asked += originals(then.table("changes"), then.milestones)["original_date"].dropna().tolist()
    return any(day < date <= until for date in asked)


def _base(then: Report, stage: str) -> float:
    """The share of the first promises of a stage that were made, of those that had come in the year before, as known then."""
    told = originals(then.table("changes"), then.milestones)
    last = pd.Timestamp(then.as_of) - pd.Timedelta(days=step_rules(then.city).grace_days)
    told = told[(told["stage"] == stage) & told["original_date"].between(last - pd.Timedelta(days=365), last)]
    return float((told["actual_date"] <= told["original_date"]).mean()) if len(told) else 0.5


def _held(report: Report, day: pd.Timestamp, until: pd.Timestamp) -> pd.DataFrame:
    """What was drawn at one ledger, of dates that have come, beside what is known now."""
    drawn = drawn_schedules(report.known_at(day.date())).projects
    by_goal = drawn[["project_id", "goal", "due", "drawn_chance"]].rename(columns={"drawn_chance": "raw"})
    starts = drawn[["project_id", "start_due", "drawn_start_chance"]].rename(columns={"start_due": "due", "drawn_start_chance": "raw"})
    both = pd.concat([by_goal[by_goal["goal"] != "start"], starts.assign(goal="start")], ignore_index=True)
    both = both[both["raw"].notna() & (both["due"] > day) & (both["due"] <= until)]
    stage = {step.id: step.stage for step in step_rules(report.city).steps}
    now = report.milestones.set_index(["project_id", "stage"])[["actual_date", "first_reported"]]
    known = now.reindex(pd.MultiIndex.from_arrays([both["project_id"], both["goal"].map(stage)])).set_axis(both.index)
    undated = known["actual_date"].isna() & known["first_reported"].notna()
    made = (known["actual_date"] <= both["due"]) | (undated & (known["first_reported"] <= both["due"]))
    base = both["goal"].map({goal: _base(report.known_at(day.date()), name) for goal, name in stage.items() if name})
    table = both.assign(made=made.astype("int64"), made_on=day, base=base.astype("float64"))[~(undated & ~made)]
    return table[COLUMNS].reset_index(drop=True)
