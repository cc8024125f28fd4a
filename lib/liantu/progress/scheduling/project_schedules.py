"""The schedules of a report's unfinished projects, with chances that count in what earlier ones came to."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from liantu.progress.scheduling.drawn_schedules import PROJECT_COLUMNS, STEP_COLUMNS, ProjectSchedules, drawn_schedules, verdicts
from liantu.progress.scheduling.past_chances import city_recalibration
from liantu.progress.scheduling.recalibration import Recalibration
from liantu.progress.scheduling.step_rules import StepRules, step_rules
from liantu.reference.opened import kept
from liantu.report import Report

__all__ = ["PROJECT_COLUMNS", "STEP_COLUMNS", "ProjectSchedules", "project_schedules", "restated"]


@kept(maxsize=8)  # a page asks for it in its chart, its lists and its text
def project_schedules(report: Report) -> ProjectSchedules:
    """The schedules of the unfinished projects of a report's county and chain, chances as they are to be stated.

    As `drawn_schedules`; chances of dates ahead are recalibrated by what the city's earlier ones came to, as known at the report's date,
    and the verdicts follow. The note `recalibrated` says how, `not_recalibrated` that no earlier chance tells and only the bounds hold.
    """
    drawn, rules = drawn_schedules(report), step_rules(report.city)
    mend = city_recalibration(report)
    told = {"intercept": mend.intercept, "slope": mend.slope, "outcomes": mend.n, "lowest": mend.lowest, "highest": mend.highest}
    notes = (("recalibrated" if mend.n else "not_recalibrated", told),) if drawn.projects["chance"].notna().any() else ()
    return replace(drawn, projects=restated(drawn.projects, mend, rules, pd.Timestamp(report.as_of)), notes=(*drawn.notes, *notes))


def restated(projects: pd.DataFrame, mend: Recalibration, rules: StepRules, today: pd.Timestamp) -> pd.DataFrame:
    """The projects of `ProjectSchedules` with chances recalibrated and verdicts anew.

    Dates that have passed keep the drawn chance (that they were made and no ledger says so yet): no past chance tells of such.
    """
    changed = {}
    for name, due in (("chance", "due"), ("start_chance", "start_due")):
        drawn = projects[f"drawn_{name}"].to_numpy(dtype="float64")
        changed[name] = np.where(projects[due] > today, mend.stated(drawn), drawn)
    dated = projects["due"].notna()
    passed = (projects["due"] < today).to_numpy()
    verdict = verdicts(passed, projects["slack_days"].to_numpy(), changed["chance"], rules)
    return projects.assign(**changed, verdict=projects["verdict"].where(~dated, pd.Series(verdict, index=projects.index, dtype="str")))
