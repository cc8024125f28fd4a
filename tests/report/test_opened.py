"""What a page opens is noted, each thing once and only what it really read; a cached value does not hide anything from the next page."""

import ast
import datetime as dt
import json
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

import liantu
from liantu.assess import quality_of
from liantu.errors import LiantuError
from liantu.figures import ledgers, milestones
from liantu.reference import city, opened
from liantu.reference.folders import notebooks_root, processed_folder
from liantu.report import Report, narrowing
from liantu.report.parameters import check
from liantu.tables import fold, vouched

LIBRARY = Path(liantu.__file__).parent


@pytest.fixture(autouse=True)
def record(small_data):
    Report(quarter="2022Q2")
    opened.forget()
    yield
    opened.forget()


def tables():
    return {(entry["name"], entry["as_of"]) for entry in opened.opened() if entry["kind"] == "table"}


def test_each_thing_is_noted_once_in_order_and_forgotten():
    opened.note("table", "projects", as_of="2022-06-30", county="")
    opened.note("reference", "divisions.yml")
    opened.note("table", "projects", county="", as_of="2022-06-30")
    wanted = [{"kind": "table", "name": "projects", "as_of": "2022-06-30", "county": ""}, {"kind": "reference", "name": "divisions.yml"}]
    assert opened.opened() == json.loads(opened.as_json()) == wanted
    opened.forget()
    assert opened.opened() == []


def test_only_tables_asked_for_are_read_and_noted(monkeypatch):
    report, read, real = Report(quarter="2022Q2", county="211322"), [], fold.read_table
    monkeypatch.setattr(fold, "read_table", lambda name, folder: read.append(name) or real(name, folder))
    narrowing.processed_tables.cache_clear()
    assert len(report.table("problems")) < len(report.whole_city.table("problems"))
    assert read == ["problems", "observations"]
    assert [entry for entry in opened.opened() if entry["kind"] == "table"] == [
        {"kind": "table", "name": "problems", "dataset": "simulated", "as_of": "2022-06-30", "county": county, "chain": ""}
        for county in ("211322", "")]


def test_reference_files_are_noted_by_name_and_lists_of_files_with_a_slash():
    report = Report(quarter="2022Q2")
    assert report.targets.year == 2022 and report.city.rules.rules
    assert {entry["name"] for entry in opened.opened() if entry["kind"] == "reference"} >= {
        "targets/", "targets/2022.yml", "rules/", *(f"rules/{path.name}" for path in (city().folder / "rules").glob("*.yml"))}
    assert "chains/2022/steel.yml" not in opened.as_json()
    assert report.chains.by_name("steel") and "chains/2022/steel.yml" in opened.as_json()


ASKED = {"quality": quality_of, "theme": milestones.theme_answer, "headlines": milestones.headlines, "summary": ledgers.summary,
         "stamp": lambda report: report.stamp | {"targets": report.targets}}


@pytest.mark.parametrize("ask", ASKED.values(), ids=ASKED)
@pytest.mark.parametrize("county", ["", "211322"])
def test_the_record_of_a_second_page_in_the_process_is_as_whole_as_the_first(ask, county):
    records = []
    report = Report(quarter="2022Q2", county=county)
    for page in (report, Report(quarter="2022Q2", county=county), report):
        opened.forget()
        ask(page)
        records.append({json.dumps(entry, sort_keys=True) for entry in opened.opened()})
    assert records[0] and records[0] == records[1] == records[2]


def test_cleaning_that_a_page_brings_about_is_not_of_the_page():
    with opened.apart():
        assert city().forms
    assert opened.opened() == []
    assert city().divisions
    assert [entry["name"] for entry in opened.opened()] == ["divisions.yml"]


def run_notebook(name, **parameters):
    """What a notebook opens; its cells run in this process."""
    opened.forget()
    space = {}
    for cell in nbformat.read(notebooks_root() / f"{name}.ipynb", 4).cells:
        if cell.cell_type == "code":
            exec(cell.source, space)
            space.update({"quarter": "2022Q2", **parameters} if "parameters" in cell.metadata.get("tags", []) else {})
    return opened.opened()


