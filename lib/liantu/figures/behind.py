"""The projects behind the bars of a figure, each with the ledger row that tells it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from liantu.figures.display import Behind
from liantu.figures.wording import say
from liantu.progress.told import WHERE, told_in
from liantu.report import Report

TOLD = {"new_starts": "started_actual", "at_capacity": "at_capacity_actual", "introduced": "signed_actual", "at_work": None}
"""The column of observations that dates each measure; works going on are told by the newest row of the project."""
_SHOWN = ("bar", "project", "county", "stage", "date", *WHERE)


def rows(report: Report, projects_by_bar: pd.DataFrame, more: Mapping[str, str] | None = None, title: str = "") -> Behind:
    """The rows behind the bars of a figure: bar, project, county, stage, date, source file, sheet, row, in the order given.

    `projects_by_bar` has bar (as readers call it) and project_id, one row for each thing a bar counts; `date` where the bar counts dated
    events (else there is no such column), `told` (column of observations) where the source is to be the newest ledger row that says
    something in it (else the newest of the project; of one date the county's before the zone's before a department's), source_file, sheet
    and row where the source is known already. `more` names further columns of it to show after the project, with their labels. Stage is
    the project's current one. Ledger text only; contacts are never in the tables.
    """
    lang = report.lang
    about = home(report).projects.set_index("project_id")[["name", "county", "stage"]]
    found = projects_by_bar if set(WHERE) <= set(projects_by_bar) else with_rows(projects_by_bar, report)
    stages = {stage: term.name(lang) for stage, term in report.city.vocabulary.terms("stages").items()}
    of_project = about.reindex(found["project_id"])
    table = found.assign(
        project=of_project["name"].array, county=county_names(report, of_project["county"]),
        stage=[stages.get(stage, stage) if isinstance(stage, str) else None for stage in of_project["stage"]])
    columns = [name for name in _SHOWN if name in table]
    columns[2:2] = [name for name in (more or {}) if name not in columns]
    labels = {name: say(f"behind.column.{name}", lang) for name in columns if name in _SHOWN} | dict(more or {})
    return Behind(title or say("behind.title", lang, n=len(table)), table[columns].reset_index(drop=True), labels)


def home(report: Report) -> Report:
    """The report in whose tables the rows of its figures stand: its own, with projects that left its county or chain since last quarter.

    A county's page opens nothing of other counties, so that it is made anew only when its own ledgers change.
    """
    return report.held_beside(report.quarter.previous.end)


def county_name(report: Report, code: object) -> str:
    """The short name of a county by its code, the city's own for 211300; empty for none."""
    if not isinstance(code, str):
        return ""
    return say("behind.city", report.lang) if code == report.city.divisions.city.code else report.county_name(code)


def county_names(report: Report, codes: Iterable[object]) -> list[str]:
    """`county_name` of each of many codes."""
    known: dict[object, str] = {}
    return [known[code] if code in known else known.setdefault(code, county_name(report, code)) for code in codes]


def with_rows(projects: pd.DataFrame, report: Report) -> pd.DataFrame:
    """`projects` (project_id, perhaps told) with source_file, sheet and row of the ledger row that tells each, as `rows` says."""
    known = told_in(home(report))
    places = known.places(projects["project_id"])
    if "told" in projects:
        saying = known.places(projects["project_id"], projects["told"])
        places = np.where(saying >= 0, saying, places)
    return projects.assign(**known.rows(places))


def last_of_table(report: Report, table: str) -> pd.DataFrame:
    """source_file, sheet and row of the newest ledger row of each key of a table, by key (from `lineage`)."""
    lineage = home(report).table("lineage")
    rows = lineage[lineage["table"] == table].sort_values("snapshot", kind="stable")
    return rows.drop_duplicates("key", keep="last").set_index("key")[list(WHERE)]
