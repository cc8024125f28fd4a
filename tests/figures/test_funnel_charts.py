"""The charts of the funnel, of times in stages and of slips: whole sheets in both languages, true titles, sums that add up, and nothing."""

import json
import re
import sys
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.patches import Rectangle

sys.path.insert(0, str(Path(__file__).parent))

import figure_samples as samples
import pipeline_samples as pipeline
from test_charts import looked_at

from liantu.figures import palette
from liantu.figures.curve_charts import curves_chart, nearly
from liantu.figures.funnel_charts import funnel_chart, rates_by_group_chart, waterfall_chart
from liantu.figures.row_sheets import apart
from liantu.figures.slip_charts import plan_versions_chart, slip_chart, uplift_chart
from liantu.figures.stage_time_charts import permit_chart, time_in_stage_chart

LONG = {"zh": "喀喇沁左翼蒙古族自治县工业和信息化局",
        "en": "Bureau of Industry and Information of Harqin Left Wing Mongol Autonomous County"}


def common(lang):
    return {"lang": lang, "as_of": samples.AS_OF, "simulated": True, "place": samples.PLACE[lang]}


def drawn(lang):
    how, stages, counties = common(lang), pipeline.STAGES[lang], pipeline.COUNTY_NAMES[lang]
    long = counties | {samples.COUNTIES[2].code: LONG[lang]}
    crossed = pipeline.curves(list(counties)[:3]).assign(share=0.5, low=0.4, high=0.6)
    return {
        "funnel": funnel_chart(pipeline.cohorts(), pipeline.snapshots(), **how),
        "funnel_one": funnel_chart(pipeline.cohorts().head(0), pipeline.snapshots().tail(4), **how),
        "funnel_few": funnel_chart(pipeline.rates(["2022Q1"], [6], [0.5]), pipeline.snapshots().head(0), **how),
        "funnel_many": funnel_chart(pipeline.rates(range(2001, 2023), [40] * 22, [0.4] * 22).assign(note="survivors"), pipeline.snapshots(),
                                    **how),
        "waterfall": waterfall_chart(pipeline.whereabouts(), **how, names=stages),
        "waterfall_odd": waterfall_chart(pipeline.whereabouts().assign(waiting=3, unlisted=2), **how, names=stages, cohort=LONG[lang]),
        "waterfall_one": waterfall_chart(pipeline.whereabouts().tail(1), **how, names=stages),
        "groups": rates_by_group_chart(pipeline.by_county(), "start", **how, names=counties),
        "groups_long": rates_by_group_chart(pipeline.by_county(7), "start", **how, names=long),
        "groups_chain": rates_by_group_chart(pipeline.by_chain(), "capacity", **how, names=pipeline.CHAIN_NAMES[lang]),
        "curves": curves_chart(pipeline.curves(), **how, names=stages),
        "curves_groups": curves_chart(pipeline.curves(list(counties)), **how, names=stages, groups=long),
        "curves_crossed": curves_chart(crossed, **how, names=stages, groups=counties),
        "stays": time_in_stage_chart(pipeline.stays(), **how, names=stages, waiting=pipeline.waits()),
        "stays_plain": time_in_stage_chart(pipeline.stays(), **how, names=stages),
        "permits": permit_chart(pipeline.permits(), **how, names=pipeline.PERMITS[lang]),
        "slips": slip_chart(pipeline.slips(), **how, names=counties),
        "slips_few": slip_chart(pipeline.slips(7), **how, names=long, stage="started", called=stages["started"]),
        "versions": plan_versions_chart(pipeline.versions(), "started", **how, names=stages),
        "versions_close": plan_versions_chart(pipeline.versions().assign(latest=264.0, original=264.0, actual=264.0, actual_of_plan=264.0),
                                              "started", **how, names=stages),
        "uplift": uplift_chart(pipeline.uplifts(), **how, names=stages),
        "uplift_early": uplift_chart(pipeline.uplifts().assign(days=-20.0), **how, names=stages),
    }


