"""The zones' page: what it answers, its pictures in both languages, what is not reported, and tables that keep to the measures."""

import re
import sys
from pathlib import Path

import matplotlib
import numpy as np
import pandas as pd
import pytest

sys.path.insert(0, str(Path(__file__).parent))

from page_parts import of, shown_by

from liantu import Report
from liantu.assess.zones.factories import factory_candidates
from liantu.assess.zones.grades import firm_grades
from liantu.assess.zones.land import city_sums
from liantu.assess.zones.zone_table import zone_measures
from liantu.figures import zones
from liantu.figures.display import Answer, Headline, PageTable, Picture, WatchList
from liantu.figures.wording import number
from liantu.figures.zone_charts import digital_chart, enclave_chart, land_chart, per_mu_chart

PARTS = (zones.answer, zones.per_mu, zones.land_and_factories, zones.candidates, zones.enclaves, zones.digital, zones.graded_firms,
         zones.watch)
CHINESE = re.compile(r"[一-鿿]{4,}")


def shown(report):
    return shown_by(PARTS, report)


@pytest.fixture(scope="module", params=["zh", "en"])
def page(request):
    report = Report(quarter="2022Q2", lang=request.param)
    return report, shown(report)



def test_the_page_has_an_answer_few_pictures_and_a_watch_list(page):
    report, made = page
    answer = of(made, Answer)[0]
    assert len(answer.answer.split("\n")) == 3 and len(of(made, Headline)) == 3
    assert len(of(made, Picture)) == 4
    assert of(made, WatchList)[0].order == 13
    city = city_sums(zone_measures(report))
    assert number(round(city["output_per_mu"], 1)) in answer.answer and number(city["idle_m2"]) in answer.answer


def test_titles_and_data_hold_the_measures(page):
    report, made = page
    rows = zone_measures(report)
    chart = of(made, Picture, "zone_per_mu")[0]
    assert number(round(city_sums(rows)["output_per_mu"], 1)) in chart.title
    assert chart.data["output_per_mu"].dropna().max() == pytest.approx(rows["output_per_mu"].max(), abs=0.05)
    assert number(rows["idle_m2"].sum()) in of(made, Picture, "zone_land")[0].title
    assert len(of(made, PageTable, "zone_candidates")[0].data) == len(factory_candidates(report))


def test_tables_and_pictures_have_their_words(page):
    report, made = page
    for entry in of(made, (Picture, PageTable)):
        assert set(entry.labels) == set(entry.data.columns), entry.name
        assert all(entry.labels.values())
        text = f"{entry.title} {entry.caption}"
        assert "nan" not in text and "None" not in text and "{" not in text
        if report.lang == "en":
            assert not CHINESE.search(text) and not CHINESE.search(" ".join(entry.labels.values()))
    for entry in of(made, Picture):
        assert entry.title in entry.alt and entry.payload["as_of"] == "2022-06-30"
        assert report.lang == "zh" or not CHINESE.search(entry.alt), entry.alt


def test_the_pictures_can_be_drawn_and_nothing_lies_on_something_else(page):
    _, made = page
    for entry in of(made, Picture):
        figure = entry.figure
        canvas = figure.canvas
        canvas.draw()
        wide, high = canvas.get_width_height()
        texts = [text for text in figure.findobj(matplotlib.text.Text) if text.get_text() and text.get_visible() and text.get_gid() is None]
        boxes = [(text.get_text(), text.get_window_extent()) for text in texts]
        for text, box in boxes:
            assert box.x0 >= -1 and box.y0 >= -1 and box.x1 <= wide + 1 and box.y1 <= high + 1, (entry.name, text)
        printed = [(text, box) for text, box in boxes if box.width > 0]
        for place, (one, first) in enumerate(printed):
            for other, second in printed[place + 1:]:
                across = min(first.x1, second.x1) - max(first.x0, second.x0)
                down = min(first.y1, second.y1) - max(first.y0, second.y0)
                assert across <= 1.5 or down <= 1.5, (entry.name, one, other)


def test_the_reconciliation_adds_up(page):
    report, made = page
    table = of(made, PageTable, "zone_tax")[0].data
    rows, total = table.iloc[:-1], table.iloc[-1]
    for column in ("tax_wan", "enclave_wan", "moved_wan", "leaves_wan", "unresolved_wan", "host_tax_wan"):
        assert rows[column].sum() == pytest.approx(total[column])
    assert total["host_tax_wan"] + total["moved_wan"] + total["leaves_wan"] + total["unresolved_wan"] == pytest.approx(total["tax_wan"])
    assert total["tax_wan"] == pytest.approx(zone_measures(report)["tax_wan"].sum())
    counties = of(made, PageTable, "zone_tax_by_county")[0].data
    assert counties.iloc[-1]["after_wan"] == pytest.approx(total["tax_wan"] - total["leaves_wan"] - total["unresolved_wan"])
    assert counties.iloc[-1]["gives_wan"] == pytest.approx(counties.iloc[-1]["receives_wan"])


