"""The four lists sent out, filled in and sent back: every answer arrives under its id, nothing is doubled, lost or made up."""

from __future__ import annotations

import datetime as dt
import io
import shutil

import openpyxl
import pandas as pd
import pytest

from liantu import Report
from liantu.assess.lists import four_lists, key_tasks, list_rules
from liantu.figures import lists_book
from liantu.ledger.pipeline import run
from liantu.suite.pages.workbooks import workbook_bytes

COUNTY = "211382"
NOW = pd.Timestamp("2022-09-30")
BACK = "2022Q3/四清单_凌源市.xlsx"
WHOLE = "2022Q3/lists.xlsx"
DERIVED = {"项目节点", "年度目标"}


class Sheet:
    """A sheet of a returned workbook: cells by the id in one column and the header of another."""

    def __init__(self, sheet, key):
        self.sheet = sheet
        self.top = next(row for row in range(1, 10) if sheet.cell(row, 1).value == "序号")
        self.columns = {cell.value: cell.column for cell in sheet[self.top]}
        self.rows = {sheet.cell(row, self.columns[key]).value: row for row in range(self.top + 1, sheet.max_row + 1)}

    def fill(self, key, **answers):
        for header, value in answers.items():
            self.sheet.cell(self.rows[key], self.columns[header]).value = value
        return self.rows[key]

    def get(self, key, header):
        return self.sheet.cell(self.rows[key], self.columns[header]).value


def book(report):
    return openpyxl.load_workbook(io.BytesIO(workbook_bytes(lists_book.of_report(report).payload)))


@pytest.fixture(scope="module")
def sent(small_root, tmp_path_factory):
    """The report of one quarter's ledgers (a tenth of the data), from which the lists are sent out."""
    root = tmp_path_factory.mktemp("lists")
    there = small_root / "data" / "raw" / "simulated"
    shutil.copytree(there / "2022Q2", root / "data" / "raw" / "simulated" / "2022Q2")
    shutil.copy(there / "dataset.yml", root / "data" / "raw" / "simulated")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LIANTU_DATA", str(root / "data"))
        report = Report(quarter="2022Q2", county=COUNTY)
        for name in ("projects", "milestones", "observations", "investments", "tasks", "problems"):
            report.table(name)
        yield report, root / "data" / "raw" / "simulated"


def returned(raw, folder, books):
    """The tables and the account of the ledgers with these workbooks as those of the next quarter."""
    shutil.copytree(raw, folder)
    for name, workbook in books.items():
        (folder / name).parent.mkdir(exist_ok=True)
        workbook.save(folder / name)
    return run(folder)


@pytest.fixture(scope="module")
def back(tmp_path_factory):
    """The folder of the data in which the filled workbook came back."""
    return tmp_path_factory.mktemp("back")


@pytest.fixture(scope="module")
def filled(sent, back):
    """What was answered, and what cleaning made of it."""
    report, raw = sent
    lists, workbook = four_lists(report), book(report)
    tasks, progress, problems = (Sheet(workbook[name], key) for name, key in (
        ("任务清单", "任务编号"), ("进度清单", "链图项目号"), ("问题清单", "问题编号")))
    steps = lists.tasks[lists.tasks["origin"] == "step"]
    asked = steps.iloc[:2]["project_id"]
    going = lists.progress[(lists.progress["stage"] == "started") & ~lists.progress["project_id"].isin(asked)]
    done, moved = going.iloc[0]["project_id"], going.iloc[1]["project_id"]
    known = going.iloc[0][["done_year_wan", "done_total_wan"]].astype(float)
    money = {"年度完成投资（万元）": known["done_year_wan"] + 12.5, "开工以来累计完成投资（万元）": known["done_total_wan"] + 12.5}
    open_problem = lists.problems[lists.problems["state"] != "done"].iloc[0]["problem_id"]
    rows = {
        "task": tasks.fill(steps.iloc[0]["task_id"], 进度=1, 办结日期=dt.date(2022, 9, 9), 状态="已完成"),
        "half": tasks.fill(steps.iloc[1]["task_id"], 进度=0.5, 状态="推进中"),
        "done": progress.fill(done, 当前阶段="竣工", 实际竣工日期=dt.date(2022, 8, 20), **money),
        "moved": progress.fill(moved, 计划竣工日期=dt.date(2024, 5, 1), 备注="因雨季工期顺延"),
        "problem": problems.fill(open_problem, 解决日期=dt.date(2022, 8, 1), 状态="已解决")}
    cleaned = returned(raw, back / "data" / "raw" / "simulated", {BACK: workbook})
    ids = {"task": steps.iloc[0]["task_id"], "half": steps.iloc[1]["task_id"], "done": done, "moved": moved, "problem": open_problem,
           "money": tuple(money.values())}
    return report, lists, ids, rows, cleaned


