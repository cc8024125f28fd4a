"""The contracts are always on: a table that breaks one is neither written nor opened; the dictionary tells all of every column."""

import datetime as dt
import shutil

import pandas as pd
import pyarrow as arrow
import pyarrow.parquet as parquet
import pytest
import xlsxwriter
from click.testing import CliRunner

from liantu.cli import main
from liantu.errors import LiantuError
from liantu.ledger import clean
from liantu.ledger.pipeline import rulebook
from liantu.tables import CONTRACTS, open_tables, read_table
from liantu.tables.dictionary import dictionary

COUNTY = ["项目名称", "县区", "总投资（万元）", "开工时间", "当前阶段", "环评"]


@pytest.fixture(scope="module")
def raw(tmp_path_factory):
    raw = tmp_path_factory.mktemp("raw")
    (raw / "2022Q1").mkdir()
    with xlsxwriter.Workbook(str(raw / "2022Q1/双塔区项目.xlsx")) as workbook:
        sheet = workbook.add_worksheet("项目")
        rows = [COUNTY, ["甲项目", "双塔区", 100, "2022.3.1", "已开工", "√"], ["乙项目", "双塔区", "待定", None, "签约", None]]
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return raw


@pytest.fixture(scope="module")
def made(raw, tmp_path_factory):
    folder = tmp_path_factory.mktemp("made")
    clean(raw, folder)
    return folder


@pytest.fixture
def tables(made, tmp_path):
    return shutil.copytree(made, tmp_path / "tables")


def changed(path, column, values, kind):
    """The file with other values in one column."""
    table = parquet.read_table(path)
    place = table.column_names.index(column)
    parquet.write_table(table.set_column(place, column, arrow.array(values, kind)), path)


def cut(path):
    path.write_bytes(path.read_bytes()[:-20])


def turned(path):
    table = parquet.read_table(path)
    parquet.write_table(table.select(list(reversed(table.column_names))), path)


def doubled(path):
    table = parquet.read_table(path)
    parquet.write_table(arrow.concat_tables([table, table]), path)


BREAKS = {
    "a column is missing": (lambda path: parquet.write_table(parquet.read_table(path).drop_columns(["stage"]), path), "projects: stage"),
    "a column too many": (lambda path: parquet.write_table(
        parquet.read_table(path).append_column("phone", arrow.array(["x", "y"])), path), "projects: phone"),
    "columns in another order": (turned, "the order of the columns"),
    "a value that is not allowed": (lambda path: changed(path, "stage", ["started", "opened"], arrow.string()), "stage"),
    "a value below the minimum": (lambda path: changed(path, "total_investment_wan", [1.0, -5.0], arrow.float64()), "total_investment_wan"),
    "text in a column of numbers": (lambda path: changed(path, "total_investment_wan", ["1", "many"], arrow.string()), "many"),
    "no value where one is required": (lambda path: changed(path, "project_id", ["P1", None], arrow.string()), "project_id"),
    "two rows of one key": (doubled, "project_id"),
    "a file cut short": (cut, "not readable as parquet"),
    "no file": (lambda path: path.unlink(), "the table is missing"),
}


@pytest.mark.parametrize("way", BREAKS)
def test_a_broken_table_is_not_opened_and_the_message_names_it(tables, way):
    breaks, words = BREAKS[way]
    path = tables / "projects.parquet"
    assert len(read_table("projects", tables)) == 2
    breaks(path)
    with pytest.raises(LiantuError) as error:
        read_table("projects", tables)
    assert str(path) in str(error.value) and words in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("name", CONTRACTS)
def test_every_table_is_held_against_its_contract_when_opened(tables, name):
    path = tables / f"{name}.parquet"
    table = parquet.read_table(path)
    parquet.write_table(table.rename_columns([*table.column_names[:-1], "other"]), path)
    with pytest.raises(LiantuError, match=rf"{name}\.parquet: breaks the contract of {name}: "):
        read_table(name, tables)


def test_tables_opened_together_are_held_against_their_contracts(tables):
    changed(tables / "observations.parquet", "source", ["county", "newspaper"], arrow.string())
    with pytest.raises(LiantuError, match="breaks the contract of observations"):
        open_tables(tables)


@pytest.mark.parametrize(("name", "column", "value"), [
    ("projects", "total_investment_wan", -1.0), ("quarantine", "severity", "fatal"), ("lineage", "key", None)])
def test_cleaning_writes_no_table_that_breaks_its_contract(raw, made, tmp_path, monkeypatch, name, column, value):
    from liantu.ledger import pipeline

    def broken(*arguments):
        tables, findings = assemble(*arguments)
        return {**tables, name: tables[name].assign(**{column: value})}, findings

    assemble = pipeline.assemble
    out = shutil.copytree(made, tmp_path / "out")
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    monkeypatch.setattr(pipeline, "assemble", broken)
    result = CliRunner().invoke(main, ["clean", str(raw), "--out", str(out)])
    assert result.exit_code == 2
    assert "breaks its contract" in result.stderr and column in result.stderr and len(result.stderr.splitlines()) == 1
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before


def test_the_dictionary_tells_everything_of_every_column(tables):
    told = pd.read_csv(tables / "dictionary.csv", encoding="utf-8-sig", keep_default_na=False)
    assert told.columns.tolist() == ["table", "column", "zh", "en", "type", "unit", "required", "allowed", "source"]
    assert list(zip(told["table"], told["column"], strict=True)) == [
        (contract.table, column.name) for contract in CONTRACTS.values() for column in contract.columns]
    for column in ("zh", "en", "type", "source"):
        assert told[column].str.len().gt(0).all(), column
    money = told[told["column"].str.endswith("_wan")]
    assert set(money["unit"]) == {"万元"} and set(money["type"]) == {"double"}


def test_the_source_of_a_column_names_the_fields_that_fill_it():
    source = dictionary().set_index(["table", "column"])["source"]
    assert source["observations", "total_investment_wan"] == "台账 ledger: 总投资 total_investment_wan"
    assert source["projects", "total_investment_wan"] == "observations.total_investment_wan"
    assert {"started_planned", "started_date", "period"} <= set(source["observations", "started_planned"].replace("、", " ").split())
    assert "environment_date" in source["observations", "environment_status"]
    assert "placed on the chain" in source["observations", "link"]
    fields = {spec.field for form in rulebook().city.forms for spec in form.fields}
    told = source.loc[["observations", "enterprises", "zones", "tasks", "problems"]]
    for text in told[told.str.startswith("台账 ledger: ")]:
        assert {part.split()[-1] for part in text.removeprefix("台账 ledger: ").split("、")} <= fields


def test_every_column_of_observations_that_a_ledger_fills_says_so(tables):
    """What the source says is held against a table that was read: the columns that came out filled are told as filled by fields."""
    source = dictionary().set_index(["table", "column"])["source"].loc["observations"]
    said = read_table("observations", tables)
    filled = [name for name in said if said[name].notna().any()]
    assert {"name", "county", "total_investment_wan", "started_actual", "stage", "environment_status"} <= set(filled)
    for name in ("name", "county", "total_investment_wan", "started_actual", "started_actual_precision", "stage", "environment_status"):
        assert source[name].startswith("台账 ledger: ")
    assert said["started_actual"].iloc[0] == pd.Timestamp(dt.date(2022, 3, 1))
