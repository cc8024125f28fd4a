"""A later re-cut of the chains: its entries, the links of the earlier edition that they are made of, and the chains composed from these."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from liantu.reference.chains import Chain, Chains, Confidence, Flow, Link
from liantu.reference.loading import Entry, Named, ReferenceFileError
from liantu.reference.models import Source, Term

Kind = Literal["cluster", "base", "county_industry"]
_Pair = tuple[str, str]
UNKNOWN = "unknown"
"""Stands for the entry of a link that no public source places."""


class Member(Entry):
    """A chain, or a link written `chain.link`, of the earlier edition that belongs to an entry; in the file its name alone will do."""

    of: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)?$")]
    share: Annotated[float, Field(gt=0, le=1)] | None = 1.0
    """The part of it that belongs to the entry; null: a part, and no source says how much."""
    confidence: Confidence = "medium"
    note: str = ""

    @model_validator(mode="before")
    @classmethod
    def _named(cls, value: Any) -> Any:
        return {"of": value} if isinstance(value, str) else value


class ClusterEntry(Named):
    """One entry of the re-cut: a cluster, a base, or the one industry of a county."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    kind: Kind
    county: str = ""
    """GB/T code of the county whose one industry it is."""
    known: bool
    """Whether a public source names it; one that is only counted is kept with a number for a name."""
    members: tuple[Member, ...] = ()
    confidence: Confidence | None = None
    """high: the city counts it among its clusters; medium: a county or the province calls it so. None where it is not known."""
    source: Source
    note: str = ""

    @model_validator(mode="after")
    def _tells_what_is_known(self) -> ClusterEntry:
        if self.known != (self.confidence is not None):
            raise ValueError(f"{self.id}: confidence stands where, and only where, the entry is known")
        if self.members and not self.known:
            raise ValueError(f"{self.id}: an entry that no source names has no members")
        if (self.kind == "county_industry") != bool(self.county):
            raise ValueError(f"{self.id}: a county stands where, and only where, the entry is the industry of a county")
        return self


class Crosswalk(Entry):
    """chains/<edition>/crosswalk.yml: the entries of an edition and what of an earlier one they are made of."""

    edition: str
    made_from: str
    """The edition in whose chains and links the tables are placed; groups, penalties and pools are its own."""
    status_zh: str
    status_en: str
    counted: dict[Kind, Annotated[int, Field(ge=0)]]
    """How many entries of each kind the city speaks of."""
    counted_source: Source
    entries: Annotated[tuple[ClusterEntry, ...], Field(min_length=1)]

    def entry(self, entry: str) -> ClusterEntry:
        """The entry with this id or Chinese name; KeyError without one."""
        return next((one for one in self.entries if entry in (one.id, one.zh)), None) or {one.id: one for one in self.entries}[entry]


def crosswalk_faults(crosswalk: Crosswalk, chains: Chains) -> list[str]:
    """Every broken rule of a crosswalk as one line that names entry and member; empty when all is well.

    Rules: entries are as many of each kind as counted, with ids and names of their own; every member is a chain or a link of `chains`;
    a link in two entries has shares that add up to at most 1. Industries of different counties may hold the same link: each has the
    rows of its county.
    """
    return [f"crosswalk.yml: {fault}" for rule in (_counted, _named_once, _members_exist, _shares) for fault in rule(crosswalk, chains)]


def _counted(crosswalk: Crosswalk, _: Chains) -> Iterator[str]:
    for kind, counted in crosswalk.counted.items():
        held = sum(entry.kind == kind for entry in crosswalk.entries)
        if held != counted:
            yield f"counted.{kind}: {counted} are counted, {held} stand here; give an entry that no source names `known: false`"


def _named_once(crosswalk: Crosswalk, _: Chains) -> Iterator[str]:
    for name, times in Counter(name for entry in crosswalk.entries for name in (entry.id, entry.zh)).items():
        if times > 1 or name == UNKNOWN:
            yield f"entries: {name} stands for more than one thing"


def _members_exist(crosswalk: Crosswalk, chains: Chains) -> Iterator[str]:
    for entry in crosswalk.entries:
        for member in entry.members:
            if not _links(member, chains):
                yield f"{entry.id}: member {member.of}: no such chain or link in edition {crosswalk.made_from}"


def _shares(crosswalk: Crosswalk, chains: Chains) -> Iterator[str]:
    for (chain, link), claims in links_of(crosswalk, chains).items():
        for county in {entry.county for entry, _ in claims}:
            here = [(entry, member) for entry, member in claims if entry.county in ("", county)]
            shares = [member.share for _, member in here if member.share is not None]
            if len(here) > 1 and (1.0 in shares or sum(shares) > 1 + 1e-9):
                yield f"{here[1][0].id}: member {chain}.{link}: it is also in {here[0][0].id}; give shares that add up to at most 1"


