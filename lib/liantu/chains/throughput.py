"""What a chain can put through with the firms it has: demand of each link, the flow program, prices of capacity and the minimum cut."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from liantu.chains.gap_rules import Push
from liantu.chains.programs import Bools, Floats, Programs, Solutions, programs, solve
from liantu.reference.chains import Chain, ChainEdition

NUDGE = 1e-6
"""By how much of the greatest number of a program all capacities rise to choose among prices: well above the solver's tolerance of 1e-7."""
STEP = 1e-3
"""The small increase of capacity by which a gain is told, as a share of what the link lacks."""


@dataclass(frozen=True)
class ChainFlows:
    """A chain as numbers, links in the catalogue's order (n).

    `coefficients` (n, n): yuan of giver (row) for each yuan of output of taker (column); `penalties` (n): of a yuan imported, inf where
    nothing can be; `final` (n, bool): sells beyond the chain; `plants` (n): yearly output of an ordinary plant (万元); `capital` (n):
    yuan of investment for a yuan of yearly output; `chain`: its id.
    """

    links: tuple[str, ...]
    coefficients: Floats
    penalties: Floats
    final: Bools
    plants: Floats
    capital: Floats
    chain: str = ""


@dataclass(frozen=True)
class Throughput:
    """The optimum of a chain; arrays by link (n), money in 万元 a year.

    `value`: final output less penalties of imports; `final`, `run`, `imports`: the plan that reaches it. `price` and `final_price`:
    shadow prices of capacity and of final demand, together worth the optimum (sum of price x capacity and final price x demand = value).
    `cut`: the links whose price imports cannot relieve. `gain`: what a small increase of this link alone adds, for each yuan; never above
    `price`, and below it only where several links bind at once, so that no one of them alone helps.
    """

    value: float
    final: Floats
    run: Floats
    imports: Floats
    price: Floats
    final_price: Floats
    cut: Bools
    gain: Floats


def flows_of(chain: Chain, edition: ChainEdition) -> ChainFlows:
    """The chain as numbers: coefficients, penalties by how hard a product is to bring, plants and capital."""
    places = {link.id: place for place, link in enumerate(chain.links)}
    coefficients = np.zeros((len(places), len(places)))
    for flow in chain.flows:
        coefficients[places[flow.giver], places[flow.taker]] = flow.intensity
    return ChainFlows(
        tuple(places),
        coefficients,
        np.array([np.inf if link.imports == "none" else edition.penalties[link.imports] for link in chain.links]),
        np.array([chain.final(link.id) for link in chain.links]),
        np.array([link.plant_wan or edition.plant_wan for link in chain.links]),
        np.array([link.capital for link in chain.links]),
        chain.id,
    )


def demands(flows: ChainFlows, supply: Floats, push: Push) -> tuple[Floats, Floats]:
    """Demand and final demand of each link (n each, 万元 a year) at these capacities.

    Final demand of a final link is its own capacity or, where there is none, one plant of ordinary size; or more, if its main local input
    could feed more: of the inputs that are there the one with the largest intensity, if that reaches `push.least`, its capacity over the
    sum of its intensities (and 1 for its own market, where it is final itself), up to `push.plants` ordinary plants. Demand is final
    demand and what the takers would use at their capacity. Unknown capacity (NaN) counts as none.
    """
    total, final = demands_of(flows.coefficients[None], flows.final, flows.plants, np.asarray(supply, float)[None], push)
    return total[0], final[0]


