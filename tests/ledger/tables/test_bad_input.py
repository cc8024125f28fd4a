"""What bad input gets: each file read as what it is, or listed with its reason, and never a crash (docs/bad-input.md)."""

import datetime as dt
import io
import os
import re
import struct
import zipfile
import zlib
from pathlib import Path

import msoffcrypto
import pytest
from msoffcrypto.format.ooxml import OOXMLFile
from odd_files import (
    ROWS,
    WHOLE,
    bare_xlsx,
    csv,
    html,
    ods,
    ods_number,
    ods_row,
    ods_text,
    records,
    repacked,
    spreadsheet_xml,
    web_archive,
    xls_of,
    xls_stream,
    xlsb,
    xlsx,
)

from liantu.ledger.files import limits
from liantu.ledger.files.reading import read_book
from liantu.ledger.files.unreadable import REASONS
from liantu.ledger.pipeline import run
from liantu.ledger.sheets import Unreadable


@pytest.fixture
def sheets(tmp_path):
    """The sheets of a file's bytes."""
    def read(content, name="a.xls"):
        (tmp_path / name).write_bytes(content)
        book = read_book(tmp_path / name, name)
        assert not isinstance(book, Unreadable), book
        return book
    return read


@pytest.fixture
def reason(tmp_path):
    """Why a file of these bytes is not read."""
    def read(content, name="a.xls"):
        (tmp_path / name).write_bytes(content)
        book = read_book(tmp_path / name, name)
        assert isinstance(book, Unreadable), book
        assert book.reason in REASONS and book.message_zh and book.message_en
        return book.reason
    return read


@pytest.mark.parametrize("name", list(WHOLE))
def test_every_kind_of_file_gives_the_same_rows(sheets, name):
    cells = sheets(WHOLE[name](), name)[0].cells
    told = [[None if value is None else f"{value:g}" if isinstance(value, int | float) else value for value in row] for row in cells]
    assert told == [[None if value is None else str(value) for value in row] for row in ROWS]


# Passwords

def test_a_workbook_with_a_password_is_encrypted(reason):
    locked = io.BytesIO()
    OOXMLFile(io.BytesIO(xlsx())).encrypt("secret", locked)
    assert msoffcrypto.OfficeFile(io.BytesIO(locked.getvalue())).is_encrypted()
    assert reason(locked.getvalue(), "a.xlsx") == "encrypted"


@pytest.mark.parametrize("header", [
    struct.pack("<3H", 0, 0x1234, 0x5678),  # XOR obfuscation
    struct.pack("<3H", 1, 1, 1) + bytes(range(48)),  # RC4
    struct.pack("<3H2I", 1, 4, 2, 0x04, 0x7A) + bytes(range(122)) + b"\0" * 60])  # RC4 CryptoAPI
def test_an_old_workbook_with_a_password_is_encrypted(reason, header):
    stream = bytearray(xls_stream())
    after_bof = next(place + length for kind, place, length in records(stream) if kind == 0x809)
    scrambled = bytearray(stream[after_bof:])
    for kind, place, length in records(bytes(scrambled)):
        if kind not in (0x809, 0x85, 0x0A):
            scrambled[place:place + length] = bytes(byte ^ 0x5A for byte in scrambled[place:place + length])
    locked = xls_of(stream[:after_bof] + struct.pack("<2H", 0x2F, len(header)) + header + scrambled)
    assert msoffcrypto.OfficeFile(io.BytesIO(locked)).is_encrypted()
    assert reason(locked) == "encrypted"


def test_an_ods_with_a_password_is_encrypted(reason):
    manifest = '<m:manifest xmlns:m="x"><m:file-entry><m:encryption-data/></m:file-entry></m:manifest>'
    assert reason(repacked(ods(ods_row(ods_text("甲"))), {"META-INF/manifest.xml": manifest}), "a.ods") == "encrypted"


# Formulas, links, macros

