"""What the titles of the quality charts dare to say: no order on noise, only what can still be mended, nothing rounded to perfect."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import figure_samples as samples

from liantu.figures import filled_chart, rules_chart, score_chart

COMMON = {"as_of": samples.AS_OF, "simulated": True, "place": "朝阳市", "lang": "zh"}


def printed(picture):
    return [text.get_text() for text in picture.figure.findobj(lambda artist: hasattr(artist, "get_text"))]


def test_overlapping_scores_have_no_order():
    picture = score_chart(samples.scored("zh", 88.0, 0.4, 3.0), **COMMON)
    assert "不分先后" in picture.title and picture.data["group"].unique().tolist() == [1]
    assert picture.data["label"].tolist() == [county.short_zh for county in samples.COUNTIES]  # by code, not by score
    assert "第1–7位" in printed(picture)


def test_only_who_is_surely_below_is_named():
    table = samples.scored("zh", 90.0, 0.0, 1.0)
    table.loc[3, ["score", "low", "high", "group", "first", "last"]] = [80.0, 78.0, 82.0, 2, 7, 7]
    table.loc[table.index != 3, "last"] = 6
    picture = score_chart(table, **COMMON)
    assert "建平确实低于其他6个" in picture.title and "其余不分先后" in picture.title
    assert picture.data["label"].iloc[-1] == "建平" and "第7位" in printed(picture)


@pytest.mark.parametrize(("then", "way"), [((70, 69, 71), "高于"), ((95, 94, 96), "低于"), ((85, 84, 86), "分不出高低")])
def test_a_ledger_is_held_against_the_one_before_only_where_intervals_part(then, way):
    table = samples.scored_over_time()
    table.loc[1, ["score", "low", "high"]] = list(map(float, then))
    assert way in score_chart(table, **COMMON, over_time=True).title
    alone = score_chart(table.tail(1), **COMMON, over_time=True)
    assert "没有可比的上期" in alone.title


def test_nearly_all_is_not_printed_as_all():
    table = samples.filled("zh").assign(asked=1000, filled=1000)
    table.loc[table.index[0], "filled"] = 999
    table.loc[table.index[1], "filled"] = 1
    picture = filled_chart(table, **COMMON)
    assert "99%+" in printed(picture) and "<1%" in printed(picture)
    assert "全部填了" in filled_chart(table.assign(filled=1000), **COMMON).title


def test_rules_name_the_three_that_find_most():
    table = samples.broken("zh")
    picture = rules_chart(table, **COMMON, read=100_000)
    assert f"待更正{table['cells'].sum()}处" in picture.title
    most = table.sort_values("cells", ascending=False, kind="stable")["rule"].head(3)
    assert all(rule in picture.title for rule in most)
