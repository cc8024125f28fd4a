"""The hold-out set of forms: real files in other kinds and words, a truth for every row, the same projects as the development set."""

import csv
import html
import os
import re
import subprocess
import sys

import openpyxl
import pandas as pd
import pytest
from click.testing import CliRunner
from python_calamine import CalamineWorkbook

from liantu.cli import main
from liantu.errors import LiantuError
from liantu.simulation import holdout_cells, simulate
from liantu.simulation.city_forms import CITY_FORMS
from liantu.simulation.county_forms import COUNTY_FORMS
from liantu.simulation.holdout_city_forms import HOLDOUT_CITY_FORMS
from liantu.simulation.holdout_forms import HOLDOUT_COUNTY_FORMS
from liantu.simulation.parameters import SNAPSHOTS
from liantu.simulation.words import words

SCALE = 0.1
SEED = 23


@pytest.fixture(scope="module")
def held(tmp_path_factory):
    out = tmp_path_factory.mktemp("held")
    simulate(out, SEED, SCALE, forms="holdout")
    return out


@pytest.fixture(scope="module")
def usual(tmp_path_factory):
    out = tmp_path_factory.mktemp("usual")
    simulate(out, SEED, SCALE)
    return out


def _truth(out, name):
    return pd.read_csv(out / "truth" / f"{name}.csv", dtype=str, keep_default_na=False)


