"""The problem list: what is open, and what was solved in the quarter."""

from __future__ import annotations

import pandas as pd

from liantu.assess.lists.rules import ListRules
from liantu.assess.lists.states import by_urgency, with_state
from liantu.chains.labels import chain_words
from liantu.report import Report

PROBLEM_LIST = ["problem_id", "project_name", "project_id", "county", "kind", "description", "department", "steward", "raised", "due",
                "resolved", "status", "snapshot", "state", "days"]


def problem_list(report: Report, rules: ListRules) -> pd.DataFrame:
    """Problems of the whole city that are open, each as its newest ledger gives it, and those solved since the quarter began.

    Columns PROBLEM_LIST, the most overdue first. Solved: with a date of solution, or a status that says so; without a date it counts in the
    quarter when an earlier ledger still had it open, or none had it. A problem that a later log leaves out stays, as it was last known.
    """
    solved_words = chain_words(report.city).solved
    ledger = report.table("problems").sort_values("snapshot", kind="stable")
    solved = ledger["resolved"].notna() | ledger["status"].isin(solved_words)
    rows = ledger[~ledger["problem_id"].duplicated(keep="last")]
    done = solved.loc[rows.index]
    began = pd.Timestamp(report.quarter.start)
    earlier = set(ledger.loc[solved & (ledger["snapshot"] < began), "problem_id"])
    lately = rows["resolved"].ge(began) | (rows["resolved"].isna() & ~rows["problem_id"].isin(earlier))
    shown = ~done | lately
    table = with_state(rows[shown].reindex(columns=PROBLEM_LIST[:-2]), done[shown], report.as_of, rules.soon_days)
    return by_urgency(table, "problem_id")
