"""The page of assessments: no order that the data do not support, ties as ties, not reported told, and words in both languages."""

import json
import re
import sys
import warnings
from pathlib import Path

import matplotlib
import numpy as np
import pandas as pd
import pytest

sys.path.insert(0, str(Path(__file__).parent))

import figure_samples
from page_parts import of, shown_by
from test_charts import looked_at

from liantu import Report
from liantu.assess.standings import ASSESSMENTS, praise_and_watch, standings
from liantu.figures import ranking
from liantu.figures.display import BESIDE_THE_INDEX, Answer, Headline, PageTable, Picture, WatchList
from liantu.figures.points_charts import lost, parts_chart, periods_chart
from liantu.figures.ranking_charts import Panel, in_tiers, short_name, standings_chart, told_apart

PARTS = (ranking.answer, ranking.counties, ranking.forces, ranking.parts, ranking.periods, ranking.praise, ranking.rules)
CHINESE = re.compile(r"[一-鿿]{4,}")
CODES = ["211302", "211303", "211321", "211322"]


def shown(report):
    return shown_by(PARTS, report)



@pytest.fixture(scope="module", params=["zh", "en"])
def page(request):
    report = Report(quarter="2022Q2", lang=request.param)
    return report, shown(report)


def table(**columns):
    """Four units: the first and the third ahead of the others, the last without a total."""
    made = pd.DataFrame({
        "unit": CODES, "name": ["A", "B", "C", "D"], "total": [90.0, 50.0, 88.0, np.nan], "se": [1.0, 1.0, 1.0, np.nan],
        "low": [88.0, 48.0, 86.0, np.nan], "high": [92.0, 52.0, 90.0, np.nan], "rank_low": [1.0, 3.0, 1.0, np.nan],
        "rank_high": [2.0, 3.0, 2.0, np.nan], "tier": [1.0, 2.0, 1.0, np.nan]})
    return made.assign(**columns)


def common(lang="en"):
    return {"lang": lang, "as_of": figure_samples.AS_OF, "simulated": True, "place": figure_samples.PLACE[lang]}


# --- the page


def test_the_page_answers_and_keeps_to_four_pictures(page):
    report, made = page
    answer = of(made, Answer)[0]
    overall, forces = standings(report, "county_overall"), standings(report, "task_forces")
    told, pairs = told_apart(overall.table)
    assert len(answer.answer.split("\n")) == 3 and len(of(made, Picture)) == 4
    assert all(text in answer.answer for text in (str(told), str(pairs), str(int((forces.values["landed"] >= 5).sum()))))
    cards = of(made, Headline)
    assert len(cards) == 3 and all(card.order >= BESIDE_THE_INDEX for card in cards) and cards[0].value == told
    assert [watch.order for watch in of(made, WatchList)] == [14]


def test_units_of_one_tier_stand_by_code_or_name_and_share_places(page):
    report, made = page
    for name in ("county_overall", "project_construction", "attraction", "zones", "task_forces", "departments"):
        one, shown_table = standings(report, name), of(made, PageTable, f"standings_{name}")[0].data
        assert len(shown_table) == len(one.table)
        tier = one.table.set_index("name")["tier"]
        order = ranking._order(report, one)
        names = one.table.set_index("unit")["name"]
        assert list(shown_table["name"]) == sorted(names, key=lambda unit: (tier[unit], order.index(names[names == unit].index[0])))
        assert shown_table.groupby("shared")["name"].size().sum() == len(shown_table)
        totals = one.table.set_index("name")["total"]
        assert shown_table["total"].to_numpy() == pytest.approx(totals[shown_table["name"]].round(1).to_numpy(), nan_ok=True)


def test_every_number_drawn_is_in_the_data_of_its_picture(page):
    report, made = page
    data = of(made, Picture, "county_standings")[0].data
    assert len(data) == sum(len(standings(report, name).table) for name in ranking.SHOWN)
    forces = of(made, Picture, "force_standings")[0].data
    assert forces["count"].sum() == standings(report, "task_forces").values["landed"].sum()
    parts = of(made, Picture, "score_parts")[0].data
    assert len(parts) == sum(len(standings(report, name).details) for name in ("project_construction", "attraction"))
    periods = of(made, Picture, "standings_over_time")[0].data
    assert len(periods) == standings(report, "project_construction").periods["total"].notna().sum()


