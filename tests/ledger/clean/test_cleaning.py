"""From workbooks to tables: accounting, lineage, quarantine, context, the fold, and the same bytes every time."""

import datetime as dt
import json
import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ledger_books import HEADER, MAGNESIUM, book, row, table_of

from liantu.errors import LiantuError
from liantu.ledger import Cleaning, clean, clean_tables, fresh_tables
from liantu.ledger.pipeline import run
from liantu.tables import CONTRACTS, open_tables, read_table


def counts(cleaning, file, sheet):
    return next(entry for entry in cleaning.accounting["files"] if (entry["source_file"], entry["sheet"]) == (file, sheet))


def adds_up(accounting):
    for entry in [*accounting["files"], accounting["total"]]:
        assert entry["rows_read"] == entry["rows_accepted"] + entry["rows_quarantined"] + entry["rows_ignored"]
    for entry in accounting["files"]:
        assert sum(entry["ignored"].values()) == entry["rows_ignored"]
    for name, total in accounting["total"].items():
        assert total == sum(entry[name] for entry in accounting["files"])


@pytest.fixture(scope="module")
def city_quarter(tmp_path_factory):
    """Two snapshots of one county, a bureau that reports under short names, a zone, and files that cannot be read."""
    raw = tmp_path_factory.mktemp("raw")
    book(raw / "2022Q1/双塔区项目台账.xlsx", ("项目", [
        ["双塔区2022年一季度重点项目台账"], HEADER,
        row(1, f"{MAGNESIUM}（一期）", start="2022.5", stage="已备案"),
        row(2, f"{MAGNESIUM}（二期）", stage="在谈", start=None),
        [],
        row(3, "新能源汽车零部件生产项目", amount=12000, start=dt.date(2022, 3, 1)),
        ["小计", None, None, None, 72000],
        row(4, None, amount=900),
        row(5, "负数项目", amount=-5),
        row(6, "外地项目", county="朝阳区", amount=100),
        row(7, "金额不明项目", amount="待定"),
        ["填表人：李某 13912345678"],
    ]))
    book(raw / "2022Q1/招商引资台账（市商务局）.xlsx", ("签约项目", [
        ["2022年招商引资签约项目台账"], ["序号", "项目名称", "投资方", "落地县区", "协议投资额（亿元）", "签约时间", "备注"],
        [1, "金达镁合金项目一期", "金达新材料", "双塔", 3, "2021年12月", "联系 13800138000"],
        [2, "凌源玄武岩纤维项目", "四川某纤维有限公司", "凌源市", 1.5, "2022年2月下旬", None]]))
    book(raw / "2022Q2/双塔区项目台账（6月）.xlsx", ("项目", [
        ["双塔区2022年二季度重点项目台账"], HEADER,
        row(1, f"{MAGNESIUM}（一期）", start="2022.5.10", amount=31000),
        row(2, f"{MAGNESIUM}（二期）", stage="已签约", start=None),
        row(3, "新能源汽车零部件生产项目", amount=12000, start=dt.date(2022, 3, 1), stage="已备案")]))
    (raw / "2022Q2/坏文件.xlsx").write_bytes(b"PK\x03\x04" + b"\0" * 50)
    (raw / "2022Q2/空文件.xlsx").write_bytes(b"")
    (raw / "2022Q2/其实是文本.xlsx").write_text("这不是表格\n只是一段话\n", encoding="utf-8")
    (raw / "2022Q2/README.md").write_text("no ledger", encoding="utf-8")
    (raw / "2022Q2/~$双塔区项目台账.xlsx").write_bytes(b"lock")
    (raw / "truth").mkdir()
    (raw / "truth/projects.csv").write_text("项目名称,县区,总投资\n真相,双塔区,1\n", encoding="utf-8")
    return raw


@pytest.fixture(scope="module")
def cleaned(city_quarter):
    return run(city_quarter)


