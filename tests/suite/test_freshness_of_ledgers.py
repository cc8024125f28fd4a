"""Ledgers, tables and pages together: an edit of one county's ledger is seen by its pages and the city's only, and no code is missed."""

from __future__ import annotations

import inspect
import sys
from pathlib import Path
from typing import Any

import nbformat
import openpyxl
import pandas as pd
import pytest

import liantu
from liantu.ledger.cleaning import fresh_tables
from liantu.reference import city
from liantu.reference.opened import forget, opened
from liantu.simulation import simulate
from liantu.suite.freshness.code import CUT, Library
from liantu.suite.freshness.judge import Judge, judge_report
from liantu.suite.freshness.kept import Kept
from liantu.suite.freshness.notebooks import imported, read_notebook
from liantu.suite.matrix import Page, pages
from liantu.tables import read_table

NOTEBOOKS = ("11_data_quality", "30_quarterly_milestones")


class Ran:
    """Pages that were run in this process, cell by cell, and sealed by the judge."""

    def __init__(self, data: Path, out: Path) -> None:
        self.data, self.out = data, out
        out.mkdir()
        self.tables = fresh_tables("simulated")
        self.edited = edited = self._ledger()
        self.other = next(county.code for county in city().divisions.counties if county.code != edited["county"])
        counties = {"", str(edited["county"]), self.other}
        self.pages = [page for page in pages("2022Q2", ["zh"], only=NOTEBOOKS) if page.county in counties]
        judge = self.judge()
        for page in self.pages:
            self._keep(page, judge.seal(page, run(page)))
        judge.close()

    def judge(self) -> Judge:
        return judge_report(self.out, "simulated", self.pages)

    def _keep(self, page: Page, sealed: dict[str, Any]) -> None:
        notebook = nbformat.read(page.notebook, as_version=4)
        notebook.metadata["liantu"] = {"state": "done", **sealed}
        nbformat.write(notebook, self.out / f"{page.id}.ipynb")

    def _ledger(self) -> pd.Series:
        """A row of a county's newest own ledger that is a workbook we can edit."""
        rows = read_table("observations", self.tables)
        editable = rows["source_file"].str.fullmatch(r"2022Q2/.*\.xlsx") & rows["total_investment_wan"].notna()
        return rows[(rows["source"] == "county") & editable].iloc[0]

    def edit(self) -> None:
        """Make the total investment of one row of the ledger half as large again."""
        row = self.edited
        path = self.data / "raw" / "simulated" / row["source_file"]
        book = openpyxl.load_workbook(path)
        sheet = book[row["sheet"]] if row["sheet"] else book.active
        cell = max((cell for cell in sheet[int(row["row"])] if isinstance(cell.value, int | float)), key=lambda cell: cell.value)
        cell.value = cell.value * 1.5
        book.save(path)


def run(page: Page, profile: Any = None) -> list[dict[str, str]]:
    """Run the cells of a page in this process, as a kernel would, and return what it opened."""
    forget()
    names: dict[str, Any] = {}
    for cell in read_notebook(page.notebook)["cells"]:
        if cell["cell_type"] == "code":
            sys.setprofile(profile)
            exec("".join(cell["source"]), names)
            sys.setprofile(None)
            names |= page.parameters
    return opened()


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    root = tmp_path_factory.mktemp("ledgers")
    simulate(root / "data" / "raw" / "simulated", seed=11, scale=0.03)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LIANTU_DATA", str(root / "data"))
        patch.delenv("LIANTU_TABLES", raising=False)
        yield Ran(root / "data", root / "out")
    forget()


def test_every_function_that_a_page_runs_is_code_that_it_is_said_to_reach(ran):
    home, called = Path(liantu.__file__).parent, set()

    def note(frame: Any, event: str, _: object) -> None:
        code = frame.f_code
        if event == "call" and code.co_filename.startswith(str(home)) and code.co_flags & inspect.CO_OPTIMIZED:
            called.add(code.co_filename)

    page = next(page for page in ran.pages if page.notebook.stem == "11_data_quality" and not page.county)
    run(page, note)
    modules = {".".join(("liantu", *Path(path).relative_to(home).with_suffix("").parts)).removesuffix(".__init__") for path in called}
    reached = Library(Kept(None)).reached(imported(read_notebook(page.notebook)))
    assert len(modules) > 20
    assert modules - reached.keys() <= {cut for _, cut in CUT}


def test_an_edit_of_one_county_s_ledger_is_seen_by_its_pages_and_the_city_s_only(ran):
    judge = ran.judge()
    assert {judge.verdict(page).run for page in ran.pages} == {False}
    ran.edit()
    judge = ran.judge()
    verdicts = [(page, judge.verdict(page)) for page in ran.pages]
    assert {page.id for page, verdict in verdicts if verdict.run} == {page.id for page in ran.pages if page.county != ran.other}
    assert len([page for page in ran.pages if page.county == ran.other]) == 2
    for page, verdict in verdicts:
        if page.county == ran.edited["county"]:
            assert all(page.county in reason and "changed" in reason for reason in verdict.reasons), verdict
