"""Running pages: each ending has its name, one bad page stops nothing, and nothing half-written is left."""

from __future__ import annotations

import os
import time
from pathlib import Path

import nbformat
import pytest
from synthetic_pages import write_source

from liantu.errors import LiantuError
from liantu.suite.kernels import memory
from liantu.suite.kernels.environment import kernel_environment
from liantu.suite.kernels.running import RunningKernels
from liantu.suite.matrix import Page
from liantu.suite.runs import outcomes as endings_named
from liantu.suite.runs.checks import check_pages
from liantu.suite.runs.execution import execute_page, keep
from liantu.suite.runs.options import RunOptions, memory_size
from liantu.suite.runs.outcomes import KernelEnd, KernelLostError, Outcome, PageError, TimeLimitError, classify
from liantu.suite.runs.pool import run_pages
from liantu.suite.screen import outcome_line

SLOW = "import time\nfor _ in range(600): time.sleep(0.1)"
MARKED = "import os, pathlib\nmarker = pathlib.Path('second_{name}')\nfirst = not marker.exists()\nmarker.touch()\n"
THREADS = ("import numpy, pyarrow, threadpoolctl\nblas = {pool['num_threads'] for pool in threadpoolctl.threadpool_info()}\n"
           "print(pyarrow.cpu_count(), pyarrow.io_thread_count(), blas)")
SOURCES = {
    "01_good": "import os, sys\nprint(os.getcwd(), os.environ['OMP_NUM_THREADS'], lang, sys.dont_write_bytecode)",
    "02_failing": "print('before')\nraise ValueError('broken <b>')",
    "03_dying": "import os\nos._exit(9)",
    "04_slow": SLOW,
    "05_greedy": "filled = bytearray(1 << 36)",
    "06_greedy_array": "import numpy\nnumpy.ones(1 << 33)",
    "07_greedy_arrow": "import pyarrow\npyarrow.allocate_buffer(1 << 36)",
    "08_killed": "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)",
    "09_dies_once": MARKED.format(name="death") + "os._exit(1) if first else print('at last')",
    "10_fails_once": MARKED.format(name="failure") + "assert not first",
    "11_threads": THREADS,
}


def page(notebook: Path, county: str = "", lang: str = "zh") -> Page:
    parameters = {"quarter": "2022Q2", "county": county, "dataset": "simulated", "lang": lang}
    return Page(f"{notebook.stem}.{lang}", notebook, parameters, notebook.stem, "朝阳市", "front", 1, lang, county)


