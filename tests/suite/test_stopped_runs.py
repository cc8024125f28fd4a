"""A report that is stopped at any moment ends at once, leaves no process and no part of a file, and the next one goes on."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from synthetic_pages import write_source

from liantu.ledger.cleaning import fresh_tables
from liantu.suite.runs.folders import holding, sweep, sweep_sockets
from liantu.tables.locks import Holder, alone, folder_lock

pytestmark = pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="looks for left processes in /proc")

BOUND_SECONDS = 2.0
FEW = ("--county", "朝阳市")
ASIDE = re.compile(r"\..+\.[a-z0-9_]{8}")
# The command as installed, with notebooks of our own in the place of the suite's.
WITH_NOTEBOOKS = ("import sys, pathlib, liantu.reference.folders as folders\nroot = pathlib.Path(sys.argv.pop(1))\n"
                  "folders.notebooks_root = lambda: root\nimport liantu.cli\nliantu.cli.main()")
SUITE = """kinds: [{id: front, zh: 总览, en: Overview}]
notebooks:
- {file: 01_quick.ipynb, zh: 快, en: Quick, kind: front, order: 1, parameters: [quarter, county, dataset, lang], county: [city, each]}
- {file: 02_slow.ipynb, zh: 慢, en: Slow, kind: front, order: 2, parameters: [quarter, dataset, lang], lang: [zh]}
"""


class Report:
    """A real `liantu report` in a session of its own, with what it says on standard error."""

    def __init__(self, data: Path, reports: Path, notebooks: Path | None, *more: str) -> None:
        self.reports, self.out, self.said = reports, reports / "simulated" / "2022Q2", []
        environment = {**os.environ, "LIANTU_DATA": str(data), "LIANTU_REPORTS": str(reports)}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        command = ["-c", WITH_NOTEBOOKS, str(notebooks)] if notebooks else ["-m", "liantu"]
        self.process = subprocess.Popen([sys.executable, *command, "report", "2022Q2", *more], env=environment, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.PIPE, text=True, start_new_session=True)
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        for line in self.process.stderr:
            self.said.append(line.rstrip())

    def family(self) -> set[int]:
        """Every live process that has this report's folder in its environment, apart from the command itself."""
        mark, found = f"LIANTU_REPORTS={self.reports}".encode(), set()
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit() and int(entry.name) != self.process.pid:
                try:
                    zombie = "Z" in (entry / "stat").read_text().rsplit(")")[-1][:3]
                    if not zombie and mark in (entry / "environ").read_bytes().split(b"\0"):
                        found.add(int(entry.name))
                except OSError:
                    continue
        return found

    def ended(self) -> int:
        """The exit code."""
        return self.process.wait(120)

    def stopped(self, number: int, to_group: bool = False) -> float:
        """Send a signal; the seconds until the end, without those that the process waited for a core that others used."""
        (os.killpg if to_group else os.kill)(self.process.pid, number)
        asked, first = time.monotonic(), self._waited()
        last = first
        while self.process.poll() is None:
            assert time.monotonic() - asked < 60, "it does not end"
            last = max(last, self._waited())
            time.sleep(0.005)
        return time.monotonic() - asked - (last - first)

    def _waited(self) -> float:
        try:
            return int(Path(f"/proc/{self.process.pid}/schedstat").read_text().split()[1]) / 1e9
        except (OSError, IndexError):
            return 0.0


def until(wanted: Callable[[], object], what: str, seconds: float = 60) -> None:
    ends = time.monotonic() + seconds
    while not wanted():
        assert time.monotonic() < ends, f"waited in vain: {what}"
        time.sleep(0.01)


def parts(folder: Path) -> list[Path]:
    """Files and folders written aside that never took their place."""
    return [path for path in folder.rglob(".*") if ASIDE.fullmatch(path.name)]


MOMENTS: dict[str, Callable[[Report], object]] = {
    "kernels_start": lambda report: report.family(),
    "cells_run": lambda report: any(line.startswith("[") for line in report.said),
    "pages_are_rendered": lambda report: next(report.out.glob("*.html"), None),
}


@pytest.fixture(scope="module")
def cleaned(small_data):
    fresh_tables("simulated")
    return small_data / "data"


@pytest.fixture
def notebooks(tmp_path):
    """Many quick pages, and a slow one that is quick when a file called `go` lies beside it."""
    folder = tmp_path / "notebooks"
    folder.mkdir()
    (folder / "suite.yml").write_text(SUITE, encoding="utf-8")
    write_source(folder, "01_quick", "1")
    write_source(folder, "02_slow", "import time, pathlib\nwhile not pathlib.Path('go').exists(): time.sleep(0.05)")
    return folder


def test_ctrl_c_while_the_suite_s_kernels_start(cleaned, tmp_path):
    report = Report(cleaned, tmp_path / "reports", None, "--only", "10_clean_ledgers")
    until(lambda: MOMENTS["kernels_start"](report), "a kernel")
    assert_stopped(report, signal.SIGINT, to_group=True)


@pytest.mark.parametrize(("moment", "number", "kernel"), [
    ("cells_run", signal.SIGINT, "warm"), ("cells_run", signal.SIGTERM, "plain"), ("pages_are_rendered", signal.SIGINT, "plain")])