def demands_of(coefficients: Floats, final: Bools, plants: Floats, supply: Floats, push: Push) -> tuple[Floats, Floats]:
    """`demands` of many programs: coefficients (k, n, n) or (1, n, n), supply (k, n); demand and final demand (k, n)."""
    supply = np.nan_to_num(supply)
    given = coefficients.sum(axis=2) + final
    feeds = np.divide(supply, given, out=np.zeros(np.broadcast_shapes(supply.shape, given.shape)), where=given > 0)
    present = np.where((supply > 0)[:, :, None], coefficients, 0.0)
    main = present.argmax(axis=1)
    strong = (present.max(axis=1) >= push.least) & (present.max(axis=1) > 0)
    fed = np.where(strong, np.minimum(np.take_along_axis(feeds, main, axis=1), push.plants * plants), 0.0)
    wanted = np.where(final, np.maximum(np.where(supply > 0, supply, plants), fed), 0.0)
    return np.einsum("kij,kj->ki", np.broadcast_to(coefficients, present.shape), supply) + wanted, wanted


def throughput(flows: ChainFlows, supply: Floats, final_demand: Floats, price_floor: float = 0.0) -> Throughput:
    """The optimum of a chain at these capacities and final demands (n each, 万元 a year), its prices and its minimum cut.

    Where several sets of prices fit, the one is taken that holds when all capacities rise a little: a link at exactly what is asked of it
    has no price. The cut: price above the link's own penalty (0 where nothing can be imported) by more than `price_floor`. Capacities
    that are unknown (NaN) count as none. Source: duality of linear programs, Bertsimas and Tsitsiklis 1997, chapter 4.
    """
    supply, demand = np.nan_to_num(np.asarray(supply, float)), np.where(flows.final, final_demand, 0.0)
    scale = max(supply.max(initial=0.0), demand.max(initial=0.0)) or 1.0
    both = np.stack([supply, supply + NUDGE * scale])
    these = programs(flows.coefficients, flows.penalties, flows.final, both, demand)
    found = solve(these)
    price, final_price = (part[1] for part in prices(these, found))
    relief = np.where(np.isfinite(flows.penalties), flows.penalties, 0.0)
    gain = _gains(flows, supply, demand, price, found.value[0])
    cut = price > relief + price_floor
    return Throughput(float(found.value[0]), found.final[0], found.run[0], found.imports[0], price, final_price, cut, gain)


def values(coefficients: Floats, penalties: Floats, final: Bools, supply: Floats, final_demand: Floats) -> Floats:
    """Optima (k) of many programs at once: coefficients (k, n, n), penalties (n) or (k, n), final (n), supply and final demand (k, n)."""
    return solve(programs(coefficients, penalties, final, supply, final_demand)).value


def prices(these: Programs, found: Solutions) -> tuple[Floats, Floats]:
    """Prices of capacity and of final demand (k, n) of solved programs: what a yuan more of either is worth at most.

    Capacity earns its product's price and the right to sell it, less the prices of its inputs. A link that feeds no other sells for 1, less
    what its inputs cost; that goes to whichever is scarcer, capacity or final demand.
    """
    inputs = np.einsum("kij,ki->kj", these.coefficients, found.material)
    ends = these.final & ~these.coefficients.any(axis=(0, 2))
    worth, scarce = np.maximum(1.0 - inputs, 0.0), these.supply < these.final_demand
    price = np.where(ends, np.where(scarce, worth, 0.0), np.maximum(found.material + found.resale - inputs, 0.0))
    sold = np.where(ends, np.where(scarce, 0.0, worth), np.maximum(1.0 - found.material - found.resale, 0.0))
    return price, np.where(these.final, sold, 0.0)


def _gains(flows: ChainFlows, supply: Floats, demand: Floats, price: Floats, value: float) -> Floats:
    """What a yuan more of one link alone adds: solved again for each link with a price, which bounds it."""
    gain = np.zeros(len(supply))
    lacking = flows.coefficients @ supply + demand - supply
    asked = np.flatnonzero((price > 0) & (lacking > 0))
    if len(asked):
        more = np.repeat(supply[None], len(asked), axis=0)
        more[np.arange(len(asked)), asked] += STEP * lacking[asked]
        after = values(flows.coefficients, flows.penalties, flows.final, more, demand)
        gain[asked] = np.clip((after - value) / (STEP * lacking[asked]), 0.0, price[asked])
    return gain