def _links(member: Member, chains: Chains) -> list[tuple[str, str]]:
    chain, _, link = member.of.partition(".")
    return [(held.id, one.id) for held in chains.chains if held.id == chain for one in held.links if link in ("", one.id)]


def links_of(crosswalk: Crosswalk, chains: Chains) -> dict[_Pair, list[tuple[ClusterEntry, Member]]]:
    """By (chain, link) of the earlier edition the entries that claim it, in their order; links that none claims are missing."""
    held: dict[_Pair, list[tuple[ClusterEntry, Member]]] = {}
    for entry in crosswalk.entries:
        for member in entry.members:
            for pair in _links(member, chains):
                held.setdefault(pair, []).append((entry, member))
    return held


def whole_links(crosswalk: Crosswalk, chains: Chains) -> dict[_Pair, tuple[str, str]]:
    """By (chain, link) of the earlier edition the entry that has all of it and its link's id there; links held in parts are missing.

    The link's id stays, except where two chains of an entry use the same: then it is `<chain>_<link>`.
    """
    whole = {pair: claims[0][0].id for pair, claims in links_of(crosswalk, chains).items()
             if len(claims) == 1 and claims[0][1].share == 1.0 and not claims[0][0].county}
    used = Counter((entry, link) for (_, link), entry in whole.items())
    return {(chain, link): (entry, f"{chain}_{link}" if used[entry, link] > 1 else link) for (chain, link), entry in whole.items()}


def composed(crosswalk: Crosswalk, chains: Chains) -> Chains:
    """The chains of the re-cut: each entry with whole links is a chain of these and of the flows among them, in the order of the entries.

    `chains` are those of the edition it is made from. Entries without whole links are no chains; the edition lists them in `not_chains`.
    Raises ReferenceFileError with every fault of the crosswalk.
    """
    if faults := crosswalk_faults(crosswalk, chains):
        raise ReferenceFileError("; ".join(faults))
    whole = whole_links(crosswalk, chains)
    held = {entry for entry, _ in whole.values()}
    made = [entry for entry in crosswalk.entries if entry.id in held]
    rest = tuple(Term(id=one.id, zh=one.zh, en=one.en, note=one.note or one.source) for one in crosswalk.entries if one.id not in held)
    edition = chains.edition.model_copy(update={
        "edition": crosswalk.edition, "status_zh": crosswalk.status_zh, "status_en": crosswalk.status_en,
        "source": crosswalk.counted_source, "not_chains": rest})
    return Chains(edition, tuple(_chain(entry, order, whole, made, chains) for order, entry in enumerate(made, start=1)))


def _chain(entry: ClusterEntry, order: int, whole: dict[_Pair, tuple[str, str]], made: list[ClusterEntry], chains: Chains) -> Chain:
    parts = [chain for chain in chains.chains if any(held == entry.id and of == chain.id for (of, _), (held, _) in whole.items())]
    names = {pair: link for pair, (held, link) in whole.items() if held == entry.id}
    taken = {one.zh for one in made} | {one.id for one in made}
    group = Counter(chain.group for chain in parts).most_common(1)[0][0]
    return Chain(
        id=entry.id, zh=entry.zh, en=entry.en, order=order, group=group, confidence=entry.confidence or "low", source=entry.source,
        group_basis=f"That of the chains of the earlier edition it is made of: {', '.join(chain.id for chain in parts)}",
        aliases=tuple(dict.fromkeys(name for chain in parts for name in (chain.zh, *chain.aliases) if name not in taken)),
        counties=tuple(dict.fromkeys(code for chain in parts for code in chain.counties)),
        masters=tuple(dict.fromkeys(name for chain in parts for name in chain.masters)),
        links=tuple(_renamed(link, names[chain.id, link.id]) for chain in parts for link in chain.links if (chain.id, link.id) in names),
        flows=tuple(flow for chain in parts for flow in _flows(chain, names)))


def _renamed(link: Link, name: str) -> Link:
    return link if link.id == name else link.model_copy(update={"id": name})


def _flows(chain: Chain, names: dict[_Pair, str]) -> Iterator[Flow]:
    for flow in chain.flows:
        giver, taker = names.get((chain.id, flow.giver)), names.get((chain.id, flow.taker))
        if giver and taker:
            yield flow.model_copy(update={"giver": giver, "taker": taker})
