"""Every figure in both languages: glyphs, bytes, alt text, data, no text on text, nothing outside, and honest emptiness."""

import datetime as dt
import io
import itertools
import json
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgb
from matplotlib.text import Text
from PIL import Image

sys.path.insert(0, str(Path(__file__).parent))

import figure_samples as samples

from liantu.figures import (
    accounting_chart,
    county_chart,
    filled_chart,
    gap_chart,
    heat_map,
    late_chart,
    pace_chart,
    palette,
    reporting_delay_chart,
    rules_chart,
    score_chart,
    target_chart,
)
from liantu.figures.style import DPI, SMALLEST, figure_style

NAMES = list(samples.gallery("zh"))
KEY_NUMBERS = {
    "target_year": "21", "target_q1": "34", "target_ahead": "323", "target_county": "12", "target_zero": "100", "target_near": "99",
    "pace": "72%", "counties": "34", "counties_full": "200", "counties_own": "185",
    "heat": "734", "gaps": "62", "accounting": "108", "delay": "66",
    "scores": "78", "scores_tied": "88", "scores_apart": "100", "scores_over_time": "81.2", "late": "1620", "rules": "310", "filled": "%",
    "bridge": "559", "bridge_down": "12", "told_first": "400", "restated": "886"}
COMMON = {"as_of": samples.AS_OF, "simulated": True, "place": "朝阳市"}


@pytest.fixture(scope="module", params=["zh", "en"])
def gallery(request):
    return request.param, samples.gallery(request.param)


def texts(figure):
    """Every visible text of a figure with its box in pixels."""
    with figure_style():
        figure.set_dpi(DPI)
        figure.draw_without_rendering()
        renderer = figure.canvas.get_renderer()
        beyond = beyond_the_axes(figure)
        shown = [text for text in figure.findobj(Text) if text.get_visible() and text.get_text().strip() and text not in beyond]
        boxes = [(text.get_text(), text.get_size(), Text.get_window_extent(text, renderer)) for text in shown]
    seen = {}
    for text, size, box in boxes:  # findobj meets a tick label twice
        seen[(text, round(box.x0), round(box.y0))] = (text, size, box)
    return list(seen.values())


def beyond_the_axes(figure):
    """Tick labels outside the view: matplotlib keeps them but does not draw them."""
    axes = [axis for panel in figure.axes for axis in (panel.xaxis, panel.yaxis)]
    views = [(axis, sorted(axis.get_view_interval())) for axis in axes]
    return {tick.label1 for axis, (low, high) in views for tick in axis.get_major_ticks() if not low <= tick.get_loc() <= high}


def collisions(found):
    hits = []
    for (one, _, a), (other, _, b) in itertools.combinations(found, 2):
        wide, high = min(a.x1, b.x1) - max(a.x0, b.x0), min(a.y1, b.y1) - max(a.y0, b.y0)
        if wide > 1 and high > 4:  # line boxes are taller than their ink
            hits.append((one, other, round(wide), round(high)))
    return hits


def looked_at(figure):
    found = texts(figure)
    assert collisions(found) == []
    assert min(size for _, size, _ in found) >= SMALLEST
    for text, _, box in found:
        inside = box.x0 >= 0 and box.y0 >= 0 and box.x1 <= figure.bbox.width and box.y1 <= figure.bbox.height
        assert inside, (text, box)
    return " ".join(text for text, _, _ in found)


@pytest.mark.parametrize("name", NAMES)
def test_a_figure_is_whole(gallery, name):
    lang, pictures = gallery
    picture = pictures[name]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        printed = looked_at(picture.figure)
        picture.png  # noqa: B018 - drawing must not warn
    assert ("模拟数据" if lang == "zh" else "Simulated data") in printed and "2022-06-30" in printed
    assert picture.title.replace(" ", "").replace("\n", "") in printed.replace(" ", "").replace("\n", "")
    assert picture.alt and KEY_NUMBERS.get(name, "") in picture.alt
    payload = json.loads(json.dumps(picture.payload, allow_nan=False))
    assert all(column["label"] for column in payload["columns"]) and payload["as_of"] == "2022-06-30"
    if lang == "en":
        spoken = payload["title"] + payload["alt"] + payload["caption"] + "".join(column["label"] for column in payload["columns"])
        assert not any("一" <= character <= "鿿" for character in spoken)


def drawn_twice():
    yield target_chart(samples.row(), samples.quarters(), lang="zh", **COMMON)
    yield heat_map(samples.chain_table(), samples.EDITION, samples.DIVISIONS, lang="zh", **COMMON)


