"""Warm kernels give what ordinary kernels give: every notebook both ways, and what lies below a notebook's outputs."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
import papermill
import pytest
from kernels_to_ask import BOTH, kernel

from liantu.reference.folders import notebooks_root
from liantu.suite.kernels import forks

pytestmark = pytest.mark.skipif(not forks(), reason="this system cannot fork kernels")
NOTEBOOKS = sorted(path.name for path in notebooks_root().glob("*.ipynb"))


@pytest.fixture(scope="module")
def executed(small_report, reported_data, tmp_path_factory):
    """Each notebook's executed cells, by kernel and name: warm as the report made it, and by papermill alone with the same parameters."""
    from liantu.ledger.cleaning import fresh_tables

    fresh_tables("simulated")
    folder = tmp_path_factory.mktemp("plain")
    warm = {name: nbformat.read(_simplest(small_report, name), as_version=4) for name in NOTEBOOKS}

    def run(name):
        return papermill.execute_notebook(
            str(notebooks_root() / name), str(folder / name), warm[name].metadata.papermill.parameters, kernel_name=BOTH[1],
            progress_bar=False, stderr_file=None)

    with ThreadPoolExecutor(2) as pool:
        plain = dict(zip(NOTEBOOKS, pool.map(run, NOTEBOOKS), strict=True))
    return {(BOTH[0], name): warm[name] for name in NOTEBOOKS} | {(BOTH[1], name): plain[name] for name in NOTEBOOKS}


def _simplest(report: Path, name: str) -> Path:
    """The English page of a notebook with the fewest parameters."""
    return min(report.glob(f"{Path(name).stem}.*en.ipynb"), key=lambda path: (len(path.name), path.name))


def content(notebook):
    """All that a reader or the page sees of the cells. Left away: papermill's times, the random ids and the order of lines it adds."""
    return [(cell.cell_type, sorted(cell.source.splitlines()) if "injected-parameters" in cell.metadata.get("tags", []) else cell.source,
             cell.get("execution_count"), json.loads(json.dumps(cell.get("outputs", []))))
            for cell in notebook.cells]


@pytest.mark.slow
@pytest.mark.xdist_group("both ways")
@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_every_notebook_gives_the_same_outputs_both_ways(executed, notebook):
    warm, plain = (content(executed[name, notebook]) for name in BOTH)
    assert len(warm) > 3 and any(outputs for *_, outputs in warm)
    for one, other in zip(warm, plain, strict=True):
        assert one == other


@pytest.mark.slow
@pytest.mark.xdist_group("both ways")
def test_notebooks_show_figures_and_their_bytes_were_compared(executed):
    images = [base64.b64decode(output["data"]["image/png"]) for (name, _), notebook in executed.items() if name == "liantu"
              for cell in notebook.cells for output in cell.get("outputs", []) if "image/png" in output.get("data", {})]
    assert len(images) >= 5 and all(image.startswith(b"\x89PNG") for image in images)


PLOT = "import matplotlib.pyplot as plt\nimport numpy as np\nplt.plot(np.arange(9.0) ** 2)\nplt.title('y')\nNone"

FILTERS = "from liantu import Report\nfrom liantu.figures import chains, milestones, quality\nimport warnings\n" \
          "print(len(warnings.filters))\nfor found in warnings.filters: print(found)"

WARN = "import warnings\nwarnings.warn('look')\nwarnings.warn('old', DeprecationWarning)\nimport pandas as pd\n" \
       "warnings.warn('quiet', ResourceWarning)"

BELOW = "import os, ctypes, subprocess, sys, time\nos.write(1, b'from a descriptor\\n')\nlibc = ctypes.CDLL(None)\n" \
        "libc.puts(b'from C')\nlibc.fflush(None)\nsubprocess.run([sys.executable, '-c', 'print(\"from a child\")'])\n" \
        "os.write(2, b'wrong\\n')\ntime.sleep(.3)\nNone"

CAPS = "import numpy, scipy.linalg, pyarrow, threadpoolctl\n" \
       "print(sorted({(pool['internal_api'], pool['num_threads']) for pool in threadpoolctl.threadpool_info()}), " \
       "pyarrow.cpu_count(), pyarrow.io_thread_count())"

LOOKS = """
import json, os, signal, sys, gc, threading, locale, asyncio, multiprocessing
print(json.dumps({
    "path": sys.path, "argv": [os.path.basename(sys.argv[0]), sys.argv[1], len(sys.argv)], "cwd": os.getcwd(),
    "main": sys.modules["__main__"].__name__,
    "names": sorted(name for name in globals() if not name.startswith("_")),
    "signals": [str(signal.getsignal(number)) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD, signal.SIGHUP, signal.SIGPIPE)],
    "mask": [str(number) for number in signal.pthread_sigmask(signal.SIG_BLOCK, [])],
    "session": os.getsid(0) == os.getpid() == os.getpgrp(), "umask": os.umask(os.umask(0)), "stdin": os.read(0, 1).decode(),
    "streams": [sys.__stdout__.encoding, sys.__stdout__.errors, sys.__stderr__.encoding, sys.__stderr__.errors,
                sys.__stdout__.line_buffering],
    "backend": os.environ["MPLBACKEND"], "env": sorted(os.environ), "writes": sys.dont_write_bytecode, "flags": str(sys.flags),
    "gc": [gc.isenabled(), gc.get_threshold()], "locale": locale.setlocale(locale.LC_ALL), "executable": sys.executable,
    "warnings": sys.warnoptions, "threads": sorted(thread.name.split("-")[0] for thread in threading.enumerate()),
    "start": multiprocessing.get_start_method(), "trace": [str(sys.gettrace()), str(sys.getprofile())],
    "kernel": type(get_ipython().kernel).__name__, "parent": os.environ["JPY_PARENT_PID"] == str(os.getppid())}))
"""