def test_every_row_is_accounted_for(cleaned):
    adds_up(cleaned.accounting)
    first = counts(cleaned, "2022Q1/双塔区项目台账.xlsx", "项目")
    assert (first["rows_read"], first["rows_accepted"], first["rows_quarantined"], first["rows_ignored"]) == (12, 4, 3, 5)
    assert {kind: count for kind, count in first["ignored"].items() if count} == {
        "blank": 1, "title": 1, "header": 1, "subtotal": 1, "note": 1}
    assert cleaned.accounting["total"] == {"rows_read": 21, "rows_accepted": 9, "rows_quarantined": 3, "rows_ignored": 9}


def test_every_accepted_row_has_its_line_of_origin(cleaned):
    lineage = cleaned.tables["lineage"]
    assert lineage[["source_file", "row"]].values.tolist() == [
        ["2022Q1/双塔区项目台账.xlsx", 3], ["2022Q1/双塔区项目台账.xlsx", 4], ["2022Q1/双塔区项目台账.xlsx", 6],
        ["2022Q1/双塔区项目台账.xlsx", 11], ["2022Q1/招商引资台账（市商务局）.xlsx", 3], ["2022Q1/招商引资台账（市商务局）.xlsx", 4],
        ["2022Q2/双塔区项目台账（6月）.xlsx", 3], ["2022Q2/双塔区项目台账（6月）.xlsx", 4], ["2022Q2/双塔区项目台账（6月）.xlsx", 5]]
    assert set(lineage["key"]) == set(cleaned.tables["projects"]["project_id"])
    assert set(lineage["snapshot"].dt.strftime("%Y-%m-%d")) == {"2022-03-31", "2022-06-30"}


def test_what_cannot_be_used_stands_in_quarantine_with_its_cell(cleaned):
    quarantine = cleaned.tables["quarantine"]
    found = quarantine[["row", "column", "value", "rule", "severity"]].fillna("").values.tolist()
    assert [8, "项目名称", "", "name_missing", "error"] in found
    assert [9, "总投资（万元）", "-5", "amount_negative", "error"] in found
    assert [10, "县区", "朝阳区", "county_elsewhere", "error"] in found
    assert [11, "总投资（万元）", "待定", "amount_undecided", "warning"] in found
    assert [5, "当前阶段", "已备案", "stage_back", "warning"] in found
    assert quarantine["message_zh"].str.len().gt(5).all()
    assert not quarantine[["message_zh", "message_en", "fix"]].apply(lambda texts: texts.str.contains(r"[{}]")).any(axis=None)


def test_the_bureaus_short_name_is_the_countys_project_and_phases_stay_apart(cleaned):
    observations = cleaned.tables["observations"].set_index(["source_file", "row"])["project_id"]
    county, bureau, later = "2022Q1/双塔区项目台账.xlsx", "2022Q1/招商引资台账（市商务局）.xlsx", "2022Q2/双塔区项目台账（6月）.xlsx"
    assert observations[county, 3] == observations[bureau, 3] == observations[later, 3]
    assert len({observations[county, 3], observations[county, 4], observations[county, 6], observations[bureau, 4]}) == 4
    assert len(cleaned.tables["projects"]) == 5
    merges = cleaned.tables["merges"]
    fuzzy = merges[(merges["source_file"] == bureau) & (merges["decision"] == "merged")]
    assert fuzzy["matched_to"].tolist() == [f"{county}#项目!3"]
    assert "kept_apart" in set(merges["decision"])


def test_values_reach_the_tables_in_the_units_of_the_contract(cleaned):
    projects = cleaned.tables["projects"].set_index("name")
    fibre = projects.loc["凌源玄武岩纤维项目"]
    assert (fibre["county"], fibre["total_investment_wan"], fibre["chain"]) == ("211382", 15000.0, "玄武岩纤维")
    signed = cleaned.tables["milestones"].query("stage == 'signed'").set_index("project_id").loc[fibre["project_id"]]
    assert (signed["actual_date"], signed["precision"]) == (pd.Timestamp("2022-02-28"), "ten_days")
    assert pd.isna(projects.loc["金额不明项目", "total_investment_wan"])


