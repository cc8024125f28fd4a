"""Packaged projects (打捆项目) and their parts: one row stands for many works, later each work has a row of its own.

A part is never merged into its whole; `link_parts` tells which projects are parts of which, with the evidence. Words, weights and
bounds: identity.yml, `packages` and `parts`.
"""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from liantu.ledger.identity.names import Names, shared_letters
from liantu.ledger.identity.pairing import phases_agree
from liantu.tables.contracts import PARTS

_COUNT = re.compile(r"等?(\d+|[一二三四五六七八九十]+)个")
_WORDS = {
    "words": "name of a package 名称为打捆", "name": "name 名称", "company": "company 单位", "sum": "parts' sum / whole 分项合计与整体之比",
    "gone": "whole no longer reported 整体不再上报", "count": "number of parts 分项个数"}


def link_parts(observations: pd.DataFrame, names: Names) -> pd.DataFrame:
    """The table `parts`: which projects are parts of a packaged one, `linked` or `proposed`, with score and evidence.

    `observations` has project_id, snapshot, name, company, county and total_investment_wan (万元). A part has the whole's county and
    company (or one of them is silent), shares its name, is no package itself, costs no more, and was first reported when or after the
    whole was. Linked when the score and enough evidence say so and no other whole fits the part as well.
    """
    projects = _projects(observations, names)
    wholes = projects[projects["package"].ne("")]
    if wholes.empty:
        return PARTS.conform([])
    homes = _homes(observations, names)
    members = _members(homes[~homes["project_id"].isin(wholes.index)])
    keys = homes[homes["project_id"].isin(wholes.index)].groupby("project_id")[["county", "firm"]].apply(
        lambda home: list(home.itertuples(index=False, name=None)))
    found = [_parts_of(whole, projects, _pool(keys[whole], members), names) for whole in wholes.index]
    parts = pd.concat(found, ignore_index=True)
    return PARTS.conform(_decided(parts, names).sort_values(["whole_id", "part_id"])) if len(parts) else PARTS.conform([])


def _projects(observations: pd.DataFrame, names: Names) -> pd.DataFrame:
    """One row for each project: its newest name and amount, when it was reported, and whether a name of it says that it is a package."""
    rows = observations[["project_id", "snapshot", "name", "total_investment_wan"]].sort_values(
        ["snapshot", "name", "total_investment_wan"])
    said = rows[["project_id", "name"]].drop_duplicates()
    kinds = said.assign(package=[names.package(name) for name in said["name"].tolist()])
    kinds = kinds[kinds["package"].ne("")]
    strongest = kinds.sort_values(["package", "name"]).drop_duplicates("project_id").set_index("project_id")
    by_project = rows.groupby("project_id")
    return pd.DataFrame({
        "name": by_project["name"].last(), "amount": by_project["total_investment_wan"].last(), "since": by_project["snapshot"].min(),
        "last": by_project["snapshot"].max()}).assign(
            package=lambda frame: strongest["package"].reindex(frame.index).fillna(""),
            whole_name=lambda frame: strongest["name"].reindex(frame.index).fillna(""))


def _homes(observations: pd.DataFrame, names: Names) -> pd.DataFrame:
    """Every county and firm that a project's rows name; a firm that is not told is empty."""
    homes = observations[["project_id", "county", "company"]].drop_duplicates()
    firms = {company: names.firm(company).core for company in homes["company"].dropna().unique()}
    return homes.assign(county=homes["county"].fillna(""), firm=homes["company"].map(firms).fillna("").astype("str")).drop_duplicates(
        ["project_id", "county", "firm"])


def _members(homes: pd.DataFrame) -> dict[tuple[str, str | None], list[str]]:
    """The projects of each county and firm, and under None all projects of the county."""
    by_firm = homes.groupby(["county", "firm"])["project_id"].agg(list).to_dict()
    return by_firm | {(county, None): list(dict.fromkeys(parts)) for county, parts in homes.groupby("county")["project_id"]}


def _pool(homes: list[tuple[str, str]], members: dict[tuple[str, str | None], list[str]]) -> dict[str, float]:
    """The projects that may be parts by place and company, with what the company counts."""
    pool: dict[str, float] = {}
    for county, firm in homes:
        # A row without a company may belong to anybody of its county, be it the whole's or a part's.
        pool |= {part: max(pool.get(part, 0.0), 0.5) for part in members.get((county, "" if firm else None), ())}
        pool |= dict.fromkeys(members.get((county, firm), ()), 1.0) if firm else {}
    return pool