def one(rows, **where):
    rows = rows.loc[pd.concat([rows[name] == value for name, value in where.items()], axis=1).all(axis=1)]
    assert len(rows) == 1, where
    return rows.iloc[0]


def test_every_answer_arrives_under_its_id(filled):
    _, _, ids, _, cleaned = filled
    tables = cleaned.tables
    task = one(tables["tasks"], task_id=ids["task"], snapshot=NOW)
    assert (task["progress"], task["done_date"], task["status"], task["kind"]) == (1, pd.Timestamp("2022-09-09"), "已完成", "项目节点")
    half = one(tables["tasks"], task_id=ids["half"], snapshot=NOW)
    assert half["progress"] == 0.5 and pd.isna(half["done_date"]) and half["county"] == COUNTY
    completed = one(tables["milestones"], project_id=ids["done"], stage="completed")
    assert completed["actual_date"] == pd.Timestamp("2022-08-20") and completed["first_reported"] == NOW
    assert one(tables["projects"], project_id=ids["done"])["stage"] == "completed"
    money = one(tables["investments"], project_id=ids["done"], snapshot=NOW)
    assert (money["done_year_wan"], money["done_total_wan"]) == ids["money"]
    assert one(tables["milestones"], project_id=ids["moved"], stage="completed")["planned_date"] == pd.Timestamp("2024-05-01")
    problem = one(tables["problems"], problem_id=ids["problem"], snapshot=NOW)
    assert (problem["resolved"], problem["status"]) == (pd.Timestamp("2022-08-01"), "已解决")


def test_lineage_points_to_the_rows_that_were_filled_in(filled):
    _, _, ids, rows, cleaned = filled
    lineage = cleaned.tables["lineage"]
    for table, sheet, key, row in (("tasks", "任务清单", "task", "task"), ("projects", "进度清单", "done", "done"),
                                   ("problems", "问题清单", "problem", "problem")):
        found = one(lineage, table=table, key=ids[key], source_file=BACK)
        assert (found["sheet"], found["row"]) == (sheet, rows[row])


def test_a_rightly_filled_book_leaves_nothing_in_quarantine(filled):
    _, lists, _, _, cleaned = filled
    quarantine = cleaned.tables["quarantine"]
    assert quarantine[quarantine["source_file"] == BACK].empty
    files = {entry["sheet"]: entry for entry in cleaned.accounting["files"] if entry["source_file"] == BACK}
    assert {name: files[name]["rows_accepted"] for name in files} == {
        "任务清单": len(lists.tasks), "进度清单": len(lists.progress), "问题清单": len(lists.problems), "责任清单": 0, "填写说明": 0}
    assert all(entry["rows_read"] == entry["rows_accepted"] + entry["rows_quarantined"] + entry["rows_ignored"] for entry in files.values())
    told = files["责任清单"]["ignored"]
    assert sum(told.values()) == told["no_table"] == files["责任清单"]["rows_read"] == len(lists.duties) + 4
    shown = [finding for finding in cleaned.findings if finding.get("source_file") == BACK]
    assert not [finding for finding in shown if finding["kind"] in ("unknown_header", "second_column", "unit_assumed")]


def test_no_project_problem_or_change_is_made_up(filled):
    report, _, ids, _, cleaned = filled
    known = report.whole_city
    assert set(cleaned.tables["projects"]["project_id"]) == set(known.projects["project_id"])
    assert set(cleaned.tables["problems"]["problem_id"]) == set(known.table("problems")["problem_id"])
    changes = cleaned.tables["changes"]
    moved = changes[changes["snapshot"] == NOW]
    assert set(zip(moved["project_id"], moved["field"], strict=True)) == {(ids["moved"], "completed_planned")}
    assert moved.iloc[0]["reason"] == "因雨季工期顺延"


def test_derived_tasks_are_none_of_the_key_tasks(filled):
    report, _, _, _, cleaned = filled
    tasks, city = cleaned.tables["tasks"], report.city
    before = key_tasks(report.whole_city.table("tasks"), city)
    assert set(tasks.loc[tasks["snapshot"] == NOW, "kind"]) == {"项目节点"} <= set(list_rules(city).derived.values()) == DERIVED
    assert key_tasks(tasks, city)["task_id"].tolist() == before["task_id"].tolist() and len(before) > 80