def test_as_of_shows_only_what_had_been_reported(cleaned, city_quarter, tmp_path):
    clean(city_quarter, tmp_path)
    early, late = open_tables(tmp_path, pd.Timestamp("2022-03-31")), open_tables(tmp_path)
    project = late["observations"].query("name.str.endswith('（一期）')")["project_id"].iloc[0]
    start = {name: tables["milestones"].set_index(["project_id", "stage"]).loc[(project, "started")]
             for name, tables in (("early", early), ("late", late))}
    assert pd.isna(start["early"]["actual_date"])
    assert start["early"]["planned_date"] == pd.Timestamp("2022-05-31")
    assert (start["late"]["actual_date"], start["late"]["first_reported"]) == (pd.Timestamp("2022-05-10"), pd.Timestamp("2022-06-30"))
    amounts = [tables["projects"].set_index("project_id").loc[project, "total_investment_wan"] for tables in (early, late)]
    assert amounts == [30000.0, 31000.0]
    limited = run(city_quarter, as_of="2022Q1")
    assert limited.tables["observations"]["project_id"].tolist() == early["observations"]["project_id"].tolist()
    assert limited.exit_code == 0


def test_bad_files_are_told_and_the_others_done(cleaned):
    assert cleaned.exit_code == 1
    assert {entry["source_file"]: entry["reason"] for entry in cleaned.accounting["unreadable"]} == {
        "2022Q2/坏文件.xlsx": "truncated", "2022Q2/空文件.xlsx": "empty", "2022Q2/其实是文本.xlsx": "no_known_header"}
    assert all(entry["message_zh"] and entry["message_en"] for entry in cleaned.accounting["unreadable"])


def test_personal_data_reach_no_table(cleaned):
    for frame in cleaned.tables.values():
        text = " ".join(frame[column].str.cat(sep=" ") for column in frame.select_dtypes("str"))
        assert "13800138000" not in text
        assert "王某" not in text
    assert "[removed]" in cleaned.tables["observations"]["note"].str.cat()


def test_a_column_that_maps_to_nothing_and_one_that_is_gone_are_named(tmp_path):
    extra = [*HEADER, "神秘指标甲"]
    book(tmp_path / "2022Q1/双塔区.xlsx", ("项目", table_of([*row(1, "甲项目"), 5], header=extra)))
    book(tmp_path / "2022Q2/双塔区.xlsx", ("项目", table_of(row(1, "甲项目")[:5], header=HEADER[:5])))
    findings = run(tmp_path).accounting["findings"]
    assert [entry["header"] for entry in findings if entry["kind"] == "unknown_header"] == ["神秘指标甲"]
    assert {entry["field"] for entry in findings if entry["kind"] == "field_gone"} == {"started_date", "stage"}


@pytest.mark.parametrize(("file", "sheet", "title", "code"), [
    ("台账.xlsx", "北票市", "重点项目台账", "211381"), ("台账.xlsx", "项目", "喀左县重点项目台账", "211324"),
    ("凌源市项目.xlsx", "Sheet1", "重点项目台账", "211382"), ("朝阳市朝阳县项目.xlsx", "Sheet1", "重点项目台账", "211321"),
    ("北票市项目.xlsx", "建平", "重点项目台账", "211322")])
def test_the_county_is_known_from_sheet_title_or_file(tmp_path, file, sheet, title, code):
    header = [name for name in HEADER if name != "县区"]
    book(tmp_path / "2022Q1" / file, (sheet, table_of([1, "甲项目", "甲公司", 100], header=header, title=title)))
    assert clean_tables(tmp_path)["projects"]["county"].tolist() == [code]