def test_praise_and_rules_say_all_of_it(page):
    report, made = page
    found = praise_and_watch(report)
    assert len(of(made, PageTable, "praise_and_watch")[0].data) == len(found)
    assert len(of(made, WatchList)[0].items) == min((found["kind"] != "praise").sum(), ranking.WATCHED)
    rules = of(made, PageTable, "ranking_rules")[0].data
    assert len(rules) == len(ASSESSMENTS) and set(rules["standing"]) == {"自拟" if report.lang == "zh" else "ours"}
    assert "20" in rules["indicators"].iloc[0]


def test_pictures_are_whole_and_words_are_those_of_the_language(page):
    report, made = page
    for entry in of(made, (Picture, PageTable)):
        assert set(entry.labels) >= set(entry.data.columns), entry.name
        text = f"{entry.title} {entry.caption} {getattr(entry, 'alt', '')} {' '.join(map(str, entry.labels.values()))}"
        assert "nan" not in text and "None" not in text and "{" not in text, entry.name
        assert report.lang == "zh" or not CHINESE.search(text), entry.name
        json.dumps(entry.payload, allow_nan=False)
        if isinstance(entry, Picture):
            assert entry.title in entry.alt and len(entry.png) < 250_000
    assert matplotlib.rcParams["font.size"] == matplotlib.rcParamsDefault["font.size"]


@pytest.mark.parametrize(("quarter", "settings"), [("2021Q4", {}), ("2022Q4", {"county": "211382"}), ("2022Q4", {"dataset": "public"})])
def test_other_quarters_a_county_and_the_public_record(quarter, settings):
    report = Report(quarter=quarter, lang="en", **settings)
    made = shown(report)
    if settings.get("dataset"):
        assert "Nobody is ranked" in of(made, Answer)[0].answer and not of(made, WatchList) and not of(made, Headline)
        assert all("no data" in picture.title and picture.data.empty for picture in of(made, Picture))
        tables = [entry.data for entry in of(made, PageTable) if entry.name.startswith("standings_")]
        assert all((data["places"] == "–").all() for data in tables) and len(tables) == 6
    else:
        assert all(len(picture.data) for picture in of(made, Picture))
        assert {"Chaoyang City"} == {place for picture in of(made, Picture)[:1] for place in re.findall("Chaoyang City", _printed(picture))}


def _printed(picture):
    return " ".join(text.get_text() for text in picture.figure.texts)


# --- charts of frames made up


def test_in_tiers_orders_by_tier_and_code_only():
    rows = in_tiers(table(total=[88.0, 50.0, 90.0, np.nan]), CODES)
    assert list(rows["name"]) == ["A", "C", "B", "D"]  # C has more points than A, which is no order
    assert rows["first"].tolist()[:3] == [1, 1, 3] and rows["last"].tolist()[:3] == [2, 2, 3] and rows["first"].isna().iloc[3]
    assert told_apart(rows) == (2, 3) and told_apart(rows.head(0)) == (0, 0)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_standings_chart_draws_brackets_and_who_is_not_ranked(lang):
    panels = [Panel("One", in_tiers(table(), CODES)), Panel("Two", in_tiers(table(count=[7, 4, np.nan, 0]), CODES), "landed", 5.0)]
    for across in (1, 2):
        picture = standings_chart(panels, "county_standings", "Title", **common(lang), across=across)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            printed = looked_at(picture.figure)
            assert len(picture.png) < 150_000
        assert printed.count("1–2") == 2 * 3  # the tier's bracket and both of its units, in each panel
        assert ("不参加排名" if lang == "zh" else "not ranked") in printed
        assert "A 90.0" in picture.alt.replace("A90.0", "A 90.0") and len(picture.data) == 8
    empty = standings_chart([Panel("One", in_tiers(table(total=np.nan), CODES))], "county_standings", "Title", **common(lang))
    assert ("没有数据" if lang == "zh" else "no data") in empty.title


