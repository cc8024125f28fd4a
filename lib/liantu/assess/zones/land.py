"""Land of zones against its results, idle factories, and the digital upgrade: now, before, and what the year still asks."""

from __future__ import annotations

import numpy as np
import pandas as pd

from liantu.assess.zones.ratios import ratio
from liantu.assess.zones.zone_rules import zone_rules
from liantu.assess.zones.zone_table import zone_history, zone_measures
from liantu.reference.opened import kept
from liantu.report import Report

_MONTHS = 12
_LAND = ["zone", "county", "snapshot", "area_mu", "used_mu", "used_share", "output_per_mu", "tax_per_mu", "jobs_per_mu", "against_city",
         "used_change_mu", "output_change", "change_since", "like_for_like", "factory_m2", "idle_m2", "idle_share", "idle_change_m2",
         "low", "note"]
_DIGITAL = ["zone", "county", "snapshot", "digital_share", "first_share", "first_snapshot", "per_month", "goal", "due", "needed_per_month",
            "at_pace", "state"]


def city_sums(rows: pd.DataFrame) -> pd.Series:
    """The city's own values from its zones, each total / total over the zones that report both parts, and `zones`, how many report output.

    `rows` as from `zone_measures`. Values: used_share, output_per_mu, tax_per_mu, jobs_per_mu, idle_share, used_mu, output_year_wan,
    tax_year_wan, jobs, idle_m2, factory_m2, zones.
    """
    pairs = {"used_share": ("used_mu", "area_mu"), "output_per_mu": ("output_year_wan", "used_mu"),
             "tax_per_mu": ("tax_year_wan", "used_mu"), "jobs_per_mu": ("jobs", "used_mu"), "idle_share": ("idle_m2", "factory_m2")}
    made = {}
    for name, (top, bottom) in pairs.items():
        both = rows[rows[top].notna() & (rows[bottom] > 0)]
        made[name] = float(both[top].sum() / both[bottom].sum()) if len(both) else np.nan
    sums = {name: float(rows[name].sum(min_count=1)) for name in
            ("used_mu", "output_year_wan", "tax_year_wan", "jobs", "idle_m2", "factory_m2")}
    return pd.Series(made | sums | {"zones": float(rows["output_wan"].notna().sum())})


@kept(maxsize=8)
def land_use(report: Report) -> pd.DataFrame:
    """How much land each zone uses, what it brings, and since when that changed; kept, so the caller must not change it.

    Columns: zone, county, snapshot, area_mu, used_mu, used_share, output_per_mu and tax_per_mu (万元 a year), jobs_per_mu, against_city
    (output per mu / that of all zones together), used_change_mu and idle_change_m2 (since `change_since`), output_change (of output per mu,
    as a share; only where `like_for_like`), change_since (a year before, else the oldest ledger), like_for_like (that ledger covers the
    same months of its year), factory_m2, idle_m2, idle_share, low (`land`: share used, `output`: output per mu, `both`, or "": against
    low_ratio of the city), note (of `zone_measures`). Sums of a part of a year are never held against those of another part.
    """
    rows = zone_measures(report)
    city, rules = city_sums(zone_measures(report.whole_city)), zone_rules(report.city).land
    then = _year_before(zone_history(report), rows).set_index("zone").reindex(rows["zone"]).reset_index(drop=True)
    alike = (then["year_part"] == rows["year_part"]).to_numpy(dtype=bool)
    little = rows["used_share"] < rules.low_ratio * city["used_share"]
    poor = rows["output_per_mu"] < rules.low_ratio * city["output_per_mu"]
    return rows.assign(
        against_city=rows["output_per_mu"] / city["output_per_mu"], used_change_mu=rows["used_mu"] - then["used_mu"],
        idle_change_m2=rows["idle_m2"] - then["idle_m2"],
        output_change=(ratio(rows["output_per_mu"], then["output_per_mu"]) - 1).where(alike),
        change_since=then["snapshot"].astype("datetime64[ms]"), like_for_like=alike,
        low=np.select([little & poor, little, poor], ["both", "land", "output"], "").astype(str))[_LAND]


def _year_before(history: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """The row of each zone a year before its newest one, else its oldest earlier one; nothing where there is none."""
    now = rows["snapshot"].max()
    earlier = history[history["snapshot"] < now].sort_values("snapshot", kind="stable")
    exact = earlier[earlier["snapshot"] == now - pd.DateOffset(years=1)]
    oldest = earlier.drop_duplicates("zone")
    return pd.concat([exact, oldest[~oldest["zone"].isin(exact["zone"])]], ignore_index=True)


@kept(maxsize=8)
def digital_pace(report: Report) -> pd.DataFrame:
    """The digital upgrade of each zone against the goal of the year; kept, so the caller must not change it.

    Columns: zone, county, snapshot, digital_share (0 to 1, as stated), first_share and first_snapshot (the last ledger before the year
    began, else the oldest of the year), per_month (points of share gained a month since then), goal and due (zones.yml; NaN and NaT for a
    year without a goal), needed_per_month (to the goal; NaN when it is due), at_pace (share at the due date at the same pace, at most 1),
    state: `not_reported`, `no_goal`, `met`, `missed` (due and not met), `on_pace`, `short` (the pace so far does not do), `one_ledger`
    (no pace can be told).
    """
    rows = zone_measures(report)[["zone", "county", "snapshot", "digital_share"]]
    goal = zone_rules(report.city).digital.goal(report.quarter.year)
    first = _first_of_year(zone_history(report), rows, report.quarter.year).set_index("zone").reindex(rows["zone"]).reset_index(drop=True)
    months = _months(first["snapshot"], rows["snapshot"])
    made = rows.assign(first_share=first["digital_share"], first_snapshot=first["snapshot"].astype("datetime64[ms]"),
                       per_month=(rows["digital_share"] - first["digital_share"]) / months.where(months > 0))
    due = pd.Series(pd.Timestamp(goal.due) if goal else pd.NaT, index=rows.index, dtype="datetime64[ms]")
    share = float(goal.share) if goal else np.nan
    left = _months(rows["snapshot"], due)
    made = made.assign(goal=share, due=due, needed_per_month=((share - made["digital_share"]).clip(lower=0) / left.where(left > 0)),
                       at_pace=(made["digital_share"] + made["per_month"] * left.clip(lower=0)).clip(upper=1))
    told = [made["digital_share"].isna(), made["goal"].isna(), made["digital_share"] >= share, left <= 0, made["per_month"].isna(),
            made["at_pace"] >= share - 1e-9]
    names = ["not_reported", "no_goal", "met", "missed", "one_ledger", "on_pace"]
    return made.assign(state=np.select(told, names, "short").astype(str))[_DIGITAL]


def _first_of_year(history: pd.DataFrame, rows: pd.DataFrame, year: int) -> pd.DataFrame:
    told = history[history["digital_share"].notna() & (history["snapshot"] < rows["snapshot"].max())].sort_values("snapshot", kind="stable")
    before = told[told["snapshot"] < pd.Timestamp(year, 1, 1)].drop_duplicates("zone", keep="last")
    inside = told[told["snapshot"] >= pd.Timestamp(year, 1, 1)].drop_duplicates("zone")
    return pd.concat([before, inside[~inside["zone"].isin(before["zone"])]], ignore_index=True)


def _months(start: pd.Series, end: pd.Series) -> pd.Series:
    """Months between days; from month end to month end they are whole."""
    first, last = (pd.to_datetime(days).dt for days in (start, end))
    return ((last.year - first.year) * _MONTHS + last.month - first.month
            + last.day / last.days_in_month - first.day / first.days_in_month)