CELLS = {"looks": LOOKS, "warn": WARN, "filters": FILTERS, "plot": PLOT, "below": BELOW, "caps": CAPS}
NUMBERS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_THREAD_LIMIT", "ARROW_IO_THREADS")


@pytest.fixture(scope="module")
def seen(tmp_path_factory):
    """What the cells gave, by kernel; asked for with one thread, a folder and a variable of its own."""
    folder, given = tmp_path_factory.mktemp("cwd"), {}
    # ipykernel leaves the descriptors alone when it finds itself in a test of pytest
    env = {name: value for name, value in os.environ.items() if name not in (*NUMBERS, "PYTEST_CURRENT_TEST")}
    env |= {"LIANTU_TEST_MARK": "seen", "PYTHONDONTWRITEBYTECODE": "1", **dict.fromkeys(NUMBERS, "1")}
    for name in BOTH:
        with kernel(name, cwd=str(folder), env=env) as page:
            given[name] = {cell: page.run(code) for cell, code in CELLS.items()}
    return given["liantu"], given["python3"], folder


def test_a_figure_that_is_only_plotted_shows_inline_with_the_same_bytes(seen):
    warm, plain = seen[0]["plot"], seen[1]["plot"]
    assert [list(data) for data in warm.data] == [["text/plain", "image/png"]]
    assert warm == plain and not warm.stderr


def test_warning_filters_after_a_pages_imports_are_those_of_an_ordinary_kernel(seen):
    warm, plain = seen[0]["filters"].stdout, seen[1]["filters"].stdout
    assert int(warm.split("\n", 1)[0]) > 5
    assert warm == plain


def test_warnings_reach_standard_error_in_both(seen):
    # the first word is the cell's file, which bears the process's number
    warm, plain = ([line.split(":", 2)[-1] for line in one["warn"].stderr.splitlines() if "Warning: " in line] for one in seen[:2])
    assert warm == plain == [" UserWarning: look", " DeprecationWarning: old"]


def test_what_c_code_and_child_processes_print_is_not_lost(seen):
    for one in seen[:2]:
        assert sorted(one["below"].stdout.split("\n")) == ["", "from C", "from a child", "from a descriptor"]
        assert one["below"].stderr == "wrong\n"


def test_a_warm_kernel_looks_like_an_ordinary_one_from_inside(seen):
    warm, plain = (json.loads(one["looks"].stdout) for one in seen[:2])
    assert "LIANTU_TEST_MARK" in warm["env"] and warm["cwd"] == str(seen[2]) and warm["session"] and warm["parent"]
    # the interpreter's own flag is that of the nursery, which writes bytecode; what decides is sys.dont_write_bytecode
    warm["flags"] = warm["flags"].replace("dont_write_bytecode=0", "dont_write_bytecode=1")
    assert warm == plain


def test_thread_caps_are_seen_inside(seen):
    warm, plain = (one["caps"].stdout for one in seen[:2])
    assert warm == plain and "('openblas', 1)" in warm and warm.endswith("1 1\n")


def test_without_caps_or_with_other_ones_the_threads_are_those_of_an_ordinary_kernel():
    free = {name: value for name, value in os.environ.items() if name not in NUMBERS}
    counted = {}
    for name in BOTH:
        for caps in ({}, {"OMP_NUM_THREADS": "2", "OPENBLAS_NUM_THREADS": "3", "ARROW_IO_THREADS": "4"}):
            with kernel(name, env={**free, **caps}) as page:
                counted.setdefault(name, []).append(page.run(CAPS).stdout)
    assert counted["liantu"] == counted["python3"]
    assert counted["liantu"][1].endswith("2 4\n") and not counted["liantu"][0].endswith("2 4\n")


def test_papermill_runs_a_notebook_by_the_name_of_the_kernel(tmp_path):
    named = {"kernelspec": {"name": "python3", "language": "python", "display_name": "Python 3"}}
    notebook = nbformat.v4.new_notebook(metadata=named, cells=[
        nbformat.v4.new_code_cell("x = 1", metadata={"tags": ["parameters"]}),
        nbformat.v4.new_code_cell("import os\nprint(x + 1, open(f'/proc/{os.getppid()}/cmdline').read().split('\\0')[2])"),
        nbformat.v4.new_code_cell("input('name?')")])
    source, out = tmp_path / "a.ipynb", tmp_path / "b.ipynb"
    nbformat.write(notebook, source)
    done = subprocess.run([sys.executable, "-m", "papermill", "-k", "liantu", "-p", "x", "4", str(source), str(out), "--no-progress-bar"],
                          capture_output=True, text=True, timeout=120, cwd=tmp_path, check=False)
    cells = nbformat.read(out, 4).cells
    assert [output.text for cell in cells for output in cell.get("outputs", []) if output.output_type == "stream"
            and output.name == "stdout"] == ["5 liantu.suite.kernels.nursery\n"], done.stderr
    # papermill gives no standard input: the same error as in an ordinary kernel
    assert done.returncode == 1 and "StdinNotImplementedError" in done.stderr


def test_notebooks_keep_the_kernel_that_every_machine_has():
    for name in NOTEBOOKS:
        assert json.loads((Path(notebooks_root()) / name).read_text())["metadata"]["kernelspec"]["name"] == "python3"
