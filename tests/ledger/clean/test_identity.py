"""Which rows report the same project: what must be merged, what must stay apart, what is only proposed."""

import numpy as np
import pandas as pd
import pytest

from liantu.ledger.identity.matching import identify, repeats
from liantu.ledger.identity.mentions import identity_keys, prepare_rows, row_ids
from liantu.ledger.identity.names import Names, likeness, squeeze, squeezed
from liantu.reference import ReferenceFileError, city
from liantu.reference.identity import IdentityRules
from liantu.reference.loading import load

Q1, Q2, Q3 = "2022-03-31", "2022-06-30", "2022-09-30"
METAL, MAGNESIUM = "朝阳金达新材料有限公司", "年产30万吨镁合金精深加工项目"


@pytest.fixture(scope="module")
def names():
    home = city()
    return Names(load(IdentityRules, home.folder / "identity.yml"), home.divisions)


def ledgers(*rows):
    """Rows of (snapshot, source, file, name, company, amount); a seventh entry is the county, an eighth the national code."""
    rows = [(*row, *("211302", None)[len(row) - 6:]) if len(row) < 8 else row for row in rows]
    frame = pd.DataFrame(rows, columns=[
        "snapshot", "source", "source_file", "name", "company", "total_investment_wan", "county", "national_code"])
    frame["row"] = frame.groupby(["snapshot", "source_file"]).cumcount() + 4
    return frame.assign(sheet="台账").astype({
        "snapshot": "datetime64[ms]", "name": "str", "company": "str", "county": "str", "national_code": "str",
        "total_investment_wan": "float64"})


def partition(ids):
    """The groups of rows that share a project, by position."""
    return {frozenset(np.flatnonzero(ids == project).tolist()) for project in ids.unique()}


def groups(names, *rows):
    return partition(identify(ledgers(*rows), names)[0])


def apart(*places):
    return {frozenset([place]) for place in places}


def decisions(names, *rows):
    return identify(ledgers(*rows), names)[1]["decision"].value_counts().to_dict()


def test_county_and_bureau_under_a_short_name_are_one_project(names):
    rows = [(Q1, "county", "a", MAGNESIUM, METAL, 30000), (Q1, "department", "b", "金达镁合金项目", "金达新材料", 30000)]
    ids, merges = identify(ledgers(*rows), names)
    assert partition(ids) == {frozenset({0, 1})}
    record = merges.iloc[0]
    assert (record["decision"], record["source_file"], record["row"], record["matched_to"]) == ("merged", "b", 4, "a#台账!4")
    assert 0.85 <= record["score"] < 1
    assert "company 单位 1.00" in record["evidence"]


@pytest.mark.parametrize(("one", "other"), [
    ("（一期）", "（二期）"), ("一期", "三期"), ("（I期）", "(Ⅱ期)"), ("首期", "二期"), ("1#厂房", "2#厂房"), ("第一标段", "第二标段"),
    ("一期", "（一、二期）"), ("2021年", "2022年"), ("A区", "B区")])
def test_phases_and_lots_stay_apart(names, one, other):
    rows = [(Q1, "county", "a", MAGNESIUM + one, METAL, 30000), (Q1, "department", "b", MAGNESIUM + other, METAL, 30000)]
    assert groups(names, *rows) == apart(0, 1)
    assert decisions(names, *rows) == {"kept_apart": 1}


@pytest.mark.parametrize(("one", "other"), [("（一期）", "一期工程"), ("Ⅱ期", "二期"), ("第三期", "(三期)"), ("１号厂房", "1#厂房")])
def test_a_phase_is_the_same_however_it_is_written(names, one, other):
    assert groups(names, (Q1, "county", "a", MAGNESIUM + one, METAL, 30000), (Q2, "county", "a", MAGNESIUM + other, METAL, 30000)) == {
        frozenset({0, 1})}


def test_a_name_without_phase_does_not_chain_two_phases(names):
    rows = [(Q1, "county", "a", MAGNESIUM + "一期", METAL, 30000), (Q1, "county", "a", MAGNESIUM + "二期", METAL, 30000),
            (Q1, "department", "b", MAGNESIUM, METAL, 30000)]
    assert groups(names, *rows) == apart(0, 1, 2)
    assert decisions(names, *rows) == {"proposed": 2, "kept_apart": 1}