@pytest.fixture(scope="module", params=["plain", "warm"])
def endings(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("notebooks")
    pages = [page(write_source(folder, name, code)) for name, code in SOURCES.items()]
    heard: list[Outcome] = []
    here = Path.cwd()
    options = RunOptions(jobs=2, time_limit=5, memory_limit=3 * 2**30, kernel=request.param)
    outcomes = run_pages(pages, folder / "out", options, stamp={"run_id": "run-1"}, on_done=heard.append,
                         seal=lambda page, opened: {"seal": page.id, "saw": opened})
    assert Path.cwd() == here
    return folder, {outcome.page.notebook.stem: outcome for outcome in outcomes}, heard


def test_each_ending_has_its_name_and_one_bad_page_stops_nothing(endings):
    _, outcomes, heard = endings
    assert {stem: outcome.state for stem, outcome in outcomes.items()} == {
        "01_good": "done", "02_failing": "failed", "03_dying": "kernel_died", "04_slow": "timed_out", "05_greedy": "out_of_memory",
        "06_greedy_array": "out_of_memory", "07_greedy_arrow": "out_of_memory", "08_killed": "kernel_died", "09_dies_once": "done",
        "10_fails_once": "failed", "11_threads": "done"}
    assert sorted(outcome.page.id for outcome in heard) == sorted(outcome.page.id for outcome in outcomes.values())
    assert outcomes["02_failing"].error == PageError("ValueError", "broken <b>", cell=5, prompt=3)
    assert str(outcomes["02_failing"].error) == "cell 5 (In [3]): ValueError: broken <b>"
    assert {outcomes[stem].error.cell for stem in ("03_dying", "04_slow", "05_greedy", "06_greedy_array", "07_greedy_arrow")} == {5}
    assert "exit code 9" in outcomes["03_dying"].error.value
    assert "SIGKILL from outside; the machine tells no lack of memory" in outcomes["08_killed"].error.value
    assert 4.5 < outcomes["04_slow"].seconds < 9


def test_only_a_lost_kernel_is_given_a_second_try_and_only_one(endings):
    folder, outcomes, _ = endings
    twice = {stem for stem, outcome in outcomes.items() if outcome.attempts == 2}
    assert twice == {"03_dying", "08_killed", "09_dies_once"}
    assert {outcome.attempts for stem, outcome in outcomes.items() if stem not in twice} == {1}
    again = nbformat.read(folder / "out" / "09_dies_once.zh.ipynb", as_version=4)
    assert (again.metadata["liantu"]["attempts"], again.cells[-1].outputs[0].text) == (2, "at last\n")


def test_executed_notebooks_are_kept_whole_with_their_outcome(endings):
    folder, outcomes, _ = endings
    assert sorted(path.name for path in (folder / "out").iterdir()) == sorted(f"{outcome.page.id}.ipynb" for outcome in outcomes.values())
    for outcome in outcomes.values():
        notebook = nbformat.read(folder / "out" / f"{outcome.page.id}.ipynb", as_version=4)
        nbformat.validate(notebook)
        assert notebook.metadata["liantu"]["state"] == outcome.state
        assert notebook.metadata["liantu"]["run_id"] == "run-1"
        assert str(folder) not in str(notebook.metadata)
        assert len(notebook.cells) == 5
    failed = nbformat.read(folder / "out" / "02_failing.zh.ipynb", as_version=4)
    assert [output.output_type for output in failed.cells[4].outputs] == ["stream", "error"]


def test_only_a_page_that_ended_well_is_sealed(endings):
    folder, outcomes, _ = endings
    for stem, outcome in outcomes.items():
        told = nbformat.read(folder / "out" / f"{stem}.zh.ipynb", as_version=4).metadata["liantu"]
        assert told.get("seal") == (outcome.page.id if outcome.ok else None)
        assert told["opened"] == []


def test_a_kernel_works_beside_its_notebook_with_its_share_of_the_cores(endings):
    folder, *_ = endings
    good = nbformat.read(folder / "out" / "01_good.zh.ipynb", as_version=4)
    share = max(1, (os.cpu_count() or 1) // 2)
    assert good.cells[-1].outputs[0].text.split() == [str(folder), str(share), "zh", "False"]
    threads = nbformat.read(folder / "out" / "11_threads.zh.ipynb", as_version=4)
    assert threads.cells[-1].outputs[0].text == f"{share} {share} {{{share}}}\n"


def test_the_notebook_is_what_plain_papermill_makes(endings, tmp_path):
    import papermill

    folder, *_ = endings
    ours = nbformat.read(folder / "out" / "02_failing.zh.ipynb", as_version=4)
    with pytest.raises(papermill.PapermillExecutionError):
        papermill.execute_notebook(str(folder / "02_failing.ipynb"), str(tmp_path / "x.ipynb"), kernel_name="python3", progress_bar=False,
                                   parameters=dict(page(folder / "02_failing.ipynb").parameters))
    theirs = nbformat.read(tmp_path / "x.ipynb", as_version=4)
    theirs.cells = [cell for cell in theirs.cells if "papermill-error-cell-tag" not in cell.metadata.tags]

    def shape(value: object) -> object:
        return {key: shape(inner) for key, inner in sorted(value.items())} if isinstance(value, dict) else type(value).__name__

    for one, other in zip(ours.cells, theirs.cells, strict=True):
        assert (one.source, one.get("execution_count")) == (other.source, other.get("execution_count"))
        assert (shape(one.metadata), one.metadata.tags) == (shape(other.metadata), other.metadata.tags)
        assert one.metadata.papermill.status == other.metadata.papermill.status
        assert [output.output_type for output in one.get("outputs", [])] == [output.output_type for output in other.get("outputs", [])]
    ours.metadata.pop("liantu")
    for name in ("input_path", "output_path"):
        theirs.metadata.papermill.pop(name)
    assert shape(ours.metadata) == shape(theirs.metadata)


def test_what_a_page_opened_is_asked_for_without_a_trace_in_the_notebook(tmp_path):
    noted = [{"kind": "reference", "name": "targets/2022.yml"}, {"kind": "table", "name": "it's", "county": "凌源"}]
    code = (f"import sys, types, json\nnoted = types.ModuleType('noted')\n"
            f"noted.as_json = lambda: json.dumps({noted!r}, ensure_ascii=False)\nsys.modules['liantu.reference.opened'] = noted")
    seals = []
    [outcome] = run_pages([page(write_source(tmp_path, "01_opening", code))], tmp_path / "out", RunOptions(kernel="plain"),
                          seal=lambda page, opened: seals.append(opened) or {"key": "k"})
    made = nbformat.read(tmp_path / "out" / "01_opening.zh.ipynb", as_version=4)
    assert outcome.ok
    assert seals == [noted]
    assert (made.metadata["liantu"]["opened"], made.metadata["liantu"]["key"]) == (noted, "k")
    assert [cell.get("execution_count") for cell in made.cells] == [None, None, 1, 2, 3]


def test_a_page_that_cannot_be_sealed_failed_and_the_others_go_on(tmp_path):
    def seal(page: Page, opened: list) -> dict:
        if page.notebook.stem == "01_x":
            raise LiantuError("targets/2022.yml is gone")
        return {}

    pages = [page(write_source(tmp_path, name, "1")) for name in ("01_x", "02_y")]
    outcomes = run_pages(pages, tmp_path / "out", RunOptions(kernel="plain"), seal=seal)
    assert [str(outcome.error) for outcome in outcomes] == ["LiantuError: targets/2022.yml is gone", "None"]


def test_a_page_can_be_executed_in_one_place_and_kept_in_another(tmp_path):
    import pickle

    kernels = RunningKernels(1)
    executed = execute_page(page(write_source(tmp_path, "01_x", "print(6 * 7)")), kernels, RunOptions(kernel="plain"))
    kernels.close()
    executed = pickle.loads(pickle.dumps(executed))
    assert not (tmp_path / "out").exists()
    assert keep(executed, tmp_path / "out", {"run_id": "r"}).ok
    made = nbformat.read(tmp_path / "out" / "01_x.zh.ipynb", as_version=4)
    assert (made.cells[-1].outputs[0].text, made.metadata["liantu"]["run_id"]) == ("42\n", "r")


def test_a_kernel_that_does_not_start_is_tried_again_and_named(tmp_path, monkeypatch):
    monkeypatch.setattr(RunningKernels, "environment", lambda self: {"PATH": os.environ["PATH"], "PYTHONHOME": str(tmp_path)})
    [outcome] = run_pages([page(write_source(tmp_path, "01_x", "1"))], tmp_path / "out", RunOptions(kernel="plain"))
    assert (outcome.state, outcome.attempts, outcome.error.cell) == ("kernel_died", 2, 0)
    assert "did not start" in outcome.error.value
    assert len(nbformat.read(tmp_path / "out" / "01_x.zh.ipynb", as_version=4).cells) == 5


def test_a_kernel_s_environment_is_bounded(monkeypatch):
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    monkeypatch.setenv("MPLBACKEND", "Agg")
    monkeypatch.setenv("LIANTU_DATA", "/somewhere")
    environment = kernel_environment(jobs=64)
    assert not {"PYTHONDONTWRITEBYTECODE", "MPLBACKEND"} & environment.keys()
    assert environment["OMP_NUM_THREADS"] == environment["OPENBLAS_NUM_THREADS"] == environment["ARROW_IO_THREADS"] == "1"
    assert environment["LIANTU_DATA"] == "/somewhere"


def test_a_wish_to_stop_ends_at_once_and_leaves_nothing_half_written(tmp_path):
    quick, slow, later = (page(write_source(tmp_path, name, code)) for name, code in (
        ("01_quick", "1"), ("02_slow", SLOW), ("03_later", "import time\ntime.sleep(60)")))
    asked = []

    def interrupt(outcome: Outcome) -> None:
        asked.append(time.perf_counter())
        raise KeyboardInterrupt

    outcomes = run_pages([quick, slow, later], tmp_path / "out", RunOptions(jobs=2), on_done=interrupt)
    assert time.perf_counter() - asked[0] < 2
    assert [outcome.state for outcome in outcomes] == ["done", "cancelled", "cancelled"]
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["01_quick.zh.ipynb"]


def test_endings_are_named_in_one_place(tmp_path):
    somewhere, cap = page(tmp_path / "01_x.ipynb"), "--memory-limit"

    def named(problem: BaseException | None, kernel: KernelEnd | None = None, cancelled: bool = False) -> tuple[str, str]:
        outcome = classify(somewhere, problem, 60.0, (3, 1), cancelled, kernel)
        return outcome.state, str(outcome.error)

    lost = KernelLostError("the kernel ended while it ran this cell")
    assert named(None) == ("done", "None")
    assert named(lost, cancelled=True) == ("cancelled", "None")
    assert named(None, cancelled=True)[0] == "done"
    assert named(TimeLimitError()) == ("timed_out", "cell 3 (In [1]): TimeLimit: the page was stopped after 60 s")
    assert named(OSError("no room")) == ("failed", "cell 3 (In [1]): OSError: no room")
    assert named(lost, KernelEnd(-11, "Fatal Python error: Segmentation fault"))[1].endswith(
        "ended by SIGSEGV; Fatal Python error: Segmentation fault")
    assert named(lost, KernelEnd(-9))[0] == "kernel_died"
    state, why = named(lost, KernelEnd(-9, memory_kills=True))
    assert state == "out_of_memory" and "the machine ran out of memory and killed the kernel" in why
    for end in (KernelEnd(-6, at_cap=True), KernelEnd(1, "OpenBLAS error: Memory allocation failed"), KernelEnd(-6, "std::bad_alloc")):
        state, why = named(lost, end)
        assert state == "out_of_memory" and cap in why
    assert named(lost, KernelEnd(-11, memory_kills=True))[0] == "kernel_died"
    assert set(endings_named.RETRIED) == {"kernel_died"}


def test_every_ending_has_its_word_in_both_languages():
    from liantu.suite.pages.words import words

    for lang in ("zh", "en"):
        assert all(words(lang)[f"state_{state}"] for state in endings_named.STATES)


def test_sizes_of_memory_are_read_as_people_write_them():
    assert [memory_size(text) for text in ("2G", "1.5GiB", "800m", "0", "1073741824")] == [2**31, 3 * 2**29, 800 * 2**20, 0, 2**30]
    for wrong in ("2 bananas", "", "-1G", "1K"):
        with pytest.raises(LiantuError, match=repr(wrong)):
            memory_size(wrong)


def test_by_default_kernels_share_the_machine_s_memory(monkeypatch):
    monkeypatch.setattr(memory, "machine_memory", lambda: 40 * 2**30)
    assert (RunOptions().memory(4), RunOptions().memory(64), RunOptions(memory_limit=0).memory(4)) == (8 * 2**30, 2 * 2**30, 0)
    assert (RunOptions(jobs=8).workers(3), RunOptions(jobs=2).workers(9), RunOptions().workers(0)) == (3, 2, 1)


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
