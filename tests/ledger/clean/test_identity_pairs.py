"""How well identity decides on pairs as offices write them: `identity_pairs.csv`, written by hand before the rules were mended.

Each pair has the outcome that a careful person would give: the same project, different ones, or doubtful (to be asked). The half
`sealed` was not looked at while the rules were mended.
"""

from pathlib import Path

import pandas as pd
import pytest

from liantu.ledger.identity.matching import identify
from liantu.ledger.identity.names import Names
from liantu.reference import city
from liantu.reference.identity import IdentityRules
from liantu.reference.loading import load

COUNTIES = {"双塔": "211302", "龙城": "211303", "朝阳县": "211321", "建平": "211322", "喀左": "211324", "北票": "211381", "凌源": "211382",
            "市本级": "211300"}
SETTINGS = {
    "one": ("2022-03-31", "county", "a"), "cross": ("2022-03-31", "department", "b"), "zone": ("2022-03-31", "zone", "b"),
    "time": ("2022-06-30", "county", "c")}
"""When, by whom and in which file the second row was reported; the first is the county's of the first quarter."""


def side(pair, end, place):
    snapshot, source, file = SETTINGS[pair["setting"] if place else "one"]
    more = dict(part.split("=") for part in pair[f"more{end}"].split(";") if part)
    return {
        "snapshot": snapshot, "source": source, "source_file": file, "sheet": "", "row": 4 + place, "name": pair[f"name{end}"],
        "company": pair[f"company{end}"] or None, "county": COUNTIES[pair[f"county{end}"]], "chain": more.get("chain"),
        "total_investment_wan": float(pair[f"amount{end}"] or "nan"), "national_code": more.get("code"),
        "area_mu": float(more.get("area", "nan")), "started_actual": more.get("start")}


def decided(pair, names):
    texts = ["name", "company", "county", "chain", "national_code"]
    rows = pd.DataFrame([side(pair, "", 0), side(pair, "2", 1)]).astype({
        **dict.fromkeys(texts, "str"), "snapshot": "datetime64[ms]", "started_actual": "datetime64[ms]"})
    ids, merges = identify(rows, names)
    if ids.nunique() == 1:
        return "same"
    return "doubtful" if merges["decision"].eq("proposed").any() else "different"


@pytest.fixture(scope="module")
def pairs():
    home = city()
    names = Names(load(IdentityRules, home.folder / "identity.yml"), home.divisions)
    table = pd.read_csv(Path(__file__).with_name("identity_pairs.csv"), dtype=str, keep_default_na=False)
    return table.assign(decided=[decided(pair, names) for pair in table.to_dict("records")])


def test_there_are_enough_pairs_of_every_outcome(pairs):
    counts = pairs.groupby(["half", "outcome"]).size()
    assert len(pairs) >= 150
    assert counts.min() >= 10
    assert pairs["pair"].is_unique


@pytest.mark.parametrize("half", ["seen", "sealed"])
def test_different_projects_are_never_merged_and_the_same_never_lost(pairs, half):
    mine = pairs[pairs["half"].eq(half)]
    merged_wrongly = mine[mine["decided"].eq("same") & mine["outcome"].eq("different")]
    assert merged_wrongly[["pair", "name", "name2"]].to_numpy().tolist() == []
    # What is the same project is at least proposed to a person.
    lost = mine[mine["decided"].eq("different") & mine["outcome"].eq("same")]
    assert lost[["pair", "name", "name2"]].to_numpy().tolist() == []


@pytest.mark.parametrize("half", ["seen", "sealed"])
def test_precision_and_recall_of_merging(pairs, half):
    mine = pairs[pairs["half"].eq(half)]
    right = (mine["decided"].eq("same") & mine["outcome"].eq("same")).sum()
    assert right / mine["decided"].eq("same").sum() >= 0.90, "precision, a merged doubtful pair counted as wrong"
    assert right / mine["outcome"].eq("same").sum() >= 0.95, "recall"
    assert (mine["decided"] == mine["outcome"]).mean() >= 0.85
