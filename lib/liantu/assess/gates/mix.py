"""The mix of the pool of projects and of what was introduced: by category, essay, origin and size."""

from __future__ import annotations

import numpy as np
import pandas as pd

from liantu.assess.gates.introduced import introduced
from liantu.assess.gates.rules import gate_rules
from liantu.assess.gates.screen import gate_screen
from liantu.assess.intervals import wilson
from liantu.assess.structure import structure_rules
from liantu.progress.funnel_rules import funnel_rules
from liantu.reference.opened import kept
from liantu.report import Report

BY = ("category", "essay", "origin", "size")
NOT_REPORTED, OFF_CHAIN = "unknown", "off_chain"


@kept(maxsize=8)
def portfolio_mix(report: Report) -> pd.DataFrame:
    """Projects, money and shares by group: `by` of `BY`, of all standing projects and of those introduced in the year.

    Columns: by, group (`unknown`: not reported; essay `off_chain`: on no chain), projects, share, priced (with a plausible sum),
    invest_wan, money_share; introduced, introduced_share, low, high (Wilson interval), introduced_wan. Shares are of all, those not
    reported among them. Sizes are the classes of funnel.yml, here of the total investment. Groups in order of the vocabulary.
    """
    rules, largest = gate_rules(report.city), structure_rules(report.city).largest_plausible_wan
    live = gate_screen(report)
    live = live[live["stage"].fillna("") != "terminated"]
    groups = {chain.zh: chain.group for chain in report.chains.chains}
    sum_wan = live["total_investment_wan"].mask(live["total_investment_wan"] > largest)
    of_year = introduced(report)
    year = live["project_id"].isin(of_year.loc[of_year["introduced"] == "year", "project_id"])
    told = {"category": live["category"].fillna(NOT_REPORTED), "essay": live["chain"].map(groups).astype("str").fillna(OFF_CHAIN),
            "origin": live["origin"].fillna(NOT_REPORTED), "size": funnel_rules(report.city).sizes(sum_wan)}
    return pd.concat([_by(by, column, sum_wan, year, _order(report, by), rules.level) for by, column in told.items()], ignore_index=True)


def _order(report: Report, by: str) -> list[str]:
    if by == "essay":
        return [*(group.id for group in report.chains.edition.groups), OFF_CHAIN]
    if by == "size":
        return [*(entry.id for entry in funnel_rules(report.city).size_classes), NOT_REPORTED]
    return [*report.city.vocabulary.terms("categories" if by == "category" else "origins"), NOT_REPORTED]


def _by(by: str, column: pd.Series, sums: pd.Series, year: pd.Series, order: list[str], level: float) -> pd.DataFrame:
    facts = pd.DataFrame({"group": column.astype("str"), "projects": 1, "priced": sums.notna().astype(int), "invest_wan": sums,
                          "introduced": year.astype(int), "introduced_wan": sums.where(year)})
    table = facts.groupby("group").sum().reindex(order, fill_value=0)
    n, total, money = int(table["introduced"].sum()), table["projects"].sum(), table["invest_wan"].sum()
    low, high = wilson(table["introduced"], np.full(len(table), n), level)
    nothing = np.nan
    table = table.assign(by=by, share=table["projects"] / total if total else nothing,
                         money_share=table["invest_wan"] / money if money else nothing,
                         introduced_share=table["introduced"] / n if n else nothing, low=low if n else nothing, high=high if n else nothing)
    columns = ["by", "group", "projects", "share", "priced", "invest_wan", "money_share", "introduced", "introduced_share", "low", "high",
               "introduced_wan"]
    return table.reset_index()[columns]