def _html_rows(text):
    lines = re.findall(r"<tr>(.*?)</tr>", text, re.S)
    return [[html.unescape(re.sub(r"<br>", "\n", cell)) for cell in re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", line, re.S)] for line in lines]


def _read(path):
    start = path.read_bytes()[:5]
    if path.suffix == ".csv":
        with path.open(encoding="utf-8-sig" if start[:3] == b"\xef\xbb\xbf" else "gb18030", newline="") as file:
            return {"": list(csv.reader(file))}
    if start == b"<html":
        return {"": _html_rows(path.read_bytes().decode("gb18030"))}
    with path.open("rb") as file:
        book = CalamineWorkbook.from_filelike(file)
        return {
            name: [[str(cell) for cell in row] for row in book.get_sheet_by_name(name).to_python(skip_empty_area=False)]
            for name in book.sheet_names
        }


@pytest.fixture(scope="module")
def sheets(held):
    files = [path for name in SNAPSHOTS for path in sorted((held / name).iterdir())]
    return {(path.relative_to(held).as_posix(), sheet): cells for path in files for sheet, cells in _read(path).items()}


def test_the_truth_accounts_for_every_row_of_every_sheet(held, sheets):
    lengths = _truth(held, "rows").groupby(["source_file", "sheet"]).size()
    assert set(lengths.index) == set(sheets)
    assert {key: len(cells) for key, cells in sheets.items()} == {key: int(lengths[key]) for key in sheets}


def test_a_record_of_a_county_stands_in_the_row_that_the_truth_names(held, sheets):
    rows, cells = _truth(held, "rows"), _truth(held, "cells")
    names = _truth(held, "projects").set_index("true_id")["name"]
    odd = set(zip(cells["source_file"], cells["sheet"], cells["row"], strict=True))
    records = rows[(rows["kind"] == "record") & (rows["table"] == "projects") & ~rows["source_file"].str.contains("投促|投资促进|园区")]
    wrong = [
        (row.source_file, row.sheet, row.row)
        for row in records.itertuples()
        if (row.source_file, row.sheet, row.row) not in odd
        and names[row.true_id] not in [cell.lstrip("★▲") for cell in sheets[(row.source_file, row.sheet)][int(row.row) - 1]]
    ]
    assert len(records) > 500
    assert wrong == []


def test_headings_sums_titles_and_blank_rows_are_not_records(held, sheets):
    rows = _truth(held, "rows")
    kinds = rows.set_index(["source_file", "sheet", "row"])["kind"]
    assert {"record", "header", "title", "section", "subtotal", "note", "blank", "copy"} == set(kinds)
    for (file, sheet), cells in sheets.items():
        for number, line in enumerate(cells, start=1):
            kind = kinds[(file, sheet, str(number))]
            assert kind == "copy" or (kind == "blank") == (not any(line)), (file, sheet, number)
            if any(re.search(r"^(合　?计|全市合计|全市|共\d+项|本页合计|总  计.*)$", cell) for cell in line):
                assert kind in ("subtotal", "copy"), (file, sheet, number)


def test_both_sets_tell_the_same_projects(held, usual):
    for name in ("projects", "enterprises", "tasks", "problems", "counties", "gaps"):
        assert (held / "truth" / f"{name}.csv").read_bytes() == (usual / "truth" / f"{name}.csv").read_bytes(), name


def test_counties_report_the_same_values_in_both_sets(held, usual):
    """Stage and sums meant, by snapshot and project, in all the counties' own ledgers."""

    def meant(out, city):
        rows = _truth(out, "rows")
        rows = rows[(rows["kind"] == "record") & (rows["table"] == "projects") & ~rows["source_file"].str.contains(city)]
        return rows.set_index(["snapshot", "true_id"])[["stage", "total_wan", "done_total_wan", "claims"]]

    first, second = meant(usual, "招商|开发区"), meant(held, "投促|投资促进|园区")
    assert first.index.is_unique
    assert second.index.is_unique
    both = first.index.intersection(second.index)
    assert len(both) > 0.9 * max(len(first), len(second))
    assert first.loc[both].equals(second.loc[both])


def test_the_same_seed_gives_the_same_bytes_in_another_process(held, tmp_path):
    call = f"simulate(Path({str(tmp_path)!r}), {SEED}, {SCALE}, forms='holdout')"
    code = f"from pathlib import Path; from liantu.simulation import simulate; {call}"
    subprocess.run([sys.executable, "-c", code], check=True, env={**os.environ, "PYTHONHASHSEED": "12345", "TZ": "Asia/Shanghai"})
    first = {path.relative_to(held): path.read_bytes() for path in sorted(held.rglob("*")) if path.is_file()}
    second = {path.relative_to(tmp_path): path.read_bytes() for path in sorted(tmp_path.rglob("*")) if path.is_file()}
    assert first.keys() == second.keys()
    assert [str(name) for name in first if first[name] != second[name]] == []


def test_kinds_of_files_are_others_and_drift(held):
    def kinds(snapshot, part):
        (path,) = (held / snapshot).glob(f"*{part}*")
        return path.suffix, path.read_bytes()[:4]

    assert kinds("2022Q1", "朝阳县") == (".xls", b"\xd0\xcf\x11\xe0")
    assert kinds("2022Q2", "朝阳县") == (".xlsx", b"PK\x03\x04")
    assert kinds("2022Q2", "喀左工业") == (".xls", b"PK\x03\x04"), "an xlsx under the name .xls"
    assert kinds("2022Q2", "北票") == (".xls", b"<htm")
    assert kinds("2022Q2", "市直") == (".ods", b"PK\x03\x04")
    assert kinds("2022Q2", "龙城") == (".csv", b"\xef\xbb\xbf\xe9")


def test_a_sheet_holds_three_tables_each_with_its_own_unit(held):
    sheet = openpyxl.load_workbook(next((held / "2022Q2").glob("*凌源*")))["清单"]
    units = [re.search("投资单位：(.*)）", str(row[0].value)) for row in sheet.iter_rows(max_col=1) if row[0].value]
    assert [unit[1] for unit in units if unit] == ["万元", "亿元", "万元"]


def _headers(forms):
    def below(sheet):
        return [sheet, *(part for other in sheet.below for part in below(other))]

    columns = [column for form in forms for top in form.sheets for sheet in below(top) for column in sheet.columns]
    return {"/".join(column.header).replace(" ", "") for column in columns} - {"序号", "备注"}


def test_headers_and_words_are_held_out_too():
    """Few header paths stand in both sets, and no word for a stage does."""
    usual, held = _headers((*COUNTY_FORMS, *CITY_FORMS)), _headers((*HOLDOUT_COUNTY_FORMS, *HOLDOUT_CITY_FORMS))
    assert len(usual & held) < 0.1 * len(held)
    first, second = words("names"), words("holdout")
    for ours, theirs in (("stage_words", "stage"), ("category_words", "category"), ("construction_words", "construction")):
        shared = {word for group in first[ours].values() for word in group} & {word for group in second[theirs].values() for word in group}
        assert shared == set()
        assert first[ours].keys() == second[theirs].keys()


@pytest.mark.parametrize(
    ("wan", "text"),
    [(1500, "一千五百万元"), (10000, "一亿元"), (12050, "一亿二千零五十万元"), (10005, "一亿零五万元"), (23, "二十三万元")],
)
def test_sums_in_lower_numerals(wan, text):
    assert holdout_cells.lower_numerals(wan) == text


def test_the_command_offers_the_set_and_refuses_others(tmp_path):
    done = CliRunner().invoke(main, ["simulate", "--out", str(tmp_path / "a"), "--seed", "3", "--scale", "0.02", "--forms", "holdout"])
    assert done.exit_code == 0
    assert list((tmp_path / "a" / "2022Q1").glob("*.ods"))
    assert "--forms holdout" in (tmp_path / "a" / "README.md").read_text(encoding="utf-8")
    with pytest.raises(LiantuError, match="secret"):
        simulate(tmp_path / "b", 1, SCALE, forms="secret")
    assert not (tmp_path / "b").exists()
