"""Indicators counted from projects, for the units of any group: events of a period, plans kept, rates, money, links filled."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from liantu.assess.chain_gaps import kept_promises
from liantu.assess.standings.chance import ratio_error
from liantu.assess.standings.measured import Units, counts, measured, missing, shares
from liantu.assess.standings.windows import Window
from liantu.progress.counts import FLOW, events
from liantu.progress.funnel import funnel_rates
from liantu.progress.pace import county_pace
from liantu.progress.slips import slips
from liantu.progress.targets import counted_targets, investment_rows
from liantu.reference.opened import kept
from liantu.report import Report

Measure = Callable[[Window, Units], pd.DataFrame]
_DOUBTFUL = ("amount_implausible", "unit_slip")
_PLACE = ["source_file", "sheet", "row"]


def happened(window: Window, what: str) -> pd.DataFrame:
    """The events of a period: project_id, date, first_reported; `what` is a measure of `counts.events`, or `landed` (approved)."""
    if what != "landed":
        found = events(window.report.tables, what, window.start, window.end)
        return found[~found["project_id"].isin(window.not_counted)] if what == "introduced" else found
    rows = window.report.milestones
    inside = rows["actual_date"].between(pd.Timestamp(window.start), pd.Timestamp(window.end))
    return rows.loc[(rows["stage"] == "approved") & inside, ["project_id", "actual_date", "first_reported"]].rename(
        columns={"actual_date": "date"})


def counted(what: str) -> Measure:
    """The measure that counts the events of a period."""
    def measure(window: Window, units: Units) -> pd.DataFrame:
        table = counts(units, units.count(happened(window, what)["project_id"]))
        if what == "introduced" and window.not_counted:
            all_of_them = units.count(events(window.report.tables, what, window.start, window.end)["project_id"])
            left = all_of_them - table["value"].to_numpy()
            table["note"] = [f"not_counted:{int(n)}" if n else "" for n in left]
        return table

    return measure


def carried_over(window: Window, units: Units) -> pd.DataFrame:
    """Projects started before the year and at work in it: 开复工 less the new starts of the year."""
    tables, span = window.report.tables, (window.year_start, window.end)
    at_work, new = (events(tables, what, *span)["project_id"] for what in ("at_work", "new_starts"))
    return counts(units, units.count(at_work) - units.count(new))


def at_work(window: Window, units: Units) -> pd.DataFrame:
    """New starts of the year and projects carried over and at work in it."""
    return counts(units, units.count(events(window.report.tables, "at_work", window.year_start, window.end)["project_id"]))


def kept_plans(stage: str) -> Measure:
    """The measure of the plans of a stage that fell due in the period and were kept."""
    def measure(window: Window, units: Units) -> pd.DataFrame:
        due = plans_due(window.report, stage, window)
        return shares(units, units.count(due.loc[due["kept"], "project_id"]), units.count(due["project_id"]))

    return measure


def plans_due(report: Report, stage: str, window: Window) -> pd.DataFrame:
    """The projects whose original plan of a stage lies in the period: project_id, original_date, kept (reached, or a later stage is)."""
    rows = slips(report)
    inside = rows["original_date"].between(pd.Timestamp(window.start), pd.Timestamp(window.end))
    rows = rows[(rows["stage"] == stage) & (rows["note"] != "terminated") & inside]
    milestones = report.milestones
    told = milestones["first_reported"].notna() | milestones["actual_date"].notna()
    later = milestones.loc[told & milestones["stage"].isin(FLOW[FLOW.index(stage) + 1:]), "project_id"]
    return rows.assign(kept=rows["reached"] | rows["project_id"].isin(later))[["project_id", "original_date", "kept"]]


def rate(name: str) -> Measure:
    """The measure of a rate of the funnel, over all projects known at the period's end."""
    def measure(window: Window, units: Units) -> pd.DataFrame:
        rows = _rates(window.report, units)
        rows = rows[rows["rate"] == name].set_index("group").reindex(list(units.ids))
        return shares(units, rows["reached"].fillna(0), rows["base"].fillna(0))

    return measure


@kept(maxsize=16)
def _rates(report: Report, units: Units) -> pd.DataFrame:
    return funnel_rates(report.projects, report.milestones, report.as_of, units.home)


