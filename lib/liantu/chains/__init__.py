"""Projects and firms placed on the links of the chains, and what the chains look like from there."""

from liantu.chains.catalogue import catalogue_faults, checked
from liantu.chains.overview import chain_by_county, first_gaps, gap_counts
from liantu.chains.placement import chain_of, place

__all__ = ["catalogue_faults", "chain_by_county", "chain_of", "checked", "first_gaps", "gap_counts", "place"]
