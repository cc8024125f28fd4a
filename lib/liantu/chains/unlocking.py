"""What building a missing link would add to its chain, and what losing a link would cost."""

from __future__ import annotations

import numpy as np
import pandas as pd

from liantu.chains.gap_rules import GapRules
from liantu.chains.programs import Floats, Solutions, programs, solve
from liantu.chains.throughput import ChainFlows, demands


def unlocks(flows: ChainFlows, supply: Floats, rules: GapRules) -> pd.DataFrame:
    """Each link built to its demand, and each link lost, while the others stay as they are; a row a link, money in 万元 a year.

    `supply` (n): capacity today; unknown (NaN) counts as none. Columns: `link`; `throughput_wan`, the chain's optimum today (the same in
    every row); `built_wan`, capacity added to reach demand; `unlock_wan`, what the optimum gains; `final_wan`, what final output gains;
    `imports_replaced_wan`, what need not be brought in any more of this link's product (below 0 when more is brought in); `invest_wan`,
    investment for the capacity added; `per_yuan`, unlock by investment, 0 where nothing is to be built; `at_risk_wan`, what the optimum
    loses without the link. Final demand stays as it is today throughout.
    """
    supply = np.nan_to_num(np.asarray(supply, float))
    count = len(supply)
    demand, final_demand = demands(flows, supply, rules.push)
    found = _variants(flows, supply, np.maximum(supply, demand), final_demand)
    built, today = np.maximum(demand - supply, 0.0), found.value[0]
    unlock = np.where(built > 0, np.maximum(found.value[1 : count + 1] - today, 0.0), 0.0)
    invest = built * flows.capital
    each, after = np.arange(count), np.arange(1, count + 1)
    return pd.DataFrame({
        "link": list(flows.links), "throughput_wan": today, "built_wan": built, "unlock_wan": unlock,
        "final_wan": found.final[1 : count + 1].sum(axis=1) - found.final[0].sum(),
        "imports_replaced_wan": found.imports[0] - found.imports[after, each],
        "invest_wan": invest, "per_yuan": per_yuan(unlock, invest),
        "at_risk_wan": np.maximum(today - found.value[count + 1 :], 0.0),
    })  # fmt: skip


def per_yuan(unlock: Floats, invest: Floats) -> Floats:
    """Unlock for each yuan of investment; 0 where nothing is invested."""
    return np.divide(unlock, invest, out=np.zeros(np.shape(unlock)), where=np.asarray(invest) > 0)


def _variants(flows: ChainFlows, supply: Floats, built: Floats, final_demand: Floats) -> Solutions:
    """The chain as it is, then with each link built, then without each link: 1 + n + n programs."""
    count = len(supply)
    variants = np.repeat(supply[None], 1 + 2 * count, axis=0)
    each = np.arange(count)
    variants[1 + each, each] = built
    variants[1 + count + each, each] = 0.0
    return solve(programs(flows.coefficients, flows.penalties, flows.final, variants, final_demand))
