"""The charts of schedules: whole sheets in both languages, a wall chart that fits a page, bars that end where slack says."""

import itertools
import json
import re
import sys
import warnings
from pathlib import Path

import pandas as pd
import pytest
from matplotlib.patches import Rectangle

sys.path.insert(0, str(Path(__file__).parent))

import figure_samples
import schedule_samples as samples
from test_charts import looked_at, texts

from liantu.figures import palette
from liantu.figures.fonts import width
from liantu.figures.schedule_charts import group_name, late_steps_chart, late_steps_table, slack_chart, slack_table, wall_chart
from liantu.figures.style import TEXT, WIDTH
from liantu.figures.wall_chart import MARKS, PERMITS, clipped, pauses, permit_state, pressing, shortened, split

PAGE = WIDTH * 297 / 210  # inches: a sheet as wide as all others is A4 portrait at this height
TODAY = pd.Timestamp(samples.AS_OF)
PROJECTS, STEPS = samples.schedules()


def common(lang):
    return {"lang": lang, "as_of": samples.AS_OF, "simulated": True, "place": figure_samples.PLACE[lang]}


def wall(lang="zh", projects=PROJECTS, steps=STEPS, **more):
    how = {"names": samples.names(lang), "counties": samples.counties(lang), "pause": samples.PAUSE} | common(lang) | more
    return wall_chart(projects, steps, **how)


def drawn(lang):
    counties, how = samples.counties(lang), common(lang)
    one = PROJECTS[PROJECTS["county"] == "211322"]
    past = PROJECTS.assign(due=PROJECTS["due"] - pd.Timedelta(days=900), slack_days=PROJECTS["slack_days"] - 900, verdict="late")
    early = PROJECTS.assign(slack_days=PROJECTS["slack_days"].abs() + 5, verdict="on_track")
    by = {"names": {"市发展改革委": "Planning", "市自然资源局": "Land"} if lang == "en" else {}}
    return {
        "wall": wall(lang), "wall_county": wall(lang, one), "wall_past": wall(lang, past, most=9), "wall_early": wall(lang, early, most=9),
        "wall_one": wall(lang, PROJECTS.head(1)), "wall_plain": wall(lang, PROJECTS.drop(columns="planned_date"), pause=None, most=3),
        "slack": slack_chart(PROJECTS, names=counties, **how), "slack_one": slack_chart(one, names=counties, **how),
        "slack_by": slack_chart(PROJECTS, by="department", **by, **how),
        "slack_no_chance": slack_chart(PROJECTS.assign(chance=float("nan")), names=counties, **how),
        "late_steps": late_steps_chart(STEPS, PROJECTS, names=samples.names(lang), groups=counties, **how),
        "late_steps_none": late_steps_chart(STEPS.assign(late=False), one, names=samples.names(lang), groups=counties, **how),
    }


@pytest.fixture(scope="module", params=["zh", "en"])
def gallery(request):
    return request.param, drawn(request.param)


def test_every_schedule_chart_is_whole_and_speaks_one_language(gallery):
    lang, pictures = gallery
    for name, picture in pictures.items():
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            printed = looked_at(picture.figure)
            assert len(picture.png) < 200_000, name
        assert picture.title.replace(" ", "") in printed.replace(" ", "").replace("\n", ""), name
        payload = json.loads(json.dumps(picture.payload, allow_nan=False))
        assert picture.title in picture.alt and all(column["label"] for column in payload["columns"]), name
        said = picture.title + picture.caption + "".join(column["label"] for column in payload["columns"])
        assert lang == "zh" or not re.search("[一-鿿]", said), name


def test_the_wall_chart_fits_a_page_of_a4(gallery):
    for name, picture in gallery[1].items():
        assert picture.figure.get_figheight() <= PAGE, name
    crowded = wall(gallery[0], place="朝阳市喀喇沁左翼蒙古族自治县" * 3)
    assert crowded.figure.get_figheight() <= PAGE


