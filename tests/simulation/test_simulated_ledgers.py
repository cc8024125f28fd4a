"""What the simulation writes: real files with every kind of mess, the truth for every row, the same bytes for the same seed."""

import csv
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from python_calamine import CalamineWorkbook

from liantu.errors import LiantuError
from liantu.simulation import default, simulate
from liantu.simulation.parameters import SNAPSHOTS

SCALE = 0.1
MESS = {
    "month in the header": r"^1-6月累计完成投资",
    "total in 亿元": r"^总投资（亿元）$",
    "year plan in 万元 on the same sheet": r"^年度计划投资（万元）$",
    "unit row": r"单位：亿元",
    "signatures": r"填(报|表)人：",
    "subtotal": r"^.{0,6}小计$",
    "total": r"^合计",
    "explanations": r"^填 表 说 明$",
    "full-width number": r"^[０-９．]+$",
    "about": r"^约[\d.]+(亿|万)元$",
    "capital numerals": r"^[壹贰叁肆伍陆柒捌玖].*[万亿]元$",
    "parenthesis": r"^[\d.]+（其中设备[\d.]+）$",
    "thousands": r"^\d{1,3}(,\d{3})+$",
    "unit in the cell": r"^[\d.]+(亿|万元)$",
    "2022.3.15": r"^20\d\d\.\d{1,2}\.\d{1,2}$",
    "2022年3月": r"^20\d\d年\d{1,2}月$",
    "3月底": r"^\d{1,2}月底$",
    "quarter": r"^[一二三四]季度$",
    "half year": r"^(20\d\d年)?[上下]半年$",
    "ten days": r"月[上中下]旬$",
    "Chinese numerals": r"^二〇二[一二三]年.{1,2}月$",
    "not decided": r"^(待定|暂未确定)$",
    "impossible date": r"^20\d\d(\.13\.|年2月30日|\.\d+\.32|-00-)",
    "unreadable amount": r"^(待定|详见协议|见备注|以实际为准|#REF!|XXX)$",
    "unknown county": r"^(朝阳区|建昌县|宁城县|本市某区|开发区？|双塔县)$",
    "phone in a note": r"联系人.{2,4}1\d{10}",
    "phase": r"（?[一二]期(工程)?）?$",
    "package": r"等\d个打捆项目",
    "negative amount": r"^-\d",
    "tick": r"^√$",
    "permit as words": r"^(已办结|已批复|无需办理)$",
    "Longcheng's numbers": r"^4[34]\d{3}(\.0)?$",
}


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    out = tmp_path_factory.mktemp("simulated")
    return out, simulate(out, 11, SCALE)


@pytest.fixture(scope="module")
def rows(small):
    return pd.read_csv(small[0] / "truth" / "rows.csv", dtype=str, keep_default_na=False)


