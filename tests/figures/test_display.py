"""What a notebook shows: payloads as the page template reads them, and plain fallbacks."""

import datetime as dt
import json

import numpy as np
import pandas as pd
import pytest
from IPython.core.formatters import DisplayFormatter
from matplotlib.figure import Figure
from PIL import Image

from liantu.figures import Answer, Behind, Headline, Outlook, PageTable, Picture, TrendPoint
from liantu.figures.display import _flat, plain, plain_rows

NASTY = '<script>alert("x")</script> & 喆'


def figure():
    drawn = Figure(figsize=(2, 1))
    drawn.add_subplot().set_title("$x$ 锆")
    return drawn


def data():
    return pd.DataFrame({"name": [NASTY, None], "count": pd.array([3, None], "Int64"), "share": [0.5, float("nan")],
                         "day": pd.to_datetime(["2022-06-30", None]), "flag": [True, False], "number": np.array([1, 2], "int32")})


def strict(payload):
    return json.loads(json.dumps(payload, allow_nan=False))


def test_picture_payload_and_png():
    picture = Picture("name", figure(), "标题", "文字说明 3", data(), {"name": "名称"}, "说明", dt.date(2022, 6, 30), "个")
    bundle, metadata = picture._repr_mimebundle_()
    assert set(bundle) == {"application/vnd.liantu.figure+json", "image/png", "text/plain"}
    payload = strict(bundle["application/vnd.liantu.figure+json"])
    assert list(payload) == ["name", "title", "alt", "caption", "as_of", "unit", "columns", "rows"]
    assert payload["as_of"] == "2022-06-30" and payload["columns"][0] == {"name": "name", "label": "名称"}
    assert payload["rows"] == [[NASTY, 3, 0.5, "2022-06-30", True, 1], [None, None, None, None, False, 2]]
    assert bundle["image/png"].startswith(b"\x89PNG") and b"Software" not in bundle["image/png"] and b"tIME" not in bundle["image/png"]
    assert metadata["image/png"] == {"width": 192, "height": 96, "alt": "文字说明 3"}


def test_picture_keeps_bytes_not_figures():
    picture = Picture("name", figure(), "t", "a", data(), {})
    first = picture.png
    assert picture.figure.axes == [] and picture.png is first
    assert Picture("name", figure(), "t", "a", data(), {}).png == first


