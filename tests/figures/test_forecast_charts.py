"""The charts of forecasts, of their scores and of reporting delay: whole sheets in both languages, true titles, misses marked."""

import itertools
import json
import sys
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

sys.path.insert(0, str(Path(__file__).parent))

import figure_samples as samples
from test_charts import looked_at

from liantu.figures import target_chart
from liantu.figures.delay_chart import delay_chart
from liantu.figures.forecast_charts import county_forecast_chart, methods_chart
from liantu.figures.forecast_marks import chance_words
from liantu.figures.score_charts import chances_chart, past_forecasts_chart, scores_chart

TARGETS = {lang: {"q1_started": samples.WORDS["started"][lang], "q2_at_capacity": samples.WORDS["capacity"][lang],
                  "year_introduced": samples.WORDS["introduced"][lang], "year_at_work": samples.WORDS["at_work"][lang]}
           for lang in ("zh", "en")}
VALUES = {"q1_started": 120.0, "q2_at_capacity": 191.0, "year_introduced": 200.0, "year_at_work": 1000.0}
METHODS = ("plan", "flow", "model", "headline")
SHARES = {"q05": -1.645, "q25": -0.674, "q50": 0.0, "q75": 0.674, "q95": 1.645}
LEDGERS = ["2021-12-31", "2022-03-31", "2022-06-30"]


def common(lang):
    return {"lang": lang, "as_of": samples.AS_OF, "simulated": True, "place": samples.PLACE[lang]}


def spread(mean, width):
    return {"mean": float(mean)} | {name: max(round(mean + step * width), 0.0) for name, step in SHARES.items()}


def ahead(mean=165.0, width=20.0, chance=0.12, horizons=("2022-09-30", "2022-12-31"), counted=79):
    """The headline rows of one target, growing to its last horizon."""
    count = len(horizons)
    rows = [spread(counted + (mean - counted) * at / count, width * at / count) | {"horizon": pd.Timestamp(horizon), "chance": chance}
            for at, horizon in enumerate(horizons, 1)]
    return pd.DataFrame(rows)


def seen(means=(52.0, 96.0), reported=(50, 79), width=5.0):
    pairs = enumerate(zip(means, reported, strict=True), 1)
    rows = [spread(mean, width) | {"reported": told, "quarter": f"2022Q{at}"} for at, (mean, told) in pairs]
    return pd.DataFrame(rows).assign(q05=lambda rows: rows[["q05", "reported"]].max(axis=1))


def table():
    """Forecasts of every target by every method, of the city and of each county."""
    rng, rows = np.random.default_rng(5), []
    for target, value in VALUES.items():
        for county, share in [("", 1.0), *((county.code, (at + 1) / 28) for at, county in enumerate(samples.COUNTIES))]:
            for method in METHODS:
                mean = value * share * rng.uniform(0.7, 1.1)
                rows.append({"target": target, "county": county, "horizon": pd.Timestamp("2022-12-31"), "method": method,
                             "counted": round(mean * 0.6), "value": np.nan if county else value,
                             "chance": np.nan if county else rng.uniform()} | spread(mean, mean / 10))
    return pd.DataFrame(rows)


def scores(n=6):
    rng = np.random.default_rng(6)
    rows = [{"target": target, "method": method, "n": n, "crps": value * rng.uniform(0.02, 0.1), "skill": rng.uniform(-1.6, 0.8),
             "cover50": rng.integers(0, n + 1) / n, "cover90": rng.integers(0, n + 1) / n, "brier": np.nan if n == 1 else rng.uniform()}
            for target, value in VALUES.items() for method in (*METHODS, "base")]
    return pd.DataFrame(rows)


