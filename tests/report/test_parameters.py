"""Parameters are checked before anything is opened: the value, what is allowed, the nearest match."""

import datetime as dt

import pytest

from liantu.errors import LiantuError
from liantu.report.parameters import check, snapshots


@pytest.fixture
def two_datasets(tmp_path, monkeypatch):
    for name in ("simulated/2021Q4", "simulated/2022Q1", "simulated/2022Q2", "simulated/truth", "mine/2022-09-30"):
        (tmp_path / "raw" / name).mkdir(parents=True)
    monkeypatch.setenv("LIANTU_DATA", str(tmp_path))


def test_defaults_are_valid(two_datasets):
    parameters = check()
    assert str(parameters.quarter) == "2022Q2"
    assert parameters.known_on == dt.date(2022, 6, 30)
    assert parameters.as_text() == {
        "quarter": "2022Q2", "county": "", "chain": "", "dataset": "simulated", "lang": "zh", "as_of": "", "edition": "2022"}


def test_counties_by_code_or_name_and_chains_by_alias(two_datasets):
    assert check(county="喀左").county == check(county="211324").county == "211324"
    assert check(chain="steel").chain == "钢铁冶金"


def test_snapshots_in_order_and_truth_is_none(two_datasets):
    assert snapshots("simulated") == ["2021Q4", "2022Q1", "2022Q2"]
    assert str(check(dataset="mine").quarter) == "2022Q3"


@pytest.mark.parametrize(("given", "words"), [
    ({"quarter": "2022Q5"}, ["2022Q5", "write it as 2022Q2"]),
    ({"quarter": "2023Q1"}, ["2023Q1", "2021Q4, 2022Q1, 2022Q2"]),
    ({"county": "朝阳区"}, ["朝阳区", "211302 双塔", "211321 朝阳县"]),
    ({"county": "110105"}, ["110105"]),
    ({"chain": "橡胶论胎"}, ["did you mean 橡胶轮胎?"]),
    ({"dataset": "simulate"}, ["did you mean simulated?", "mine"]),
    ({"lang": "fr"}, ["fr", "zh, en"]),
    ({"edition": "2099"}, ["2099", "2022"]),
    ({"as_of": "30/6/2022"}, ["30/6/2022", "2022-06-30"]),
    ({"quater": "2022Q2"}, ["did you mean quarter?", "as_of"]),
])
def test_bad_values_name_value_allowed_and_nearest(two_datasets, given, words):
    with pytest.raises(LiantuError) as raised:
        check(**given)
    assert "\n" not in str(raised.value)
    for word in words:
        assert word in str(raised.value)
