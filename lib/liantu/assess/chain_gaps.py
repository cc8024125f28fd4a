"""The gaps of the chains as a report knows them, gathered once for a page: states, unlocks, how stable they are, targets, changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pandas as pd

import liantu.chains
from liantu.chains import rca
from liantu.chains.gap_rules import GapRules, gap_rules
from liantu.chains.history import gap_changes, promises, work_counts, works_on_graph
from liantu.chains.labels import chain_words
from liantu.chains.states import BROKEN, Known, chain_totals, link_states
from liantu.chains.supply import placed_firms
from liantu.chains.targets import burden, city_draws, city_unlocks, county_targets, targets
from liantu.progress import held_quarters
from liantu.reference import Chain, Chains
from liantu.reference.opened import kept
from liantu.report import Report
from liantu.tables.made_once import made_once

_KEPT = ".measures"
_SEED = 0
_CODE = Path(liantu.chains.__file__).parent
_MOVES = ("opened", "in_repair", "closed")


@dataclass(frozen=True)
class ChainGaps:
    """What is known at a date of the gaps of every chain of the city; what takes seconds to make is kept in `folder`."""

    chains: Chains
    known: Known
    rules: GapRules
    counties: tuple[str, ...]
    folder: Path

    @property
    def registered(self) -> bool:
        """Whether there is a register of firms."""
        return self.known.register

    @cached_property
    def states(self) -> pd.DataFrame:
        """One row for each link of each chain (`liantu.chains.states.link_states`), made once for all pages of the same tables."""
        known, words = self.known, chain_words()
        given = (*self.chains.chains, self.chains.edition, self.rules, words, str(known.as_of), known.projects, known.milestones,
                 known.problems, known.enterprises)
        return made_once(self.folder, f"states-{known.as_of}", given,
                         lambda: link_states(self.chains, known, self.rules, words=words), _CODE)

    @cached_property
    def totals(self) -> pd.DataFrame:
        """One row for each chain (`liantu.chains.states.chain_totals`)."""
        return chain_totals(self.states, self.chains, self.rules)

    @cached_property
    def firms(self) -> pd.DataFrame:
        """One row for each firm of the register on a link (`liantu.chains.supply.placed_firms`); none without a register."""
        return placed_firms(self.chains, self.known.enterprises, self.rules)

    def of(self, chain: Chain) -> pd.DataFrame:
        """The states of one chain's links."""
        return self.states[self.states["chain"] == chain.zh].reset_index(drop=True)

    def total(self, chain: Chain) -> pd.Series:
        """The row of one chain as in `totals`."""
        return chain_totals(self.of(chain), Chains(self.chains.edition, (chain,)), self.rules).iloc[0]

    @cached_property
    def targets(self) -> pd.DataFrame:
        """One row for each gap of the city (`liantu.chains.targets.targets`), the best first; none without a register."""
        return made_once(self.folder, "targets", self._given, lambda: self._targets(self.chains.chains), _CODE)

    @property
    def _given(self) -> tuple[object, ...]:
        """What the gaps of the city are told from."""
        return (*self.chains.chains, self.chains.edition, self.rules, self.states, self.firms, _SEED)

    def targets_of(self, chain: Chain) -> pd.DataFrame:
        """The gaps of one chain, ranked among themselves."""
        return self._targets([chain])

    def _targets(self, chains: Sequence[Chain]) -> pd.DataFrame:
        several = Chains(self.chains.edition, tuple(chains))
        states = self.states[self.states["chain"].isin([chain.zh for chain in chains])]
        return targets(states, city_unlocks(several, states, self.rules), self._drawn(chains), self.rules.uncertainty.level)

    def _drawn(self, chains: Sequence[Chain]) -> pd.DataFrame:
        return pd.concat([self.draws(chain) for chain in chains], ignore_index=True)

    def draws(self, chain: Chain) -> pd.DataFrame:
        """The draws of the unlocks of one chain's gaps (`liantu.chains.targets.city_draws`), made once for all pages of the same tables."""
        alone, states = Chains(self.chains.edition, (chain,)), self.of(chain)
        firms = self.firms[self.firms["chain"] == chain.zh].reset_index(drop=True)
        return made_once(self.folder, f"draws-{chain.id}", (chain, self.chains.edition, self.rules, states, firms, _SEED),
                         lambda: city_draws(alone, states, firms, self.rules, seed=_SEED), _CODE)

    @cached_property
    def by_county(self) -> pd.DataFrame:
        """One row for each gap and county (`liantu.chains.targets.county_targets`; `nearby` joined by 、), made once for all pages."""
        return made_once(self.folder, "counties", (*self._given, repr(self.counties)), self._by_county, _CODE)

    def _by_county(self) -> pd.DataFrame:
        drawn = self._drawn(self.chains.chains)
        level = self.rules.uncertainty.level
        made = county_targets(self.targets, self.firms, self.chains, self.counties, drawn, level=level, seed=_SEED)
        return made.assign(nearby=made["nearby"].map("、".join).astype("str"))

    @cached_property
    def burden(self) -> pd.DataFrame:
        """The output missing by chain and county (`liantu.chains.targets.burden`)."""
        return burden(self.targets, self.firms, self.chains, self.counties)


