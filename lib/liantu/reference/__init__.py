"""What the city is: divisions, targets, calendar, chains by edition, ledger forms; typed, read from data/reference/."""

from liantu.reference.city import Chains, City, city
from liantu.reference.loading import ReferenceFileError
from liantu.reference.models import (
    Chain,
    Division,
    Divisions,
    FieldSpec,
    LedgerForm,
    LedgerWords,
    Link,
    Rule,
    Target,
    Targets,
    Term,
    Theme,
)
from liantu.reference.quarters import Quarter, elapsed_share

__all__ = [
    "Chain", "Chains", "City", "Division", "Divisions", "FieldSpec", "LedgerForm", "LedgerWords", "Link", "Quarter",
    "ReferenceFileError", "Rule", "Target", "Targets", "Term", "Theme", "city", "elapsed_share",
]
