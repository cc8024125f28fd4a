"""The industrial chains as graphs: who stands on which link, where they are broken or held back, what filling a gap unlocks, and for whom.

The measures of relatedness, of input-output and of concentration take any tables of their form, no city needed.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from liantu.chains.catalogue import catalogue_faults, checked, checked_chains
    from liantu.chains.concentration import hhi
    from liantu.chains.inputoutput import leontief_inverse, linkages
    from liantu.chains.overview import chain_by_county
    from liantu.chains.placing.placement import guesses, place
    from liantu.chains.placing.stated import chain_of, link_of
    from liantu.chains.relatedness import complexity, density, outlook, proximity, rca

__all__ = [
    "catalogue_faults", "chain_by_county", "chain_of", "checked", "checked_chains", "complexity", "density", "guesses", "hhi",
    "leontief_inverse", "link_of", "linkages", "outlook", "place", "proximity", "rca",
]

_HOMES = {
    "catalogue": ("catalogue_faults", "checked", "checked_chains"), "concentration": ("hhi",),
    "inputoutput": ("leontief_inverse", "linkages"), "overview": ("chain_by_county",), "placing.placement": ("guesses", "place"),
    "relatedness": ("complexity", "density", "outlook", "proximity", "rca"), "placing.stated": ("chain_of", "link_of"),
}


def __getattr__(name: str) -> object:
    # pandas is imported only with what needs it: the catalogue is checked by commands that open no table
    for module, names in _HOMES.items():
        if name in names:
            return getattr(import_module(f"liantu.chains.{module}"), name)
    raise AttributeError(f"module 'liantu.chains' has no attribute {name!r}")
