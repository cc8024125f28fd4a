"""Whatever the bytes, reading ends with sheets or a reason."""

import io

import pytest
import xlsxwriter
import xlwt
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from liantu.ledger.files.reading import read_book
from liantu.ledger.layout.finding import understand
from liantu.ledger.layout.known import known_forms
from liantu.ledger.sheets import Unreadable
from liantu.reference import city

KNOWN = known_forms(city())
ROOMY = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
PIECES = st.sampled_from([
    b"<table>", b"<tr>", b"<td rowspan=3 colspan='2'>", b"</td>", b"</table>", b"<td>", b"<html>", b"&#xFFFFFF;", b"1", b",", b"\t", b'"',
    "项目名称".encode(), "总投资（万元）".encode("gb18030"), b"\r\n", b"\0", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
    b"\xff\xfe", b"\xef\xbb\xbf"])


def _xlsx() -> bytes:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target) as book:
        sheet = book.add_worksheet("甲")
        sheet.write_row(0, 0, ["序号", "项目名称", "总投资（万元）"])
        sheet.merge_range(1, 0, 2, 0, 1)
        sheet.write_row(3, 0, [2, "乙项目", 5])
    return target.getvalue()


def _xls() -> bytes:
    book = xlwt.Workbook()
    sheet = book.add_sheet("甲")
    for row in range(20):
        for column in range(8):
            sheet.write(row, column, f"值{row * column}")
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


WHOLE = {"xlsx": _xlsx(), "xls": _xls()}


def end(path, content):
    path.write_bytes(content)
    book = read_book(path, "2022Q1/a")
    if isinstance(book, Unreadable):
        assert book.reason and book.message_zh and book.message_en
        return
    for sheet in book:
        understanding = understand(sheet, KNOWN)
        rows = [row for block in understanding.blocks for row in block.rows] + list(understanding.ignored)
        assert sorted(rows) == list(range(sheet.first_row, sheet.first_row + len(sheet.cells)))


@ROOMY
@given(content=st.one_of(st.binary(max_size=400), st.lists(st.one_of(PIECES, st.binary(max_size=6)), max_size=40).map(b"".join)))
def test_any_bytes(tmp_path, content):
    end(tmp_path / "a.xls", content)


@ROOMY
@given(kind=st.sampled_from(["xlsx", "xls"]), cut=st.floats(0, 1), place=st.floats(0, 1), byte=st.binary(min_size=1, max_size=3))
def test_cut_and_damaged_workbooks(tmp_path, kind, cut, place, byte):
    whole = WHOLE[kind]
    end(tmp_path / "a.xlsx", whole[:int(cut * len(whole))])
    at = int(place * (len(whole) - 4))
    end(tmp_path / "b.xlsx", whole[:at] + byte + whole[at + len(byte):])


@pytest.mark.parametrize("step", [97])
def test_every_length_of_a_cut_xls(tmp_path, step):
    whole = WHOLE["xls"]
    for length in range(0, len(whole), step):
        end(tmp_path / "a.xls", whole[:length])


@ROOMY
@given(text=st.text(max_size=300), encoding=st.sampled_from(["utf-8", "gb18030", "utf-16"]))
def test_any_text(tmp_path, text, encoding):
    end(tmp_path / "a.csv", text.encode(encoding, "ignore"))