@pytest.mark.parametrize(("one", "other", "amounts"), [
    ("新能源汽车零部件生产项目", "镁合金精深加工项目", (30000, 30000)),
    ("年产10万吨铸件项目", "年产20万吨铸件项目", (10000, 20000)),
    ("年产10万吨铸件项目", "年产10万吨锻件项目", (10000, 25000)),
])
def test_different_projects_of_one_company_stay_apart(names, one, other, amounts):
    rows = [(Q1, "county", "a", one, METAL, amounts[0]), (Q1, "department", "b", other, METAL, amounts[1])]
    assert groups(names, *rows) == apart(0, 1)


def test_the_same_name_in_two_counties_is_two_projects(names):
    rows = [(Q1, "county", file, "高标准农田建设项目", None, 500, county, None) for file, county in (("a", "211302"), ("b", "211381"))]
    assert groups(names, *rows) == apart(0, 1)


def test_a_national_code_ties_names_that_are_little_alike(names):
    code = "2205-211302-04-01-123456"
    rows = [(Q1, "county", "a", MAGNESIUM, METAL, 30000, "211302", code),
            (Q1, "department", "b", "轻合金产业园", None, None, "211302", code)]
    assert groups(names, *rows) == {frozenset({0, 1})}
    rows[1] = (*rows[1][:7], "2205-211302-04-01-654321")
    assert groups(names, *rows) == apart(0, 1)


def test_rows_side_by_side_in_one_ledger_are_merged_only_as_exact_repeats(names):
    row = (Q1, "county", "a", MAGNESIUM, METAL, 30000)
    assert groups(names, row, row, (*row[:5], 12000), (*row[:3], "镁合金精深加工项目", *row[4:])) == {
        frozenset({0, 1}), frozenset({2}), frozenset({3})}
    evidence = identify(ledgers(row, row), names)[1]["evidence"].tolist()
    assert evidence == ["the same row again in one ledger 同一台账内重复"]


def test_rows_of_one_name_with_different_amounts_are_followed_over_snapshots(names):
    rows = [(day, "county", "a", MAGNESIUM, METAL, amount) for day in (Q1, Q2, Q3) for amount in (30000, 12000)]
    assert groups(names, *rows) == {frozenset({0, 2, 4}), frozenset({1, 3, 5})}


def test_two_candidates_as_near_are_proposed_not_merged(names):
    rows = [(Q1, "county", "a", "100兆瓦风电项目", "华能", 50000), (Q1, "county", "a", "150兆瓦风电项目", "华能", 50000),
            (Q1, "department", "b", "风电项目", "华能", 50000)]
    assert groups(names, *rows) == apart(0, 1, 2)
    assert decisions(names, *rows)["proposed"] == 2


def test_ids_are_stable_when_snapshots_and_rows_are_added_or_moved(names):
    first = ledgers((Q1, "county", "a", MAGNESIUM + "一期", METAL, 30000), (Q1, "county", "a", "光伏发电项目", "华能", 50000))
    more = ledgers(
        (Q1, "county", "a", "光伏发电项目", "华能", 50000), (Q1, "county", "a", "小项目", "某某", 10),
        (Q1, "county", "a", MAGNESIUM + "一期", METAL, 30000), (Q2, "county", "a", "光伏发电工程", "华能", 52000))
    before, after = identify(first, names)[0], identify(more, names)[0]
    assert before.tolist() == [after[2], after[0]]
    assert after[3] == after[0]
    assert before.str.fullmatch(r"P[0-9a-f]{12}").all()


def test_the_order_of_the_rows_does_not_matter(names):
    rows = ledgers(
        (Q1, "county", "a", MAGNESIUM, METAL, 30000), (Q1, "county", "a", MAGNESIUM, METAL, 12000),
        (Q1, "department", "b", "金达镁合金", "金达新材料", 30000), (Q2, "county", "a", MAGNESIUM, None, 31000),
        (Q2, "zone", "c", "镁合金精深加工", METAL, 11800))
    ids, merges = identify(rows, names)
    for seed in range(3):
        shuffled = identify(rows.sample(frac=1, random_state=seed), names)
        pd.testing.assert_series_equal(shuffled[0].sort_index(), ids)
        pd.testing.assert_frame_equal(shuffled[1], merges)


def test_a_large_ledger_is_not_held_against_itself_but_against_others(names):
    rules = names.rules.model_copy(update={"blocking": names.rules.blocking.model_copy(update={"side_by_side_rows": 1})})
    small = Names(rules, names.divisions)
    rows = [(Q1, "county", "a", MAGNESIUM, METAL, 30000), (Q1, "county", "a", MAGNESIUM + "一期", METAL, 30000)]
    other = [(Q1, "department", "b", "金达镁合金项目", "金达新材料", 30000), (Q1, "department", "b", "别的项目", "某某", 1)]
    assert (decisions(names, *rows), decisions(small, *rows)) == ({"kept_apart": 1}, {})
    assert groups(small, rows[0], *other) == groups(names, rows[0], *other) == {frozenset({0, 1}), frozenset({2})}


