"""Jobs and tax promised against delivered."""

from __future__ import annotations

import numpy as np
import pandas as pd

from liantu.assess.gates.industry import firm_names
from liantu.reference.opened import kept
from liantu.report import Report

_PRODUCING = ("producing", "at_capacity")


@kept(maxsize=8)
def promised(report: Report) -> pd.DataFrame:
    """Jobs that projects promise and jobs of the same firms once they produce, a row a county (all, and 211300 if it has any).

    Columns: county; projects (not terminated), stated (of these with jobs), jobs_promised (NaN: none states any); producing,
    producing_stated, producing_promised: those that produce; firms (of these in the newest register, by the company's name),
    jobs_matched (promised by the projects of those firms), jobs_delivered (jobs of those firms, whole firms, old jobs included; NaN: no
    firm found), share (delivered of promised, of the firms found), tax_promised, tax_note (`not_in_ledgers`: no ledger has a column for
    it), note (`no_register`, `no_firm_found`, ""). A firm with several projects counts once.
    """
    divisions = report.city.divisions
    own = report.parameters.county
    counties = [own] if own else list(divisions.codes)
    live = report.projects[report.projects["stage"].fillna("") != "terminated"]
    if not own and (live["county"] == divisions.city.code).any():
        counties.append(divisions.city.code)
    return delivered(live, report.whole_city.enterprises, counties)


def delivered(projects: pd.DataFrame, enterprises: pd.DataFrame, counties: list[str]) -> pd.DataFrame:
    """`promised` of plain tables: projects that stand, the newest register, and the counties to tell of."""
    firms = enterprises.assign(firm=firm_names(enterprises["name"])).dropna(subset=["jobs"])
    jobs = firms.drop_duplicates("firm").set_index("firm")["jobs"]
    working = projects["stage"].isin(_PRODUCING)
    firm = firm_names(projects["company"]).where(working & projects["jobs"].notna())
    table = projects.assign(firm=firm.where(firm.isin(jobs.index)), working=working)
    rows = []
    for county in counties:
        part = table[table["county"] == county]
        work = part[part["working"]]
        matched = work[work["firm"].notna()]
        found = matched["firm"].unique()
        given, asked = float(jobs.reindex(found).sum()) if len(found) else np.nan, matched["jobs"].sum(min_count=1)
        rows.append({
            "county": county, "projects": len(part), "stated": int(part["jobs"].notna().sum()),
            "jobs_promised": part["jobs"].sum(min_count=1), "producing": len(work), "producing_stated": int(work["jobs"].notna().sum()),
            "producing_promised": work["jobs"].sum(min_count=1), "firms": len(found), "jobs_matched": asked, "jobs_delivered": given,
            "share": given / asked if len(found) and asked else np.nan, "tax_promised": np.nan, "tax_note": "not_in_ledgers",
            "note": "no_register" if enterprises.empty else "" if len(found) else "no_firm_found"})
    return pd.DataFrame(rows)
