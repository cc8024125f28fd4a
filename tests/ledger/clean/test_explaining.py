"""`--explain`: what is told of a file, aligned, in both languages, without personal data; and the code it ends with."""

import re
import shutil

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from ledger_books import HEADER, book, row, table_of

from liantu.cli import main
from liantu.ledger.explaining import explain
from liantu.ledger.wide_text import aligned, ranges, width_of

ROWS = [
    ["凌源市2022年重点项目台账"], ["填报人：张三丰 13912345678", None, None, None, "单位：亿元"],
    [*HEADER, "神秘指标甲", "总投资额（亿元）"],
    ["一、续建项目"], [*row(1, "甲项目", county="凌源市", amount=1.2), 5, 1.2], [*row(2, None, amount="待定"), 6, 1],
    ["合计", None, None, None, 1.2], [], ["审核人：李某某"]]

UNKNOWN = ["序号", "工程标的", "建设单位", "总投资（万元）"]


@pytest.fixture
def workbook(tmp_path):
    return book(tmp_path / "2022Q2/凌源项目.xlsx", ("台账", ROWS), ("说明", [["填报说明"], ["一、按月报送"]]))


def cells_of(text, first):
    """The cells of the line that begins with `first`, split where two blanks stand."""
    return next(re.split(r"\s{2,}", line.strip()) for line in text.splitlines() if line.strip().startswith(first))


def test_everything_about_a_sheet_is_told(workbook):
    told = explain(workbook)
    assert told.unreadable is None
    text = told.text
    for label, words in (
            ("文件 file", "2022Q2/凌源项目.xlsx"), ("格式 kind", "xlsx"), ("截止日 snapshot", "2022-06-30（文件夹 folder 2022Q2）"),
            ("工作表 sheets", "2"), ("范围 range", "A1:K9"), ("标题 title", "凌源市2022年重点项目台账"),
            ("台账格式 form", "project 项目台账 Project ledger → projects"),
            ("报送 reporter", "县（市）区 county（文件名 the file's name）"),
            ("表头行 header rows", "3"), ("采用 accepted", "1 行 rows (5)"), ("隔离 quarantined", "1 行 rows (6)"),
            ("分组 group", "一、续建项目: 5-6"), ("问题 flaw", "name_missing（error）× 1"), ("不计 ignored", "空行 blank: 1 行 rows (8)")):
        assert " ".join([label, words]) in [" ".join(line.split()) for line in text.splitlines()], label
    assert "凌源市 Lingyuan City 211382（标题 a title" in text
    assert cells_of(text, "E ") == ["E", "总投资（万元）", "total_investment_wan 总投资", "万元", "名称 name"]
    assert cells_of(text, "J ")[:3] == ["J", "神秘指标甲", "—"]
    assert "未识别 none" in cells_of(text, "J ")
    assert cells_of(text, "K ")[-1] == "已由 E 列给出 given by another column"
    assert cells_of(text, "I ")[2] == "个人信息，不读取 personal, not read"
    assert "== 工作表 sheet 2/2: 说明 ==" in text and "没有找到 none found" in text


def test_no_personal_data_are_told(workbook):
    text = explain(workbook).text
    for personal in ("13912345678", "13800138000", "王某", "张三丰", "李某某"):
        assert personal not in text
    assert "填报人：[removed]" in text


def test_columns_stand_below_each_other(workbook):
    lines = explain(workbook).text.splitlines()
    first = next(number for number, line in enumerate(lines) if line.startswith("  列 column"))
    table = lines[first:first + 12]
    at = width_of(table[0][:table[0].index("字段")])
    for line in table[1:]:
        widths = [width_of(line[:place]) for place in range(len(line))]
        assert at in widths and line[widths.index(at) - 1] == " " and line[widths.index(at)] != " "


def test_the_date_is_told_with_where_it_comes_from(workbook, tmp_path):
    alone = tmp_path / "alone.xlsx"
    shutil.copy(workbook, alone)
    result = CliRunner().invoke(main, ["clean", "--explain", str(alone), "--as-of", "2022-09-30"])
    assert result.exit_code == 0
    assert "2022-09-30（--as-of）" in result.stdout
    assert "今天 no snapshot folder, so today; give --as-of" in explain(alone).text