def test_formulas_give_the_value_that_was_saved_or_say_that_none_was(sheets):
    cells = sheets(bare_xlsx(
        '<row r="1"><c r="A1"><f>1+1</f><v>2</v></c><c r="B1"><f>SUM(A1)</f></c><c r="C1"><f>SUM(A1)</f><v></v></c>'
        '<c r="D1"><f>A1</f><v/></c><c r="E1" t="str"><f>""</f><v></v></c><c r="F1" t="e"><f>1/0</f><v>#DIV/0!</v></c>'
        '<c r="G1" t="str"><f>"甲"</f><v>甲</v></c></row>'))
    assert cells[0].cells == [[2, "#UNCOMPUTED!", "#UNCOMPUTED!", "#UNCOMPUTED!", None, "#DIV/0!", "甲"]]


def test_a_formula_that_was_never_computed_is_told_and_no_amount(tmp_path):
    (tmp_path / "2022Q2").mkdir()
    cell = '<c r="{0}" t="inlineStr"><is><t>{1}</t></is></c>'.format
    (tmp_path / "2022Q2" / "北票市.xlsx").write_bytes(bare_xlsx(
        f'<row r="1">{cell("A1", "项目名称")}{cell("B1", "总投资（万元）")}{cell("C1", "建设单位")}</row>'
        f'<row r="2">{cell("A2", "甲项目")}<c r="B2"><f>SUM(D2:E2)</f></c>{cell("C2", "甲公司")}</row>'))
    tables = run(tmp_path).tables
    assert tables["projects"]["total_investment_wan"].isna().all()
    told = tables["quarantine"].iloc[0]
    assert (told["row"], told["column"], told["value"], told["rule"]) == (2, "总投资（万元）", "#UNCOMPUTED!", "cell_error")


def test_links_are_never_followed_and_macros_never_run(sheets):
    links = ('<externalLink xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><externalBook/></externalLink>')
    content = repacked(xlsx(), {"xl/externalLinks/externalLink1.xml": links, "xl/vbaProject.bin": b"\xd0\xcf\x11\xe0" + b"Shell" * 99,
                                "xl/connections.xml": "<connections/>"})
    assert sheets(content, "a.xlsm")[0].cells == sheets(xlsx(), "b.xlsx")[0].cells


def test_dates_of_the_1904_system_are_read_as_such(sheets):
    content = bare_xlsx('<row r="1"><c r="A1" s="1"><v>43173</v></c></row>', book='<workbookPr date1904="1"/>')
    styles = ('<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><cellXfs><xf numFmtId="0"/>'
              '<xf numFmtId="14"/></cellXfs></styleSheet>')
    assert sheets(repacked(content, {"xl/styles.xml": styles}))[0].cells == [[dt.date(2022, 3, 15)]]


def test_error_cells_of_an_xlsb_stay_text(sheets):
    assert sheets(xlsb([["名称", "总投资"], ["甲", None]], {(2, 2): 0x17}), "a.xlsb")[0].cells == [["名称", "总投资"], ["甲", "#REF!"]]


# ods

def test_an_ods_with_errors_hidden_tables_and_repeated_empty_rows(sheets):
    error = ('<table:table-cell table:formula="of:=1/0" office:value-type="string" office:string-value="" calcext:value-type="error">'
             "<text:p>#DIV/0!</text:p></table:table-cell>")
    never = '<table:table-cell table:formula="of:=A1"/>'
    wide = '<table:table-cell table:number-columns-repeated="16380"/>'
    table = ods_row(ods_text("名称"), error, never, "<table:table-cell><text:p>无类型</text:p></table:table-cell>", wide)
    rest = ods_row('<table:table-cell table:number-columns-repeated="16384"/>', more='table:number-rows-repeated="1048575"')
    hidden = '<office:automatic-styles><style:style style:name="h" style:family="table"><style:table-properties table:display="false"/>' \
        "</style:style></office:automatic-styles>"
    book = sheets(ods(f'<table:table table:name="甲">{table}{rest}</table:table><table:table table:name="藏" table:style-name="h">'
                      f'{ods_row(ods_number(5))}</table:table>', hidden), "a.ods")
    assert book[0].cells == [["名称", "#DIV/0!", "#UNCOMPUTED!", "无类型"]]
    assert [(sheet.name, sheet.hidden) for sheet in book] == [("甲", False), ("藏", True)]


