"""The text model, the calibration, stated links and what is left to a person."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as arrow
import pytest
import yaml

from liantu.chains import place
from liantu.chains.placing.calibration import calibration, link_probabilities, places, reliability
from liantu.chains.placing.placement import guesses
from liantu.chains.placing.rules import placement_rules
from liantu.chains.placing.stated import link_of, states_no_link
from liantu.chains.placing.text_model import text_model
from liantu.chains.placing.unplaced import unplaced
from liantu.reference import city

HERE = Path(__file__).parent
TOOLS = HERE.parents[1] / "tools"


@pytest.fixture(scope="module")
def chains():
    return city().chains()


@pytest.fixture(scope="module")
def measured():
    sys.path.insert(0, str(TOOLS))
    try:
        import measure_placement
    finally:
        sys.path.remove(str(TOOLS))
    return {name: measure_placement.judged(names) for name, names in measure_placement.labelled_sets().items()}


@pytest.mark.parametrize(("which", "least", "chain", "link"), [
    ("held out", 81, 0.95, 0.92), ("fresh", 120, 0.92, 0.90), ("public record, certain", 50, 0.96, 0.96)])
def test_names_not_used_to_write_keywords(measured, which, least, chain, link):
    rows = measured[which][measured[which]["on"]]
    assert len(rows) >= least
    assert rows["chain_right"].mean() >= chain and rows["link_right"].mean() >= link


def test_the_public_record_is_labelled_whole(measured, chains):
    rows = measured["public record, all"]
    known = {chain.id for chain in chains.chains} | {f"{chain.id}/{link.id}" for chain in chains.chains for link in chain.links} | {"none"}
    assert len(rows) == 77 and set(rows["doubtful"]) == {"", "yes"}
    assert set(rows["labels"].str.split("|").explode()) <= known


def test_confidence_holds_on_names_not_fitted_on(measured):
    seen = pd.concat([measured[name] for name in ("held out", "fresh", "public record, all")])
    linked = seen[seen["linked"]]
    told = reliability(linked["confidence"], linked["link_right"])
    assert told["count"].sum() == len(linked) > 200
    assert told.attrs["brier"] < 0.05 and told.attrs["error"] < 0.08
    assert linked["confidence"].min() >= placement_rules().threshold


def test_reliability_by_hand():
    told = reliability(pd.Series([0.55, 0.58, 0.95, 1.0]), pd.Series([True, False, True, True]))
    assert told["count"].tolist() == [2, 2] and told["right"].tolist() == [0.5, 1.0] and told["lower"].tolist() == [0.5, 0.9]
    assert told.attrs["brier"] == pytest.approx((0.45**2 + 0.58**2 + 0.05**2) / 4)
    assert told.attrs["error"] == pytest.approx((2 * abs(0.565 - 0.5) + 2 * abs(0.975 - 1.0)) / 4)


def test_every_link_has_phrases_and_the_model_knows_it(chains):
    told = yaml.safe_load((city().folder / "chains" / "phrases.yml").read_text(encoding="utf-8"))["chains"]
    assert {chain.id: [link.id for link in chain.links] for chain in chains.chains} == {chain: list(links) for chain, links in told.items()}
    assert min(len(phrases) for links in told.values() for phrases in links.values()) >= 7
    assert set(places(chains).ids) < set(text_model().labels)


def test_the_model_says_what_scikit_learn_says(chains):
    """The shipped files are those that the tool makes: fitted anew, the same calibration and the same guesses."""
    sys.path.insert(0, str(TOOLS))
    try:
        import fit_placement
    finally:
        sys.path.remove(str(TOOLS))
    texts = fit_placement.training_texts(chains)
    fresh, shipped, where = fit_placement.fitted(texts), text_model(), places(chains)
    assert fresh.labels == shipped.labels and (fresh.vocabulary.pairs == shipped.vocabulary.pairs).all()
    assert np.abs(fresh.weights.astype(int) - shipped.weights.astype(int)).max() <= 2
    bare = fresh.bare(arrow.array(texts["text"].iloc[::7].to_list()))
    empty = arrow.array([""] * len(bare))
    one, other = (where.margins(model, (bare, empty, empty, empty)) for model in (fresh, shipped))
    assert np.abs(one - other).max() < 0.02
    known = calibration()
    assert known.text.margin > 0 and known.words.lead >= 0 and known.stated_link == fit_placement.STATED_LINK


def test_probabilities_sum_to_one_and_a_stated_chain_has_its_links_only(chains):
    where = places(chains)
    rng = np.random.default_rng(0)
    mine = where.only(3)
    margins = rng.normal(size=(4, len(mine.links) + 1))
    told = (np.zeros((4, len(mine.links))), np.zeros((4, 1)), np.zeros((4, len(mine.links))))
    chances = link_probabilities(margins, told, True, mine, calibration().text)
    assert chances.sum(axis=1) == pytest.approx(np.ones(4)) and mine.chains == (where.chains[3],)
    assert [where.links[mine.first_link], where.links[mine.first_link + len(mine.links) - 1]] == [mine.links[0], mine.links[-1]]


def test_a_name_without_any_keyword_is_placed_by_its_text(chains):
    rows = pd.DataFrame({"name": ["年产20万件差速器壳扩建", "缸套与气门座圈", "县城雨污分流", "鑫宏"]})
    placed = place(rows, chains)
    assert placed["link"].fillna("").tolist() == ["driveline", "engine", "", ""]
    assert guesses(rows, chains)["outside"].iloc[2] > 0.5


def test_stated_links(chains):
    assert link_of("炼钢连铸", "钢铁冶金", chains) == ("钢铁冶金", "steelmaking")
    assert link_of("焦化环节", None, chains) == ("钢铁冶金", "coking")
    assert link_of("猫砂", "钢铁冶金", chains) is None and link_of("", None, chains) is None and link_of(None, None, chains) is None
    assert states_no_link("上游") and states_no_link("") and not states_no_link("猫砂")
    rows = [{"name": "甲公司二期", "chain": "钢铁", "link": "炼钢连铸"}, {"name": "甲公司", "chain": "钢铁", "link": "猫砂"}]
    placed = place(pd.DataFrame(rows), chains)
    assert placed["link"].fillna("").tolist() == ["steelmaking", ""]
    assert placed["link_confidence"].iloc[0] == calibration().stated_link


def test_a_qualified_new_material_is_left_to_its_words(chains):
    placed = place(pd.DataFrame([{"chain": "铜基新材料", "name": "铜杆铜排生产线"}]), chains)
    assert (placed["chain"].iloc[0], placed["link"].iloc[0]) == ("新材料", "alloys")


def test_what_is_left_to_a_person(chains):
    projects = pd.DataFrame({
        "project_id": ["P1", "P2", "P3", "P4"], "name": ["京盛金穗子", "污水管网工程", "炼钢连铸改造", "钢铁二期"], "company": None,
        "county": "211302", "chain": [None, None, "钢铁冶金", "钢铁冶金"], "link": [None, None, "steelmaking", None], "category": None})
    firms = pd.DataFrame({
        "enterprise_id": ["E1", "E1"], "snapshot": pd.to_datetime(["2022-03-31", "2022-06-30"]), "name": ["甲", "乙"], "county": "211302",
        "chain": None, "link": [None, None]})
    told = unplaced(projects, firms, chains)
    assert set(told["id"]) == {"P1", "P4", "E1"} and told.set_index("id").loc["E1", "name"] == "乙"
    assert told.set_index("id").loc["P4", "known_chain"] == "钢铁冶金" and told.set_index("id").loc["P4", "chain"] == "钢铁冶金"
    assert (told["confidence"] >= told["second_confidence"]).all() and told["confidence"].is_monotonic_decreasing
    assert "P2" in set(unplaced(projects, None, chains, outside=True)["id"])
    assert list(unplaced(projects.iloc[:0], None, chains).columns) == list(told.columns)
