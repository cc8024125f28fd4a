"""Running pages: each ending has its name, one bad page stops nothing, and nothing half-written is left."""

from __future__ import annotations

import os
import time
from pathlib import Path

import nbformat
import pytest
from synthetic_pages import write_source

from liantu.errors import LiantuError
from liantu.suite.kernels.running import kernel_environment
from liantu.suite.matrix import Page
from liantu.suite.runs.outcomes import Outcome, PageError, classify
from liantu.suite.runs.running import check_pages, run_pages
from liantu.suite.screen import outcome_line


def page(notebook: Path, county: str = "", lang: str = "zh") -> Page:
    parameters = {"quarter": "2022Q2", "county": county, "dataset": "simulated", "lang": lang}
    return Page(f"{notebook.stem}.{lang}", notebook, parameters, notebook.stem, "朝阳市", "front", 1, lang, county)


@pytest.fixture(scope="module")
def endings(tmp_path_factory):
    folder = tmp_path_factory.mktemp("notebooks")
    pages = [page(write_source(folder, name, code)) for name, code in {
        "01_good": "import os, sys\nprint(os.getcwd(), os.environ['OMP_NUM_THREADS'], lang, sys.dont_write_bytecode)",
        "02_failing": "print('before')\nraise ValueError('broken <b>')",
        "03_dying": "import os\nos._exit(9)",
        "04_slow": "import time\nfor _ in range(600): time.sleep(0.1)",
    }.items()]
    heard: list[Outcome] = []
    here = Path.cwd()
    outcomes = run_pages(pages, folder / "out", jobs=2, limit=4, stamp={"run_id": "run-1"}, on_done=heard.append)
    assert Path.cwd() == here
    return folder, {outcome.page.notebook.stem: outcome for outcome in outcomes}, heard


def test_each_ending_has_its_name_and_one_bad_page_stops_nothing(endings):
    _, outcomes, heard = endings
    assert {stem: outcome.state for stem, outcome in outcomes.items()} == {
        "01_good": "done", "02_failing": "failed", "03_dying": "kernel_died", "04_slow": "timed_out"}
    assert sorted(outcome.page.id for outcome in heard) == sorted(outcome.page.id for outcome in outcomes.values())
    assert outcomes["02_failing"].error == PageError("ValueError", "broken <b>", cell=5, prompt=3)
    assert str(outcomes["02_failing"].error) == "cell 5 (In [3]): ValueError: broken <b>"
    assert outcomes["03_dying"].error.cell == outcomes["04_slow"].error.cell == 5
    assert 3 < outcomes["04_slow"].seconds < 9


def test_executed_notebooks_are_kept_whole_with_their_outcome(endings):
    folder, outcomes, _ = endings
    assert sorted(path.name for path in (folder / "out").iterdir()) == sorted(f"{outcome.page.id}.ipynb" for outcome in outcomes.values())
    for outcome in outcomes.values():
        notebook = nbformat.read(folder / "out" / f"{outcome.page.id}.ipynb", as_version=4)
        nbformat.validate(notebook)
        assert notebook.metadata["liantu"]["state"] == outcome.state
        assert notebook.metadata["liantu"]["run_id"] == "run-1"
        assert str(folder) not in str(notebook.metadata)
    failed = nbformat.read(folder / "out" / "02_failing.zh.ipynb", as_version=4)
    assert [output.output_type for output in failed.cells[4].outputs] == ["stream", "error"]


def test_a_kernel_works_beside_its_notebook_with_its_share_of_the_cores(endings):
    folder, *_ = endings
    good = nbformat.read(folder / "out" / "01_good.zh.ipynb", as_version=4)
    printed = good.cells[-1].outputs[0].text.split()
    assert printed == [str(folder), str(max(1, (os.cpu_count() or 1) // 2)), "zh", "False"]


def test_a_kernel_s_environment_is_bounded(monkeypatch):
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    monkeypatch.setenv("MPLBACKEND", "Agg")
    monkeypatch.setenv("LIANTU_DATA", "/somewhere")
    environment = kernel_environment(jobs=64)
    assert not {"PYTHONDONTWRITEBYTECODE", "MPLBACKEND"} & environment.keys()
    assert environment["OMP_NUM_THREADS"] == environment["OPENBLAS_NUM_THREADS"] == environment["ARROW_IO_THREADS"] == "1"
    assert environment["LIANTU_DATA"] == "/somewhere"


def test_ctrl_c_ends_at_once_and_leaves_nothing_half_written(tmp_path):
    quick, slow, later = (page(write_source(tmp_path, name, code)) for name, code in (
        ("01_quick", "1"), ("02_slow", "import time\nfor _ in range(600): time.sleep(0.1)"), ("03_later", "import time\ntime.sleep(60)")))

    def interrupt(outcome: Outcome) -> None:
        raise KeyboardInterrupt

    began = time.perf_counter()
    outcomes = run_pages([quick, slow, later], tmp_path / "out", jobs=2, on_done=interrupt)
    assert time.perf_counter() - began < 15
    assert [outcome.state for outcome in outcomes] == ["done", "cancelled", "cancelled"]
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["01_quick.zh.ipynb"]


@pytest.mark.parametrize("cancelled", [True, False])
def test_endings_are_named_in_one_place(tmp_path, cancelled):
    somewhere = page(tmp_path / "01_x.ipynb")
    outcome = classify(somewhere, RuntimeError("Kernel didn't respond in 60 seconds"), 60.0, (0, None), cancelled)
    assert outcome.state == ("cancelled" if cancelled else "failed")
    assert classify(somewhere, None, 1.0, (3, 1), cancelled).ok
    if not cancelled:
        assert str(outcome.error) == "RuntimeError: Kernel didn't respond in 60 seconds"


def test_an_undeclared_parameter_is_an_error_before_any_kernel_starts(tmp_path):
    notebook = write_source(tmp_path, "01_x", "1")
    wrong = Page("01_x.zh", notebook, {"quarter": "2022Q2", "as_of": "2022-06-30"}, "x", "", "front", 1, "zh")
    with pytest.raises(LiantuError, match=r"'as_of' is not known.*Allowed: quarter, county, dataset, lang"):
        check_pages([wrong])


def test_a_bad_value_is_an_error_before_any_kernel_starts(tmp_path):
    notebook = write_source(tmp_path, "01_x", "1")
    with pytest.raises(LiantuError, match="county 'nowhere' is not known"):
        check_pages([page(notebook, county="nowhere")])


def test_a_missing_notebook_is_named(tmp_path):
    with pytest.raises(LiantuError, match=r"01_gone\.ipynb: the notebook is missing"):
        check_pages([page(tmp_path / "01_gone.ipynb")])


def test_a_line_for_each_page():
    somewhere = page(Path("30_quarterly_milestones.ipynb"))
    assert outcome_line(3, 22, Outcome(somewhere, "done", 3.14)) == "[ 3/22] done  30_quarterly_milestones.zh  3.1 s"
    assert outcome_line(22, 22, Outcome(somewhere, "failed", 1, PageError("E", "v\nw", 4, 2))).endswith("1.0 s  cell 4 (In [2]): E: v")
