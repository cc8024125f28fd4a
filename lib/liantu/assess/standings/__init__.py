"""What scoring and ranking use: indicators of counties, zones, task forces and departments, and where each stands, and how surely."""

from liantu.assess.standings.advice import advice_text, three_things
from liantu.assess.standings.facts import county_facts
from liantu.assess.standings.indicator_rules import IndicatorRules, indicator_rules
from liantu.assess.standings.matters import matters_of
from liantu.assess.standings.standing import ASSESSMENTS, Standings, standings
from liantu.assess.standings.values import indicator_values
from liantu.assess.standings.watch import praise_and_watch, watch_text

__all__ = [
    "ASSESSMENTS", "IndicatorRules", "Standings", "advice_text", "county_facts", "indicator_rules", "indicator_values", "matters_of",
    "praise_and_watch", "standings", "three_things", "watch_text",
]