def test_no_dates_or_no_projects_say_so(gallery):
    lang, how, counties = gallery[0], common(gallery[0]), samples.counties(gallery[0])
    undated = samples.undated(PROJECTS)
    empty = [wall(lang, PROJECTS.head(0)), wall(lang, PROJECTS.assign(verdict="done")), wall(lang, undated, STEPS.head(0)),
             slack_chart(PROJECTS.head(0), names=counties, **how), slack_chart(undated, names=counties, **how),
             slack_chart(PROJECTS.assign(verdict="done"), names=counties, **how),
             late_steps_chart(STEPS.head(0), undated, names={}, groups=counties, **how),
             late_steps_chart(STEPS.assign(state="done"), PROJECTS, names={}, groups=counties, **how)]
    for picture in empty:
        assert ("没有数据" if lang == "zh" else "no data") in picture.title and picture.payload["rows"] == []
        looked_at(picture.figure)
    assert "60" in empty[2].title and "60" in empty[4].title


def test_the_wall_chart_draws_the_most_pressing_and_its_data_have_all():
    undated = samples.undated(PROJECTS.head(1)).assign(project_id="P900", name="没有日期的项目")
    early = PROJECTS["due"].where(PROJECTS.index % 6 > 0, pd.Timestamp("2022-05-31"))
    dated = PROJECTS.assign(due=early)
    some = pd.concat([dated, undated])
    picture = wall(projects=some, most=7)
    printed = looked_at(picture.figure)
    passed = early < pd.Timestamp(samples.AS_OF)
    least = PROJECTS[~passed].sort_values("slack_days")["slack_days"]
    assert f"−{abs(least.iloc[0]):.0f}" in printed and f"最急7个；已过日期的{passed.sum()}个" in printed
    ahead = len(least)
    assert len(picture.data) == 61 and picture.data["slack_days"].head(ahead).is_monotonic_increasing
    assert picture.data["slack_days"].iloc[ahead:60].is_monotonic_increasing and 0 < ahead < 60
    assert picture.data["name"].iloc[-1] == "没有日期的项目" and pd.isna(picture.data["slack_days"].iloc[-1])
    assert set(picture.data["name"]) == set(some["name"])  # never shortened
    assert f"{(PROJECTS['verdict'] == 'late').sum()}个已晚" in picture.title and f"已晚{abs(least.iloc[0]):.0f}天" in picture.title
    assert pressing(some, samples.AS_OF)["project_id"].iloc[-1] == "P900"


def test_rare_characters_are_drawn_as_missing_sorts_and_kept_in_the_data():
    rare = PROJECTS.head(3).assign(name=["𠮷𠮷建设项目$x_1$", "a<b>建设项目", "甲" * 60])
    picture = wall(projects=rare)
    printed = looked_at(picture.figure)
    assert "〓〓建设项目" in printed and "$x_1$" in printed and "𠮷" not in printed
    assert set(picture.data["name"]) == set(rare["name"])


def test_a_bar_is_done_to_where_the_slack_says():
    start, finish = TODAY - pd.Timedelta(days=100), TODAY + pd.Timedelta(days=50)
    late = split(start, finish, -40, TODAY)
    assert [(state, (other - one).days) for state, one, other in late] == [("done", 60), ("overdue", 40), ("to_do", 50)]
    ahead = split(start, finish, 20, TODAY)
    assert [(state, (other - one).days) for state, one, other in ahead] == [("done", 120), ("to_do", 30)]
    assert split(start, finish, float("nan"), TODAY) == [("to_do", start, finish)]
    assert [state for state, _, _ in split(start, finish, -400, TODAY)] == ["overdue", "to_do"]
    assert split(finish, finish, 0, TODAY) == []
    for slack in range(-300, 300, 7):  # the parts are the bar, without gap or overlap
        parts = split(start, finish, slack, TODAY)
        assert parts[0][1] == start and parts[-1][2] == finish
        assert all(one[2] == other[1] for one, other in itertools.pairwise(parts))


def test_what_is_late_is_drawn_left_of_todays_line_only():
    late = PROJECTS[PROJECTS["slack_days"].between(-90, -30)].head(1)
    picture, hatch = wall(projects=late), palette.WORK_HATCHES["overdue"]
    bars = [patch for axes in picture.figure.axes for patch in axes.findobj(Rectangle) if patch.get_hatch() == hatch]
    ends = {patch.get_x() + patch.get_width() for patch in bars}
    assert ends and max(ends) == TODAY.toordinal()
    days = max(ends) - min(patch.get_x() for patch in bars)
    assert days == pytest.approx(-late["slack_days"].iloc[0])


