"""The rules that the chains of an edition must keep together, beyond what the type of one file can check."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter

from liantu.chains.wording import plain
from liantu.reference import Chain, Chains, ReferenceFileError


def checked(chains: Chains) -> Chains:
    """The chains themselves, when they keep every rule of the catalogue.

    Rules: no cycle of flows, no link without any flow, no keyword on two links of a chain or twice on one, no name (Chinese name,
    id or alias) that means two chains. Raises ReferenceFileError with every fault: file, link and rule.
    """
    faults = catalogue_faults(chains)
    if faults:
        raise ReferenceFileError("; ".join(faults))
    return chains


def catalogue_faults(chains: Chains) -> list[str]:
    """Every broken rule as one line that names the file (by the chain's id), the link and the rule; empty when all is well."""
    faults = [f"{chain.id}.yml: {fault}" for chain in chains.chains for rule in (_cycles, _orphans, _keywords) for fault in rule(chain)]
    return faults + list(_names(chains))


def _cycles(chain: Chain) -> Iterator[str]:
    try:
        TopologicalSorter({link.id: chain.takers(link.id) for link in chain.links}).prepare()
    except CycleError as error:
        # graphlib reads the mapping as "needs", we mean "feeds": turned round, the circle reads in the direction of the flow.
        yield f"link {error.args[1][0]}: cycle: {' -> '.join(reversed(error.args[1]))}; flows must not come back to where they started"


def _orphans(chain: Chain) -> Iterator[str]:
    for link in chain.links:
        if not chain.takers(link.id) and not chain.givers(link.id):
            yield f"link {link.id}: orphan: it neither feeds a link nor is fed by one"


def _keywords(chain: Chain) -> Iterator[str]:
    holders: dict[str, list[str]] = {}
    for link in chain.links:
        for keyword in link.keywords:
            holders.setdefault(plain(keyword), []).append(link.id)
    for keyword, links in holders.items():
        if len(links) > 1:
            yield f"link {links[1]}: repeated keyword: {keyword} already stands on link {links[0]}"


def _names(chains: Chains) -> Iterator[str]:
    owner: dict[str, str] = {}
    for chain in chains.chains:
        names = Counter(plain(name) for name in (chain.zh, chain.id, *chain.aliases))
        for name, times in names.items():
            if times > 1:
                yield f"{chain.id}.yml: aliases: repeated alias: {name} stands {times} times"
            if owner.setdefault(name, chain.id) != chain.id:
                yield f"{chain.id}.yml: aliases: alias of two chains: {name} already means {owner[name]}"
