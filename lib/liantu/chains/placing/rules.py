"""placement.yml: the words and weights by which names are placed on the links of the chains."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from liantu.reference import City, city
from liantu.reference.loading import Entry, load
from liantu.reference.opened import kept

Share = Annotated[float, Field(ge=0, le=1)]


class FieldWeights(Entry):
    """What a word counts by the field in which it stands."""

    name: Share
    products: Share
    chain: Share
    company: Share


class PlacementRules(Entry):
    """chains/placement.yml; the meaning of each weight is in docs/methods/chains.md."""

    source: str
    stated_endings: tuple[str, ...]
    separators: str
    field_weights: FieldWeights
    length_weights: dict[int, Share]
    side_word: Share
    industry_code: Share
    chain_name_in_text: Share
    chain_name_min_length: Annotated[int, Field(ge=2)]
    master_in_text: Share
    rivalry: Share
    sure_words: Share
    threshold: Share
    stated_only: tuple[str, ...]
    outside_categories: tuple[str, ...]
    outside_always: tuple[str, ...]
    outside_as_head: tuple[str, ...]
    boilerplate: tuple[str, ...]
    stated_tiers: tuple[str, ...]
    stated_unqualified: tuple[str, ...]
    stated_neutral: tuple[str, ...]

    def length_weight(self, word: str) -> float:
        """What a word counts by its length; longer than the longest listed counts as that one."""
        return self.length_weights[min(len(word), max(self.length_weights))]


@kept()
def placement_rules(of: City | None = None) -> PlacementRules:
    """The rules of a city, by default of the city that is shipped.

    Raises ReferenceFileError when the file is missing or breaks its rules.
    """
    return load(PlacementRules, (of or city()).folder / "chains" / "placement.yml")


@kept()
def outside_category_words(of: City | None = None) -> frozenset[str]:
    """Every way in which vocabulary.yml writes a category that lies outside the chains."""
    where = of or city()
    terms = where.vocabulary.terms("categories")
    outside = [terms[category] for category in placement_rules(of).outside_categories]
    return frozenset(word for term in outside for word in (term.id.upper(), term.zh, *term.words))
