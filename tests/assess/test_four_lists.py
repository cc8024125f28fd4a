"""The four lists: what stands in them, how it stands at a date, and that each item is on them once."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import pandas as pd
import pytest

from liantu import Report
from liantu.assess.lists import four_lists, key_tasks, list_rules
from liantu.assess.lists.problems import problem_list
from liantu.assess.lists.rules import ListRules
from liantu.assess.lists.states import by_urgency, with_state
from liantu.ledger.values import read_date
from liantu.progress.targets import against_targets
from liantu.reference import city
from liantu.reference.loading import ReferenceFileError, load

NAMES = ("tasks", "progress", "problems", "duties")
AS_OF = dt.date(2022, 6, 30)


@pytest.fixture(scope="module")
def report(small_data):
    return Report(quarter="2022Q2")


@pytest.fixture(scope="module")
def lists(report):
    return four_lists(report)


def test_states_and_days_by_hand():
    due = pd.to_datetime(pd.Series(["2022-06-29", "2022-06-30", "2022-07-30", "2022-07-31", None, "2022-01-01"]))
    table = with_state(pd.DataFrame({"id": list("abcdef"), "due": due}), pd.Series([False] * 5 + [True]), AS_OF, 30)
    assert table["state"].tolist() == ["overdue", "soon", "soon", "open", "no_date", "done"]
    assert table["days"].tolist()[:4] == [1, 0, -30, -31] and table["days"].isna().tolist()[4:] == [True, True]
    assert by_urgency(table, "id")["id"].tolist() == ["a", "b", "c", "d", "e", "f"]


@pytest.mark.parametrize("precision", ["day", "ten_days", "month", "quarter", "half", "year"])
@pytest.mark.parametrize("last", ["2022-03-31", "2022-09-30", "2022-12-31"])
def test_a_vague_date_comes_back_as_vague_as_it_was(precision, last):
    day = pd.Timestamp({"half": "2022-06-30" if last < "2022-06" else "2022-12-31", "year": "2022-12-31"}.get(precision, last))
    said = list_rules(city()).date_text(day, precision)
    reading = read_date(said, snapshot=dt.date(2022, 9, 30))
    assert (reading.value, reading.precision) == (day.date(), precision), said


def test_the_rules_refuse_what_they_do_not_know(tmp_path):
    text = (city().folder / "lists.yml").read_text(encoding="utf-8")
    for old, new, said in (("at_capacity]", "opened]", "not a stage: opened"), ("  month:", "  moon:", "dates has one entry"),
                           ("soon_days: 30", "soon_days: -1", "soon_days")):
        assert old in text
        (tmp_path / "lists.yml").write_text(text.replace(old, new, 1), encoding="utf-8")
        with pytest.raises(ReferenceFileError, match=rf"lists\.yml.*{said}"):
            load(ListRules, tmp_path / "lists.yml")


def test_tasks_are_those_reported_the_targets_and_the_steps_that_are_near(report, lists):
    tasks = lists.tasks.groupby("origin")
    newest = report.tasks
    assert set(tasks.get_group("key")["task_id"]) == set(newest["task_id"]) and lists.tasks["task_id"].is_unique
    targets = tasks.get_group("target").set_index("task_id")
    for row in against_targets(report).dropna(subset=["value"]).itertuples():
        mine = targets.loc[f"MB-2022-{row.target}"]
        assert (mine["value"], mine["actual"], mine["gap"]) == (row.value, row.actual, max(row.value - row.actual, 0))
        assert mine["state"] == "done" if mine["gap"] == 0 else mine["state"] != "done"
    steps = tasks.get_group("step")
    near = lists.progress[lists.progress["due"] <= "2022-09-30"]
    assert set(steps["task_id"]) == {f"RW-{project}-{stage}" for project, stage in zip(near["project_id"], near["next"], strict=True)}
    assert set(steps["kind"]) == {"项目节点"} and len(steps) > 10
    assert key_tasks(lists.tasks, report.city)["origin"].unique().tolist() == ["key"]


def test_the_next_step_of_a_project_is_the_first_planned_one_that_is_not_reached(report, lists):
    milestones = report.milestones.set_index(["project_id", "stage"])
    order, checked = list(lists.rules.steps), 0
    for row in lists.progress.dropna(subset=["next"]).itertuples():
        own = milestones.loc[row.project_id]
        reached = [step for step in order if step in own.index and pd.notna(own.at[step, "first_reported"])]
        assert row.next not in reached and row.due == own.at[row.next, "planned_date"]
        between = order[order.index(reached[-1]) + 1 if reached else 0:order.index(row.next)]
        skipped = [step for step in between if step in own.index and pd.notna(own.at[step, "planned_date"])]
        # a stage stated without its date may stand beyond what milestones tell
        assert not skipped or row.stage in ("completed", "producing", "started", "resumed", "suspended"), (row.project_id, skipped)
        checked += 1
    assert checked > 50


def test_only_projects_in_progress_that_ledgers_still_have_are_listed(report, lists):
    projects = report.projects.set_index("project_id")
    listed = projects.loc[lists.progress["project_id"]]
    assert set(listed["stage"].dropna()) <= set(lists.rules.in_progress) and lists.progress["project_id"].is_unique
    unfinished = projects[projects["stage"].isin(lists.rules.in_progress) | projects["stage"].isna()]
    assert len(listed) + lists.left_out == len(unfinished)


def test_problems_are_open_or_solved_in_the_quarter(report, lists):
    rows = lists.problems
    assert rows["problem_id"].is_unique and set(rows.loc[rows["state"] == "done", "resolved"].dropna() >= "2022-04-01") <= {True}
    newest = report.problems
    unsolved = newest[newest["resolved"].isna() & (newest["status"] != "是")]
    assert set(unsolved["problem_id"]) <= set(rows.loc[rows["state"] != "done", "problem_id"])


def test_a_problem_solved_without_a_date_is_listed_in_the_quarter_in_which_it_shows(report):
    ledger = pd.DataFrame({
        "problem_id": ["a", "a", "b", "b", "c"], "status": ["否", "是", "是", "是", "是"], "county": "211382",
        "snapshot": pd.to_datetime(["2022-03-31", "2022-06-30", "2022-03-31", "2022-06-30", "2022-06-30"]),
        "due": pd.to_datetime(["2022-05-01"] * 5), "resolved": pd.to_datetime([None] * 5)})

    class Known:
        quarter, as_of, city = report.quarter, report.as_of, report.city

        def table(self, name):
            assert name == "problems"
            return ledger

    found = problem_list(Known(), list_rules(report.city))
    assert found["problem_id"].tolist() == ["a", "c"] and set(found["state"]) == {"done"}


def test_each_open_item_is_on_the_responsibility_list_once(lists):
    duties = lists.duties
    assert not duties.duplicated(["kind", "item_id"]).any() and not duties["item_id"].str.startswith("RW-").any()
    counted = duties["kind"].value_counts().to_dict()
    assert counted == {"project": len(lists.progress), "problem": int((lists.problems["state"] != "done").sum()),
                       "task": int(((lists.tasks["state"] != "done") & (lists.tasks["origin"] != "step")).sum())}


def test_the_counties_lists_are_the_citys_rows_with_a_county(report, lists):
    counties = [four_lists(report.known_in(code)) for code in report.city.divisions.codes]
    for name in NAMES:
        own = getattr(lists, name)["county"]
        assert sum(len(getattr(one, name)) for one in counties) == own.isin(report.city.divisions.codes).sum()
    assert sum(one.left_out for one in counties) <= lists.left_out


def test_the_lists_of_a_later_quarter_know_the_same_numbers(report, lists):
    later = four_lists(Report(quarter="2022Q3"))
    shared = set(lists.tasks["task_id"]) & set(later.tasks["task_id"])
    names = {number: name for table in (lists.tasks, later.tasks) for number, name in zip(table["task_id"], table["name"], strict=True)
             if number.startswith("RW-") and number in shared}
    assert len(names) > 5 and all(number.split("-")[1] in set(later.progress["project_id"]) for number in names)


def test_where_nothing_is_planned_or_reported_the_lists_are_empty(tmp_path, monkeypatch):
    shutil.copytree(Path(__file__).parents[2] / "data" / "raw" / "public", tmp_path / "raw" / "public")
    monkeypatch.setenv("LIANTU_DATA", str(tmp_path))
    lists = four_lists(Report(quarter="2022Q4", dataset="public"))
    assert lists.tasks.empty and lists.problems.empty and len(lists.progress) == len(lists.duties) > 0
    assert set(lists.progress["state"]) == {"no_date"} and lists.progress["next"].isna().all()
    counties = [four_lists(Report(quarter="2022Q4", dataset="public", county=code)) for code in city().divisions.codes]
    assert sum(len(one.progress) for one in counties) == lists.progress["county"].isin(city().divisions.codes).sum()
    assert all(one.duties.empty == one.progress.empty for one in counties)