def test_ids_of_parts_of_the_rows_are_the_ids_of_the_whole(names):
    rows = ledgers(*[(day, "county", "a", name, METAL, amount) for day in (Q1, Q2) for name in ("光伏发电项目", "铸件项目", "养老院")
                     for amount in (100, 900)])
    whole = prepare_rows(rows, names)
    key = identity_keys(rows, names).agg("|".join, axis=1)
    parts = [prepare_rows(part, names) for _, part in rows.groupby(key)]
    ids = pd.concat([row_ids(part) for part in parts])
    pd.testing.assert_series_equal(ids.sort_index(), row_ids(whole).sort_index())
    assert ids.nunique() == 6
    assert sum(len(repeats(part, row_ids(part))) for part in parts) == 6


def test_a_name_listed_very_often_is_followed_by_its_sums_alone(names):
    amounts = [100.0 + 40 * step for step in range(names.rules.blocking.followed + 5)]
    rows = ledgers(*[(day, "county", "a", MAGNESIUM, METAL, amount) for day in (Q1, Q2) for amount in amounts])
    ids = identify(rows, names)[0]
    assert partition(ids) == {frozenset({place, place + len(amounts)}) for place in range(len(amounts))}


def test_nothing_to_identify(names):
    ids, merges = identify(ledgers().iloc[:0], names)
    assert len(ids) == len(merges) == 0


@pytest.mark.parametrize(("name", "core", "phases", "numbers"), [
    ("朝阳金达新材料有限公司年产30万吨镁合金项目（一期）", "金达新材料年产吨镁合金", {"phase 1"}, {300000.0}),
    ("光伏发电项目（一、二期）", "光伏发电", {"phase 1", "phase 2"}, set()),
    ("十二期", "十二期", {"phase 12"}, set()),
    ("１００ＭＷ风电", "MW风电", set(), {100000.0}),
    ("10万千瓦风电", "千瓦风电", set(), {100000.0}),
    ("年产三十万吨鋼鐵", "年产吨钢铁", set(), {300000.0}),
    ("养护工程Ⅱ标", "养护", {"lot 2"}, set()),
    ("大宗商品期货交割库", "大宗商品期货交割库", set(), set()),
])
def test_a_name_is_taken_apart(names, name, core, phases, numbers):
    taken = names.project(name)
    assert (taken.core, taken.phases, taken.numbers) == (core, phases, numbers)


@pytest.mark.parametrize(("name", "core"), [
    ("朝阳金达新材料有限公司", "金达新材料"), ("金达新材料（集团）股份有限公司", "金达新材料"),
    ("辽宁朝阳飞马车辆设备股份公司", "飞马车辆设备"), (None, "")])
def test_a_company_without_legal_form_and_place(names, name, core):
    assert names.company(name) == core
    assert names.companies(pd.Series([name, name], dtype="str")).tolist() == [core, core]


def test_a_column_of_names_is_squeezed_as_one_name_is():
    texts = pd.Series(["年产５万吨 （一期）", "Ａb－（1）_〇", "ﬁ ① Ⅳ 閥門", "", "年产５万吨 （一期）"], dtype="str")
    assert squeezed(texts).tolist() == [squeeze(text) for text in texts]


def test_likeness_of_cores():
    abbreviation = {2: 0.6, 4: 0.8}
    assert likeness(["甲乙丙", "甲乙丙", "甲丙", "", "丁"], ["甲乙丙", "甲乙丁", "甲乙丙丁戊己", "甲", "甲"], abbreviation).tolist() == [
        1.0, pytest.approx(2 / 3), 0.6, 0.0, 0.0]
    assert squeeze(" Ａb－（1） ") == "AB1"


def test_broken_settings_are_told(names, tmp_path):
    text = (city().folder / "identity.yml").read_text(encoding="utf-8")
    path = tmp_path / "identity.yml"
    path.write_text(text.replace("name: 0.40", "name: 0.50"), encoding="utf-8")
    with pytest.raises(ReferenceFileError, match="sum to 1"):
        load(IdentityRules, path)
    path.write_text(text.replace("'(首)期'", "'首期'"), encoding="utf-8")
    with pytest.raises(ReferenceFileError, match="exactly one group"):
        load(IdentityRules, path)
