"""Placement on names labelled by hand; how the three sets came about is told in docs/methods/chains.md."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from liantu.chains import chain_of, place
from liantu.chains.placing.calibration import calibration, word_probability
from liantu.chains.placing.placement import INPUTS, guesses
from liantu.chains.placing.rules import placement_rules
from liantu.chains.placing.word_evidence import word_placer
from liantu.reference import city

LABELLED = Path(__file__).with_name("labelled_names.csv")


@pytest.fixture(scope="module")
def chains():
    return city().chains()


@pytest.fixture(scope="module")
def labelled(chains):
    names = pd.read_csv(LABELLED, dtype="str", keep_default_na=False)
    placed = place(names[["name", "company"]], chains)
    ids = {chain.zh: chain.id for chain in chains.chains}
    names["chain"] = placed["chain"].map(ids).fillna("")
    names["link"] = placed["link"].fillna("")
    names["confidence"] = placed["link_confidence"]
    allowed = names["labels"].str.split("|")
    rows = list(zip(names["chain"], names["link"], allowed, strict=True))
    names["chain_right"] = [chain in {label.split("/")[0] for label in labels} for chain, _, labels in rows]
    names["link_right"] = [f"{chain}/{link}" in labels or (not link and chain in labels) for chain, link, labels in rows]
    return names


def one(chains, **row):
    return place(pd.DataFrame([row]), chains).iloc[0]


@pytest.mark.parametrize(("which", "least", "chain_floor", "link_floor"), [
    ("development", 80, 0.95, 0.90), ("held_out", 60, 0.90, 0.85), ("public", 26, 0.95, 0.90)])
def test_names_of_chains_are_placed(labelled, which, least, chain_floor, link_floor):
    names = labelled[labelled["set"].eq(which) & labelled["labels"].ne("")]
    assert len(names) >= least
    assert names["chain_right"].mean() >= chain_floor, names.loc[~names["chain_right"], ["name", "chain"]]
    assert names["link_right"].mean() >= link_floor, names.loc[~names["link_right"], ["name", "labels", "chain", "link"]]


def test_what_is_placed_is_seldom_wrong(labelled):
    placed = labelled[labelled["set"].eq("held_out") & labelled["chain"].ne("") & labelled["labels"].ne("")]
    assert (~placed["chain_right"]).mean() <= 0.05


def test_names_outside_the_chains_stay_unplaced(labelled):
    outside = labelled[labelled["labels"].eq("")]
    assert len(outside) >= 50
    assert outside["chain"].eq("").mean() >= 0.94, outside.loc[outside["chain"].ne(""), ["name", "chain"]]


def test_confidence_orders_right_before_wrong(labelled):
    placed = labelled[labelled["link"].ne("") & labelled["labels"].ne("")]
    assert placed.loc[placed["link_right"], "confidence"].mean() > placed.loc[~placed["link_right"], "confidence"].mean()
    assert placed["confidence"].between(0.5, 1).all()


def test_labels_are_links_of_the_edition(chains):
    known = {chain.id for chain in chains.chains} | {f"{chain.id}/{link.id}" for chain in chains.chains for link in chain.links}
    labels = pd.read_csv(LABELLED, dtype="str", keep_default_na=False)["labels"]
    assert set(labels[labels.ne("")].str.split("|").explode()) <= known


@pytest.mark.parametrize(("text", "chain"), [
    ("钢铁冶金", "钢铁冶金"), ("钢铁", "钢铁冶金"), ("steel", "钢铁冶金"), ("Ｓｔｅｅｌ", "钢铁冶金"), ("冶金产业链", "钢铁冶金"),
    ("轮胎产业链", "橡胶轮胎"), ("橡胶 轮胎 产业", "橡胶轮胎"), ("汽摩配/汽车零部件", "汽车及零部件"), ("装备制造业", "装备制造"),
    ("有色金属新材料（锆钛铪镍锰）", "有色金属新材料"), ("有色金属新材料(锆钛铪镍钴锰)产业链", "有色金属新材料"),
    ("清洁能源装备（风机、储能）", "新能源装备与储能"), ("新能源电器(超级电容器)", "新能源装备与储能"), ("新能源产业链", "清洁能源"),
    ("新能源汽车产业链", "汽车及零部件"), ("膨润土深加工产业集群", "膨润土"), ("朝阳市农产品深加工产业链", "农产品深加工"),
    ("文旅", None), ("商贸物流", None), ("电子商务", None), ("无", None), ("", None), ("/", None),
    ("铜基新材料", None), ("先进新材料", "新材料"), ("新材料产业", "新材料"), ("化工新材料", "新材料"), ("锆系新材料", "有色金属新材料"),
    ("新能源/循环经济", None), ("膨润土/清洁能源", None), (None, None), (float("nan"), None)])
def test_stated_chains(chains, text, chain):
    assert chain_of(text, chains) == chain


def test_every_name_of_a_chain_leads_back_to_it(chains):
    for chain in chains.chains:
        for name in (chain.zh, chain.id, *chain.aliases):
            assert chain_of(name, chains) == chain.zh, name
            assert chain_of(f"{name}产业链", chains) == chain.zh, name


def test_a_stated_chain_stands_even_against_the_words(chains):
    placed = one(chains, chain="钢铁产业链", name="膨润土猫砂生产线")
    assert placed["chain"] == "钢铁冶金" and pd.isna(placed["link"]) and pd.isna(placed["link_confidence"])


def test_a_stated_chain_raises_the_confidence_of_its_link(chains):
    without, stated = one(chains, name="球团生产线"), one(chains, name="球团生产线", chain="钢铁")
    assert without["link"] == stated["link"] == "ironmaking"
    assert stated["link_confidence"] > without["link_confidence"]


def test_an_ambiguous_stated_chain_is_settled_by_the_name(chains):
    assert one(chains, chain="新能源/循环经济", name="动力蓄电池回收再利用")["link"] == "battery_recycling"


def test_shares_of_words_by_hand(chains):
    def lead(**row):
        return word_placer(chains).judge({name: row.get(name, "") for name in INPUTS}).leads(placement_rules().rivalry)

    # 岩棉: name 1.0 x two characters 0.55, no rival; a second field adds 1 - (1 - 0.55)(1 - 0.9 x 0.55).
    assert lead(name="晟发岩棉") == ("新型建材", "insulation", pytest.approx(0.55))
    assert lead(name="晟发岩棉", products="岩棉")[2] == pytest.approx(1 - 0.45 * (1 - 0.9 * 0.55))


def test_words_that_are_sure_by_themselves_take_their_own_calibration(chains):
    known = calibration().words
    sure = word_probability(np.array(1 - 0.45 * (1 - 0.9 * 0.55)), np.array(False), known)
    placed = one(chains, name="晟发岩棉", products="岩棉")
    assert placed["link"] == "insulation" and placed["link_confidence"] == pytest.approx(float(sure), abs=1e-3)


def test_the_head_of_a_name_leads_and_brackets_do_not(chains):
    assert one(chains, name="年产5万吨轮胎用炭黑项目")["link"] == "carbon_black"
    assert one(chains, name="年产5万吨炭黑项目(轮胎配套)")["link"] == "carbon_black"


def test_industry_code_alone_places_where_one_link_holds_it(chains):
    placed = one(chains, name="某某公司", gb_code="C2521")
    assert (placed["chain"], placed["link"], placed["link_confidence"]) == ("钢铁冶金", "coking", pytest.approx(0.7, abs=0.02))


def test_industry_code_of_several_links_gives_no_link(chains):
    placed = one(chains, name="某某公司", gb_code="2911")
    assert pd.isna(placed["chain"]) and pd.isna(placed["link"])
    assert guesses(pd.DataFrame([{"name": "某某公司", "gb_code": "2911"}]), chains).loc[0, "chain"] == "橡胶轮胎"
    assert one(chains, name="某某乘用胎公司", gb_code="2911")["link"] == "car_tyre"


@pytest.mark.parametrize("code", ["29", "x", "", "制造业", "9999"])
def test_a_code_that_says_nothing_places_nothing(chains, code):
    assert pd.isna(one(chains, name="某某公司", gb_code=code)["chain"])


@pytest.mark.parametrize("category", ["基础设施", "livelihood", "房地产", "城市更新"])
def test_categories_outside_the_chains_are_not_placed_by_words(chains, category):
    assert pd.isna(one(chains, name="光伏发电项目", category=category)["chain"])
    assert one(chains, name="光伏发电项目", category=category, chain="清洁能源")["chain"] == "清洁能源"


@pytest.mark.parametrize("name", [
    "汽车产业园道路及管网工程", "钢铁小区老旧小区加装电梯", "膨润土矿山生态修复", "轮胎厂棚户区改造", "光伏小镇旅游度假",
    "食品工业园污水处理厂", "村屯水泥路建设"])
def test_trade_words_in_public_works_place_nothing(chains, name):
    assert pd.isna(one(chains, name=name)["chain"])


def test_public_words_before_the_head_do_not_stop_a_factory(chains):
    assert one(chains, name="学校课桌椅生产线")["link"] == "office"
    assert one(chains, name="高速公路服务区光伏发电")["link"] == "solar"


def test_missing_columns_missing_values_and_index(chains):
    frame = pd.DataFrame({"name": ["海绵钛扩产", None, "海绵钛扩产", "文化广场"]}, index=[7, 7, 3, 9])
    placed = place(frame, chains)
    assert list(placed.columns) == ["chain", "link", "link_confidence"]
    assert list(placed.index) == [7, 7, 3, 9]
    assert placed["link"].fillna("").tolist() == ["titanium_sponge", "", "titanium_sponge", ""]
    assert placed["chain"].isna().tolist() == placed["link_confidence"].isna().tolist() == [False, True, False, True]
    assert [str(kind) for kind in placed.dtypes] == ["str", "str", "float64"]


def test_no_rows_and_no_columns(chains):
    for frame in (pd.DataFrame({"name": pd.Series(dtype="str")}), pd.DataFrame(index=[1, 2])):
        placed = place(frame, chains)
        assert list(placed.index) == list(frame.index) and placed["chain"].isna().all()


def test_five_thousand_rows_are_placed_at_once(chains):
    names = pd.read_csv(LABELLED, dtype="str", keep_default_na=False)["name"]
    many = pd.DataFrame({"name": [f"{names[i % len(names)]}{i}期" for i in range(5000)], "gb_code": "3110", "category": "工业"})
    many["company"] = "朝阳" + many["name"].str[:6] + "有限公司"
    started = time.perf_counter()
    place(many, chains)
    assert time.perf_counter() - started < 3  # about 0.4 s alone; the machine may be shared
