"""Files of every kind → sheets with the row numbers that a spreadsheet shows."""

import datetime as dt
import zipfile

import pyarrow as arrow
import pyarrow.parquet as parquet
import pytest
import xlsxwriter
import xlwt

from liantu.ledger.files import limits
from liantu.ledger.files.reading import read_book
from liantu.ledger.sheets import Unreadable

RECORDS = [["序号", "项目名称", "总投资（万元）"], ["1", "甲项目", "5,000"], ["", "", ""], ["2", "乙项目", "约3亿元"]]


def read(path):
    book = read_book(path, f"2022Q1/{path.name}")
    assert not isinstance(book, Unreadable), book
    return book


def reason(path):
    book = read_book(path, f"2022Q1/{path.name}")
    assert isinstance(book, Unreadable)
    assert book.message_zh and book.message_en and book.source_file == f"2022Q1/{path.name}"
    return book.reason


def write_xlsx(path, name="甲"):
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet(name)
        sheet.write(2, 1, "名称")
        sheet.write(3, 1, 3)
        sheet.write_datetime(3, 2, dt.datetime(2022, 3, 1), book.add_format({"num_format": "yyyy-mm-dd"}))
        sheet.merge_range(5, 1, 6, 2, "合并")
        sheet.write(8, 2, "末")
        book.add_worksheet("藏").hide()
    return path


def write_xls(path):
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("甲")
    sheet.write(2, 1, "名称")
    sheet.write(3, 1, 3)
    day = xlwt.XFStyle()
    day.num_format_str = "yyyy-mm-dd"
    sheet.write(3, 2, dt.date(2022, 3, 1), day)
    sheet.write_merge(5, 6, 1, 2, "合并")
    sheet.write(8, 2, "末")
    sheet.write(9, 1, "余")
    book.save(str(path))
    return path


@pytest.mark.parametrize(("write", "name"), [(write_xlsx, "a.xlsx"), (write_xls, "a.xls")])
def test_rows_and_columns_are_numbered_as_a_spreadsheet_shows_them(tmp_path, write, name):
    sheet = read(write(tmp_path / name))[0]
    assert (sheet.name, sheet.first_row, sheet.first_column) == ("甲", 3, 2)
    assert sheet.cells[0] == ["名称", None]
    assert sheet.cells[1] == [3, dt.date(2022, 3, 1)]
    assert sheet.merged == ((6, 2, 7, 3),)
    assert sheet.cells[8 - 2] == [None, "末"]


def test_hidden_sheets_are_read_and_told(tmp_path):
    sheets = read(write_xlsx(tmp_path / "a.xlsx"))
    assert [(sheet.name, sheet.hidden, len(sheet.cells)) for sheet in sheets] == [("甲", False, 7), ("藏", True, 0)]


def test_chart_sheets_are_left_out(tmp_path):
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        book.add_chartsheet("图")
        book.add_worksheet("表").write(0, 0, "x")
    assert [sheet.name for sheet in read(tmp_path / "a.xlsx")] == ["表"]


def test_what_a_file_is_called_does_not_matter(tmp_path):
    write_xlsx(tmp_path / "a.xlsx").rename(tmp_path / "a.csv")
    assert read(tmp_path / "a.csv")[0].name == "甲"


@pytest.mark.parametrize("kind", ["xlsx", "xls"])
def test_error_cells_stay_text(tmp_path, kind):
    path = tmp_path / f"a.{kind}"
    if kind == "xlsx":
        with xlsxwriter.Workbook(path) as book:
            sheet = book.add_worksheet("甲")
            sheet.write_row(0, 0, ["名称", "总投资"])
            sheet.write_formula(1, 1, "=B9/0", None, "#DIV/0!")
            sheet.write_formula(4, 2, "=#REF!", None, "#REF!")
    else:
        book = xlwt.Workbook()
        sheet = book.add_sheet("甲")
        sheet.write(0, 0, "名称")
        sheet.write(0, 1, "总投资")
        sheet.row(1).set_cell_error(1, 0x07)
        sheet.row(4).set_cell_error(2, 0x17)
        book.save(str(path))
    cells = read(path)[0].cells
    assert cells[1][1] == "#DIV/0!"
    assert cells[4] == [None, None, "#REF!"]


def test_ods_with_its_merged_ranges(tmp_path):
    def cell(text, more=""):
        return f'<table:table-cell office:value-type="string" {more}><text:p>{text}</text:p></table:table-cell>'
    content = (
        '<?xml version="1.0" encoding="UTF-8"?><office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
        'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0">'
        '<office:body><office:spreadsheet><table:table table:name="甲"><table:table-row>'
        + cell("县区", 'table:number-rows-spanned="2"') + cell("项目")
        + '</table:table-row><table:table-row><table:covered-table-cell/>' + cell("乙") + "</table:table-row></table:table>"
        "</office:spreadsheet></office:body></office:document-content>")
    path = tmp_path / "a.ods"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
    sheet = read(path)[0]
    assert sheet.cells == [["县区", "项目"], [None, "乙"]]
    assert sheet.merged == ((1, 1, 2, 1),)