@pytest.fixture(scope="module", params=["zh", "en"])
def gallery(request):
    return request.param, drawn(request.param)


def test_every_chart_is_whole_and_speaks_one_language(gallery):
    lang, pictures = gallery
    for name, picture in pictures.items():
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            printed = looked_at(picture.figure)
            assert len(picture.png) < 110_000, name
        assert picture.title.replace(" ", "") in printed.replace(" ", "").replace("\n", ""), name
        assert ("模拟数据" if lang == "zh" else "Simulated data") in printed and "〓" not in printed, name
        payload = json.loads(json.dumps(picture.payload, allow_nan=False))
        assert picture.title in picture.alt and all(column["label"] for column in payload["columns"]) and payload["rows"], name
        assert payload["caption"] and payload["as_of"] == "2022-06-30"
        if lang == "en":
            assert not re.search("[一-鿿]", json.dumps(payload, ensure_ascii=False) + printed), name


def test_empty_inputs_say_so(gallery):
    lang, how = gallery[0], common(gallery[0])
    stages = pipeline.STAGES[lang]
    none = pipeline.cohorts().head(0)
    empty = [
        funnel_chart(none, none, **how), funnel_chart(pipeline.cohorts().assign(base=0), none, **how),
        waterfall_chart(pipeline.whereabouts().head(0), **how, names=stages),
        waterfall_chart(pipeline.whereabouts().assign(reached=0), **how, names=stages),
        rates_by_group_chart(pipeline.by_county().assign(base=0), "start", **how),
        curves_chart(pipeline.curves().head(0), **how, names=stages),
        time_in_stage_chart(pipeline.stays().head(0), **how, names=stages), permit_chart(pipeline.permits().head(0), **how, names={}),
        slip_chart(pipeline.slips().head(0), **how), slip_chart(pipeline.slips(), **how, stage="producing"),
        plan_versions_chart(pipeline.versions(), "producing", **how, names=stages),
        uplift_chart(pipeline.uplifts().assign(days=np.nan), **how, names=stages),
    ]
    for picture in empty:
        assert ("没有数据" if lang == "zh" else "no data") in picture.title and picture.payload["rows"] == []
        looked_at(picture.figure)


def test_the_newest_snapshot_is_told_and_every_cohort_is_in_the_data():
    picture = funnel_chart(pipeline.cohorts(), pipeline.snapshots(), **common("zh"))
    last = pipeline.snapshots().query("group == '2022-06-30'").set_index("rate")
    assert picture.title.startswith("2022-06-30：签约的落户80%") and f"投产的达产{last.loc['capacity', 'share']:.0%}" in picture.title
    printed = looked_at(picture.figure)
    assert all(f"{row.reached}/{row.base}" in printed for row in pd.concat([pipeline.cohorts(), pipeline.snapshots()]).itertuples())
    many = pipeline.rates(range(2001, 2023), [40] * 22, [0.4] * 22)
    picture = funnel_chart(many, many.head(0), **common("zh"))
    assert set(picture.data["group"]) == {str(year) for year in range(2001, 2023)} and "2001 " not in looked_at(picture.figure)
    assert picture.title.startswith("各批次合计：签约的落户40%")
    assert "都不足10个项目" in funnel_chart(many.assign(base=1, reached=1).head(8), many.head(0), **common("zh")).title


def test_a_waterfall_adds_up_and_tells_what_does_not():
    table = pipeline.whereabouts()
    picture = waterfall_chart(table, **common("zh"), names=pipeline.STAGES["zh"])
    parts = picture.data
    assert (parts[["onward", "waiting", "suspended", "terminated"]].sum(axis=1) == parts["reached"]).all()
    assert picture.title == "540个签约项目：96个到了达产，338个还在途中（开工最多，118个），28个停工，78个终止"
    assert 96 + 338 + 28 + 78 == 540 and "352 = 201前行 + 118停在本阶段 + 21停工 + 12终止" in looked_at(picture.figure)
    odd = waterfall_chart(table.assign(waiting=table["waiting"] - 1), **common("zh"), names=pipeline.STAGES["zh"])
    assert odd.data["unknown"].sum() == 5 and "5个项目的去向" in odd.caption


