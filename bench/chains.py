"""What the chains take: all of one city with a thousand draws on one core, against the same programs one by one; and the country on Dask.

`python bench/chains.py` prints two tables; `bench/run.py` runs it after the pages. `BENCH_DRAWS` (1000) and `BENCH_CITIES` (10) make it
smaller. A city of the second table is the simulated one with its register drawn anew (as many firms, with replacement, their sizes
moved) and four fifths of its projects. What is extrapolated is said to be so.
"""

from __future__ import annotations

import datetime as dt
import os
import sys
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from scipy.optimize import linprog
from threadpoolctl import threadpool_limits

sys.path.insert(0, str(Path(__file__).resolve().parent))
from measuring import peak_memory, seconds

from liantu.chains.gap_rules import GapRules, gap_rules
from liantu.chains.states import Known, link_states
from liantu.chains.supply import placed_firms
from liantu.chains.targets import GAPS, burden, city_draws, city_unlocks, county_targets, targets
from liantu.chains.throughput import ChainFlows, demands, flows_of
from liantu.ledger import clean
from liantu.reference import Chains, city
from liantu.simulation import simulate
from liantu.tables.store import read_table

NATION, WORKERS, SAMPLE = 300, 2, 10


@dataclass(frozen=True)
class Place:
    """A city's chains, rules, counties and what is known of it."""

    chains: Chains
    rules: GapRules
    counties: tuple[str, ...]
    known: Known


def simulated(folder: Path) -> Place:
    """The simulated city of ordinary size, cleaned."""
    simulate(folder / "raw", seed=5)
    clean(folder / "raw", folder / "tables")
    tables = {name: read_table(name, folder / "tables") for name in ("projects", "milestones", "problems", "enterprises")}
    as_of = tables["enterprises"]["snapshot"].max().date()
    return Place(city().chains(), gap_rules(), tuple(city().divisions.codes), Known(**tables, as_of=as_of))


def another(place: Place, seed: int) -> Place:
    """A city like this one: its register drawn anew, sizes moved by up to a third, four fifths of the projects."""
    source, known = np.random.default_rng(seed), place.known
    newest = known.enterprises[known.enterprises["snapshot"] == known.enterprises["snapshot"].max()]
    firms = newest.iloc[source.integers(0, len(newest), len(newest))].reset_index(drop=True)
    factor = source.uniform(2 / 3, 4 / 3, len(firms))
    firms = firms.assign(enterprise_id=[f"{seed}-{at}" for at in range(len(firms))], capacity_wan=firms["capacity_wan"] * factor,
                         output_wan=firms["output_wan"] * factor)
    projects = known.projects.sample(frac=0.8, random_state=seed).sort_index()
    return replace(place, known=replace(known, enterprises=firms, projects=projects))


def all_of(place: Place, count: int) -> tuple[int, int, float]:
    """Everything of a city: states, unlocks, draws, targets, targets of each county, burden. Gives gaps, rows and what they unlock."""
    states = link_states(place.chains, place.known, place.rules)
    firms = placed_firms(place.chains, place.known.enterprises, place.rules)
    drawn = city_draws(place.chains, states, firms, place.rules, count)
    found = targets(states, city_unlocks(place.chains, states, place.rules), drawn, place.rules.uncertainty.level)
    near = county_targets(found, firms, place.chains, place.counties, drawn, level=place.rules.uncertainty.level)
    return len(found), len(near), float(burden(found, firms, place.chains, place.counties)["burden_wan"].sum())


def all_chains(place: Place, count: int, only_gaps: bool) -> tuple[int, float]:
    """How many links were built in each draw, and seconds of the draws of all chains on one core: of the gaps, or of every link."""
    firms = placed_firms(place.chains, place.known.enterprises, place.rules)
    states = link_states(place.chains, place.known, place.rules)
    if not only_gaps:
        states = states.assign(state=GAPS[0])
    links = int(states["state"].isin(GAPS).sum())
    with threadpool_limits(1):
        return links, seconds(lambda: city_draws(place.chains, states, firms, place.rules, count))