OF_THE_CITY = ("12_evidence_audit", "21_chain_profile", "22_county_opportunities", "32_schedule_risk", "40_county_scorecard")
"""A chain does not end at a county's border; how long steps take, how plans slip and what is forecast is learnt from the whole city; two
counties may claim one project; and a place is one among all counties."""


@pytest.mark.parametrize("name", sorted(path.stem for path in notebooks_root().glob("*.ipynb")))
def test_a_countys_page_opens_nothing_of_other_counties_and_no_page_what_is_later(name, monkeypatch):
    monkeypatch.setattr("IPython.display.display", lambda *_: None)
    code = nbformat.read(notebooks_root() / f"{name}.ipynb", 4).cells
    by_county = any("\ncounty: str" in cell.source for cell in code)
    told = run_notebook(name, **({"county": "211322"} if by_county else {}))
    parts = [entry for entry in told if entry["kind"] in ("table", "account")]
    assert parts and all("2021-12-31" <= entry["as_of"] <= "2022-06-30" for entry in parts)
    assert {entry["dataset"] for entry in parts} == {entry["name"] for entry in told if entry["kind"] == "dataset"} == {"simulated"}
    if by_county and name not in OF_THE_CITY:
        # Of all others only the dates at which any ledger was collected.
        assert all("211322" in (entry["county"], entry.get("sent_by")) or entry.get("column") == "snapshot" for entry in parts)


def test_no_cache_keeps_what_a_report_or_a_city_opened_from_the_record():
    """Where a function that opens things keeps its result, `kept` must be what keeps it."""
    hidden = []
    for floor in ("report", "progress", "assess", "figures", "reference", "chains"):
        for path in (LIBRARY / floor).rglob("*.py"):
            for function in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if not isinstance(function, ast.FunctionDef):
                    continue
                takes = {ast.unparse(argument.annotation) for argument in function.args.args if argument.annotation}
                plain = {ast.unparse(each).split("(")[0] for each in function.decorator_list} & {"cache", "lru_cache", "functools.cache"}
                opens = takes & {"Report", "City", "City | None"} or re.search(r"(?<!\.)\bload\(", ast.unparse(function))
                hidden += [f"{path.name}: {function.name}"] if plain and opens else []
    assert hidden == []


# --- tables that a run vouches for


def test_vouched_tables_are_opened_without_raw_ledgers_and_by_nothing_else(tmp_path, monkeypatch, small_data):
    before = Report(quarter="2022Q2").projects
    environment, source = vouched.vouch("simulated"), processed_folder("simulated")
    assert environment == {"LIANTU_TABLES": f"simulated={vouched.version(source)}"}
    (tmp_path / "processed").mkdir()
    (tmp_path / "processed" / "simulated").symlink_to(source)
    monkeypatch.setenv("LIANTU_DATA", str(tmp_path))
    with pytest.raises(LiantuError, match="data set 'simulated'"):
        Report(quarter="2022Q2")
    monkeypatch.setenv(*next(iter(environment.items())))
    report = Report()
    assert str(report.quarter) == str(check().quarter) == "2022Q4" and report.simulated
    assert Report(quarter="2022Q2").projects.equals(before)
    with pytest.raises(LiantuError, match="2021Q4, 2022Q1, 2022Q2"):
        check(quarter="2023Q1")
    monkeypatch.setenv("LIANTU_TABLES", "simulated=0123456789abcdef")
    with pytest.raises(LiantuError, match="data set 'simulated'"):
        Report(quarter="2022Q2")


def test_a_vouched_page_does_not_look_at_the_raw_ledgers(monkeypatch):
    def look(*_):
        raise AssertionError("the raw ledgers are looked at")

    monkeypatch.setattr("liantu.ledger.cleaning.inputs_of", look)
    with pytest.raises(AssertionError):
        Report(quarter="2022Q2")
    for name, value in vouched.vouch("simulated").items():
        monkeypatch.setenv(name, value)
    assert Report(quarter="2022Q2").as_of == dt.date(2022, 6, 30)


def test_noting_parameters_and_digests_are_imported_without_pandas():
    code = ("import sys, liantu.reference.opened, liantu.report.partitions, liantu.report.parameters, liantu.tables.vouched;"
            "sys.exit('pandas' in sys.modules or 'pyarrow' in sys.modules)")
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
