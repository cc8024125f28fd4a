"""A real Dask scheduler and two workers on loopback: the same report comes out, also when a worker is killed in mid-run."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from synthetic_pages import write_source

from liantu.errors import LiantuError
from liantu.ledger.cleaning import fresh_tables
from liantu.suite.matrix import Page, pages
from liantu.suite.runs import cluster
from liantu.suite.runs.bundle import bundle, unpack
from liantu.suite.runs.options import RunOptions
from liantu.suite.runs.outcomes import Outcome
from liantu.suite.runs.pool import run_pages
from liantu.suite.runs.stopping import Stop

QUIET = {"DASK_DISTRIBUTED__SCHEDULER__WORK_STEALING": "False", "DASK_DISTRIBUTED__COMM__RETRY__COUNT": "0"}


def _dask(folder: Path, *words: str) -> subprocess.Popen:
    # the folder of data that this process knows is none of the workers' business: they get what they need sent
    env = {name: value for name, value in os.environ.items() if not name.startswith(("LIANTU_", "PYTHONDONTWRITE"))} | QUIET
    env["LIANTU_DATA"] = str(folder / "nothing")
    log = (folder / f"{words[0]}-{time.monotonic_ns()}.log").open("wb")
    return subprocess.Popen([sys.executable, "-m", "dask", *words], cwd=folder, env=env, stdout=log, stderr=log, start_new_session=True)


class Cluster:
    """A scheduler and its workers, each a process of its own."""

    def __init__(self, folder: Path, workers: int) -> None:
        told = folder / "scheduler.json"
        self.processes = [_dask(folder, "scheduler", "--port", "0", "--host", "127.0.0.1", "--no-dashboard", "--scheduler-file", str(told))]
        until = time.monotonic() + 30
        while not told.is_file() or not told.read_text(encoding="utf-8").strip():
            assert time.monotonic() < until, "the scheduler did not start"
            time.sleep(0.05)
        self.address = json.loads(told.read_text(encoding="utf-8"))["address"]
        self.workers = [_dask(folder, "worker", self.address, "--nthreads", "1", "--no-nanny", "--no-dashboard", "--host", "127.0.0.1",
                              "--local-directory", str(folder / f"worker{number}")) for number in range(workers)]
        self.processes += self.workers
        from distributed import Client

        with Client(self.address, timeout="30s", set_as_default=False) as client:
            client.wait_for_workers(workers, timeout=60)

    def close(self) -> None:
        for process in reversed(self.processes):
            process.kill()
            process.wait(10)


@pytest.fixture
def make_cluster(tmp_path):
    made = []

    def make(workers: int = 2) -> Cluster:
        made.append(Cluster(tmp_path, workers))
        return made[-1]

    yield make
    for one in made:
        one.close()


def _page(notebook: Path, number: int = 0) -> Page:
    parameters = {"quarter": "2022Q2", "county": "", "dataset": "simulated", "lang": "zh"}
    return Page(f"{notebook.stem}.{number}.zh", notebook, parameters, notebook.stem, "朝阳市", "front", 1, "zh")


def _shown(path: Path) -> list:
    """All outputs of an executed notebook, with what differs between any two runs left out."""
    notebook = nbformat.read(path, as_version=4)
    return [output for cell in notebook.cells for output in cell.get("outputs", ())]


def _run(one: Cluster, wanted: list[Page], out: Path, on_done=None, seal=None) -> list[Outcome]:
    out.mkdir(parents=True, exist_ok=True)
    with Stop() as stop:
        return cluster.run_pages_on(one.address, "simulated", wanted, out, RunOptions(), {"run_id": "run-1"}, stop, on_done, seal)


def _left(folder: Path) -> list[int]:
    """Processes whose environment names a folder."""
    found = []
    for path in Path("/proc").glob("[0-9]*/environ"):
        try:
            if str(folder).encode() in path.read_bytes():
                found.append(int(path.parent.name))
        except OSError:
            continue
    return found


def _within(seconds: float, holds: Callable[[], bool]) -> bool:
    until = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > until:
            return False
        time.sleep(0.1)
    return True


def test_the_same_pages_come_out_when_a_worker_is_killed_in_mid_run(small_data, tmp_path, make_cluster):
    fresh_tables("simulated")
    wanted = pages("2022Q2", counties=["211382"], only=["50_since_last_quarter", "11_data_quality"])
    wanted += pages("2022Q2", counties=["朝阳市"], langs=["zh"], only=["10_clean_ledgers"])
    wanted += pages("2022Q2", counties=["朝阳市"], langs=["zh"], chains=["steel"])
    one, killed = make_cluster(), []

    def kill_one(outcome: Outcome) -> None:
        if not killed:
            killed.append(one.workers[0].pid)
            one.workers[0].send_signal(signal.SIGKILL)

    there = _run(one, wanted, tmp_path / "there", kill_one, lambda page, opened: {"told": len(opened)})
    here = run_pages(wanted, tmp_path / "here", RunOptions(jobs=2))
    assert killed
    assert {outcome.page.id: outcome.state for outcome in there} == dict.fromkeys([page.id for page in wanted], "done")
    assert [outcome.page for outcome in there] == [outcome.page for outcome in here] == wanted
    for page in wanted:
        name = f"{page.id}.ipynb"
        assert _shown(tmp_path / "there" / name) == _shown(tmp_path / "here" / name), page.id
        stamp = nbformat.read(tmp_path / "there" / name, as_version=4).metadata["liantu"]
        assert (stamp["state"], stamp["run_id"]) == ("done", "run-1")
        assert stamp["told"] > 3


def test_workers_keep_nothing_and_no_kernel_outlives_the_run(small_data, tmp_path, make_cluster):
    fresh_tables("simulated")
    one = make_cluster(1)
    quick = _page(write_source(tmp_path, "01_quick", "import os; print(os.environ['LIANTU_DATA'])"))
    (outcome,) = _run(one, [quick], tmp_path / "out")
    assert outcome.state == "done"
    (told,) = _shown(tmp_path / "out" / f"{quick.id}.ipynb")
    assert str(small_data) not in told["text"] and "worker0" in told["text"]
    home = Path(told["text"].strip()).parent
    assert _within(10, lambda: not home.exists())
    # the process that kernels are forked from stays for the worker's next run, and goes with the worker
    assert _within(10, lambda: len(_left(home)) <= 1)
    one.workers[0].kill()
    assert _within(10, lambda: _left(home) == [])


def test_a_page_that_fails_there_is_named_as_here(small_data, tmp_path, make_cluster):
    fresh_tables("simulated")
    bad, good = (_page(write_source(tmp_path, name, code)) for name, code in (("01_bad", "raise ValueError('broken')"), ("02_good", "1")))
    outcomes = _run(make_cluster(1), [bad, good], tmp_path / "out")
    assert [outcome.state for outcome in outcomes] == ["failed", "done"]
    assert str(outcomes[0].error) == "cell 5 (In [3]): ValueError: broken"


def test_ctrl_c_takes_pages_back_and_kills_what_runs(small_data, tmp_path, make_cluster):
    fresh_tables("simulated")
    one = make_cluster(1)
    slow = [_page(write_source(tmp_path, f"0{n}_slow", "1" if n == 1 else "import time\ntime.sleep(60)")) for n in (1, 2, 3)]
    began = []

    def interrupt(outcome: Outcome) -> None:
        began.append(time.monotonic())
        os.kill(os.getpid(), signal.SIGINT)

    outcomes = _run(one, slow, tmp_path / "out", interrupt)
    assert time.monotonic() - began[0] < 10
    assert [outcome.state for outcome in outcomes] == ["done", "cancelled", "cancelled"]
    assert [path.name for path in sorted((tmp_path / "out").glob("*"))] == [f"{slow[0].id}.ipynb"]


def test_other_code_on_a_worker_is_refused_before_anything_runs(small_data, tmp_path, make_cluster, monkeypatch):
    fresh_tables("simulated")
    one = make_cluster(1)
    here = cluster.code_version()
    monkeypatch.setattr(cluster, "code_version", lambda: {**here, "code": "0123456789abcdef"})
    monkeypatch.setattr(cluster, "_told_there", lambda client: {"tcp://w": here})
    page = _page(write_source(tmp_path, "01_quick", "1"))
    with pytest.raises(LiantuError, match=r"worker tcp://w has another version: code .* \(here 0123456789abcdef\); install this one"):
        _run(one, [page], tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


def test_no_scheduler_is_one_line(small_data, tmp_path, monkeypatch):
    monkeypatch.setattr(cluster, "_ANSWER_SECONDS", 1)
    with Stop() as stop, pytest.raises(LiantuError, match=r"--scheduler tcp://127\.0\.0\.1:9: no Dask scheduler answers"):
        cluster.run_pages_on("tcp://127.0.0.1:9", "simulated", [], tmp_path, RunOptions(), {}, stop)


def test_a_bundle_has_what_pages_open_and_no_ledger(small_data, tmp_path):
    fresh_tables("simulated")
    wanted = pages("2022Q2", langs=["zh"], only=["00_front_page"])
    content = bundle("simulated", wanted)
    assert content == bundle("simulated", wanted)
    unpack(content, tmp_path)
    names = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    assert {"data/processed/simulated/inputs.json", "notebooks/00_front_page.ipynb"} < names
    assert any(name.startswith("data/reference/chaoyang/") for name in names)
    assert not [name for name in names if name.endswith((".xlsx", ".xls", ".csv")) and "/raw/" in name]
    assert not [name for name in names if "truth" in name]