@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
def test_csv_in_every_encoding_and_with_every_delimiter(tmp_path, encoding, delimiter):
    text = "\r\n".join(delimiter.join(f'"{value}"' if delimiter in value else value for value in record) for record in RECORDS) + "\r\n"
    (tmp_path / "a.csv").write_bytes(text.encode(encoding))
    sheet = read(tmp_path / "a.csv")[0]
    assert (sheet.name, sheet.first_row) == ("", 1)
    assert sheet.cells == [[value or None for value in record] for record in RECORDS]


def test_csv_rows_are_records_even_with_line_breaks_inside_and_blank_lines_between(tmp_path):
    (tmp_path / "a.csv").write_text('序号,项目名称\n1,"甲\n项目"\n\n2,乙\n', encoding="utf-8")
    assert read(tmp_path / "a.csv")[0].cells == [["序号", "项目名称"], ["1", "甲\n项目"], [None, None], ["2", "乙"]]


def test_a_quote_that_is_never_closed_swallows_no_row(tmp_path):
    lines = ["序号,项目名称,总投资", '1,"甲项目,5', *(f"{number},项目{number},5" for number in range(2, 30))]
    (tmp_path / "a.csv").write_text("\n".join(lines), encoding="utf-8")
    assert len(read(tmp_path / "a.csv")[0].cells) == len(lines)


def test_codes_that_a_csv_guards_as_text(tmp_path):
    (tmp_path / "a.csv").write_text('项目代码,项目名称\n="2201-211302-04-01-123456",甲\n', encoding="gb18030")
    assert read(tmp_path / "a.csv")[0].cells[1][0] == "2201-211302-04-01-123456"


@pytest.mark.parametrize(("encoding", "charset"), [("utf-8", "utf-8"), ("gb18030", "gb2312"), ("gb18030", "utf-8"), ("utf-16", "")])
def test_html_saved_as_xls(tmp_path, encoding, charset):
    html = f"""<html><head><meta charset="{charset}"><style>td {{color: red}}</style></head><body>
    <h2>凌源市项目台账</h2><p>单位：万元</p>
    <table><tr><th rowspan=2>县区<th rowspan="2">项目&nbsp;名称</th><th colspan="2">投资</th></tr>
    <tr><td>总投资</td><td>本年<br/>计划</td></tr>
    <tr><td rowspan="2">凌源市</td><td>甲 &lt;b&gt; 项目</td><td>5</td><td>1
    </tr><tr></tr>
    <tr><td>乙</td><td></td><td>7</td></tr></table>
    <table><tr><td>注：</td></tr></table></body></html>"""
    (tmp_path / "a.xls").write_bytes(html.encode(encoding))
    sheet = read(tmp_path / "a.xls")[0]
    assert sheet.titles == ("凌源市项目台账", "单位：万元")
    assert sheet.cells == [
        ["县区", "项目\xa0名称", "投资", None], [None, None, "总投资", "本年\n计划"], ["凌源市", "甲 <b> 项目", "5", "1"],
        [None, None, None, None], ["乙", None, "7", None], ["注：", None, None, None]]
    assert sheet.merged == ((1, 1, 2, 1), (1, 2, 2, 2), (1, 3, 1, 4), (3, 1, 4, 1))


def test_html_tables_inside_tables_keep_the_number_of_their_row(tmp_path):
    (tmp_path / "a.xls").write_text(
        "<table><tr><td>外<table><tr><td>内</td></tr></table></td></tr><tr><td>后</td></tr></table>", encoding="utf-8")
    assert [row[0] for row in read(tmp_path / "a.xls")[0].cells] == ["外", "内", "后"]