def test_the_firms_listed_are_those_graded(page):
    report, made = page
    table, firms = of(made, PageTable, "zone_firms")[0].data, firm_grades(report)
    assert (table["grade"] == "D").sum() == (firms["grade"] == "D").sum()
    assert set(table.loc[table["grade"] == "D", "name"]) == set(firms.loc[firms["grade"] == "D", "name"])
    assert set(table["grade"]) == {"A", "D"}
    assert table.loc[table["grade"] == "A", "score"].is_monotonic_decreasing


def test_a_zone_not_reported_is_shown_and_watched(monkeypatch):
    report = Report(quarter="2021Q4", lang="zh")
    mine = factory_candidates(Report(quarter="2022Q2"))  # those of 2021 take seconds, and are not asked here
    monkeypatch.setattr(zones, "factory_candidates", lambda _: mine)
    made = shown(report)
    assert "未填报" in of(made, Answer)[0].answer
    row = of(made, Picture, "zone_per_mu")[0].data.set_index("label").loc["朝阳县柳城经济开发区"]
    assert pd.isna(row["output_per_mu"]) and "未填报" in row["note"]
    assert any(item.what == "朝阳县柳城经济开发区" and "没有填报" in item.why for item in of(made, WatchList)[0].items)
    digital = of(made, Picture, "zone_digital")[0]
    assert "没有目标" in digital.title and len(digital.data) == 9


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_without_a_zone_ledger_the_page_says_so(lang):
    made = shown(Report(quarter="2022Q4", dataset="public", lang=lang))
    answer = of(made, Answer)[0].answer
    assert ("没有开发区台账" if lang == "zh" else "no zone ledger") in answer
    assert not of(made, (PageTable, WatchList, Headline))
    assert all(picture.data.empty and picture.png for picture in of(made, Picture))


def test_a_county_has_its_own_page_and_one_without_zones_too():
    made = shown(Report(quarter="2022Q2", county="211381", lang="en"))
    assert len(of(made, Picture, "zone_per_mu")[0].data) == 2
    assert of(made, PageTable, "zone_tax_by_county")[0].data["county_name"].tolist()[:-1] == ["Beipiao"]


def test_extreme_names_and_values_fit():
    stamp = {"lang": "zh", "as_of": pd.Timestamp("2022-12-31").date(), "simulated": True, "place": "朝阳市"}
    names = ["喀喇沁左翼蒙古族自治县高新技术与绿色循环经济产业示范园区", "甲", "乙"]
    rows = pd.DataFrame({
        "label": names, "county_name": ["喀左"] * 3, "note": [""] * 3, "output_per_mu": [123456.7, 0.0, np.nan],
        "tax_per_mu": [0.001, 0, np.nan], "jobs_per_mu": [99.0, 0.1, np.nan], "firms": [3, 0, 1], "n_A": [1, 0, 0], "n_B": [1, 0, 0],
        "n_C": [1, 0, 0], "n_D": [0, 0, 1],
        "near_cut": [0, 0, 0]})
    chart = per_mu_chart(rows, {"output_per_mu": 60000.0, "tax_per_mu": 0.0005, "jobs_per_mu": 50.0}, **stamp)
    assert chart.data["output_per_mu"].isna().sum() == 1 and chart.png
    assert "123,457" in chart.title
    nothing = rows.assign(output_per_mu=np.nan)
    assert per_mu_chart(nothing, {}, **stamp).data.empty
    assert land_chart(pd.DataFrame(columns=["used_share", "idle_share"]), pd.DataFrame(), {}, **stamp).data.empty
    assert digital_chart(pd.DataFrame(columns=["digital_share"]), pd.DataFrame(), **stamp).data.empty
    assert enclave_chart(pd.DataFrame({"enclave_wan": [0.0]}), {}, **stamp).data.empty


def test_a_partner_in_the_city_and_one_unknown_have_bars_of_their_own():
    stamp = {"lang": "en", "as_of": pd.Timestamp("2022-12-31").date(), "simulated": False, "place": "Chaoyang City"}
    zones_table = pd.DataFrame({
        "label": ["One", "Two"], "enclave_partner": ["双塔区", ""], "place_name": ["inside", "not named"], "share_used": [0.5, 0.5],
        "enclave_wan": [400.0, 200.0], "host_enclave_wan": [200.0, 100.0], "moved_wan": [200.0, 0.0], "leaves_wan": [0.0, 0.0],
        "unresolved_wan": [0.0, 100.0], "partner_wan": [200.0, 100.0]})
    chart = enclave_chart(zones_table, {"enclave_wan": 600.0, "leaves_wan": 0.0, "unresolved_wan": 100.0}, **stamp)
    legend = [text.get_text() for text in chart.figure.legends[0].get_texts()]
    assert legend == ["host keeps", "to a partner in the city", "to a partner outside", "not known to whom"]
    assert "600" in chart.title and "500 stays" in chart.title
