"""The workbook of the four lists: read by people and by two spreadsheet programs, beside the front page, the same whoever writes it."""

from __future__ import annotations

import dataclasses
import datetime as dt
import io
import json
import os
import shutil
import subprocess
import zipfile

import lxml.html
import nbformat
import openpyxl
import pandas as pd
import pypdf
import pytest
from nbformat.v4 import new_code_cell, new_output
from personal_data import EMAIL, IDENTITY, MOBILE
from synthetic_pages import executed, stamp

from liantu import Report
from liantu.assess.lists import four_lists
from liantu.figures import BookColumn, BookSheet, lists, lists_book
from liantu.figures.display import BookMark, PageTable, Workbook
from liantu.suite.matrix import suite
from liantu.suite.pages.outputs import books_beside
from liantu.suite.pages.workbooks import workbook_bytes
from liantu.suite.site.collecting import collect
from liantu.suite.site.index import write_index
from liantu.suite.site.rendering import copy_fonts, render
from liantu.suite.site.share import share

MIME = "application/vnd.liantu.workbook+json"
COUNTY = "211382"
SHEETS = ["任务清单", "进度清单", "问题清单", "责任清单", "填写说明"]
NASTY = ["=HYPERLINK(\"http://example.org\",\"x\")", "+1+1", "-2+3", "@SUM(A1)", "\t=1", "＝1+1", "http://example.org"]


@pytest.fixture(scope="module")
def report(small_data):
    return Report(quarter="2022Q2", county=COUNTY)


@pytest.fixture(scope="module")
def payload(report):
    return json.loads(json.dumps(lists_book.of_report(report).payload, allow_nan=False))


@pytest.fixture(scope="module")
def book(payload):
    return openpyxl.load_workbook(io.BytesIO(workbook_bytes(payload)))


def header(sheet):
    top = next(row for row in range(1, 10) if sheet.cell(row, 2).value)
    return top, {cell.value: cell.column_letter for cell in sheet[top]}


def checks(sheet):
    """Data validations by the header of their column."""
    _, columns = header(sheet)
    letters = {letter: name for name, letter in columns.items()}
    return {letters["".join(filter(str.isalpha, str(rule.sqref).split(":")[0]))]: rule for rule in sheet.data_validations.dataValidation}


def test_the_sheets_stand_in_order_with_filters_frozen_headers_and_a4(book):
    assert book.sheetnames == SHEETS
    for name, frozen in zip(SHEETS[:4], ("D5", "C5", "D5", "B5"), strict=True):
        sheet = book[name]
        top, columns = header(sheet)
        assert top == 4 and sheet.freeze_panes == frozen and sheet.auto_filter.ref.startswith("A4:")
        assert sheet.print_title_rows == "$4:$4" and sheet.page_setup.orientation == "landscape" and int(sheet.page_setup.paperSize) == 9
        assert (sheet.page_setup.fitToWidth or 1) == (2 if name == "进度清单" else 1) and "&P / &N" in str(sheet.oddFooter.right.text)
        assert "凌源市“四清单”（2022年三季度填报）" in sheet["A1"].value and "模拟数据" in sheet["A2"].value
        assert len(columns) == len({*columns}) and None not in columns
    assert book["进度清单"].print_title_cols == "$A:$B"


def test_cells_to_fill_in_are_coloured_checked_and_explained_in_chinese(book):
    tasks, progress, problems = (checks(book[name]) for name in SHEETS[:3])
    assert tasks["状态"].type == "list" and tasks["状态"].formula1 == '"未启动,推进中,滞后,已完成"'
    share = tasks["进度"]
    assert (share.type, share.operator or "between", share.formula1, share.formula2) == ("decimal", "between", "0", "1")
    day = progress["实际竣工日期"]
    serial = (dt.date(2022, 9, 30) - dt.date(1899, 12, 30)).days
    assert (day.type, int(day.formula2)) == ("date", serial) and int(progress["计划竣工日期"].formula2) > serial + 3000
    money = progress["年度完成投资（万元）"]
    assert (money.type, money.operator, money.formula1) == ("decimal", "greaterThanOrEqual", "0")
    assert "凌源市" in progress["县区"].formula1 and "竣工" in progress["当前阶段"].formula1 and "已解决" in problems["状态"].formula1
    for rules in (tasks, progress, problems):
        for name, rule in rules.items():
            assert all("一" <= text[0] <= "鿿" or text[0].isdigit() for text in (rule.prompt, rule.error) if text), name
            assert rule.error or rule.type in (None, "none"), name
    top, columns = header(book["任务清单"])
    yellow = book["任务清单"][f"{columns['进度']}{top + 1}"]
    assert yellow.fill.fgColor.rgb.endswith("FFF7C2") and not yellow.protection.locked and yellow.value is None
    assert book["任务清单"][f"{columns['任务编号']}{top + 1}"].fill.fgColor.rgb != yellow.fill.fgColor.rgb


