"""The matters behind an indicator of a county: projects that should have moved, papers that wait, findings to settle."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from liantu.assess.chain_gaps import kept_promises
from liantu.assess.evidence import evidence_of
from liantu.assess.gates import introduced
from liantu.assess.standings.of_projects import doubtful_amounts
from liantu.progress.counts import FLOW
from liantu.progress.funnel import passed
from liantu.progress.pace import should_have
from liantu.progress.spells import lives
from liantu.progress.targets import investment_rows
from liantu.reference import elapsed_share
from liantu.reference.opened import kept
from liantu.report import Report

Items = list[dict[str, object]]
KIND_OF = {
    "new_starts": "should_have_started", "started_of_plan": "should_have_started", "on_time": "should_have_started",
    "carried_over": "standing_still", "completed_of_plan": "should_have_completed", "at_capacity": "not_at_capacity",
    "investment_progress": "behind_money", "evidence_rate": "to_settle", "notices": "to_settle", "landing_rate": "signed_not_approved",
    "start_rate": "approved_not_started", "introduced": "in_talks", "introduced_money": "in_talks", "from_jjj": "in_talks",
    "spill_over_share": "in_talks", "fits_chain_share": "in_talks", "gaps_filled": "on_broken_links", "squeezed_out": "squeezed_out",
    "problems_overdue": "overdue_problems",
}
"""The kind of matters behind each indicator."""


def matters_of(report: Report, county: str, indicator: str) -> tuple[str, Items]:
    """The kind of matters behind an indicator, and those of a county, the most pressing first.

    Each is a dict: kind, project_id, name, day (ISO date or ""), number (days late, months, 万元 or findings, by kind; None: none).
    Kinds: should_have_started, should_have_completed, not_at_capacity (days past the plan), standing_still (suspended), behind_money
    (万元 behind the plan at even pace), to_settle (findings of high severity), signed_not_approved and approved_not_started (days waited),
    in_talks, squeezed_out (total investment 万元), on_broken_links (day promised), overdue_problems (days).
    """
    kind = KIND_OF.get(indicator, "")
    return kind, _all_of(report.whole_city, kind).get(county, []) if kind in _FINDERS else []


@kept(maxsize=32)
def _all_of(report: Report, kind: str) -> dict[str, Items]:
    """The matters of a kind of every county."""
    rows = _FINDERS[kind](report)
    rows = rows[rows["county"].notna()]
    days = pd.to_datetime(rows["day"]).dt.strftime("%Y-%m-%d").fillna("")
    found: dict[str, Items] = {}
    for county, project, name, day, number in zip(rows["county"], rows["project_id"], rows["name"], days, rows["number"], strict=True):
        known = None if pd.isna(number) else float(number)
        found.setdefault(county, []).append({"kind": kind, "project_id": project, "name": name, "day": day, "number": known})
    return found


def _late(stage: str) -> Callable[[Report], pd.DataFrame]:
    def found(report: Report) -> pd.DataFrame:
        return should_have(report, stage).rename(columns={"original_date": "day", "days_late": "number"})

    return found


def _capacity(report: Report) -> pd.DataFrame:
    """Projects that produce and are not at capacity, those first produced longest ago first."""
    return _between(report, "producing", "at_capacity")


def _between(report: Report, reached: str, following: str) -> pd.DataFrame:
    """Projects that are reported in one stage, have not passed the next and are not terminated: the longest waiting first."""
    projects, milestones = report.projects, report.milestones
    known = lives(projects, milestones, report.as_of)
    open_ones = known.reached[:, FLOW.index(reached)] & ~passed(known, following) & ~known.reached[:, -1]
    rows = projects.set_index("project_id").loc[known.ids[open_ones]].reset_index()
    since = milestones[milestones["stage"] == reached].set_index("project_id")["actual_date"].reindex(rows["project_id"])
    rows = rows.assign(day=since.to_numpy(), number=(pd.Timestamp(report.as_of) - since).dt.days.to_numpy("float64", na_value=np.nan))
    return rows.sort_values(["number", "project_id"], ascending=[False, True], na_position="last")


def _suspended(report: Report) -> pd.DataFrame:
    rows = report.projects
    rows = rows[(rows["stage"] == "suspended").to_numpy(bool, na_value=False)]
    return _largest_first(report, rows.assign(day=rows["last_snapshot"], number=rows["total_investment_wan"]))


def _largest_first(report: Report, rows: pd.DataFrame) -> pd.DataFrame:
    """Rows by `number` (万元); an amount in doubt is not told, and does not lead the list."""
    number = rows["number"].mask(rows["project_id"].isin(doubtful_amounts(report)))
    return rows.assign(number=number).sort_values(["number", "project_id"], ascending=[False, True], na_position="last")


def _behind_money(report: Report) -> pd.DataFrame:
    """Projects by what they lack of the year's plan at even pace."""
    rows = investment_rows(report)
    lacks = rows["plan_year_wan"] * elapsed_share(report.as_of) - rows["done_year_wan"].fillna(0.0)
    rows = rows.assign(number=lacks, day=rows["snapshot"])
    about = report.projects.set_index("project_id")[["name", "county"]]
    rows = rows[(rows["number"] > 0) & ~rows["project_id"].isin(doubtful_amounts(report))]
    return rows.join(about, on="project_id").sort_values(["number", "project_id"], ascending=[False, True])


def _findings(report: Report) -> pd.DataFrame:
    rows = evidence_of(report).findings
    rows = rows[rows["severity"] == "high"]
    by = rows.groupby("project_id", sort=False)
    table = by.agg(county=("county", "first"), name=("name", "first"), day=("since", "min"), number=("finding", "size")).reset_index()
    return table.sort_values(["number", "project_id"], ascending=[False, True], kind="stable")


def _in_talks(report: Report) -> pd.DataFrame:
    rows = report.projects
    rows = rows[rows["stage"].isin(("lead", "negotiating"))]
    return _largest_first(report, rows.assign(day=rows["last_snapshot"], number=rows["total_investment_wan"]))


def _squeezed_out(report: Report) -> pd.DataFrame:
    rows = introduced(report)
    rows = rows[(rows["introduced"] == "year") & (rows["kind"] == "squeezed_out")]
    return rows.assign(day=rows["signed"], number=rows["size_wan"]).sort_values(["number", "project_id"], ascending=[False, True])


def _broken_links(report: Report) -> pd.DataFrame:
    quarter, rows = kept_promises(report)
    if not quarter:
        return pd.DataFrame(columns=["project_id", "name", "county", "day", "number"])
    rows = rows[~rows["produces"] & (rows["outcome"] != "gone")]
    return rows.assign(day=rows["promised"], number=np.nan).sort_values(["promised", "project_id"], na_position="last")


def _problems(report: Report) -> pd.DataFrame:
    from liantu.assess.service import service_of

    rows = service_of(report).open
    rows = rows[rows["overdue"].to_numpy(bool)]
    return rows.rename(columns={"project_name": "name"}).assign(day=rows["due"], number=rows["age"])


_FINDERS: dict[str, Callable[[Report], pd.DataFrame]] = {
    "should_have_started": _late("started"), "should_have_completed": _late("completed"), "not_at_capacity": _capacity,
    "standing_still": _suspended, "behind_money": _behind_money, "to_settle": _findings,
    "signed_not_approved": lambda report: _between(report, "signed", "approved"),
    "approved_not_started": lambda report: _between(report, "approved", "started"), "in_talks": _in_talks,
    "on_broken_links": _broken_links, "squeezed_out": _squeezed_out, "overdue_problems": _problems,
}