def past(missed=2):
    """Three pairs of ledgers for each target and method; so many of the headline's forecasts miss by far."""
    rows = []
    for target, value in VALUES.items():
        for at, made in enumerate(LEDGERS):
            for horizon in LEDGERS[at + 1:]:
                for method in METHODS:
                    band = spread(value / 2 + 10 * at, value / 10)
                    wrong = method == "headline" and missed > 0
                    missed -= wrong
                    truth = band["q95"] + value if wrong else band["q25"]
                    rows.append({"target": target, "made": pd.Timestamp(made), "horizon": pd.Timestamp(horizon), "method": method,
                                 "truth": truth} | band)
    return pd.DataFrame(rows)


def chances():
    edges = np.array([0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0])
    middle = (edges[1:] + edges[:-1]) / 2
    return pd.DataFrame({"goal": "all", "band": [f"{low:.0%} - {high:.0%}" for low, high in itertools.pairwise(edges)],
                         "projects": [418, 332, 236, 163, 94, 12], "expected": middle, "made": np.clip(middle + 0.02, 0, 1),
                         "low": np.clip(middle - 0.1, 0, 1), "high": [0.02, *np.clip(middle + 0.1, 0, 1)[1:]]})


def delays(seen_days=273):
    """What was seen, and curves that reach their middle later than what was seen."""
    steps = [day for day in (30, 60, 90, 150, 200, 273) if day <= seen_days]
    rows = [{"stage": stage, "days": day, "share": (at + 1) / len(steps), "n": 40, "seen_days": seen_days}
            for stage in ("all", "signed", "started", "completed") for at, day in enumerate(steps)]
    return samples.delays(), pd.DataFrame(rows).assign(low=0.0, high=1.0)


def county_names(lang, full=False):
    return {county.code: county.name(lang) if full else samples.short(county, lang) for county in samples.COUNTIES}


def drawn(lang):
    how, names, rows = common(lang), TARGETS[lang], table()
    city, counties = rows[rows["county"] == ""], rows[rows["county"] != ""]
    late = samples.first_quarter(lang)
    first, year = samples.quarters((74,), (12,), 120.0, (True,)), samples.quarters()
    early = samples.row(lang, actual=23, late=0, gap=-27.0, demanded=50.0, share_done=0.115, share_elapsed=0.25)
    opening = samples.quarters((23, 0, 0, 0), (0, 0, 0, 0), 200.0, (True, False, False, False))
    work = samples.quarters((433, 300, 0, 0), (50, 40, 0, 0), 1000.0)
    seen_, corrected = delays()
    return {
        "target": target_chart(samples.row(lang), year, **how, nowcast=seen(), forecast=ahead()),
        "target_early": target_chart(early, opening, **how, nowcast=seen((49.0,), (23,), 14.0),
                                     forecast=ahead(193.0, 55.0, 0.4, ("2022-06-30", "2022-09-30", "2022-12-31"), 23)),
        "target_wide": target_chart(samples.at_work(lang), work, **how, nowcast=seen((520.0, 900.0), (483, 823), 30.0),
                                    forecast=ahead(1210.0, 150.0, 0.999, counted=823)),
        "target_due": target_chart(late, first, **how, nowcast=seen((101.0,), (86,), 6.0),
                                   forecast=ahead(97.0, 6.0, 0.001, ("2022-12-31",), 86)),
        "target_only_forecast": target_chart(samples.row(lang), year, **how, forecast=ahead(79.0, 0.0, 0.0)),
        "methods": methods_chart(city, scores(), **how, names=names),
        "methods_new": methods_chart(city.assign(value=np.nan, chance=np.nan), scores().head(0), **how, names=names),
        "counties": county_forecast_chart(counties, **how, counties=county_names(lang), names=names),
        "counties_full": county_forecast_chart(counties, **how, counties=county_names(lang, full=True), names=names),
        "county_own": county_forecast_chart(counties[counties["county"] == "211382"], **how, counties=county_names(lang), names=names),
        "scores": scores_chart(scores(), past(), **how, names=names),
        "scores_one": scores_chart(scores(1), past(0), **how, names=names),
        "past": past_forecasts_chart(past(), **how, names=names),
        "past_held": past_forecasts_chart(past(0), **how, names=names),
        "chances": chances_chart(chances(), **how),
        "delay": delay_chart(seen_, corrected, **how, names=samples.stage_names(lang)),
        "delay_short": delay_chart(*delays(90), **how, names=samples.stage_names(lang)),
    }


