"""The quality of what was introduced, a row a county: the numbers that scorecards and indicators take."""

from __future__ import annotations

import pandas as pd

from liantu.assess.gates.introduced import introduced
from liantu.assess.gates.promised import promised
from liantu.assess.gates.rules import gate_rules
from liantu.reference.opened import kept
from liantu.report import Report


@kept(maxsize=8)
def county_quality(report: Report) -> pd.DataFrame:
    """Counts of the year's introduced projects by county, one row a county (also without any), and jobs promised and delivered.

    Columns: county, introduced, from_jjj, spill_over, squeezed_out, unknown, stop, attention (worst gate), fits_chain, fills_gap,
    jobs_promised, jobs_delivered (of all standing projects; NaN: not reported). Of the report's one county where it has one.
    """
    made, rules = introduced(report), gate_rules(report.city)
    rows = made[made["introduced"] == "year"]
    told = {"introduced": pd.Series(True, index=rows.index), "from_jjj": rows["origin"].isin(rules.neighbours),
            **{kind: rows["kind"] == kind for kind in ("spill_over", "squeezed_out", "unknown")},
            "stop": rows["gate"] == "stop", "attention": rows["gate"] == "attention", "fits_chain": rows["fits_chain"] == "yes",
            "fills_gap": rows["fills_gap"] == "yes"}
    jobs = promised(report).set_index("county")
    counts = pd.DataFrame(told).groupby(rows["county"]).sum().reindex(jobs.index, fill_value=0).astype("int64")
    return counts.join(jobs[["jobs_promised", "jobs_delivered"]]).reset_index()