def _read(path):
    """The cells of every sheet as text, by sheet name."""
    start = path.read_bytes()[:5]
    if path.suffix == ".csv":
        with path.open(encoding="gb18030", newline="") as file:
            return {"": list(csv.reader(file))}
    if start == b"<html":
        text = path.read_text(encoding="utf-8")
        lines = re.findall(r"<tr>(.*?)</tr>", text, re.S)
        cells = [[re.sub(r"<br>", "\n", cell) for cell in re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", line, re.S)] for line in lines]
        return {"": cells}
    book = CalamineWorkbook.from_path(path)
    return {
        name: [[str(cell) for cell in row] for row in book.get_sheet_by_name(name).to_python(skip_empty_area=False)]
        for name in book.sheet_names
    }


@pytest.fixture(scope="module")
def sheets(small):
    out = small[0]
    files = [path for name in SNAPSHOTS for path in sorted((out / name).iterdir())]
    return {(path.relative_to(out).as_posix(), sheet): cells for path in files for sheet, cells in _read(path).items()}


def test_each_snapshot_has_every_ledger_in_its_kind_of_file(small):
    for name in SNAPSHOTS:
        files = sorted((small[0] / name).iterdir())
        assert len(files) == 13
        starts = [path.read_bytes()[:4] for path in files]
        assert starts.count(b"PK\x03\x04") == 10
        assert starts.count(b"\xd0\xcf\x11\xe0") == 1, "one real .xls"
        assert starts.count(b"<htm") == 1, "one HTML under the name .xls"
        assert [path.suffix for path in files].count(".csv") == 1


@pytest.mark.parametrize("mess", MESS)
def test_every_kind_of_mess_occurs_even_in_a_small_set(sheets, mess):
    pattern = re.compile(MESS[mess])
    assert any(pattern.search(cell) for cells in sheets.values() for row in cells for cell in row), mess


def test_the_truth_covers_every_row_of_every_sheet(sheets, rows):
    lengths = rows.groupby(["source_file", "sheet"]).size()
    assert set(lengths.index) == set(sheets)
    for key, cells in sheets.items():
        assert len(cells) == lengths[key], key


def test_a_truth_row_points_at_the_row_it_names(small, sheets, rows):
    projects = pd.read_csv(small[0] / "truth" / "projects.csv", dtype=str, keep_default_na=False).set_index("true_id")
    cells = pd.read_csv(small[0] / "truth" / "cells.csv", dtype=str, keep_default_na=False)
    odd = set(zip(cells["source_file"], cells["sheet"], cells["row"], strict=True))
    records = rows[(rows["kind"] == "record") & (rows["table"] == "projects") & ~rows["source_file"].str.contains("招商|开发区")]
    for record in records.itertuples():
        if (record.source_file, record.sheet, record.row) not in odd:
            assert projects.loc[record.true_id, "name"] in sheets[(record.source_file, record.sheet)][int(record.row) - 1]


def test_unusable_rows_are_marked_and_few(rows):
    records = rows[rows["kind"] == "record"]
    assert {"negative_amount", "missing_name", "unreadable_amount", "unit_slip", "impossible_date", "unknown_county"} <= set(
        records["defects"].str.split(":").str[-1]
    )
    assert 0.005 < (records["harm"] == "error").mean() < 0.06


def test_a_hidden_sheet_repeats_another_row_for_row(small, sheets):
    path = next((small[0] / "2022Q3").glob("北票*"))
    book = openpyxl.load_workbook(path)
    assert book["续建项目备份"].sheet_state == "hidden"
    name = path.relative_to(small[0]).as_posix()
    assert sheets[(name, "续建项目备份")] == sheets[(name, "续建项目")]


def test_headers_are_merged_and_drift(small):
    def header(snapshot):
        sheet = openpyxl.load_workbook(next((small[0] / snapshot).glob("双塔*")))["重点项目"]
        return {str(cell.value) for row in sheet.iter_rows(min_row=3, max_row=4) for cell in row}, {
            str(area) for area in sheet.merged_cells.ranges
        }

    before, areas = header("2022Q2")
    after, _ = header("2022Q4")
    assert "I3:L3" in areas
    assert "1-6月累计完成投资" in before
    assert "1-12月累计完成投资" in after
    assert "项目名称" in before
    assert "项目名称" not in after


def test_excel_dates_are_real_dates_and_serials(small):
    sheet = openpyxl.load_workbook(next((small[0] / "2022Q2").glob("龙城*")))["在建项目"]
    kinds = {type(cell.value).__name__ for row in sheet.iter_rows(min_row=5, min_col=15, max_col=18) for cell in row}
    assert {"datetime", "int"} <= kinds


def test_the_same_seed_gives_the_same_bytes_in_another_process(small, tmp_path):
    code = f"from pathlib import Path; from liantu.simulation import simulate; simulate(Path({str(tmp_path)!r}), 11, {SCALE})"
    subprocess.run([sys.executable, "-c", code], check=True, env={**os.environ, "PYTHONHASHSEED": "12345", "TZ": "Asia/Shanghai"})
    first = {path.relative_to(small[0]): path.read_bytes() for path in sorted(small[0].rglob("*")) if path.is_file()}
    second = {path.relative_to(tmp_path): path.read_bytes() for path in sorted(tmp_path.rglob("*")) if path.is_file()}
    assert first.keys() == second.keys()
    assert [str(name) for name in first if first[name] != second[name]] == []


def test_the_committed_data_set_is_what_its_seed_gives(tmp_path):
    """After a change of the simulation or of the chain catalogue: liantu simulate --out data/raw/simulated"""
    simulate(tmp_path, **default())
    here = Path(__file__).parents[2] / "data" / "raw" / "simulated"
    written = [path for path in sorted(tmp_path.rglob("*")) if path.is_file()]
    names = [path.relative_to(tmp_path) for path in written]
    assert [str(name) for name in names if not (here / name).is_file() or _content(here / name) != _content(tmp_path / name)] == []
    assert sum(path.stat().st_size for path in written) < 8e6


def _content(path):
    """The bytes of a file; of a workbook those of its parts, since another zlib may compress them otherwise."""
    if path.suffix != ".xlsx":
        return path.read_bytes()
    with zipfile.ZipFile(path) as parts:
        return {part.filename: parts.read(part) for part in parts.infolist()}


def test_a_folder_with_other_ledgers_is_never_emptied(tmp_path):
    ledger = tmp_path / "2022Q1" / "real.xlsx"
    ledger.parent.mkdir()
    ledger.write_bytes(b"real")
    with pytest.raises(LiantuError, match="2022Q1"):
        simulate(tmp_path, 1, SCALE)
    assert ledger.read_bytes() == b"real"


@pytest.mark.parametrize(("seed", "scale"), [(1, 0), (1, -1), (1, float("nan")), (-1, 1)])
def test_a_useless_scale_or_seed_writes_nothing(tmp_path, seed, scale):
    with pytest.raises(LiantuError, match="scale"):
        simulate(tmp_path / "new", seed, scale)
    assert not (tmp_path / "new").exists()
