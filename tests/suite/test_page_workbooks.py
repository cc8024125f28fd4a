"""Workbooks beside pages: text stays text, the same rows give the same bytes, and people can filter, fill in and print them."""

from __future__ import annotations

import io
import json
import zipfile

import lxml.html
import nbformat
import openpyxl
import pandas as pd
import pytest
from html_of_pages import elements
from IPython.core.formatters import DisplayFormatter
from nbformat.v4 import new_code_cell, new_output
from synthetic_pages import SCRIPT, executed, stamp

from liantu.figures import BookColumn, BookSheet, Workbook
from liantu.suite.matrix import suite
from liantu.suite.pages.exporter import LiantuExporter
from liantu.suite.pages.workbooks import workbook_bytes
from liantu.suite.site.collecting import collect
from liantu.suite.site.index import write_index
from liantu.suite.site.rendering import copy_fonts, render

MIME = "application/vnd.liantu.workbook+json"
NASTY = ['=HYPERLINK("http://example.org","x")', "+1+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "=1+1", "＝1+1", "{=1}", "http://example.org",
         "mailto:a@b.c", SCRIPT, "0123", "1e5", "_x0041_", "x" * 40_000, "龘\x00\x07"]
COLUMNS = (BookColumn("程度 Severity", 10, "severity"), BookColumn("原值 Value", 20), BookColumn("行 Row", 7, "number"),
           BookColumn("更正为 Corrected", 24, "answer", ("同一项目 same", "不同项目 different")))


def book(rows=None, name="待更正-北票-2022Q2"):
    values = NASTY if rows is None else rows
    frame = pd.DataFrame({"severity": ["错误 error" if place < 2 else "警告 warning" for place in range(len(values))], "value": values,
                          "row": range(len(values)), "answer": None})
    sheets = (BookSheet("需要更正 To fix", COLUMNS, frame, ("说明在此 Notes",)), BookSheet("a/b:c*?[x]" + "长" * 40, (BookColumn("", 60),),
                                                                             pd.DataFrame({"zh": ["=1"]})))
    return Workbook(name, "更正单 =1", sheets, "=2 台账更正单", "caption", "模拟数据 Simulated data", pd.Timestamp("2022-06-30").date())


def opened(payload):
    return openpyxl.load_workbook(io.BytesIO(workbook_bytes(payload)))


@pytest.fixture(scope="module")
def sheet():
    return opened(json.loads(json.dumps(book().payload, allow_nan=False))).worksheets[0]


def test_no_cell_of_any_sheet_is_a_formula_or_a_link(sheet):
    cells = [cell for page in sheet.parent for row in page.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n"}
    assert not any(cell.hyperlink for cell in cells) and not any(page._hyperlinks for page in sheet.parent)
    values = [cell.value for cell in sheet["B"][4:]]
    assert values[:4] == NASTY[:4] and values[9:15] == NASTY[9:15]  # as written: people search their own ledger for it
    assert len(values[15]) == 32_767 and values[15].endswith("…")
    assert all(cell.quotePrefix for cell in sheet["B"][4:11] if cell.value != "{=1}")


def test_the_sheet_can_be_filtered_filled_in_and_printed(sheet):
    assert [sheet.cell(row, 1).value for row in (1, 2, 3)] == [
        "=2 台账更正单", "模拟数据 Simulated data  ·  数据截至 Data as of 2022-06-30", "说明在此 Notes"]
    assert [cell.value for cell in sheet[4]] == [column.label for column in COLUMNS]
    assert sheet.auto_filter.ref == f"A4:D{4 + len(NASTY)}" and sheet.freeze_panes == "A5" and sheet.print_title_rows == "$4:$4"
    setup = sheet.page_setup
    assert (setup.orientation, int(setup.paperSize), setup.fitToHeight) == ("landscape", 9, 0)
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert all(cell.alignment.wrap_text for cell in sheet[6]) and sheet.column_dimensions["B"].width > 20
    choice = sheet.data_validations.dataValidation[0]
    assert choice.type == "list" and "同一项目 same" in choice.formula1 and "D5" in str(choice.sqref)
    assert [sheet.cell(row, 4).value for row in (5, 6)] == [None, None] and sheet["D5"].fill.fgColor.rgb != sheet["B5"].fill.fgColor.rgb
    assert sheet["A5"].font.b and not sheet["A8"].font.b


def test_the_same_rows_give_the_same_bytes_without_a_clock(monkeypatch):
    first = workbook_bytes(book().payload)
    monkeypatch.setattr("time.time", lambda: 2e9)
    assert workbook_bytes(book().payload) == first
    with zipfile.ZipFile(io.BytesIO(first)) as parts:
        assert b"2000-01-01" in parts.read("docProps/core.xml")
        assert {part.date_time for part in parts.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_an_empty_sheet_and_odd_names_are_taken():
    made = opened(book([]).payload)
    assert made.sheetnames[0] == "需要更正 To fix" and len(made.sheetnames[1]) == 31 and not set("[]:*?/\\") & set(made.sheetnames[1])


def test_elsewhere_it_is_a_plain_line():
    data, _ = DisplayFormatter().format(book())
    assert data["text/plain"].startswith("更正单 =1") and "需要更正 To fix: 17" in data["text/plain"] and MIME in data


def test_rows_that_do_not_fit_their_headers_are_refused():
    with pytest.raises(ValueError, match=r"To fix.*1 columns of rows, 4 of headers"):
        BookSheet("To fix", COLUMNS, pd.DataFrame({"a": [1]}))


def notebook(lang="zh"):
    made = executed(lang)
    shown = [new_output("display_data", data={MIME: book(name="../../x").payload, "text/plain": "BOOK AS TEXT"}),
             new_output("display_data", data={MIME: book().payload})]
    made.cells.insert(8, new_code_cell("book", outputs=shown))
    return made


def test_the_page_has_a_link_and_none_of_the_content():
    html, resources = LiantuExporter().from_notebook_node(notebook(), {"metadata": {"name": "11_data_quality.zh", "path": "."}})
    links = [attrs["href"] for tag, attrs in elements(html) if tag == "a" and attrs["href"].endswith(".xlsx")]
    files = sorted(name for name in resources["outputs"] if name.endswith(".xlsx"))
    assert files == ["tables/11_data_quality.zh/x.xlsx", "tables/11_data_quality.zh/待更正-北票-2022Q2.xlsx"]
    assert len(links) == 2 and links[0] == files[0] and "%E5%BE%85" in links[1]
    assert html.count("HYPERLINK") == 1, "the other table's own example"
    assert "BOOK AS TEXT" not in html and "需要更正 To fix 17" in lxml.html.document_fromstring(html).text_content()
    assert opened(book().payload).sheetnames == openpyxl.load_workbook(io.BytesIO(resources["outputs"][files[1]])).sheetnames


def test_the_index_links_the_workbooks(tmp_path):
    stem = "11_data_quality.zh"
    nbformat.write(stamp(notebook(), stem, "zh"), tmp_path / f"{stem}.ipynb")
    entries = collect(tmp_path)
    copy_fonts(tmp_path)
    assert render(tmp_path, entries) == {}
    write_index(tmp_path, entries, suite().kinds, {"quarter": "2022Q2"})
    tree = lxml.html.document_fromstring((tmp_path / "index.html").read_text(encoding="utf-8"))
    links = [link.get("href") for link in tree.xpath("//a[@download]")]
    assert len(links) == 2 and (tmp_path / links[0]).is_file()
    assert (tmp_path / "tables" / stem / "待更正-北票-2022Q2.xlsx").is_file()
