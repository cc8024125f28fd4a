"""A report of the later edition: the same tables told in its entries, narrowed to them, nothing lost, nothing opened that is not needed."""

import datetime as dt

import pandas as pd
import pytest

from liantu.chains import recut as cutting
from liantu.errors import UnknownValueError
from liantu.reference import city, opened
from liantu.report import Report
from liantu.tables import CONTRACTS

WITHOUT_CHAIN = ("zones", "tasks", "problems", "lineage")


@pytest.fixture(scope="module")
def either(small_data):
    return Report(quarter="2022Q2"), Report(quarter="2022Q2", edition="2024")


def test_the_same_rows_are_told_either_way(either):
    old, new = either
    for name in CONTRACTS:
        before, after = old.tables[name], new.tables[name]
        told = [column for column in ("chain", "link") if column in before]
        pd.testing.assert_frame_equal(after.drop(columns=told), before.drop(columns=told), obj=name)
        if told:
            assert before["chain"].isna().tolist() == after["chain"].isna().tolist()
            assert set(after["chain"].dropna()) <= {chain.zh for chain in new.chains.chains} | {"unknown"}
    assert (new.projects["chain"] == "unknown").any() and (new.projects["chain"] == "现代钢铁冶金").any()


@pytest.mark.parametrize("county", ["", "211322"])
def test_an_entry_of_one_whole_chain_has_what_the_chain_has(small_data, county):
    asked = {"quarter": "2022Q2", "county": county}
    old, new = Report(chain="橡胶轮胎", **asked), Report(chain="橡胶轮胎", edition="2024", **asked)
    for name in CONTRACTS:
        before, after = old.tables[name], new.tables[name]
        told = [column for column in ("chain", "link") if column in before]
        pd.testing.assert_frame_equal(after.drop(columns=told), before.drop(columns=told), obj=name)
    assert len(new.known_at(dt.date(2022, 3, 31)).projects) == len(old.known_at(dt.date(2022, 3, 31)).projects)
    beside = dt.date(2022, 3, 31)
    assert new.held_beside(beside).milestones.equals(old.held_beside(beside).milestones)


def test_an_entry_of_two_chains_has_the_projects_of_both(either):
    old, _ = either
    new = Report(quarter="2022Q2", edition="2024", chain="新能源")
    both = old.projects[old.projects["chain"].isin(["清洁能源", "新能源装备与储能"])]
    assert new.projects["project_id"].tolist() == both["project_id"].tolist() and len(both) > 5
    assert set(new.milestones["project_id"]) <= set(both["project_id"])
    assert set(new.enterprises["chain"]) == {"新能源"}
    assert [link.id for link in new.chain.links] == [
        link.id for name in ("清洁能源", "新能源装备与储能") for link in old.chains.by_name(name).links]


def test_the_earlier_name_of_a_chain_finds_the_entry_and_another_is_refused(small_data):
    assert Report(quarter="2022Q2", edition="2024", chain="清洁能源").chain.zh == "新能源"
    with pytest.raises(UnknownValueError, match="现代钢铁冶金"):
        Report(quarter="2022Q2", edition="2024", chain="膨润土")


def test_what_a_county_sent_is_told_in_the_entries_too(either):
    old, new = either
    for name in ("projects", "observations"):
        before, after = old.ledgers("211322").tables[name], new.ledgers("211322").tables[name]
        pd.testing.assert_frame_equal(after, cutting.recut(before, new.crosswalk))
    assert new.crosswalk == city().crosswalk("2024") and old.crosswalk is None


def test_only_the_later_edition_opens_the_crosswalk(either):
    names = []
    for report in either:
        opened.forget()
        assert len(report.projects)
        names.append({entry["name"] for entry in opened.opened() if entry["kind"] == "reference"})
    opened.forget()
    assert "chains/2024/crosswalk.yml" in names[1] and not any("2024" in name for name in names[0])
