"""Stages that go back, projects that vanish, and all checks in one pass."""

import pandas as pd
import pytest
from checking_samples import Q1, Q2, Q3, Q4, RULES, observed

from liantu.ledger.checking.checks import check
from liantu.ledger.checking.sources import disagreements
from liantu.ledger.checking.stages import stages_back
from liantu.ledger.checking.vanishing import vanished
from liantu.reference import city


def back(*stages):
    rows = observed(*({"snapshot": day, "stage": stage} for day, stage in zip((Q4, Q1, Q2, Q3), stages, strict=False)))
    return [(rows.at[found.index, "snapshot"].date().isoformat(), found.stage, found.snapshot.date().isoformat())
            for found in stages_back(rows)]


@pytest.mark.parametrize(("stages", "found"), [
    (("signed", "approved", "started"), []),
    (("approved", "signed", "negotiating"), [(Q2, "approved", Q4)]),
    (("started", "approved"), [(Q1, "started", Q4)]),
    (("completed", "started", "started"), [(Q1, "completed", Q4), (Q2, "completed", Q4)]),
    (("started", "started", None, "signed"), [(Q3, "started", Q1)]),
    (("started", "suspended", "resumed", "started"), []),
    (("suspended", "approved"), [(Q1, "suspended", Q4)]),
    (("producing", "suspended"), []),
    (("terminated", "started"), [(Q1, "terminated", Q4)]),
    (("terminated", "resumed", "started"), []),
    (("terminated", "resumed", "approved"), [(Q2, "terminated", Q4)]),
    (("approved", "terminated"), [])])
def test_stages_that_go_back(stages, found):
    assert back(*stages) == found


def test_another_reporter_behind_is_not_a_stage_that_goes_back():
    assert stages_back(observed({"snapshot": Q1, "stage": "started"}, {"snapshot": Q2, "stage": "approved", "source": "department"})) == []


OTHER = {"project_id": "P2", "name": "乙项目", "stage": "started"}


def gone(*rows, **options):
    table = observed(*rows)
    found = vanished(table, RULES.vanishing, **options)
    return [(table.at[index, "project_id"], table.at[index, "row"], day.date().isoformat()) for index, day in found]


def test_a_project_that_the_next_ledger_lacks_has_vanished():
    rows = ({"snapshot": Q1, "stage": "started"}, {"snapshot": Q1, **OTHER}, {"snapshot": Q2, **OTHER}, {"snapshot": Q3, **OTHER})
    assert gone(*rows) == [("P1", 3, Q2)]
    assert gone(*rows, replaced={"P1"}) == []
    assert gone(*rows, refused=[(pd.Timestamp(Q2), "甲 项目")]) == []
    assert gone(*rows, refused=[(pd.Timestamp(Q1), "甲项目"), (pd.Timestamp(Q2), "丙项目")]) == [("P1", 3, Q2)]


@pytest.mark.parametrize("row", [
    {"stage": "completed"}, {"stage": "at_capacity"}, {"stage": "terminated"},
    {"stage": "started", "completed_actual": "2022-01-05", "completed_actual_precision": "day"}])
def test_what_is_over_is_dropped_rightly(row):
    assert gone({"snapshot": Q1, **row}, {"snapshot": Q1, **OTHER}, {"snapshot": Q2, **OTHER}) == []


def test_a_reporter_that_sent_nothing_says_nothing():
    elsewhere = {**OTHER, "county": "211381"}
    assert gone({"snapshot": Q1, "stage": "started"}, {"snapshot": Q1, **elsewhere}, {"snapshot": Q2, **elsewhere}) == []


def test_a_project_that_another_ledger_still_has_or_that_came_back_has_not_vanished():
    start = {"stage": "started"}
    assert gone({"snapshot": Q1, **start}, {"snapshot": Q2, **start, "source": "department"}, {"snapshot": Q2, **OTHER}) == []
    assert gone({"snapshot": Q1, **start}, {"snapshot": Q2, **OTHER}, {"snapshot": Q3, **start}, {"snapshot": Q3, **OTHER}) == []


