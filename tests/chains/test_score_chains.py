"""The score of the gaps against a simulation's truth, on tables small enough to count by hand."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pandas as pd
import pytest
from small_city import CHAINS

TOOL = Path(__file__).parents[2] / "tools" / "score_chains.py"


@pytest.fixture(scope="module")
def tool():
    spec = importlib.util.spec_from_file_location("score_chains", TOOL)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up by name
    spec.loader.exec_module(module)
    yield module
    del sys.modules[spec.name]


def links(broken, unlock):
    return pd.DataFrame({"chain": "钢", "link": list("abcd"), "broken": broken, "unlock_wan": unlock})


def test_precision_recall_and_agreement_by_hand(tool):
    said, true = links([True, True, False, False], [5, 3, 1, 0]), links([True, False, True, False], [5, 1, 3, 0])
    told = pd.Series([True, True, True, False], index=pd.MultiIndex.from_product([["钢"], list("abcd")]))
    made = tool.scores(said, true, told)
    assert (made["said"], made["true"], made["told"]) == (2, 2, 3)
    assert [made[f"{side} {what}"] for side in ("true", "told") for what in ("precision", "recall")] == ["0.50", "0.50", "1.00", "0.67"]
    # Of three ranked links one pair of three is told the other way round: (2 - 1) / 3.
    assert (made["links ranked"], made["tau"]) == (3, "0.33")


def test_links_that_only_one_side_holds_to_be_asked_for(tool):
    true = pd.DataFrame({"chain": ["钢", "钢", "胎"], "link": ["ore", "haulage", "tyre"], "demand_wan": [50.0, 3.0, 80.0]})
    gaps = pd.DataFrame({"chain": ["钢", "钢", "胎"], "link": ["ore", "haulage", "tyre"], "asked": [True, False, True], "firms": [1, 0, 0]})
    assert tool.differing(true, gaps, CHAINS)["link"].tolist() == ["haulage"]
