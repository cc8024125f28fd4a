"""Rules about money: finished without it, more than the total or the plan, sums that contradict each other or fall."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from liantu.assess.evidence.found import Found, first_of, found
from liantu.assess.evidence.known import Known
from liantu.tables.runs import among

_FINISHED = ("completed", "producing", "at_capacity")


def complete_without_money(known: Known, parameters: Mapping[str, Any]) -> Found:
    """Said to be completed, producing or at capacity with less than a share of the total done; under `high_below` it weighs heavily."""
    table = known.furthest[known.furthest["stage"].isin(_FINISHED)]
    money, total = known.money.reindex(table.index), known.facts["total_investment_wan"].reindex(table.index)
    share = money["done_total_wan"] / total.where(total > 0)
    why = first_of(unit_in_doubt=among(table.index, known.doubtful), no_total=~(total > 0), no_amount=money["done_total_wan"].isna(),
                   amount_older=money["snapshot"] < table["since"])
    severity = np.where(share < parameters["high_below"], "high", "")
    said = {"stage": table["stage"], "done_wan": money["done_total_wan"], "total_wan": total, "share": share}
    return found(table, why, share < parameters["least_share"], said, table["stage"].to_numpy(), severity, "done_total_wan")


def done_over_total(known: Known, parameters: Mapping[str, Any]) -> Found:
    """The money done is above the total by more than a share."""
    table, total = _money(known, known.money)
    why = first_of(unit_in_doubt=among(table.index, known.doubtful), no_amount=table["done_total_wan"].isna(), no_total=~(total > 0))
    said = {"done_wan": table["done_total_wan"], "total_wan": total}
    return found(table, why, table["done_total_wan"] > total * (1 + parameters["most_over"]), said, told="done_total_wan")


def done_over_plan(known: Known, parameters: Mapping[str, Any]) -> Found:
    """The money done in the year is above the year's plan by more than a factor."""
    rows = known.investments.sort_values("snapshot", kind="stable").drop_duplicates("project_id", keep="last").set_index("project_id")
    table, _ = _money(known, rows)
    plan = table["plan_year_wan"]
    why = first_of(unit_in_doubt=among(table.index, known.doubtful), no_plan=~(plan > 0), no_amount=table["done_year_wan"].isna())
    said = {"done_year_wan": table["done_year_wan"], "plan_year_wan": plan}
    return found(table, why, table["done_year_wan"] > plan * parameters["most_times"], said, told="done_year_wan")


def year_over_whole(known: Known, parameters: Mapping[str, Any]) -> Found:
    """The money done in the year is more than all money done since the start."""
    table, _ = _money(known, known.money)
    missing = table["done_year_wan"].isna() | table["done_total_wan"].isna()
    why = first_of(unit_in_doubt=among(table.index, known.doubtful), no_amount=missing)
    said = {"done_year_wan": table["done_year_wan"], "done_wan": table["done_total_wan"]}
    return found(table, why, table["done_year_wan"] > table["done_total_wan"] * (1 + parameters["rounding"]), said, told="done_year_wan")


def money_taken_back(known: Known, parameters: Mapping[str, Any]) -> Found:
    """The money done since the start has fallen from one ledger to a later one of the same reporter by more than a share."""
    told = known.investments.dropna(subset=["done_total_wan"])
    table, _ = _money(known, known.money)
    counts = told.groupby("project_id").size().reindex(table.index).fillna(0)
    falls = known.changes[(known.changes["field"] == "done_total_wan")
                          & (known.changes["latest_wan"] < known.changes["previous_wan"] * (1 - parameters["least_share"]))]
    falls = falls.sort_values("snapshot", kind="stable").drop_duplicates("project_id", keep="last").set_index("project_id")
    falls = falls.reindex(table.index)
    table = table.assign(since=falls["snapshot"].fillna(table["since"]))
    why = first_of(unit_in_doubt=among(table.index, known.doubtful), no_amount=counts == 0, one_amount=counts < 2)
    said = {"before_wan": falls["previous_wan"], "done_wan": falls["latest_wan"], "snapshot": falls["snapshot"]}
    return found(table, why, falls["latest_wan"].notna(), said, told="done_total_wan")


def _money(known: Known, rows: pd.DataFrame) -> tuple[pd.DataFrame, pd.Series]:
    """The rows of all standing projects with `since`, and their totals; empty where a project has none."""
    table = rows.reindex(known.facts.index)
    return table.assign(since=table["snapshot"].fillna(known.facts["last_snapshot"])), known.facts["total_investment_wan"]