def _parts_of(whole_id: str, projects: pd.DataFrame, pool: dict[str, float], names: Names) -> pd.DataFrame:
    """The possible parts of one whole with the worth of each piece of evidence."""
    whole, rules = projects.loc[whole_id], names.rules.parts
    parts = projects.loc[list(pool)].assign(company=list(pool.values()))
    parts = parts[parts["since"].ge(whole["since"]) & ~parts["amount"].gt(whole["amount"] * rules.sum.high)]
    taken, mine = [names.project(name) for name in parts["name"].tolist()], names.project(whole["whole_name"])
    stem = names.stem(whole["whole_name"])
    shared, lengths, _ = shared_letters([part.core for part in taken], [stem] * len(taken))
    agree = np.array([phases_agree(mine.phases, part.phases) for part in taken], bool)
    parts = parts.assign(share=shared / np.maximum(np.minimum(lengths, len(stem)), 1), gone=parts["since"] > whole["last"])[agree]
    said = _COUNT.search(whole["whole_name"])
    number = names.count(said[1]) if said else 0
    parts = parts[parts["share"].ge(rules.name) | _split(parts, whole["amount"], number, names)]
    total = _totals(parts, whole["amount"])
    fits = np.where(total.isna(), 0.5, total.between(rules.sum.low, rules.sum.high))
    return pd.DataFrame({
        "whole_id": whole_id, "part_id": parts.index, "snapshot": parts["since"].to_numpy(), "total": total.to_numpy(),
        "words": 1.0 if whole["package"] == "strong" else 0.5, "name": parts["share"].to_numpy(), "company": parts["company"].to_numpy(),
        "sum": fits, "gone": parts["gone"].astype("float64").to_numpy(),
        "count": parts.groupby("since")["since"].transform("size").eq(number).astype("float64").to_numpy()})


def _split(parts: pd.DataFrame, amount: float, number: int, names: Names) -> pd.Series:
    """The works of the same company that came together right after the whole was last reported, where their number and sum are the whole's.

    A package is often named after its first work alone (某某工程等4个打捆项目): number, sum and time then tell the others.
    """
    # Where names say nothing the sum must say more.
    bounds = names.rules.parts.sum_alone
    after = parts["gone"] & parts["company"].ge(1)
    together = after & parts["since"].eq(parts.loc[after, "since"].min())
    fits = number > 1 and together.sum() == number and bounds.low * amount <= parts.loc[together, "amount"].sum() <= bounds.high * amount
    return together & fits


def _totals(parts: pd.DataFrame, amount: float) -> pd.Series:
    """The sum of the parts first reported together with each part, or of all that came after the whole, as a share of the whole's amount.

    Whichever comes nearer; unknown where a sum is missing.
    """
    if parts.empty or not amount > 0:
        return pd.Series(np.nan, index=parts.index)
    together = parts.groupby("since")["amount"].transform(lambda sums: sums.sum(skipna=False)) / amount
    after = (parts.loc[parts["gone"], "amount"].sum(skipna=False) / amount) if parts["gone"].any() else np.nan
    nearer = parts["gone"] & (np.abs(np.log(after)) < np.abs(np.log(together)))
    return together.mask(nearer, after)


def _decided(parts: pd.DataFrame, names: Names) -> pd.DataFrame:
    rules = names.rules.parts
    weights = rules.weights.model_dump()
    score = sum(parts[piece] * weight for piece, weight in weights.items()).round(4)
    held = (parts[["words", "company", "sum", "gone", "count"]] >= 1).sum(axis=1) + parts["name"].ge(rules.name)
    parts = parts.assign(score=score, held=held, evidence=[_evidence(part) for part in parts.to_dict("records")])
    parts = parts[parts["score"].ge(rules.proposed)].sort_values(["part_id", "score", "whole_id"], ascending=[True, False, True])
    best = ~parts.duplicated("part_id")
    rival = parts.groupby("part_id")["score"].transform(lambda scores: scores.iloc[1] if len(scores) > 1 else 0.0)
    # A sum that contradicts is never outvoted, nor a whole that is still reported beside its parts.
    certain = parts["sum"].gt(0) & parts["gone"].gt(0) & parts["score"].ge(rules.linked) & parts["held"].ge(rules.pieces)
    linked = best & certain & (parts["score"] - rival >= names.rules.margin)
    return parts.assign(decision=np.where(linked, "linked", "proposed"))


def _evidence(part: dict[str, object]) -> str:
    said = [f"{words} {part[piece]:.2f}" for piece, words in _WORDS.items() if piece != "sum"]
    total = "?" if np.isnan(part["total"]) else f"{part['total']:.2f}"
    return "; ".join([*said, f"{_WORDS['sum']} {total}"])
