"""The page of structure: whole pictures in both languages, claims only where intervals allow them, public figures kept apart."""

import re
import sys
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

sys.path.insert(0, str(Path(__file__).parent))

from page_parts import shown_by, text_of
from test_charts import looked_at

from liantu import Report
from liantu.assess.structure import StructuralChange, structure_of
from liantu.figures import structure
from liantu.figures.display import Headline, PageTable, Picture
from liantu.figures.structure_charts import change_chart, concentration_chart, portfolio_chart, sectors_chart

CALLS = ("answer", "concentration", "change", "portfolio", "sectors", "jobs")


def shown(report):
    return shown_by([getattr(structure, name) for name in CALLS], report)


@pytest.fixture(scope="module", params=["zh", "en"])
def report(request, small_data):
    return Report(quarter="2022Q2", lang=request.param)


def test_the_page_is_whole(report):
    pictures = []
    for thing in shown(report):
        text = text_of(thing)
        assert report.lang == "zh" or not re.search("[一-鿿]", text), thing
        if isinstance(thing, Picture):
            pictures.append(thing)
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                printed = looked_at(thing.figure)
                assert len(thing.png) < 170_000
            assert thing.title.replace(" ", "") in printed.replace(" ", "").replace("\n", "") and thing.title in thing.alt
    assert len(pictures) == 4


def test_the_answer_says_what_the_measures_say(report):
    answer, *cards = structure.answer(report)
    made = structure_of(report)
    city = made.spread_of("", "division", "output_wan")
    lines = answer.answer.split("\n")
    assert str(round(city["hhi"] * 10_000)) in lines[0] and made.rules.names(report.lang)[city["top"]] in lines[0]
    assert f"{100 * made.change.index:.1f}%" in lines[1] and "2021-12-31" in lines[1] and len(lines) == 3
    assert [card.name for card in cards] == ["industry_hhi", "steel_and_mining", "new_in_planned_money"]
    assert all(isinstance(card, Headline) and card.order >= 100 for card in cards)


def test_published_figures_never_wear_the_badge_of_the_simulated_ones(report):
    picture, incomes = structure.sectors(report)
    printed = looked_at(picture.figure).replace("\n", " " if report.lang == "en" else "")
    assert ("非模拟数据" if report.lang == "zh" else "Not simulated") in printed and "2022Q1" in printed and "2023" in printed
    assert ("晚于本报告期" if report.lang == "zh" else "later than this report") in printed
    assert len(incomes.data) == len(structure_of(report).rules.incomes) and incomes.data["source"].str.len().gt(3).all()


def test_what_is_not_reported_is_said(report):
    promised = next(thing for thing in structure.jobs(report) if thing.name == "promised_jobs")
    assert ("未报送" if report.lang == "zh" else "not reported") in promised.caption
    assert (promised.data["stated"] <= promised.data["projects"]).all()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_without_a_register_the_page_stands(lang, monkeypatch):
    monkeypatch.delenv("LIANTU_DATA", raising=False)
    found = shown(Report(quarter="2022Q4", dataset="public", lang=lang))
    assert ("未报送" if lang == "zh" else "not reported") in found[0].answer
    empty = [thing for thing in found if isinstance(thing, Picture)]
    assert [("没有数据" if lang == "zh" else "no data") in picture.title for picture in empty] == [True, True, True, False]
    assert not any(isinstance(thing, PageTable) and thing.name in ("per_job", "steel_and_mining") for thing in found)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_first_quarter_has_no_change_and_says_so(lang, small_data):
    report = Report(quarter="2021Q4", lang=lang)
    assert ("只有一期" if lang == "zh" else "only one register") in structure.answer(report)[0].answer
    assert ("没有数据" if lang == "zh" else "no data") in structure.change(report).title


def test_a_countys_page_shows_the_same_city(report):
    own = report.known_in("211382")
    assert structure.change(own).payload == structure.change(report).payload
    assert structure.concentration(own)[0].payload == structure.concentration(report)[0].payload