@pytest.fixture(scope="module", params=["zh", "en"])
def gallery(request):
    return request.param, drawn(request.param)


@pytest.mark.parametrize("name", list(drawn("zh")))
def test_a_figure_of_forecasts_is_whole(gallery, name):
    lang, pictures = gallery
    picture = pictures[name]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        printed = looked_at(picture.figure)
        picture.png  # noqa: B018 - drawing must not warn
    assert ("模拟数据" if lang == "zh" else "Simulated data") in printed and "2022-06-30" in printed
    assert picture.title.replace(" ", "").replace("\n", "") in printed.replace(" ", "").replace("\n", "")
    payload = json.loads(json.dumps(picture.payload, allow_nan=False))
    assert payload["rows"] and all(column["label"] for column in payload["columns"]) and picture.alt != picture.title
    if lang == "en":
        spoken = payload["title"] + payload["alt"] + payload["caption"] + "".join(column["label"] for column in payload["columns"])
        assert not any("一" <= character <= "鿿" for character in spoken)


@pytest.mark.parametrize(("chance", "zh", "en"), [
    (0.0, "几乎不可能（<1%）", "almost impossible (<1%)"), (0.04, "几乎不可能（4%）", "almost impossible (4%)"),
    (0.12, "可能性很小（12%）", "very unlikely (12%)"), (0.5, "一半可能（50%）", "about even (50%)"),
    (0.94, "很有可能（94%）", "very likely (94%)"), (1.0, "几乎肯定（>99%）", "almost certain (>99%)")])
def test_chances_are_said_in_words_and_never_as_certain(chance, zh, en):
    assert (chance_words(chance, "zh"), chance_words(chance, "en")) == (zh, en)


def test_the_target_chart_says_what_is_expected_and_how_likely():
    picture = target_chart(samples.row(), samples.quarters(), **common("zh"), nowcast=seen(), forecast=ahead())
    assert picture.title == "全年引进：目标200个，已完成79个，2022-12-31的台账预计165个，届时达标可能性很小（12%）"
    printed = looked_at(picture.figure)
    assert "79→96" in printed and "132–198" in printed and "报齐后预计" in printed
    assert picture.data["expected"].tolist() == [52.0, 96.0, 122.0, 165.0]
    assert "132–198" in picture.alt


def test_the_axis_holds_the_whole_fan_and_the_fan_starts_at_what_is_reported():
    picture = target_chart(samples.row(), samples.quarters(), **common("en"), nowcast=seen(), forecast=ahead(220.0, 80.0))
    axes = picture.figure.axes[0]
    bands = [patch.get_paths()[0].vertices for patch in axes.collections if len(patch.get_paths())]
    assert len(bands) == 2
    assert max(band[:, 1].max() for band in bands) == 352.0 < axes.get_ylim()[1]
    for band in bands:
        assert set(band[band[:, 0] == band[:, 0].min()][:, 1]) == {79.0}


def test_a_target_past_its_due_date_has_no_fan_but_tells_the_later_ledger():
    forecast = ahead(97.0, 6.0, 0.001, ("2022-12-31",), 86)
    picture = target_chart(samples.first_quarter(), samples.quarters((74,), (12,), 120.0, (True,)), **common("zh"), forecast=forecast,
                           nowcast=seen((101.0,), (86,), 6.0))
    assert picture.title == "一季度开工：目标120个，实际86个，差34个；2022-12-31的台账预计97个，届时达标几乎不可能（<1%）"
    assert not picture.figure.axes[0].collections
    assert "全部报齐后预计101" in looked_at(picture.figure).replace("\n", "")


