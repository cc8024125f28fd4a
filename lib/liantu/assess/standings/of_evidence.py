"""Indicators that rest on the evidence audit: claims not contradicted, serious findings, and counts as evidenced."""

from __future__ import annotations

import numpy as np
import pandas as pd

from liantu.assess.evidence import evidence_of
from liantu.assess.standings.measured import Units, counts, measured, missing, shares
from liantu.assess.standings.of_projects import Measure, happened
from liantu.assess.standings.windows import Window
from liantu.progress.counts import STAGE_OF
from liantu.report import Report


def claims(report: Report) -> pd.DataFrame:
    """What is claimed toward the targets of the year, each project and stage once: project_id, stage, contradicted."""
    rows = evidence_of(report).claims
    rows = rows.assign(contradicted=(rows["verdict"] == "contradicted").to_numpy(bool))
    return rows.groupby(["project_id", "stage"], as_index=False)["contradicted"].max()


def evidence_rate(window: Window, units: Units) -> pd.DataFrame:
    """The share of the claims toward the targets that the ledger itself does not contradict."""
    rows = claims(window.report)
    claimed = units.count(rows["project_id"])
    return shares(units, claimed - units.count(rows.loc[rows["contradicted"].to_numpy(bool), "project_id"]), claimed)


def notices(window: Window, units: Units) -> pd.DataFrame:
    """Findings of high severity for each 100 projects of the unit; a project comes or stays away with all its findings."""
    rows = evidence_of(window.report).findings
    each = rows.loc[rows["severity"] == "high", "project_id"].value_counts()
    by = (each ** 2).groupby(units.of(each.index).reindex(each.index).to_numpy(object)).sum()
    squares = by.reindex(list(units.ids), fill_value=0).to_numpy("float64")
    severe = units.count(rows.loc[rows["severity"] == "high", "project_id"])
    projects = units.count(window.report.projects["project_id"])
    if not projects.any():
        return missing(units, "no_source")
    with np.errstate(divide="ignore", invalid="ignore"):
        value, error = 100 * severe / projects, 100 * np.sqrt(squares + 0.5) / projects
    value = np.where(projects > 0, value, np.nan)
    return measured(units, value, projects, error, np.where(projects > 0, "", "no_base"))


def evidenced(what: str) -> Measure:
    """The measure that counts the events of a period whose stage no finding of high severity puts in doubt."""
    def measure(window: Window, units: Units) -> pd.DataFrame:
        rows = evidence_of(window.report).findings
        doubt = rows.loc[(rows["severity"] == "high") & (rows["stage"] == STAGE_OF[what]), "project_id"]
        events = happened(window, what)
        return counts(units, units.count(events.loc[~events["project_id"].isin(doubt), "project_id"]))

    return measure