def details():
    rows = [(code, name, part, kind, value, normalised, weight, points, state)
            for code, name in zip(CODES, "ABCD", strict=True)
            for part, kind, value, normalised, weight, points, state in [
                ("new_starts", "indicator", 3.0, 1.2, 10.0, 12.0, "capped"), ("on_time", "indicator", -9.0, 0.25, 40.0, 10.0, "scored"),
                ("evidence_rate", "indicator", np.nan, np.nan, 50.0, np.nan, "not_reported"),
                ("notices", "deduction", 4.0, np.nan, np.nan, -2.0, "scored")]]
    columns = ["unit", "name", "part", "kind", "value", "normalised", "weight", "points", "state"]
    made = pd.DataFrame(rows, columns=columns)
    return made.assign(part_name=made["part"].str.replace("_", " "))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_parts_chart_tells_what_is_not_reported_and_where_most_is_lost(lang):
    picture = parts_chart([("One", details())], **common(lang))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        printed = looked_at(picture.figure)
    assert "on time" in picture.title and "10" in picture.title and "40" in picture.title
    assert printed.count("未报" if lang == "zh" else "n. r.") >= 4 + 1  # a cell of each unit and the legend
    assert printed.count("−2.0") == 4 and "0.0" not in printed.replace("10.0", "").replace("12.0", "").replace("−2.0", "")
    silent = picture.data[picture.data["part_name"] == "evidence rate"]
    assert silent["points"].isna().all() and set(silent["state"]) == {"未报" if lang == "zh" else "not reported"}
    nothing = parts_chart([("One", details().assign(points=np.nan))], **common(lang))
    assert nothing.data.empty


def test_points_lost_leave_out_what_the_weight_of_others_brings():
    rows = details()
    raised = rows.assign(points=rows["points"] * 2)  # spread: the points of what is reported stand for all
    assert lost(raised)["lost"].to_dict() == lost(rows)["lost"].to_dict() == {"on_time": 30.0, "new_starts": -2.0}


def periods():
    rows = []
    for kind, labels in (("month", ["2022-01", "2022-02"]), ("quarter", ["2022Q1", "2022Q2"]), ("half", ["2022H1"]), ("year", ["2022"])):
        for at, label in enumerate(labels):
            for place, (code, name) in enumerate(zip(CODES, "ABCD", strict=True)):
                change = 20.0 * (1 if place else -1) if at else np.nan
                rows.append((kind, label, code, name, 60.0 + 20 * at, 3.0, 1.0, 4.0, change, at and place < 2, 0.0))
    columns = ["period", "label", "unit", "name", "total", "se", "rank_low", "rank_high", "change", "moved", "relative"]
    return pd.DataFrame(rows, columns=columns).astype({"moved": "bool"})


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_periods_chart_marks_only_what_moved_beyond_chance(lang):
    picture = periods_chart(periods(), "One", CODES, **common(lang))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        looked_at(picture.figure)
    triangles = [line for axes in picture.figure.axes for line in axes.lines if line.get_marker() in "^v" and len(line.get_xdata())]
    assert sum(len(line.get_xdata()) for line in triangles) == periods()["moved"].sum() == 4
    assert "2022Q2" in picture.title and picture.alt.count("+20.0") == 2 and picture.alt.count("−20.0") == 2
    calm = periods_chart(periods().assign(moved=False), "One", CODES, **common(lang))
    assert ("偶然之内" if lang == "zh" else "no change") in calm.title
    first = periods_chart(periods().query("label != '2022Q2'"), "One", CODES, **common(lang))
    assert ("还没有可比" if lang == "zh" else "no quarter before") in first.title
    assert periods_chart(periods().head(0), "One", CODES, **common(lang)).data.empty


def test_short_names_leave_the_version_and_keep_what_is_part_of_the_name():
    assert short_name("县（市）区综合（工作版）") == "县（市）区综合"
    assert short_name("Attraction (working rules)") == "Attraction" and short_name("招商引资考核") == "招商引资考核"