def test_permits_are_marked_by_state():
    asked = [("done", False), ("not_needed", True), ("open", True), ("open", False), ("open", pd.NA), ("open", True, True)]
    assert [permit_state(*one) for one in asked] == ["done", "not_needed", "late", "pending", "pending", "missing"]
    assert len({dress["marker"] for dress in MARKS.values()}) == len(MARKS) == 5  # black and white tells them apart
    picture = wall(projects=PROJECTS.head(5))
    marked = sum(len(points.get_offsets()) for axes in picture.figure.axes[:1] for points in axes.collections)
    assert marked == 5 * len(PERMITS)


def test_the_winter_pause_runs_over_the_new_year():
    low, high = pd.Timestamp("2022-02-01"), pd.Timestamp("2022-12-31")
    found = [(one.date().isoformat(), other.date().isoformat()) for one, other in pauses(low, high, samples.PAUSE)]
    assert found == [("2022-02-01", "2022-03-15"), ("2022-11-15", "2022-12-31")]
    assert pauses(low, high, None) == []
    assert len(pauses(low, high, ((6, 1), (6, 30)))) == 1


def test_long_names_are_cut_and_kept_apart():
    names = ["建平县哈拉道口镇桥梁维修改造工程一期工程", "建平县哈拉道口镇桥梁维修改造工程二期工程", "短名"]
    cut = shortened(names, 1.8, TEXT)
    assert cut[2] == "短名" and cut[0] != cut[1] and cut[0].endswith("一期工程") and "…" in cut[1]
    assert all(width(text, TEXT) <= 1.8 for text in cut)
    assert clipped(names[0], 9, TEXT) == names[0]


def test_slack_is_counted_summed_and_spread_as_numpy_does():
    table = slack_table(PROJECTS).set_index("group")
    for county, part in PROJECTS.groupby("county"):
        row = table.loc[county]
        assert row["late"] == (part["verdict"] == "late").sum() and row["n"] == len(part)
        assert row["expected"] == pytest.approx(part["chance"].sum()) and row["median"] == part["slack_days"].median()
        assert row["q90"] == pytest.approx(part["slack_days"].quantile(0.9))
    some = PROJECTS.assign(chance=PROJECTS["chance"].where(PROJECTS["county"] != "211302"), department=None)
    table = slack_table(some).set_index("group")
    assert pd.isna(table.loc["211302", "expected"]) and table.loc["211302", "with_chance"] == 0
    assert slack_table(some, "department")["n"].tolist() == [60]  # those without a department are not lost
    assert "能算可能性的" in slack_chart(some, names={}, **common("zh")).title
    picture = slack_chart(PROJECTS, names=samples.counties("zh"), **common("zh"))
    assert f"预计{round(PROJECTS['chance'].sum())}个按期" in picture.title
    assert picture.data["label"].tolist() == list(samples.counties("zh").values())


def test_late_steps_leave_out_what_is_done_overtaken_or_of_finished_projects():
    table = late_steps_table(STEPS, PROJECTS)
    still = STEPS[STEPS["state"] == "open"]
    assert table["open"].sum() == len(still) and table["late"].sum() == still["late"].sum()
    over = STEPS.assign(overtaken=STEPS["step"] == "land")
    assert "land" not in set(late_steps_table(over, PROJECTS)["step"])
    ended = PROJECTS.assign(verdict=PROJECTS["verdict"].where(PROJECTS["county"] != "211302", "done"))
    assert "211302" not in set(late_steps_table(STEPS, ended)["group"])
    picture = late_steps_chart(STEPS, PROJECTS, names=samples.names("zh"), groups=samples.counties("zh"), **common("zh"))
    most = still[still["late"]]["step"].value_counts()
    assert f"{samples.names('zh')[most.index[0]]}（{most.iloc[0]}）" in picture.title
    printed = [text for text, _, _ in texts(picture.figure)]
    sums = still.groupby("step").agg(late=("late", "sum"), open=("late", "size"))
    for row in sums.itertuples():
        assert any(text.startswith(f"{row.late}/{row.open}（") for text in printed), row


def test_groups_without_a_name_are_told():
    assert [group_name(code, {"211302": "双塔"}, "zh") for code in ("211302", "211300", "", None, "市发展改革委")] == [
        "双塔", "市本级", "未写明", "未写明", "市发展改革委"]
