"""The four lists of a report, gathered once and cut to its county."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pandas as pd

from liantu.assess.lists.duties import duty_list
from liantu.assess.lists.problems import problem_list
from liantu.assess.lists.progress import as_sent_by, in_progress, progress_list
from liantu.assess.lists.rules import ListRules, list_rules
from liantu.assess.lists.tasks import task_list
from liantu.reference.opened import kept
from liantu.report import Report


@dataclass(frozen=True)
class FourLists:
    """The four lists of the city (`county` empty) or of a county, as known at a date; kept, so the caller must not change them.

    `tasks` as from `task_list`, `progress` as from `progress_list` (dates and sums as whoever sends the list back gave them, the county or
    the city's departments, see `as_sent_by`), `problems` as from `problem_list`, `duties` as from `duty_list`.
    A county's lists have its own rows; what names no county stands in the city's alone. `left_out`: projects that would be in progress
    but are in no newest ledger of their county.
    """

    rules: ListRules
    county: str
    tasks: pd.DataFrame = field(repr=False)
    progress: pd.DataFrame = field(repr=False)
    problems: pd.DataFrame = field(repr=False)
    duties: pd.DataFrame = field(repr=False)
    left_out: int


def four_lists(report: Report) -> FourLists:
    """The four lists of a report's county, or of the city."""
    whole, county = report.whole_city, report.parameters.county
    known = _known(whole)
    return _of_county(known, county, whole) if county else replace(known, progress=_sent_by(whole, "department"))


@kept(maxsize=4)
def _known(report: Report) -> FourLists:
    """The lists of the whole city as everything known gives them, whoever said it."""
    rules = list_rules(report.city)
    progress, problems = progress_list(report, rules), problem_list(report, rules)
    tasks = task_list(report, progress, rules)
    return FourLists(rules, "", tasks, progress, problems, duty_list(tasks, progress, problems), _left_out(report.projects, rules))


@kept(maxsize=8)
def _sent_by(report: Report, kind: str) -> pd.DataFrame:
    """The progress list of the whole city as one kind of reporter gave it."""
    known = _known(report)
    return as_sent_by(known.progress, report, known.rules, kind)


def _of_county(known: FourLists, county: str, report: Report) -> FourLists:
    parts = {"tasks": known.tasks, "progress": _sent_by(report, "county"), "problems": known.problems, "duties": known.duties}
    own = {name: table[table["county"] == county].reset_index(drop=True) for name, table in parts.items()}
    return FourLists(known.rules, county, **own, left_out=_left_out(report.projects[report.projects["county"] == county], known.rules))


def _left_out(projects: pd.DataFrame, rules: ListRules) -> int:
    unfinished = projects["stage"].isin(rules.in_progress) | projects["stage"].isna()
    return int((unfinished & ~in_progress(projects, rules)).sum())