def test_the_citys_and_a_countys_book_together_double_nothing(sent, tmp_path):
    report, raw = sent
    own, whole = book(report), book(report.whole_city)
    lists = four_lists(report)
    going = lists.progress[lists.progress["stage"] == "started"].iloc[0]["project_id"]
    Sheet(own["进度清单"], "链图项目号").fill(going, **{"年度完成投资（万元）": 80_700})
    Sheet(whole["进度清单"], "链图项目号").fill(going, **{"年度完成投资（万元）": 80_710})
    tables = returned(raw, tmp_path / "raw", {BACK: own, WHOLE: whole}).tables
    now = tables["observations"][tables["observations"]["snapshot"] == NOW]
    assert set(now["source_file"]) == {BACK, WHOLE} and set(now.loc[now["source_file"] == BACK, "source"]) == {"county"}
    assert set(tables["projects"]["project_id"]) == set(report.whole_city.projects["project_id"])
    for table, key in (("tasks", "task_id"), ("problems", "problem_id")):
        sheet = {"tasks": "任务清单", "problems": "问题清单"}[table]
        rows = tables[table][tables[table]["snapshot"] == NOW]
        asked = Sheet(whole[sheet], {"tasks": "任务编号", "problems": "问题编号"}[table]).rows
        assert rows[key].is_unique and set(rows[key]) == {key for key in asked if key}
    assert one(tables["investments"], project_id=going, snapshot=NOW)["done_year_wan"] == 80_700  # the county's own word goes first
    assert tables["quarantine"][tables["quarantine"]["source_file"].str.startswith("2022Q3")].empty
    assert tables["changes"][tables["changes"]["snapshot"] == NOW].empty


def test_an_empty_answer_repeats_no_figure_of_last_quarter(sent, tmp_path):
    report, raw = sent
    tables = returned(raw, tmp_path / "raw", {BACK: book(report)}).tables
    now = tables["investments"][tables["investments"]["snapshot"] == NOW]
    assert now[["done_year_wan", "done_total_wan"]].isna().all(axis=None)
    observed = tables["observations"][tables["observations"]["snapshot"] == NOW]
    assert len(observed) == len(four_lists(report).progress) and observed["stage"].isna().all()
    steps = tables["tasks"][tables["tasks"]["snapshot"] == NOW]
    assert steps[["progress", "done_date", "status"]].isna().all(axis=None)
    assert tables["changes"].empty and tables["quarantine"][tables["quarantine"]["source_file"] == BACK].empty


def test_a_wrong_answer_is_quarantined_with_its_cell_and_the_others_arrive(sent, tmp_path):
    report, raw = sent
    workbook, lists = book(report), four_lists(report)
    progress = Sheet(workbook["进度清单"], "链图项目号")
    first, second = lists.progress["project_id"].iloc[:2]
    row = progress.fill(first, 实际竣工日期="下个月吧", **{"年度完成投资（万元）": 55})
    refused = progress.fill(second, **{"年度完成投资（万元）": -5})
    cleaned = returned(raw, tmp_path / "raw", {BACK: workbook})
    flaws = cleaned.tables["quarantine"][cleaned.tables["quarantine"]["source_file"] == BACK]
    assert set(zip(flaws["sheet"], flaws["row"], flaws["column"], flaws["value"].astype(str), strict=True)) == {
        ("进度清单", row, "实际竣工日期", "下个月吧"), ("进度清单", refused, "年度完成投资（万元）", "-5")}
    assert set(flaws.loc[flaws["row"] == refused, "severity"]) == {"error"}
    assert one(cleaned.tables["investments"], project_id=first, snapshot=NOW)["done_year_wan"] == 55
    files = {entry["sheet"]: entry for entry in cleaned.accounting["files"] if entry["source_file"] == BACK}
    assert files["进度清单"]["rows_quarantined"] == 1 and files["进度清单"]["rows_accepted"] == len(lists.progress) - 1


def test_what_is_new_goes_into_the_blank_rows(sent, tmp_path):
    report, raw = sent
    workbook = book(report)
    problems = Sheet(workbook["问题清单"], "问题编号")
    below = max(row for key, row in problems.rows.items() if key) + 1
    for header, value in {"涉及项目": "新建项目", "县区": "凌源市", "问题描述": "临时用电容量不足", "责任单位": "市供电公司",
                          "提出日期": dt.date(2022, 9, 1)}.items():
        problems.sheet.cell(below, problems.columns[header]).value = value
    tables = returned(raw, tmp_path / "raw", {BACK: workbook}).tables
    new = one(tables["problems"], description="临时用电容量不足")
    assert new["county"] == COUNTY and new["snapshot"] == NOW and new["raised"] == pd.Timestamp("2022-09-01")


def test_what_was_answered_stands_on_the_next_lists(filled, back, monkeypatch):
    _, _, ids, _, _ = filled
    monkeypatch.setenv("LIANTU_DATA", str(back / "data"))
    lists = four_lists(Report(quarter="2022Q3", county=COUNTY))
    half = one(lists.tasks, task_id=ids["half"])
    assert (half["progress"], half["status"], half["origin"]) == (0.5, "推进中", "step")
    assert one(lists.problems, problem_id=ids["problem"])["state"] == "done"
    assert one(lists.progress, project_id=ids["done"])["done_total_wan"] == ids["money"][1]