def test_bytes_are_the_same_again_whatever_the_users_style():
    before = dict(matplotlib.rcParams)
    first = [picture.png for picture in drawn_twice()]
    with matplotlib.rc_context({"font.size": 30, "axes.facecolor": "red", "font.family": "serif"}):
        assert [picture.png for picture in drawn_twice()] == first
    assert dict(matplotlib.rcParams) == before


def test_pyplot_keeps_no_figure_and_pictures_stay_light(gallery):
    assert plt.get_fignums() == []
    assert max(len(picture.png) for picture in gallery[1].values()) < 100_000


def test_the_png_keeps_the_palettes_colours():
    picture = pace_chart(samples.targets().tail(1), lang="zh", **COMMON)
    pixels = np.asarray(Image.open(io.BytesIO(picture.png)).convert("RGB")).astype(int)
    for colour in (palette.IN_TIME, palette.LATE, palette.DEMAND, palette.INK):
        wanted = np.array([round(part * 255) for part in to_rgb(colour)])
        assert np.abs(pixels - wanted).max(axis=-1).min() <= 4, colour


def test_threads_draw_the_same_as_one_alone():
    def draw(_):
        return target_chart(samples.row(), samples.quarters(), lang="zh", **COMMON).png

    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(draw, range(3))) == [draw(0)] * 3


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("share", [0.0, 0.1, 0.27, 0.45, 0.5, 0.52, 0.6, 0.99, 1.02, 1.3])
def test_target_chart_keeps_its_labels_apart(lang, share):
    done = round(1000 * share)
    gap = done - 500.0
    status = "met" if done >= 1000 else "ahead" if gap >= 0 else "behind"
    row = samples.row(lang, value=1000.0, actual=done, demanded=500.0, gap=gap, share_done=share, status=status)
    half = done // 2
    picture = target_chart(row, samples.quarters((half, done - half, 0, 0), (0, 0, 0, 0), 1000.0), lang=lang, **COMMON)
    looked_at(picture.figure)
    assert str(abs(round(gap)) if done < 1000 else done) in picture.title


def test_target_chart_of_one_quarter_early_and_late():
    for known in (True, False):
        nothing = {"actual": 0, "status": "behind", "demanded": 0.0, "gap": 0.0, "share_elapsed": 0.0}
        row = samples.first_quarter() | ({} if known else nothing)
        picture = target_chart(row, samples.quarters((74 if known else 0,), (12 if known else 0,), 120.0, (known,)), lang="zh", **COMMON)
        printed = looked_at(picture.figure)
        assert ("未到" in printed) is not known


def test_target_chart_without_target_draws_none():
    picture = target_chart(samples.no_target(), samples.quarters((5, 4, 0, 0), (2, 1, 0, 0), None), lang="zh", **COMMON)
    printed = looked_at(picture.figure)
    assert "没有可比的目标" in printed and "序时进度" not in printed
    assert picture.payload["rows"][0][6] is None


def test_title_says_the_answer_of_the_brief():
    picture = target_chart(samples.first_quarter(), samples.quarters((74,), (12,), 120.0, (True,)), lang="zh", **COMMON)
    assert picture.title == "一季度开工：目标120个，实际86个，差34个"


def test_target_data_are_the_quarters_given():
    picture = target_chart(samples.row(), samples.quarters(), lang="zh", **COMMON)
    assert picture.data["cumulative"].tolist() == [50, 79, 79, 79] and picture.data["late"].tolist() == [12, 5, 0, 0]


def test_long_names_and_foreign_signs_are_drawn():
    counties = samples.counties("en", full=True).assign(county_name=lambda rows: rows["county_name"] + " $x_1$ 𠮷<b>")
    picture = county_chart(counties, lang="en", **COMMON)
    assert picture.png.startswith(b"\x89PNG") and "𠮷<b>" in picture.alt


def test_heat_map_totals_and_strays_are_kept():
    table = samples.chain_table()
    picture = heat_map(table, samples.EDITION, samples.DIVISIONS, lang="zh", **COMMON)
    assert picture.data["projects"].sum() == table["projects"].sum()
    assert picture.data.loc[picture.data["chain"] == "未归链", "projects"].sum() == 7
    assert picture.data.loc[picture.data["county"] == "其他", "projects"].sum() == 3
    tidy = table[table["chain"].notna() & table["county"].isin(samples.DIVISIONS.codes)]
    picture = heat_map(tidy, samples.EDITION, samples.DIVISIONS, lang="zh", **COMMON)
    assert len(picture.data) == 17 * 7 and "未归链" not in set(picture.data["chain"])


