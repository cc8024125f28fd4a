"""What may be said of places: shrunken estimates, sets of places that hold all at once, tiers that chance does not part, other weights."""

from liantu.assess.ranking.confident_ranks import rank_set, rank_sets, top_set
from liantu.assess.ranking.shrinking import shrink
from liantu.assess.ranking.tiers import tier_places, tiers
from liantu.assess.ranking.weightings import weight_sensitivity

__all__ = ["rank_set", "rank_sets", "shrink", "tier_places", "tiers", "top_set", "weight_sensitivity"]
