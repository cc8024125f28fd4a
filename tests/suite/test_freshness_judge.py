"""A page is fresh while nothing that it was made from has changed, and every reason for which it is stale is named."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from importlib.metadata import version
from itertools import count
from pathlib import Path

import nbformat
import papermill
import pytest

from liantu.errors import LiantuError
from liantu.reference.folders import notebooks_root
from liantu.suite.freshness import environment
from liantu.suite.freshness.code import Library
from liantu.suite.freshness.judge import Judge
from liantu.suite.freshness.kept import Kept
from liantu.suite.freshness.notebooks import declared
from liantu.suite.freshness.rendering import look
from liantu.suite.freshness.why import page_of, state, why
from liantu.suite.matrix import Page

_NUMBERS = count(1)
CELLS = [
    ("markdown", "# 首页", ["zh"]), ("code", 'quarter: str = ""  # the quarter\nlang: str = "zh"', ["parameters"]),
    ("code", "%matplotlib inline\nfrom PACKAGE.work import shown\nshown()", []), ("markdown", "The end.", [])]
OPENED = [
    {"kind": "reference", "name": "targets/2022.yml"}, {"kind": "reference", "name": "targets/"},
    {"kind": "table", "name": "projects", "dataset": "simulated", "as_of": "2022-06-30", "county": "211382", "chain": ""},
    {"kind": "account", "name": "accounting.json", "dataset": "simulated", "as_of": "2022-06-30", "county": ""}]


class Desk:
    """A report folder with two pages that were made, and all that they were made from, in a folder that tests may change."""

    def __init__(self, root: Path) -> None:
        self.package, self.root, self.out, self.tables, self.reference = f"desk{next(_NUMBERS)}", root, *(
            root / name for name in ("out", "tables", "reference"))
        self.digests = {"projects": "p1", "accounting.json": "a1"}
        for path, text in {
            f"{self.package}/__init__.py": "", f"{self.package}/work.py": "def shown():\n    return 1\n", "uv.lock": "one",
            "reference/targets/2022.yml": "value: 3  # of the speech\n", "tables/inputs.json": "{}", "out/run.json": "{}"}.items():
            self.write(path, text)
        self.pages = [self.page("zh"), self.page("en")]
        self.notebook([*CELLS])
        self.make()

    def write(self, path: str, text: str) -> None:
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text, encoding="utf-8")

    def page(self, lang: str) -> Page:
        parameters = {"quarter": "2022Q2", "lang": lang}
        return Page(f"01_first.{lang}", self.root / "01_first.ipynb", parameters, "First", "朝阳市", "front", 1, lang)

    def notebook(self, cells: list[tuple[str, str, list[str]]], **extra: object) -> None:
        made = nbformat.v4.new_notebook()
        for number, (kind, source, tags) in enumerate(cells):
            source = source.replace("PACKAGE", self.package)
            cell = getattr(nbformat.v4, f"new_{kind}_cell")(source, metadata={"tags": tags}, id=f"c{number}")
            made.cells.append(cell)
        made.metadata.update(extra)
        nbformat.write(made, self.root / "01_first.ipynb")

    def judge(self) -> Judge:
        return Judge(self.out, self.tables, self.reference, self.pages, self._digests, self.package, checkout=self.root)

    def _digests(self, folder: Path, opened: list[dict[str, str]]) -> list[str]:
        assert folder == self.tables
        return [self.digests[record["name"]] for record in opened]

    def make(self, opened: list[dict[str, str]] | None = OPENED, **stamp: object) -> None:
        judge = self.judge()
        for page in self.pages:
            executed = nbformat.read(page.notebook, as_version=4)
            executed.metadata["liantu"] = {"state": "done", "run_id": "20220701T080910Z-abcdef", **judge.seal(page, opened), **stamp}
            aside = self.out / f".{page.id}.part.ipynb"
            nbformat.write(executed, aside)
            aside.replace(self.out / f"{page.id}.ipynb")
            self.write(f"out/{page.id}.html", "<!doctype html>")
            self.write(f"out/figures/{page.id}/one.png", "png")
        judge.rendered([page.id for page in self.pages])

    def reasons(self, number: int = 0) -> list[str]:
        verdict = self.judge().verdict(self.pages[number])
        assert verdict.fresh is not bool(verdict.reasons)
        assert not (verdict.fresh and verdict.run)
        return [reason.replace(self.package, "PACKAGE") for reason in verdict.reasons]


@pytest.fixture
def desk(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    return Desk(tmp_path)


def test_a_page_is_fresh_once_it_is_made_and_says_by_which_run(desk):
    judge = desk.judge()
    assert [judge.verdict(page).fresh for page in desk.pages] == [True, True]
    assert why(desk.pages[0], judge) == ["fresh: made 2022-07-01T08:09:10Z by run 20220701T080910Z-abcdef"]
    assert [state(page, judge) for page in desk.pages] == ["fresh", "fresh"]


def test_a_page_that_was_not_made_is_to_be_made(desk):
    (desk.out / "01_first.zh.ipynb").unlink()
    judge = desk.judge()
    assert judge.verdict(desk.pages[0]).run
    assert why(desk.pages[0], judge) == ["stale: it was not made yet"]
    assert [state(page, judge) for page in desk.pages] == ["not made", "stale"]  # the other one links to it


@pytest.mark.parametrize(("path", "text", "told"), [
    ("PACKAGE/work.py", "# more\ndef shown():\n    return (1)\n", []),
    ("PACKAGE/other.py", "def other():\n    return 1\n", []),
    ("PACKAGE/work.py", "def shown():\n    return 2\n", ["PACKAGE.work.shown changed"]),
    ("reference/targets/2022.yml", "# of the speech\nvalue:   3\n", []),
    ("reference/vocabulary.yml", "value: 3\n", []),
    ("reference/targets/2022.yml", "value: 4\n", ["reference targets/2022.yml changed"]),
    ("reference/targets/2023.yml", "value: 3\n", ["the list of files in reference targets/ changed"]),
    ("uv.lock", "two", ["environment: uv.lock changed"]),
    ("tables/inputs.json", '{"raw": "other"}', [])])
def test_what_changed_is_named_and_what_the_page_does_not_see_is_not(desk, path, text, told):
    desk.write(path.replace("PACKAGE", desk.package), text)
    assert desk.reasons() == told


@pytest.mark.parametrize(("number", "source", "told"), [
    (0, "# 总览", ["notebook: cell 1 (markdown) changed"]),
    (1, 'quarter: str = ""\nlang: str = "zh"', []),
    (2, "%matplotlib inline\n# shows\nfrom PACKAGE.work import (shown)\n\nshown( )", []),
    (2, "%matplotlib widget\nfrom PACKAGE.work import shown\nshown()", ["notebook: cell 3 (code) changed"]),
    (2, "%matplotlib inline\nfrom PACKAGE.work import shown\nshown();", ["notebook: cell 3 (code) changed"]),
    (2, "%matplotlib inline\nfrom PACKAGE.work import shown\nshown() + 1", ["notebook: cell 3 (code) changed"])])
def test_a_cell_that_says_something_else_is_named(desk, number, source, told):
    kind, _, tags = CELLS[number]
    desk.notebook([(kind, source, tags) if place == number else cell for place, cell in enumerate(CELLS)])
    assert desk.reasons() == told


def test_cells_that_come_go_and_move_are_named(desk):
    desk.notebook([*CELLS, ("markdown", "More.", [])])
    assert desk.reasons() == ["notebook: cell 5 (markdown) is new"]
    desk.notebook(CELLS[:3])
    assert desk.reasons() == ["notebook: cell 4 (markdown) of before is gone"]
    desk.notebook([(kind, source, [*tags, "en"]) for kind, source, tags in CELLS])
    assert desk.reasons()[0] == "notebook: cell 1 (markdown) changed"


def test_outputs_counts_and_looks_of_the_notebook_are_not_its_content(desk):
    path = desk.root / "01_first.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[2].outputs = [nbformat.v4.new_output("stream", text="1")]
    notebook.cells[2].execution_count = 7
    notebook.cells[2].metadata["collapsed"] = True
    notebook.metadata["kernelspec"] = {"name": "liantu", "display_name": "liantu"}
    nbformat.write(notebook, path)
    assert desk.reasons() == []


def test_a_parameter_is_told_with_its_old_and_new_value(desk):
    desk.pages[0] = replace(desk.pages[0], parameters={"quarter": "2022Q1", "edition": "2022"})
    assert desk.reasons() == [
        "parameter quarter: '2022Q2' -> '2022Q1'", "parameter edition: (not given) -> '2022'", "parameter lang: 'zh' -> (not given)"]
    assert desk.reasons(1) == []


@pytest.mark.parametrize(("name", "digest", "told"), [
    ("projects", "p2", "projects of 211382 as of 2022-06-30 changed"),
    ("accounting.json", "a2", "accounting.json as of 2022-06-30 changed"),
    ("projects", "", "projects of 211382 as of 2022-06-30 is gone")])
def test_a_partition_that_was_opened_is_named_when_its_rows_changed(desk, name, digest, told):
    desk.digests[name] = digest
    assert desk.reasons() == [told]


def test_versions_are_told_with_what_they_were(desk, monkeypatch):
    known = environment.versions
    monkeypatch.setattr(environment, "versions", lambda names: known(names) | {"pandas": "0.0.1"})
    assert desk.reasons() == [f"environment: pandas {version('pandas')} -> 0.0.1"]


def test_without_a_lock_file_the_installed_packages_take_its_place(desk):
    (desk.root / "uv.lock").unlink()
    assert desk.reasons() == ["environment: installed packages is new", "environment: uv.lock is gone"]
    desk.make()
    assert desk.reasons() == []


def test_several_reasons_come_one_a_line_the_most_specific_first(desk):
    desk.write(f"{desk.package}/work.py", "def shown():\n    return 2\n")
    desk.write("uv.lock", "two")
    desk.digests["projects"] = "p2"
    assert [line.replace(desk.package, "PACKAGE") for line in why(desk.pages[0], desk.judge())] == [
        "stale: PACKAGE.work.shown changed", "       projects of 211382 as of 2022-06-30 changed", "       environment: uv.lock changed"]


@pytest.mark.parametrize(("stamp", "told"), [
    ({"state": "failed", "error": {"name": "ValueError", "value": "broken\nfor good", "cell": 3}}, "failed, cell 3: ValueError: broken"),
    ({"state": "timed_out"}, "timed out"), ({"state": "out_of_memory", "error": None}, "out of memory")])
def test_a_page_that_did_not_end_well_runs_again(desk, stamp, told):
    desk.make(**stamp)
    assert desk.reasons() == [f"it did not end well: {told}"]
    assert state(desk.pages[0], desk.judge()) == stamp["state"].replace("_", " ")


@pytest.mark.parametrize("missing", ["01_first.zh.html", "figures/01_first.zh/one.png"])
def test_a_page_whose_html_or_figures_are_missing_is_only_rendered_again(desk, missing):
    (desk.out / missing).unlink()
    judge = desk.judge()
    verdict = judge.verdict(desk.pages[0])
    assert (verdict.fresh, verdict.run, verdict.reasons) == (False, False, (f"{missing} is missing",))
    assert why(desk.pages[0], judge)[1] == "       its cells need not run; only its HTML is made again"
    assert judge.to_render([page.id for page in desk.pages]) == ["01_first.zh"]


def test_a_page_that_was_run_again_or_got_a_neighbour_is_rendered_again(desk):
    path = desk.out / "01_first.zh.ipynb"
    path.write_text(path.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert desk.reasons() == ["rendering: its executed notebook changed"]
    (desk.out / "01_first.211382.zh.ipynb").write_bytes(path.read_bytes())
    (desk.out / "02_second.zh.ipynb").write_bytes(path.read_bytes())
    assert desk.reasons(1) == ["rendering: the pages that it links to changed"]
    judge = desk.judge()
    judge.rendered([page.id for page in desk.pages])
    assert desk.reasons() == desk.reasons(1) == []


def test_the_front_page_stands_until_a_page_or_what_writes_it_changes(desk):
    for name in ("index.html", "index.en.html"):
        desk.write(f"out/{name}", "<!doctype html>")
    assert desk.judge().index_reasons() == ["it was not rendered by a run that is on record"]
    desk.judge().index_written()
    assert desk.judge().index_reasons() == desk.reasons() == []
    (desk.out / "index.en.html").unlink()
    assert desk.judge().index_reasons() == ["index.en.html is missing"]
    desk.judge().index_written()
    desk.make(run_id="another")
    assert desk.judge().index_reasons() == ["rendering: an executed notebook changed"]


def test_pages_and_the_front_page_are_rendered_by_their_own_templates():
    library = Library(Kept(None))
    pages, index = look(library), look(library, of_index=True)
    templates = "liantu/suite/pages/templates/liantu"
    both = {"liantu.suite.pages.outputs", "liantu/suite/pages/words.yml", f"{templates}/blocks.html.j2", f"{templates}/page.css"}
    assert both <= pages.keys() & index.keys()
    assert pages.keys() >= {"liantu.suite.pages.exporter", "liantu.suite.pages.workbooks"}
    assert index.keys() >= {"liantu.suite.site.index", f"{templates}/site.html.j2"}
    assert f"{templates}/site.html.j2" not in pages
    assert {"jinja2", "nbconvert"} <= pages.keys() & index.keys()


@pytest.mark.parametrize("name", ["freshness.json", "rendered.json"])
def test_what_is_kept_beside_may_be_lost_or_damaged(desk, name):
    (desk.out / ".liantu" / name).write_text('{"01_first.zh": {"own": 1}', encoding="utf-8")
    told = {"freshness.json": [], "rendered.json": ["it was not rendered by a run that is on record"]}
    assert desk.reasons() == told[name]


def test_tables_that_were_cleaned_anew_while_a_page_ran_leave_it_stale(desk):
    judge = desk.judge()
    desk.write("tables/inputs.json", '{"raw": "other"}')
    assert judge.seal(desk.pages[0], OPENED)["ingredients"]["opened"] is None
    assert desk.judge().seal(desk.pages[0], OPENED)["ingredients"]["opened"] is not None


def test_code_that_is_edited_while_pages_run_is_seen_by_the_next_run(desk):
    judge = desk.judge()
    desk.write(f"{desk.package}/work.py", "def shown():\n    return 2\n")
    desk.write("reference/targets/2022.yml", "value: 4\n")
    before = judge.seal(desk.pages[0], OPENED)
    assert before["key"] != desk.judge().seal(desk.pages[0], OPENED)["key"]
    assert judge.verdict(desk.pages[0]).fresh


@pytest.mark.parametrize(("change", "told"), [
    ({"ingredients": None}, "it does not tell what it was made from"), ({"key": "0"}, "its ingredients are not those of its key")])
def test_a_page_that_does_not_tell_what_it_was_made_from_is_stale(desk, change, told):
    path = desk.out / "01_first.zh.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.metadata["liantu"].update(change)
    nbformat.write(notebook, path)
    assert desk.reasons() == [told]


def test_a_page_that_opens_tables_but_was_not_heard_to_is_stale(desk):
    assert desk.judge().seal(desk.pages[0], [])["ingredients"]["opened"] == []  # this one opens nothing
    desk.notebook([("code", "from liantu import Report", [])])
    sealed = Judge(desk.out, desk.tables, desk.reference, desk.pages, desk._digests, checkout=desk.root).seal(desk.pages[0], [])
    assert sealed["ingredients"]["opened"] is None


def test_a_folder_that_is_not_there_is_not_made(desk, tmp_path):
    judge = Judge(tmp_path / "nowhere", desk.tables, desk.reference, desk.pages, desk._digests, desk.package, checkout=desk.root)
    assert judge.verdict(desk.pages[0]).reasons == ("it was not made yet",)
    judge.close()
    assert not (tmp_path / "nowhere").exists()


def test_a_page_is_found_by_its_id_or_its_file(desk):
    assert page_of("reports/x/01_first.en.html", desk.pages) is desk.pages[1]
    with pytest.raises(LiantuError, match=r"01_first\.zh"):
        page_of("01_fist.zh", desk.pages)


@pytest.mark.parametrize("path", sorted(notebooks_root().glob("*.ipynb")), ids=lambda path: path.stem)
def test_declared_parameters_are_those_that_papermill_finds(path):
    assert declared(path) == tuple(papermill.inspect_notebook(path))


@pytest.mark.parametrize(("content", "told"), [
    ("{", "not readable as a notebook"), ("[]", "no list of cells"),
    ('{"cells": [{"cell_type": "code", "source": "quarter =", "metadata": {"tags": ["parameters"]}}]}',
     "cell tagged parameters is not Python")])
def test_a_notebook_that_cannot_be_read_is_named(tmp_path, content, told):
    (tmp_path / "01_bad.ipynb").write_text(content, encoding="utf-8")
    with pytest.raises(LiantuError, match=rf"01_bad\.ipynb.*{told}"):
        declared(tmp_path / "01_bad.ipynb")


QUICK = """
import json, sys
from pathlib import Path
from liantu.ledger.freshness import up_to_date
from liantu.report.parameters import check
from liantu.reference import city
from liantu.suite.freshness.code import Library
from liantu.suite.freshness.judge import Judge
from liantu.suite.freshness.kept import Kept
from liantu.suite.freshness.rendering import look
from liantu.suite.freshness.why import state
from liantu.suite.matrix import pages
from liantu.suite.runs.checks import check_pages
out, tables = map(Path, sys.argv[1:])
quarter = str(check().quarter)
wanted = pages(quarter)
check_pages(wanted)
up_to_date("simulated")
judge = Judge(out, tables, city().folder, wanted, lambda folder, opened: ["x"] * len(opened))
states = [state(page, judge) for page in wanted]
heavy = {"pandas", "numpy", "pyarrow", "matplotlib", "papermill", "nbformat", "nbconvert", "jinja2", "IPython", "zmq", "dask"}
print(json.dumps([states, sorted(heavy & sys.modules.keys())]))
"""


def test_judging_a_quarter_imports_neither_pandas_nor_a_notebook_library(desk):
    ran = subprocess.run([sys.executable, "-c", QUICK, str(desk.out), str(desk.tables)], capture_output=True, text=True, check=False,
                         env={**os.environ, "PYTHONPATH": ""})
    assert ran.returncode == 0, ran.stderr
    states, heavy = json.loads(ran.stdout)
    assert len(states) >= 24
    assert set(states) == {"not made"}
    assert heavy == []


def test_help_imports_neither_pandas_nor_a_notebook_library():
    ran = subprocess.run([sys.executable, "-X", "importtime", "-m", "liantu", "--help"], capture_output=True, text=True, check=False)
    assert "report" in ran.stdout
    imported = {line.rpartition("|")[2].strip() for line in ran.stderr.splitlines()}
    assert "click" in imported
    assert not imported & {"pandas", "numpy", "pyarrow", "matplotlib", "papermill", "nbformat", "pydantic", "yaml"}
