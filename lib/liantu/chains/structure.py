"""The shape of a chain: what everything goes through, what it hangs on, and on how few firms."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from liantu.chains.concentration import hhi
from liantu.chains.programs import Floats, downstream_first
from liantu.chains.throughput import values
from liantu.reference.chains import Chain, Chains

if TYPE_CHECKING:
    from networkx import DiGraph

_START, _END = "*start", "*end"  # no link id can hold a star


def structure(chain: Chain, states: pd.DataFrame, more_than: float = 0.5) -> pd.DataFrame:
    """Where each link stands in its chain; one row for each link, in the catalogue's order.

    `states` (from `liantu.chains.states.link_states`) needs link, supply_wan, demand_wan and, where it holds several chains, chain.

    Columns: `link`; `depth`, links on the longest way from a source to this one (a source: 1); `betweenness`, the share of shortest ways
    between two other links that lead through it, of all ordered pairs of others (0 to 1; a drawing's, without amounts); `on_every_path`,
    whether every way from a source to a final link leads through it; `risk_share`, the share of the chain's final output lost when the
    link falls out and its product cannot be brought in, while all other links are as they are and import freely what the catalogue lets
    them (0 to 1; 0 where the chain makes nothing anyhow; NaN where supply is not known); `single_point`, whether a link with local supply
    has a risk_share above `more_than`. Sources: betweenness, Freeman 1977; on_every_path, dominators in a flow graph, Lengauer and Tarjan
    1979.
    """
    from networkx import betweenness_centrality

    graph = _graph(chain)
    between, every = betweenness_centrality(graph, normalized=True), _on_every_path(chain, graph)
    here = states[states["chain"] == chain.zh] if "chain" in states else states
    here = here.set_index("link").reindex([link.id for link in chain.links])
    supply, demand = (here[name].astype("Float64").to_numpy(dtype=float, na_value=np.nan) for name in ("supply_wan", "demand_wan"))
    risk = _risk_shares(chain, supply, demand)
    return pd.DataFrame({
        "link": [link.id for link in chain.links], "depth": _depths(chain),
        "betweenness": [float(between[link.id]) for link in chain.links],
        "on_every_path": [link.id in every for link in chain.links], "risk_share": risk,
        "single_point": (supply > 0) & (risk > more_than),
    }).astype({"link": "str"})  # fmt: skip


def chain_concentration(chains: Chains, firms: pd.DataFrame) -> pd.DataFrame:
    """On how few firms each chain rests; one row for each chain, in the edition's order.

    `firms` (from `liantu.chains.states.placed_firms`): chain, link, enterprise_id, name, supply_wan. Firms without supply do not count.

    Columns: `chain`; `firms`, how many; `supply_wan` (万元 a year); `hhi`, the index of Herfindahl and Hirschman of the firms by their
    supply on all links (0 to 1); `top_firm`, `top_share`, the largest and its share; `links`; `supplied_links`; `one_supplier_links`;
    `one_supplier_share`, of the supplied links; `longest_path`, links on the longest way through the chain. hhi and both shares are NaN,
    top_firm empty, where no firm is.
    """
    rows = [_concentration(chain, firms[(firms["chain"] == chain.zh) & (firms["supply_wan"] > 0)]) for chain in chains.chains]
    return pd.DataFrame(rows).astype({"chain": "str", "top_firm": "str"})


def _concentration(chain: Chain, firms: pd.DataFrame) -> dict[str, object]:
    sums = firms.groupby("enterprise_id")["supply_wan"].sum().sort_values(ascending=False, kind="stable")
    names = firms.drop_duplicates("enterprise_id").set_index("enterprise_id")["name"]
    suppliers = firms.groupby("link")["enterprise_id"].nunique()
    alone = int((suppliers == 1).sum())
    return {
        "chain": chain.zh, "firms": len(sums), "supply_wan": float(sums.sum()), "hhi": hhi(sums),
        "top_firm": names[sums.index[0]] if len(sums) else "", "top_share": sums.iloc[0] / sums.sum() if len(sums) else float("nan"),
        "links": len(chain.links), "supplied_links": len(suppliers), "one_supplier_links": alone,
        "one_supplier_share": alone / len(suppliers) if len(suppliers) else float("nan"), "longest_path": int(_depths(chain).max()),
    }  # fmt: skip


def _graph(chain: Chain) -> DiGraph:
    from networkx import DiGraph

    graph = DiGraph((flow.giver, flow.taker) for flow in chain.flows)
    graph.add_nodes_from(link.id for link in chain.links)
    return graph


def _on_every_path(chain: Chain, graph: DiGraph) -> set[str]:
    """The links that dominate the end, when all sources hang on one start and all final links on one end."""
    from networkx import immediate_dominators

    whole = graph.copy()
    whole.add_edges_from((_START, link.id) for link in chain.links if not chain.givers(link.id))
    whole.add_edges_from((link.id, _END) for link in chain.links if chain.final(link.id))
    above = immediate_dominators(whole, _START)
    found, place = set(), above.get(_END, _START)
    while place != _START:
        found.add(place)
        place = above[place]
    return found


def _coefficients(chain: Chain) -> Floats:
    places = {link.id: place for place, link in enumerate(chain.links)}
    matrix = np.zeros((len(places), len(places)))
    for flow in chain.flows:
        matrix[places[flow.giver], places[flow.taker]] = flow.intensity
    return matrix


def _depths(chain: Chain) -> np.ndarray:
    links = _coefficients(chain) > 0
    depths = np.ones(len(links), dtype="int64")
    for link in reversed(downstream_first(links)):
        depths[link] = 1 + depths[links[:, link]].max(initial=0)
    return depths


def _risk_shares(chain: Chain, supply: Floats, demand: Floats) -> Floats:
    """The share of final output lost without each link: without it none of its takers runs."""
    if np.isnan(supply).any():
        return np.full(len(supply), np.nan)
    coefficients, final = _coefficients(chain), np.array([chain.final(link.id) for link in chain.links])
    wanted = np.where(final, np.maximum(demand - coefficients @ supply, 0.0), 0.0)
    free = np.array([np.inf if link.imports == "none" else 0.0 for link in chain.links])
    lost = (coefficients > 0) | np.eye(len(supply), dtype=bool)
    outputs = values(coefficients, free, final, np.concatenate([supply[None], np.where(lost, 0.0, supply)]), wanted)
    whole = outputs[0]
    return np.clip(1.0 - outputs[1:] / whole, 0.0, 1.0) if whole > 0 else np.zeros(len(supply))