def chain_gaps(report: Report) -> ChainGaps:
    """The gaps known at the report's date, of the whole city whatever its county and chain."""
    return _gathered(report.whole_city)


@kept(maxsize=8)
def _gathered(report: Report) -> ChainGaps:
    firms = report.enterprises
    known = Known(report.projects, report.milestones, report.problems, firms if len(firms) else None, report.as_of)
    return ChainGaps(report.chains, known, gap_rules(report.city), report.city.divisions.codes, report.folder / _KEPT)


def gaps_before(report: Report) -> ChainGaps | None:
    """The gaps as known at the end of last quarter; None when the data hold no ledger of then, or `as_of` is not later."""
    end = report.quarter.previous.end
    collected = report.collected
    if not collected or pd.Timestamp(end) < collected[0] or report.as_of <= end:
        return None
    return chain_gaps(report.known_at(end))


def gap_moves(report: Report) -> pd.DataFrame:
    """Gaps opened, taken into repair and closed in each held quarter up to the report's, and how many are broken at its end.

    Columns: quarter, opened (also again), in_repair, closed, broken, and in_repair_total of these; the first held quarter has no moves
    (NA). Quarters without a register are left out. Each quarter is seen as its own report saw it.
    """
    quarters = [quarter for quarter in held_quarters(report) if quarter <= report.quarter]
    seen = {str(quarter): chain_gaps(report.known_at(min(quarter.end, report.as_of))) for quarter in quarters}
    states = {quarter: gaps.states for quarter, gaps in seen.items() if gaps.registered}
    rows, earlier = [], []
    for quarter, now in states.items():
        changes = gap_changes(earlier[-1], now, earlier[:-1])["change"].replace("reopened", "opened") if earlier else None
        moved = {name: pd.NA if changes is None else int((changes == name).sum()) for name in _MOVES}
        rows.append({"quarter": quarter, **moved, "broken": int(now["state"].isin(BROKEN).sum()),
                     "in_repair_total": int((now["state"] == BROKEN[1]).sum())})
        earlier.append(now)
    columns = ["quarter", *_MOVES, "broken", "in_repair_total"]
    return pd.DataFrame(rows, columns=columns).astype(dict.fromkeys(columns[1:], "Int64"))


def kept_promises(report: Report) -> tuple[str, pd.DataFrame]:
    """`liantu.chains.history.promises` from the first held quarter that has a register to now, and that quarter (empty: there is none)."""
    for quarter in held_quarters(report):
        then = chain_gaps(report.known_at(min(quarter.end, report.as_of))) if quarter < report.quarter else None
        if then is not None and then.registered:
            now = chain_gaps(report)
            return str(quarter), promises(then.states, then.known, now.states, now.known)
    return "", pd.DataFrame()


def works_by_label(report: Report) -> pd.DataFrame:
    """Projects by what they do and what they are called (`liantu.chains.history.work_counts`), "none" for those without a label.

    Notes are searched too: those of the newest ledger row of each project. Empty without a register.
    """
    gaps = chain_gaps(report)
    if not gaps.registered:
        return pd.DataFrame(columns=["does", "label", "projects"])
    rows = report.whole_city.table("observations").sort_values("snapshot", kind="stable").drop_duplicates("project_id", keep="last")
    notes = rows.set_index("project_id")["note"].reindex(gaps.known.projects["project_id"]).array
    told = work_counts(works_on_graph(gaps.known.projects.assign(note=notes), gaps.states, gaps.chains))
    return told.assign(label=told["label"].replace("", "none"))


def strengths_of(gaps: ChainGaps, county: str) -> pd.DataFrame:
    """The links in which a county has a revealed advantage (RCA of 1 or more), the largest capacity first.

    Columns: chain, link, firms, supply_wan (万元 a year), rca.
    """
    firms = gaps.firms[gaps.firms["supply_wan"] > 0]
    here = firms[firms["county"] == county].groupby(["chain", "link"]).agg(
        firms=("enterprise_id", "nunique"), supply_wan=("supply_wan", "sum"))
    if here.empty:
        return here.assign(rca=pd.Series(dtype="float64")).reset_index()
    values = firms.pivot_table(index="county", columns=["chain", "link"], values="supply_wan", aggfunc="sum", fill_value=0.0)
    flat = values.set_axis(["\t".join(pair) for pair in values.columns], axis=1)
    advantage = rca(flat).loc[county].set_axis(values.columns)
    made = here.assign(rca=advantage.reindex(here.index)).reset_index()
    return made[made["rca"] >= 1].sort_values("supply_wan", ascending=False, kind="stable", ignore_index=True)