def test_the_county_is_known_from_a_rows_place_and_from_the_files_register_of_zones(tmp_path):
    book(tmp_path / "2022Q1/市直项目.xlsx", ("项目", table_of(
        ["甲项目", "甲公司", 100, "北票市台吉镇"], header=["项目名称", "建设单位", "总投资（万元）", "建设地点"], title="市直项目台账")))
    projects = ["项目名称", "建设单位", "总投资（万元）", "所属园区"]
    register = ["开发区名称", "所在地", "规划面积（亩）", "从业人数"]
    book(tmp_path / "2022Q1/开发区.xlsx",
         ("项目", table_of(["乙项目", "乙公司", 100, "朝阳高新区"], header=projects, title="开发区项目台账")),
         ("概况", table_of(["朝阳高新区", "龙城区", 8100, 5000], header=register, title="开发区基本情况")))
    observations = clean_tables(tmp_path)["observations"].set_index("name")
    assert observations["county"].to_dict() == {"甲项目": "211381", "乙项目": "211303"}


def test_a_county_known_nowhere_is_an_error(tmp_path):
    header = [name for name in HEADER if name != "县区"]
    book(tmp_path / "2022Q1/朝阳市项目.xlsx", ("Sheet1", table_of([1, "甲项目", "甲公司", 100], header=header, title="朝阳市重点项目台账")))
    tables = clean_tables(tmp_path)
    assert tables["projects"].empty
    assert tables["quarantine"]["rule"].tolist() == ["county_missing"]


def test_merged_county_cells_count_for_every_row_and_merged_amounts_once(tmp_path):
    rows = table_of(*(row(number, f"{name}项目", county=None, amount=None) for number, name in enumerate("甲乙丙")))
    book(tmp_path / "2022Q1/台账.xlsx", ("项目", rows, [(2, 3, 4, 3, "北票市"), (2, 4, 3, 4, 500)]))
    tables = clean_tables(tmp_path)
    observations = tables["observations"]
    assert observations["county"].tolist() == ["211381"] * 3
    assert observations["total_investment_wan"].fillna(-1).tolist() == [500, -1, -1]
    assert tables["quarantine"][["row", "rule"]].values.tolist() == [[4, "amount_merged"]]


def test_ticks_under_stages_and_words_under_approvals(tmp_path):
    header = ["序号", "项目名称", "县区", "总投资（万元）", "签约", "备案", "开工", "竣工", "环评", "能评", "安评", "用地预审"]
    rows = table_of(
        [1, "甲项目", "双塔区", 100, "√", "√", "√", None, "√", "无需办理", "2022.2.1", "办理中"],
        [2, "乙项目", "双塔区", 100, "√", None, None, None, "朝环审〔2022〕15号", "×", "2022.9.1", "已办结（2021.12.3）"], header=header)
    book(tmp_path / "2022Q1/双塔区.xlsx", ("项目", rows))
    tables = clean_tables(tmp_path)
    assert tables["projects"].sort_values("name")["stage"].tolist() == ["signed", "started"]
    said = tables["observations"].set_index("name")
    one, two = (said.loc[name, [f"{approval}_status" for approval in ("environment", "energy", "safety", "land")]].tolist()
                for name in ("甲项目", "乙项目"))
    assert one == ["done", "not_needed", "done", "pending"]
    assert two == ["done", "pending", "pending", "done"]
    assert said.loc["甲项目", "safety_date"] == pd.Timestamp("2022-02-01")
    assert said.loc["乙项目", "land_date"] == pd.Timestamp("2021-12-03")
    assert pd.isna(said.loc["乙项目", "safety_date"])
    assert "approval_ahead" in set(tables["quarantine"]["rule"])


def test_an_unlabelled_date_is_a_plan_when_the_stage_has_not_come_to_it(tmp_path):
    header = ["项目名称", "县区", "总投资（万元）", "开工时间", "实际竣工时间", "当前阶段"]
    rows = table_of(
        ["甲项目", "双塔区", 100, "2022.3", None, "签约"], ["乙项目", "双塔区", 100, "2022.3", None, "在建"],
        ["丙项目", "双塔区", 100, "2022.5", "2022.8", "在建"], header=header)
    book(tmp_path / "2022Q1/双塔区.xlsx", ("项目", rows))
    tables = clean_tables(tmp_path)
    said = tables["observations"].set_index("name")
    assert said["started_actual"].notna().to_dict() == {"甲项目": False, "乙项目": True, "丙项目": False}
    assert said["started_planned"].notna().to_dict() == {"甲项目": True, "乙项目": False, "丙项目": True}
    assert said.loc["丙项目", "completed_planned"] == pd.Timestamp("2022-08-31")
    assert said["completed_actual"].isna().all()
    assert tables["quarantine"]["rule"].tolist() == ["actual_ahead"]


