"""Every notebook on small data, along the path that the command takes; one by papermill alone."""

import json
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import nbformat
import pytest
from personal_data import leaks, personal_of
from small_reports import small_pages

ROOT = Path(__file__).parents[2]


@pytest.fixture
def data(small_report):
    """The data of the small report."""
    return small_report.parents[2] / "data"


def _run(data: Path, *words: str) -> subprocess.CompletedProcess:
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"} | {"LIANTU_DATA": str(data)}
    return subprocess.run([sys.executable, "-m", *words], capture_output=True, text=True, env=env, cwd=ROOT, check=False)


def test_every_page_is_done_and_listed(small_report):
    run = json.loads((small_report / "run.json").read_text(encoding="utf-8"))
    assert {page["state"] for page in run["pages"]} == {"done"}
    assert {page["id"] for page in run["pages"]} == {page.id for page in small_pages()}
    printed = (small_report.parents[2] / "printed.txt").read_text(encoding="utf-8")
    assert printed.splitlines()[-2:] == [str(small_report / "index.html"), "exit code 0"]
    for page in run["pages"]:
        assert (small_report / f"{page['id']}.html").stat().st_size > 10_000


def test_the_workbook_lies_beside_the_page_and_is_linked(small_report):
    (book,) = (small_report / "tables" / "11_data_quality.211382.zh").glob("*.xlsx")
    page = (small_report / "11_data_quality.211382.zh.html").read_text(encoding="utf-8")
    index = (small_report / "index.html").read_text(encoding="utf-8")
    link = f"tables/11_data_quality.211382.zh/{quote(book.name)}"
    assert link in page and link in index and book.stat().st_size > 5_000


def test_no_cell_wrote_to_stderr(small_report):
    for path in small_report.glob("*.ipynb"):
        cells = nbformat.read(path, as_version=4).cells
        said = [output.text for cell in cells for output in cell.get("outputs", ()) if output.get("name") == "stderr"]
        assert said == [], path.name


def test_pages_are_in_one_language_and_say_that_the_data_are_simulated(small_report):
    chinese = (small_report / "20_chain_overview.zh.html").read_text(encoding="utf-8")
    english = (small_report / "20_chain_overview.en.html").read_text(encoding="utf-8")
    assert "模拟数据" in chinese and "What not to conclude" not in chinese
    assert "Simulated data" in english and "不能得出什么" not in english


def test_no_personal_data_reach_tables_notebooks_pages_and_exports(data, small_report):
    processed = data / "processed" / "simulated"
    account = json.loads((processed / "accounting.json").read_text(encoding="utf-8"))
    raw = data / "raw" / "simulated"
    known = personal_of(raw, sorted({file["source_file"] for file in account["files"]}))
    assert len(known) > 50
    written = [path for folder in (small_report, processed) for path in sorted(folder.rglob("*")) if path.is_file()]
    assert {".html", ".ipynb", ".csv", ".parquet", ".json"} <= {path.suffix for path in written}
    assert leaks(written, known) == set()


def test_a_notebook_runs_by_papermill_alone(data, tmp_path):
    out = tmp_path / "out.ipynb"
    done = _run(data, "papermill", "notebooks/30_quarterly_milestones.ipynb", str(out), "-p", "quarter", "2022Q3", "-p", "county", "211382")
    assert done.returncode == 0, done.stderr
    outputs = [output for cell in nbformat.read(out, as_version=4).cells for output in cell.get("outputs", ())]
    shown = [mime for output in outputs for mime in output.get("data", {})]
    assert shown.count("application/vnd.liantu.figure+json") >= 5


def test_a_bad_parameter_ends_the_notebook_with_the_rule(data, tmp_path):
    done = _run(data, "papermill", "notebooks/20_chain_overview.ipynb", str(tmp_path / "out.ipynb"), "-p", "quarter", "2022Q9")
    assert done.returncode != 0
    assert "write it as 2022Q2" in done.stderr
