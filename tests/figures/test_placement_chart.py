"""The reliability plot of the placement."""

import datetime as dt

import pandas as pd
import pytest

from liantu.figures.placement_chart import reliability_chart


@pytest.mark.parametrize(("lang", "words"), [("zh", "布里尔分数"), ("en", "Brier score")])
def test_the_plot_says_how_often_a_confidence_was_right(lang, words):
    picture = reliability_chart(pd.Series([0.55, 0.9, 0.95]), pd.Series([False, True, True]), lang, dt.date(2022, 6, 30), "x")
    assert picture.png.startswith(b"\x89PNG") and words in picture.caption
    assert picture.data["count"].tolist() == [1, 2] and picture.data["right"].tolist() == [0.0, 1.0]
    assert set(picture.labels) == set(picture.data) and "67" in picture.title and picture.title in picture.alt