def common(lang):
    return {"lang": lang, "as_of": pd.Timestamp("2022-06-30").date(), "simulated": True, "place": "朝阳市" if lang == "zh" else "Chaoyang"}


def changed(stayers, moves):
    table = pd.DataFrame({"industry": [f"i{n}" for n in range(len(moves))], "firms": 20, "share_before": 0.2, "share_now": 0.2,
                          "change": moves, "low": np.array(moves) - 0.02, "high": np.array(moves) + 0.02, "moved": "gained"})
    return StructuralChange(0.03, 0.01, 0.05, float("nan"), stayers, 0.02, 0.04, 400, 3, 2, table)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_title_follows_the_test_of_chance(lang):
    for stayers, word in ((0.05, {"zh": "，超出偶然", "en": "more than chance"}), (0.03, {"zh": "没有超出", "en": "no more than chance"})):
        picture = change_chart(changed(stayers, [0.04, 0.0, -0.04]), names={}, days=("2021-12-31", "2022-06-30"), **common(lang))
        assert word[lang] in picture.title and "3.0%" in picture.title
        looked_at(picture.figure)


@pytest.mark.parametrize(("low", "high", "able", "word"), [
    (0.4, 0.6, 0.5, "更大"), (0.1, 0.2, 0.15, "更小"), (0.2, 0.5, 0.5, "分不出"), (0.4, 0.6, 0.1, "分不出"), (0.4, 0.6, np.nan, "更大")])
def test_more_or_less_is_said_only_where_money_and_output_agree(low, high, able, word):
    rows = pd.DataFrame([{"group": group, "chain": chain, "firms": 9, "output": 1.0, "share_today": 0.3, "projects": 5, "priced": 5,
                          "invest_wan": 1e5, "share_coming": (low + high) / 2, "low": low, "high": high, "capacity_wan": 1.0,
                          "share_capacity": able, "jobs": 5.0, "jobs_stated": 2}
                         for group, chain in (("old", ""), ("new", ""), ("new", "电子信息"))])
    facts = dict.fromkeys(("coming", "off", "doubtful", "limit"), "1")
    picture = portfolio_chart(rows, groups={"old": "老字号", "new": "新字号"}, chains={}, facts=facts, **common("zh"))
    assert word in picture.title
    looked_at(picture.figure)


def test_concentration_names_the_county_that_is_most_so_and_keeps_the_city_apart():
    rows = pd.DataFrame({
        "county": ["", "211382", "211303"], "by": "division", "measure": "output_wan", "firms": [50, 8, 42], "amount": 1.0, "known": 1.0,
        "industries": [9, 1, 8], "hhi": [0.2, 1.0, 0.12], "hhi_normal": [0.1, np.nan, 0.05], "effective": [5.0, 1.0, 8.3],
        "top": ["31", "31", "13"], "top_share": [0.4, 1.0, 0.2], "top_firm_share": [0.3, 1.0, 0.1], "hhi_without": [0.15, np.nan, 0.11]})
    rulers = [(0.10, "中度集中"), (0.18, "高度集中")]
    picture = concentration_chart(rows, counties={"211382": "凌源", "211303": "龙城"}, names={"31": "钢铁"}, rulers=rulers, **common("zh"))
    assert "全市产值高度集中（HHI 2000" in picture.title and "2个县（市）区中1个" in picture.title and "凌源（钢铁占100%）" in picture.title
    looked_at(picture.figure)
    assert picture.data["hhi"].tolist() == [2000, 10000, 1200]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_published_split_is_said(lang):
    columns = ["place", "period", "primary", "secondary", "tertiary", "source", "name"]
    picture = sectors_chart(pd.DataFrame(columns=columns), lang, pd.Timestamp("2022-06-30").date(), "", "")
    assert ("没有数据" if lang == "zh" else "no data") in picture.title