def one_by_one(place: Place, sample: int) -> float:
    """Seconds of `sample` draws of the same: each link built in each draw, every program written out and given to linprog by itself."""
    firms = placed_firms(place.chains, place.known.enterprises, place.rules)
    sums = firms.groupby(["chain", "link"])["supply_wan"].sum()
    source, spread = np.random.default_rng(0), place.rules.uncertainty.spread

    def run() -> None:
        for chain in place.chains.chains:
            flows = flows_of(chain, place.chains.edition)
            today = np.array([sums.get((chain.zh, link), 0.0) for link in flows.links])
            for _ in range(sample):
                moved = replace(flows, coefficients=flows.coefficients * source.uniform(1 - spread, 1 + spread, flows.coefficients.shape))
                supply = today * source.uniform(1 - spread, 1 + spread, today.shape)
                demand, final = demands(moved, supply, place.rules.push)
                plain(moved, supply, final)
                for at in np.flatnonzero(demand > supply):
                    more = supply.copy()
                    more[at] = demand[at]
                    plain(moved, more, final)

    with threadpool_limits(1):
        return seconds(run)


def plain(flows: ChainFlows, supply: np.ndarray, final: np.ndarray) -> float:
    """The flow program as it is written in docs/methods/chains.md: run, final output and imports of each link."""
    count = len(supply)
    eye, used = np.eye(count), flows.coefficients.any(axis=1)
    balance = np.hstack([flows.coefficients - eye, eye, -eye])[used]
    own = np.hstack([-eye, eye, np.zeros((count, count))])
    allowed = np.isfinite(flows.penalties)
    cost = np.concatenate([np.zeros(count), -flows.final.astype(float), np.where(allowed, flows.penalties, 0.0)])
    most = np.concatenate([supply, np.where(flows.final, final, 0.0), np.where(allowed, np.inf, 0.0)])
    bounds = np.column_stack([np.zeros(3 * count), most])
    rows = np.vstack([balance, own])
    return -linprog(cost, A_ub=rows, b_ub=np.zeros(len(rows)), bounds=bounds, method="highs").fun


def on_dask(place: Place, cities: int, count: int) -> tuple[float, float]:
    """Seconds of all of so many cities on a local cluster of two workers of one core each, and the peak memory in GB of everything."""
    import dask
    from distributed import Client, LocalCluster

    with peak_memory() as peak, LocalCluster(n_workers=WORKERS, threads_per_worker=1, dashboard_address=None) as cluster, Client(cluster):
        work = dask.delayed(lambda given, seed: all_of(another(given, seed), count))
        given = dask.delayed(place)
        dask.compute(work(given, 0), work(given, 1))  # imports and the first copy of the tables
        taken = seconds(lambda: dask.compute(*(work(given, seed) for seed in range(2, 2 + cities))))
    return taken, peak[0]


def main() -> None:
    """Print the tables."""
    count, cities = int(os.environ.get("BENCH_DRAWS", "1000")), int(os.environ.get("BENCH_CITIES", "10"))
    with tempfile.TemporaryDirectory(prefix="liantu-bench-") as name:
        place = simulated(Path(name))
    all_chains(place, SAMPLE, True)
    gaps, mine = all_chains(place, count, True)
    links, every = all_chains(place, count, False)
    theirs = one_by_one(place, SAMPLE) / SAMPLE * count
    chains = len(place.chains.chains)
    print("| what, on one core | draws | liantu s | other s | ratio |\n|---|---|---|---|---|")
    print(f"| {chains} chains, each of {gaps} gaps built in each draw | {count:,} | {mine:.1f} | | |")
    print(f"| {chains} chains, each of {links} links built in each draw / the same programs by linprog, one by one ({SAMPLE} draws, "
          f"scaled) | {count:,} | {every:.1f} | {theirs:.0f} | {every / theirs:.3f} |")
    alone = seconds(lambda: all_of(place, count))
    taken, peak = on_dask(place, cities, count)
    work = taken * min(WORKERS, os.cpu_count() or 1) / cities
    nation = work * NATION / 3600
    print("\n| states, unlocks, draws, targets, counties | cities | seconds | core-hours | peak GB |\n|---|---|---|---|---|")
    print(f"| one city, {count:,} draws, no cluster (measured) | 1 | {alone:.1f} | | |")
    print(f"| {cities} cities on Dask, {WORKERS} workers (measured) | {cities} | {taken:.1f} | {work * cities / 3600:.3f} | {peak:.2f} |")
    for cores in (WORKERS, 32, 128):
        print(f"| {NATION} cities on {cores} cores (extrapolated) | {NATION} | {nation * 3600 / cores:.0f} | {nation:.2f} | |")


if __name__ == "__main__":
    print(f"{dt.date.today()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} before\n")
    main()
