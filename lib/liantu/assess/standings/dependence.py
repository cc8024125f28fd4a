"""Which indicators chance moves together, because the same projects, tasks and problems stand behind them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import numpy as np
import pandas as pd

from liantu.assess.evidence import evidence_of
from liantu.assess.service import service_of
from liantu.assess.standings.measured import Units
from liantu.assess.standings.of_evidence import claims
from liantu.assess.standings.of_gates import judged_projects
from liantu.assess.standings.of_projects import doubtful_amounts, happened, plans_due
from liantu.assess.standings.windows import Window
from liantu.progress.counts import FLOW, events
from liantu.progress.funnel import RATES, passed
from liantu.progress.spells import lives
from liantu.progress.targets import investment_rows
from liantu.reference.opened import kept
from liantu.report import Report

Behind = dict[str, tuple[pd.Series, pd.Series | None]]
"""By indicator what each item (index) adds to what is counted, and to the base of a share or ratio (None: a count)."""
_PLANNED = {"carried_over", "projects_at_work", "on_time", "started_of_plan", "completed_of_plan"}
_JUDGED = {"spill_over_share", "squeezed_out", "fits_chain_share"}
_STOCK = {"investment_progress", "evidence_rate", "notices", "landing_rate", "start_rate"}


def correlation(window: Window, units: Units, ids: list[str], reported: Collection[str] | None = None) -> np.ndarray:
    """The correlation of the chance of indicators (ids x ids), the mean over the units; 0 where no item tells it.

    `reported`: only these have values (default: all). Each item moves a count by what it adds, and a ratio by what it adds above less the
    ratio times what it adds below (linearisation of a ratio: Cochran, Sampling Techniques, 3rd ed., 1977, chapter 6). Checked in the tests
    against a bootstrap over projects.
    """
    wanted = set(ids if reported is None else reported)
    behind, home = _behind(window, units, wanted)
    told = [name for name in ids if name in behind and name in wanted]
    found = np.eye(len(ids))
    if len(told) < 2 or not units.ids:
        return found
    items = home.index
    unit = pd.Index(units.ids).get_indexer(home.astype("object"))
    moves = np.column_stack([_moves(*behind[name], items, unit, len(units.ids)) for name in told])
    each = [moves[unit == place] for place in range(len(units.ids))]
    products = np.stack([own.T @ own for own in each])
    size = np.sqrt(np.einsum("uii->ui", products))
    with np.errstate(divide="ignore", invalid="ignore"):
        shares = products / size[:, :, None] / size[:, None, :]
    known = np.isfinite(shares)
    mean = np.where(known, shares, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    places = [ids.index(name) for name in told]
    found[np.ix_(places, places)] = mean
    np.fill_diagonal(found, 1.0)
    return _possible(found)


def _moves(above: pd.Series, below: pd.Series | None, items: pd.Index, unit: np.ndarray, count: int) -> np.ndarray:
    """What each item moves an indicator of its unit by."""
    top = _by_item(above, items)
    if below is None:
        return top
    base = _by_item(below, items)
    known = unit >= 0
    sums = [np.bincount(unit[known], weights=values[known], minlength=count) for values in (top, base)]
    ratio = np.divide(sums[0], sums[1], out=np.zeros(count), where=sums[1] > 0)
    return top - ratio[unit] * base


def _by_item(values: pd.Series, items: pd.Index) -> np.ndarray:
    return values.groupby(level=0).sum().reindex(items).fillna(0.0).to_numpy("float64")


def _possible(found: np.ndarray) -> np.ndarray:
    """The nearest matrix with a unit diagonal that can be a correlation: negative eigenvalues are cut (means of parts can leave some)."""
    values, vectors = np.linalg.eigh(found)
    cut = (vectors * np.maximum(values, 1e-9)) @ vectors.T
    scale = np.sqrt(np.diag(cut))
    return cut / scale[:, None] / scale[None, :]


def _behind(window: Window, units: Units, wanted: set[str]) -> tuple[Behind, pd.Series]:
    """What stands behind the indicators of a group, and the unit of each item."""
    if units.group == "department":
        return _of_departments(window.report.whole_city)
    found = _events(window)
    if wanted & _PLANNED:
        found = found | _plans(replace(window, not_counted=frozenset()))
    if wanted & _JUDGED:
        found = found | _judged(window)
    return found | (_of_stock(window.report) if wanted & _STOCK else {}), units.home


def _ones(ids: pd.Series | pd.Index) -> pd.Series:
    return pd.Series(1.0, index=pd.Index(ids))


def _events(window: Window) -> Behind:
    introduced, landed = (pd.Index(happened(window, what)["project_id"]) for what in ("introduced", "landed"))
    projects = window.report.projects.set_index("project_id")
    amounts = projects["total_investment_wan"].mask(projects.index.isin(doubtful_amounts(window.report))).fillna(0.0)
    origin = projects["origin"].reindex(introduced).dropna()
    started = _ones(happened(window, "new_starts")["project_id"])
    return {
        "new_starts": (started, None), "projects_started": (started, None),
        "at_capacity": (_ones(happened(window, "at_capacity")["project_id"]), None), "introduced": (_ones(introduced), None),
        "landed": (_ones(landed), None), "introduced_money": (amounts.reindex(introduced), None),
        "landed_money": (amounts.reindex(landed), None),
        "from_jjj": (_ones(origin.index[origin == "beijing_tianjin_hebei"]), _ones(origin.index))}


def _judged(window: Window) -> Behind:
    rows = judged_projects(window)
    known = rows[rows["kind"].notna() & (rows["kind"] != "unknown")]
    of_kind = {kind: _ones(rows.index[rows["kind"] == kind]) for kind in ("spill_over", "squeezed_out")}
    return {"spill_over_share": (of_kind["spill_over"], _ones(known.index)), "squeezed_out": (of_kind["squeezed_out"], None),
            "fits_chain_share": (_ones(rows.index[rows["fits_chain"] == "yes"]), _ones(rows.index))}


@kept(maxsize=16)
def _plans(window: Window) -> Behind:
    report, year = window.report, Window("year", "", window.year_start, window.end.replace(month=12, day=31), window.report)
    works, new = (pd.Index(events(report.tables, what, window.year_start, window.end)["project_id"]) for what in ("at_work", "new_starts"))
    carried = works.difference(new)
    planned = pd.Index(plans_due(report, "started", year)["project_id"]).union(carried)
    found: Behind = {"carried_over": (_ones(carried), None), "projects_at_work": (_ones(works), None),
                     "on_time": (_ones(works), _ones(planned))}
    for stage in ("started", "completed"):
        due = plans_due(report, stage, window)
        found[f"{stage}_of_plan"] = (_ones(due.loc[due["kept"], "project_id"]), _ones(due["project_id"]))
    return found


@kept(maxsize=8)
def _of_stock(report: Report) -> Behind:
    money = investment_rows(report).set_index("project_id")
    said = claims(report).set_index("project_id")["contradicted"]
    findings = evidence_of(report).findings
    severe = findings.loc[findings["severity"] == "high", "project_id"]
    found: Behind = {
        "investment_progress": (money["done_year_wan"].fillna(0.0), money["plan_year_wan"]),
        "evidence_rate": (1.0 - said.astype("float64"), _ones(said.index)), "notices": (_ones(severe), None)}
    known = lives(report.projects, report.milestones, report.as_of)
    for name in ("landing", "start"):
        base = known.reached[:, FLOW.index(RATES[name][0])]
        found[f"{name}_rate"] = (_ones(known.ids[base & passed(known, RATES[name][1])]), _ones(known.ids[base]))
    return found


def _of_departments(report: Report) -> tuple[Behind, pd.Series]:
    made = service_of(report)
    tasks, lives_of = made.tasks.set_index("task_id"), made.lives.set_index("problem_id")
    solved = (lives_of["state"] == "solved").astype("float64")
    found: Behind = {
        "tasks_done_share": ((tasks["state"] == "done").astype("float64"), _ones(tasks.index)),
        "tasks_late": ((tasks["state"] == "late").astype("float64"), _ones(tasks.index)),
        "problems_resolved_share": (solved, _ones(lives_of.index)), "problems_overdue": (lives_of["overdue"].astype("float64"), None)}
    return found, pd.concat([tasks["department"], lives_of["department"]])
