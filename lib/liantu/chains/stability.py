"""How far unlocks and their order can be trusted: the register drawn anew, intensities, capacities and penalties moved."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from liantu.chains.gap_rules import GapRules
from liantu.chains.programs import Floats, programs, solve
from liantu.chains.throughput import ChainFlows, demands_of, prices
from liantu.chains.unlocking import per_yuan

MOST_INPUTS = 0.95
"""Moved intensities of a link add up to no more than this (or to what they did before, where that was more): some value is always added."""
NO_PRICE = 1e-7
"""The solver's tolerance: a price at or below it is none."""


def draws(
    flows: ChainFlows, firms: pd.DataFrame, links: Sequence[str], rules: GapRules, draws: int | None = None, seed: int = 0
) -> pd.DataFrame:
    """The unlock of links in many draws of what is not known for sure; one row for each draw and link.

    `firms` has `link` and `supply_wan` (万元 a year), one row for each firm of the chain on each of its links (with `enterprise_id` a
    firm on several links is drawn as one); an unknown supply counts as none. `links`: those asked for. Returns `draw` (from 0), `link`,
    `unlock_wan` (万元 a year), `per_yuan`; both 0 in draws in which nothing need be built. A draw takes as many firms as the register of
    the chain has, each firm as likely as any other, with replacement, and moves by factors uniform in 1 - s to 1 + s (s:
    `rules.uncertainty.spread`) each intensity, the capacity of each link and each penalty. A link whose moved intensities add up to more
    than 0.95 (or than before, where that was more) has them scaled down to it. Demand is told anew in each draw. `draws` is
    `rules.uncertainty.draws` by default. The same seed and chain give the same draws, whatever is asked for. Source: Efron 1979. Raises
    ValueError for a link that the chain lacks.
    """
    unknown = sorted({*links, *firms["link"]} - set(flows.links))
    if unknown:
        raise ValueError(f"links {', '.join(unknown)}: not links of the chain {flows.chain}; give links of {', '.join(flows.links)}")
    count = rules.uncertainty.draws if draws is None else draws
    coefficients, penalties, supply = _moved(flows, firms, rules.uncertainty.spread, count, seed)
    demand, final_demand = demands_of(coefficients, flows.final, flows.plants, supply, rules.push)
    built = np.maximum(demand - supply, 0.0)
    asked = np.array([flows.links.index(link) for link in links], dtype=int)
    unlock = _unlocked(flows, (coefficients, penalties, supply, final_demand), built, asked)
    return pd.DataFrame({
        "draw": np.repeat(np.arange(count), len(asked)), "link": pd.Series(list(links) * count, dtype="str"),
        "unlock_wan": unlock.ravel(), "per_yuan": per_yuan(unlock, built[:, asked] * flows.capital[asked]).ravel(),
    })  # fmt: skip


def rank_intervals(values: pd.DataFrame, level: float) -> pd.DataFrame:
    """The ranks that items take over draws (rows: draws, columns: items; the greatest value has rank 1): item, rank, lower, upper.

    `rank` is the median; `lower` and `upper` (whole ranks) hold the share `level` of draws at least. Equal values share the mean of their
    ranks; a missing value ranks last. Source: intervals of ranks, Goldstein and Spiegelhalter 1996.
    """
    ranks = values.rank(axis=1, ascending=False, method="average", na_option="bottom").to_numpy(float)
    if not len(ranks):
        raise ValueError("values: no draws; give at least one row")
    tail = (1 - level) / 2
    return pd.DataFrame({
        "item": values.columns, "rank": np.median(ranks, axis=0),
        "lower": np.floor(np.quantile(ranks, tail, axis=0, method="lower")).astype(int),
        "upper": np.ceil(np.quantile(ranks, 1 - tail, axis=0, method="higher")).astype(int),
    })  # fmt: skip


def bands(values: pd.DataFrame, level: float) -> pd.Series:
    """The band of each item, 1 the best: an order is claimed between bands and never within one. Rows: draws, columns: items.

    Each item of a band beats each item of every later band in the share `level` (above 0.5) of draws or more (a tie is half a win; a
    missing value loses), and there are as many bands as that allows. Each claim is one on a pair: no allowance is made for the number of
    pairs. Many items that overlap in a row share one band though its ends are far apart: see `supported_order`.
    """
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    above = _beats(values) >= level
    # i -> j where i does not surely beat j: wherever i stands, j cannot be put into a later band. Items on a circle share a band.
    _, part = connected_components(csr_array(~above & ~np.eye(len(above), dtype=bool)), connection="strong")
    _, one = np.unique(part, return_index=True)
    return pd.Series((1 + above[np.ix_(one, one)].sum(axis=0))[part] if len(one) else [], index=values.columns, name="band", dtype="int64")


