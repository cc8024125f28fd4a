"""The indicators of every unit of a group in a period, in one long table; what is not reported is a row of its own, never zero."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from liantu.assess.standings import of_departments as departments
from liantu.assess.standings import of_evidence as evidence
from liantu.assess.standings import of_gates as gates
from liantu.assess.standings import of_projects as projects
from liantu.assess.standings import of_zones as zones
from liantu.assess.standings.indicator_rules import indicator_rules
from liantu.assess.standings.measured import Units, missing, units_of
from liantu.assess.standings.of_projects import Measure
from liantu.assess.standings.storing import stored
from liantu.assess.standings.windows import Window, year_so_far
from liantu.reference.opened import kept
from liantu.report import Report

COLUMNS = ["unit", "indicator", "value", "n", "se", "state", "note"]
_NUMBERS = ("value", "n", "se")
GROUPS = ("county", "zone", "department", "task_force")
MEASURES: Mapping[str, Mapping[str, Measure]] = {
    "county": {
        "new_starts": projects.counted("new_starts"), "carried_over": projects.carried_over,
        "started_of_plan": projects.kept_plans("started"), "completed_of_plan": projects.kept_plans("completed"),
        "investment_progress": projects.investment_progress, "at_capacity": projects.counted("at_capacity"),
        "evidence_rate": evidence.evidence_rate, "on_time": projects.on_time, "notices": evidence.notices,
        "introduced": projects.counted("introduced"), "introduced_money": projects.money("introduced"),
        "landing_rate": projects.rate("landing"), "start_rate": projects.rate("start"), "from_jjj": projects.from_jjj,
        "spill_over_share": gates.spill_over_share, "squeezed_out": gates.squeezed_out, "fits_chain_share": gates.fits_chain_share,
        "gaps_filled": projects.gaps_filled, "problems_overdue": departments.overdue,
        "new_starts_evidenced": evidence.evidenced("new_starts"), "at_capacity_evidenced": evidence.evidenced("at_capacity"),
        "introduced_evidenced": evidence.evidenced("introduced")},
    "zone": {
        **{name: zones.of_zone(name) for name in ("output_per_mu", "tax_per_mu", "jobs_per_mu", "idle_share", "digital_share")},
        "land_used_share": zones.of_zone("used_share"), "enclave_tax": zones.of_zone("enclave_tax_wan"),
        "projects_started": projects.counted("new_starts")},
    "task_force": {
        "landed": projects.counted("landed"), "landed_money": projects.money("landed"), "gaps_filled": projects.gaps_filled,
        "projects_at_work": projects.at_work},
    "department": {
        "tasks_done_share": departments.share_of("tasks_done", "tasks"), "tasks_late": departments.share_of("tasks_late", "tasks"),
        "problems_resolved_share": departments.share_of("problems_resolved", "problems"), "problems_days": departments.median_days,
        "problems_overdue": departments.overdue},
}
"""How each indicator of each group is measured."""
OTHERS = ("project_construction", "attraction", "zones", "evidence")
"""Indicators that are told by other assessments."""


def indicator_values(report: Report, group: str, window: Window | None = None, only: tuple[str, ...] = ()) -> pd.DataFrame:
    """Every indicator of every unit of a group, of the whole city as known at the report's date; by default of the year so far.

    `group`: county, zone, department or task_force (units: GB/T code, zone, department, chain in Chinese); raises KeyError for another.
    `only`: these indicators. Columns: unit, indicator, value (shares 0 to 1, money in 万元, the rest as indicators.yml says; NaN where it
    is not reported), n (what a count counts, else the base of a share or the rows behind a ratio), se (standard error of chance; NaN where
    a full register leaves none or there is no value), state (reported, not_reported), note (codes of indicators.yml, joined by ;).
    A county that sent no ledger in the period has all its rows as not_reported. Errors by kind: `liantu.assess.standings.chance`.
    All of the year so far are made once for all pages of the same tables.
    """
    if group not in MEASURES:
        raise KeyError(group)
    if window is None and not only:
        return _year_so_far(report.whole_city, group).copy()
    return values_in(report, group, window or year_so_far(report.whole_city), only)


@kept(maxsize=8)
def _year_so_far(report: Report, group: str) -> pd.DataFrame:
    made = stored(report, f"indicators-{group}", (group,), lambda: values_in(report, group, year_so_far(report), ()))
    return made.astype({name: "float64" if name in _NUMBERS else "str" for name in COLUMNS})


def values_in(report: Report, group: str, window: Window, only: tuple[str, ...]) -> pd.DataFrame:
    """`indicator_values` of a period, measured now."""
    units = units_of(window.report, group)
    order = [entry.id for entry in indicator_rules(report.city).of(group) if entry.id not in OTHERS]
    parts = [MEASURES[group].get(name, _unmeasured)(window, units).reset_index().assign(indicator=name)
             for name in order if not only or name in only]
    table = pd.concat(parts, ignore_index=True) if parts and units.ids else _nothing()
    if group == "county":
        table = _heard(table, window, units)
    table["state"] = pd.Series(np.where(table["value"].isna(), "not_reported", "reported"), dtype="str")
    place = {name: number for number, name in enumerate((*units.ids, *order))}
    table = table.sort_values(["unit", "indicator"], key=lambda column: column.map(place), kind="stable")
    return table[COLUMNS].reset_index(drop=True)


def _unmeasured(window: Window, units: Units) -> pd.DataFrame:
    """An indicator of the file that nothing measures yet is shown as not reported."""
    return missing(units, "not_measured")


def _nothing() -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series(dtype="float64" if name in _NUMBERS else "str") for name in (*COLUMNS, "unit")})


def _heard(table: pd.DataFrame, window: Window, units: Units) -> pd.DataFrame:
    """Take away the numbers of counties that sent no ledger since the period began; note those whose newest ledger is old."""
    last = last_ledgers(window.report).reindex(list(units.ids))
    newest = max(window.report.collected, default=pd.NaT)
    own = table["unit"].map(last)
    silent = (own.isna() | (own < pd.Timestamp(window.start))).to_numpy(bool)
    if window.report.card.kind == "public":
        # The public record is of nobody's ledger: what is on record stands, and nothing else is known.
        return table.assign(note=_joined(table["note"], np.where(table["value"].notna(), "public_record", "")))
    old = ~silent & (own < min(newest, pd.Timestamp(window.end))).to_numpy(bool)
    said = np.select([silent, old], ["no_ledger", "old_ledger:" + own.dt.strftime("%Y-%m-%d").fillna("")], "")
    note = table["note"].mask(silent, "")
    return table.assign(**{name: table[name].mask(silent) for name in ("value", "n", "se")}, note=_joined(note, said))


def _joined(first: pd.Series, second: np.ndarray) -> pd.Series:
    more = pd.Series(second, index=first.index).astype("str")
    return first.where(more == "", more.where(first == "", first + ";" + more))


def last_ledgers(report: Report) -> pd.Series:
    """The date of the newest ledger that each county sent itself (index: GB/T code; missing where it never sent one)."""
    files = report.whole_city.account.files
    return files[files["county"].isin(report.city.divisions.codes)].groupby("county")["snapshot"].max()
