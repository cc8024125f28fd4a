"""The gaps of a report gathered once: what is kept is what would be made anew, and what a date or a register allows."""

from __future__ import annotations

import pandas as pd
import pytest

from liantu import Report
from liantu.assess.chain_gaps import (
    ChainGaps,
    chain_gaps,
    gap_moves,
    gaps_before,
    kept_promises,
    strengths_of,
    works_by_label,
)
from liantu.chains import hhi, rca
from liantu.chains.states import BROKEN, Known
from liantu.reference import Chains

pytestmark = pytest.mark.xdist_group("chain gaps")  # what takes seconds to draw is drawn once


@pytest.fixture(scope="module")
def report(reported_data):
    return Report(quarter="2022Q2")


@pytest.fixture(scope="module")
def gaps(report):
    return chain_gaps(report)


def few(gaps, folder, *, enterprises=..., chains=2):
    """Two chains of the city, with what is kept in a folder of its own."""
    known = gaps.known if enterprises is ... else Known(
        gaps.known.projects, gaps.known.milestones, gaps.known.problems, enterprises, gaps.known.as_of)
    rules = gaps.rules.model_copy(update={"uncertainty": gaps.rules.uncertainty.model_copy(update={"draws": 40})})
    return ChainGaps(Chains(gaps.chains.edition, gaps.chains.chains[:chains]), known, rules, gaps.counties, folder)


def test_states_and_targets_of_the_city_hold_together(gaps):
    assert len(gaps.states) == sum(len(chain.links) for chain in gaps.chains.chains)
    found = gaps.targets.set_index(["chain", "link"])
    wanted = gaps.states[gaps.states["state"].isin((*BROKEN, "blocked"))].set_index(["chain", "link"])
    assert set(found.index) == set(wanted.index) and (found["state"] == wanted["state"].reindex(found.index)).all()
    assert (found["unlock_low"] <= found["unlock_high"]).all() and (found["rank_low"] <= found["rank_high"]).all()
    burden = gaps.burden.groupby("chain")["burden_wan"].sum()
    assert burden.to_dict() == pytest.approx(found.groupby("chain")["unlock_wan"].sum().reindex(burden.index, fill_value=0).to_dict())
    counts = gaps.totals.set_index("chain")
    assert counts[list(BROKEN)].sum(axis=1).to_dict() == (
        gaps.states[gaps.states["state"].isin(BROKEN)].groupby("chain").size().reindex(counts.index, fill_value=0).to_dict())


def test_a_chain_alone_is_ranked_among_its_own_gaps(gaps):
    chain = max(gaps.chains.chains, key=lambda one: len(gaps.targets[gaps.targets["chain"] == one.zh]))
    own, whole = gaps.targets_of(chain), gaps.targets[gaps.targets["chain"] == chain.zh]
    assert own["rank_high"].max() <= len(own) == len(whole)
    assert own.set_index("link")["unlock_wan"].to_dict() == pytest.approx(whole.set_index("link")["unlock_wan"].to_dict())
    assert gaps.total(chain).drop("chain").to_dict() == pytest.approx(gaps.totals.set_index("chain").loc[chain.zh].to_dict(), nan_ok=True)


def test_what_is_kept_is_what_would_be_made(gaps, tmp_path):
    first, again = few(gaps, tmp_path), few(gaps, tmp_path)
    made = {name: getattr(first, name) for name in ("states", "targets", "by_county")}
    assert list(tmp_path.glob("*.parquet"))
    for name, table in made.items():
        pd.testing.assert_frame_equal(getattr(again, name), table, check_dtype=name != "by_county")
        assert getattr(again, name) is not table


def test_the_front_of_a_county_is_beaten_by_nothing(gaps):
    rows = gaps.by_county
    for _, own in rows.groupby("county"):
        for row in own[own["front"]].itertuples():
            better = (own["per_yuan"] > row.per_yuan) & (own["density"] > row.density)
            assert not better.any()
    assert rows["front"].any() and set(rows["county"]) == set(gaps.counties)


def test_without_a_register_only_the_ledgers_speak(gaps, tmp_path):
    alone = few(gaps, tmp_path, enterprises=None)
    assert not alone.registered and set(alone.states["state"]) == {"unknown"}
    assert alone.targets.empty and alone.by_county.empty and alone.firms.empty
    assert alone.burden["burden_wan"].sum() == 0
    assert (alone.states["coming_wan"] > 0).any()


def test_a_chain_with_no_firm_and_no_project_is_a_finding(gaps, tmp_path):
    name = gaps.chains.chains[0].zh
    firms = gaps.known.enterprises
    known = Known(gaps.known.projects[gaps.known.projects["chain"] != name], gaps.known.milestones, gaps.known.problems,
                  firms[firms["chain"] != name], gaps.known.as_of)
    empty = ChainGaps(gaps.chains, known, few(gaps, tmp_path).rules, gaps.counties, tmp_path)
    total = empty.total(gaps.chains.chains[0])
    assert total["empty"] and total["broken_open"] > 0 and total["final_wan"] == 0
    assert not empty.targets_of(gaps.chains.chains[0]).empty


def test_moves_over_the_quarters_add_up(report, gaps):
    moves = gap_moves(report)
    assert moves["quarter"].tolist() == ["2021Q4", "2022Q1", "2022Q2"] and moves["opened"].isna().tolist() == [True, False, False]
    assert moves["broken"].iloc[-1] == gaps.states["state"].isin(BROKEN).sum()
    before = gaps_before(report)
    assert moves["broken"].iloc[-2] == before.states["state"].isin(BROKEN).sum() and before.known.as_of < gaps.known.as_of
    assert gaps_before(Report(quarter="2021Q4")) is None


def test_promises_are_told_from_the_first_register(report):
    quarter, told = kept_promises(report)
    assert quarter == "2021Q4" and set(told["outcome"]) <= {"kept", "late", "not_due", "no_date", "gone"}
    quarter, told = kept_promises(Report(quarter="2021Q4"))
    assert quarter == "" and told.empty


def test_works_are_counted_by_what_they_do(report, gaps):
    counts = works_by_label(report)
    open_links = gaps.known.projects[gaps.known.projects["stage"].isin(
        ("lead", "negotiating", "signed", "approved", "started", "resumed", "suspended", "completed"))].dropna(subset=["link"])
    assert counts["projects"].sum() == len(open_links) and set(counts["label"]) == {"none"}


def test_strengths_are_revealed_advantages(gaps):
    county = gaps.counties[0]
    found = strengths_of(gaps, county)
    firms = gaps.firms[gaps.firms["supply_wan"] > 0]
    wide = firms.assign(pair=firms["chain"] + firms["link"]).pivot_table(
        index="county", columns="pair", values="supply_wan", aggfunc="sum", fill_value=0.0)
    wanted = rca(wide).loc[county]
    pairs = [chain + link for chain, link in zip(found["chain"], found["link"], strict=True)]
    assert found["rca"].to_list() == pytest.approx(wanted[pairs].to_list())
    assert (found["rca"] >= 1).all() and found["supply_wan"].is_monotonic_decreasing
    assert strengths_of(gaps, "000000").empty and hhi(pd.Series([1.0])) == 1