def test_an_ods_that_repeats_without_end_is_refused(reason):
    def of(more, row=""):
        return reason(ods(f'<table:table table:name="甲">{ods_row(ods_number(1, more), more=row)}</table:table>'), "a.ods")
    assert of('table:number-columns-repeated="16000"', 'table:number-rows-repeated="1000000"') == "too_large"
    assert of('table:number-columns-repeated="1600000000"') == "truncated"
    assert of('table:number-columns-repeated="99999999999999999999"') == "truncated"
    empty = '<table:table-cell table:number-columns-repeated="1600000000"/>'
    assert reason(ods(f'<table:table table:name="甲">{ods_row(ods_text("甲"), empty)}</table:table>'), "a.ods") == "truncated"


# Excel-2003 XML and web archives

def test_excel_2003_xml(sheets):
    def cell(kind, value, more=""):
        return f'<Cell {more}><Data ss:Type="{kind}">{value}</Data></Cell>'
    first = ('<Row ss:Index="2">' + cell("String", "项目台账", 'ss:MergeAcross="2" ss:MergeDown="1"') + "</Row>"
             '<Row ss:Index="4"><Cell><ss:Data ss:Type="String" xmlns="http://www.w3.org/TR/REC-html40"><B>项目</B><Font>名称</Font></ss:Data>'
             "<Comment><ss:Data>不是内容</ss:Data></Comment></Cell>" + cell("String", "时间", 'ss:Index="3"') + "</Row>"
             '<Row ss:Span="1"/><Row>' + cell("Number", "5e3") + cell("DateTime", "2022-03-15T00:00:00.000") + cell("Error", "#REF!")
             + cell("Boolean", "1") + '<Cell ss:Formula="=A1"/>' + cell("Number", "多") + "</Row>")
    second = '<Row>' + cell("String", "x") + '</Row></Table><WorksheetOptions><Visible>SheetHidden</Visible></WorksheetOptions>'
    text = spreadsheet_xml(f'<Worksheet ss:Name="甲"><Table>{first}</Table></Worksheet><Worksheet ss:Name="藏"><Table>{second}</Worksheet>')
    book = sheets(text.encode())
    assert (book[0].name, book[0].first_row, book[0].first_column, book[0].merged) == ("甲", 2, 1, ((2, 1, 3, 3),))
    assert book[0].cells[2] == ["项目名称", None, "时间", None, None, None]
    assert book[0].cells[5] == [5000, dt.date(2022, 3, 15), "#REF!", True, "#UNCOMPUTED!", "多"]
    assert [sheet.hidden for sheet in book] == [False, True]
    assert sheets(spreadsheet_xml(f'<Worksheet ss:Name="甲"><Table>{first}</Table></Worksheet>', '<?xml version="1.0" encoding="GB2312"?>')
                  .encode("gb18030"))[0].cells[2][0] == "项目名称"


def test_excel_2003_xml_that_is_cut_off_or_hostile(reason):
    row = '<Worksheet ss:Name="甲"><Table><Row>{0}<Cell {1}><Data ss:Type="String">x</Data></Cell></Row></Table></Worksheet>'.format
    whole = spreadsheet_xml(row("", "")).encode()
    assert reason(whole[:-30]) == "truncated"
    assert reason(spreadsheet_xml(row("<Cell/>", 'ss:Index="99999999"')).encode()) == "truncated"
    assert reason(spreadsheet_xml('<Worksheet ss:Name="甲"><Table/></Worksheet>').encode()) == "empty"
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    assert reason(spreadsheet_xml(row("", ""), before=bomb).encode()) == "unsafe_xml"
    assert reason(b'<?xml version="1.0"?><w:wordDocument xmlns:w="x"/>') == "not_a_workbook"


