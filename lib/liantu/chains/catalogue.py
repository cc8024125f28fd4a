"""The rules that the chains of an edition must keep together, beyond what the type of one file can check."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter

from liantu.chains.placing.wording import plain
from liantu.reference import Chain, Chains, City, ReferenceFileError
from liantu.reference.industry_codes import industry_codes
from liantu.reference.opened import kept

LINKS = (8, 20)
"""Fewest and most links of a chain: fewer tell nothing, more cannot be read on a map."""


@kept()
def checked_chains(of: City, edition: str = "2022") -> Chains:
    """The chains of an edition of a city, refused when the catalogue they are written in breaks a rule; checked once, then kept.

    A re-cut is composed of links written elsewhere: it is those that are checked. Raises ReferenceFileError with every fault, and
    UnknownValueError for an unknown edition.
    """
    crosswalk = of.crosswalk(edition)
    checked(of.chains(crosswalk.made_from if crosswalk else edition))
    return of.chains(edition)


def checked(chains: Chains) -> Chains:
    """The chains themselves, when they keep every rule of the catalogue; for an edition whose chains are written out, not composed.

    Raises ReferenceFileError with every fault: file, link and rule. The rules are those of `catalogue_faults`.
    """
    faults = catalogue_faults(chains)
    if faults:
        raise ReferenceFileError("; ".join(faults))
    return chains


def catalogue_faults(chains: Chains) -> list[str]:
    """Every broken rule as one line that names the file (by the chain's id), the link and the rule; empty when all is well.

    Of a chain: no cycle of flows, no link without any flow, 8 to 20 links, one at least sells beyond the chain, inputs of a link add up
    to at most 1, a flow that is no assumption says where its number comes from. Of a link: codes of GB/T 4754-2017 only, keywords, none
    of them on two links of a chain or twice on one. Of all chains: no name (Chinese name, id or alias) means two, every pool is defined
    in edition.yml and holds two links at least.
    """
    rules = (_size, _cycles, _orphans, _final, _shares, _notes, _codes, _keywords)
    faults = [f"{chain.id}.yml: {fault}" for chain in chains.chains for rule in rules for fault in rule(chain)]
    return faults + list(_names(chains)) + list(_pools(chains))


def _size(chain: Chain) -> Iterator[str]:
    least, most = LINKS
    if not least <= len(chain.links) <= most:
        yield f"links: number of links: {len(chain.links)} stand here; a chain has {least} to {most}"


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


def _final(chain: Chain) -> Iterator[str]:
    if not any(chain.final(link.id) for link in chain.links):
        yield "links: no final link: nothing sells beyond the chain; mark one `final: true`"


def _shares(chain: Chain) -> Iterator[str]:
    inputs: Counter[str] = Counter()
    for flow in chain.flows:
        inputs[flow.taker] += flow.intensity
    for taker, total in inputs.items():
        if total > 1 + 1e-9:
            yield f"link {taker}: input shares over 1: its inputs add up to {total:.3f} yuan for each yuan it makes"


def _notes(chain: Chain) -> Iterator[str]:
    for flow in chain.flows:
        if flow.basis != "assumption" and not flow.note:
            yield (f"link {flow.taker}: flow without a note: {flow.giver} -> {flow.taker} rests on {flow.basis}; "
                   "say in `note` where the number comes from, or call it an assumption")


def _codes(chain: Chain) -> Iterator[str]:
    known = industry_codes()
    for link in chain.links:
        for code in link.gb_codes:
            digits = code.lstrip("ABCDEFGHIJKLMNOPQRST")
            if digits not in known and not (len(digits) == 2 and any(one.startswith(digits) for one in known)):
                yield f"link {link.id}: unknown code: {code} is no group or class of GB/T 4754-2017"


def _keywords(chain: Chain) -> Iterator[str]:
    holders: dict[str, list[str]] = {}
    for link in chain.links:
        if not any(plain(keyword) for keyword in link.keywords):
            yield f"link {link.id}: no keyword: give words by which a project or a firm of this link is recognised"
        for keyword in link.keywords:
            holders.setdefault(plain(keyword), []).append(link.id)
    for keyword, links in holders.items():
        if keyword and len(links) > 1:
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


def _pools(chains: Chains) -> Iterator[str]:
    defined = [pool.id for pool in chains.edition.shared]
    known = ", ".join(defined) or "no pools"
    members = Counter(link.shared for chain in chains.chains for link in chain.links if link.shared)
    for chain in chains.chains:
        for link in chain.links:
            if link.shared and link.shared not in defined:
                yield f"{chain.id}.yml: link {link.id}: unknown pool: {link.shared} is not in edition.yml ({known})"
    for pool in defined:
        if members[pool] < 2:
            yield f"edition.yml: shared: pool of fewer than two links: {pool} is on {members[pool]}; a pool serves two links at least"
