"""What the projects would make of the structure: where planned money goes against where output stands today; jobs promised and held."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from liantu.chains.states import CLASSES

COMING = ("preparing", "building", "completed")
"""The classes of projects that do not produce yet."""
_COLUMNS = ["group", "chain", "firms", "output", "share_today", "projects", "priced", "invest_wan", "share_coming", "low", "high",
            "capacity_wan", "share_capacity", "jobs", "jobs_stated"]
_JOBS = ["class", "projects", "stated", "jobs"]
_RATIOS = ["group", "firms", "jobs", "tax_per_job", "output_per_job", "tax_share"]


def coming_projects(projects: pd.DataFrame, largest_wan: float) -> pd.DataFrame:
    """The projects that do not produce yet, with class (one of COMING) and sum_wan: their total investment, missing where not stated.

    A sum above `largest_wan` is set aside (`doubtful`): one slip of unit would weigh more than all other projects.
    """
    classes = {stage: name for name in COMING for stage in CLASSES[name]}
    rows = projects.assign(**{"class": projects["stage"].map(classes)})
    rows = rows[rows["class"].notna()]
    total = rows["total_investment_wan"].astype("float64")
    return rows.assign(sum_wan=total.where(total <= largest_wan), doubtful=total > largest_wan)


def portfolio(firms: pd.DataFrame, coming: pd.DataFrame, groups: Mapping[str, str], draws: int = 400, level: float = 0.9, seed: int = 0,
              ) -> pd.DataFrame:
    """One row for each chain, and for each group of chains (chain empty): its share of today's output and of the money that is planned.

    `firms`: chain, output_wan of the newest register; `coming` as from `coming_projects`, with chain, jobs and
    capacity_wan (yearly output that a project's money buys, missing where not known); `groups`: the group of each chain, in the order
    wanted. Columns: group, chain, firms, output (万元, of the period of the register), share_today, projects, priced (with a usable sum),
    invest_wan, share_coming, low, high (interval of that share: projects drawn anew), capacity_wan and share_capacity, jobs (promised),
    jobs_stated (projects that state them). Projects and firms on no chain of `groups` are left out. Shares are NaN where their whole is 0.
    """
    chains = list(groups)
    made = firms[firms["chain"].isin(chains)].assign(output_wan=lambda rows: rows["output_wan"].astype("float64").clip(lower=0))
    own = coming[coming["chain"].isin(chains)]
    lines = pd.DataFrame({"chain": chains, "group": [groups[chain] for chain in chains]})
    lines = lines.join(made.groupby("chain").agg(firms=("output_wan", "size"), output=("output_wan", "sum")), on="chain")
    lines = lines.join(own.groupby("chain").agg(
        projects=("project_id", "size"), priced=("sum_wan", "count"), invest_wan=("sum_wan", "sum"), capacity_wan=("capacity_wan", "sum"),
        jobs=("jobs", "sum"),
        jobs_stated=("jobs", "count")), on="chain").fillna(0.0)
    sums = lines.groupby("group", sort=False).sum(numeric_only=True).reset_index().assign(chain="")
    order = {group: place for place, group in enumerate(dict.fromkeys(groups.values()))}
    table = pd.concat([sums, lines], ignore_index=True)
    table = table.sort_values("group", key=lambda names: names.map(order), kind="stable").reset_index(drop=True)
    low, high = _drawn(own, table, groups, draws, level, seed)
    today, ahead, able = lines["output"].sum(), lines["invest_wan"].sum(), lines["capacity_wan"].sum()
    table = table.assign(share_today=table["output"] / today if today > 0 else np.nan,
                         share_coming=table["invest_wan"] / ahead if ahead > 0 else np.nan,
                         share_capacity=table["capacity_wan"] / able if able > 0 else np.nan, low=low, high=high)
    return table[_COLUMNS].astype(dict.fromkeys(("firms", "projects", "priced", "jobs_stated"), "int64"))


def _drawn(own: pd.DataFrame, table: pd.DataFrame, groups: Mapping[str, str], draws: int, level: float, seed: int,
           ) -> tuple[np.ndarray, np.ndarray]:
    """The interval of each line's share of the planned money when the priced projects are drawn anew."""
    rows = own[own["sum_wan"].notna()]
    if rows.empty or not rows["sum_wan"].sum() > 0:
        return np.full(len(table), np.nan), np.full(len(table), np.nan)
    money, chain = rows["sum_wan"].to_numpy("float64"), rows["chain"].to_numpy(object)
    group = np.array([groups[name] for name in chain], dtype=object)
    member = np.array([(chain == row.chain) if row.chain else (group == row.group) for row in table.itertuples()]).T.astype("float64")
    weights = np.random.default_rng(seed).multinomial(len(rows), np.full(len(rows), 1 / len(rows)), size=draws) * money
    shares = (weights @ member) / weights.sum(axis=1, keepdims=True)
    low, high = np.quantile(shares, [(1 - level) / 2, (1 + level) / 2], axis=0)
    return low, high


def promised_jobs(projects: pd.DataFrame) -> pd.DataFrame:
    """Jobs that projects promise by where they stand: class (of CLASSES), projects, stated (how many state them), jobs (their sum).

    Terminated projects are in no class. Jobs not stated are not counted as none: only `stated` projects are in the sum.
    """
    classes = {stage: name for name, stages in CLASSES.items() for stage in stages}
    rows = projects.assign(**{"class": projects["stage"].map(classes)})
    table = rows.groupby("class").agg(projects=("project_id", "size"), stated=("jobs", "count"), jobs=("jobs", "sum"))
    table = table.reindex(list(CLASSES)).fillna(0.0).rename_axis("class").reset_index()
    return table[_JOBS].astype({"projects": "int64", "stated": "int64"})


def per_job(firms: pd.DataFrame, groups: Mapping[str, str], months: int) -> pd.DataFrame:
    """Jobs, and tax and output a job and year (万元), of each group of chains and of all (group empty): ratios of sums.

    `firms`: chain, jobs, tax_wan, output_wan (of the year so far, so they are multiplied by 12 / `months`). Only firms that state all three
    count. Columns: group, firms, jobs, tax_per_job, output_per_job, tax_share (tax of output).
    """
    rows = firms.dropna(subset=["jobs", "tax_wan", "output_wan"])
    rows = rows.assign(group=rows["chain"].map(groups))
    parts = [("", rows), *((group, rows[rows["group"] == group]) for group in dict.fromkeys(groups.values()))]
    found = []
    for group, part in parts:
        jobs, tax, output = (float(part[name].sum()) for name in ("jobs", "tax_wan", "output_wan"))
        year = 12 / months
        found.append((group, len(part), jobs, tax * year / jobs if jobs else np.nan, output * year / jobs if jobs else np.nan,
                      tax / output if output else np.nan))
    return pd.DataFrame(found, columns=_RATIOS)
