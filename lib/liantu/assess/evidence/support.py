"""The facts that speak for a claim: papers, money, a second reporter, the firm's own figures."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from liantu.assess.evidence.firms import firm_of
from liantu.assess.evidence.known import RANKS, Known
from liantu.tables.runs import among

FACTS = ("filing_done", "approved_told", "permits_done", "money_spent", "money_this_year", "money_most", "second_reporter",
         "completed_told", "firm_working")
"""filing_done: filing reported as done; approved_told: approval (核准备案) reported; permits_done: a permit done and none pending;
money_spent: money done since the start; money_this_year: money done in the year; money_most: at least `most_spent` of the total done;
second_reporter: two kinds of reporters tell the stage or a later one; completed_told: completion reported with a date; firm_working: the
register has the firm with output and jobs."""
_PERMITS = ("siting", "land", "energy", "environment", "safety")


def facts(known: Known, stage: str, most_spent: float) -> pd.DataFrame:
    """For each standing project (index) whether each of FACTS holds for the claim that it has reached `stage`: bool columns."""
    ids = known.facts.index
    approvals = known.approvals
    permits = approvals[approvals["approval"].isin(_PERMITS)]
    done = _any(approvals[(approvals["approval"] == "filing") & (approvals["status"] == "done")], ids)
    money = known.money.reindex(ids)
    total = known.facts["total_investment_wan"]
    firm = firm_of(known)
    return pd.DataFrame({
        "filing_done": done, "approved_told": among(ids, known.claims["approved"].index),
        "permits_done": _any(permits[permits["status"] == "done"], ids) & ~_any(permits[permits["status"] == "pending"], ids),
        "money_spent": (money["done_total_wan"] > 0).to_numpy(bool), "money_this_year": _this_year(known, ids),
        "money_most": (money["done_total_wan"] >= most_spent * total).to_numpy(bool), "second_reporter": _twice(known, stage, ids),
        "completed_told": among(ids, known.claims["completed"].index[known.claims["completed"]["end"].notna()]),
        "firm_working": ((firm["output_wan"] > 0) & (firm["jobs"] > 0)).to_numpy(bool)}, index=ids)[list(FACTS)]


def supported(table: pd.DataFrame, sets: tuple[tuple[str, ...], ...]) -> pd.Series:
    """For each row of `facts` whether all facts of any one of `sets` hold."""
    return pd.Series(np.logical_or.reduce([table[list(names)].all(axis=1).to_numpy(bool) for names in sets]), index=table.index)


def _any(rows: pd.DataFrame, ids: pd.Index) -> np.ndarray:
    return among(ids, rows["project_id"])


def _this_year(known: Known, ids: pd.Index) -> np.ndarray:
    year = pd.Timestamp(dt.date(known.as_of.year, 1, 1))
    rows = known.investments
    return among(ids, rows.loc[(rows["snapshot"] >= year) & (rows["done_year_wan"] > 0), "project_id"])


def _twice(known: Known, stage: str, ids: pd.Index) -> np.ndarray:
    rows = known.told[known.told["rank"] >= RANKS[stage]]
    kinds = rows.groupby("project_id")["source"].nunique()
    return among(ids, kinds.index[kinds >= 2])