def test_days_are_days_and_numbers_numbers(book, report):
    lists_of = four_lists(report)
    sheet = book["任务清单"]
    top, columns = header(sheet)
    first = lists_of.tasks.iloc[0]
    cell = sheet[f"{columns['完成时限']}{top + 1}"]
    assert cell.is_date and cell.value.date() == first["due"].date() and sheet[f"{columns['任务编号']}{top + 1}"].value == first["task_id"]
    progress, row = book["进度清单"], lists_of.progress.iloc[0]
    top, columns = header(progress)
    assert progress[f"{columns['总投资（万元）']}{top + 1}"].value == row["total_investment_wan"]
    said = [progress[f"{columns['计划竣工日期']}{place}"].value for place in range(top + 1, top + 1 + len(lists_of.progress))]
    vague = lists_of.progress["completed_planned_precision"].isin(["month", "quarter", "half", "ten_days", "year"])
    assert vague.any() and [isinstance(value, str) for value in said] == vague.tolist()


def test_late_near_and_done_rows_stand_out_in_words_too(book, report):
    sheet = book["任务清单"]
    top, columns = header(sheet)
    held = [(rule.priority, str(area.sqref), rule.formula[0], rule.dxf.fill.bgColor.rgb[-6:])
            for area, rules in sheet.conditional_formatting._cf_rules.items() for rule in rules]
    rules = [rule for _, *rule in sorted(held)]
    assert [colour for _, _, colour in rules] == ["E3EBDD", "F6C7B6", "FFE2A8", "E3EBDD"]
    deadline = columns["期限提示"]
    assert rules[0][1] == f"LEN(${columns['办结日期']}5)>0" and rules[1][1] == f'LEFT(${deadline}5,2)="逾期"'
    assert columns["进度"] not in rules[1][0].replace(":", " ").translate(str.maketrans("", "", "0123456789")).split()
    told = [sheet[f"{deadline}{row}"].value for row in range(top + 1, top + 1 + len(four_lists(report).tasks))]
    states = four_lists(report).tasks["state"].tolist()
    begins = {"overdue": "逾期", "soon": "临近", "open": "剩", "no_date": "无时限", "done": "已完成"}
    assert all(text.startswith(begins[state]) for text, state in zip(told, states, strict=True)) and {"soon", "open"} <= {*states}


def test_the_responsibility_list_is_for_reading(book):
    sheet = book["责任清单"]
    assert sheet.protection.sheet and not sheet.protection.autoFilter and "不回收" in sheet["A3"].value
    assert not book["任务清单"].protection.sheet and not sheet.data_validations.dataValidation


