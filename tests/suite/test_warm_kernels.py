"""Warm kernels as processes: fresh each, interrupted, shut down, killed with nursery or client, replaced by ordinary ones."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest
from jupyter_client.manager import AsyncKernelManager
from kernels_to_ask import SECONDS, kernel

from liantu.errors import UnknownValueError
from liantu.suite import kernels
from liantu.suite.kernels import asking, preparing, provisioner

pytestmark = pytest.mark.skipif(not kernels.forks(), reason="this system cannot fork kernels")


def until(done, seconds=SECONDS):
    ends = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < ends, "waited in vain"
        time.sleep(0.01)


def gone(pid):
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def test_nothing_leaks_from_one_kernel_to_the_next():
    with kernel() as first, kernel() as second:
        assert isinstance(first.process, asking.ForkedProcess) and first.process.pid != second.process.pid
        first.run("x = 1\nimport pandas, os\npandas.set_option('display.max_rows', 3)\npandas.leak = 1\nos.environ['LEAK'] = '1'")
        with kernel() as third:
            for page in (second, third):
                ran = page.run("import pandas, os\nprint('x' in globals(), pandas.get_option('display.max_rows'), hasattr(pandas, 'leak'), "
                               "os.environ.get('LEAK'), len(In))")
                assert ran.stdout == "False 60 False None 2\n"


def test_two_kernels_draw_different_random_numbers():
    code = "import random, numpy, uuid, tempfile, os\nprint(random.random(), numpy.random.rand(), numpy.random.default_rng().random(), " \
           "uuid.uuid4(), os.path.basename(tempfile.mktemp()))"
    with kernel() as first, kernel() as second:
        one, other = (page.run(code).stdout.split() for page in (first, second))
    assert len(one) == 5 and not set(one) & set(other)


def test_an_interrupt_stops_the_cell_and_the_kernel_lives_on():
    with kernel() as page:
        message = page.send("print('begun', flush=True)\nimport time\ntime.sleep(60)")
        until(lambda: page.client.get_iopub_msg(timeout=SECONDS)["msg_type"] == "stream")
        page.manager.interrupt_kernel()
        assert page.result(message).error == "KeyboardInterrupt"
        assert page.run("print(6 * 7)").stdout == "42\n"


def test_a_restart_gives_a_fresh_kernel_in_another_process():
    with kernel() as page:
        page.run("x = 1")
        before = page.process.pid
        page.manager.restart_kernel(now=False)
        page.client.wait_for_ready(timeout=SECONDS)
        assert page.run("x").error == "NameError"
        assert page.process.pid != before and gone(before)


def test_a_polite_shutdown_runs_exit_handlers_and_leaves_no_process(tmp_path):
    with kernel() as page:
        page.run(f"import atexit, subprocess\natexit.register(lambda: open({str(tmp_path / 'left')!r}, 'w').write('bye'))")
        process = page.process
        page.manager.shutdown_kernel()
        assert process.returncode == 0 and gone(process.pid)
    assert (tmp_path / "left").read_text() == "bye"


@pytest.mark.parametrize(("end", "status"), [("os._exit(7)", 7), ("os.kill(os.getpid(), 9)", -9), ("os.abort()", -6)])
def test_the_exit_status_of_a_dying_kernel_is_known(end, status):
    with kernel() as page:
        process = page.process
        page.send(f"import os\n{end}")
        assert process.wait(timeout=SECONDS) == status
        assert not page.manager.is_alive()


def test_wait_gives_up_after_its_timeout():
    with kernel() as page, pytest.raises(subprocess.TimeoutExpired):
        page.process.wait(timeout=0.05)


def test_the_nurserys_death_ends_its_kernels_and_the_next_kernel_has_a_new_one():
    with kernel() as page:
        pid, nursery = page.process.pid, psutil.Process(page.process.pid).ppid()
        os.kill(nursery, signal.SIGKILL)
        assert page.process.wait(timeout=SECONDS) == -9
        until(lambda: gone(pid))
    with kernel() as page:
        assert isinstance(page.process, asking.ForkedProcess)
        assert psutil.Process(page.process.pid).ppid() != nursery


CLIENT = """
import sys, time
from jupyter_client.manager import start_new_kernel
manager, client = start_new_kernel(kernel_name="liantu")
reply = client.execute_interactive("import subprocess; child = subprocess.Popen(['sleep', '300'])")
print(manager.provisioner.process.pid, flush=True)
time.sleep(300)
"""


def test_a_killed_client_leaves_no_nursery_no_kernel_and_nothing_that_the_kernel_started():
    with subprocess.Popen([sys.executable, "-c", CLIENT], stdout=subprocess.PIPE, text=True) as client:
        page = psutil.Process(int(client.stdout.readline()))
        family = [page.pid, page.ppid(), *(child.pid for child in page.children())]
        assert len(family) == 3
        client.kill()
    until(lambda: all(map(gone, family)))


def test_kernels_asked_for_at_once_come_from_one_nursery():
    with ThreadPoolExecutor(4) as pool:
        env = dict(os.environ)
        # no connection file: each ends by itself, with an error that names what is missing
        ended = list(pool.map(lambda _: asking.ask(["--no-such-option=1"], env, str(Path.cwd()), 1, 2), range(4)))
        assert len({process.pid for process in ended}) == 4
        parents = {psutil.Process(process.pid).ppid() for process in ended}
        for process in ended:
            process.kill()
            process.wait(timeout=SECONDS)
    assert len(parents) == 1


def test_changed_code_is_imported_anew_and_kernels_that_run_go_on(monkeypatch, tmp_path):
    package = tmp_path / "lib"
    subprocess.run(["cp", "-r", str(preparing._PACKAGE), str(package / "liantu")], check=False) if package.mkdir() is None else None
    monkeypatch.setenv("PYTHONPATH", str(package))
    code = "import liantu.errors; print(getattr(liantu.errors, 'MARK', 0), liantu.errors.__file__)"
    with kernel() as before:
        assert before.run(code).stdout == f"0 {package / 'liantu' / 'errors.py'}\n"
        with (package / "liantu" / "errors.py").open("a") as source:
            source.write("\nMARK = 5\n")
        with kernel() as after:
            assert after.run(code).stdout.startswith("5 ")
            assert before.run("print('still here')").stdout == "still here\n"


def fallback(monkeypatch, caplog, **options):
    monkeypatch.setattr(provisioner, "_SAID", set())
    # a batch run in this process may have silenced Jupyter's own log
    with caplog.at_level(logging.WARNING, logger="traitlets"), kernel(**options) as page:
        assert isinstance(page.process, subprocess.Popen)
        assert page.run("print(1)").stdout == "1\n"
    return [record.getMessage() for record in caplog.records if "ordinary kernel" in record.getMessage()]


def test_without_fork_an_ordinary_kernel_runs_with_one_warning(monkeypatch, caplog):
    monkeypatch.setattr(asking, "forks", lambda: False)
    monkeypatch.setattr(logging.getLogger("traitlets"), "propagate", True)
    said = fallback(monkeypatch, caplog)
    assert len(said) == 1 and "cannot fork" in said[0]


def test_a_kernel_that_must_outlive_its_client_is_an_ordinary_one(monkeypatch, caplog):
    monkeypatch.setattr(logging.getLogger("traitlets"), "propagate", True)
    assert "independent" in fallback(monkeypatch, caplog, independent=True)[0]


def test_another_python_or_command_is_not_forked():
    fork = [sys.executable, "-m", "ipykernel_launcher", "-f", "x.json"]
    assert provisioner._unlike(fork, {}) == ""
    assert sys.executable in provisioner._unlike(["/usr/bin/other", *fork[1:]], {})
    assert "-Xfrozen_modules=off" in provisioner._unlike([fork[0], "-Xfrozen_modules=off", *fork[1:]], {})
    assert "stdout" in provisioner._unlike(fork, {"stdout": subprocess.PIPE})
    assert "preexec_fn" in provisioner._unlike(fork, {"preexec_fn": print})


def test_a_relative_pythonpath_is_refused_because_it_depends_on_the_folder():
    with pytest.raises(asking.NurseryError, match="relative"):
        asking.ask([], {**os.environ, "PYTHONPATH": "lib"}, str(Path.cwd()), 1, 2)


def test_a_nursery_with_threads_refuses_to_fork_and_names_them(monkeypatch, tmp_path):
    (tmp_path / "sitecustomize.py").write_text(
        "import threading, time\nthreading.Thread(target=time.sleep, args=(99,), daemon=True).start()\n")
    env = {**os.environ, "PYTHONPATH": str(tmp_path)}
    with pytest.raises(asking.NurseryError, match="threads run after the imports"):
        asking.ask([], env, str(Path.cwd()), 1, 2)


def test_the_nursery_reads_no_data_and_runs_no_thread():
    code = "import sys; opened = []\n" \
           "sys.addaudithook(lambda event, args: opened.append(str(args[0])) if event == 'open' else None)\n" \
           "from liantu.suite.kernels import preparing; import json\n" \
           "prepared = preparing.prepare()\n" \
           "print(json.dumps([opened, preparing.threads(), prepared.left, 'matplotlib_inline' in sys.modules]))"
    env = asking._nursery_environment(os.environ)
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
    opened, threads, left, tied = json.loads(done.stdout)
    root = preparing._PACKAGE.parents[1]
    assert len(opened) > 100 and not [name for name in opened if name.startswith((str(root / "data"), str(root / "notebooks")))]
    assert len(threads) == 1 and not left and not tied


def test_a_module_that_wants_a_package_with_threads_is_left_to_the_kernel(tmp_path, monkeypatch):
    (tmp_path / "wants_threads.py").write_text("try:\n    import polars\nexcept ImportError:\n    polars = None\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(preparing, "THREADED", ("polars",))
    finder, left = preparing._Threaded(), {}
    monkeypatch.setattr(sys, "meta_path", [finder, *sys.meta_path])
    monkeypatch.delitem(sys.modules, "polars", raising=False)
    preparing._import(["wants_threads", "no_such_module"], {}, left)
    assert "polars" in left["wants_threads"] and "no_such_module" in left["no_such_module"]
    assert "wants_threads" not in sys.modules


def test_the_kernels_names():
    assert kernels.kernel_name("plain") == "python3"
    assert kernels.kernel_name("warm") == "liantu"
    with pytest.raises(UnknownValueError, match="warmer"):
        kernels.kernel_name("warmer")


def test_without_fork_the_batch_takes_the_ordinary_kernel(monkeypatch):
    monkeypatch.setattr(kernels, "forks", lambda: False)
    assert kernels.kernel_name("warm") == "python3"


def test_an_async_client_is_not_held_up_while_the_nursery_starts(monkeypatch):
    """JupyterLab's server answers others while the first kernel's nursery imports."""
    monkeypatch.setenv("LANG", "C.UTF-8" if os.environ.get("LANG") != "C.UTF-8" else "POSIX")

    async def start():
        manager, beats = AsyncKernelManager(kernel_name="liantu"), 0
        starting = asyncio.ensure_future(manager.start_kernel())
        while not starting.done():
            beats += 1
            await asyncio.sleep(0.01)
        await starting
        process = manager.provisioner.process
        await manager.shutdown_kernel(now=True)
        return SimpleNamespace(beats=beats, process=process)

    seen = asyncio.run(start())
    assert isinstance(seen.process, asking.ForkedProcess) and seen.beats > 10
    assert gone(seen.process.pid)