def test_a_stopped_report_leaves_nothing(cleaned, tmp_path, notebooks, moment, number, kernel):
    rendering = moment == "pages_are_rendered"
    if rendering:
        (notebooks / "go").touch()
    report = Report(cleaned, tmp_path / "reports", notebooks, "--kernel", kernel, *(() if rendering else FEW))
    until(lambda: MOMENTS[moment](report), moment)
    assert_stopped(report, number)
    assert next(report.out.glob("01_quick*.ipynb"))


def assert_stopped(report: Report, number: int, to_group: bool = False) -> None:
    """It ends in time with exit code 1, says what was done, and leaves no process, no part of a file, no page that did not end well."""
    assert report.stopped(number, to_group) < BOUND_SECONDS
    assert report.ended() == 1
    until(lambda: any(line.startswith("stopped: ") for line in report.said), "what was done", 5)
    until(lambda: not report.family(), "a kernel or the nursery is left", 5)
    assert parts(report.reports) == []
    for notebook in report.out.glob("*.ipynb"):
        assert json.loads(notebook.read_bytes())["metadata"]["liantu"]["state"] == "done"


def test_a_stop_while_ledgers_are_cleaned_leaves_nothing(small_root, tmp_path, notebooks):
    shutil.copytree(small_root / "data" / "raw", tmp_path / "data" / "raw")
    report = Report(tmp_path / "data", tmp_path / "reports", notebooks, *FEW)
    until(lambda: next((tmp_path / "data").glob("processed/.simulated.*"), None), "the ledgers are being cleaned")
    assert_stopped(report, signal.SIGINT)
    assert parts(tmp_path / "data") == []


def test_a_report_killed_outright_takes_its_kernels_along_and_the_next_one_clears_up(cleaned, tmp_path, notebooks):
    report = Report(cleaned, tmp_path / "reports", notebooks, *FEW)
    until(lambda: sum(line.startswith("[") for line in report.said) == 2, "the quick pages")
    kernels = report.family()
    report.process.kill()
    report.ended()
    assert kernels
    until(lambda: not report.family(), "a kernel outlived its run", 10)
    half = report.out / ".02_slow.zh.ipynb.abcd1234"
    half.write_text("{")
    (notebooks / "go").touch()
    again = Report(cleaned, tmp_path / "reports", notebooks, "--kernel", "plain", *FEW)
    assert again.ended() == 0, again.said
    assert parts(again.reports) == []
    assert not again.family()
    [ran] = [line for line in again.said if line.startswith("[")]
    assert ran.startswith("[3/3] done  02_slow"), "pages that were done are done again"
    assert len(list(again.out.glob("*.ipynb"))) == len(list(again.out.glob("0*.html"))) == 3


def test_of_two_reports_at_once_the_second_waits_and_says_so(cleaned, tmp_path, notebooks):
    first = Report(cleaned, tmp_path / "reports", notebooks, "--only", "02_slow", "--kernel", "plain")
    until(lambda: first.family(), "the first runs its page")
    second = Report(cleaned, tmp_path / "reports", notebooks, "--only", "02_slow", "--kernel", "plain")
    until(lambda: any(line.startswith("waiting: ") for line in second.said), "the second waits")
    [waiting] = [line for line in second.said if line.startswith("waiting: ")]
    assert f"{first.out} is in use by process {first.process.pid}, since 2" in waiting
    assert len(second.family()) == len(first.family()), "the second has started a kernel"
    (notebooks / "go").touch()
    assert (first.ended(), second.ended()) == (0, 0), (first.said, second.said)
    assert not any(line.startswith("waiting") for line in first.said)


def test_a_folder_is_held_by_one_process_at_a_time(tmp_path):
    lock = folder_lock(tmp_path / "2022Q2")
    heard: list[Holder] = []
    with alone(lock):
        waiter = threading.Thread(target=lambda: alone(lock, heard.append).__enter__())
        waiter.start()
        until(lambda: heard, "the waiter asked who holds it")
        assert waiter.is_alive()
    waiter.join(10)
    assert not waiter.is_alive()
    assert heard[0].process == os.getpid()
    assert str(Holder()) == "another process"


def test_only_parts_and_folders_of_dead_runs_are_swept(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "sockets"))
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    for name in (f"liantu-run-{dead.pid}-x", f"liantu-run-{os.getpid()}-y", "liantu-other"):
        (tmp_path / "sockets" / name).mkdir(parents=True)
    for name in (".page.html.k3_x9abc", "figures/a/.b.png.00000000", "page.html", ".hidden", "figures/a/b.png"):
        (tmp_path / "out" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "out" / name).touch()
    assert [path.name for path in sweep(tmp_path / "out")] == [".page.html.k3_x9abc", ".b.png.00000000"]
    assert [path.name for path in sweep_sockets()] == [f"liantu-run-{dead.pid}-x"]
    with holding(tmp_path / "out"):
        left = sorted(str(path.relative_to(tmp_path / "out")) for path in (tmp_path / "out").rglob("*") if path.is_file())
    assert left == [".hidden", "figures/a/b.png", "page.html"]
