"""Random and damaged files: never a traceback, a hang or a lost row. `make fuzz` runs longer, by coverage."""

import io
import os
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from judging import account, judge, known

from liantu.ledger.files.reading import read_book
from liantu.ledger.sheets import Unreadable

FORMS = known()
HERE = Path(__file__).parent
SEEDS = {path.name: path.read_bytes() for path in sorted((HERE / "seeds").iterdir())}
FINDINGS = sorted((HERE / "findings").iterdir()) if (HERE / "findings").is_dir() else []
ROOMY = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
WORDS = st.sampled_from([
    "项目名称", "总投资（万元）", "县区", "开工时间", "合计", "小计", "注：", "序号", "建设单位", "北票市", "甲项目", "二期", "-", " ",
    "单位：万元", "填表人：", "#REF!", "=1+1", "<b>", "2022.3", "13842112345", "\n", "'", '"', ",", "\u3000", "一、续建"])
CELLS = st.one_of(st.none(), WORDS, st.integers(-10**6, 10**9), st.floats(allow_nan=False, allow_infinity=False, width=32),
                  st.booleans(), st.dates().filter(lambda day: day.year >= 1900), st.text(max_size=8))
GRIDS = st.lists(st.lists(CELLS, max_size=7), min_size=1, max_size=9)


def plain(value):
    """What a workbook can hold: no control characters, no text that its writer takes for a formula."""
    return "".join(filter(str.isprintable, value)) if isinstance(value, str) else value


def by_openpyxl(grid, merged):
    book = openpyxl.Workbook()
    for row in grid:
        book.active.append([plain(value) for value in row])
    for top, left, down, across in merged:
        book.active.merge_cells(start_row=top, start_column=left, end_row=top + down, end_column=left + across)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def by_xlsxwriter(grid, merged):
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"strings_to_formulas": False, "strings_to_urls": False, "default_date_format": "yyyy-mm-dd"}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(grid):
            for column, value in enumerate(row):
                if value is not None:
                    sheet.write(number, column, plain(value))
    return target.getvalue()


@ROOMY
@given(GRIDS, st.lists(st.tuples(st.integers(1, 6), st.integers(1, 5), st.integers(0, 3), st.integers(0, 3)), max_size=2),
       st.sampled_from([by_openpyxl, by_xlsxwriter]))
def test_random_workbooks_keep_every_row(tmp_path, grid, merged, write):
    path = tmp_path / "a.xlsx"
    path.write_bytes(write(grid, merged))
    book = read_book(path, "2022Q1/a")
    if isinstance(book, Unreadable):
        assert book.reason == "empty"
        return
    account(book[0], FORMS)
    filled = [number for number, row in enumerate(grid, 1)
              if any(value is not None and (not isinstance(value, str) or plain(value).strip()) for value in row)]
    if filled and not merged:
        assert book[0].first_row <= filled[0] and filled[-1] < book[0].first_row + len(book[0].cells)


@ROOMY
@given(GRIDS, st.sampled_from([",", "\t", ";"]), st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16"]),
       st.sampled_from(["\n", "\r\n"]))
def test_random_text_is_read_or_refused(tmp_path, grid, delimiter, encoding, end):
    text = end.join(delimiter.join("" if value is None else str(value) for value in row) for row in grid)
    judge(tmp_path / "a.csv", text.encode(encoding, "replace"), FORMS)
    rows = "".join("<tr>" + "".join(f"<td>{'' if value is None else value}" for value in row) for row in grid)
    judge(tmp_path / "a.xls", f"<table>{rows}</table>".encode(encoding, "replace"), FORMS)


@pytest.mark.parametrize("name", list(SEEDS))
def test_damaged_files_of_every_kind(tmp_path, name):
    whole = SEEDS[name]
    assert judge(tmp_path / name, whole, FORMS) == "read"

    @settings(max_examples=25, deadline=None)
    @given(st.floats(0, 1), st.lists(st.tuples(st.floats(0, 1), st.binary(min_size=1, max_size=4)), max_size=4), st.booleans())
    def damage(cut, flips, whole_length):
        content = bytearray(whole if whole_length else whole[:int(cut * len(whole))])
        for place, flip in flips:
            at = int(place * max(len(content) - len(flip), 0))
            content[at:at + len(flip)] = flip
        judge(tmp_path / name, bytes(content), FORMS)

    damage()


@pytest.mark.parametrize("path", FINDINGS, ids=lambda path: path.name)
def test_what_fuzzing_once_found(tmp_path, path):
    judge(tmp_path / "a", path.read_bytes(), FORMS)


@pytest.mark.skipif(sys.platform != "linux", reason="atheris is for Linux")
def test_a_short_run_of_the_fuzzer(tmp_path):
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run(
        [sys.executable, HERE / "fuzz_readers.py", "-runs=300", "-seed=7", "-max_len=60000", "-timeout=20"],
        cwd=tmp_path, env=env, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert "Done 300 runs" in done.stderr
    assert not list(tmp_path.glob("crash-*"))
