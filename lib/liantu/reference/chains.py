"""The industrial chains of an edition: links, the flows between them, and what each of these rests on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, model_validator

from liantu.errors import UnknownValueError
from liantu.reference.loading import Entry, Named
from liantu.reference.models import Source, Term

Confidence = Literal["high", "medium", "low"]
Tier = Literal["upstream", "midstream", "downstream", "support"]
Basis = Literal["input_output", "engineering", "assumption"]
Imports = Literal["none", "hard", "normal", "easy"]
"""How a link's product can be brought from outside the city; `none`: it has to be made here (hot metal, a service on the spot)."""


class Link(Named):
    """A link (环节) of a chain."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    tier: Tier
    key: bool = False
    gb_codes: tuple[Annotated[str, Field(pattern=r"^[A-T]?\d{2,4}$")], ...] = ()
    keywords: tuple[str, ...]
    capital: Annotated[float, Field(gt=0, le=20)]
    """Yuan of investment for each yuan of yearly output at capacity."""
    capital_basis: Basis = "assumption"
    imports: Imports = "normal"
    final: bool | None = None
    """Sells beyond the chain, to final demand; by default what is downstream or feeds no link."""
    plant_wan: Annotated[float, Field(gt=0)] | None = None
    """Yearly output of one plant of ordinary size (万元); by default the edition's."""
    shared: str | None = None
    """The pool of shared links (edition.yml) whose firms serve several chains."""


class Flow(Entry):
    """What one link gives to another: `intensity` yuan of the giver's product for each yuan of the taker's output."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True, populate_by_name=True)

    giver: Annotated[str, Field(alias="from")]
    taker: Annotated[str, Field(alias="to")]
    intensity: Annotated[float, Field(gt=0, le=1)]
    basis: Basis
    note: str = ""
    """Where the number comes from; needed unless it is an assumption."""


class Chain(Named):
    """One industrial chain of an edition: a directed graph of links."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    order: Annotated[int, Field(ge=1)]
    group: Literal["old", "raw", "new"]
    group_basis: str
    aliases: tuple[str, ...] = ()
    counties: tuple[str, ...] = ()
    masters: tuple[str, ...] = ()
    links: Annotated[tuple[Link, ...], Field(min_length=4)]
    flows: tuple[Flow, ...]
    confidence: Confidence
    source: Source

    @model_validator(mode="after")
    def _links_hold_together(self) -> Chain:
        ids = [link.id for link in self.links]
        if len(set(ids)) != len(ids):
            raise ValueError("two links share an id")
        for flow in self.flows:
            for end in (flow.giver, flow.taker):
                if end not in ids:
                    raise ValueError(f"flow {flow.giver} -> {flow.taker}: {end} is not a link of this chain")
        pairs = [(flow.giver, flow.taker) for flow in self.flows]
        if len(set(pairs)) != len(pairs):
            raise ValueError(f"a flow stands twice: {sorted({pair for pair in pairs if pairs.count(pair) > 1})}")
        return self

    def link(self, link: str) -> Link:
        """The link with this id."""
        return {entry.id: entry for entry in self.links}[link]

    def takers(self, link: str) -> tuple[str, ...]:
        """The links that a link feeds."""
        return tuple(flow.taker for flow in self.flows if flow.giver == link)

    def givers(self, link: str) -> tuple[str, ...]:
        """The links that feed a link."""
        return tuple(flow.giver for flow in self.flows if flow.taker == link)

    def final(self, link: str) -> bool:
        """Whether a link sells beyond the chain."""
        entry = self.link(link)
        return entry.final if entry.final is not None else entry.tier == "downstream" or not self.takers(link)


class ChainEdition(Entry):
    """chains/<edition>/edition.yml: what the list of chains is and is not, and what holds for all of its chains."""

    edition: str
    status_zh: str
    status_en: str
    groups: tuple[Term, ...]
    penalties: dict[Literal["hard", "normal", "easy"], Annotated[float, Field(gt=0, lt=1)]]
    """What a yuan brought from outside the city costs the chain besides its price, by how hard it is to bring."""
    plant_wan: Annotated[float, Field(gt=0)]
    """Yearly output of one plant of ordinary size (万元) where a link does not say."""
    shared: tuple[Term, ...] = ()
    """Pools of links whose firms serve several chains."""
    not_chains: tuple[Term, ...] = ()
    """Entries that the edition counts but that are no chains here: no public source says what they are made of."""
    source: Source


@dataclass(frozen=True)
class Chains:
    """The chains of one edition, in their order."""

    edition: ChainEdition
    chains: tuple[Chain, ...]

    def by_name(self, name: str) -> Chain:
        """The chain with this Chinese name, id or alias; unknown names are an error with the nearest match."""
        for chain in self.chains:
            if name in (chain.zh, chain.id, *chain.aliases):
                return chain
        raise UnknownValueError("chain", name, [chain.zh for chain in self.chains])
