"""The charts of the gaps: whole sheets in both languages, titles that say what the data say, one row, crowds and nothing."""

import itertools
import json
import random
import re
import sys
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.lines import Line2D

sys.path.insert(0, str(Path(__file__).parent))

import figure_samples as samples
import gap_samples as gaps
from test_charts import looked_at
from test_palette import lab, linear

from liantu.figures import palette
from liantu.figures.gap_charts import amount, burden_map, coverage_chart, span, targets_chart
from liantu.figures.gap_history_charts import gaps_over_time, labels_chart, promises_chart
from liantu.figures.nearness_charts import nearness_chart, placed_labels

EDITION = samples.EDITION


def common(lang):
    return {"lang": lang, "as_of": samples.AS_OF, "simulated": True, "place": samples.PLACE[lang]}


def drawn(lang):
    how = common(lang)
    blocked = gaps.labelled().assign(projects=lambda rows: rows["projects"].where(rows["label"] == "none", 0))
    return {
        "burden": burden_map(gaps.burden(), EDITION, samples.DIVISIONS, **how),
        "targets": targets_chart(gaps.targets(), EDITION, **how),
        "targets_one": targets_chart(gaps.targets(1), EDITION, **how),
        "targets_tied": targets_chart(gaps.targets(9, band=9), EDITION, **how),
        "targets_first": targets_chart(gaps.targets(5, band=1), EDITION, **how),
        "targets_chain": targets_chart(gaps.targets(links=[(gaps.CHAINS[7], link) for link in gaps.CHAINS[7].links]), EDITION, **how),
        "coverage": coverage_chart(gaps.states(), **how),
        "coverage_other": coverage_chart(gaps.states(gaps.CHAINS[3]), **how),
        "coverage_one": coverage_chart(gaps.states().tail(1), **how),
        "coverage_full": coverage_chart(gaps.states().assign(supply_wan=9e4, demand_wan=8e4), **how),
        "coverage_unasked": coverage_chart(gaps.states().assign(supply_wan=9e4, demand_wan=0.0), **how),
        "nearness": nearness_chart(gaps.near(), EDITION, **how),
        "nearness_money": nearness_chart(gaps.near(60), EDITION, **how, gain="unlock_wan"),
        "nearness_one": nearness_chart(gaps.near(1), EDITION, **how),
        "nearness_crowd": nearness_chart(gaps.near(20, crowded=True), EDITION, **how),
        "moves": gaps_over_time(gaps.moves(), **how),
        "moves_one": gaps_over_time(gaps.moves().head(1), **how),
        "labels": labels_chart(gaps.labelled(), **how),
        "labels_none": labels_chart(blocked, **how),
        "promises": promises_chart(gaps.promises(), **how),
        "promises_few": promises_chart(gaps.promises(0, 1, 900, 0), **how),
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
            assert len(picture.png) < 150_000, name  # twenty of the longest English names in use
        assert picture.title.replace(" ", "") in printed.replace(" ", "").replace("\n", ""), name
        payload = json.loads(json.dumps(picture.payload, allow_nan=False))
        assert picture.title in picture.alt and all(column["label"] for column in payload["columns"])
        if lang == "en":
            spoken = json.dumps(payload, ensure_ascii=False)
            assert not re.search("[一-鿿]", spoken + printed), name


def test_empty_inputs_say_so(gallery):
    lang, how = gallery[0], common(gallery[0])
    empty = [
        burden_map(gaps.burden().head(0), EDITION, samples.DIVISIONS, **how), targets_chart(gaps.targets().head(0), EDITION, **how),
        coverage_chart(gaps.states().head(0), **how), coverage_chart(gaps.states().assign(supply_wan=np.nan), **how),
        nearness_chart(gaps.near().head(0), EDITION, **how), nearness_chart(gaps.near().assign(density=np.nan), EDITION, **how),
        gaps_over_time(gaps.moves().head(0), **how), labels_chart(gaps.labelled().head(0), **how),
        labels_chart(gaps.labelled().assign(projects=0), **how), promises_chart(gaps.promises().head(0), **how),
    ]
    for picture in empty:
        assert ("没有数据" if lang == "zh" else "no data") in picture.title and picture.payload["rows"] == []
        looked_at(picture.figure)


def test_the_burden_is_the_tables_sum_with_a_column_for_no_county():
    table = gaps.burden()
    picture = burden_map(table, EDITION, samples.DIVISIONS, **common("zh"))
    by_chain = table.groupby("chain")["burden"].sum()
    assert picture.data["burden"].sum() == pytest.approx(table["burden"].sum())
    assert picture.data.loc[picture.data["county"] == "未分县", "burden"].sum() == 7.25
    assert f"{table['burden'].sum():.1f}亿元" in picture.title and f"{by_chain.idxmax()}最多（{by_chain.max():.1f}）" in picture.title


def test_the_first_band_is_told_without_an_order():
    table = gaps.targets()
    picture = targets_chart(table.sample(frac=1, random_state=2), EDITION, **common("zh"), shown=12)
    first = table[table["band"] == 1]
    best = first.loc[first["unlock_wan"].idxmax()]
    assert "20个目标中前3个不分先后" in picture.title and f"{best['zh']}补上" in picture.title
    assert picture.title.endswith(f"{amount(best['unlock_wan'] / 1e4)}亿元") and len(picture.data) == 12
    assert picture.data["band"].is_monotonic_increasing and "不分先后" in picture.caption
    alone = targets_chart(gaps.targets(5, band=1), EDITION, **common("zh"))
    assert "最该先找的是" in alone.title
    assert "排不出先后" in targets_chart(gaps.targets(9, band=9), EDITION, **common("zh")).title


def test_lines_stand_between_bands_and_only_there():
    def parted(band):
        figure = targets_chart(gaps.targets(12, band=band), EDITION, **common("zh")).figure
        return sum(isinstance(line, Line2D) and line.get_linestyle() == "--" for line in figure.artists)

    assert (parted(12), parted(6), parted(3)) == (0, 1, 3)


def test_the_uncovered_links_are_counted_and_stand_by_tier():
    table = gaps.states()
    picture = coverage_chart(table, **common("en"))
    asked = table[(table["demand_wan"] > 0) & table["supply_wan"].notna()]
    short = asked[asked["supply_wan"] / asked["demand_wan"] < 0.95]
    worst = short.loc[(short["demand_wan"] - short["supply_wan"]).idxmax(), "en"]
    assert picture.title.startswith(f"{len(short)} of {len(asked)} links") and worst in picture.title
    order = ["upstream", "midstream", "downstream", "support"]
    assert picture.data["tier"].map(order.index).is_monotonic_increasing and len(picture.data) == len(table)


def test_the_front_is_counted_and_the_undrawn_are_told():
    table = gaps.near()
    picture = nearness_chart(table, EDITION, **common("zh"))
    assert f"40个缺口中，{table['front'].sum()}个" in picture.title and (picture.data["front"] == "★").sum() == table["front"].sum()
    table.loc[table.index[:3], "per_yuan"] = 0.0
    table.loc[table.index[3:5], "density"] = np.nan
    assert "另有5个缺口" in nearness_chart(table, EDITION, **common("zh")).caption


def test_every_name_of_the_front_stands_in_the_figure_or_in_its_key():
    table = gaps.near(20, crowded=True)
    printed = looked_at(nearness_chart(table, EDITION, **common("zh")).figure).replace("\n", "")
    assert all(name in printed for name in table["zh"])


@pytest.mark.parametrize("seed", range(6))
def test_labels_are_placed_apart(seed):
    draw = random.Random(seed)
    points = np.array([(draw.uniform(0, 7), draw.uniform(0, 3.9)) for _ in range(30)])
    texts = ["a name of some length " + str(index) for index in range(30)]
    found = placed_labels(points, texts, range(18), [(0, 3.6, 1, 3.9)], 7.0, 3.9)
    assert set(found) == set(range(18))
    boxes = [box for _, box in found.values()] + [(0, 3.6, 1, 3.9)]
    for one, other in itertools.combinations(boxes, 2):
        assert one[0] >= other[2] or other[0] >= one[2] or one[1] >= other[3] or other[1] >= one[3]
    numbers = [text for index, (text, _) in found.items() if text != texts[index]]
    assert sorted(numbers, key=int) == [str(count + 1) for count in range(len(numbers))]


def test_titles_of_moves_labels_and_promises_say_the_numbers():
    assert gaps_over_time(gaps.moves(), **common("zh")).title == "2022年二季度：新断4个，开始补7个，补上2个；仍有断点67个"
    assert "没有更早的季度" in gaps_over_time(gaps.moves().head(1), **common("zh")).title
    table = gaps.labelled()
    filling = table[table["label"] == "fill"]
    real = filling.loc[filling["does"] == "fill", "projects"].sum()
    named = table[table["label"] != "none"]
    same = named.loc[named["label"] == named["does"], "projects"].sum()
    title = labels_chart(table, **common("zh")).title
    assert f"自称补链的{filling['projects'].sum()}个项目中{real}个" in title
    assert f"{named['projects'].sum()}个有自称的项目中{same}个" in title
    assert promises_chart(gaps.promises(), **common("zh")).title == "断点上的55个项目：按时投产12个，逾期9个，未到期30个，不做了4个"


def test_an_unnamed_label_is_shown_by_the_name_given():
    table = pd.concat([gaps.labelled(), pd.DataFrame([{"label": "other", "does": "none", "projects": 5}])])
    picture = labels_chart(table, **common("zh"), names={"other": "其他叫法"})
    assert picture.data.loc[picture.data["label"] == "其他叫法", "projects"].sum() == 5
    looked_at(picture.figure)


def test_amounts_and_intervals_as_text():
    assert [amount(value) for value in (0.0, 0.034, 0.997, 12.34, 250.0, None)] == ["0", "0.03", "1.0", "12.3", "250.0", "–"]
    assert (span(2, 2), span(1, 3)) == ("2", "1–3")


def test_marks_side_by_side_differ_in_greyscale():
    pairs = [*itertools.combinations(palette.PROMISES.values(), 2), (palette.IN_TIME, palette.LATE), (palette.IN_TIME, palette.EMPTY)]
    for one, other in pairs:
        assert abs(lab(linear(one))[0] - lab(linear(other))[0]) > 9, (one, other)