def test_an_answer_to_whether_works_have_begun_is_no_more_than_that(tmp_path):
    header = ["项目名称", "县区", "总投资（万元）", "是否开工", "开工时间", "投产时间"]
    rows = table_of(
        ["甲项目", "双塔区", 100, "是", "2021.3", "2022.2"], ["乙项目", "双塔区", 100, "是", "2022.2", "2022.12"],
        ["丙项目", "双塔区", 100, "否", "2022.2", None], ["丁项目", "双塔区", 100, None, "2022.2", None], header=header)
    book(tmp_path / "2022Q1/双塔区.xlsx", ("项目", rows))
    tables = clean_tables(tmp_path)
    assert tables["projects"].set_index("name")["stage"].fillna("").to_dict() == {
        "甲项目": "producing", "乙项目": "started", "丙项目": "", "丁项目": "started"}
    said = tables["observations"].set_index("name")
    assert said["started_actual"].notna().to_dict() == {"甲项目": True, "乙项目": True, "丙项目": False, "丁项目": True}
    assert said.loc["丙项目", "started_planned"] == pd.Timestamp("2022-02-28")


def test_without_a_stage_column_short_remarks_and_the_sheets_name_say_it(tmp_path):
    header = ["项目名称", "县区", "总投资（万元）", "开工时间", "进展情况", "备注"]
    rows = table_of(
        ["甲项目", "双塔区", 100, None, "已投产", "市级重点"], ["乙项目", "双塔区", 100, None, "正在开展可研编制，预计年内开工", None],
        ["丙项目", "双塔区", 100, "2022.2", None, None], header=header)
    book(tmp_path / "2022Q1/双塔区.xlsx", ("签约项目", rows))
    tables = clean_tables(tmp_path)
    assert tables["projects"].set_index("name")["stage"].to_dict() == {"甲项目": "producing", "乙项目": "signed", "丙项目": "started"}
    assert tables["observations"].set_index("name").loc["甲项目", "note"] == "已投产；市级重点"


def test_sheets_that_repeat_another_are_counted_as_copies(tmp_path):
    rows = table_of(row(1, "甲项目"), row(2, "乙项目"))
    book(tmp_path / "2022Q1/双塔区.xlsx", ("项目", rows), ("备份", rows), ("说明", [["填报说明"], ["一、按月报送"]]))
    cleaning = run(tmp_path)
    adds_up(cleaning.accounting)
    assert counts(cleaning, "2022Q1/双塔区.xlsx", "备份")["ignored"]["exact_copy"] == 4
    assert counts(cleaning, "2022Q1/双塔区.xlsx", "说明")["ignored"]["no_table"] == 2
    assert cleaning.exit_code == 0
    assert len(cleaning.tables["observations"]) == 2


def test_sources_that_differ_are_flagged_and_the_county_wins(tmp_path):
    book(tmp_path / "2022Q1/双塔区项目台账.xlsx", ("项目", table_of(row(1, MAGNESIUM, amount=30000))))
    book(tmp_path / "2022Q1/市工信局项目台账.xlsx", ("项目", table_of(row(1, MAGNESIUM, amount=36000), title="全市工业项目台账")))
    tables = clean_tables(tmp_path)
    assert tables["projects"]["total_investment_wan"].tolist() == [30000.0]
    assert tables["observations"]["source"].tolist() == ["county", "department"]
    flagged = tables["quarantine"][["source_file", "column", "value", "rule"]].values.tolist()
    assert flagged == [["2022Q1/市工信局项目台账.xlsx", "总投资（万元）", "36000", "sources_differ"]]