def test_few_colours_are_those_of_the_whole_picture():
    across, down = np.meshgrid(np.arange(300), np.arange(200))
    pixels = np.full((200, 300, 4), 255, dtype="uint8")
    pixels[20:120, :, :3] = np.stack([across, down, across // 2 + down], axis=-1)[20:120] % 256  # more colours than 256
    pixels[150, 7, :3] = 1, 250, 3  # a mark of one pixel
    whole = Image.fromarray(pixels).convert("RGB").quantize(256, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    few = _flat(pixels)
    assert np.array_equal(np.asarray(few), np.asarray(whole)) and few.getpalette() == whole.getpalette()
    assert few.convert("RGB").getpixel((7, 150)) == (1, 250, 3)


def test_rows_of_every_type_are_plain_values():
    days = pd.to_datetime(["2022-06-30", None, "1999-01-01"])
    table = pd.DataFrame({
        "text": pd.array(["甲", None, "乙"], "str"), "python": pd.array(["a", None, "b"], pd.StringDtype("python")), "day": days,
        "time": pd.to_datetime(["2022-06-30 10:30", None, "2022-07-01 00:00"]), "zone": days.tz_localize("Asia/Shanghai"),
        "whole": pd.array([1, None, 3], "Int64"), "truth": pd.array([True, None, False], "boolean"), "share": [0.5, np.inf, np.nan],
        "mixed": [dt.date(2022, 1, 2), ["x", np.nan], {"k": np.int64(3)}], "kind": pd.Categorical(["u", None, "v"])})
    expected = [[plain(value) for value in row] for row in table.itertuples(index=False, name=None)]
    assert strict(plain_rows(table)) == expected
    assert expected[0][:4] == ["甲", "a", "2022-06-30", "2022-06-30T10:30:00"] and expected[1][:4] == [None] * 4
    assert plain_rows(table.iloc[:0]) == plain_rows(table[[]]) == []


def test_ipython_takes_the_bundle():
    formatted, metadata = DisplayFormatter().format(Picture("name", figure(), "t", "a", data(), {}))
    assert "application/vnd.liantu.figure+json" in formatted and "image/png" in metadata


def test_table_payload_and_escaped_fallback():
    table = PageTable("rows", NASTY, data(), {"count": "个数"}, NASTY, {"name": "center"})
    bundle = table._repr_mimebundle_()
    payload = strict(bundle["application/vnd.liantu.table+json"])
    assert list(payload) == ["name", "title", "caption", "columns", "rows"]
    assert [column["align"] for column in payload["columns"]] == ["center", "right", "right", "left", "left", "right"]
    assert "<script>" not in bundle["text/html"] and "&lt;script&gt;" in bundle["text/html"] and "个数" in bundle["text/html"]


def test_headline_payload():
    headline = Headline("q1", "一季度开工", np.int64(86), "个", 120.0, float("nan"), "差34", "missed", 2)
    bundle = headline._repr_mimebundle_()
    assert strict(bundle["application/vnd.liantu.headline+json"]) == {
        "name": "q1", "label": "一季度开工", "value": 86, "unit": "个", "target": 120.0, "elapsed": None, "note": "差34",
        "status": "missed", "order": 2}
    assert bundle["text/plain"] == "一季度开工: 86 / 120.0 个 (差34)"
    with pytest.raises(ValueError, match=r"late.*met, ahead, behind, missed, unknown"):
        Headline("q1", "x", 1, status="late")


def test_answer_payload_and_markdown():
    bundle = Answer("够不够？", NASTY, "开门红")._repr_mimebundle_()
    assert bundle["application/vnd.liantu.answer+json"] == {"question": "够不够？", "answer": NASTY, "theme": "开门红"}
    assert bundle["text/markdown"].startswith("**够不够？**") and "<script>" not in bundle["text/markdown"]


def test_picture_with_the_rows_behind_it():
    rows = pd.DataFrame({"project": ["甲", "乙"], "bar": ["开工", "签约"], "row": pd.array([3, None], "Int64")})
    picture = Picture("name", figure(), "t", "a", data(), {}).backed_by(Behind("两行", rows, {"bar": "条"}))
    assert strict(picture.payload)["behind"] == {
        "title": "两行", "group": 1, "rows": [["甲", "开工", 3], ["乙", "签约", None]],
        "columns": [{"name": "project", "label": "project"}, {"name": "bar", "label": "条"}, {"name": "row", "label": "row"}]}
    assert picture.png == Picture("name", figure(), "t", "a", data(), {}).png


def test_headline_with_an_outlook():
    outlook = Outlook(dt.date(2022, 12, 31), 186.5, np.float64(170), 204.0, None, "model", "预计187")
    bundle = Headline("q1", "x", 86, outlook=outlook)._repr_mimebundle_()
    assert strict(bundle["application/vnd.liantu.headline+json"])["outlook"] == {
        "day": "2022-12-31", "mean": 186.5, "low": 170.0, "high": 204.0, "chance": None, "method": "model", "text": "预计187"}
    assert bundle["text/plain"].endswith("; 预计187")


def test_headline_with_a_trend():
    headline = Headline("q1", "x", 86, trend=(TrendPoint("2021Q4", np.int64(80)), TrendPoint("2022Q1", 86, 120.0)))
    assert strict(headline.payload)["trend"] == [{"quarter": "2021Q4", "value": 80, "target": None},
                                                 {"quarter": "2022Q1", "value": 86, "target": 120.0}]
