"""Rules about starts: a start without papers, before its papers, without money, or without the papers that statistics ask for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from liantu.assess.evidence.found import Found, first_of, found
from liantu.assess.evidence.known import Known


def start_without_filing(known: Known, parameters: Mapping[str, Any]) -> Found:
    """Said to be started (or beyond) while the newest word on its filing, not older than that claim, is that it is pending."""
    table = known.reached("started")
    permit = known.permit("filing").reindex(table.index)
    why = first_of(not_reported=permit["value"].isna(), status_older=permit["snapshot"] < table["since"])
    return found(table, why, permit["value"].eq("pending"), {"date": table["end"]}, "started", told="started_actual")


def start_before_filing(known: Known, parameters: Mapping[str, Any]) -> Found:
    """The start is dated surely before the filing: the whole period of the start lies before that of the filing."""
    table = known.claims["started"]
    rows = known.approvals[(known.approvals["approval"] == "filing") & known.approvals["date"].notna()].set_index("project_id")
    filed = rows["date"].reindex(table.index).fillna(known.claims["approved"]["begin"].reindex(table.index))
    why = first_of(no_start_date=table["end"].isna(), no_filing_date=filed.isna())
    # The date of an approval is given without its precision: a month's slack keeps a filing dated by the month from being found.
    late = (filed - table["end"]).dt.days > parameters["slack_days"]
    return found(table, why, late, {"date": table["end"], "filed": filed}, "started", told="started_actual")


def start_without_permits(known: Known, parameters: Mapping[str, Any]) -> Found:
    """Said to be started while permits that the law wants before works are pending; `high_from` of them weigh heavily."""
    table = known.reached("started")
    pending, stated, older = {}, np.zeros(len(table), bool), np.zeros(len(table), bool)
    for approval in parameters["permits"]:
        permit = known.permit(approval).reindex(table.index)
        fresh = (permit["snapshot"] >= table["since"]).to_numpy(bool)
        stated |= fresh
        older |= permit["value"].notna().to_numpy(bool)
        pending[approval] = fresh & permit["value"].eq("pending").to_numpy(bool, na_value=False)
    names = pd.DataFrame(pending, index=table.index)
    count = names.sum(axis=1)
    listed = pd.Series([[name for name in names.columns if row[name]] for row in names.to_dict("records")], index=table.index, dtype=object)
    severity = np.where(count >= parameters["high_from"], "high", "")
    return found(table, first_of(status_older=~stated & older, not_reported=~stated), count > 0,
                 {"date": table["end"], "permits": listed}, "started", severity, "started_actual")


def start_without_money(known: Known, parameters: Mapping[str, Any]) -> Found:
    """Said to be started so many days of works before a ledger that tells no money done at all."""
    table = known.claims["started"]
    money = known.money.reindex(table.index)
    days = pd.Series(known.works(table["end"], money["snapshot"]), index=table.index)
    why = first_of(no_date=table["end"].isna(), no_amount=money["done_total_wan"].isna(), amount_older=money["snapshot"] < table["since"],
                   too_soon=~(days >= parameters["least_days"]))
    return found(table, why, money["done_total_wan"] <= 0, {"date": table["end"], "days": days, "snapshot": money["snapshot"]}, "started",
                 told="done_total_wan")


def statistics_papers(known: Known, parameters: Mapping[str, Any]) -> Found:
    """Started and large enough for the statistics of investment (纳统), but its papers would not pass.

    The filing is not done, or the national code names the county of another approving unit than the one that reports it (its second group;
    codes of the city and the province are right for any county). No ledger tells whether a project has been entered.
    """
    table = known.reached("started")
    facts = known.facts.reindex(table.index)
    large = facts["total_investment_wan"] >= parameters["least_total_wan"]
    table, facts = table[~(~large & facts["total_investment_wan"].notna())], facts[~(~large & facts["total_investment_wan"].notna())]
    permit = known.permit("filing").reindex(table.index)
    pending = (permit["value"].eq("pending") & (permit["snapshot"] >= table["since"])).to_numpy(bool, na_value=False)
    unit = facts["national_code"].str.extract(r"^\d{4}-(\d{6})-", expand=False)
    wide = [known.city, f"{known.city[:2]}0000"]
    foreign = (unit.notna() & facts["county"].isin(known.counties) & unit.ne(facts["county"]) & ~unit.isin(wide)).to_numpy(bool)
    why = first_of(no_total=facts["total_investment_wan"].isna(), no_code=unit.isna() & ~pending)
    severity = np.where(foreign, "medium", "")
    return found(table, why, pending | foreign, {"code": facts["national_code"], "unit": unit, "pending": pd.Series(pending, table.index),
                                                 "total_wan": facts["total_investment_wan"]}, "started", severity, "national_code")