def test_the_bars_of_a_waterfall_are_as_long_as_the_counts():
    picture = waterfall_chart(pipeline.whereabouts(), **common("en"), names=pipeline.STAGES["en"])
    bars = [patch for patch in picture.figure.axes[0].patches if isinstance(patch, Rectangle)]
    by_colour = {key: sum(bar.get_width() for bar in bars if bar.get_facecolor()[:3] == pytest.approx(rgb(colour)))
                 for key, colour in palette.STAYS.items()}
    sums = picture.data[list(palette.STAYS)].sum()
    assert by_colour == pytest.approx(sums.to_dict())


def rgb(colour):
    return tuple(int(colour[place:place + 2], 16) / 255 for place in (1, 3, 5))


def test_groups_are_named_only_where_intervals_part():
    how = common("zh") | {"names": pipeline.COUNTY_NAMES["zh"]}
    table = pipeline.by_county(0)
    landing = table[table["rate"] == "landing"].set_index("group")
    best = landing["low"].idxmax()
    below = landing[landing["high"] < landing.loc[best, "low"]].sort_values("share")
    said = "、".join(f"{how['names'][row.Index]}（{row.share:.0%}）" for row in below.head(3).itertuples())
    assert 0 < len(below) <= 3
    title = rates_by_group_chart(table, "landing", **how).title
    assert title == f"落户率：{said}确实低于{how['names'][best]}（{landing.loc[best, 'share']:.0%}）"
    chains = rates_by_group_chart(pipeline.by_chain(), "landing", **common("zh"))
    assert "17组" in chains.title and "区间重叠，不分先后" in chains.title
    assert "都不足10个项目" in rates_by_group_chart(table.assign(base=4), "landing", **how).title
    assert rates_by_group_chart(table.head(4), "landing", **how).title == "双塔的落户率为80%"


def test_groups_stand_in_the_order_given():
    table = pipeline.by_county(0).iloc[::-1]
    picture = rates_by_group_chart(table, "start", **common("zh"), names=pipeline.COUNTY_NAMES["zh"])
    assert picture.data["group"].tolist() == [county.short_zh for county in samples.COUNTIES][::-1]


def test_curves_tell_the_share_after_a_year_and_who_is_left_out():
    how = common("zh") | {"names": pipeline.STAGES["zh"]}
    table = pipeline.curves()
    after = table[(table["to"] == "completed") & (table["days"] <= 365)].iloc[-1]["share"]
    picture = curves_chart(table, **how)
    assert f"{after:.0%}到了“竣工”" in picture.title and "终止" in picture.title
    assert picture.figure.axes[0].get_ylim() == (0, 1)
    many = curves_chart(pipeline.curves(["a", "b", "c", "d"]), **how)
    assert "另有1组" in many.caption and set(many.data["group"]) == {"a", "b", "c", "d"} and "d 竣工" not in looked_at(many.figure)
    assert picture.figure.axes[0].get_xlim()[1] == table.loc[table["at_risk"] >= 10, "days"].max() < picture.data["days"].max()
    early = curves_chart(table[table["days"] < 100], **how)
    assert f"{int(table.loc[table['days'] < 100, 'days'].max())}天" in early.title


def test_a_share_is_not_rounded_to_none_or_all():
    assert [nearly(share) for share in (0, 0.004, 0.3, 0.996, 1)] == ["0%", "<1%", "30%", ">99%", "100%"]


