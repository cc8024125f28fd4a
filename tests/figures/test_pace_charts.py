"""The charts of pace and money: whole sheets in both languages, titles that say what the tables say, and honest emptiness."""

import json
import re
import sys
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

sys.path.insert(0, str(Path(__file__).parent))

import figure_samples
import schedule_samples as samples
from test_charts import looked_at, texts

from liantu.figures import palette
from liantu.figures.pace_charts import county_pace_chart, earned_schedule_chart, investment_chart


def common(lang):
    return {"lang": lang, "as_of": samples.AS_OF, "simulated": True, "place": figure_samples.PLACE[lang]}


def pace(lang="zh", table=None):
    table = samples.pace() if table is None else table
    return county_pace_chart(table, targets=samples.TARGETS[lang], counties=samples.counties(lang), **common(lang))


def drawn(lang):
    how, counties, table, money = common(lang), samples.counties(lang), samples.pace(), samples.curve()
    far = table.assign(done=table["done"] * 40, share_done=table["share_done"] * 40, points=table["share_done"] * 4000 - 100)
    met = table.assign(share_done=1.0, points=0.0)
    unplanned = money.assign(plan_wan=np.nan)
    over = samples.performance().assign(spi_t=3.4, es_months=12.0, note="all_earned")
    return {
        "pace": pace(lang), "pace_own": pace(lang, table[table["county"] == "211382"]), "pace_far": pace(lang, far),
        "pace_met": pace(lang, met), "pace_met_own": pace(lang, met[met["county"] == "211382"]),
        "pace_one_county": pace(lang, table[(table["county"] == "211382") | (table["county"] == "211300")]),
        "curve": investment_chart(money, spi=0.7, **how), "curve_no_spi": investment_chart(money, **how),
        "curve_ended": investment_chart(samples.curve(4), spi=0.7, **how | {"as_of": pd.Timestamp("2022-12-31").date()}),
        "curve_ended_plain": investment_chart(samples.curve(4), **how), "curve_unplanned": investment_chart(unplanned, **how),
        "curve_close": investment_chart(money.assign(forecast_wan=money["plan_wan"]), spi=1.0, **how),
        "curve_narrow": investment_chart(money.drop(columns=["low50_wan", "high50_wan"]), **how),
        "earned": earned_schedule_chart(samples.performance(), counties=counties, **how),
        "earned_own": earned_schedule_chart(samples.performance().query("county == '211382'"), counties=counties, **how),
        "earned_counties": earned_schedule_chart(samples.performance().query("county != ''"), counties=counties, **how),
        "earned_over": earned_schedule_chart(over, counties=counties, **how),
    }


@pytest.fixture(scope="module", params=["zh", "en"])
def gallery(request):
    return request.param, drawn(request.param)


def test_every_pace_chart_is_whole_and_speaks_one_language(gallery):
    lang, pictures = gallery
    for name, picture in pictures.items():
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            printed = looked_at(picture.figure)
            assert len(picture.png) < 150_000, name
        assert picture.title.replace(" ", "") in printed.replace(" ", "").replace("\n", ""), name
        payload = json.loads(json.dumps(picture.payload, allow_nan=False))
        assert picture.title in picture.alt and all(column["label"] for column in payload["columns"]), name
        assert lang == "zh" or not re.search("[一-鿿]", json.dumps(payload, ensure_ascii=False) + printed), name


def test_nothing_planned_or_nothing_done_says_so(gallery):
    lang, how, counties = gallery[0], common(gallery[0]), samples.counties(gallery[0])
    empty = [pace(lang, samples.pace().head(0)), pace(lang, samples.pace().assign(share_done=np.nan, points=np.nan)),
             investment_chart(samples.curve().head(0), **how), investment_chart(samples.curve().assign(done_wan=np.nan), **how),
             earned_schedule_chart(samples.performance().head(0), counties=counties, **how),
             earned_schedule_chart(samples.performance().assign(spi_t=np.nan), counties=counties, **how)]
    for picture in empty:
        assert ("没有数据" if lang == "zh" else "no data") in picture.title and picture.payload["rows"] == []
        looked_at(picture.figure)