def supported_order(values: pd.DataFrame, level: float) -> pd.DataFrame:
    """What can be said of each item against the others, one by one: item, beaten_by, beats, first. Rows: draws, columns: items.

    `beaten_by` and `beats` count the items that beat it, or that it beats, in the share `level` of draws or more (a tie is half a win; a
    missing value loses): pair by pair its rank is from 1 + beaten_by to all - beats. `first`: no item surely beats it, so it may be the
    best.
    """
    above = _beats(values) >= level
    return pd.DataFrame({"item": values.columns, "beaten_by": above.sum(axis=0), "beats": above.sum(axis=1), "first": ~above.any(axis=0)})


def _beats(values: pd.DataFrame) -> Floats:
    """In which share of draws each item beats each other (items, items)."""
    if not len(values):
        raise ValueError("values: no draws; give at least one row")
    known = values.to_numpy(float, na_value=np.nan)
    known = np.where(np.isnan(known), -np.inf, known)
    shares = [((column[:, None] > known) + 0.5 * (column[:, None] == known)).mean(axis=0) for column in known.T]
    return np.array(shares).reshape(len(shares), len(shares))


def _moved(flows: ChainFlows, firms: pd.DataFrame, spread: float, count: int, seed: int) -> tuple[Floats, Floats, Floats]:
    """Coefficients (k, n, n), penalties (k, n) and capacities (k, n) of each draw."""
    # A stream for each chain: neither the order of the chains nor what is asked of one changes the draws of another.
    source = np.random.default_rng([seed, *flows.chain.encode()])
    links = len(flows.links)
    register = _register(flows, firms)
    chance = np.full(len(register), 1 / max(len(register), 1))
    times = source.multinomial(len(register), chance, size=count) if len(register) else np.zeros((count, 0))
    supply = (times @ register) * source.uniform(1 - spread, 1 + spread, (count, links))
    penalties = flows.penalties * source.uniform(1 - spread, 1 + spread, (count, links))
    coefficients = flows.coefficients * source.uniform(1 - spread, 1 + spread, (count, links, links))
    sums, most = coefficients.sum(axis=1), np.maximum(MOST_INPUTS, flows.coefficients.sum(axis=0))
    return coefficients * np.minimum(1.0, np.divide(most, sums, out=np.ones_like(sums), where=sums > 0))[:, None, :], penalties, supply


def _register(flows: ChainFlows, firms: pd.DataFrame) -> Floats:
    """The capacity of each firm on each link (firms, n); rows with the same enterprise_id are one firm."""
    who = pd.factorize(firms["enterprise_id"])[0] if "enterprise_id" in firms else np.arange(len(firms))
    register = np.zeros((who.max(initial=-1) + 1, len(flows.links)))
    np.add.at(register, (who, [flows.links.index(link) for link in firms["link"]]), firms["supply_wan"].fillna(0.0).to_numpy(float))
    return register


def _unlocked(flows: ChainFlows, moved: tuple[Floats, Floats, Floats, Floats], built: Floats, asked: np.ndarray) -> Floats:
    """What each asked link (a column) adds in each draw (a row) when built to demand.

    The optimum is concave in a capacity, so a link adds at most price x what is built: only where that is something is the program solved
    again.
    """
    coefficients, penalties, supply, final_demand = moved
    today = programs(coefficients, penalties, flows.final, supply, final_demand)
    found = solve(today)
    bound = prices(today, found)[0]
    draw, place = np.nonzero((bound[:, asked] > NO_PRICE) & (built[:, asked] > 0))
    unlock = np.zeros((len(supply), len(asked)))
    if len(draw):
        more = supply[draw]
        more[np.arange(len(draw)), asked[place]] += built[draw, asked[place]]
        after = solve(programs(coefficients[draw], penalties[draw], flows.final, more, final_demand[draw]))
        unlock[draw, place] = np.maximum(after.value - found.value[draw], 0.0)
    return unlock
