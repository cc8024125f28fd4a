"""How far the ledgers and what they say can be trusted: the quality of the data, and what goes back to their reporters."""

from liantu.assess.data_quality import completeness, findings, lateness, parts, scores
from liantu.assess.intervals import places, tied_groups, weighted_interval, wilson
from liantu.assess.of_report import LedgerQuality, quality_of
from liantu.assess.quality_rules import QualityRules, quality_rules
from liantu.assess.to_correct import cells_to_fix, changes_without_reason, possible_duplicates
from liantu.report.senders import reporters

__all__ = [
    "LedgerQuality", "QualityRules", "cells_to_fix", "changes_without_reason", "completeness", "findings", "lateness", "parts", "places",
    "possible_duplicates", "quality_of", "quality_rules", "reporters", "scores", "tied_groups", "weighted_interval", "wilson",
]