def test_heat_map_of_money_and_of_nothing():
    money = samples.chain_table().assign(investment=lambda rows: rows["projects"] * 12.34)
    picture = heat_map(money, samples.EDITION, samples.DIVISIONS, lang="zh", value="investment", **COMMON)
    assert "亿元" in picture.title and picture.name == "chain_county_investment"
    looked_at(picture.figure)
    zero = heat_map(samples.chain_table().assign(projects=0), samples.EDITION, samples.DIVISIONS, lang="zh", **COMMON)
    assert zero.title == "119个链县组合全部空白"
    looked_at(zero.figure)


def test_gap_chart_is_sorted_by_open_broken_links():
    picture = gap_chart(samples.gaps(), lang="zh", **COMMON)
    assert picture.data["broken_open"].is_monotonic_decreasing and len(picture.data) == 17


def test_accounting_chart_adds_up():
    files = samples.files()
    picture = accounting_chart(files, lang="zh", **COMMON)
    fates = ["accepted", "quarantined", "ignored"]
    assert picture.data[fates].sum().to_dict() == files[fates].sum().to_dict() and picture.data["files"].sum() == 27


def test_delay_quantiles_are_numpys():
    delays = samples.delays()
    picture = reporting_delay_chart(delays, lang="zh", names=samples.stage_names("zh"), **COMMON)
    days = delays.loc[delays["stage"] == "started", "days"]
    row = picture.data.set_index("stage").loc["开工"]
    assert [row["q05"], row["q50"], row["q95"]] == pytest.approx(np.quantile(days, [0.05, 0.5, 0.95]))
    assert picture.data["stage"].tolist()[:2] == ["签约", "核准备案"] or len(picture.data) == 5


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_rows_give_an_honest_empty_figure(lang):
    empty = [
        target_chart(samples.row(lang), samples.quarters().head(0), lang=lang, **COMMON),
        pace_chart(samples.targets(lang).head(0), lang=lang, **COMMON),
        county_chart(samples.counties(lang).head(0), lang=lang, **COMMON),
        heat_map(samples.chain_table().head(0), samples.EDITION, samples.DIVISIONS, lang=lang, **COMMON),
        gap_chart(samples.gaps().head(0), lang=lang, **COMMON),
        accounting_chart(samples.files().head(0), lang=lang, **COMMON),
        reporting_delay_chart(samples.delays().head(0), lang=lang, **COMMON),
        reporting_delay_chart(pd.DataFrame({"stage": ["started"], "days": [float("nan")]}), lang=lang, **COMMON),
        score_chart(samples.scored(lang).head(0), lang=lang, **COMMON),
        late_chart(samples.lateness(lang).head(0), lang=lang, **COMMON),
        rules_chart(samples.broken(lang).head(0), lang=lang, **COMMON),
        filled_chart(samples.filled(lang).head(0), lang=lang, **COMMON),
    ]
    for picture in empty:
        assert ("没有数据" if lang == "zh" else "no data") in picture.title
        assert ("没有数据" if lang == "zh" else "No data") in looked_at(picture.figure)
        assert picture.payload["rows"] == [] and picture.alt


def test_one_project_everywhere():
    one = pd.DataFrame({"stage": ["started"], "days": [0]})
    for picture in (
        reporting_delay_chart(one, lang="zh", **COMMON),
        county_chart(samples.counties().assign(actual=0, late=0), lang="zh", **COMMON),
        pace_chart(pd.DataFrame([samples.no_target()] * 2), lang="zh", **COMMON),
        pace_chart(pd.DataFrame([samples.no_target(), samples.row(actual=900, share_done=4.5, status="met")]), lang="zh", **COMMON),
        accounting_chart(samples.files().head(1), lang="zh", **COMMON),
        gap_chart(samples.gaps().head(1), lang="zh", **COMMON),
    ):
        looked_at(picture.figure)


def test_the_badge_and_the_date_are_the_data_sets():
    picture = pace_chart(samples.targets(), lang="zh", as_of=dt.date(2022, 3, 31), simulated=False, place="朝阳市", source_note="甲" * 200)
    printed = looked_at(picture.figure)
    assert "模拟数据" not in printed.replace("非模拟数据", "") and "2022-03-31" in printed and "…" in printed
