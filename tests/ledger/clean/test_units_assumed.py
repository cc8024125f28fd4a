"""A column of money or land of which nothing tells the unit: one finding, no warning on its cells, nothing said where a unit is told."""

import pytest
from ledger_books import book

from liantu.ledger import clean
from liantu.ledger.explaining import explain
from liantu.ledger.pipeline import run

HEADER = ["序号", "项目名称", "县区", "总投资", "占地面积"]
UNTOLD = [[1, "甲项目", "双塔区", 0.3, 20], [2, "乙项目", "双塔区", "5000万元", "30亩"], [3, "丙项目", "双塔区", 0, 40]]


def assumed(cleaning):
    return {finding["field"]: (finding["unit"], finding["cells"]) for finding in cleaning.findings if finding["kind"] == "unit_assumed"}


def cleaned(folder, rows):
    book(folder / "2022Q2/双塔区项目.xlsx", ("项目", rows))
    return run(folder)


def test_a_unit_told_nowhere_is_one_finding_for_the_column(tmp_path):
    cleaning = cleaned(tmp_path, [HEADER, *UNTOLD])
    # The cell that tells its unit does not count, and neither does nothing, which is nothing in every unit.
    assert assumed(cleaning) == {"total_investment_wan": ("万元", 1), "area_mu": ("亩", 2)}
    finding = next(finding for finding in cleaning.findings if finding["kind"] == "unit_assumed")
    assert (finding["source_file"], finding["sheet"], finding["header"]) == ("2022Q2/双塔区项目.xlsx", "项目", "总投资")
    assert "万元" in finding["message_zh"] and "总投资" in finding["message_en"]
    assert not cleaning.tables["quarantine"]["rule"].str.contains("unit_assumed").any()
    assert cleaning.tables["observations"]["total_investment_wan"].tolist() == [0.3, 5000, 0]


@pytest.mark.parametrize("rows", [
    [["序号", "项目名称", "县区", "总投资（万元）", "占地面积（亩）"], *UNTOLD],
    [["单位：万元、亩"], HEADER, *UNTOLD],
    [HEADER, [None, None, None, "万元", "亩"], *UNTOLD],
    [HEADER, [1, "甲项目", "双塔区", "0.3万元", "20亩"], *UNTOLD[1:]]])
def test_a_unit_told_anywhere_is_no_finding(tmp_path, rows):
    cleaning = cleaned(tmp_path, rows)
    assert "total_investment_wan" not in assumed(cleaning)
    assert len(cleaning.tables["observations"]) == 3


def test_areas_that_the_form_reads_in_square_metres(tmp_path):
    rows = [["序号", "开发区名称", "县区", "规划面积（亩）", "标准化厂房面积", "税收（万元）"],
            [1, "双塔经济开发区", "双塔区", 9000, 30000, 100],
            [2, "龙城经济开发区", "龙城区", 8000, "2万平方米", 200]]
    book(tmp_path / "2022Q2/开发区.xlsx", ("开发区", rows))
    cleaning = run(tmp_path)
    assert assumed(cleaning) == {"factory_m2": ("平方米", 1)}
    assert sorted(cleaning.tables["zones"]["factory_m2"]) == [20000, 30000]


def test_explaining_shows_the_unit_that_is_assumed(tmp_path):
    path = book(tmp_path / "2022Q2/双塔区项目.xlsx", ("项目", [HEADER, *UNTOLD]))
    line = next(line for line in explain(path).text.splitlines() if "total_investment_wan" in line)
    assert "万元（未写明 assumed）" in line


def test_the_last_line_counts_them(tmp_path):
    book(tmp_path / "raw/2022Q2/双塔区项目.xlsx", ("项目", [HEADER, *UNTOLD]))
    from click.testing import CliRunner

    from liantu.cli import main

    told = CliRunner().invoke(main, ["clean", str(tmp_path / "raw"), "--out", str(tmp_path / "out")])
    assert "2 units assumed, 0 corrections stale" in told.output.splitlines()[-1]


def test_personal_numbers_in_a_header_are_not_told(tmp_path):
    header = [*HEADER[:3], "总投资 13912345678", "占地面积"]
    book(tmp_path / "2022Q2/双塔区项目.xlsx", ("项目", [header, *UNTOLD]))
    assert "13912345678" not in str(clean(tmp_path, tmp_path / "out").findings)
