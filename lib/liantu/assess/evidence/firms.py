"""Rules that ask the register of firms: at capacity without output, jobs, tax or energy; not in the register; without power use."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from liantu.assess.evidence.found import Found, first_of, found, nothing_to_test
from liantu.assess.evidence.known import Known

_MEASURES = ("output_wan", "jobs", "tax_wan", "energy_tce")


def firm_of(known: Known) -> pd.DataFrame:
    """The newest register's row of each standing project's company, by project_id: found by the company's name, spaces aside.

    Ledgers of projects give no credit code. Of firms of one name the largest counts.
    """
    firms = known.enterprises
    if firms.empty:
        return firms.iloc[:0].reindex(known.facts.index)
    names = firms["name"].str.replace(r"\s", "", regex=True)
    firms = firms.assign(_name=names).sort_values("output_wan", na_position="first", kind="stable").drop_duplicates("_name", keep="last")
    company = known.facts["company"].str.replace(r"\s", "", regex=True)
    rows = firms.set_index("_name").reindex(company.to_numpy(object))
    return rows.set_index(known.facts.index)


def capacity_without_output(known: Known, parameters: Mapping[str, Any]) -> Found:
    """At capacity, but the register has its firm without output (heavy), or without jobs, tax or energy use."""
    table = known.claims["at_capacity"]
    firm, facts = firm_of(known).reindex(table.index), known.facts.reindex(table.index)
    missing = pd.DataFrame({name: ~(firm[name] > 0) for name in _MEASURES}, index=table.index)
    listed = pd.Series([[name for name in _MEASURES if row[name]] for row in missing.to_dict("records")], index=table.index, dtype=object)
    why = first_of(no_output_expected=facts["category"].isin(parameters["without_output"]),
                   no_register=np.full(len(table), known.enterprises.empty), no_company=facts["company"].isna(),
                   firm_not_registered=firm["name"].isna())
    severity = np.where(missing["output_wan"], "", "medium")
    return found(table, why, missing.any(axis=1), {"date": table["end"], "missing": listed, "company": facts["company"]}, "at_capacity",
                 severity, "at_capacity_actual")


def capacity_not_registered(known: Known, parameters: Mapping[str, Any]) -> Found:
    """At capacity and large enough for the register, but its firm is not in it.

    Tested only where the register names at least a share of such firms: from a register that names hardly any, absence tells nothing.
    """
    table = known.claims["at_capacity"]
    facts = known.facts.reindex(table.index)
    large = facts["category"].isin(parameters["registered"]) & (facts["total_investment_wan"] >= parameters["least_total_wan"])
    table, facts = table[large.to_numpy(bool)], facts[large.to_numpy(bool)]
    named = firm_of(known)["name"].reindex(table.index).notna()
    covers = bool(len(named)) and named.mean() >= parameters["least_covered"] and len(named) >= parameters["least"]
    why = first_of(no_register=np.full(len(table), known.enterprises.empty), no_company=facts["company"].isna(),
                   register_names_few=np.full(len(table), not covers))
    said = {"company": facts["company"], "total_wan": facts["total_investment_wan"]}
    return found(table, why, ~named, said, "at_capacity", told="at_capacity_actual")


def capacity_without_power(known: Known, parameters: Mapping[str, Any]) -> Found:
    """At capacity without use of power: no form of ledger has a column for it, unless `column` stands in the register."""
    table, column = known.claims["at_capacity"], parameters["column"]
    if column not in known.enterprises:
        return nothing_to_test(table.index.unique(), "no_column")
    firm = firm_of(known).reindex(table.index)
    why = first_of(firm_not_registered=firm["name"].isna(), not_reported=firm[column].isna())
    return found(table, why, ~(firm[column] > 0), {"company": known.facts["company"].reindex(table.index)}, "at_capacity",
                 told="at_capacity_actual")
