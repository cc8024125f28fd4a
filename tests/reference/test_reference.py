"""The city's reference data: what the speech says is there, and a bad entry is named."""

import datetime as dt

import pytest

from liantu.errors import UnknownValueError
from liantu.reference import Quarter, ReferenceFileError, city, elapsed_share
from liantu.reference.loading import load
from liantu.reference.models import Targets


def test_targets_of_the_speech():
    targets = {target.id: target.value for target in city().targets(2022).targets}
    assert targets == {"q1_started": 120, "q2_at_capacity": 191, "year_introduced": 200, "year_at_work": 1000, "key_tasks": 92,
                       "task_force_landed": 5, "early_work_fund": 5000}


def test_a_year_without_targets_keeps_the_counting_and_has_no_values():
    targets = city().targets(2023)
    assert [target.value for target in targets.targets] == [None] * 4
    assert targets.by_id("q1_started").due == dt.date(2023, 3, 31)


def test_divisions_are_gb_2260():
    divisions = city().divisions
    assert divisions.codes == ("211302", "211303", "211321", "211322", "211324", "211381", "211382")
    assert divisions.city.code == "211300"
    names = [name for division in (divisions.city, *divisions.counties) for name in {division.zh, division.short_zh, *division.aliases}]
    assert len(names) == len(set(names)), "a name of two divisions"


def test_vocabulary_words_mean_one_thing():
    vocabulary = city().vocabulary
    for kind in ("stages", "approvals", "construction", "categories", "origins", "approval_status"):
        words = [word for term in getattr(vocabulary, kind) for word in term.words]
        assert len(words) == len(set(words)), kind


def test_seventeen_chains_with_source_and_confidence():
    chains = city().chains("2022").chains
    assert [chain.zh for chain in chains] == [
        "钢铁冶金", "汽车及零部件", "橡胶轮胎", "有色金属新材料", "清洁能源", "电子信息", "冶金铸锻", "装备制造", "新材料", "农产品深加工",
        "膨润土", "环保设备", "新型建材", "家居", "新能源装备与储能", "玄武岩纤维", "钒钛"]
    assert all(chain.source and chain.confidence for chain in chains)
    with pytest.raises(UnknownValueError, match="did you mean 橡胶轮胎"):
        city().chains().by_name("橡胶轮")


def test_four_themes():
    assert [theme.zh for theme in city().calendar.themes] == ["开门红", "双过半", "攻坚", "收官"]


@pytest.mark.parametrize(("text", "message"), [
    ("year: 2022\ntargets:\n  - {id: x}\n", "targets.0.zh: Field required"),
    ("year: soon\ntargets: []\n", "year: Input should be a valid integer"),
    ("year: 2022\ntargets: []\nweights: 1\n", "weights: Extra inputs are not permitted"),
    ("year: [2022\n", "not readable as YAML"),
])
def test_a_bad_entry_is_an_error_with_file_and_key(tmp_path, text, message):
    path = tmp_path / "2022.yml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ReferenceFileError, match=r"2022\.yml") as raised:
        load(Targets, path)
    assert message in str(raised.value)


def test_quarters():
    quarter = Quarter.parse("2022Q2")
    assert (quarter.start, quarter.end) == (dt.date(2022, 4, 1), dt.date(2022, 6, 30))
    assert str(quarter.previous.previous) == "2021Q4"
    assert Quarter.of(dt.date(2022, 12, 31)).next == Quarter(2023, 1)


@pytest.mark.parametrize(("day", "share"), [("2022-03-31", 0.25), ("2022-06-30", 0.5), ("2022-12-31", 1.0), ("2022-02-14", 0.125)])
def test_elapsed_share_counts_quarters_as_quarters(day, share):
    assert elapsed_share(dt.date.fromisoformat(day)) == pytest.approx(share)