def test_the_other_ledgers_keep_their_keys_over_snapshots(tmp_path):
    for quarter, output in (("2022Q1", 100), ("2022Q2", 250)):
        book(tmp_path / quarter / "企业台账.xlsx", ("企业", [
            ["规上企业情况表"], ["序号", "企业名称", "县区", "主要产品", "产值（万元）", "是否链主"],
            [1, "朝阳某轮胎有限公司", "双塔区", "子午线轮胎", output, "是"]]))
        book(tmp_path / quarter / "任务.xlsx", ("任务", [
            ["重点任务清单"], ["序号", "任务名称", "责任单位", "完成时限", "完成进度"], [1, "一号任务", "市发改委", "2022年6月底", "50%"]]))
        book(tmp_path / quarter / "问题.xlsx", ("问题", [
            ["项目问题台账"], ["序号", "涉及项目", "县区", "问题描述", "责任单位", "提出时间", "解决时限"],
            [1, "金达镁合金项目", "双塔区", "用地指标未落实", "市自然资源局", "2022.1.5", "2022.9.30"]]))
        book(tmp_path / quarter / "双塔区项目.xlsx", ("项目", table_of(row(1, MAGNESIUM))))
    tables = clean_tables(tmp_path)
    for table, key in (("enterprises", "enterprise_id"), ("tasks", "task_id"), ("problems", "problem_id")):
        assert len(tables[table]) == 2
        assert tables[table][key].nunique() == 1
    assert tables["enterprises"]["output_wan"].tolist() == [100.0, 250.0]
    assert tables["enterprises"]["master"].tolist() == [True, True]
    assert tables["problems"]["project_id"].tolist() == tables["projects"]["project_id"].tolist() * 2
    assert tables["lineage"]["table"].value_counts().to_dict() == {"enterprises": 2, "tasks": 2, "problems": 2, "projects": 2}


def test_a_csv_in_gb18030_is_read_and_its_records_numbered(tmp_path):
    (tmp_path / "2022-06-30").mkdir()
    text = "建平县项目库\n项目名称,建设单位,总投资（亿元）\n甲项目,某公司,约1.2\n\n乙项目,某公司,0.5\n"
    (tmp_path / "2022-06-30/建平县.csv").write_bytes(text.encode("gb18030"))
    tables = clean_tables(tmp_path)
    assert tables["observations"][["sheet", "row", "county", "total_investment_wan"]].values.tolist() == [
        ["", 3, "211322", 12000.0], ["", 5, "211322", 5000.0]]
    assert tables["observations"]["snapshot"].dt.strftime("%Y-%m-%d").unique().tolist() == ["2022-06-30"]


def test_files_without_a_snapshot_folder_need_a_date(tmp_path):
    book(tmp_path / "双塔区.xlsx", ("项目", table_of(row(1, "甲项目"))))
    with pytest.raises(LiantuError, match="--as-of"):
        run(tmp_path)
    assert clean_tables(tmp_path, as_of="2022-06-30")["observations"]["snapshot"].iloc[0] == pd.Timestamp("2022-06-30")


@pytest.mark.parametrize(("arrange", "problem"), [
    (lambda raw: raw / "nowhere", "is missing"), (lambda raw: raw, "no ledgers")])
def test_no_ledgers_is_one_line(tmp_path, arrange, problem):
    with pytest.raises(LiantuError, match=problem):
        run(arrange(tmp_path))
    with pytest.raises(LiantuError, match="is not a date"):
        run(tmp_path, as_of="gestern")


def test_an_error_inside_one_file_is_told_and_the_rest_done(tmp_path, monkeypatch):
    book(tmp_path / "2022Q1/双塔区.xlsx", ("项目", table_of(row(1, "甲项目"))))
    book(tmp_path / "2022Q1/龙城区.xlsx", ("坏", table_of(row(1, "乙项目"))))
    from liantu.ledger import pipeline

    def fails(sheet, *rest):
        if sheet.name == "坏":
            raise ZeroDivisionError("oh")
        return read(sheet, *rest)

    read = pipeline.read_records
    monkeypatch.setattr(pipeline, "read_records", fails)
    cleaning = run(tmp_path)
    told, = cleaning.accounting["unreadable"]
    assert (told["source_file"], told["reason"]) == ("2022Q1/龙城区.xlsx", "internal_error")
    assert "ZeroDivisionError" in told["message_en"]
    assert cleaning.tables["observations"]["name"].tolist() == ["甲项目"]
    adds_up(cleaning.accounting)


