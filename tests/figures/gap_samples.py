"""Sample inputs for the tests of the gaps' charts: made up, with the columns that `liantu.chains` gives."""

from __future__ import annotations

import random

import numpy as np
import pandas as pd
from figure_samples import CHAINS, COUNTIES

STATES = ("broken_open", "broken_in_repair", "blocked")
MARKS = ("broken_open", "broken_in_repair", "blocked", "weak", "held", "unasked")


def burden():
    draw = random.Random(3)
    pairs = [(chain.zh, county.code) for chain in CHAINS for county in COUNTIES]
    rows = [{"chain": chain, "county": county, "burden": draw.choice([0, 0, 0.02, draw.expovariate(0.2)])} for chain, county in pairs]
    return pd.DataFrame([*rows, {"chain": CHAINS[0].zh, "county": None, "burden": 7.25}])


def longest_links(count):
    """The links with the longest English names, so that nothing in use is longer."""
    links = [(chain, link) for chain in CHAINS for link in chain.links]
    return sorted(links, key=lambda pair: -len(pair[1].en))[:count]


def targets(count=20, band=3, links=None):
    draw, rows = random.Random(8), []
    for place, (chain, link) in enumerate(links or longest_links(count)):
        unlock = round(draw.expovariate(1 / 60_000) + 800, 1)
        low = 0.0 if place % 7 == 6 else unlock * 0.6
        rows.append({"chain": chain.zh, "link": link.id, "zh": link.zh, "en": link.en, "tier": link.tier, "key": link.key,
                     "state": STATES[place % 3], "unlock_wan": unlock, "unlock_low": low, "unlock_high": unlock * 1.5,
                     "final_wan": unlock, "imports_replaced_wan": 0.0, "built_wan": unlock, "invest_wan": unlock / 2, "per_yuan": 2.0,
                     "rank": place + 1, "rank_low": max(1, place - 1), "rank_high": place + 3, "band": 1 + place // band})
    return pd.DataFrame(rows)


def near(count=40, crowded=False):
    """Targets of one county; `crowded` puts all on the front, half of them at one spot."""
    draw = np.random.default_rng(5)
    table = targets(links=longest_links(count)).assign(county="211382")
    spot = np.where(np.arange(count) % 2 == 0, 0.3, draw.uniform(0.1, 0.5, count))
    density = spot if crowded else draw.uniform(0.05, 0.6, count)
    gain = np.where(np.arange(count) % 2 == 0, 1.0, draw.lognormal(0, 1.0, count)) if crowded else draw.lognormal(0, 1.2, count)
    table = table.assign(density=density, density_low=density - 0.04, density_high=density + 0.05, per_yuan=gain)
    beaten = [bool(((gain >= own) & (density >= at) & ((gain > own) | (density > at))).any())
              for own, at in zip(gain, density, strict=True)]
    return table.assign(front=True if crowded else ~np.array(beaten), front_share=0.5)


def moves():
    return pd.DataFrame({"quarter": [f"{year}Q{quarter}" for year in (2021, 2022) for quarter in (1, 2, 3, 4)][:6],
                         "opened": [None, 3, 0, 5, 2, 4], "in_repair": [None, 6, 2, 0, 9, 7], "closed": [None, 1, 0, 2, 3, 2],
                         "broken": [61, 63, 63, 66, 65, 67]})


def labelled():
    draw = random.Random(2)
    kinds = ("fill", "extend", "strengthen", "found", "none")
    return pd.DataFrame([{"label": label, "does": does, "projects": draw.choice([0, 2, 11, 140])} for label in kinds for does in kinds])


def promises(kept=12, late=9, not_due=30, gone=4):
    return pd.DataFrame({"outcome": ["kept", "late", "not_due", "gone"], "projects": [kept, late, not_due, gone]})


def states(chain=CHAINS[8]):
    """Every link of a chain, from uncovered to four times covered, one without demand and one unknown."""
    draw, rows = random.Random(4), []
    for place, link in enumerate(chain.links):
        demand = round(draw.expovariate(1 / 90_000), 1)
        supply = demand * draw.choice([0, 0.1, 0.5, 0.97, 1.2, 4.0])
        rows.append({"chain": chain.zh, "link": link.id, "zh": link.zh, "en": link.en, "tier": link.tier, "key": link.key,
                     "supply_wan": supply, "expected_wan": demand * draw.choice([0, 0, 0.3, 2.0]), "demand_wan": demand,
                     "state": MARKS[place % 6]})
    table = pd.DataFrame(rows).sample(frac=1, random_state=1).reset_index(drop=True)
    table.loc[0, ["supply_wan", "demand_wan", "expected_wan"]] = 0.0
    table.loc[1, "supply_wan"] = np.nan
    return table
