"""How well it is done and how far that can be trusted: the ledgers' quality, evidence, gates, scores, places, zones, service, lists."""

from liantu.assess.data_quality import completeness, findings, lateness, parts, scores
from liantu.assess.evidence import evidence_of
from liantu.assess.gates import gate_screen, introduced
from liantu.assess.intervals import places, tied_groups, weighted_interval, wilson
from liantu.assess.lists import four_lists
from liantu.assess.of_report import LedgerQuality, quality_of
from liantu.assess.quality_rules import QualityRules, quality_rules
from liantu.assess.ranking import rank_set, rank_sets, shrink, tiers, top_set, weight_sensitivity
from liantu.assess.scoring import ScoringRules, apply_not_counted, grades, load_rules, points_of, score, score_details, totals_of
from liantu.assess.service import service_of
from liantu.assess.standings import indicator_values, praise_and_watch, three_things
from liantu.assess.structure import structure_of
from liantu.assess.to_correct import cells_to_fix, changes_without_reason, possible_duplicates
from liantu.assess.zones.zone_table import zone_measures
from liantu.report.senders import reporters

__all__ = [
    "LedgerQuality", "QualityRules", "ScoringRules", "apply_not_counted", "cells_to_fix", "changes_without_reason", "completeness",
    "evidence_of", "findings", "four_lists", "gate_screen", "grades", "indicator_values", "introduced", "lateness", "load_rules", "parts",
    "places", "points_of", "possible_duplicates", "praise_and_watch", "quality_of", "quality_rules", "rank_set", "rank_sets", "reporters",
    "score", "score_details", "scores", "service_of", "shrink", "structure_of", "three_things", "tied_groups", "tiers",
    "top_set", "totals_of", "weight_sensitivity", "weighted_interval", "wilson", "zone_measures",
]