def test_departments_are_known_by_their_files_without_the_date():
    said = {"source": "department", "stage": "signed"}
    rows = observed({"snapshot": Q1, **said}, {"snapshot": Q1, **said, **OTHER}, {"snapshot": Q2, **said, **OTHER})
    names = ["2022Q1/市商务局台账（2022年一季度）.xlsx", "2022Q1/市商务局台账（2022年一季度）.xlsx"]
    same = rows.assign(source_file=[*names, "2022Q2/市商务局台账（2022年6月）.xlsx"])
    other = rows.assign(source_file=[*names, "2022Q2/市发改委台账（2022年6月）.xlsx"])
    assert [index for index, _ in vanished(same, RULES.vanishing)] == [0] and vanished(other, RULES.vanishing) == []


@pytest.mark.parametrize(("sent_again", "found"), [(3, ["P1"]), (2, ["P1"]), (1, []), (0, [])])
def test_a_project_vanishes_only_from_a_ledger_that_is_sent_again(sent_again, found):
    beside = [{"project_id": f"P{number}", "name": f"项目{number}", "stage": "started"} for number in range(2, 6)]
    rows = [{"snapshot": Q1, "stage": "started"}, *({"snapshot": Q1, **said} for said in beside)]
    new = {"snapshot": Q2, "project_id": "P9", "name": "新项目", "stage": "started"}
    rows += [{"snapshot": Q2, **said} for said in beside[:sent_again]] + [new]
    told = [project for project, _, _ in gone(*rows)]
    # Of four others half are enough; when fewer stand in what is sent next, that is another list, and the others have not gone either.
    assert [project for project in told if project == "P1"] == found
    if not found:
        assert told == []


def test_what_is_finished_does_not_count_against_the_series():
    done = [{"project_id": f"P{number}", "name": f"项目{number}", "stage": "completed"} for number in range(3, 9)]
    rows = ({"snapshot": Q1, "stage": "started"}, {"snapshot": Q1, **OTHER}, *({"snapshot": Q1, **said} for said in done),
            {"snapshot": Q2, **OTHER})
    assert [project for project, _, _ in gone(*rows)] == ["P1"]


def test_a_project_alone_in_its_ledger_has_no_series():
    assert gone({"snapshot": Q1, "stage": "started"}, {"snapshot": Q2, **OTHER}) == []


def test_sources_that_differ_are_told_against_the_one_that_counts():
    rows = observed(
        {"snapshot": Q1, "total_investment_wan": 100.0}, {"snapshot": Q1, "total_investment_wan": 120.0, "source": "department"},
        {"snapshot": Q2, "total_investment_wan": 140.0, "source": "department"})
    assert disagreements(rows) == [(1, "total_investment_wan")]


def test_every_check_in_one_pass_with_rules_that_have_words():
    rows = observed(
        {"snapshot": Q4, "stage": "started", "total_investment_wan": 6600.0},
        {"snapshot": Q1, "stage": "approved", "total_investment_wan": 0.66},
        {"snapshot": Q1, **OTHER}, {"snapshot": Q2, **OTHER})
    checked = check(rows, city(), header=lambda index, column: "总投资（万元）")
    told = {(found.index, found.column, found.rule, found.detail) for found in checked.flaws}
    assert told == {
        (1, "stage", "stage_back", "开工 Started, 2021-12-31"), (1, "total_investment_wan", "unit_slip", "亿元（6600万元）"),
        (1, "name", "vanished", "2022-06-30")}
    words = {rule.id: rule for rule in city().rules.rules}
    for found in checked.flaws:
        for text in (words[found.rule].zh, words[found.rule].en):
            assert found.detail in text.format(value="v", column="c", detail=found.detail) and words[found.rule].severity == "warning"
    assert checked.changes.empty and not checked.findings