def test_entities_are_refused_in_every_kind_of_xml(reason):
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    strings = f"{bomb}<sst {main}><si><t>&b;</t></si></sst>"
    assert reason(bare_xlsx('<row r="1"><c r="A1" t="s"><v>0</v></c></row>', shared=strings)) == "unsafe_xml"
    table = ods(f'<table:table table:name="甲">{ods_row(ods_text("&b;"))}</table:table>')
    content = zipfile.ZipFile(io.BytesIO(table)).read("content.xml").decode().replace("?>", f"?>{bomb}", 1)
    assert reason(repacked(table, {"content.xml": content}), "a.ods") == "unsafe_xml"


def test_a_web_archive_with_several_sheets(sheets, reason):
    assert [sheet.name for sheet in sheets(WHOLE["archive.xls"]())] == ["台账"]
    two = [(f"file:///C:/x/sheet{number}.htm", html([["名称"], [f"项目{number}"]], "gb2312").decode("gb2312")) for number in (1, 2)]
    book = sheets(web_archive(two, "gb2312"))
    assert [(sheet.name, sheet.cells[1]) for sheet in book] == [("sheet1", ["项目1"]), ("sheet2", ["项目2"])]
    assert reason(web_archive([("a.htm", "<html><p>无表</p></html>")])) == "no_table"
    assert reason(b"MIME-Version: 1.0\r\nContent-Type: multipart/related\r\n\r\n") == "no_table"
    assert reason(web_archive([("a.htm", "<td>x</td>")]) + b"\r\nContent-Type: text/html\r\n" * 2000) == "too_large"


# Sizes

FAR = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'


@pytest.mark.parametrize("content", [
    bare_xlsx(FAR), bare_xlsx(FAR.replace('"', "'")), bare_xlsx(FAR, target="../odd/s.xml", part="odd/s.xml"),
    bare_xlsx('<row r="1"><c><v>1</v></c></row><row r="1048576">' + "<c/>" * 9000 + "<c><v>1</v></c></row>"),
    bare_xlsx(FAR.replace("<c ", '<c a=">" ')), bare_xlsx(FAR.replace("XFD1", "&#88;FD1")),
    bare_xlsx('<row r="1"><c r="A1" t="s"><v>0</v></c></row>', shared='<sst uniqueCount="4000000000"><si><t>x</t></si></sst>')])
def test_a_sheet_that_claims_more_than_it_holds_is_refused_before_it_fills_the_memory(reason, content):
    assert reason(content, "a.xlsx") == "too_large"


@pytest.mark.parametrize("cell", ['r="ZZZZZZ1"', 'r="XFE1"', 'r="A1048577"', 'r="A0"', 'r="A99999999999999999999"', 'r="1A"'])
def test_cells_outside_every_sheet_are_damage(reason, cell):
    assert reason(bare_xlsx(f'<row r="1"><c {cell}><v>1</v></c></row>'), "a.xlsx") == "truncated"


def test_the_widest_row_and_the_farthest_formats_are_read(sheets):
    wide = sheets(xlsx([[f"列{number}" for number in range(16384)]]), "a.xlsx")[0]
    assert len(wide.cells[0]) == 16384
    formats = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576" s="0"/></row>'
    assert sheets(bare_xlsx(formats, '<dimension ref="A1:XFD1048576"/>'), "a.xlsx")[0].cells == [[1]]
    assert sheets(bare_xlsx(formats.replace('"', "'")), "a.xlsx")[0].cells == [[1]]


def damaged_xls(kind, change):
    stream = bytearray(xls_stream())
    for found, place, length in list(records(stream)):
        if found == kind:
            change(stream, place, length)
    return xls_of(stream)


@pytest.mark.parametrize(("kind", "change", "expected"), [
    (0x200, lambda stream, place, _: struct.pack_into("<2I2H", stream, place, 0, 0x7FFFFFFF, 0, 0xFFFF), "truncated"),
    (0x200, lambda stream, place, _: struct.pack_into("<2I2H", stream, place, 9, 3, 0, 2), "truncated"),
    (0x27E, lambda stream, place, _: struct.pack_into("<2H", stream, place, 65535, 65535), "truncated"),
    (0xFC, lambda stream, place, _: struct.pack_into("<I", stream, place + 4, 0x7FFFFFFF), "too_large"),
    (0xFC, lambda stream, place, _: struct.pack_into("<I", stream, place + 4, 4_000_000), "truncated")])
