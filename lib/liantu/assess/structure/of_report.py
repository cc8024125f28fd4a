"""The structure of the city's industry as a report knows it, gathered once for a page."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from liantu.assess.structure.change import StructuralChange, structural_change
from liantu.assess.structure.concentration import MEASURES, concentration, family_shares
from liantu.assess.structure.portfolio import coming_projects, per_job, portfolio, promised_jobs
from liantu.assess.structure.rules import StructureRules, structure_rules
from liantu.chains.supply import link_frame
from liantu.reference import Chains
from liantu.reference.opened import kept
from liantu.report import Report

KINDS = ("division", "chain")
_DECEMBER = 12


@dataclass(frozen=True)
class Structure:
    """What is known at a date of the structure of the whole city, whatever the report's county and chain.

    `firms`: the newest register with `division` (first two digits of the industry code; missing: not stated). `spread`: `concentration`
    by division and by chain of output, tax and jobs; `families`: `family_shares` of the same. `change`: of output by division against the
    register `before` (the newest one of an end of year before; None: there is none). `portfolio`, `jobs`, `per_job`: see their
    functions; `coming`, `off_chain`, `doubtful`: projects that do not produce yet, those on no chain, and sums set aside.
    """

    rules: StructureRules
    groups: dict[str, str]
    day: pd.Timestamp | None
    before: pd.Timestamp | None
    firms: pd.DataFrame = field(repr=False)
    earlier: pd.DataFrame = field(repr=False)
    spread: pd.DataFrame = field(repr=False)
    families: pd.DataFrame = field(repr=False)
    change: StructuralChange | None = field(repr=False)
    portfolio: pd.DataFrame = field(repr=False)
    jobs: pd.DataFrame = field(repr=False)
    per_job: pd.DataFrame = field(repr=False)
    coming: int
    off_chain: int
    doubtful: int

    def spread_of(self, county: str, by: str, measure: str) -> pd.Series | None:
        """The row of `spread` of a county (empty: the city); None where there is none or nothing is known."""
        rows = self.spread[(self.spread["county"] == county) & (self.spread["by"] == by) & (self.spread["measure"] == measure)]
        return None if rows.empty or pd.isna(rows["hhi"].iloc[0]) else rows.iloc[0]

    def family(self, county: str, family: str, measure: str) -> float:
        """The share of a family of industries in a county (empty: the city); NaN where it is not known."""
        rows = self.families
        found = rows[(rows["county"] == county) & (rows["family"] == family) & (rows["measure"] == measure)]
        return float(found["share"].iloc[0]) if len(found) else float("nan")


def structure_of(report: Report) -> Structure:
    """The structure of the whole city as known at the report's date."""
    return _gathered(report.whole_city)


@kept(maxsize=8)
def _gathered(report: Report) -> Structure:
    rules, register = structure_rules(report.city), _with_division(report.table("enterprises"))
    groups = {chain.zh: chain.group for chain in report.chains.chains}
    order = {group.id: place for place, group in enumerate(report.chains.edition.groups)}
    groups = dict(sorted(groups.items(), key=lambda pair: order[pair[1]]))
    day = register["snapshot"].max() if len(register) else None
    ends = register.loc[(register["snapshot"].dt.month == _DECEMBER) & (register["snapshot"] < day), "snapshot"] if len(register) else []
    before = max(ends) if len(ends) else None
    firms = register[register["snapshot"] == day].reset_index(drop=True) if day is not None else register
    earlier = register[register["snapshot"] == before].reset_index(drop=True) if before is not None else register.iloc[:0]
    coming = _with_capacity(coming_projects(report.projects, rules.largest_plausible_wan), report.chains)
    told = len(firms) > 0
    spread = [concentration(firms, by, measure) for by in KINDS for measure in MEASURES] if told else []
    families = [family_shares(firms, rules, measure) for measure in MEASURES] if told else []
    change = structural_change(earlier, firms, KINDS[0], "output_wan", rules.draws, rules.level, rules.few) if len(earlier) else None
    return Structure(
        rules=rules, groups=groups, day=day, before=before, firms=firms, earlier=earlier,
        spread=pd.concat(spread, ignore_index=True) if spread else pd.DataFrame(columns=["county", "by", "measure", "hhi"]),
        families=pd.concat(families, ignore_index=True) if families else pd.DataFrame(columns=["county", "family", "measure", "share"]),
        change=change, portfolio=portfolio(firms, coming, groups, rules.draws, rules.level), jobs=promised_jobs(report.projects),
        per_job=per_job(firms, groups, day.month if day is not None else _DECEMBER), coming=len(coming),
        off_chain=int((~coming["chain"].isin(list(groups))).sum()), doubtful=int(coming["doubtful"].sum()))


def _with_capacity(coming: pd.DataFrame, chains: Chains) -> pd.DataFrame:
    """The projects with the yearly output that their money buys: the sum over the capital that their link's catalogue entry asks."""
    capital = link_frame(chains).set_index(["chain", "link"])["capital"]
    asked = capital.reindex(pd.MultiIndex.from_frame(coming[["chain", "link"]].astype("object"))).to_numpy("float64")
    return coming.assign(capacity_wan=coming["sum_wan"] / asked)


def _with_division(enterprises: pd.DataFrame) -> pd.DataFrame:
    return enterprises.assign(division=enterprises["gb_code"].str[:2])