def test_the_title_counts_counties_not_the_city_and_names_no_handful():
    table = samples.pace()
    own = table[~table["county"].isin(["", "211300"])]
    behind = own[own["points"] < 0]
    picture = pace()
    planning = own.loc[own["planned"] > 0, "county"].nunique()
    assert f"有计划的{planning}个县（市）区中{behind['county'].nunique()}个" in picture.title
    worst = behind[behind["note"] != "few"].sort_values("points").iloc[0]
    assert samples.counties("zh")[worst["county"]] in picture.title and f"{abs(worst['points']):.1f}点" in picture.title
    # the largest lag of all is one of a handful: it is drawn, but not named
    others = table.index != own.index[0]
    few = table.assign(points=table["points"].where(others, -99.0), note=table["note"].where(others, "few"))
    assert "99.0" not in pace("zh", few).title and "−99.0" in " ".join(text for text, _, _ in texts(pace("zh", few).figure))


def test_who_has_no_plan_is_told_and_kept_in_the_data():
    table = samples.pace()
    bare = table[(table["target"] == "q2_at_capacity") & (table["note"] == "no_plan") & (table["county"] != "211300")]
    picture = pace()
    printed = looked_at(picture.figure)
    assert len(bare) == 6 and f"另6个没有计划，共完成{bare['done'].sum()}个" in printed
    assert len(picture.data) == len(table) and picture.data["points"].notna().sum() == (table["planned"] > 0).sum()
    noted = county_pace_chart(table, targets={}, counties={}, notes={"no_plan": "没有计划"}, **common("zh"))
    assert set(noted.data["note"]) >= {"没有计划", ""} and set(noted.data["target"]) == set(samples.TARGETS["zh"])


def test_dots_stand_at_the_share_done_and_say_on_which_side_of_time():
    table = samples.pace().query("target == 'year_at_work' and county != '211300'").reset_index(drop=True)
    axes = pace("zh", table).figure.axes[0]
    dots = {round(float(line.get_ydata()[0])): line for line in axes.lines if line.get_marker() in ("o", "D")}
    assert len(dots) == len(table) == 8
    for place, row in enumerate(table.itertuples()):
        line = dots[place]
        assert line.get_xdata()[0] == pytest.approx(min(row.share_done, 1.5))
        assert (line.get_marker(), line.get_color()) == (("o", palette.IN_TIME) if row.points >= 0 else ("D", palette.LATE))


def test_the_curve_tells_done_plan_forecast_and_spi_in_yi():
    picture = investment_chart(samples.curve(), spi=0.7, **common("zh"))
    assert picture.title == (
        "朝阳市年度投资：已报完成42.0亿元，按计划应有60.0亿元，SPI(t) 0.70；"
        "年末预计84.0亿元（90%：76.8～91.2），计划120.0亿元")
    assert picture.data["plan"].tolist() == [10.0 * (month + 1) for month in range(12)] and picture.data["done"].count() == 2
    ended = investment_chart(samples.curve(4), spi=0.7, **common("zh"))
    assert "forecast" in ended.data and "预计" not in looked_at(ended.figure)  # a forecast of today is none
    assert "预计" not in ended.title and "全年计划120.0亿元" in ended.title
    assert "没有可比的计划" in investment_chart(samples.curve().assign(plan_wan=np.nan), **common("zh")).title
    assert "SPI" not in investment_chart(samples.curve(), spi=float("nan"), **common("zh")).title


def test_the_names_of_the_lines_are_kept_apart():
    close = samples.curve().assign(forecast_wan=lambda rows: rows["plan_wan"] - 100)
    looked_at(investment_chart(close, **common("en")).figure)


def test_earned_schedule_names_the_slowest_and_the_city():
    table = samples.performance()
    picture = earned_schedule_chart(table, counties=samples.counties("zh"), **common("zh"))
    now = table[table["date"] == "2022-06-30"].set_index("county")["spi_t"]
    own = now.drop("")
    behind = (own.round(2) < 1).sum()
    assert f"SPI(t) {now['']:.2f}" in picture.title and f"7个县（市）区中{behind}个慢于计划" in picture.title
    assert f"{samples.counties('zh')[own.idxmin()]}（{own.min():.2f}）" in picture.title
    assert len(picture.data) == len(table) and set(picture.data["county"]) == {*samples.counties("zh").values(), "全市"}
    printed = [text for text, _, _ in texts(picture.figure)]
    assert all(f"{value:.2f}" in printed for value in now)
    assert earned_schedule_chart(table.assign(note="plan_falls"), counties={}, **common("zh")).data["note"].str.contains("减少").all()
