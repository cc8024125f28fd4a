"""All that a report says of the pipeline from signing to capacity: rates, where cohorts are, curves, times, and who waits longest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from liantu.chains.labels import chain_words
from liantu.chains.slowness import open_problems
from liantu.progress.funnel import class_rates, cohort_rates, funnel_rates, project_classes, snapshot_rates, waterfall
from liantu.progress.funnel_rules import UNKNOWN, FunnelRules, funnel_rules
from liantu.progress.spells import STAYS, at_risk, spell_notes, spells
from liantu.progress.survival import log_rank
from liantu.progress.waiting import longest_waiting, permit_times, time_in_stage, transition_curves
from liantu.reference.opened import kept
from liantu.report import Report

GROUPINGS = ("county", "chain", "origin", "size", "class", "construction")
_CURVES_BY = ("county", "size")
_FIRST = ("signed", "approved", "started")
_LONGEST = 30
_WAITING = ["project_id", "name", "county", "department", "stage", "entered", "days", "usual", "over", "shorter", "suspended",
            "open_problems"]


@dataclass(frozen=True, eq=False)
class PipelineMeasures:
    """The pipeline as known at a report's date; each table is described by the function it comes from. The caller must not change them.

    `cohorts`: rates by year, `quarters`: by quarter of the report's year and the one before; `snapshots`: rates as known at each snapshot;
    `by`: rates by each of GROUPINGS. `waterfalls`: from each of signed, approved, started; `waterfall`: of those introduced (signed),
    where nobody was signed of those approved or started, and `waterfall_first` says which. `curves` and `times` of all projects,
    `curves_by` and `times_by` by county and size; `differ`: by, stage, chi2, p of the log-rank test that all these groups leave a stage
    alike. `waiting`: all projects that wait, the longest beyond the usual first; `longest`: the first 30 of them. `permits` also has
    `unknown` (projects of which no ledger tells the approval). `notes`: note, n: what is left out or doubtful. `names`: what the groups of
    size and class, and those that are not stated, are called in the report's language.
    """

    spells: pd.DataFrame
    cohorts: pd.DataFrame
    quarters: pd.DataFrame
    snapshots: pd.DataFrame
    by: Mapping[str, pd.DataFrame]
    waterfalls: Mapping[str, pd.DataFrame]
    waterfall_first: str
    curves: pd.DataFrame
    curves_by: Mapping[str, pd.DataFrame]
    times: pd.DataFrame
    times_by: Mapping[str, pd.DataFrame]
    differ: pd.DataFrame
    waiting: pd.DataFrame
    longest: pd.DataFrame
    permits: pd.DataFrame
    notes: pd.DataFrame
    names: Mapping[str, str]

    @property
    def waterfall(self) -> pd.DataFrame:
        """Where those are that reached `waterfall_first`."""
        return self.waterfalls[self.waterfall_first]


@kept(maxsize=4)  # every part of the page asks for it
def pipeline_of(report: Report) -> PipelineMeasures:
    """The pipeline measures of a report, of its county and chain if it has them."""
    rules = funnel_rules(report.city)
    projects, milestones, day = report.projects, report.milestones, report.as_of
    first = report.collected[0] if report.collected else None
    groups = groups_of(report, rules)
    stays = spells(projects, milestones, day, first)
    level, few = rules.level, rules.few
    quarters = cohort_rates(projects, milestones, day, "quarter", first, level, few)
    recent = quarters["group"].str[:4] >= str(report.quarter.year - 1)  # the cohort without a date sorts behind all years
    falls = {name: waterfall(projects, milestones, day, name) for name in _FIRST}
    waiting = _with_projects(report, longest_waiting(stays, len(stays), few))
    return PipelineMeasures(
        spells=stays, cohorts=cohort_rates(projects, milestones, day, "year", first, level, few),
        quarters=quarters[recent].reset_index(drop=True), snapshots=_snapshots(report, rules), by=_by(report, groups, rules),
        waterfalls=falls, waterfall_first=next((name for name, table in falls.items() if table["reached"].iloc[0]), _FIRST[0]),
        curves=transition_curves(stays, None, level, few), curves_by={name: transition_curves(stays, groups[name], level, few)
                                                                      for name in _CURVES_BY},
        times=time_in_stage(stays, None, level, few),
        times_by={name: time_in_stage(stays, groups[name], level, few) for name in _CURVES_BY}, differ=_differ(stays, groups, few),
        waiting=waiting, longest=waiting.head(_LONGEST), permits=_permits(report, rules), notes=_notes(report, stays),
        names=rules.names(report.lang))


def groups_of(report: Report, rules: FunnelRules) -> dict[str, pd.Series]:
    """The group of each project (index project_id) for each of GROUPINGS; missing where no ledger states it."""
    projects = report.projects.set_index("project_id")
    plans = report.investments.dropna(subset=["plan_year_wan"])
    plan = plans.sort_values("snapshot", kind="stable").drop_duplicates("project_id", keep="last").set_index("project_id")["plan_year_wan"]
    size = rules.sizes(plan.reindex(projects.index))
    sizes = pd.CategoricalDtype([*(entry.id for entry in rules.size_classes), UNKNOWN])
    groups = {name: projects[name] for name in ("county", "chain", "origin", "construction")}
    groups |= {"size": size.astype(sizes), "class": project_classes(report.projects, report.milestones, report.quarter.year, report.as_of)}
    return {name: groups[name] for name in GROUPINGS}


def _by(report: Report, groups: Mapping[str, pd.Series], rules: FunnelRules) -> dict[str, pd.DataFrame]:
    tables = {name: funnel_rates(report.projects, report.milestones, report.as_of, groups[name], rules.level, rules.few)
              for name in GROUPINGS}
    return tables | {"class": class_rates(tables["class"], {entry.id: entry.after for entry in rules.project_classes}),
                     "construction": class_rates(tables["construction"], rules.construction_after)}


def _snapshots(report: Report, rules: FunnelRules) -> pd.DataFrame:
    known = {day: report.known_at(day.date()) for day in report.collected}
    return snapshot_rates({day: (then.projects, then.milestones) for day, then in known.items()}, rules.level, rules.few)


def _differ(stays: pd.DataFrame, groups: Mapping[str, pd.Series], few: int) -> pd.DataFrame:
    """The log-rank test over the groups of each curve that have `few` spells; NaN with fewer than two of them."""
    risk, rows = at_risk(stays), []
    for by in _CURVES_BY:
        group = risk["project_id"].map(groups[by].astype("object"))
        for stage in STAYS:
            mine = risk[(risk["stage"] == stage) & group.notna()]
            mine = mine[group[mine.index].groupby(group).transform("size") >= few]
            rows.append((by, stage, *log_rank(mine["days"], mine["ended"], group[mine.index], mine["entry"])))
    return pd.DataFrame(rows, columns=["by", "stage", "chi2", "p"])


def _with_projects(report: Report, waiting: pd.DataFrame) -> pd.DataFrame:
    """Who waits, with the project's name, county and department, whether it is suspended and how many of its problems are open."""
    about = report.projects.set_index("project_id")[["name", "county", "department", "stage"]].rename(columns={"stage": "now"})
    problems = open_problems(report.table("problems"), report.as_of, chain_words(report.city).solved)
    rows = waiting.join(about, on="project_id")
    each = problems["project_id"].value_counts().reindex(rows["project_id"]).fillna(0).to_numpy("int64")
    suspended = (rows["now"] == "suspended").fillna(False).astype("bool")
    return rows.assign(suspended=suspended, open_problems=each)[_WAITING]


def _permits(report: Report, rules: FunnelRules) -> pd.DataFrame:
    table = permit_times(report.approvals, report.milestones, report.as_of, rules.level, rules.few)
    return table.assign(unknown=np.int64(report.projects["project_id"].nunique()) - table["needed"] - table["not_needed"])


def _notes(report: Report, stays: pd.DataFrame) -> pd.DataFrame:
    """`spell_notes`, and `one_ledger` or `no_spells` where that is why there is nothing to show."""
    more = [("one_ledger", len(report.collected))] if len(report.collected) < 2 else []
    more += [("no_spells", 0)] if at_risk(stays).empty else []
    added = pd.DataFrame(more, columns=["note", "n"]).astype({"note": "str", "n": "int64"})
    return pd.concat([spell_notes(stays), added], ignore_index=True)