def test_one_damaged_record_of_an_old_workbook_does_not_end_the_program(reason, kind, change, expected):
    assert reason(damaged_xls(kind, change)) == expected


def _bomb(size):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"<worksheet>" + b" " * size)
    return made.getvalue()


def test_a_part_that_unpacks_to_more_than_the_directory_says_is_refused(reason):
    content = bytearray(_bomb(5_000_000))
    entry = content.rindex(b"PK\x01\x02")
    for place in (content.index(b"PK\x03\x04", 30) + 14, entry + 16):
        struct.pack_into("<I", content, place, zlib.crc32(b"<worksheet>" + b" " * 89))
    struct.pack_into("<I", content, content.index(b"PK\x03\x04", 30) + 22, 100)
    struct.pack_into("<I", content, entry + 24, 100)
    assert reason(bytes(content), "a.xlsx") == "truncated"


def test_limits_on_parts_sizes_cells_and_strings(reason, monkeypatch):
    assert reason(_bomb(30_000_000), "a.xlsx") == "too_large"
    lowered = {"MAX_FILE_BYTES": 100, "MAX_UNPACKED_BYTES": 1000, "MAX_PARTS": 3, "MAX_CELLS": 5, "MAX_SHARED_STRINGS": 3}
    for name, value in lowered.items():
        with monkeypatch.context() as patch:
            patch.setattr(limits, name, value)
            assert reason(xlsx(), "a.xlsx") == "too_large", name
    wide = "<table>" + ("<tr>" + "<td colspan=1000 rowspan=65534>" * 40) * 3000
    assert reason(wide.encode()) == "too_large"


# Encodings

@pytest.mark.parametrize("content", [
    "序号,项目名称\n1,甲\n".encode() + "2,乙\n".encode("gb18030"), "序号,名\n1,甲\n".encode("gb18030") + "2,乙丙丁项目\n".encode(),
    "项目名称,县区\n".encode() + "甲".encode("gb18030") + ",北票市\n".encode(), "\ufeff序号,项目\n".encode() + b"1,\xff\xfe\n"])
def test_mixed_encodings_are_never_read_as_other_chinese(reason, content):
    assert reason(content, "a.csv") == "mixed_encoding"


def test_files_that_are_cut_off_within_a_character(reason):
    assert reason(csv([["序号", "项目名称"], [1, "甲"]])[:-1], "a.csv") == "truncated"
    assert reason("县\n甲".encode()[:-1], "a.csv") == "truncated"
    assert reason(csv(encoding="utf-16")[:-1], "a.csv") == "truncated"


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-16", "utf-8", "utf-8-sig", "gb18030", "utf-32"])
def test_characters_with_a_null_byte_and_rare_characters(sheets, encoding):
    text = "序号,项目名称\r\n1,一二三一一期一季度一\r\n2,龦㐂\r\n3,乙一\r\n" + "4,一般项目一\r\n" * 9
    if encoding not in ("utf-16-le", "utf-16-be"):
        text = text.replace("乙", "𠮷")
    cells = sheets(text.encode(encoding), "a.csv")[0].cells
    assert cells[1:4] == [["1", "一二三一一期一季度一"], ["2", "龦㐂"], ["3", "乙一" if "16-" in encoding else "𠮷一"]]


def test_null_bytes_are_refused(reason):
    assert reason(csv().replace(b"5000", b"50\x0000"), "a.csv") == "null_bytes"
    assert reason(csv(encoding="utf-16").replace("5000".encode("utf-16-le"), b"\0\0" * 4), "a.csv") == "null_bytes"
    assert reason(b"\0" * 500, "a.csv") == "empty"


# Text

@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("first", ["", "sep=;\n"])
def test_line_ends_and_the_separator_that_a_file_names(sheets, end, first):
    text = first + end.join("；".join(row).replace("；", ";") for row in [["名称", "总投资"], ["甲,乙", "5"], ["丙", "1,000"]])
    cells = sheets(text.encode(), "a.csv")[0].cells
    assert cells[-3:] == [["名称", "总投资"], ["甲,乙", "5"], ["丙", "1,000"]]