def test_without_forecast_the_target_chart_is_as_before():
    plain = target_chart(samples.row(), samples.quarters(), **common("zh"))
    nothing = target_chart(samples.row(), samples.quarters(), **common("zh"), nowcast=seen().head(0), forecast=ahead().head(0))
    assert plain.png == nothing.png and plain.data.columns.equals(nothing.data.columns) and "expected" not in plain.data


def test_a_quarter_to_come_is_not_drawn_as_reported_whatever_the_nowcast_says():
    more = seen((52.0, 96.0, 120.0), (50, 79, 79))
    picture = target_chart(samples.row(), samples.quarters(), **common("zh"), nowcast=more, forecast=None)
    assert picture.data["expected"].notna().tolist() == [True, True, False, False]


def test_every_method_stands_beside_its_score():
    rows, told = table().query("county == ''"), scores()
    picture = methods_chart(rows, told, **common("en"), names=TARGETS["en"])
    assert len(picture.data) == len(VALUES) * len(METHODS)
    kept = told[told["method"] != "base"]
    assert picture.data["crps"].tolist() == pytest.approx(kept["crps"].round(1).tolist())
    printed = looked_at(picture.figure)
    assert all(f"{value:.1f}" in printed for value in kept["crps"])


def test_counties_stand_in_the_order_given_and_overlap_is_said():
    rows = table().query("county != ''")
    flat = rows.assign(q05=1.0, q25=2.0, q50=3.0, mean=3.0, q75=4.0, q95=5.0, counted=1)
    names = dict(reversed(county_names("zh").items()))
    picture = county_forecast_chart(flat, **common("zh"), counties=names, names=TARGETS["zh"])
    assert picture.data["county"].tolist()[:7] == list(names.values())
    assert "不分先后" in picture.title
    apart = county_forecast_chart(rows, **common("zh"), counties=names, names=TARGETS["zh"])
    assert "确实多于" in apart.title


@pytest.mark.parametrize("missed", [0, 1, 5])
def test_each_miss_is_marked_once(missed):
    picture = past_forecasts_chart(past(missed), **common("en"), names=TARGETS["en"])
    crosses = [line for axes in picture.figure.axes for line in axes.lines if line.get_marker() == "X"]
    assert len(crosses) == missed
    lead = picture.data[picture.data["method"] == "Headline"]
    assert len(lead) == 12 and (lead["inside"] == "outside").sum() == missed
    assert picture.title.startswith(f"{missed} of 12" if missed else "All 12")


def test_the_share_that_bands_held_is_counted_with_its_interval():
    picture = scores_chart(scores(), past(3), **common("en"), names=TARGETS["en"])
    assert "held 75% of outcomes (47% to 91%)" in picture.title  # Wilson's interval of 9 in 12


def test_chances_off_the_diagonal_are_counted():
    assert chances_chart(chances(), **common("en")).title == "1255 chances stated: 1 of 6 bands do not agree with what came of them"


def test_within_90_days_is_not_told_where_no_longer_delay_could_be_seen():
    known = {"names": samples.stage_names("en")} | common("en")
    full, short = delay_chart(*delays(), **known), delay_chart(*delays(90), **known)
    assert full.data["within"].tolist() == [0.5] * 3 and short.data["within"].isna().all()
    assert "no more than 90 days" in short.title and "100%" not in looked_at(short.figure)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_nothing_to_draw_is_said(lang):
    how, names = common(lang), TARGETS[lang]
    none = [methods_chart(table().head(0), scores(), **how, names=names),
            county_forecast_chart(table().head(0), **how, counties=county_names(lang), names=names),
            scores_chart(scores().head(0), past().head(0), **how, names=names), past_forecasts_chart(past().head(0), **how, names=names),
            chances_chart(chances().head(0), **how), delay_chart(samples.delays().head(0), delays()[1].head(0), **how, names=names)]
    for picture in none:
        assert ("没有数据" if lang == "zh" else "No data") in looked_at(picture.figure) and picture.data.empty
