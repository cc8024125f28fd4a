"""The scoring engine: assessments as data (indicators, weights, caps, bonuses, deductions, exceptions), and one arithmetic for them all."""

from liantu.assess.scoring.known_indicators import known_indicators
from liantu.assess.scoring.not_counted import apply_not_counted
from liantu.assess.scoring.points import points_of, totals_of
from liantu.assess.scoring.scores import grades, score, score_details
from liantu.assess.scoring.scoring_rules import ScoringRules, load_rules

__all__ = [
    "ScoringRules", "apply_not_counted", "grades", "known_indicators", "load_rules", "points_of", "score", "score_details", "totals_of",
]
