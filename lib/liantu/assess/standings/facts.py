"""What the county scorecard tells besides points: what was introduced, gaps filled and problems, of every county and the city."""

from __future__ import annotations

import pandas as pd

from liantu.assess.gates import county_quality
from liantu.assess.service import county_service, service_of
from liantu.assess.standings.storing import stored
from liantu.reference.opened import kept
from liantu.report import Report

_COUNTED = ("introduced", "from_jjj", "spill_over", "squeezed_out", "unknown", "stop", "attention", "fits_chain", "fills_gap",
            "problems", "open", "overdue")
FACTS = ("county", *_COUNTED, "median_days")


def county_facts(report: Report) -> pd.DataFrame:
    """One row for each county (GB/T code) and one for the city (""), of the whole city whatever the report's county.

    Columns: FACTS, counts as in `liantu.assess.gates.county_quality` and `liantu.assess.service.county_service`; median_days until a
    problem is solved; NaN is not reported. Made once for all pages of the same tables.
    """
    return _facts(report.whole_city)


@kept(maxsize=2)
def _facts(report: Report) -> pd.DataFrame:
    made = stored(report, "county-facts", (), lambda: _made(report))
    return made.astype({name: "str" if name == "county" else "float64" for name in FACTS})


def _made(report: Report) -> pd.DataFrame:
    service = county_service(report).set_index("county")[["problems", "open", "overdue", "median_days"]].astype("float64")
    table = county_quality(report).set_index("county").join(service, how="outer")
    times = service_of(report).times[""]
    city = table[[*_COUNTED]].sum(min_count=1).to_dict() | {"median_days": times["median"].iloc[0] if len(times) else float("nan")}
    rows = pd.concat([table.reset_index(), pd.DataFrame([{"county": "", **city}])], ignore_index=True)
    return rows[[*FACTS]]