@pytest.mark.parametrize(("name", "content", "kind", "encoding"), [
    ("a.csv", "项目名称,县区,总投资（万元）\n甲,双塔区,1\n".encode("gb18030"), "csv", "gb18030"),
    ("a.csv", "项目名称,县区,总投资（万元）\n甲,双塔区,1\n".encode("utf-8-sig"), "csv", "utf-8-sig"),
    ("a.csv", "项目名称,县区,总投资（万元）\n甲,双塔区,1\n".encode("utf-16"), "csv", "utf-16"),
    ("a.xls", "<table><tr><td>项目名称<td>县区<td>总投资（万元）<tr><td>甲<td>双塔区<td>1</table>".encode(), "html", "utf-8")])
def test_kind_and_encoding_are_those_by_which_the_file_is_read(tmp_path, name, content, kind, encoding):
    path = tmp_path / name
    path.write_bytes(content)
    told = explain(path)
    assert told.unreadable is None
    assert [cells_of(told.text, label)[1] for label in ("格式 kind", "编码 encoding")] == [kind, encoding]
    assert "甲" not in told.text.replace("甲项目", "")


def test_a_file_that_cannot_be_read_says_why_and_ends_with_1(workbook, tmp_path):
    bad = tmp_path / "坏.xlsx"
    bad.write_bytes(b"PK\x03\x04" + b"\0" * 50)
    result = CliRunner().invoke(main, ["clean", "--explain", str(bad), str(workbook)])
    assert result.exit_code == 1
    assert "truncated" in result.stdout and "export or upload it again" in result.stdout
    assert "total_investment_wan" in result.stdout
    assert result.stderr.strip() == f"unreadable: {bad}: truncated"


def test_a_sheet_without_a_known_header_shows_what_comes_nearest(tmp_path):
    path = book(tmp_path / "2022Q1/x.xlsx", ("表", [["某某表"], UNKNOWN, [1, "甲", "乙公司", 5]]))
    told = explain(path)
    assert told.unreadable.reason == "no_known_header"
    assert "最像表头的一行 row most like a header: 2" in told.text
    assert cells_of(told.text, "C ")[:3] == ["C", "建设单位", "company 建设单位"]
    assert "缺少 lacking: name 项目名称" in told.text
    assert "乙公司" not in told.text


def test_a_form_given_by_hand_counts(tmp_path):
    path = book(tmp_path / "2022Q1/x.xlsx", ("表", [UNKNOWN, [1, "甲", "乙公司", 5]]))
    form = tmp_path / "mine.yml"
    form.write_text(
        "id: mine\nextends: project\nzh: 我的台账\nen: My ledger\nsource: a test\nfields:\n- {field: name, names: [工程标的]}\n",
        encoding="utf-8")
    assert CliRunner().invoke(main, ["clean", "--explain", str(path)]).exit_code == 1
    result = CliRunner().invoke(main, ["clean", "--explain", str(path), "--layout", str(form)])
    assert result.exit_code == 0
    assert "mine 我的台账 My ledger → projects" in result.stdout


def test_an_error_of_the_program_is_told_not_raised(workbook, monkeypatch):
    def fails(*_):
        raise ValueError("13800138000 is no number")

    monkeypatch.setattr("liantu.ledger.explaining.understand", fails)
    result = CliRunner().invoke(main, ["clean", "--explain", str(workbook)])
    assert result.exit_code == 1
    assert "internal error (ValueError: [removed] is no number)" in result.stdout


@pytest.mark.parametrize(("arguments", "words"), [
    (["gone.xlsx"], "gone.xlsx: no such file"), (["."], ".: is a folder; give files"), (["x.xlsx", "--out", "o"], "leave --out away"),
    (["x.xlsx", "--layout", "gone.yml"], "gone.yml"), ([], "RAW_DIR")])
def test_what_is_missing_ends_with_2_and_nothing_told(tmp_path, monkeypatch, arguments, words):
    monkeypatch.chdir(tmp_path)
    book(tmp_path / "x.xlsx", ("表", table_of(row(1, "甲项目"))))
    result = CliRunner().invoke(main, ["clean", "--explain", *arguments])
    assert result.exit_code == 2
    assert result.stdout == "" and words in result.stderr and len(result.stderr.splitlines()) == 1


@given(st.sets(st.integers(1, 60)))
def test_ranges_tell_exactly_the_numbers(numbers):
    told = [part.split("-") for part in ranges(numbers).split(", ") if part]
    assert {number for part in told for number in range(int(part[0]), int(part[-1]) + 1)} == numbers


@given(st.lists(st.tuples(st.text("ab县区（é", max_size=5), st.text("ab县区", min_size=1, max_size=5)), min_size=1))
def test_aligned_columns_begin_at_one_place(rows):
    starts = {width_of(line) - width_of(last) for line, (_, last) in zip(aligned(rows), rows, strict=True)}
    assert len(starts) == 1
