"""What the city is: divisions, targets, calendar, chains by edition, ledger forms; typed, read from data/reference/."""

from liantu.reference.chains import Chain, ChainEdition, Chains, Flow, Link
from liantu.reference.city import City, city
from liantu.reference.editions import ClusterEntry, Crosswalk, Member
from liantu.reference.loading import ReferenceFileError
from liantu.reference.models import (
    Division,
    Divisions,
    FieldSpec,
    LedgerForm,
    LedgerWords,
    Rule,
    Target,
    Targets,
    Term,
    Theme,
)
from liantu.reference.quarters import Quarter, elapsed_share

__all__ = [
    "Chain", "ChainEdition", "Chains", "City", "ClusterEntry", "Crosswalk", "Division", "Divisions", "FieldSpec", "Flow", "LedgerForm",
    "LedgerWords", "Link", "Member", "Quarter", "ReferenceFileError", "Rule", "Target", "Targets", "Term", "Theme", "city", "elapsed_share",
]
