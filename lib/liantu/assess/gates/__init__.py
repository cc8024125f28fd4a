"""The three gates, 两高 and 六小 on every project, and the quality of what was introduced: wanted, unwanted, promised and delivered."""

from liantu.assess.gates.county import county_quality
from liantu.assess.gates.energy import energy_of
from liantu.assess.gates.industry import industry_of, listed_by
from liantu.assess.gates.introduced import introduced, judged
from liantu.assess.gates.mix import portfolio_mix
from liantu.assess.gates.promised import promised
from liantu.assess.gates.rules import GateRules, gate_rules
from liantu.assess.gates.screen import GATES, STATES, gate_screen, screened, worst

__all__ = [
    "GATES", "STATES", "GateRules", "county_quality", "energy_of", "gate_rules", "gate_screen", "industry_of", "introduced", "judged",
    "listed_by", "portfolio_mix", "promised", "screened", "worst",
]
