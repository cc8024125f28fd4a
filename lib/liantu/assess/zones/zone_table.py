"""One row for each development zone: what its ledger says at a date, results per mu, projects, firms, and what is not reported."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from liantu.assess.zones.enclaves import enclaves_of
from liantu.assess.zones.grades import GRADES, firm_grades
from liantu.assess.zones.ratios import ratio
from liantu.assess.zones.zone_rules import ZoneRules, zone_rules
from liantu.progress.counts import events
from liantu.reference.opened import kept
from liantu.reference.quarters import elapsed_share
from liantu.report import Report

STATED = ("area_mu", "used_mu", "output_wan", "tax_wan", "jobs", "factory_m2", "idle_m2", "digital_share")
"""What a zone ledger states that is a number of its own; enclave tax and shares have rules of their own."""
_LEDGER = ["zone", "county", "snapshot", *STATED, "enclave_tax_wan", "enclave_partner", "share_partner"]
_COLUMNS = [
    "zone", "county", "snapshot", "area_mu", "used_mu", "used_share", "output_wan", "tax_wan", "jobs", "output_per_mu", "tax_per_mu",
    "jobs_per_mu", "factory_m2", "idle_m2", "idle_share", "enclave_tax_wan", "enclave_partner", "share_partner", "partner_inside",
    "host_tax_wan", "digital_share", "projects", "projects_started", "firms", *(f"n_{grade}" for grade in GRADES),
    "output_year_wan", "tax_year_wan", "year_part", "firms_output_wan", "firms_area_mu", "near_cut", "last_snapshot", "note"]


@kept(maxsize=8)
def zone_measures(report: Report) -> pd.DataFrame:
    """One row for each zone at the newest zone ledger known at the report's date; kept, so the caller must not change it.

    Columns: zone, county (GB/T code), snapshot, area_mu, used_mu, used_share, output_wan and tax_wan (year to date, as the ledger says),
    jobs, output_per_mu and tax_per_mu (万元 a year for each mu in use: the year to date divided by the part of the year that has passed),
    jobs_per_mu, factory_m2, idle_m2, idle_share, enclave_tax_wan, enclave_partner, share_partner (as stated), partner_inside (True: inside
    the city; NA: no partner named), host_tax_wan (year to date, after the partner's share), digital_share, projects (not terminated),
    projects_started (new starts of the report's year), firms (graded), n_A, n_B, n_C, n_D, output_year_wan and tax_year_wan (scaled to a
    year), year_part, firms_output_wan (year to date) and firms_area_mu (of the register's firms in the zone, where the register is of the
    same date), near_cut (graded firms close to a cut),
    last_snapshot (of the zone's last own row), note: `not_reported` (the newest zone ledger does not have the zone: numbers of the ledger
    are missing, never zero), `over_plan` (more in use than planned), `register_differs` (its firms' output is not that of the ledger
    within the tolerance of zones.yml), `land_over` (its firms state more land than is in use), joined by a comma. Always made from the
    whole city; of a county's report its zones only. Without a zone
    ledger and without a register it is empty.
    """
    whole, own = report.whole_city, report.parameters.county
    rules = zone_rules(report.city)
    made = _with_counts(_with_ratios(_newest_rows(whole, rules)), whole)
    made = made.merge(enclaves_of(made, whole.city, rules)[["zone", "partner_inside", "host_tax_wan"]], on="zone", how="left")
    made["note"] = _notes(made, rules)
    made = made[_COLUMNS].sort_values(["county", "zone"], kind="stable", ignore_index=True)
    return made[made["county"] == own].reset_index(drop=True) if own else made


@kept(maxsize=8)
def zone_history(report: Report) -> pd.DataFrame:
    """The zone ledgers known at the report's date, one row for each zone and snapshot: those of `zone_measures` that the ledger gives.

    Columns: zone, county, snapshot, area_mu, used_mu, used_share, output_wan, tax_wan, jobs, factory_m2, idle_m2, idle_share,
    digital_share, enclave_tax_wan, enclave_partner, share_partner, output_per_mu, tax_per_mu, jobs_per_mu, output_year_wan,
    tax_year_wan, year_part. Kept, so the caller must not change it.
    """
    rows = report.whole_city.table("zones").sort_values(["zone", "snapshot"], kind="stable")
    made = _with_ratios(rows[_LEDGER].reset_index(drop=True))
    own = report.parameters.county
    return made[made["county"] == own].reset_index(drop=True) if own else made


def _newest_rows(whole: Report, rules: ZoneRules) -> pd.DataFrame:
    """The newest ledger's rows, and a row without numbers for each zone that it leaves out."""
    rows = whole.table("zones")
    newest = rows["snapshot"].max()
    now = rows[rows["snapshot"] == newest][_LEDGER]
    last = rows.sort_values("snapshot", kind="stable").groupby("zone")[["county", "snapshot"]].last()
    absent = _absent(whole, rules, last)
    absent = absent[~absent["zone"].isin(now["zone"])]
    made = pd.concat([now, absent], ignore_index=True) if len(absent) else now.reset_index(drop=True)
    made = made.reindex(columns=_LEDGER)
    made["reported"] = made["zone"].isin(now["zone"])
    made["snapshot"] = pd.Series(newest, index=made.index, dtype="datetime64[ms]")
    made["last_snapshot"] = last["snapshot"].astype("datetime64[ms]").reindex(made["zone"]).to_numpy()
    return made.astype(dict.fromkeys((*STATED, "enclave_tax_wan", "share_partner"), "float64"))


def _absent(whole: Report, rules: ZoneRules, last: pd.DataFrame) -> pd.DataFrame:
    """Zones of earlier ledgers, and those that the register of firms names often enough, with their county."""
    firms = whole.enterprises
    named = firms[firms["zone"].notna()].groupby("zone")["county"].agg([("firms", "size"), ("county", _most)])
    named = named[(named["firms"] >= rules.land.known_by_firms) & ~named.index.isin(last.index)]
    both = pd.concat([last["county"], named["county"]])
    return pd.DataFrame({"zone": both.index.astype("str"), "county": both.to_numpy()}).astype("str")


def _most(counties: pd.Series) -> str:
    told = counties.dropna()
    return str(told.mode().iloc[0]) if len(told) else ""


def _with_ratios(rows: pd.DataFrame) -> pd.DataFrame:
    told = [elapsed_share(day.date()) if pd.notna(day) else np.nan for day in rows["snapshot"]]
    parts = pd.Series(told, index=rows.index, dtype="float64")
    made = rows.assign(year_part=parts, output_year_wan=rows["output_wan"] / parts, tax_year_wan=rows["tax_wan"] / parts)
    return made.assign(
        used_share=ratio(made["used_mu"], made["area_mu"]), idle_share=ratio(made["idle_m2"], made["factory_m2"]),
        output_per_mu=ratio(made["output_year_wan"], made["used_mu"]), tax_per_mu=ratio(made["tax_year_wan"], made["used_mu"]),
        jobs_per_mu=ratio(made["jobs"], made["used_mu"]))


def _with_counts(made: pd.DataFrame, whole: Report) -> pd.DataFrame:
    """The projects and firms of each zone; a zone without any has 0, for these come from tables that cover the whole city."""
    projects, firms = whole.projects, firm_grades(whole)
    starts = events(whole.tables, "new_starts", dt.date(whole.quarter.year, 1, 1), whole.as_of)["project_id"]
    alive = projects[projects["zone"].notna() & (projects["stage"] != "terminated")]
    counts = {"projects": alive.groupby("zone").size(),
              "projects_started": projects[projects["project_id"].isin(starts)].groupby("zone").size()}
    graded = firms[firms["grade"] != ""]
    counts |= {"firms": graded.groupby("zone").size(), "near_cut": graded[graded["near_cut"]].groupby("zone").size()}
    counts |= {f"n_{grade}": graded[graded["grade"] == grade].groupby("zone").size() for grade in GRADES}
    made = made.assign(**{name: made["zone"].map(count).fillna(0).astype("int64") for name, count in counts.items()})
    # A register of another date covers another part of the year.
    beside = firms[firms["snapshot"] == made["snapshot"].max()]
    sums = beside.groupby("zone")[["output_wan", "area_mu"]].sum(min_count=1)
    return made.assign(firms_output_wan=made["zone"].map(sums["output_wan"]).astype("float64"),
                       firms_area_mu=made["zone"].map(sums["area_mu"]).astype("float64"))


def _notes(made: pd.DataFrame, rules: ZoneRules) -> pd.Series:
    differs = (ratio(made["firms_output_wan"], made["output_wan"]) - 1).abs() > rules.land.register_tolerance
    told = {"not_reported": ~made["reported"], "over_plan": made["used_mu"] > made["area_mu"], "register_differs": differs,
            "land_over": made["firms_area_mu"] > made["used_mu"]}
    notes = pd.DataFrame({name: np.where(flag, name, "") for name, flag in told.items()}, index=made.index, dtype="object")
    return notes.apply(lambda row: ", ".join(note for note in row if note), axis=1, result_type="reduce").astype("str")
