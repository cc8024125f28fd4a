"""Small tidy tables whose quality can be counted by hand."""

from __future__ import annotations

from functools import cache

import pandas as pd

from liantu.assess import reporters
from liantu.reference import city
from liantu.tables import CONTRACTS
from liantu.tables.fold import fold

CITY = city()
DAYS = pd.to_datetime(["2022-03-31", "2022-06-30", "2022-09-30"])
OLD, NEW = "2022Q1/双塔区台账.xlsx", "2022Q2/双塔区台账.xlsx"
BUREAU = "2022Q2/招商引资台账.xlsx"


def observation(project, file, row, snapshot, **more):
    county = more.pop("county", "211302")
    source = "department" if file == BUREAU else "county"
    return {"project_id": project, "source_file": file, "sheet": "表", "row": row, "snapshot": snapshot, "name": f"项目{project}",
            "county": county, "source": source, **more}


@cache
def observations():
    """Three projects in the first ledger; the second adds P4, tells P2 twice, and is the first to tell that P1 began in February."""
    day = pd.Timestamp
    rows = [
        observation("P1", OLD, 5, DAYS[0], stage="approved", company="甲", construction="new", total_investment_wan=100.0),
        observation("P2", OLD, 6, DAYS[0], stage="approved", company="乙", construction="new"),
        observation("P3", OLD, 7, DAYS[0], stage="started", company="丙", started_actual=day("2022-01-05")),
        observation("P1", NEW, 5, DAYS[1], stage="started", company="甲", started_actual=day("2022-02-20"), total_investment_wan=100.0),
        observation("P2", NEW, 6, DAYS[1], stage="started", started_actual=day("2022-05-10"), total_investment_wan=50.0),
        observation("P2", NEW, 7, DAYS[1], stage="started", started_actual=day("2022-05-10"), total_investment_wan=50.0),
        observation("P4", NEW, 8, DAYS[1], stage="terminated"),
        observation("P1", BUREAU, 4, DAYS[1], county="211302", total_investment_wan=90.0),
        observation("P9", BUREAU, 5, DAYS[1], county="211303", total_investment_wan=90.0),
    ]
    return CONTRACTS["observations"].conform(rows)


def finding(file, row, rule, column="总投资", severity="warning", value="x", fix="改 Mend"):
    return {"source_file": file, "sheet": "表", "row": row, "column": column, "value": value, "rule": rule, "severity": severity,
            "message_zh": "错了", "message_en": "It is wrong", "fix": fix, "snapshot": DAYS[int(file[5]) - 1]}


def tables(findings=(), changes=(), merges=()):
    seen = observations()
    lineage = seen[["source_file", "sheet", "row", "snapshot", "county"]].assign(table="projects", key=seen["project_id"])
    made = {name: CONTRACTS[name].conform([]) for name in ("enterprises", "zones", "tasks", "problems")}
    return _folded() | made | {
        "observations": seen, "lineage": CONTRACTS["lineage"].conform(lineage),
        "quarantine": CONTRACTS["quarantine"].conform(list(findings)), "changes": CONTRACTS["changes"].conform(list(changes)),
        "merges": CONTRACTS["merges"].conform(list(merges))}


@cache
def _folded():
    return fold(observations())


def files(quarantined=0):
    counts = pd.DataFrame({
        "source_file": [OLD, NEW, BUREAU], "snapshot": [DAYS[0], DAYS[1], DAYS[1]], "rows_read": [8, 9, 6], "rows_accepted": [3, 4, 2],
        "rows_quarantined": [0, quarantined, 0]})
    return reporters(counts, observations(), CITY.divisions)
