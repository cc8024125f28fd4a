"""How well the gaps of the chains were found on simulated ledgers, against the truth beside them: `python tools/score_chains.py RAW_DIR`.

For scoring only: nothing that cleans or analyses reads `truth/`. Prints Markdown: for each quarter the precision and recall of broken
links, and how well the ranking by unlock agrees with the same computed from the true firms; then the links where the truth's own notion
of demand and the analysis differ. `true`: broken by the analysis of the true firms and projects; `told`: broken by the truth's own file
(asked for, and never a firm).
"""

from __future__ import annotations

import argparse
import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import kendalltau

from liantu.chains.base_rates import stages_at
from liantu.chains.gap_rules import GapRules, gap_rules
from liantu.chains.states import BROKEN, Known, link_states
from liantu.chains.throughput import flows_of
from liantu.chains.unlocking import unlocks
from liantu.ledger.cleaning import clean_tables
from liantu.reference import Chains, city
from liantu.tables.contracts import STAGES
from liantu.tables.fold import fold

LINK = ["chain", "link"]
TOP = 20


@dataclass(frozen=True)
class Truth:
    """The truth's tables, and what it calls a gap: asked for and without a firm."""

    firms: pd.DataFrame
    projects: pd.DataFrame
    milestones: pd.DataFrame
    gaps: pd.DataFrame

    def known(self, day: dt.date) -> Known:
        """The truth as if ledgers told all of it at a date."""
        stage = stages_at(self.projects, self.milestones, day)
        projects = self.projects.assign(stage=self.projects["project_id"].map(stage).replace("early", "negotiating"))
        return Known(projects, self.milestones, pd.DataFrame(columns=PROBLEM_COLUMNS), self.firms, day)


PROBLEM_COLUMNS = ["problem_id", "snapshot", "project_id", "raised", "resolved", "status"]


def truth_of(raw: Path) -> Truth:
    """The truth beside a folder of simulated ledgers; packages are left out, their parts stay."""
    home = raw / "truth"
    firms = pd.read_csv(home / "enterprises.csv", dtype={"county": "str"}).rename(columns={"true_id": "enterprise_id"})
    told = pd.read_csv(home / "projects.csv", dtype={"county": "str"}, low_memory=False).rename(columns={"true_id": "project_id"})
    told = told[told["parts"].isna()].rename(columns={"total_last_wan": "total_investment_wan"})
    dates = told.melt("project_id", [stage for stage in STAGES if stage in told], "stage", "actual_date").dropna(subset=["actual_date"])
    milestones = dates.assign(actual_date=pd.to_datetime(dates["actual_date"]), first_reported=pd.NaT, planned_date=pd.NaT)
    begun = [name for name in ("lead", "negotiating", *STAGES) if name in told]
    told["first_snapshot"] = pd.to_datetime(told[begun].stack()).groupby(level=0).min()
    return Truth(firms, told, milestones, pd.read_csv(home / "gaps.csv"))


def quarters(raw: Path) -> Iterator[Known]:
    """What the cleaned ledgers tell at the date of each register."""
    tables = clean_tables(raw)
    for day in sorted(tables["enterprises"]["snapshot"].unique()):
        folded = fold(tables["observations"], day)
        upto = {name: tables[name][tables[name]["snapshot"] <= day] for name in ("problems", "enterprises")}
        yield Known(folded["projects"], folded["milestones"], upto["problems"], upto["enterprises"], pd.Timestamp(day).date())


def of_all_links(states: pd.DataFrame, chains: Chains, rules: GapRules) -> pd.DataFrame:
    """chain, link, broken, unlock_wan of every link."""
    parts = []
    for chain in chains.chains:
        mine = states[states["chain"] == chain.zh]
        parts.append(unlocks(flows_of(chain, chains.edition), mine["supply_wan"].to_numpy("float64"), rules).assign(chain=chain.zh))
    return states[[*LINK, "state", "demand_wan"]].merge(pd.concat(parts)[[*LINK, "unlock_wan"]], on=LINK).assign(
        broken=lambda table: table["state"].isin(BROKEN))


def scores(said: pd.DataFrame, true: pd.DataFrame, told: pd.Series) -> dict[str, object]:
    """Broken links said against true, and against `told` (what the truth's own file calls broken), and the agreement of the rankings."""
    both = said.merge(true, on=LINK, suffixes=("", "_true"))
    ranked = both[(both["unlock_wan"] > 0) | (both["unlock_wan_true"] > 0)]
    tops = [set(both.nlargest(TOP, name).index) for name in ("unlock_wan", "unlock_wan_true")]
    counted = {"said": int(both["broken"].sum())}
    for name, broken in (("true", both["broken_true"]), ("told", both.set_index(LINK).index.map(told).to_numpy(dtype=bool))):
        found = int((both["broken"] & broken).sum())
        counted |= {name: int(np.sum(broken)), f"{name} precision": _ratio(found, counted["said"])}
        counted |= {f"{name} recall": _ratio(found, counted[name])}
    tau = kendalltau(ranked["unlock_wan"], ranked["unlock_wan_true"]).statistic
    return counted | {"links ranked": len(ranked), "tau": f"{tau:.2f}", f"top {TOP} shared": len(tops[0] & tops[1])}


def _ratio(part: float, of: float) -> str:
    return f"{part / of:.2f}" if of else "—"


def differing(true: pd.DataFrame, gaps: pd.DataFrame, chains: Chains) -> pd.DataFrame:
    """Links that the truth and the analysis of the true firms do not both hold to be asked for, and why."""
    both = true.merge(gaps[[*LINK, "asked", "firms"]], on=LINK)
    both = both[both["asked"] != (both["demand_wan"] > 0)]
    why = []
    for row in both.itertuples():
        chain = chains.by_name(row.chain)
        tier, final = chain.link(row.link).tier, chain.final(row.link)
        if final and not row.asked:
            why.append(f"sells beyond the chain by the catalogue, but is {tier}: the truth lets only downstream links do so")
        elif tier == "downstream" and not final:
            why.append("downstream, but by the catalogue it sells only inside the chain")
        else:
            why.append("another flow of the catalogue than at the simulation, or a firm of a pool that several chains share, asks for it")
    return both[[*LINK, "firms", "asked", "demand_wan"]].round(0).assign(why=why)


def printed(rows: list[dict[str, object]]) -> str:
    """A Markdown table."""
    heads = list(rows[0])
    lines = [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
    return "\n".join([*lines, *(f"| {' | '.join(str(row[head]) for head in heads)} |" for row in rows)])


def main() -> None:
    """Print the scores of one folder of simulated ledgers as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("raw", type=Path)
    raw = parser.parse_args().raw
    chains, rules, truth = city().chains(), gap_rules(), truth_of(raw)
    told, rows, true = truth.gaps.set_index(LINK)["broken"], [], pd.DataFrame()
    for known in quarters(raw):
        at = truth.known(known.as_of)
        said, true = (of_all_links(link_states(chains, side, rules), chains, rules) for side in (known, at))
        rows.append({"as of": known.as_of} | scores(said, true, told))
    missing = truth.gaps.merge(true[LINK], on=LINK, how="outer", indicator=True)["_merge"].ne("both").sum()
    print(printed(rows))
    print(f"\nLinks that only the catalogue or only the truth knows: {missing}\n")
    different = differing(true, truth.gaps, chains).to_dict("records")
    print(printed(different) if different else "Truth and analysis hold the same links to be asked for.")


if __name__ == "__main__":
    main()
