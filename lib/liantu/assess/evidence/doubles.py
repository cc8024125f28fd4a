"""Rules about counting twice: two counties, parts of a package, carried-over projects as new ones; and reporters who disagree."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from liantu.assess.evidence.found import Found, first_of, found, nothing_to_test, pooled
from liantu.assess.evidence.known import RANKS, Known
from liantu.progress.counts import FLOW
from liantu.tables.runs import among


def two_counties(known: Known, parameters: Mapping[str, Any]) -> Found:
    """Two counties each report a project of one company that the matching of rows held to be nearly the same.

    Companies must be the same text (spaces aside); pairs as scored by `merges` that were only proposed or kept apart.
    """
    facts = known.facts
    table = pd.DataFrame({"since": facts["first_snapshot"]}, index=facts.index)
    why = first_of(no_company=facts["company"].isna(), no_county=~facts["county"].isin(known.counties))
    pairs = known.merges[known.merges["decision"].ne("merged") & (known.merges["score"] >= parameters["least_score"])]
    both = pd.concat([pairs[["project_id", "matched_to", "score"]],
                      pairs[["matched_to", "project_id", "score"]].set_axis(["project_id", "matched_to", "score"], axis=1)])
    both = both[among(both["project_id"], facts.index) & among(both["matched_to"], facts.index)]
    mine, other = facts.reindex(both["project_id"]), facts.reindex(both["matched_to"])
    company = mine["company"].str.replace(r"\s", "", regex=True).to_numpy(object)
    theirs = other["company"].str.replace(r"\s", "", regex=True).to_numpy(object)
    same = pd.notna(company) & (company == theirs) & (mine["county"].to_numpy(object) != other["county"].to_numpy(object))
    claimed = mine["county"].isin(known.counties).to_numpy() & other["county"].isin(known.counties).to_numpy()
    both = both[same & claimed].sort_values("score", ascending=False, kind="stable").drop_duplicates("project_id").set_index("project_id")
    twin = both.reindex(table.index)
    elsewhere = pd.Series(facts["county"].reindex(twin["matched_to"]).to_numpy(object), index=table.index)
    named = pd.Series(facts["name"].reindex(twin["matched_to"]).to_numpy(object), index=table.index)
    said = {"twin": named, "elsewhere": elsewhere, "score": twin["score"]}
    return found(table, why, twin["score"].notna(), said)


def split_package(known: Known, parameters: Mapping[str, Any]) -> Found:
    """A part of a packaged project that is counted as a project of its own beside the package; proposed parts weigh less."""
    table = known.reached("started")
    parts = known.parts[among(known.parts["whole_id"], table.index)].sort_values("score", ascending=False, kind="stable")
    parts = parts.drop_duplicates("part_id").set_index("part_id").reindex(table.index)
    whole = pd.Series(known.facts["name"].reindex(parts["whole_id"]).to_numpy(object), index=table.index)
    severity = np.where(parts["decision"].eq("linked").to_numpy(bool, na_value=False), "", "low")
    table = table.assign(since=parts["snapshot"].fillna(table["since"]))
    said = {"whole": whole, "score": parts["score"]}
    return found(table, np.full(len(table), "", object), parts["score"].notna(), said, "started", severity)


def carried_as_new(known: Known, parameters: Mapping[str, Any]) -> Found:
    """Counted as started this year though a ledger of an earlier year had told it started, or the newest ledger calls it carried over."""
    year = pd.Timestamp(known.as_of.year, 1, 1)
    table = known.claims["started"]
    table = table[table["end"] >= year]
    rows = known.told[among(known.told["project_id"], table.index) & (known.told["snapshot"] < year)]
    seen = rows.groupby("project_id").agg(rank=("rank", "max"), snapshot=("snapshot", "min")).reindex(table.index)
    before = seen["rank"] >= RANKS["started"]
    kind = known.facts["construction"].reindex(table.index)
    why = first_of(not_told=seen["rank"].isna() & kind.isna())
    carried = kind.eq("carried_over").to_numpy(bool, na_value=False)
    severity = np.where(before, "", "medium")
    said = {"date": table["end"], "snapshot": seen["snapshot"].where(before), "construction": kind}
    return found(table, why, before.to_numpy(bool) | carried, said, "started", severity, "started_actual")


def reporters_disagree(known: Known, parameters: Mapping[str, Any]) -> Found:
    """In one snapshot one kind of reporter tells a stage that another, whose sheet could tell it, says is not reached."""
    rows = known.standing.drop_duplicates(["project_id", "source", "snapshot"], keep="last")
    rows = rows[rows["snapshot"] == rows.groupby("project_id")["snapshot"].transform("max")]
    if rows.empty:
        return nothing_to_test(known.facts.index, "one_reporter")
    by_project = rows.groupby("project_id")
    table = by_project.agg(n=("source", "nunique"), most=("rank", "max"), since=("snapshot", "max"))
    parts = []
    for place, stage in enumerate(FLOW):
        claimed = table[table["most"] >= place]
        able = rows[(rows["can"] >= place) & among(rows["project_id"], claimed.index)].groupby("project_id").agg(
            n=("source", "nunique"), least=("rank", "min"))
        able = able.reindex(claimed.index)
        denies = able["least"] < place
        back = pd.Series([FLOW[int(rank)] if rank >= 0 else "lead" for rank in able["least"].fillna(-1)], index=claimed.index, dtype=object)
        why = first_of(one_reporter=claimed["n"] < 2, form_cannot_say=~(able["n"] >= 2))
        said = {"stage": stage, "other": back, "snapshot": claimed["since"]}
        parts.append(found(claimed, why, denies, said, stage, told=f"{stage}_actual"))
    return pooled(parts)