def investment_progress(window: Window, units: Units) -> pd.DataFrame:
    """Investment done over the year's plan, of the newest ledger of the year of each project that gives a plan."""
    rows = investment_rows(window.report)
    rows = rows.assign(unit=rows["project_id"].map(units.home))
    rows = rows[rows["unit"].isin(units.ids)]
    sums = rows.groupby("unit")[["plan_year_wan", "done_year_wan"]].sum().reindex(list(units.ids))
    value = (sums["done_year_wan"] / sums["plan_year_wan"]).where(sums["plan_year_wan"] > 0)
    error = ratio_error(rows["done_year_wan"].fillna(0.0), rows["plan_year_wan"], rows["unit"]).reindex(list(units.ids))
    n = rows.groupby("unit").size().reindex(list(units.ids), fill_value=0)
    return measured(units, value, n, error, np.where(value.isna(), "no_plan", ""))


def on_time(window: Window, units: Units) -> pd.DataFrame:
    """Points by which 开复工 is ahead of the year elapsed, against the county's own plan (`county_pace`).

    The error is that of a ratio over projects: planned and done, only done, and only planned ones move it by what they do.
    """
    named = [target.id for target in counted_targets(window.report) if target.measure == "at_work"]
    if not named:
        return missing(units, "no_plan")
    rows = county_pace(window.report)
    rows = rows[rows["target"] == named[-1]].set_index("county").reindex(list(units.ids))
    planned, done, both = (rows[name].to_numpy("float64") for name in ("planned", "done", "done_of_plan"))
    with np.errstate(divide="ignore", invalid="ignore"):
        share = done / planned
        error = 100 * np.sqrt((done - both) + both * (1 - share) ** 2 + (planned - both) * share ** 2) / planned
    note = np.where(rows["points"].isna(), "no_plan", np.where(done > planned, "beyond_plan", ""))
    return measured(units, rows["points"], planned, error, note)


def money(what: str) -> Measure:
    """The measure of the total investment of the projects with an event in the period; amounts in doubt are left out."""
    def measure(window: Window, units: Units) -> pd.DataFrame:
        ids = happened(window, what)["project_id"]
        amounts = window.report.projects.set_index("project_id")["total_investment_wan"].reindex(ids)
        doubtful = amounts.index.isin(doubtful_amounts(window.report))
        unit = units.home.reindex(amounts.index)
        good = amounts[amounts.notna().to_numpy() & ~doubtful]
        by = good.groupby(unit.reindex(good.index).to_numpy(object))
        order, left = list(units.ids), units.count(amounts.index[doubtful])
        error = np.sqrt((good ** 2).groupby(unit.reindex(good.index).to_numpy(object)).sum().reindex(order, fill_value=0.0))
        note = [f"flagged_amounts:{int(n)}" if n else "" for n in left]
        return measured(units, by.sum().reindex(order, fill_value=0.0), by.size().reindex(order, fill_value=0), error, note)

    return measure


@kept(maxsize=8)
def doubtful_amounts(report: Report) -> pd.Index:
    """Projects of which an amount looks like a slip of unit or is implausible, by the findings of cleaning."""
    flagged = report.table("quarantine")
    flagged = flagged.loc[flagged["rule"].isin(_DOUBTFUL), _PLACE]
    rows = report.table("observations")[["project_id", *_PLACE]]
    hit = pd.MultiIndex.from_frame(rows[_PLACE]).isin(pd.MultiIndex.from_frame(flagged))
    return pd.Index(rows.loc[hit, "project_id"].unique())


def from_jjj(window: Window, units: Units) -> pd.DataFrame:
    """Of the projects introduced in the period with a stated origin, the share from Beijing, Tianjin and Hebei."""
    origin = window.report.projects.set_index("project_id")["origin"].reindex(happened(window, "introduced")["project_id"])
    stated = origin.dropna()
    return shares(units, units.count(stated.index[stated == "beijing_tianjin_hebei"]), units.count(stated.index))


def gaps_filled(window: Window, units: Units) -> pd.DataFrame:
    """Links that were broken by the first register and on which a unit's project went into production in the period, each once."""
    quarter, rows = kept_promises(window.report.whole_city)
    if not quarter:
        return missing(units, "no_register")
    inside = rows["produced"].between(pd.Timestamp(window.start), pd.Timestamp(window.end))
    rows = rows[inside].assign(unit=rows["project_id"].map(units.home)).drop_duplicates(["unit", "chain", "link"])
    return counts(units, rows["unit"].value_counts().reindex(list(units.ids), fill_value=0))