def test_what_is_never_closed_hides_no_row(sheets):
    for opened in ("<!--", "<script>", "<style>", "<title>", "<xml>", "<a href='", '<td title="', "<![CDATA["):
        cells = sheets(f"<table><tr><td>甲</td></tr>{opened}<tr><td>乙</td></tr><tr><td>丙</td></tr></table>".encode())[0].cells
        assert [row for row in cells if "丙" in str(row)], opened


def test_html_made_to_be_slow_is_read_in_time(sheets):
    import time
    for piece in ("<!--", "<a ", "<a b='", "<td", "</", "<?", "<td colspan=9 rowspan=9>", "&#", "<script>"):
        started = time.perf_counter()
        sheets(f"<table><tr><td>1</td></tr>{piece * (200_000 // len(piece))}-->>".encode())
        assert time.perf_counter() - started < 5, piece


# Files that are none

@pytest.mark.parametrize(("content", "expected"), [
    (b"", "empty"), (b"\x89PNG\r\n\x1a\n" + bytes(99), "not_a_workbook"), (xlsx()[:999], "truncated"), (xlsx()[:-30], "truncated"),
    (b"PK\x03\x04", "truncated"), (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(5000), "not_a_workbook")])
def test_other_files_under_a_workbooks_name(reason, content, expected):
    assert reason(content, "a.xlsx") == expected


def test_a_document_is_no_workbook(reason):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("word/document.xml", "<w:document/>")
    assert reason(made.getvalue(), "a.xlsx") == "not_a_workbook"


def test_one_bad_file_of_every_sort_among_good_ones(tmp_path, monkeypatch):
    folder = tmp_path / "2022Q2"
    folder.mkdir()
    good = '项目名称,县区,总投资（万元）\n"=cmd|\' /C calc\'!A0",朝阳县,500\n'
    for name in ("好 的;'名字\".csv", "=1+1.csv", "😀.csv"):
        (folder / name).write_text(good, encoding="utf-8")
    (folder / "锁.csv").write_text(good, encoding="utf-8")
    (folder / "夹.xlsx").mkdir()
    bad = {"夹.xlsx": "not_a_file", "锁.csv": "not_found", "空.xlsx": "empty", "图.xlsx": "not_a_workbook", "断.xls": "truncated"}
    (folder / "空.xlsx").touch()
    (folder / "图.xlsx").write_bytes(b"\x89PNG" + bytes(50))
    (folder / "断.xls").write_bytes(damaged_xls(0x200, lambda stream, place, _: struct.pack_into("<I", stream, place + 4, 0x7FFFFFFF)))
    if os.name != "nt":
        (folder / "环.xlsx").symlink_to(folder / "环.xlsx")
        (folder / "断链.xlsx").symlink_to(tmp_path / "nowhere.xlsx")
        os.mkfifo(folder / "管.csv")
        bad |= {"环.xlsx": "not_found", "断链.xlsx": "not_found", "管.csv": "not_a_file"}
    whole = Path.read_bytes

    def locked(path):
        if path.name == "锁.csv":
            raise PermissionError(path)
        return whole(path)

    monkeypatch.setattr(Path, "read_bytes", locked)
    cleaning = run(tmp_path)
    assert {file["source_file"].removeprefix("2022Q2/"): file["reason"] for file in cleaning.accounting["unreadable"]} == bad
    assert len(cleaning.accounting["files"]) == 3 and cleaning.exit_code == 1


def test_every_reason_stands_in_the_document_and_every_limit_too():
    page = (Path(__file__).parents[3] / "docs" / "bad-input.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `([a-z_]+)` \|", page, re.M)) == REASONS | {"no_known_header", "internal_error"}
    stated = {name: int(number.replace(",", "")) for name, number in re.findall(r"^\| `([A-Z_]+)` \| ([\d,]+)", page, re.M)}
    assert stated == {name: value for name, value in vars(limits).items() if name.isupper()}