def test_files_that_are_no_workbooks(tmp_path):
    def of(name, content):
        (tmp_path / name).write_bytes(content)
        return reason(tmp_path / name)

    whole = write_xlsx(tmp_path / "whole.xlsx").read_bytes()
    old = write_xls(tmp_path / "whole.xls").read_bytes()
    assert of("a.xlsx", b"") == "empty"
    assert of("a.csv", b"\xef\xbb\xbf \r\n\r\n") == "empty"
    assert of("b.csv", b",,,\n,,,\n") == "empty"
    assert of("b.xlsx", whole[:len(whole) // 2]) == "truncated"
    assert of("b.xls", old[:1500]) == "truncated"
    assert of("c.xlsx", b"%PDF-1.7 ...") == "not_a_workbook"
    assert of("d.xls", b"<html><body><p>no table</p></body></html>") == "not_a_workbook"
    assert of("e.csv", "序号,项目名称\n1,甲".encode() + b"\0\0\0" + b",5\n" * 50) == "null_bytes"
    assert of("f.csv", "序号,项目名称\n1,朝阳重点建设项目\n".encode() + "2,凌源市重点建设项目\n".encode("gb18030")) == "mixed_encoding"
    assert of("g.xlsx", bytes(range(256)) * 40) == "not_a_workbook"
    assert reason(tmp_path / "missing.xlsx") == "not_found"


def test_an_empty_workbook_is_empty(tmp_path):
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        book.add_worksheet("空").write(3, 3, "  ")
    assert reason(tmp_path / "a.xlsx") == "empty"


def test_other_zip_files_are_no_workbooks(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as archive:
        archive.writestr("word/document.xml", "<w/>")
    assert reason(tmp_path / "a.xlsx") == "not_a_workbook"


def test_an_encrypted_workbook_is_told(tmp_path):
    container = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 2000 + "EncryptedPackage".encode("utf-16-le") + b"\0" * 3000
    (tmp_path / "a.xlsx").write_bytes(container)
    assert reason(tmp_path / "a.xlsx") == "encrypted"


def test_an_xls_with_a_password_is_told(tmp_path):
    content = write_xls(tmp_path / "a.xls").read_bytes()
    # The record after the globals' BOF becomes FILEPASS ([MS-XLS] 2.4.117) of the same length.
    bof = content.index(b"\x09\x08\x10\x00")
    following = bof + 4 + 16
    (tmp_path / "b.xls").write_bytes(content[:following] + b"\x2f\x00" + content[following + 2:])
    assert reason(tmp_path / "b.xls") == "encrypted"


def _repacked(source, target, part, change):
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change(old.read(name)) if name == part else old.read(name))
    return target


def test_a_stray_cell_in_the_last_corner_is_refused_before_it_fills_the_memory(tmp_path):
    path = _repacked(
        write_xlsx(tmp_path / "a.xlsx"), tmp_path / "b.xlsx", "xl/worksheets/sheet1.xml",
        lambda part: part.replace(b"</sheetData>", b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'))
    assert reason(path) == "too_large"


def test_a_part_that_unpacks_beyond_measure_is_refused(tmp_path):
    path = _repacked(write_xlsx(tmp_path / "a.xlsx"), tmp_path / "b.xlsx", "xl/sharedStrings.xml", lambda part: part + b" " * 30_000_000)
    assert reason(path) == "too_large"


def test_too_many_shared_strings_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(limits, "MAX_SHARED_STRINGS", 2)
    assert reason(write_xlsx(tmp_path / "a.xlsx")) == "too_large"


def test_too_many_cells_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(limits, "MAX_CELLS", 5)
    assert reason(write_xlsx(tmp_path / "a.xlsx")) == "too_large"
    assert reason(write_xls(tmp_path / "a.xls")) == "too_large"
    (tmp_path / "a.csv").write_text("甲,乙\n1,2\n3,4\n", encoding="utf-8")
    assert reason(tmp_path / "a.csv") == "too_large"
    (tmp_path / "b.xls").write_text("<table><tr><td colspan=900>甲</table>", encoding="utf-8")
    assert reason(tmp_path / "b.xls") == "too_large"


def test_an_ods_that_repeats_its_rows_beyond_measure_is_refused(tmp_path):
    content = (
        '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
        'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"><table:table table:name="甲"><table:table-row '
        'table:number-rows-repeated="1000000"><table:table-cell office:value-type="float" office:value="1" '
        'table:number-columns-repeated="1000"/></table:table-row></table:table></office:document-content>')
    with zipfile.ZipFile(tmp_path / "a.ods", "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
    assert reason(tmp_path / "a.ods") == "too_large"


def test_parquet_is_one_sheet_whose_first_row_is_the_names_of_its_columns(tmp_path):
    path = tmp_path / "a.parquet"
    parquet.write_table(arrow.table({
        "项目名称": ["甲项目", " ", None], "总投资（万元）": [5000.0, None, float("nan")], "编码": [2**60, 1, 2], "个数": [3, None, 4],
        "开工": arrow.array([dt.date(2022, 3, 1), None, None]), "是否": [True, False, None], "标签": [["x"], None, []]}), path)
    sheet, = read(path)
    assert (sheet.name, sheet.first_row, sheet.first_column) == ("", 1, 1)
    assert sheet.cells == [
        ["项目名称", "总投资（万元）", "编码", "个数", "开工", "是否", "标签"],
        ["甲项目", 5000.0, str(2**60), 3.0, dt.date(2022, 3, 1), True, "['x']"],
        [None, None, "1", None, None, False, None],
        [None, None, "2", 4.0, None, None, "[]"]]


@pytest.mark.parametrize("cut", [8, 60, 200])
def test_a_damaged_parquet_is_told(tmp_path, cut):
    path = tmp_path / "a.parquet"
    parquet.write_table(arrow.table({"项目名称": ["甲项目"] * 50}), path)
    path.write_bytes(path.read_bytes()[:-cut])
    assert reason(path) == "truncated"


def test_a_parquet_without_rows_is_empty(tmp_path):
    path = tmp_path / "a.parquet"
    parquet.write_table(arrow.table({"项目名称": arrow.array([], arrow.string())}), path)
    assert reason(path) == "empty"