def test_the_same_input_gives_the_same_bytes_whatever_the_hash_seed(city_quarter, tmp_path):
    script = "import sys; from liantu.ledger import clean; clean(sys.argv[1], sys.argv[2])"
    for seed in ("1", "2"):
        environment = os.environ | {"PYTHONHASHSEED": seed}
        subprocess.run([sys.executable, "-c", script, str(city_quarter), str(tmp_path / seed)], check=True, env=environment)
    files = sorted(path.name for path in (tmp_path / "1").iterdir())
    assert files == sorted([*(f"{name}.parquet" for name in CONTRACTS), "accounting.json", "dictionary.csv"])
    for name in files:
        assert (tmp_path / "1" / name).read_bytes() == (tmp_path / "2" / name).read_bytes(), name


def test_what_is_written_is_what_was_cleaned(cleaned, city_quarter, tmp_path):
    again = clean(city_quarter, tmp_path)
    assert isinstance(again, Cleaning)
    for name, frame in cleaned.tables.items():
        pd.testing.assert_frame_equal(read_table(name, tmp_path), frame)
    assert json.loads((tmp_path / "accounting.json").read_text(encoding="utf-8")) == cleaned.accounting


def test_a_data_set_is_cleaned_again_only_when_something_changed(tmp_path, monkeypatch):
    monkeypatch.setenv("LIANTU_DATA", str(tmp_path))
    path = book(tmp_path / "raw/mine/2022Q1/双塔区.xlsx", ("项目", table_of(row(1, "甲项目"))))
    folder = fresh_tables("mine")
    assert folder == tmp_path / "processed/mine"
    assert len(read_table("projects", folder)) == 1
    before = (folder / "projects.parquet").stat().st_mtime_ns
    assert (fresh_tables("mine") / "projects.parquet").stat().st_mtime_ns == before
    book(path, ("项目", table_of(row(1, "甲项目"), row(2, "乙项目"))))
    assert len(read_table("projects", fresh_tables("mine"))) == 2
    assert [entry.name for entry in (tmp_path / "processed").iterdir() if entry.is_dir()] == ["mine"]
    with pytest.raises(LiantuError, match="did you mean mine"):
        fresh_tables("min")


CELLS = st.one_of(
    st.none(), st.integers(-10, 10**6), st.floats(allow_nan=False, allow_infinity=False, width=32), st.booleans(),
    st.sampled_from([
        "双塔区", "北票", "甲项目", "合计", "小计", "备注：略", "2022.3", "3亿元", "待定", "已开工", "√", "13800138000", "项目名称",
        "总投资"]),
    st.text(alphabet="甲乙丙项目一二期（）() 0123456789.-", max_size=8))


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.lists(CELLS, min_size=1, max_size=len(HEADER)), max_size=12), headed=st.booleans(), late=st.integers(0, 3))
def test_no_row_is_lost_whatever_the_sheet_holds(tmp_path, rows, headed, late):
    sheet = [*rows[:late], *([HEADER] if headed else []), *rows[late:]]
    path = Path(tmp_path) / "2022Q1/双塔区.xlsx"
    book(path, ("项目", sheet))
    cleaning = run(tmp_path)
    adds_up(cleaning.accounting)
    assert len(cleaning.tables["lineage"]) == cleaning.accounting["total"]["rows_accepted"]
    assert len(cleaning.tables["observations"]) == cleaning.accounting["total"]["rows_accepted"]
    errors = cleaning.tables["quarantine"].query("severity == 'error'")
    assert errors[["source_file", "sheet", "row"]].drop_duplicates().shape[0] == cleaning.accounting["total"]["rows_quarantined"]
    assert bool(cleaning.accounting["unreadable"]) == (cleaning.exit_code == 1)