def test_no_cell_is_a_formula_or_a_link_whatever_ledgers_say(report):
    known = four_lists(report)
    names = [NASTY[place % len(NASTY)] for place in range(len(known.progress))]
    nasty = dataclasses.replace(
        known, progress=known.progress.assign(name=names, department=names), tasks=known.tasks.assign(
            name=(names * 20)[:len(known.tasks)], status="=1+1"), problems=known.problems.assign(description="@SUM(A1)", status="+1"))
    made = openpyxl.load_workbook(io.BytesIO(workbook_bytes(lists_book.workbook(report, nasty).payload)))
    cells = [cell for page in made for row in page.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n", "d"} and not any(cell.hyperlink for cell in cells)
    live = [cell for cell in cells if isinstance(cell.value, str) and cell.value[0] in "=+-@\t＝"]
    assert len(live) > 20 and all(cell.quotePrefix for cell in live)
    assert "=HYPERLINK" in {cell.value.split("(")[0] for cell in live}


def test_both_languages_and_both_pages_write_the_same_bytes(report, payload):
    english = Report(quarter="2022Q2", county=COUNTY, lang="en")
    city = Report(quarter="2022Q2", lang="en")
    of_city = {made.name: made for made in lists.books(city)}
    assert [*of_city] == ["lists", *(f"lists.{code}" for code in report.city.divisions.codes)]
    assert all(made.at_root for made in of_city.values())
    same = workbook_bytes(payload)
    assert workbook_bytes(lists.county_lists(english).payload) == same == workbook_bytes(of_city[f"lists.{COUNTY}"].payload)
    assert workbook_bytes(of_city["lists"].payload) == workbook_bytes(lists_book.of_report(Report(quarter="2022Q2")).payload) != same


def test_no_workbook_holds_personal_data(book):
    text = "\n".join(str(cell.value) for page in book for row in page.iter_rows() for cell in row if isinstance(cell.value, str))
    assert not any(pattern.search(text) for pattern in (MOBILE, IDENTITY, EMAIL)) and len(text) > 5000


# --- LibreOffice


@pytest.fixture(scope="module")
def office():
    program = shutil.which("soffice") or shutil.which("libreoffice")
    if program is None:
        reason = "LibreOffice (soffice) is not installed; apt-get install libreoffice-calc-nogui brings it"
        (pytest.fail if os.environ.get("LIANTU_REQUIRE_OFFICE") == "1" else pytest.skip)(reason)
    return program


def converted(office, path, kind):
    command = [office, f"-env:UserInstallation={(path.parent / 'profile').as_uri()}", "--headless", "--convert-to", kind, "--outdir",
               str(path.parent / "out"), str(path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    made = path.parent / "out" / f"{path.stem}.{kind.split(':')[0]}"
    assert made.is_file(), done.stdout + done.stderr
    return made


def test_libreoffice_opens_it_prints_it_and_keeps_every_cell(office, payload, tmp_path):
    path = tmp_path / f"lists.{COUNTY}.xlsx"
    path.write_bytes(workbook_bytes(payload))
    again = openpyxl.load_workbook(converted(office, path, "xlsx"))
    first = openpyxl.load_workbook(path)
    assert again.sheetnames == SHEETS
    for name in SHEETS:
        filled = [[cell.value for cell in row if cell.value is not None] for row in first[name].iter_rows()]
        kept = [[cell.value for cell in row if cell.value is not None] for row in again[name].iter_rows()]
        assert [row for row in kept if row] == [row for row in filled if row]
    assert {cell.data_type for page in again for row in page.iter_rows() for cell in row} <= {"s", "n", "d"}
    assert again["任务清单"].data_validations.count == first["任务清单"].data_validations.count
    pages = pypdf.PdfReader(converted(office, path, "pdf")).pages
    assert len(pages) >= 5 and all(float(page.mediabox.width) > float(page.mediabox.height) for page in pages)
    assert {(round(float(page.mediabox.width)), round(float(page.mediabox.height))) for page in pages} == {(842, 595)}


# --- the page and the file beside the front page


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_answers_and_shows_each_list(small_data, lang):
    city = Report(quarter="2022Q2", lang=lang)
    told = lists.answer(city)
    known = four_lists(city)
    assert str(int((known.duties["state"] == "overdue").sum())) in told[0].answer and [card.name for card in told[1:]] == [
        "lists_late", "lists_soon", "lists_nobody"]
    tables = [made(city) for made in (lists.tasks, lists.progress, lists.problems, lists.duties)]
    assert all(isinstance(table, PageTable) and len(table.data) for table in tables)
    assert tables[3].data[["tasks", "projects", "problems"]].to_numpy().sum() == len(known.duties)


def test_a_data_set_without_tasks_and_problems_says_that_nothing_was_reported(tmp_path, monkeypatch, pytestconfig):
    shutil.copytree(pytestconfig.rootpath / "data" / "raw" / "public", tmp_path / "raw" / "public")
    monkeypatch.setenv("LIANTU_DATA", str(tmp_path))
    public = Report(quarter="2022Q4", dataset="public")
    assert "没有任何单位上报过" in lists.answer(public)[0].answer
    made = openpyxl.load_workbook(io.BytesIO(workbook_bytes(lists_book.of_report(public).payload)))
    assert made.sheetnames == SHEETS and made["任务清单"]["A3"].value.startswith("没有上报任何重点任务")
    assert made["问题清单"]["A3"].value.startswith("没有上报任何未解决的问题") and "模拟" not in made["任务清单"]["A2"].value
    assert made["进度清单"].max_row > 20 and "2023年一季度填报" in made["任务清单"]["A1"].value
    empty = [code for code in public.city.divisions.codes if four_lists(public.known_in(code)).progress.empty]
    for code in empty:
        assert lists.answer(public.known_in(code))[0].answer


SMALL = BookSheet("任务清单", (BookColumn("序号", 6, "number"), BookColumn("办结", 12, "date", fill=True)),
                  pd.DataFrame({"a": [1], "b": [None]}), marks=(BookMark("done", "办结"),))


def page(folder, stem, lang, *names):
    made = executed(lang)
    books = [Workbook(name, "四清单", (SMALL,), at_root=True) for name in names]
    made.cells.insert(8, new_code_cell("book", outputs=[new_output("display_data", data={MIME: book.payload}) for book in books]))
    nbformat.write(stamp(made, stem, lang), folder / f"{stem}.ipynb")


def written(folder):
    entries = collect(folder)
    copy_fonts(folder)
    assert render(folder, entries) == {}
    write_index(folder, entries, suite().kinds, {"quarter": "2022Q2"})
    return sorted(path.name for path in folder.glob("*.xlsx"))


def test_the_file_lies_beside_the_front_page_which_links_it(tmp_path):
    out = tmp_path / "2022Q2"
    out.mkdir()
    page(out, "46_four_lists.zh", "zh", "lists", "lists.211382")
    page(out, "46_four_lists.en", "en", "lists", "lists.211382")
    assert written(out) == ["lists.211382.xlsx", "lists.xlsx"] and not list((out / "tables").rglob("*.xlsx"))
    for name in ("index.html", "index.en.html"):
        links = lxml.html.fromstring((out / name).read_bytes()).xpath("//p[@class='book-link']/a/@href")
        assert links == ["lists.xlsx"]
    html = (out / "46_four_lists.zh.html").read_bytes()
    assert books_beside(html) == ["lists.xlsx", "lists.211382.xlsx"]
    shared = share(out, "simulated", "2022Q2")
    with zipfile.ZipFile(shared.archive) as archive:
        assert {"liantu-simulated-2022Q2/lists.xlsx", "liantu-simulated-2022Q2/lists.211382.xlsx"} <= set(archive.namelist())
    assert not [name for name in shared.left_out if name.endswith(".xlsx")] and b"lists.xlsx" in shared.single.read_bytes()


def test_a_page_made_again_without_a_workbook_takes_it_away(tmp_path):
    page(tmp_path, "46_four_lists.zh", "zh", "lists", "lists.211382")
    assert written(tmp_path) == ["lists.211382.xlsx", "lists.xlsx"]
    page(tmp_path, "46_four_lists.zh", "zh", "lists")
    assert written(tmp_path) == ["lists.xlsx"]
    page(tmp_path, "46_four_lists.zh", "zh")
    assert written(tmp_path) == [] and "lists.xlsx" not in (tmp_path / "index.html").read_text(encoding="utf-8")


def test_only_a_handed_on_workbook_counts_as_beside_the_front_page():
    prose = b'<p>see <a href="lists.xlsx">the lists</a></p><p class="book-link"><a href="tables/x/a.xlsx" download>'
    assert books_beside(prose + b'<p class="book-link"><a href="..%2Fb.xlsx" download>') == []
    assert books_beside(b'<p class="book-link"><a href="%E6%B8%85.xlsx" download>') == ["清.xlsx"]


def test_a_mark_needs_its_column():
    with pytest.raises(ValueError, match=r"任务清单.*no column '销号'"):
        BookSheet("任务清单", (BookColumn("序号"),), pd.DataFrame({"a": [1]}), marks=(BookMark("done", "销号"),))
