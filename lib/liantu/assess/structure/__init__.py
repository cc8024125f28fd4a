"""The structure of industry: how concentrated it is, how it changes, what projects would make of it, and what is published."""

from liantu.assess.structure.change import StructuralChange, absolute_norm, lilien_index, structural_change
from liantu.assess.structure.concentration import concentration, effective_number, family_shares, normalised_hhi
from liantu.assess.structure.of_report import Structure, structure_of
from liantu.assess.structure.portfolio import coming_projects, per_job, portfolio, promised_jobs
from liantu.assess.structure.rules import StructureRules, structure_rules

__all__ = [
    "StructuralChange", "Structure", "StructureRules", "absolute_norm", "coming_projects", "concentration", "effective_number",
    "family_shares", "lilien_index", "normalised_hhi", "per_job", "portfolio", "promised_jobs", "structural_change", "structure_of",
    "structure_rules",
]