def test_time_in_stage_names_the_slowest_and_the_fullest():
    picture = time_in_stage_chart(pipeline.stays(), **common("zh"), names=pipeline.STAGES["zh"], waiting=pipeline.waits())
    assert picture.title == "“开工”停留最久，一半项目超过512天；现在停在“开工”的最多：139个"
    assert "未达中位数" in looked_at(picture.figure) and picture.data["longest"].max() == 1604
    dots = sum(len(line.get_xdata()) for line in picture.figure.axes[0].lines if line.get_marker() in ("o", "^"))
    assert dots == pipeline.stays()["waiting"].sum()
    few = time_in_stage_chart(pipeline.stays().assign(note="few", median=np.nan), **common("zh"), names=pipeline.STAGES["zh"])
    assert "样本太少" in looked_at(few.figure)


def test_permits_are_told_by_what_waits_and_what_is_slow():
    title = permit_chart(pipeline.permits(), **common("zh"), names=pipeline.PERMITS["zh"]).title
    assert title == "环评未办结的最多：需办的468个项目中202个（43%）；它办得也最慢，中位97天"
    other = pipeline.permits().assign(pending=0)
    assert permit_chart(other, **common("zh"), names=pipeline.PERMITS["zh"]).title == "环评办得最慢，中位97天"
    shuffled = permit_chart(pipeline.permits().iloc[::-1], **common("zh"), names=pipeline.PERMITS["zh"])
    assert shuffled.data["approval"].tolist() == list(pipeline.PERMITS["zh"].values())


def test_slips_are_ordered_only_where_intervals_part():
    how = common("zh") | {"names": pipeline.COUNTY_NAMES["zh"]}
    moved = pipeline.slips().query("stage == ''")["moved"].sum()
    title = slip_chart(pipeline.slips(), **how).title
    assert f"改过{moved}个" in title and "建平改得最多（中位+120天）" in title
    assert "不分先后" in slip_chart(pipeline.slips(apart=False), **how).title
    assert "先后" not in slip_chart(pipeline.slips(7), **how).title
    none = pipeline.slips().assign(moved=0, no_reason=0, median_days=np.nan, q25=np.nan, q75=np.nan, low=np.nan, high=np.nan)
    assert "没有一个改过" in slip_chart(none, **how).title


def test_plans_are_told_as_of_the_newest_month():
    title = plan_versions_chart(pipeline.versions(), "started", **common("zh"), names=pipeline.STAGES["zh"]).title
    assert title == "开工：到2022-06-30最初计划132个，其中50个已报出；连计划外的实际共84个"
    bare = pipeline.versions().assign(original=0.0, latest=0.0, actual_of_plan=0.0)
    assert "没有到期的最初计划" in plan_versions_chart(bare, "started", **common("zh"), names=pipeline.STAGES["zh"]).title
    unseen = pipeline.versions().assign(actual=np.nan, actual_of_plan=np.nan)
    assert "还没有实际完成的" in plan_versions_chart(unseen, "started", **common("zh"), names=pipeline.STAGES["zh"]).title


def test_the_uplift_says_what_cannot_be_told():
    picture = uplift_chart(pipeline.uplifts(), **common("zh"), names=pipeline.STAGES["zh"])
    assert picture.title == "要有80%把握按期，“竣工”的最初计划须加188天，加得最多" and "算不出" in looked_at(picture.figure)
    unknown = pipeline.uplifts()
    unknown.loc[(unknown["stage"] == "producing") & (unknown["quantile"] == 0.8), "days"] = np.nan
    assert "算得出的阶段中" in uplift_chart(unknown, **common("zh"), names=pipeline.STAGES["zh"]).title
    assert "不必加" in uplift_chart(pipeline.uplifts().assign(days=-20.0), **common("zh"), names=pipeline.STAGES["zh"]).title


@pytest.mark.parametrize("seed", range(4))
def test_labels_are_pushed_apart_within_the_plot(seed):
    draw = np.random.default_rng(seed)
    wanted, tall = draw.uniform(0, 3, 6), draw.choice([0.18, 0.36], 6)
    placed = apart(wanted, tall, 3.0)
    order = np.argsort(wanted, kind="stable")
    assert (np.diff(placed[order]) >= (tall[order][1:] + tall[order][:-1]) / 2 - 1e-9).all() and placed.max() <= 3.0
